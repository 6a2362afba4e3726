//! A new deployment's first people and the codes they enrol by; it must keep no code, and tell each once, by a descriptor.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use turret_certs::Authority;
use turret_shared::enrol_code::EnrolCode;
use turret_shared::event::Event;
use turret_shared::event::setup::{BootstrapOpened, RoleSet, UserCreated};
use turret_shared::ids::{CodeId, UserId};
use turret_shared::limits::{BOOTSTRAP_S_MAX, NAME_CHARS_MAX};
use turret_shared::people::is_login;
use turret_shared::role::Role;
use turret_shared::secret::EnrolSecret;
use turret_shared::text;
use turret_shared::time::{NS_PER_S, Timestamp};
use zeroize::Zeroizing;

use super::init::Failed;
use crate::random;
use crate::vault::{KnownCode, Vault};

/// Bytes of a line that is told: nothing grows with a code in it.
const TOLD_BYTES: usize = 1_024;

/// One of them, as the operator names them.
#[derive(Debug, Clone)]
pub(super) struct First {
    login: String,
    name: String,
}

/// Why an argument names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAPerson;

impl fmt::Display for NotAPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LOGIN:NAME, the login of small letters, digits and dots")
    }
}

impl std::error::Error for NotAPerson {}

impl FromStr for First {
    type Err = NotAPerson;

    fn from_str(text: &str) -> Result<Self, NotAPerson> {
        let (login, name) = text.split_once(':').ok_or(NotAPerson)?;
        let fits = is_login(login) && text::is_clean(name, NAME_CHARS_MAX) && !name.trim().is_empty();
        if fits { Ok(Self { login: login.to_owned(), name: name.to_owned() }) } else { Err(NotAPerson) }
    }
}

/// What was made: facts for the log, and a line for each person's code.
pub(super) struct Made {
    pub(super) facts: Vec<Event>,
    pub(super) told: Zeroizing<Vec<u8>>,
}

/// Puts the first people and what proves their codes into the vault.
pub(super) fn make(
    admins: &[First],
    supervisor: &First,
    authority: &Authority,
    vault: &Vault,
    now: Timestamp,
) -> Result<Made, Failed> {
    let people = admins.iter().map(|admin| (admin, Role::Admin)).chain([(supervisor, Role::Supervisor)]);
    let expires = now.after_ns(i64::try_from(BOOTSTRAP_S_MAX).unwrap_or(i64::MAX).saturating_mul(NS_PER_S));
    let seconds = |time: Timestamp| u64::try_from(time.0 / NS_PER_S).unwrap_or(0);
    let (mut facts, mut codes) = (Vec::new(), Vec::new());
    let mut told = Zeroizing::new(String::with_capacity(TOLD_BYTES));
    for (at, (person, role)) in (0_u32..).zip(people) {
        let (user, code) = (UserId(at.saturating_add(1)), CodeId(at.into()));
        vault.add_user(user, &person.login, &person.name)?;
        let secret = EnrolSecret::new(random::array(random::system)?);
        vault.keep_code(KnownCode { code, user, expires_s: seconds(expires) }, &secret, seconds(now))?;
        let text = EnrolCode { secret, authority: authority.key_digest() }.text();
        // A string takes all that is written into it.
        let _ = writeln!(told, "{role} {} {}", person.login, text.expose());
        facts.push(Event::UserCreated(UserCreated { user, desk: None }));
        facts.push(Event::RoleSet(RoleSet { user, role: Some(role) }));
        codes.push((code, user));
    }
    facts.push(Event::BootstrapOpened(BootstrapOpened { codes, expires }));
    let told = Zeroizing::new(told.as_bytes().to_vec());
    Ok(Made { facts, told })
}
