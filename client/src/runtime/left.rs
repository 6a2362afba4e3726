//! What one process leaves to the next at a lock: a line of JSON whose secrets are sealed; it must hold nothing of them open.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use turret_shared::time::Timestamp;
use zeroize::Zeroizing;

use super::alerts_left::{self, AlertPaper};
use crate::app::lock::{Aside, LeftBehind, Locked};
use crate::app::look::Hues;
use crate::app::ticket::Draft;
use crate::seal::{SALT_BYTES, SealError, SealKey};

/// Longest paper, in bytes: what a pipe holds without a reader.
pub(super) const PAPER_BYTES_MAX: usize = 60 * 1_024;

/// Longest sealed part in base64, in bytes.
const SEALED_BYTES_MAX: usize = PAPER_BYTES_MAX / 2;
/// What sealing may add to the plain bytes.
const SEAL_BYTES_MAX: usize = 256;

/// What the next process is handed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// For the lock screen.
    locked: Option<LockedPaper>,
    /// The line above the hints.
    message: String,
    /// Whose it is.
    login: String,
    /// The device's profile, for where nobody hands credentials over twice.
    pub(crate) profile: PathBuf,
    /// Stop for the shell first.
    suspend: bool,
    /// Colours, where they were chosen in the program.
    #[serde(default)]
    hues: Option<String>,
    /// Salt and sealed bytes.
    sealed: Option<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LockedPaper {
    login: String,
    role: String,
    desk: String,
    why: String,
    since_ns: i64,
    working: u64,
}

#[derive(Serialize, Deserialize)]
struct Inside {
    drafts: Vec<DraftPaper>,
    unanswered: Vec<String>,
    alerts: Vec<AlertPaper>,
}

#[derive(Serialize, Deserialize)]
struct DraftPaper {
    side: String,
    account: String,
    symbol: String,
    quantity: String,
    ord_type: String,
    price: String,
    stop: String,
    tif: String,
    note: String,
    kept_ns: i64,
}

impl Paper {
    /// Writes it, sealing drafts and unanswered orders; without a key they are left out, never left open.
    pub(super) fn of(left: &LeftBehind, profile: PathBuf, key: Option<&SealKey>) -> Self {
        let sealed = key.and_then(|key| {
            let body = STANDARD.encode(key.seal(&whole(left)).ok()?);
            (body.len() < SEALED_BYTES_MAX).then(|| (STANDARD.encode(key.salt()), body))
        });
        Self {
            locked: left.locked.as_ref().map(|locked| LockedPaper {
                login: locked.login.clone(),
                role: locked.role.clone(),
                desk: locked.desk.clone(),
                why: locked.why.clone(),
                since_ns: locked.since.0,
                working: locked.working,
            }),
            message: left.message.clone(),
            login: left.login.clone(),
            profile,
            suspend: left.suspend,
            hues: left.hues.map(|hues| hues.word().to_owned()),
            sealed,
        }
    }

    /// Reads one; `None` for anything else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// One line.
    pub(super) fn line(&self) -> Option<String> {
        serde_json::to_string(self).ok().filter(|line| line.len() < PAPER_BYTES_MAX)
    }

    /// For the lock screen.
    pub(super) fn locked(&self) -> Option<Locked> {
        self.locked.as_ref().map(|paper| Locked {
            login: paper.login.clone(),
            role: paper.role.clone(),
            desk: paper.desk.clone(),
            why: paper.why.clone(),
            since: Timestamp(paper.since_ns),
            working: paper.working,
        })
    }

    /// The line above the hints.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Whether to stop for the shell first.
    pub(super) const fn suspends(&self) -> bool {
        self.suspend
    }

    /// Colours, where they were chosen in the program.
    pub(super) fn hues(&self) -> Option<Hues> {
        self.hues.as_deref().and_then(Hues::named)
    }

