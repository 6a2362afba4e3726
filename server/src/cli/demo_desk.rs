//! The desk of the demonstration: people, accounts, limits and positions as facts of set-up; it must hold no secret.

use turret_shared::account::{Account, OrderCapacity, Rights};
use turret_shared::denial::Rule;
use turret_shared::event::Event;
use turret_shared::event::setup::{
    AccountOpened, CashMoved, DeskOpened, EntitlementScope, EntitlementSet, InstrumentListed, PositionOpened,
    RestrictedSet, RoleSet, UserCreated,
};
use turret_shared::ids::{AccountId, DeskId, UserId};
use turret_shared::instrument::Instrument;
use turret_shared::money::{Currency, Money, Qty};
use turret_shared::role::Role;

use super::first_limits;

/// A person of the demonstration.
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) login: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) desk: Option<DeskId>,
}

/// A client account of the demonstration.
struct Client {
    id: AccountId,
    code: &'static str,
    name: &'static str,
    desk: DeskId,
    cash: i64,
    /// Symbol and whole units held.
    holds: &'static [(&'static str, i64)],
}

const EQ1: DeskId = DeskId(1);
const EQ2: DeskId = DeskId(2);

/// Everyone, in the order of their numbers.
pub(super) const PEOPLE: [Person; 6] = [
    person(1, "ann.lee", "Ann Lee", Role::Broker, Some(EQ1)),
    person(2, "bob.ray", "Bob Ray", Role::Broker, Some(EQ2)),
    person(3, "kim.ito", "Kim Ito", Role::Supervisor, Some(EQ1)),
    person(4, "sam.wood", "Sam Wood", Role::Admin, None),
    person(5, "mia.ortiz", "Mia Ortiz", Role::Support, None),
    person(6, "eva.koch", "Eva Koch", Role::Customer, None),
];

const fn person(user: u32, login: &'static str, name: &'static str, role: Role, desk: Option<DeskId>) -> Person {
    Person { user: UserId(user), login, name, role, desk }
}

const CLIENTS: [Client; 6] = [
    client(1, "A1001", "Alder Family Trust", EQ1, 1_000_000, &[("AAPL", 1_200), ("MSFT", 500), ("PFE", 3_000)]),
    client(2, "A1002", "Birch Pension Fund", EQ1, 2_500_000, &[("NVDA", 800), ("SPY", 2_000)]),
    client(3, "A1003", "Cedar Capital LP", EQ1, 400_000, &[("TSLA", 300)]),
    client(4, "A2001", "Dogwood Partners", EQ2, 1_500_000, &[("AAPL", 2_000)]),
    client(5, "A2002", "Elm Street Advisors", EQ2, 750_000, &[("MSFT", 900)]),
    client(6, "A9001", "Eva Koch", EQ1, 60_000, &[("AAPL", 40), ("PFE", 200)]),
];

const fn client(
    id: u32,
    code: &'static str,
    name: &'static str,
    desk: DeskId,
    cash: i64,
    holds: &'static [(&'static str, i64)],
) -> Client {
    Client { id: AccountId(id), code, name, desk, cash, holds }
}

/// How many times richer the accounts of a load test are.
const LOAD_TEST_CASH: i64 = 1_000_000;
/// On the restricted list.
const RESTRICTED: &str = "SIRI";

/// Client names, for the vault.
pub(super) fn client_names() -> impl Iterator<Item = (AccountId, &'static str)> {
    CLIENTS.iter().map(|client| (client.id, client.name))
}

/// Desks, listings, accounts, people, limits, cash and positions, in an order in which each names only what is there.
/// `unthrottled` leaves out the limits a load test would only ever meet.
pub(super) fn events(listings: &[Instrument], unthrottled: bool) -> Vec<Event> {
    let mut events = vec![
        Event::DeskOpened(DeskOpened { desk: EQ1, code: "EQ1".to_owned() }),
        Event::DeskOpened(DeskOpened { desk: EQ2, code: "EQ2".to_owned() }),
    ];
    events.extend(listings.iter().map(|one| Event::InstrumentListed(InstrumentListed { instrument: one.clone() })));
    events.extend(CLIENTS.iter().map(open_account));
    for person in &PEOPLE {
        events.push(Event::UserCreated(UserCreated { user: person.user, desk: person.desk }));
        events.push(Event::RoleSet(RoleSet { user: person.user, role: Some(person.role) }));
    }
    events.extend(entitlements());
    let throttles = |event: &Event| matches!(event, Event::LimitSet(limit) if matches!(limit.rule, Rule::OrderRate | Rule::DuplicateOrder));
    events.extend(first_limits::all().into_iter().filter(|event| !(unthrottled && throttles(event))));
    for client in &CLIENTS {
        let cash = if unthrottled { client.cash.saturating_mul(LOAD_TEST_CASH) } else { client.cash };
        events.push(Event::CashMoved(CashMoved { account: client.id, amount: dollars(cash) }));
        events.extend(client.holds.iter().filter_map(|(symbol, units)| position(client.id, symbol, *units, listings)));
    }
    events.extend(
        listings
            .iter()
            .filter(|one| one.symbol == RESTRICTED)
            .map(|one| Event::RestrictedSet(RestrictedSet { instrument: one.id, restricted: true })),
    );
    events
}

fn open_account(client: &Client) -> Event {
    Event::AccountOpened(AccountOpened {
        account: Account {
            id: client.id,
            code: client.code.to_owned(),
            desk: client.desk,
            currency: Currency::USD,
            capacity: OrderCapacity::Agency,
        },
    })
}

fn entitlements() -> Vec<Event> {
    let trade = Rights::VIEW.with(Rights::TRADE).with(Rights::ALLOCATE);
    let watch = Rights::VIEW.with(Rights::APPROVE);
    let desk = |user, desk, allow| entitle(user, EntitlementScope::Desk(desk), allow, Rights::default());
    let one = |user, account, allow| entitle(user, EntitlementScope::Account(account), allow, Rights::default());
    vec![
        desk(UserId(1), EQ1, trade),
        desk(UserId(2), EQ2, trade),
        desk(UserId(3), EQ1, watch),
        desk(UserId(5), EQ1, Rights::VIEW),
        desk(UserId(5), EQ2, Rights::VIEW),
        one(UserId(6), AccountId(6), Rights::VIEW.with(Rights::TRADE)),
        // The customer's account is served by the desk, but the desk's broker does not trade it.
        entitle(UserId(1), EntitlementScope::Account(AccountId(6)), Rights::default(), trade),
    ]
}

fn entitle(user: UserId, scope: EntitlementScope, allow: Rights, deny: Rights) -> Event {
    Event::EntitlementSet(EntitlementSet { user, scope, allow, deny })
}

fn position(account: AccountId, symbol: &str, units: i64, listings: &[Instrument]) -> Option<Event> {
    let listing = listings.iter().find(|one| one.symbol == symbol)?;
    Some(Event::PositionOpened(PositionOpened {
        account,
        instrument: listing.id,
        qty: whole(units),
        avg_cost: listing.reference,
    }))
}

pub(super) const fn dollars(whole: i64) -> Money {
    Money(whole.saturating_mul(10_000))
}

pub(super) const fn whole(units: i64) -> Qty {
    Qty(units.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_named_is_listed() {
        let listings = crate::listings::listings();
        for client in &CLIENTS {
            for (symbol, units) in client.holds {
                assert!(position(client.id, symbol, *units, &listings).is_some(), "{symbol}");
            }
        }
        assert!(listings.iter().any(|one| one.symbol == RESTRICTED));
    }
}
