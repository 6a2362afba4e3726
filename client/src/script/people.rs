//! Who a script may be: for each their credentials, device, link and session, kept while the script runs.
//!
//! It must never mix what one session was shown into another.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use turret_shared::command::Environment;
use turret_shared::composed::{ComposedRole, HeldRole};
use turret_shared::denial::DenialCode;
use turret_shared::ids::{ClOrdId, InstrumentId, OrderId, PendingId};
use turret_shared::role::{Permission, Role};
use turret_shared::secret::SecretText;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::UserView;
use turret_shared::wire::control::{SessionEnd, SignedIn};
use turret_shared::wire::keys::SignAsked;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::keyed;
use super::names::Names;
use super::request::NewLine;
use crate::authenticator::Authenticator;
use crate::clock;
use crate::credentials::Credentials;
use crate::keys::Plugged;
use crate::link::{ConnectError, Link, LinkError, LinkEvent, SignInError};
use crate::profile::{Profile, ProfileError};

/// Orders remembered for what their listing allows, at most.
const KNOWN_ORDERS_MAX: usize = 10_000;

/// Everyone the script has credentials of.
pub struct People {
    /// Where all of them connect, in place of their profiles' address.
    server: Option<String>,
    known: Vec<Credentials>,
    signed_in: HashMap<String, Person>,
    /// Codes typed at the prompt, for the one person a prompt can sign in.
    typed_code: Option<SecretText>,
    plugged: Plugged,
}

/// Why someone cannot be.
#[derive(Debug)]
pub(super) enum AsError {
    /// No credentials of such a one.
    Unknown,
    /// No code can be made for them.
    NoCode,
    Profile(ProfileError),
    Connect(ConnectError),
    SignIn(SignInError),
}

impl std::fmt::Display for AsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => f.write_str("no credentials were given for that"),
            Self::NoCode => f.write_str("no authenticator was given for them"),
            Self::Profile(cause) => cause.fmt(f),
            Self::Connect(cause) => cause.fmt(f),
            Self::SignIn(cause) => cause.fmt(f),
        }
    }
}

/// A command that waits for a signature: exactly what was sent, and what the server drew for it.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) bytes: Vec<u8>,
    pub(super) asked: SignAsked,
}

/// A live session and what belongs to it.
pub(super) struct Person {
    pub(super) link: Link,
    pub(super) user: UserView,
    /// What they have of their role, where that is not all.
    composed: Option<ComposedRole>,
    pub(super) environment: Environment,
    pub(super) authenticator: Option<Authenticator>,
    /// The newest TOTP step used by this process.
    pub(super) spent_step: u64,
    /// They came in by a security key, so it is what they prove with.
    pub(super) by_key: bool,
    /// Step-ups to answer, with their ends.
    pub(super) pending: Vec<(PendingId, Timestamp)>,
    /// Those of them that a security key may sign.
    pub(super) to_sign: HashMap<PendingId, Waiting>,
    /// The security key that is spoken to.
    pub(super) plugged: Plugged,
    pub(super) names: Names,
    /// Commands sent under a ClOrdID, so that the same line again is the same command, byte for byte.
    pub(super) sent: HashMap<ClOrdId, (NewLine, Vec<u8>)>,
    /// Listings of orders seen.
    orders: HashMap<OrderId, InstrumentId>,
    end: Arc<OnceLock<SessionEnd>>,
}

impl Person {
    /// The server's clock now.
    pub(super) fn server_time(&self) -> Timestamp {
        self.link.server_time(clock::now())
    }

    /// The role with what they have of it.
    pub(super) const fn held_role(&self) -> HeldRole {
        HeldRole { role: self.user.role, composed: self.composed }
    }

    /// True while the session goes on, as far as this end knows.
    pub(super) fn is_in(&self) -> bool {
        self.link.has_session()
    }

    /// True where their role takes a security key and they are in by a code: nothing is answered before they come with one.
    pub(super) async fn sees_nothing(&self) -> bool {
        let ask = readable(self.held_role()).next();
        let Some((_, ask)) = ask else { return false };
        matches!(self.link.query(ask).await, Err(LinkError::Denied { code: DenialCode::KeyWanted, .. }))
    }

    /// Why the server ended the session, if it said so.
    pub(super) fn end(&self) -> Option<SessionEnd> {
        self.end.get().copied()
    }