    /// The salt the key is made with, when it is this person's.
    pub(super) fn salt_for(&self, login: &str) -> Option<[u8; SALT_BYTES]> {
        let (salt, _) = self.sealed.as_ref().filter(|_| self.login == login)?;
        STANDARD.decode(salt).ok()?.try_into().ok()
    }

    /// Drafts, unanswered orders and alerts.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`].
    pub(super) fn open(&self, key: &SealKey) -> Result<Aside, SealError> {
        let (_, body) = self.sealed.as_ref().ok_or(SealError::NotGenuine)?;
        let sealed = STANDARD.decode(body).map_err(|_| SealError::NotGenuine)?;
        let plain = key.open(&sealed)?;
        let inside: Inside = serde_json::from_slice(&plain).map_err(|_| SealError::NotGenuine)?;
        Ok(Aside {
            drafts: inside.drafts.iter().filter_map(draft).collect(),
            unanswered: inside.unanswered,
            alerts: inside.alerts.iter().filter_map(AlertPaper::alert).collect(),
        })
    }
}

/// Drafts as this device keeps them.
pub(super) fn drafts_to_bytes(drafts: &[Draft]) -> Zeroizing<Vec<u8>> {
    let drafts: Vec<DraftPaper> = drafts.iter().map(DraftPaper::of).collect();
    Zeroizing::new(serde_json::to_vec(&drafts).unwrap_or_default())
}

/// Drafts from what this device kept; what is none is left out.
pub(super) fn drafts_from_bytes(bytes: &[u8]) -> Vec<Draft> {
    let drafts: Vec<DraftPaper> = serde_json::from_slice(bytes).unwrap_or_default();
    drafts.iter().filter_map(draft).collect()
}

/// Bytes of JSON that may be sealed.
const INSIDE_BYTES_MAX: usize = SEALED_BYTES_MAX / 4 * 3 - SEAL_BYTES_MAX;

/// All that fits: the drafts first, of which the oldest give way, then the alerts.
fn whole(left: &LeftBehind) -> Zeroizing<Vec<u8>> {
    let drafts = fitting(left);
    let room = INSIDE_BYTES_MAX.saturating_sub(inside(left, drafts, 0).len());
    inside(left, drafts, room)
}

/// How many drafts fit.
fn fitting(left: &LeftBehind) -> usize {
    let mut room = INSIDE_BYTES_MAX.saturating_sub(inside(left, 0, 0).len());
    let mut count = 0_usize;
    for draft in &left.aside.drafts {
        let json = serde_json::to_vec(&DraftPaper::of(draft)).map(Zeroizing::new);
        // A comma stands between two.
        let bytes = json.map_or(usize::MAX, |json| json.len().saturating_add(1));
        let Some(less) = room.checked_sub(bytes) else { break };
        room = less;
        count = count.saturating_add(1);
    }
    count
}

impl DraftPaper {
    fn of(draft: &Draft) -> Self {
        Self {
            side: draft.side.as_str().to_owned(),
            account: draft.account.clone(),
            symbol: draft.symbol.clone(),
            quantity: draft.quantity.clone(),
            ord_type: draft.ord_type.as_str().to_owned(),
            price: draft.price.clone(),
            stop: draft.stop.clone(),
            tif: draft.tif.as_str().to_owned(),
            note: draft.note.clone(),
            kept_ns: draft.kept.0,
        }
    }
}

fn inside(left: &LeftBehind, drafts: usize, alert_room: usize) -> Zeroizing<Vec<u8>> {
    let aside = &left.aside;
    let inside = Inside {
        drafts: aside.drafts.iter().take(drafts).map(DraftPaper::of).collect(),
        unanswered: aside.unanswered.clone(),
        alerts: alerts_left::papers(&aside.alerts, alert_room),
    };
    Zeroizing::new(serde_json::to_vec(&inside).unwrap_or_default())
}

