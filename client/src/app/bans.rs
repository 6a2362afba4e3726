//! Sources that are let in no more for a while, and the form that bans one; it must send nothing: the act is asked about
//! afterwards.

use turret_shared::ban::{self, BanView};
use turret_shared::digest::Digest;
use turret_shared::ids::BanId;
use turret_shared::limits::{BAN_MINUTES_MAX, BAN_SOURCE_CHARS_MAX};
use turret_shared::manage::Act;
use turret_shared::text::escaped;

use super::asked::Asked;
use super::field::Field;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::picker::Picker;
use super::{Model, manage, sought};
use crate::actions::Id;

/// Longest time typed, in characters.
const MINUTES_CHARS_MAX: usize = 4;
/// What stands there to begin with.
const MINUTES: &str = "60";

/// State of the screen.
#[derive(Debug, Default)]
pub struct Bans {
    /// Those in force, as last told.
    pub rows: Asked<BanView>,
    /// The one under the cursor.
    pub picker: Picker<BanId>,
}

/// The row under the cursor.
#[must_use]
pub fn chosen(model: &Model) -> Option<&BanView> {
    model.bans.rows.rows.iter().find(|row| Some(row.ban) == model.bans.picker.at)
}

/// Keys of the rows shown.
#[must_use]
pub fn keys(model: &Model) -> Vec<BanId> {
    sought::bans(model).into_iter().map(|row| row.ban).collect()
}

impl Bans {
    /// The newest first.
    pub(super) fn told(&mut self, mut rows: Vec<BanView>) -> bool {
        rows.sort_by_key(|row| (std::cmp::Reverse(row.since), row.ban));
        self.rows.told(rows)
    }
}

/// The form.
#[derive(Debug)]
pub struct BanForm {
    /// An address.
    pub source: Field,
    /// For how long.
    pub minutes: Field,
    /// The keys go to the time.
    pub on_minutes: bool,
    /// About the last key.
    pub message: Option<String>,
}

/// Opens the window an action asks for: the form, or the question about the ban at hand.
pub(super) fn open(model: &mut Model, id: Id) {
    if id == Id::BanAdd {
        let mut minutes = Field::new(MINUTES_CHARS_MAX);
        minutes.set(MINUTES);
        let source = Field::new(BAN_SOURCE_CHARS_MAX);
        let form = BanForm { source, minutes, on_minutes: false, message: None };
        return model.modals.push(Modal::Ban(Box::new(form)));
    }
    let Some(row) = chosen(model) else { return };
    let line = format!("LET IN {}", escaped(&row.source));
    let follows =
        "It may knock again at once; a certificate and both factors are asked of it as of anybody.".to_owned();
    let asking = manage::about_account(model, Act::LiftBan { ban: row.ban }, line, follows);
    model.modals.push(asking);
}

impl BanForm {
    /// What it asks for; or where it is wrong, and why.
    fn read(&self) -> Result<(String, u32), (bool, String)> {
        let source = self.source.text().trim();
        if ban::address(source).is_none() {
            return Err((false, "an IPv4 or IPv6 address is needed".into()));
        }
        let minutes = self.minutes.text().trim().parse().ok().filter(|minutes| ban::is_time(*minutes));
        let minutes = minutes.ok_or_else(|| (true, format!("minutes: 1 to {BAN_MINUTES_MAX}")))?;
        Ok((source.to_owned(), minutes))
    }
}

/// A key for the form.
pub(super) fn key(mut open: Box<BanForm>, model: &Model, key: Press) -> Stack {
    open.message = None;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter if !open.on_minutes => open.on_minutes = true,
        Code::Enter => match open.read() {
            Ok((source, minutes)) => {
                let line = format!("BAN {} FOR {minutes} MINUTES", escaped(&source));
                let follows =
                    "Nothing from there is let in, devices of ours neither; what is connected stays.".to_owned();
                // What the vault keeps the address under the server says.
                let act = Act::SetBan { address: Digest::default(), minutes };
                return vec![manage::about_source(model, act, source, line, follows)];
            }
            Err((on_minutes, why)) => (open.on_minutes, open.message) = (on_minutes, Some(why)),
        },
        Code::Tab | Code::Down | Code::Up | Code::BackTab => open.on_minutes = !open.on_minutes,
        _ if open.on_minutes => {
            open.minutes.key(key);
        }
        _ => {
            open.source.key(key);
        }
    }
    vec![Modal::Ban(open)]
}
