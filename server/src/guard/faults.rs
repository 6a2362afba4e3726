//! What goes wrong at the edge, as facts for the log: counted, and each under an id a person may quote.
//!
//! It must not let an id tell causes apart: every failure of one device in a row carries the same one, whatever it was.

use std::collections::BTreeMap;

use turret_engine::{Input, SessionInput};
use turret_shared::entry::{Actor, Origin};
use turret_shared::event::Event;
use turret_shared::event::ops::{BadInput, BadInputStage, EnrolFault, EnrolmentFailed};
use turret_shared::ids::{CorrelationId, DeviceId, UserId};
use turret_shared::time::Timestamp;

use super::counted::{Counted, Counters};
use super::limits::DEVICES_MAX;
use crate::session::states::FailedSignIn;

/// One kind of thing that went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A sign-in failed.
    SignIn(FailedSignIn),
    /// An enrolment code was not taken.
    Enrol(Option<UserId>, EnrolFault),
    /// Bytes no client of ours sends: where, as a number that orders, and what in a word of ours.
    BadInput(Stage, &'static str),
    /// More kinds than can be told apart.
    Many,
}

/// [`BadInputStage`] with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Certificate, protocol, version.
    Handshake,
    /// A frame's length or shape.
    Frame,
    /// A command's bytes.
    Command,
    /// A frame out of its turn.
    Sequence,
    /// A limit of the connection.
    Limit,
}

impl From<Stage> for BadInputStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Handshake => Self::Handshake,
            Stage::Frame => Self::Frame,
            Stage::Command => Self::Command,
            Stage::Sequence => Self::Sequence,
            Stage::Limit => Self::Limit,
        }
    }
}

type Key = (Option<DeviceId>, CorrelationId, Fault);

/// Counts and ids of everything that went wrong.
#[derive(Debug)]
pub struct Faults {
    /// Of devices.
    counters: Counters<Key>,
    /// Of those who showed none: however much they do wrong, it hides nothing a device does.
    strangers: Counters<Key>,
    rows: BTreeMap<DeviceId, CorrelationId>,
    stranger_rows: BTreeMap<Fault, CorrelationId>,
}

impl Default for Faults {
    fn default() -> Self {
        let overflow = (None, CorrelationId(0), Fault::Many);
        Self {
            counters: Counters::new(overflow),
            strangers: Counters::new(overflow),
            rows: BTreeMap::new(),
            stranger_rows: BTreeMap::new(),
        }
    }
}

impl Faults {
    /// The id to quote for this device's failures in a row; `fresh` becomes it when a row begins.
    pub fn correlation(&mut self, device: DeviceId, fresh: CorrelationId) -> CorrelationId {
        if self.rows.len() >= DEVICES_MAX && !self.rows.contains_key(&device) {
            self.rows.pop_first();
        }
        *self.rows.entry(device).or_insert(fresh)
    }

    /// The id of what strangers do wrong in this way: as many as there are words for it; `fresh` becomes it at the first.
    pub fn stranger_correlation(&mut self, fault: Fault, fresh: CorrelationId) -> CorrelationId {
        *self.stranger_rows.entry(fault).or_insert(fresh)
    }

    /// A success ends the row: the next failure gets an id of its own.
    pub fn row_ended(&mut self, device: DeviceId) {
        self.rows.remove(&device);
    }

    /// One more; what is to be recorded now, if it is the first of its kind.
    pub fn note(
        &mut self,
        device: Option<DeviceId>,
        correlation: CorrelationId,
        fault: Fault,
        now_ns: u64,
        wall: Timestamp,
    ) -> Option<Input> {
        let counters = if device.is_some() { &mut self.counters } else { &mut self.strangers };
        counters.note((device, correlation, fault), now_ns, wall).map(input)
    }

    /// What was held back long enough.
    pub fn due(&mut self, now_ns: u64) -> Vec<Input> {
        let strangers = self.strangers.due(now_ns);
        self.counters.due(now_ns).into_iter().chain(strangers).map(input).collect()
    }

    /// Everything held back: the server stops.
    pub fn flush(&mut self) -> Vec<Input> {
        let strangers = self.strangers.flush();
        self.counters.flush().into_iter().chain(strangers).map(input).collect()
    }
}

/// As the engine takes it.
fn input(counted: Counted<Key>) -> Input {
    let Counted { key: (device, correlation, fault), count, first, .. } = counted;
    let bad = |stage: BadInputStage, word: &str| {
        let origin = Origin { actor: Actor::Engine, device, session: None, source: None, correlation };
        let event = Event::BadInput(BadInput { stage, fault: word.into(), count });
        Input::Note(origin, Box::new(event))
    };
    match fault {
        Fault::SignIn(FailedSignIn { user, fault }) => {
            Input::Session(SessionInput::Failed { user, device, fault, count, first, source: None, correlation })
        }
        Fault::Enrol(user, fault) => {
            let origin = Origin { actor: Actor::Engine, device, session: None, source: None, correlation };
            Input::Note(origin, Box::new(Event::EnrolmentFailed(EnrolmentFailed { user, fault, count })))
        }
        Fault::BadInput(stage, word) => bad(stage.into(), word),
        Fault::Many => bad(BadInputStage::Limit, "many_kinds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use turret_shared::event::session::SignInFault;

    #[test]
    fn the_id_of_a_row_does_not_tell_causes_apart() {
        let mut faults = Faults::default();
        let device = DeviceId(2);
        let first = faults.correlation(device, CorrelationId(10));
        assert_eq!(faults.correlation(device, CorrelationId(11)), first);
        assert_ne!(faults.correlation(DeviceId(3), CorrelationId(12)), first);
        let unknown = Fault::SignIn(FailedSignIn { user: None, fault: SignInFault::UnknownUser });
        let wrong = Fault::SignIn(FailedSignIn { user: Some(UserId(1)), fault: SignInFault::Password });
        assert!(faults.note(Some(device), first, unknown, 0, Timestamp(0)).is_some());
        assert!(faults.note(Some(device), first, wrong, 0, Timestamp(0)).is_some(), "another cause is another fact");
        assert!(faults.note(Some(device), first, wrong, 0, Timestamp(0)).is_none());
        assert_eq!(faults.flush().len(), 1);
        faults.row_ended(device);
        assert_eq!(faults.correlation(device, CorrelationId(13)), CorrelationId(13));
    }

    #[test]
    fn a_flood_of_strangers_is_a_few_facts_and_hides_no_device() {
        let mut faults = Faults::default();
        let mut told = 0_u32;
        for n in 0..100_000 {
            let fault = Fault::BadInput(Stage::Handshake, if n % 2 == 0 { "refused" } else { "too_slow" });
            let row = faults.stranger_correlation(fault, CorrelationId(n));
            told += u32::from(faults.note(None, row, fault, 0, Timestamp(0)).is_some());
            // From ever another source, a row each.
            let code = Fault::Enrol(None, EnrolFault::Unknown);
            told += u32::from(faults.note(None, CorrelationId(1_000_000 + n), code, 0, Timestamp(0)).is_some());
        }
        assert!(told <= 2 + u32::try_from(crate::guard::limits::COUNTED_KEYS_MAX).unwrap(), "{told}");
        let wrong = Fault::SignIn(FailedSignIn { user: Some(UserId(1)), fault: SignInFault::Password });
        let of_device = faults.note(Some(DeviceId(2)), CorrelationId(5), wrong, 0, Timestamp(0));
        assert!(matches!(of_device, Some(Input::Session(SessionInput::Failed { user: Some(_), .. }))), "{of_device:?}");
    }
}
