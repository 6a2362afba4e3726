//! The cache within a running workstation: opened behind a sign-in, handed what is to be kept; it must hold up nobody.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use turret_shared::command::{Command, Verb};
use turret_shared::ids::{ClOrdId, PendingId};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{CacheGrant, LogHead, SignedIn};
use turret_shared::wire::feed::FeedItem;
use zeroize::Zeroizing;

use super::doing::Brought;
use super::left::{drafts_from_bytes, drafts_to_bytes};
use crate::app::Msg;
use crate::app::kept::{Kept, Rows};
use crate::app::ticket::Draft;
use crate::cache::{
    self, Anchor, Broken, CHECKPOINT, CacheError, DRAFTS, Keeper, LAYOUT, Opened, Owner, Place, Prepared, Shelf,
};
use crate::link::{Had, Link, LinkEvent};

/// The cache of the session that is on, if it has one; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Keeping(Arc<Mutex<Current>>);

#[derive(Debug, Default)]
struct Current {
    keeper: Option<Arc<Keeper>>,
    had: Had,
    /// The log's name.
    origin: String,
    anchor: Option<Anchor>,
    /// A head was asked for, and again at so many looks since.
    asked: Option<u32>,
    /// Commands that wait for a code, as many as the server lets a session have.
    waiting: BTreeMap<PendingId, ClOrdId>,
}

impl Shelf for Rows {
    fn put(&mut self, row: FeedItem) {
        Self::put(self, row);
    }
}

impl Current {
    /// What a head must continue, and whether answers are missed by now. An answer may get lost on a busy day: the same
    /// is asked again, and the first answer counts.
    fn question(&mut self) -> (Option<u64>, bool) {
        let looks = self.asked.map_or(0, |looks| looks.saturating_add(1));
        self.asked = Some(looks);
        (self.anchor.as_ref().and_then(|anchor| anchor.size(&self.origin)), looks == LOOKS_MAX)
    }

    /// A head came: what is to be kept from here on, or why it continues nothing. `None` when none was asked for.
    fn answered(&mut self, head: &LogHead) -> Option<Result<Anchor, Broken>> {
        self.asked.take()?;
        let next = Anchor::next(self.anchor.as_ref(), head, &self.origin);
        if let Ok(next) = &next {
            self.anchor = Some(next.clone());
        }
        Some(next)
    }
}

/// Looks without an answer after which a head is missed.
const LOOKS_MAX: u32 = 4;

/// A cache on its way: what can be done before the server answered.
pub(super) struct Preparing(Option<(String, JoinHandle<Result<Prepared, CacheError>>)>);

impl Preparing {
    /// Stretches the password meanwhile; without a folder or a server's name there is no cache.
    pub(super) fn start(folder: PathBuf, link: Option<&Link>, login: &str, password: SecretText) -> Self {
        let origin = link.and_then(Link::welcome).map(|welcome| welcome.origin);
        let origin = origin.filter(|_| !folder.as_os_str().is_empty());
        Self(origin.map(|origin| {
            let place = Place::of(&folder, &origin, login);
            (origin, tokio::task::spawn_blocking(move || cache::prepare(place, &password)))
        }))
    }

