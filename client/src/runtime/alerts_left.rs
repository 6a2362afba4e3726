//! Alerts as they are sealed at a lock: those open, and which were put away; it must hold no more than it is given room for.

use serde::{Deserialize, Serialize};
use turret_shared::ids::{AccountId, CorrelationId, OrderId};
use turret_shared::time::Timestamp;

use crate::app::alerts::{Alert, Kind};

/// One alert.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AlertPaper {
    kind: String,
    time_ns: i64,
    text: String,
    order: Option<u64>,
    account: Option<u32>,
    reference: Option<u64>,
    spoken: bool,
    dismissed: bool,
}

/// The newest alerts that fit into `room` bytes of JSON.
pub(super) fn papers(alerts: &[Alert], mut room: usize) -> Vec<AlertPaper> {
    let mut out = Vec::new();
    for paper in alerts.iter().map(AlertPaper::of) {
        // A comma stands between two.
        let bytes = serde_json::to_vec(&paper).map_or(usize::MAX, |json| json.len().saturating_add(1));
        let Some(less) = room.checked_sub(bytes) else { break };
        room = less;
        out.push(paper);
    }
    out
}

impl AlertPaper {
    fn of(alert: &Alert) -> Self {
        Self {
            kind: alert.kind.word().to_owned(),
            time_ns: alert.time.0,
            text: alert.text.clone(),
            order: alert.order.map(|id| id.0),
            account: alert.account.map(|id| id.0),
            reference: alert.reference.map(|id| id.0),
            spoken: alert.spoken,
            dismissed: alert.dismissed,
        }
    }

    /// As it was; `None` for a kind this program does not know.
    pub(super) fn alert(&self) -> Option<Alert> {
        Some(Alert {
            id: 0,
            kind: Kind::ALL.into_iter().find(|kind| kind.word() == self.kind)?,
            time: Timestamp(self.time_ns),
            text: self.text.clone(),
            order: self.order.map(OrderId),
            account: self.account.map(AccountId),
            reference: self.reference.map(CorrelationId),
            spoken: self.spoken,
            dismissed: self.dismissed,
        })
    }
}
