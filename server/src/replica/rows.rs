//! Which rows changed and since when, for feeds that follow and sessions that resume; it must hold no row's content.

use std::collections::VecDeque;

use turret_shared::ids::{AccountId, ExecId, InstrumentId, OrderId, Sequence, SessionId, UserId};
use turret_shared::own::OwnChange;
use turret_shared::time::Timestamp;

use crate::sequencer::limits::RESUME_ROWS_MAX;

/// One row of what a session sees. The order of the variants is the order rows are sent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// An account that is not theirs any more.
    Purge(AccountId),
    /// Up or down.
    VenueLink,
    /// A listing.
    Instrument(InstrumentId),
    /// Its trading state.
    Trading(InstrumentId),
    /// A person.
    User(UserId),
    /// An account.
    Account(AccountId),
    /// An order.
    Order(AccountId, OrderId),
    /// An execution.
    Fill(AccountId, ExecId),
    /// A position.
    Position(AccountId, InstrumentId),
    /// An alert of surveillance.
    Alert(Sequence),
    /// Something of a person's own changed: whose, when, what, and by which session, which knows already.
    Own(UserId, Timestamp, OwnChange, Option<SessionId>),
    /// What waits for a second person.
    Approvals,
}

impl Row {
    /// Whose it is; `None` for what everyone may see.
    pub(crate) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Account(account)
            | Self::Order(account, _)
            | Self::Fill(account, _)
            | Self::Position(account, _)
            | Self::Purge(account) => Some(account),
            Self::VenueLink
            | Self::Instrument(_)
            | Self::Trading(_)
            | Self::User(_)
            | Self::Alert(_)
            | Self::Approvals
            | Self::Own(..) => None,
        }
    }
}

/// The rows changed of late, so that a session that was away for a moment needs no snapshot.
#[derive(Debug)]
pub(crate) struct RecentRows {
    rows: VecDeque<(Sequence, Row)>,
    /// Every change behind this sequence is held.
    whole_from: Sequence,
    /// Somebody's rights changed last before this sequence.
    rights_from: Sequence,
}

impl RecentRows {
    /// Holding nothing, at `next` (the sequence the next entry gets).
    pub(crate) const fn new(next: Sequence) -> Self {
        Self { rows: VecDeque::new(), whole_from: next, rights_from: next }
    }

    /// The entry at `sequence` changed this row.
    pub(crate) fn push(&mut self, sequence: Sequence, row: Row) {
        if self.rows.len() >= RESUME_ROWS_MAX
            && let Some((dropped, _)) = self.rows.pop_front()
        {
            self.whole_from = Sequence(dropped.0.saturating_add(1));
        }
        self.rows.push_back((sequence, row));
    }

    /// What changed is not known any more: whoever resumes from before it starts afresh.
    pub(crate) fn cut(&mut self, next: Sequence) {
        self.rows.clear();
        self.whole_from = next;
    }

    /// Somebody's rights changed: whoever resumes from before it must say that their own are what they were.
    pub(crate) const fn rights_changed(&mut self, next: Sequence) {
        self.rights_from = next;
    }

    /// Every row changed behind `have`; `None` when not all of them are held any more, or when rights changed since and
    /// the one who asks is not known to have the `same_rights` as then.
    pub(crate) fn since(&self, have: Sequence, same_rights: bool) -> Option<impl Iterator<Item = Row> + '_> {
        let from = Sequence(have.0.saturating_add(1));
        if from < self.whole_from || (!same_rights && from < self.rights_from) {
            return None;
        }
        let start = self.rows.partition_point(|(sequence, _)| *sequence < from);
        Some(self.rows.range(start..).map(|(_, row)| *row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missed_is_told_or_known_to_be_gone() {
        let mut recent = RecentRows::new(Sequence(10));
        for sequence in 10..20 {
            recent.push(Sequence(sequence), Row::Account(AccountId(u32::try_from(sequence).unwrap_or(0))));
        }
        let since: Option<Vec<_>> = recent.since(Sequence(17), false).map(Iterator::collect);
        assert_eq!(since, Some(vec![Row::Account(AccountId(18)), Row::Account(AccountId(19))]));
        assert!(recent.since(Sequence(9), false).is_some());
        assert!(recent.since(Sequence(8), true).is_none());
        recent.rights_changed(Sequence(15));
        assert!(recent.since(Sequence(13), false).is_none());
        assert_eq!(recent.since(Sequence(13), true).map(Iterator::count), Some(6));
        assert_eq!(recent.since(Sequence(14), false).map(Iterator::count), Some(5));
        recent.cut(Sequence(20));
        assert!(recent.since(Sequence(18), true).is_none());
        assert_eq!(recent.since(Sequence(19), false).map(Iterator::count), Some(0));
    }
}