    /// Opens it under the server's grant, which goes no further; `None` without a grant. With a new password it is locked with
    /// that from then on.
    pub(super) async fn open(
        self,
        signed: &mut SignedIn,
        link: &Link,
        inbox: &mpsc::Sender<Brought>,
        new: Option<SecretText>,
    ) -> Option<Result<Opened<Rows>, CacheError>> {
        let grant = signed.cache.take()?;
        let (origin, prepared) = self.0?;
        let owner = Owner { origin: origin.clone(), user: signed.user.user, device: grant.device };
        let told = inbox.clone();
        let fault = move |error: CacheError| {
            // Nobody may be left to hear it.
            let _ = told.blocking_send(Brought::Message(Msg::NotKept(error.to_string())));
        };
        let prepared = match prepared.await.ok()? {
            Ok(prepared) => prepared,
            Err(error) => return Some(Err(error)),
        };
        let rows = Rows::of(&signed.user);
        let opened = tokio::task::spawn_blocking(move || {
            let opened = cache::open(&prepared, &grant, &owner, rows, fault)?;
            if let Some(new) = new {
                // What stays locked with the old one is made anew at the next sign-in.
                let _ = cache::rewrap(&prepared, &new, &grant, &owner);
            }
            Ok(opened)
        });
        let opened = opened.await.ok()?;
        if let Ok(opened) = &opened {
            // A failure is a lost link, which tells itself; an older generation is known then, and that does no harm.
            let _ = link.cache_kept(opened.generation).await;
        }
        Some(opened)
    }
}

/// Locks what a device keeps for somebody with their new password; why not, in a sentence.
pub(super) async fn rewrap(
    place: Place,
    (old, new): (SecretText, SecretText),
    grant: CacheGrant,
    owner: Owner,
) -> Option<String> {
    let done = tokio::task::spawn_blocking(move || {
        let prepared = cache::prepare(place, &old)?;
        cache::rewrap(&prepared, &new, &grant, &owner)
    });
    match done.await {
        Ok(Ok(())) => None,
        Ok(Err(_)) | Err(_) => Some(
            "What this device keeps could not be locked with the new password: the next sign-in fetches it afresh."
                .into(),
        ),
    }
}

impl Keeping {
    fn current(&self) -> MutexGuard<'_, Current> {
        // A holder cannot panic half-way: every use is a plain assignment or copy.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session began with this cache; what was in it is for the model. A head of the log is to be asked for behind it.
    pub(super) fn begin(&self, opened: Opened<Rows>, origin: String) -> Kept {
        let Opened { keeper, had, rows, drafts, layout, anchor, outbox, rebuilt, .. } = opened;
        for sent in &outbox {
            // Only of a new order the server can be asked; of the rest the person is told, once.
            if !matches!(Command::from_bytes(&sent.command), Ok(Command { verb: Verb::OrderNew(_), .. })) {
                keeper.answered(sent.name.clone());
            }
        }
        *self.current() =
            Current { keeper: Some(Arc::new(keeper)), had, origin, anchor, asked: None, waiting: BTreeMap::new() };
        Kept {
            rows,
            through: had.have,
            drafts: drafts.map(|bytes| drafts_from_bytes(&bytes)).unwrap_or_default(),
            layout: layout.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(str::to_owned)),
            unanswered: outbox.into_iter().map(|sent| sent.command).collect(),
            word: rebuilt.map(|why| why.sentence()),
        }
    }

    /// Where the feed goes on.
    pub(super) fn had(&self) -> Had {
        self.current().had
    }

    /// Keeps what the link tells, and asks now and then whether the log is still the one that was seen; a message for the
    /// person when it is not.
    pub(super) async fn heard(&self, event: &LinkEvent, link: &Link) -> Option<Msg> {
        let keeper = self.keeper()?;
        match event {
            LinkEvent::Feed(message) => keeper.feed(message),
            LinkEvent::Head(head) => return self.head(&keeper, head),
            LinkEvent::SessionClock { .. } => return self.look(link).await,
            LinkEvent::Up { resumed: true, .. } => {
                // What was asked of the connection before is not answered on this one.
                self.current().asked = None;
                return self.look(link).await;
            }
            _ => {}
        }
        None
    }

    /// Asks for a head; a message for the person when too many such questions went without an answer.
    pub(super) async fn look(&self, link: &Link) -> Option<Msg> {
        let (seen, missed) = self.current().question();
        // A failure is a lost link, which tells itself.
        let _ = link.ask_head(seen).await;
        missed.then(|| Msg::LogBroken(Broken::NotShown.to_string()))
    }

    /// A head that continues what was seen takes its place; any other is told of, and what was seen stays.
    fn head(&self, keeper: &Keeper, head: &LogHead) -> Option<Msg> {
        match self.current().answered(head)? {
            Ok(next) => {
                keeper.keep(CHECKPOINT, Zeroizing::new(next.to_bytes()));
                None
            }
            Err(broken) => Some(Msg::LogBroken(broken.to_string())),
        }
    }

    /// Keeps tickets in place of those before.
    pub(super) fn drafts(&self, drafts: &[Draft]) {
        if let Some(keeper) = self.keeper() {
            keeper.keep(DRAFTS, drafts_to_bytes(drafts));
        }
    }

    /// Keeps how the desk is arranged in place of the way it was.
    pub(super) fn layout(&self, line: String) {
        if let Some(keeper) = self.keeper() {
            keeper.keep(LAYOUT, line.into_bytes().into());
        }
    }

    /// Writes a command's name down before it is sent; gives the name, for when it is answered.
    pub(super) async fn sent(&self, command: &[u8]) -> Option<ClOrdId> {
        let keeper = self.keeper()?;
        let name = name_of(Command::from_bytes(command).ok()?.verb)?;
        keeper.sent(name.clone(), command.to_vec()).await;
        Some(name)
    }

    /// A command waits for a code: what comes of it is known when that is answered or given up.
    pub(super) fn waits(&self, pending: PendingId, name: ClOrdId) {
        self.current().waiting.insert(pending, name);
    }

    /// It is known what came of commands that waited for a code.
    pub(super) fn settled(&self, pending: &[PendingId]) {
        let names: Vec<ClOrdId> = {
            let mut current = self.current();
            pending.iter().filter_map(|id| current.waiting.remove(id)).collect()
        };
        names.into_iter().for_each(|name| self.answered(name));
    }

    /// It is known what came of a command.
    pub(super) fn answered(&self, name: ClOrdId) {
        if let Some(keeper) = self.keeper() {
            keeper.answered(name);
        }
    }

    /// Nothing is kept from this call on; awaited, the files are closed. Gives the generation they are durable at.
    pub(super) fn end(&self) -> impl Future<Output = Option<u64>> + Send + use<> {
        let keeper = std::mem::take(&mut *self.current()).keeper;
        async move { keeper?.finish().await }
    }

    fn keeper(&self) -> Option<Arc<Keeper>> {
        self.current().keeper.clone()
    }
}