    pub(super) fn saw_order(&mut self, order: OrderId, instrument: InstrumentId) {
        if self.orders.len() < KNOWN_ORDERS_MAX {
            self.orders.insert(order, instrument);
        }
    }

    pub(super) fn listing_of(&self, order: OrderId) -> Option<InstrumentId> {
        self.orders.get(&order).copied()
    }
}

impl People {
    /// Those of `known`, all on `server` where one is given.
    #[must_use]
    pub fn new(known: Vec<Credentials>, server: Option<String>) -> Self {
        Self { server, known, signed_in: HashMap::new(), typed_code: None, plugged: Plugged::In }
    }

    /// The same with a code a person typed, for the first sign-in.
    #[must_use]
    pub fn with_code(mut self, code: SecretText) -> Self {
        self.typed_code = Some(code);
        self
    }

    /// The same with another security key than the one plugged in.
    #[must_use]
    pub fn with_key(mut self, plugged: Plugged) -> Self {
        self.plugged = plugged;
        self
    }

    /// The login of the first one, who starts.
    pub(super) fn first(&self) -> Option<String> {
        self.known.first().map(|one| one.user.clone())
    }

    /// The login of the first one of a role.
    pub(super) fn of_role(&self, role: Role) -> Option<String> {
        self.known.iter().find(|one| one.role == role).map(|one| one.user.clone())
    }

    pub(super) fn password(&self, login: &str) -> Option<SecretText> {
        self.known.iter().find(|one| one.user == login).map(|one| one.password.clone())
    }

    /// What somebody signs in with from now on.
    pub(super) fn set_password(&mut self, login: &str, new: SecretText) {
        if let Some(one) = self.known.iter_mut().find(|one| one.user == login) {
            one.password = new;
        }
    }

    pub(super) fn person(&mut self, login: &str) -> Option<&mut Person> {
        self.signed_in.get_mut(login)
    }

    /// Makes sure `login` has a live session; seconds waited for a code, if any.
    pub(super) async fn enter(&mut self, login: &str) -> Result<u64, AsError> {
        if self.signed_in.get(login).is_some_and(Person::is_in) {
            return Ok(0);
        }
        let spent = self.signed_in.remove(login).map_or(0, |person| person.spent_step);
        let credentials = self.known.iter().find(|one| one.user == login).cloned().ok_or(AsError::Unknown)?;
        let typed = self.typed_code.take();
        let mut profile = Profile::load(&credentials.client_dir).map_err(AsError::Profile)?;
        if let Some(server) = &self.server {
            profile = profile.at(server);
        }
        let (link, events) = Link::connect(&profile, true).await.map_err(AsError::Connect)?;
        let end = Arc::new(OnceLock::new());
        tokio::spawn(listen(events, Arc::clone(&end)));
        let entered = sign_in(&link, &credentials, typed, (spent, &self.plugged)).await?;
        let mut names = Names::default();
        names.learn_users(std::slice::from_ref(&entered.signed_in.user));
        let held = HeldRole { role: entered.signed_in.user.role, composed: entered.signed_in.composed };
        learn(&link, held, &mut names).await;
        let person = Person {
            link,
            user: entered.signed_in.user,
            composed: held.composed,
            environment: profile.environment,
            authenticator: credentials.authenticator,
            spent_step: entered.spent_step,
            by_key: entered.by_key,
            pending: Vec::new(),
            to_sign: HashMap::new(),
            plugged: self.plugged.clone(),
            names,
            sent: HashMap::new(),
            orders: HashMap::new(),
            end,
        };
        self.signed_in.insert(login.to_owned(), person);
        Ok(entered.waited_s)
    }

    /// Signs one out, who comes in anew by what they have now.
    pub(super) async fn come_anew(&mut self, login: &str) -> Result<u64, AsError> {
        if let Some(person) = self.signed_in.get(login) {
            person.link.sign_out(false).await;
        }
        self.enter(login).await
    }

    /// Signs everyone out.
    pub(super) async fn leave(&mut self) {
        for person in self.signed_in.values() {
            person.link.sign_out(false).await;
        }
        self.signed_in.clear();
    }
}

struct Entered {
    signed_in: SignedIn,
    spent_step: u64,
    waited_s: u64,
    by_key: bool,
}