fn draft(paper: &DraftPaper) -> Option<Draft> {
    Some(Draft {
        side: paper.side.parse().ok()?,
        account: paper.account.clone(),
        symbol: paper.symbol.clone(),
        quantity: paper.quantity.clone(),
        ord_type: paper.ord_type.parse().ok()?,
        price: paper.price.clone(),
        stop: paper.stop.clone(),
        tif: paper.tif.parse().ok()?,
        note: paper.note.clone(),
        kept: Timestamp(paper.kept_ns),
    })
}

#[cfg(test)]
mod tests {
    use turret_shared::order::{OrdType, Side, TimeInForce};
    use turret_shared::secret::SecretText;

    use turret_shared::ids::{AccountId, OrderId};

    use super::*;
    use crate::app::alerts::{Alert, Kind};

    fn left(drafts: usize) -> LeftBehind {
        let draft = Draft {
            side: Side::SellShort,
            account: "A1001".into(),
            symbol: "AAPL".into(),
            quantity: "2k".into(),
            ord_type: OrdType::StopLimit,
            price: "189.50".into(),
            stop: "190".into(),
            tif: TimeInForce::Gtc,
            note: "for the \u{e9}t\u{e9} list".into(),
            kept: Timestamp(77),
        };
        let locked = Locked {
            login: "ann.lee".into(),
            role: "broker".into(),
            desk: "EQ1".into(),
            why: "Locked by you.".into(),
            since: Timestamp(5),
            working: 6,
        };
        LeftBehind {
            login: "ann.lee".into(),
            locked: Some(locked),
            message: "Locked by you.".into(),
            aside: Aside { drafts: vec![draft; drafts], unanswered: vec!["BUY 100 MSFT".into()], alerts: alerts(3) },
            suspend: true,
            hues: Some(Hues::Contrast),
        }
    }

    fn alerts(count: u64) -> Vec<Alert> {
        let alert = |n: u64| Alert {
            id: 0,
            kind: Kind::Busted,
            time: Timestamp(9),
            text: "BUSTED by the venue: TSLA".into(),
            order: Some(OrderId(n)),
            account: Some(AccountId(1)),
            reference: None,
            spoken: true,
            dismissed: n == 2,
        };
        (1..=count).map(alert).collect()
    }

    fn key(password: &str, salt: [u8; SALT_BYTES]) -> SealKey {
        SealKey::of(&SecretText::new(password.to_owned()), salt).unwrap()
    }

    #[test]
    fn what_was_left_behind_comes_back_to_its_owner_alone() {
        let left = left(3);
        let paper = Paper::of(&left, "/p".into(), Some(&key("correct horse", [7; SALT_BYTES])));
        let line = paper.line().unwrap();
        for secret in ["A1001", "AAPL", "MSFT", "189.50", "list", "TSLA", "BUSTED"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
        let read = Paper::read(&line).unwrap();
        assert_eq!((read.locked(), read.suspends(), read.hues()), (left.locked.clone(), true, Some(Hues::Contrast)));
        assert_eq!(read.salt_for("bob.ray"), None);
        let again = key("correct horse", read.salt_for("ann.lee").unwrap());
        assert_eq!(read.open(&again).unwrap(), left.aside);
        assert_eq!(read.open(&key("another", [7; SALT_BYTES])).err(), Some(SealError::NotGenuine));
    }

    #[test]
    fn nothing_is_left_open_and_much_is_cut() {
        let paper = Paper::of(&left(1), "/p".into(), None);
        assert!(!paper.line().unwrap().contains("AAPL"));
        let key = key("correct horse", [7; SALT_BYTES]);
        let many = Paper::of(&left(5_000), "/p".into(), Some(&key));
        assert!(many.line().unwrap().len() < PAPER_BYTES_MAX);
        assert!(many.open(&key).unwrap().drafts.len() > 50);
        let mut busy = left(1);
        busy.aside.alerts = alerts(5_000);
        let busy = Paper::of(&busy, "/p".into(), Some(&key));
        let back = busy.open(&key).unwrap();
        assert!(back.drafts.len() == 1 && back.alerts.len() > 50, "drafts before alerts, and the newest of these");
        assert_eq!(Paper::read("{"), None);
    }
}
