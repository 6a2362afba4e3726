//! What the orders of one decision take of accounts and rules before the state knows them; it must judge nothing.

use alloc::vec::Vec;

use turret_shared::ids::{AccountId, InstrumentId};

use crate::exact::Exact;
use crate::state::position::{Open, Recent};

/// What the orders of the same decision already take: one proof may let several through.
#[derive(Debug, Default)]
pub(crate) struct Also {
    taken: Vec<Taken>,
    recent: Vec<(AccountId, InstrumentId, Recent)>,
    pub(crate) rate: u64,
}

#[derive(Debug)]
struct Taken {
    account: AccountId,
    instrument: InstrumentId,
    open: Open,
    power: Exact,
}

impl Also {
    /// Nothing taken: nearly always.
    pub(crate) const fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    pub(crate) fn take(&mut self, account: AccountId, instrument: InstrumentId, open: Open, power: Exact) {
        self.taken.push(Taken { account, instrument, open, power });
        self.rate = self.rate.saturating_add(1);
    }

    pub(crate) fn remember(&mut self, account: AccountId, instrument: InstrumentId, recent: Recent) {
        self.recent.push((account, instrument, recent));
    }

    pub(crate) fn open(&self, account: AccountId, instrument: InstrumentId) -> Open {
        let same = self.taken.iter().filter(|t| t.account == account && t.instrument == instrument);
        same.fold(Open::default(), |sum, t| sum.plus(t.open))
    }

    pub(crate) fn power(&self, account: AccountId) -> Exact {
        self.taken.iter().filter(|t| t.account == account).fold(Exact::ZERO, |sum, t| sum.plus(t.power))
    }

    pub(crate) fn recent(&self, account: AccountId, instrument: InstrumentId) -> Vec<Recent> {
        let same = self.recent.iter().filter(|(a, i, _)| *a == account && *i == instrument);
        same.map(|(.., recent)| *recent).collect()
    }
}
