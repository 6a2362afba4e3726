//! Workstations filled with made-up facts through their own messages: for pictures, properties and the load program.

mod drawing;

pub use self::drawing::{drawn, in_colour, painting, picture};

use turret_client::app::key::{Now, Press};
use turret_client::app::signin::Offered;
use turret_client::app::{Beginning, Colours, DemoPerson, Effect, Look, Model, Msg, update};
use turret_client::authenticator::Authenticator;
use turret_client::keymap::Keymap;
use turret_shared::account::{OrderCapacity, Rights};
use turret_shared::command::Environment;
use turret_shared::ids::{
    AccountId, ClOrdId, CorrelationId, DeskId, ExecId, InstrumentId, OrderId, Sequence, SessionId, UserId,
};
use turret_shared::instrument::{Instrument, InstrumentKind};
use turret_shared::money::{Currency, Money, Price, Qty};
use turret_shared::order::{ExecType, OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::people::PersonView;
use turret_shared::role::Role;
use turret_shared::secret::{SecretText, SessionToken};
use turret_shared::time::{NS_PER_MS, NS_PER_S, Timestamp};
use turret_shared::view::{
    AccountView, FillState, FillView, Level, OrderView, PositionView, QuoteView, TradeView, TradingState, UserView,
};
use turret_shared::wire::control::{SignedIn, Welcome};
use turret_shared::wire::feed::{FeedItem, FeedMessage};

/// 2026-03-12 14:31:40 UTC, the moment of the design's pictures.
pub const NOON: Timestamp = Timestamp(1_773_325_900 * NS_PER_S);

/// Rows in one feed message, about what a frame of the wire holds.
const ROWS_IN_A_MESSAGE: u32 = 250;

/// The seed of RFC 6238, appendix B.
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A moment of a test: the same wall time, `mono_ms` later on the other clock.
#[must_use]
pub const fn at(mono_ms: u64) -> Now {
    Now { mono_ms, wall: NOON }
}

fn price(text: &str) -> Price {
    Price::parse(text).unwrap_or_default()
}

fn qty(units: i64) -> Qty {
    Qty(units.saturating_mul(Qty::ONE.0))
}

/// Someone of desk EQ1.
#[must_use]
pub fn user(id: u32, login: &str, role: Role) -> UserView {
    let desk = matches!(role, Role::Broker | Role::Supervisor);
    UserView {
        user: UserId(id),
        login: login.into(),
        name: login.into(),
        role,
        desk: desk.then_some(DeskId(1)),
        desk_code: if desk { "EQ1".into() } else { String::new() },
    }
}

/// Somebody as an admin's list has them: with a second factor and a device, signed in nowhere.
#[must_use]
pub fn person(id: u32, login: &str, role: Option<Role>) -> PersonView {
    let desk = role == Some(Role::Broker);
    PersonView {
        user: UserId(id),
        login: login.into(),
        name: login.replace('.', " "),
        role,
        desk_code: if desk { "EQ1".into() } else { String::new() },
        second_factor: true,
        devices: 1,
        devices_locked: 0,
        sessions: 0,
        working: 0,
        last_in: None,
        failures: 0,
        desk: desk.then_some(DeskId(1)),
        password_expired: false,
        composed: None,
    }
}

/// A person whose password and codes a demo has at hand.
#[must_use]
pub fn demo_person() -> DemoPerson {
    DemoPerson {
        login: "ann.lee".into(),
        role: "broker",
        password: SecretText::new("correct horse battery".into()),
        authenticator: Authenticator::from_base32(SEED).ok(),
    }
}

/// A workstation at sign-in, welcomed by a simulator.
#[must_use]
pub fn at_sign_in(size: (u16, u16), ascii: bool) -> Model {
    let mut model = not_connected(size, ascii);
    welcomed(&mut model);
    model
}

/// A server as a profile tells of it.
#[must_use]
pub fn server(name: &str, address: &str, environment: Environment) -> Offered {
    Offered {
        name: name.into(),
        address: address.into(),
        environment,
        login: "ann.lee".into(),
        authority: vec![0x9F, 0x2C, 0, 0, 0xE7, 0x41],
        device: "ann-ws1".into(),
        certificate_ends: Some(NOON.after_ns((6 * 24 + 4) * 3_600 * NS_PER_S)),
    }
}

/// A workstation at sign-in, its connection under way.
#[must_use]
pub fn not_connected(size: (u16, u16), ascii: bool) -> Model {
    let begin = Beginning {
        servers: vec![server("demo", "127.0.0.1:7443", Environment::Sim)],
        demo: Vec::new(),
        look: Look { ascii, colours: if ascii { Colours::None } else { Colours::True }, ..Look::default() },
        size,
        keys: Keymap::default(),
        simulated_key: false,
        name_bits: 0x5eed,
    };
    Model::new(begin, at(0))
}

/// A demo's simulator welcomes it.
pub fn welcomed(model: &mut Model) {
    let welcome = Welcome {
        version: 1,
        origin: "turret.example/demo".into(),
        environment: Environment::Sim,
        data_source: "SIM".into(),
        demo: true,
        time: NOON,
        client_version_min: "0.1.0".into(),
    };
    update(model, Msg::Connected(Box::new(welcome)), at(0));
}

/// A workstation of a role, signed in, its feed empty.
#[must_use]
pub fn signed_in(role: Role, size: (u16, u16), ascii: bool) -> Model {
    came_in(role, size, ascii, false)
}

/// The same, with a code where the role takes a security key.
#[must_use]
pub fn signed_in_to_register(role: Role, size: (u16, u16), ascii: bool) -> Model {
    came_in(role, size, ascii, true)
}

fn came_in(role: Role, size: (u16, u16), ascii: bool, register_key: bool) -> Model {
    let mut model = at_sign_in(size, ascii);
    let login = match role {
        Role::Broker => "ann.lee",
        Role::Supervisor => "kim.ito",
        Role::Admin => "sam.wood",
        Role::Support => "mia.ortiz",
        Role::Customer => "eva.koch",
    };
    let signed = SignedIn {
        session: SessionId(1),
        token: SessionToken::new([0; 32]),
        user: user(1, login, role),
        idle_left_s: 900,
        absolute_left_s: 43_200,
        last_end: None,
        cache: None,
        register_key,
        composed: None,
    };
    update(&mut model, Msg::SignedIn(Box::new(signed)), at(0));
    model
}

/// Feeds items as one message.
pub fn feed(model: &mut Model, through: u64, items: Vec<FeedItem>) -> Vec<Effect> {
    update(model, Msg::Feed(Box::new(FeedMessage { through: Sequence(through), items, rights: None })), at(0))
}

/// Presses keys written as in the registry, 200 ms apart from `mono_ms` on; gives every effect.
pub fn press(model: &mut Model, keys: &str, mono_ms: u64) -> Vec<Effect> {
    let mut out = Vec::new();
    for (name, step) in keys.split_whitespace().zip(1_u64..) {
        if let Some(key) = Press::parse(name) {
            out.extend(update(model, Msg::Key(key), at(mono_ms.saturating_add(step.saturating_mul(200)))));
        }
    }
    out
}

/// Symbols with their last price, in the order of their ids from 1.
pub const LISTINGS: [(&str, &str, &str); 13] = [
    ("AAPL", "Apple Inc", "189.49"),
    ("AMD", "Advanced Micro Devices", "172.38"),
    ("AMZN", "Amazon.com", "178.12"),
    ("BRK.B", "Berkshire Hathaway B", "412.05"),
    ("CSCO", "Cisco Systems", "49.30"),
    ("F", "Ford Motor", "12.21"),
    ("INTC", "Intel", "31.15"),
    ("MSFT", "Microsoft", "418.15"),
    ("NVDA", "NVIDIA", "128.94"),
    ("ORCL", "Oracle", "126.90"),
    ("PFE", "Pfizer", "27.39"),
    ("SIRI", "Sirius XM", "3.21"),
    ("TSLA", "Tesla", "176.05"),
];

fn listing(id: u32, symbol: &str, name: &str, last: &str) -> Instrument {
    Instrument {
        id: InstrumentId(id),
        symbol: symbol.into(),
        name: name.into(),
        mic: "XNAS".into(),
        isin: "US0000000000".into(),
        currency: Currency::USD,
        kind: InstrumentKind::Equity,
        tick: price(if symbol == "SIRI" { "0.0005" } else { "0.01" }),
        lot: qty(1),
        multiplier: 1,
        reference: price(last),
        zone: "America/New_York".into(),
    }
}

fn account(id: u32, name: &str) -> AccountView {
    AccountView {
        account: AccountId(id),
        code: format!("A{id}"),
        name: name.into(),
        desk: DeskId(1),
        desk_code: "EQ1".into(),
        capacity: OrderCapacity::Agency,
        currency: Currency::USD,
        cash: Money(10_000_000_000),
        reserved: Money(947_500_000),
        buying_power: Money(9_052_500_000),
        rights: Rights::VIEW.with(Rights::TRADE),
    }
}

/// Names of the desk: listings, accounts, people.
#[must_use]
pub fn names() -> Vec<FeedItem> {
    let listings = LISTINGS
        .iter()
        .zip(1_u32..)
        .map(|((symbol, name, last), id)| FeedItem::Instrument(Box::new(listing(id, symbol, name, last))));
    let accounts = [(1001, "Northgate Pension"), (1002, "Harbour Trust"), (1003, "Cedar Family")]
        .into_iter()
        .map(|(id, name)| FeedItem::Account(Box::new(account(id, name))));
    let people = [(1, "ann.lee", Role::Broker), (2, "kim.ito", Role::Supervisor), (3, "raj.shah", Role::Supervisor)]
        .into_iter()
        .map(|(id, login, role)| FeedItem::User(Box::new(user(id, login, role))));
    listings.chain(accounts).chain(people).collect()
}

/// An order entered `sequence` milliseconds into the day's session, working unless changed.
#[must_use]
pub fn order(sequence: u64, instrument: u32, side: Side, units: i64, limit: &str) -> OrderView {
    let ms = i64::try_from(sequence).unwrap_or(0).saturating_mul(NS_PER_MS);
    let entered = Timestamp(NOON.0.saturating_sub(3_600 * NS_PER_S)).after_ns(ms);
    OrderView {
        order_id: OrderId::new(Sequence(sequence), 0),
        cl_ord_id: ClOrdId::new(&format!("T{sequence}-1")).unwrap_or_else(|_| unreachable!("plain")),
        orig_cl_ord_id: None,
        account: AccountId(1001),
        owner: UserId(1),
        instrument: InstrumentId(instrument),
        side,
        ord_type: OrdType::Limit,
        tif: TimeInForce::Day,
        order_qty: qty(units),
        price: Some(price(limit)),
        stop_px: None,
        cum_qty: Qty::ZERO,
        leaves_qty: qty(units),
        avg_px: None,
        ord_status: OrdStatus::New,
        exec_type: ExecType::New,
        working: true,
        in_doubt: false,
        entered,
        changed: entered,
        text: String::new(),
        note: String::new(),
        pending_qty: None,
        pending_price: None,
        denial: None,
        correlation: CorrelationId::from_bits(0x7F3A_19C2_0000 | sequence),
        sequence: Sequence(sequence),
        asked_by: None,
        pending_stop: None,
    }
}

/// The same, executed in part or whole at a price.
#[must_use]
pub fn executed(mut order: OrderView, units: i64, average: &str) -> OrderView {
    order.cum_qty = qty(units);
    order.leaves_qty = Qty(order.order_qty.0.saturating_sub(order.cum_qty.0));
    order.avg_px = Some(price(average));
    let whole = order.leaves_qty.is_zero();
    order.ord_status = if whole { OrdStatus::Filled } else { OrdStatus::PartiallyFilled };
    order.exec_type = ExecType::Trade;
    order.working = !whole;
    order
}

/// The same in another status.
#[must_use]
pub fn in_status(mut order: OrderView, status: OrdStatus, exec_type: ExecType) -> OrderView {
    order.ord_status = status;
    order.exec_type = exec_type;
    if !status.is_open() {
        order.leaves_qty = Qty::ZERO;
        order.working = false;
    }
    order
}

/// An execution of an order.
#[must_use]
pub fn fill(order: &OrderView, sequence: u64, units: i64, at_price: &str) -> FillView {
    FillView {
        exec_id: ExecId::new(Sequence(sequence), 0),
        order_id: order.order_id,
        account: order.account,
        instrument: order.instrument,
        side: order.side,
        last_qty: qty(units),
        last_px: price(at_price),
        removed: true,
        state: FillState::Good,
        exec_ref_id: None,
        was: None,
        time: order.entered.after_ns(4 * NS_PER_S),
        venue_exec: sequence,
        cum_qty: order.cum_qty,
        owner: order.owner,
    }
}

/// A market around a price, eight levels a side.
#[must_use]
pub fn quote(instrument: u32, bid: &str, ask: &str, last: &str) -> QuoteView {
    let tick = if instrument == 12 { 500_000 } else { 10_000_000 };
    let level = |from: Price, step: i64, size: i64| Level {
        price: Price(from.0.saturating_add(step.saturating_mul(tick))),
        qty: qty(size),
    };
    let sizes = [1_200, 3_300, 800, 2_700, 1_500, 4_200, 900, 5_000];
    QuoteView {
        instrument: InstrumentId(instrument),
        sequence: 1,
        time: NOON,
        bids: sizes.iter().zip(0_i64..).map(|(size, n)| level(price(bid), n.saturating_neg(), *size)).collect(),
        asks: sizes.iter().zip(0_i64..).map(|(size, n)| level(price(ask), n, size.saturating_sub(100))).collect(),
        last: Some(Level { price: price(last), qty: qty(100) }),
        open: Some(price(last)),
        high: Some(price(last)),
        low: Some(price(last)),
        prev_close: Some(price(last)),
        volume: qty(12_412_300),
        state: TradingState::Open,
    }
}

/// A broker's day as in the design's pictures: sixteen orders in every state, fills, positions, markets.
#[must_use]
pub fn a_day(role: Role, size: (u16, u16), ascii: bool) -> Model {
    let mut model = signed_in(role, size, ascii);
    let partly = executed(order(3_400_000, 1, Side::Buy, 500, "189.46"), 350, "189.494285714");
    let filled = executed(order(3_300_000, 1, Side::Buy, 1_000, "189.50"), 1_000, "189.441");
    let mut waiting = order(3_330_000, 9, Side::Sell, 300, "128.00");
    waiting.ord_type = OrdType::Stop;
    waiting.stop_px = waiting.price.take();
    waiting.working = false;
    let mut doubtful =
        in_status(order(3_310_000, 5, Side::Buy, 400, "49.30"), OrdStatus::PendingNew, ExecType::PendingNew);
    doubtful.in_doubt = true;
    doubtful.working = false;
    let mut rejected = in_status(order(3_000_000, 4, Side::Buy, 75, "412.07"), OrdStatus::Rejected, ExecType::Rejected);
    rejected.note = "odd lot not taken".into();
    let orders = vec![
        order(900_000, 1, Side::Sell, 300, "189.55"),
        rejected,
        in_status(order(3_200_000, 13, Side::Sell, 600, "176.10"), OrdStatus::Canceled, ExecType::Canceled),
        filled.clone(),
        doubtful,
        waiting,
        in_status(order(3_340_000, 2, Side::Sell, 800, "172.40"), OrdStatus::PendingReplace, ExecType::PendingReplace),
        in_status(order(3_350_000, 7, Side::Buy, 2_000, "31.15"), OrdStatus::PendingCancel, ExecType::PendingCancel),
        order(3_380_000, 8, Side::Sell, 400, "418.20"),
        partly.clone(),
    ];
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    items.extend(orders.into_iter().map(|view| FeedItem::Order(Box::new(view))));
    for (sequence, of, units, at_price) in [
        (3_300_001, &filled, 1_000, "189.441"),
        (3_400_001, &partly, 200, "189.49"),
        (3_400_002, &partly, 150, "189.50"),
    ] {
        items.push(FeedItem::Fill(Box::new(fill(of, sequence, units, at_price))));
    }
    items.push(FeedItem::Position(PositionView {
        account: AccountId(1001),
        instrument: InstrumentId(1),
        qty: qty(1_200),
        avg_cost: Some(price("189.2104")),
        realised: Money(1_184_000),
        bought: qty(1_350),
        sold: Qty::ZERO,
        open_buy: qty(150),
        open_sell: qty(300),
    }));
    items.extend([FeedItem::VenueLink(true), FeedItem::SnapshotEnd]);
    feed(&mut model, 48_231, items);
    for ((_, _, last), id) in LISTINGS.iter().zip(1_u32..) {
        let last_price = price(last);
        let step = if id == 12 { 500_000 } else { 10_000_000 };
        let (bid, ask) = (Price(last_price.0.saturating_sub(step)), Price(last_price.0.saturating_add(step)));
        let view = quote(id, &bid.to_string(), &ask.to_string(), last);
        update(&mut model, Msg::Quotes(vec![view]), at(0));
    }
    let trade = |ms: i64, at_price: &str, units: i64| {
        FeedItem::Trade(TradeView {
            instrument: InstrumentId(1),
            time: NOON.after_ns(ms.saturating_mul(NS_PER_MS)),
            price: price(at_price),
            qty: qty(units),
            buyer_took: units > 100,
        })
    };
    feed(&mut model, 48_231, vec![trade(-900, "189.48", 100), trade(-650, "189.49", 300), trade(-88, "189.49", 50)]);
    update(&mut model, Msg::RoundTrip(2_000), at(0));
    model
}

/// A broker's workstation whose blotter holds `rows` orders, told by a feed in messages of a frame each.
#[must_use]
pub fn with_orders(rows: u32, size: (u16, u16)) -> Model {
    let mut model = signed_in(Role::Broker, size, false);
    let mut items = vec![FeedItem::SnapshotBegin];
    items.extend(names());
    feed(&mut model, 0, items);
    let mut next = 1_u32;
    while next <= rows {
        let end = next.saturating_add(ROWS_IN_A_MESSAGE).min(rows.saturating_add(1));
        let items = (next..end).map(|n| FeedItem::Order(Box::new(nth(n)))).collect();
        feed(&mut model, u64::from(end), items);
        next = end;
    }
    feed(&mut model, u64::from(rows), vec![FeedItem::SnapshotEnd]);
    model
}

/// The n-th made-up order: sides, listings and states in turn.
#[must_use]
pub fn nth(n: u32) -> OrderView {
    let instrument = n.checked_rem(13).unwrap_or(0).saturating_add(1);
    let side = if n.is_multiple_of(2) { Side::Buy } else { Side::Sell };
    let view =
        order(u64::from(n), instrument, side, i64::from(n.checked_rem(900).unwrap_or(0)).saturating_add(1), "100.00");
    match n.checked_rem(4) {
        Some(0) => executed(view.clone(), view.order_qty.0.checked_div(Qty::ONE.0).unwrap_or(1), "100.00"),
        Some(1) => in_status(view, OrdStatus::Canceled, ExecType::Canceled),
        _ => view,
    }
}
