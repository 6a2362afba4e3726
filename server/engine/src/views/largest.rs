//! The largest open orders that someone may see, by who is bound and by account; it must judge none of them.

use alloc::collections::BTreeMap;

use turret_shared::denial::{Figure, Rule};
use turret_shared::ids::{AccountId, UserId};
use turret_shared::money::{Currency, Qty};
use turret_shared::role::{Permission, Role};

use super::questions::sees;
use crate::State;
use crate::exact::Exact;
use crate::state::books::AccountBook;

/// The largest quantity and the largest notional, of one order or of two.
#[derive(Debug, Clone, Copy)]
struct Most {
    qty: Qty,
    notional: Exact,
}

impl Most {
    fn figure(self, rule: Rule, currency: Currency) -> Option<Figure> {
        match rule {
            Rule::MaxQuantity => Some(Figure::Qty(self.qty)),
            Rule::MaxNotional => Some(Figure::Money(self.notional.to_money_ceiling(), currency)),
            _ => None,
        }
    }

    fn or(self, other: Self) -> Self {
        Self { qty: self.qty.max(other.qty), notional: self.notional.max(other.notional) }
    }
}

/// Of everything open on some accounts.
#[derive(Debug, Default)]
pub(super) struct Largest {
    roles: BTreeMap<(Role, Currency), Most>,
    accounts: BTreeMap<AccountId, Most>,
}

impl Largest {
    /// Nothing for whoever may see no orders.
    pub(super) fn seen_by(state: &State, user: UserId, books: &[&AccountBook]) -> Self {
        let mut largest = Self::default();
        let seen = books.iter().filter(|book| sees(state, user, Permission::OrderRead, book.info.id));
        let seen: BTreeMap<AccountId, Currency> = seen.map(|book| (book.info.id, book.info.currency)).collect();
        if seen.is_empty() {
            return largest;
        }
        for order in state.open_orders().into_iter().filter_map(|place| state.orders.at(place)) {
            let Some(currency) = seen.get(&order.account) else { continue };
            let multiplier = state.books.position(order.position).map_or(1, |position| position.multiplier);
            let notional = Exact::product(order.reserve_px, order.qty, multiplier);
            let one = Most { qty: order.qty, notional };
            let most = largest.accounts.entry(order.account).or_insert(one);
            *most = most.or(one);
            if let Some(role) = state.access().role(order.owner) {
                let most = largest.roles.entry((role, *currency)).or_insert(one);
                *most = most.or(one);
            }
        }
        largest
    }

    /// Of those that people of a role entered.
    pub(super) fn of_role(&self, rule: Rule, role: Role, currency: Currency) -> Option<Figure> {
        self.roles.get(&(role, currency)).and_then(|most| most.figure(rule, currency))
    }

    /// Of those of an account.
    pub(super) fn of_account(&self, rule: Rule, book: &AccountBook) -> Option<Figure> {
        self.accounts.get(&book.info.id).and_then(|most| most.figure(rule, book.info.currency))
    }
}
