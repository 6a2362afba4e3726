//! The facts a desk in memory starts from: two desks, five accounts, six people, four listings; it must match no real one.

use turret_shared::account::{Account, OrderCapacity, Rights};
use turret_shared::assertion::{Attested, Registration};
use turret_shared::command::Environment;
use turret_shared::composed::{ComposedRole, Permissions};
use turret_shared::denial::Rule;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::keys::KeyRegistered;
use turret_shared::event::setup::{
    AccountOpened, CashMoved, CredentialActivated, CredentialKind, DeskOpened, DeviceRegistered, EntitlementScope,
    EntitlementSet, Genesis, InstrumentListed, LimitScope, LimitSet, Policy, PolicySet, PositionOpened, RestrictedSet,
    RoleSet, UserCreated,
};
use turret_shared::ids::{AccountId, CredentialId, DeskId, DeviceId, InstrumentId, UserId};
use turret_shared::instrument::{Instrument, InstrumentKind};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::role::{Permission, Role};

/// A broker of desk EQ1.
pub const ANN: UserId = UserId(1);
/// A broker of desk EQ2.
pub const BOB: UserId = UserId(2);
/// The supervisor of EQ1.
pub const KIM: UserId = UserId(3);
/// An administrator.
pub const SAM: UserId = UserId(4);
/// Support.
pub const MIA: UserId = UserId(5);
/// A customer with account A9001.
pub const EVA: UserId = UserId(6);
/// Everyone, with role and desk.
pub const PEOPLE: [(UserId, Role, Option<u16>); 6] = [
    (ANN, Role::Broker, Some(0)),
    (BOB, Role::Broker, Some(1)),
    (KIM, Role::Supervisor, Some(0)),
    (SAM, Role::Admin, None),
    (MIA, Role::Support, None),
    (EVA, Role::Customer, None),
];
/// Account ids, codes and desks.
pub const ACCOUNTS: [(u32, &str, u16); 4] = [(1, "A1001", 0), (2, "A1002", 0), (3, "A2001", 1), (4, "A9001", 1)];
/// Listing ids, symbols, reference prices in whole dollars, multiplier.
pub const LISTINGS: [(u32, &str, i64, u32); 4] =
    [(0, "AAPL", 190, 1), (1, "MSFT", 191, 1), (2, "RSTR", 50, 1), (3, "ESZ6", 190, 50)];

/// Whole units.
#[must_use]
pub const fn qty(units: i64) -> Qty {
    Qty(units * Qty::ONE.0)
}

/// Cents.
#[must_use]
pub const fn px(cents: i64) -> Price {
    Price(cents * 10_000_000)
}

/// Whole dollars.
#[must_use]
pub const fn usd(dollars: i64) -> Money {
    Money(dollars * Money::ONE.0)
}

/// The device and the time-based credential of a person: the same number.
#[must_use]
pub const fn device_of(user: UserId) -> (DeviceId, CredentialId) {
    (DeviceId(user.0), CredentialId(user.0))
}

/// The password credential of a person.
#[must_use]
pub const fn password_of(user: UserId) -> CredentialId {
    CredentialId(100 + user.0)
}

/// A security key as it is registered; nothing in it verifies.
#[must_use]
pub fn security_key(credential: CredentialId, user: UserId) -> KeyRegistered {
    KeyRegistered {
        credential,
        user,
        id: credential.0.to_be_bytes().to_vec(),
        public: vec![1; 77],
        aaguid: [2; 16],
        counter: 3,
        registration: Registration { auth_data: vec![3; 148], format: "none".into(), statement: vec![0xA0] },
        attested: Attested::Not,
        nonce: Digest([4; 32]),
        channel: Digest([5; 32]),
    }
}

