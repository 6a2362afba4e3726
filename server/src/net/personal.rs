//! Personal values on their way into the vault, so that the log gets commitments only; it must not read any back.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use turret_engine::Input;
use turret_shared::ban::{self, NewBan};
use turret_shared::command::{Command, NewOrder, NewUser, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::{Connected, ManageDenied};
use turret_shared::ids::{ConnectionId, DeviceId, UserId};
use turret_shared::manage::{Act, Manage};
use turret_shared::own::{Own, Thing};
use turret_shared::people::is_name;
use turret_shared::role::Permission;
use turret_shared::secret::SecretKey;
use turret_shared::time::{NS_PER_S, Timestamp};

use super::banning::strangers_of;
use super::shared::Shared;
use crate::guard::sources::source_of;
use crate::vault::{PersonalKind, Subject, VaultError};

/// What the vault keeps of a command, as the engine hears of it.
#[derive(Default)]
pub(super) struct Kept {
    /// Commitment to the text of an order, to the name of a thing, or to the address of a ban.
    pub(super) text: Option<Digest>,
    /// What makes that commitment of the text, for the one who wrote it.
    pub(super) opens: Option<SecretKey>,
    /// Whose name it is that a person to be created was given.
    pub(super) named: Option<UserId>,
}

/// The vault did not take it: the command must not be decided.
pub(super) enum NotKept {
    /// It cannot just now.
    Busy,
    /// It never will.
    No(DenialCode, String),
}

/// True for commands of which something goes to the vault first.
pub(super) const fn is_personal(verb: &Verb) -> bool {
    match verb {
        Verb::OrderNew(order) => !order.text.is_empty(),
        Verb::CreateUser(_) | Verb::Ban(_) => true,
        Verb::Own(Own::Name(_, name)) => !name.is_empty(),
        _ => false,
    }
}

/// Our no to a ban whose source was not kept, for the log: the engine never hears of it.
pub(super) fn denied_ban(verb: &Verb, code: DenialCode) -> Option<Event> {
    let Verb::Ban(new) = verb else { return None };
    let act = Act::SetBan { address: Digest::default(), minutes: new.minutes };
    Some(Event::ManageDenied(ManageDenied { manage: Manage { act, why: new.why }, code }))
}

impl Shared {
    /// Commits to where a connection comes from, once: migration is off, so the address stays true, and later entries name
    /// the connection alone.
    pub(super) async fn note_connected(
        &self,
        connection: ConnectionId,
        device: DeviceId,
        user: UserId,
        address: SocketAddr,
    ) {
        let vault = Arc::clone(self.auth.vault());
        let text = address.to_string();
        let keep = move || vault.keep(PersonalKind::Address, Subject::Device(device), &text);
        let address = match tokio::task::spawn_blocking(keep).await {
            Ok(Ok(address)) => address,
            Ok(Err(error)) => {
                tracing::error!(%error, "a connection's address could not be kept");
                return;
            }
            Err(_) => return,
        };
        let correlation = self.fresh_correlation();
        let origin = Origin {
            actor: Actor::User(user),
            device: Some(device),
            session: None,
            source: Some(connection),
            correlation,
        };
        let event = Event::Connected(Connected { connection, address, user: Some(user) });
        self.record(Input::Note(origin, Box::new(event)));
    }

    /// Puts into the vault what a command says of people, and gives what the engine and the log may know of it.
    pub(super) async fn keep_personal(&self, user: UserId, from: IpAddr, command: &Command) -> Result<Kept, NotKept> {
        match &command.verb {
            Verb::OrderNew(order) if !order.text.is_empty() => {
                let (text, opens) = self.commit_text(user, order).await?;
                Ok(Kept { text: Some(text), opens: Some(opens), named: None })
            }
            Verb::Own(Own::Name(thing, name)) if !name.is_empty() => {
                Ok(Kept { text: Some(self.commit_label(user, *thing, name).await?), ..Kept::default() })
            }
            Verb::Ban(new) => self.commit_source(user, from, new, command.expires).await,
            Verb::CreateUser(new) => Ok(Kept { named: self.name_new_user(user, new).await?, ..Kept::default() }),
            _ => Ok(Kept::default()),
        }
    }

    /// Seals the text of a new order and gives what the log may say of it.
    ///
    /// The same text under the same ClOrdID of the same person gives the same commitment: a command sent again is the same
    /// command. Orders without text, which is nearly all, never get here.
    async fn commit_text(&self, user: UserId, order: &NewOrder) -> Result<(Digest, SecretKey), NotKept> {
        let (vault, name, text) = (Arc::clone(self.auth.vault()), order.cl_ord_id.to_string(), order.text.clone());
        let kept = tokio::task::spawn_blocking(move || {
            vault.keep_named(PersonalKind::OrderText, Subject::User(user), &name, &text)
        });
        match kept.await {
            Ok(Ok(commitment)) => Ok(commitment),
            Ok(Err(error)) => {
                tracing::error!(%error, "an order's text could not be kept");
                Err(NotKept::Busy)
            }
            Err(_) => Err(NotKept::Busy),
        }
    }

    /// Seals what somebody calls a thing of theirs; the same name of the same thing gives the same commitment.
    async fn commit_label(&self, user: UserId, thing: Thing, name: &str) -> Result<Digest, NotKept> {
        if !is_name(name) {
            let text = "a name is visible characters of one alphabet, and not too many";
            return Err(NotKept::No(DenialCode::Invalid, text.into()));
        }
        let (vault, name) = (Arc::clone(self.auth.vault()), name.to_owned());
        let of = match thing {
            Thing::Key(key) => format!("key {key}"),
            Thing::Device(device) => format!("device {device}"),
        };
        let keep = move || vault.keep_named(PersonalKind::Label, Subject::User(user), &of, &name);
        match tokio::task::spawn_blocking(keep).await {
            Ok(Ok((commitment, _))) => Ok(commitment),
            Ok(Err(error)) => {
                tracing::error!(%error, "a name could not be kept");
                Err(NotKept::Busy)
            }
            Err(_) => Err(NotKept::Busy),
        }
    }

    /// Keeps the address of a ban for whoever may set one; the engine says no to everyone else. Nobody bans where they come
    /// from themselves: they would be out with the next connection.
    async fn commit_source(&self, by: UserId, from: IpAddr, new: &NewBan, expires: Timestamp) -> Result<Kept, NotKept> {
        if !self.access.now().holds(by, Permission::UserManage) {
            return Ok(Kept::default());
        }
        let Some(wanted) = ban::address(&new.source).map(source_of) else {
            return Err(NotKept::No(DenialCode::Invalid, "source: an IPv4 or IPv6 address".into()));
        };
        if wanted == source_of(from) {
            let text = "that is where you come from yourself: nothing is banned";
            return Err(NotKept::No(DenialCode::OwnSource, text.into()));
        }
        let (vault, subject) = (Arc::clone(self.auth.vault()), strangers_of(self.clock.wall()));
        let (name, text) = (format!("ban {} {}", by, expires.0), new.source.clone());
        let keep = move || vault.keep_named(PersonalKind::Address, subject, &name, &text);
        match tokio::task::spawn_blocking(keep).await {
            Ok(Ok((text, opens))) => Ok(Kept { text: Some(text), opens: Some(opens), named: None }),
            Ok(Err(error)) => {
                tracing::error!(%error, "a banned address could not be kept");
                Err(NotKept::Busy)
            }
            Err(_) => Err(NotKept::Busy),
        }
    }

    /// Keeps login and name of a person to be created, for whoever may create one; the engine says no to everyone else.
    async fn name_new_user(&self, by: UserId, new: &NewUser) -> Result<Option<UserId>, NotKept> {
        let view = self.access.now();
        if !view.holds(by, Permission::UserManage) {
            return Ok(None);
        }
        let now = self.clock.wall();
        let now_s = u64::try_from(now.0 / NS_PER_S).unwrap_or(0);
        let (vault, login, name) = (Arc::clone(self.auth.vault()), new.login.clone(), new.name.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let free = view.users().last().map_or(UserId(1), |(user, _)| UserId(user.0.saturating_add(1)));
            vault.name_new_user(&login, &name, free, now_s, |user| {
                view.user(user).is_some() || view.is_proposed(user, now)
            })
        });
        match kept.await {
            Ok(Ok(user)) => {
                self.names.named(user, &new.login, &new.name);
                Ok(Some(user))
            }
            Ok(Err(VaultError::Taken)) => Err(NotKept::No(DenialCode::LoginTaken, "somebody has that login".into())),
            Ok(Err(VaultError::Unfit(why))) => Err(NotKept::No(DenialCode::Invalid, why.into())),
            Ok(Err(VaultError::Full)) => {
                let text = "too many people wait for a proof of their creation";
                Err(NotKept::No(DenialCode::TooManyPending, text.into()))
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "a person's name could not be kept");
                Err(NotKept::Busy)
            }
            Err(_) => Err(NotKept::Busy),
        }
    }
}