fn name_of(verb: Verb) -> Option<ClOrdId> {
    match verb {
        Verb::OrderNew(new) => Some(new.cl_ord_id),
        Verb::OrderAmend(amend) => Some(amend.cl_ord_id),
        Verb::OrderCancel(cancel) => Some(cancel.cl_ord_id),
        Verb::CancelAll(all) => Some(all.cl_ord_id),
        Verb::Sim(_)
        | Verb::Manage(_)
        | Verb::CreateUser(_)
        | Verb::Judge(_)
        | Verb::Request(_)
        | Verb::Alert(_)
        | Verb::Own(_)
        | Verb::Ban(_)
        | Verb::Bulk(_)
        | Verb::Review(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_got_lost_is_asked_for_again_and_missed_only_then() {
        let mut current = Current::default();
        // Nobody can vouch for it: that it is judged at all says that it was waited for.
        let head = LogHead { note: String::new(), key: [0; 32], proof: Vec::new(), successions: None };
        assert_eq!(current.answered(&head), None, "nobody asked");
        for _ in 0..LOOKS_MAX {
            assert_eq!(current.question(), (None, false));
        }
        assert_eq!(current.answered(&head), Some(Err(Broken::NotSigned)), "the first answer counts");
        assert_eq!(current.answered(&head), None, "and no other");
        let missed: Vec<bool> = (0..LOOKS_MAX + 3).map(|_| current.question().1).collect();
        assert_eq!(missed, [false, false, false, false, true, false, false], "told once");
    }
}