/// Every fact, in order.
#[must_use]
pub fn facts() -> Vec<Event> {
    let mut facts = vec![Event::Genesis(Genesis {
        origin: "turret.test".into(),
        environment: Environment::Sim,
        seed: Digest([7; 32]),
        demo: false,
    })];
    for (id, code) in [(0, "EQ1"), (1, "EQ2")] {
        facts.push(Event::DeskOpened(DeskOpened { desk: DeskId(id), code: code.into() }));
    }
    facts.extend(LISTINGS.iter().map(|(id, symbol, dollars, multiplier)| listing(*id, symbol, *dollars, *multiplier)));
    facts.push(Event::RestrictedSet(RestrictedSet { instrument: InstrumentId(2), restricted: true }));
    for (id, code, desk) in ACCOUNTS {
        let account = Account {
            id: AccountId(id),
            code: code.into(),
            desk: DeskId(desk),
            currency: Currency::USD,
            capacity: OrderCapacity::Agency,
        };
        facts.push(Event::AccountOpened(AccountOpened { account }));
        facts.push(Event::CashMoved(CashMoved { account: AccountId(id), amount: usd(1_000_000) }));
    }
    facts.push(Event::PositionOpened(PositionOpened {
        account: AccountId(1),
        instrument: InstrumentId(0),
        qty: qty(1_200),
        avg_cost: px(15_000),
    }));
    facts.extend(PEOPLE.iter().flat_map(|(user, role, desk)| person(*user, *role, *desk)));
    facts.extend(limits());
    facts
}

fn listing(id: u32, symbol: &str, dollars: i64, multiplier: u32) -> Event {
    Event::InstrumentListed(InstrumentListed {
        instrument: Instrument {
            id: InstrumentId(id),
            symbol: symbol.into(),
            name: format!("{symbol} Inc"),
            mic: "XSIM".into(),
            isin: String::new(),
            currency: Currency::USD,
            kind: if multiplier > 1 { InstrumentKind::Future } else { InstrumentKind::Equity },
            tick: px(1),
            lot: qty(1),
            multiplier,
            reference: px(dollars * 100),
            zone: "America/New_York".into(),
        },
    })
}

fn person(user: UserId, role: Role, desk: Option<u16>) -> Vec<Event> {
    let (device, credential) = device_of(user);
    let watch = Rights::VIEW.with(Rights::APPROVE);
    let (scope, allow) = match role {
        Role::Broker => (desk.map(|d| EntitlementScope::Desk(DeskId(d))), Rights::VIEW.with(Rights::TRADE)),
        Role::Supervisor => (desk.map(|d| EntitlementScope::Desk(DeskId(d))), watch),
        Role::Customer => (Some(EntitlementScope::Account(AccountId(4))), Rights::VIEW.with(Rights::TRADE)),
        Role::Support => (Some(EntitlementScope::Desk(DeskId(0))), Rights::VIEW),
        Role::Admin => (None, Rights::default()),
    };
    let (kind, password) = (CredentialKind::Totp, CredentialKind::Password);
    let mut facts = vec![
        Event::UserCreated(UserCreated { user, desk: desk.map(DeskId) }),
        Event::RoleSet(RoleSet { user, role: Some(role) }),
        Event::DeviceRegistered(DeviceRegistered { device, user, key: Digest([1; 32]) }),
        Event::CredentialActivated(CredentialActivated { credential, user, kind, version: 1 }),
        Event::CredentialActivated(CredentialActivated {
            credential: password_of(user),
            user,
            kind: password,
            version: 1,
        }),
    ];
    facts.extend(
        scope.map(|scope| Event::EntitlementSet(EntitlementSet { user, scope, allow, deny: Rights::default() })),
    );
    facts
}

fn limits() -> Vec<Event> {
    let mut facts = Vec::new();
    for (role, notional, threshold) in [(Role::Broker, 250_000, 100_000), (Role::Customer, 50_000, 10_000)] {
        let scope = LimitScope::Role(role);
        for (rule, value) in [
            (Rule::MaxNotional, usd(notional).0),
            (Rule::MaxQuantity, qty(4_000).0),
            (Rule::PriceCollar, 500),
            (Rule::OrderRate, 60),
            (Rule::DuplicateOrder, 5_000),
        ] {
            facts.push(Event::LimitSet(LimitSet { scope, rule, value: Some(value) }));
        }
        for (policy, dollars) in [(Policy::StepUpNotional, threshold), (Policy::StepUpShortNotional, 20_000)] {
            facts.push(Event::PolicySet(PolicySet { policy, role, value: Some(usd(dollars).0) }));
        }
    }
    facts
}

/// A role of the house's own: a broker who enters and amends nothing.
///
/// # Panics
/// Never: its code is one.
#[must_use]
pub fn junior() -> ComposedRole {
    let permissions = Permissions::of(Role::Broker).without(Permission::OrderEnter).without(Permission::OrderAmend);
    ComposedRole { code: "JUNIOR".parse().expect("a code"), base: Role::Broker, permissions }
}
