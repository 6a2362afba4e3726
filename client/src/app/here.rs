//! What the keys act on: the order, draft, listing, account under the cursor; it must name nothing that is not in sight.

use turret_shared::ids::{AccountId, ExecId, InstrumentId, OrderId};
use turret_shared::view::FillView;

use super::filter::Tab;
use super::ticket::Draft;
use super::{Model, Screen};

impl Model {
    /// The order the keys act on.
    #[must_use]
    pub fn order_here(&self) -> Option<OrderId> {
        match self.screen {
            Screen::Blotter => {
                let seen = self.detail.open || self.blotter.cursor_is_seen(&self.orders, &self.desk);
                self.blotter.cursor.filter(|_| seen)
            }
            Screen::Fills => self.chosen_fill().map(|fill| fill.order_id),
            Screen::Alerts => self.alerts.chosen().and_then(|alert| alert.order),
            _ => None,
        }
    }

    /// The draft under the cursor, where drafts are listed.
    #[must_use]
    pub fn draft_here(&self) -> Option<&Draft> {
        let listed = self.screen == Screen::Blotter && self.blotter.tab() == Tab::Drafts;
        self.drafts.get(self.blotter.draft).filter(|_| listed)
    }

    /// The listing the keys act on.
    #[must_use]
    pub fn listing(&self) -> Option<InstrumentId> {
        match self.screen {
            Screen::Quotes => self.quotes.picker.at,
            Screen::Positions => self.positions.at.map(|(_, instrument)| instrument),
            Screen::Fills => self.chosen_fill().map(|fill| fill.instrument),
            _ => self.order_here().and_then(|id| self.orders.get(id)).map(|row| row.instrument),
        }
    }

    /// The execution under the cursor.
    #[must_use]
    pub fn chosen_fill(&self) -> Option<&FillView> {
        self.fill(self.fills.at?)
    }

    /// An execution kept here.
    #[must_use]
    pub fn fill(&self, exec: ExecId) -> Option<&FillView> {
        let at = self.desk.fills.binary_search_by_key(&exec, |fill| fill.exec_id).ok()?;
        self.desk.fills.get(at)
    }

    /// The account the keys act on.
    #[must_use]
    pub fn account_here(&self) -> Option<AccountId> {
        match self.screen {
            Screen::Positions => self.positions.at.map(|(account, _)| account),
            Screen::Accounts => self.accounts.at,
            Screen::Fills => self.chosen_fill().map(|fill| fill.account),
            Screen::Alerts => {
                let of_order = self.order_here().and_then(|id| self.orders.get(id)).map(|row| row.account);
                of_order.or_else(|| self.alerts.chosen().and_then(|alert| alert.account))
            }
            _ => None,
        }
    }

    /// True when the cursor of the screen shown stands on something.
    pub(super) fn row_here(&self) -> bool {
        match self.screen {
            Screen::Accounts => self.accounts.at.is_some(),
            Screen::Audit => self.audit.chosen().is_some(),
            Screen::Users | Screen::Sessions | Screen::Devices => self.users.login_here(self.screen).is_some(),
            Screen::Approvals => self.approvals.chosen().is_some(),
            Screen::Denied => super::attempts::chosen(self).is_some(),
            Screen::Bans => super::bans::chosen(self).is_some(),
            Screen::House => super::house::chosen(self).is_some(),
            Screen::Limits => self.limits.chosen().is_some(),
            Screen::Alerts => self.alerts.chosen().is_some(),
            Screen::Blotter => self.order_here().is_some() || self.draft_here().is_some(),
            Screen::Quotes | Screen::Positions | Screen::Fills => self.listing().is_some(),
        }
    }
}