/// By a key that is at hand, else with a made code: once at once, and once more with the next code, for another window may just have used this one.
async fn sign_in(
    link: &Link,
    credentials: &Credentials,
    typed: Option<SecretText>,
    (spent, plugged): (u64, &Plugged),
) -> Result<Entered, AsError> {
    let login = &credentials.user;
    if let Some(code) = typed {
        let signed_in = link.sign_in(login, credentials.password.clone(), code).await.map_err(AsError::SignIn)?;
        return Ok(Entered { signed_in, spent_step: 0, waited_s: 0, by_key: false });
    }
    if let Some(entered) = keyed::sign_in(link, plugged, (login, credentials.password.clone())).await {
        let signed_in = entered.map_err(AsError::SignIn)?;
        return Ok(Entered { signed_in, spent_step: spent, waited_s: 0, by_key: true });
    }
    let authenticator = credentials.authenticator.as_ref().ok_or(AsError::NoCode)?;
    let mut waited_s = until_unspent(link, spent).await;
    let mut tries = VecDeque::from([true, false]);
    loop {
        let now = link.server_time(clock::now());
        let step = Authenticator::step_of(now);
        let code = authenticator.code_at(now);
        let again = tries.pop_front().unwrap_or(false);
        match link.sign_in(login, credentials.password.clone(), code).await {
            Ok(signed_in) => return Ok(Entered { signed_in, spent_step: step, waited_s, by_key: false }),
            Err(SignInError::Failed { retry_after_s, .. }) if again => {
                tokio::time::sleep(Duration::from_secs(u64::from(retry_after_s))).await;
                waited_s =
                    waited_s.saturating_add(u64::from(retry_after_s)).saturating_add(until_unspent(link, step).await);
                let limit = Duration::from_secs(crate::link::limits::CONNECT_S_MAX);
                link.until_up(limit).await.map_err(|_| AsError::SignIn(SignInError::Down))?;
            }
            Err(error) => return Err(AsError::SignIn(error)),
        }
    }
}

/// Waits for the step after `spent`, if it is not there yet; returns the seconds waited.
pub(super) async fn until_unspent(link: &Link, spent: u64) -> u64 {
    let now = link.server_time(clock::now());
    if Authenticator::step_of(now) > spent {
        return 0;
    }
    let wait_s = Authenticator::seconds_left(now);
    let into = u64::try_from(now.0.rem_euclid(NS_PER_S)).unwrap_or(0);
    // To the very start of the step by the server's clock, and a little beyond: clocks are compared once only.
    let wait = Duration::from_secs(wait_s).saturating_sub(Duration::from_nanos(into));
    tokio::time::sleep(wait.saturating_add(STEP_MARGIN)).await;
    wait_s
}

const STEP_MARGIN: Duration = Duration::from_millis(250);

/// What the role may read anyway; nothing it may not is asked for, for that would be an access refusal.
async fn learn(link: &Link, role: HeldRole, names: &mut Names) {
    for (_, ask) in readable(role) {
        match link.query(ask).await.map(|answered| answered.body) {
            Ok(AnswerBody::Instruments(rows)) => names.learn_instruments(rows),
            Ok(AnswerBody::Accounts(rows)) => names.learn_accounts(&rows),
            Ok(AnswerBody::Users(rows)) => names.learn_users(&rows),
            Ok(AnswerBody::AccountCodes(rows)) => names.learn_codes(rows),
            // Rows show numbers then.
            _ => {}
        }
    }
}

/// The lists a role may read.
fn readable(role: HeldRole) -> impl Iterator<Item = (Permission, Ask)> {
    let asks = [
        (Permission::InstrumentRead, Ask::Instruments),
        (Permission::AccountRead, Ask::Accounts),
        (Permission::OwnManage, Ask::Colleagues),
        // Who sees orders and no account knows it by its code.
        (Permission::AuditRead, Ask::AccountCodes),
    ];
    asks.into_iter().filter(move |(permission, _)| role.may(*permission))
}

/// Takes what the link tells; a script asks for what it wants to know.
async fn listen(mut events: mpsc::Receiver<LinkEvent>, end: Arc<OnceLock<SessionEnd>>) {
    while let Some(event) = events.recv().await {
        if let LinkEvent::SessionEnded(reason) = event {
            // Only the first end counts.
            let _ = end.set(reason);
        }
    }
}
