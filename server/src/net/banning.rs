//! Bans at the edge: strangers who go on are out, what the log says of others is carried out, and the packet filter's file
//! follows; it must tell of none that is not in the log.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use turret_disk::private;
use turret_engine::bans::Ban;
use turret_engine::{AccessView, Input};
use turret_shared::ban::BanView;
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::BanSet;
use turret_shared::ids::BanId;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::shared::Shared;
use crate::guard::bans::Told;
use crate::guard::filter;
use crate::guard::limits::{BANS_SHOWN_MAX, NS_PER_S as GUARD_NS_PER_S};
use crate::guard::sources::source_of;
use crate::vault::{PersonalKind, Subject, Vault};

/// The packet filter's file is written anew at least this often, in seconds: a ban may have ended meanwhile.
const FILTER_S: u64 = 60;
/// Seconds in a day.
const DAY_S: i64 = 24 * 3600;

/// Whose key the address of a stranger is sealed under: all of one day share one, and are erased together.
pub(super) fn strangers_of(wall: Timestamp) -> Subject {
    let day = wall.0.div_euclid(DAY_S.saturating_mul(NS_PER_S));
    Subject::Strangers(u32::try_from(day).unwrap_or(u32::MAX))
}

/// Keeps an address, so that the ban outlives a restart; without it the ban is one of this life alone.
fn kept(vault: &Vault, wall: Timestamp, source: IpAddr) -> Option<Digest> {
    let kept = vault.keep(PersonalKind::Address, strangers_of(wall), &source.to_string());
    kept.inspect_err(|error| tracing::error!(%error, "a banned address could not be kept")).ok()
}

/// The address in what the vault keeps: of a ban it alone, of a connection with its port.
fn address_of(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl Shared {
    /// A stranger at a validated address offended. The line of a ban is one that fail2ban reads: SECURITY.md gives the filter.
    pub(super) fn offended(&self, address: IpAddr, what: &'static str) {
        let fresh = BanId(self.next_connection().0);
        let Some(ban) = self.bans().offended(address, fresh, what, self.now_ns()) else { return };
        let (source, for_s, offences, before) = (ban.source, ban.for_s, ban.offences, ban.before);
        tracing::warn!(%source, seconds = for_s, offences, what, "source banned");
        self.bans_changed.notify_one();
        let origin = Origin::of(Actor::Engine, self.fresh_correlation());
        let (vault, inbox, wall) = (Arc::clone(self.auth.vault()), self.inbox.clone(), self.clock.wall());
        tokio::task::spawn_blocking(move || {
            let address = kept(&vault, wall, source);
            let (ban, fault, by) = (ban.ban, what.to_owned(), None);
            let set = BanSet { ban, fault, offences, for_s, before, address, by };
            if inbox.note(Input::Note(origin, Box::new(Event::BanSet(set)))).is_err() {
                tracing::warn!("no room to record a ban");
            }
        });
    }

    /// Says which sources are out, until when and why: only the edge knows.
    pub(super) fn banned(&self, rows: &mut Vec<BanView>) {
        let (now_ns, wall, view) = (self.now_ns(), self.clock.wall(), self.access.now());
        let bans = self.bans();
        let told = bans.now(now_ns).filter_map(|out| {
            let known = view.bans().get(out.ban, wall)?;
            let left_ns = i64::try_from(out.left_s.saturating_mul(GUARD_NS_PER_S)).unwrap_or(i64::MAX);
            Some(BanView {
                ban: out.ban,
                source: out.source.to_string(),
                why: out.what.into_owned(),
                until: wall.after_ns(left_ns),
                times: out.times,
                since: known.since,
                by: known.by.map(|by| self.names.login(by)).unwrap_or_default(),
            })
        });
        rows.extend(told.take(BANS_SHOWN_MAX));
    }

    /// Carries out what the log says of bans since the view before this one.
    pub(super) fn follow_bans(self: &Arc<Self>, view: &AccessView) {
        let wall = self.clock.wall();
        self.let_in(view);
        let known = self.bans().numbers();
        let new: Vec<(BanId, Ban)> = view
            .bans()
            .in_force(wall)
            .filter(|(ban, _)| !known.contains(ban))
            .map(|(ban, known)| (ban, known.clone()))
            .collect();
        if new.is_empty() {
            return;
        }
        let shared = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            shared.take_over(new, true);
            // One of them may have been lifted before its address was found.
            shared.let_in(&shared.access.now());
        });
    }

    /// What was in force when the server stopped is so again, for as long as is left of it.
    pub(super) fn restore_bans(&self) {
        let (view, wall) = (self.access.now(), self.clock.wall());
        self.take_over(view.bans().in_force(wall).map(|(ban, known)| (ban, known.clone())).collect(), false);
    }

    fn let_in(&self, view: &AccessView) {
        for ban in view.bans().lifted() {
            let lifted = self.bans().lifted(ban, self.now_ns());
            if let Some(source) = lifted {
                tracing::warn!(%source, "source let in again");
                self.bans_changed.notify_one();
            }
        }
    }

    /// Those set just now (`anew`) have their line, as those of strangers have.
    fn take_over(&self, new: Vec<(BanId, Ban)>, anew: bool) {
        let wall = self.clock.wall();
        for (ban, known) in new {
            let found = known.address.map(|address| self.auth.vault().reveal(&address));
            let Some(Ok(Some(text))) = found else {
                if let Some(Err(error)) = found {
                    tracing::error!(%error, "a banned address could not be read");
                }
                continue;
            };
            let Some(source) = address_of(&text) else { continue };
            let left_ns = u64::try_from(known.until.since(wall)).unwrap_or(0);
            if anew {
                let (source, seconds) = (source_of(source), left_ns.div_ceil(GUARD_NS_PER_S));
                tracing::warn!(%source, seconds, offences = 0, what = known.why, "source banned");
            }
            let told = Told { source, ban, what: known.why, left_ns, before: known.before };
            self.bans().told(told, self.now_ns());
        }
        self.bans_changed.notify_one();
    }

    fn filter_text(&self) -> String {
        filter::nftables(self.bans().now(self.now_ns()))
    }
}

/// Keeps the packet filter's file as the bans are; what cannot be written is told, and tried again.
pub(super) async fn keep_filter(shared: Arc<Shared>, path: PathBuf) {
    let mut written = String::new();
    loop {
        let text = shared.filter_text();
        if text != written {
            let (bytes, path) = (text.clone(), path.clone());
            match tokio::task::spawn_blocking(move || write(&path, &bytes)).await {
                Ok(Ok(())) => written = text,
                Ok(Err(error)) => tracing::error!(%error, "the packet filter's file could not be written"),
                Err(_) => return,
            }
        }
        let _ = tokio::time::timeout(Duration::from_secs(FILTER_S), shared.bans_changed.notified()).await;
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    private::replace(path, Path::new(&draft), text.as_bytes())
}
