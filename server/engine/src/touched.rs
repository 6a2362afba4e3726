//! Which rows of the screens an event changed, for the feed; call it after the state has folded the event.

use alloc::vec::Vec;

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::approval::{ApprovalJudged, ApprovalVoided};
use turret_shared::event::setup::EntitlementScope;
use turret_shared::ids::{AccountId, ExecId, InstrumentId, OrderId, SessionId, UserId};

use crate::State;
use crate::access::AccessView;

/// Rows an event changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// The account all the rows belong to: who sees it sees them.
    pub account: Option<AccountId>,
    /// Orders.
    pub orders: Vec<OrderId>,
    /// Executions.
    pub fills: Vec<ExecId>,
    /// Positions.
    pub positions: Vec<(AccountId, InstrumentId)>,
    /// The account's own row changed.
    pub account_row: bool,
    /// A listing changed: its row for everyone.
    pub listing: Option<InstrumentId>,
    /// Trading states changed: of one listing, or of all (`Some(None)`).
    pub trading: Option<Option<InstrumentId>>,
    /// The venue link changed.
    pub link: bool,
    /// The published [`AccessView`] changed: compare what each session saw before and now (snapshot or purge).
    pub access: bool,
    /// A session that ended: tell its connection.
    pub ended: Option<SessionId>,
    /// A person's row (role, desk).
    pub user: Option<UserId>,
}

impl State {
    /// Rows that `event`, folded already, changed.
    #[must_use]
    pub fn touched(&self, head: &Head, event: &Event) -> Touched {
        let mut touched = Touched { access: AccessView::is_changed_by(event), ..Touched::default() };
        match event {
            Event::OrderNew(_) => self.touch_order(&mut touched, OrderId::new(head.sequence, 0), true),
            Event::OrderDenied(_) => self.touch_order(&mut touched, OrderId::new(head.sequence, 0), false),
            Event::Amend(e) => self.touch_order(&mut touched, e.terms.order, true),
            Event::Cancel(e) => self.touch_order(&mut touched, e.order, false),
            Event::InDoubt(e) => self.touch_order(&mut touched, e.order, false),
            Event::DoubtResolved(e) => self.touch_order(&mut touched, e.order, true),
            Event::Trade(e) => {
                self.touch_order(&mut touched, e.order, true);
                touched.fills.push(ExecId::new(head.sequence, 0));
            }
            Event::Bust(e) => {
                self.touch_order(&mut touched, e.order, true);
                touched.fills.push(e.trade);
            }
            Event::Correct(e) => {
                self.touch_order(&mut touched, e.order, true);
                touched.fills.push(e.trade);
            }
            Event::ApprovalJudged(ApprovalJudged { order: Some(order), .. })
            | Event::ApprovalVoided(ApprovalVoided { order: Some(order), .. }) => {
                self.touch_order(&mut touched, *order, true);
            }
            Event::VenueSession(_) => touched.trading = Some(None),
            Event::Halt(e) => touched.trading = Some(Some(e.instrument)),
            Event::VenueLink(_) | Event::Started(_) => touched.link = true,
            Event::SessionEnded(e) => touched.ended = Some(e.session),
            other => self.touch_rest(&mut touched, head, other),
        }
        touched
    }

    fn touch_rest(&self, touched: &mut Touched, head: &Head, event: &Event) {
        match event {
            Event::CashMoved(e) => self.touch_account(touched, e.account),
            Event::AccountOpened(e) => self.touch_account(touched, e.account.id),
            Event::PositionOpened(e) => {
                self.touch_account(touched, e.account);
                touched.positions.push((e.account, e.instrument));
            }
            Event::InstrumentListed(e) => touched.listing = Some(e.instrument.id),
            Event::UserCreated(e) => touched.user = Some(e.user),
            Event::RoleSet(e) => touched.user = Some(e.user),
            Event::ComposedRoleSet(e) => touched.user = Some(e.user),
            Event::EntitlementSet(e) => {
                if let EntitlementScope::Account(account) = e.scope {
                    touched.account = Some(account);
                }
            }
            venue if venue.mark().is_some() => {
                let order = venue.object(head).filter(|o| o.kind == turret_shared::entry::ObjectKind::Order);
                if let Some(order) = order {
                    self.touch_order(touched, OrderId(order.id), true);
                }
            }
            _ => {}
        }
    }

    fn touch_account(&self, touched: &mut Touched, account: AccountId) {
        touched.account = Some(account);
        touched.account_row = self.books.account(account).is_some();
    }

    /// An order, and with `amounts` also its position and account.
    fn touch_order(&self, touched: &mut Touched, id: OrderId, amounts: bool) {
        let Some((_, order)) = self.orders.find(id) else { return };
        touched.account = Some(order.account);
        touched.orders.push(id);
        if amounts {
            touched.positions.push((order.account, order.instrument));
            touched.account_row = true;
        }
    }
}
