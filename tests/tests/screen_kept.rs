//! What a device kept, as the workstation shows it: at once, as what it is, and gone when it is not to be shown.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::flight::Flight;
use turret_client::app::kept::{Kept, Rows};
use turret_client::app::key::Now;
use turret_client::app::lock::Aside;
use turret_client::app::ticket::Draft;
use turret_client::app::{Effect, Model, Msg, update};
use turret_client::cache::Rebuilt;
use turret_shared::command::{CancelAll, Command, Environment, NewOrder, Verb};
use turret_shared::ids::{ClOrdId, EntitlementVersion, Sequence};
use turret_shared::order::{ExecType, OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;
use turret_shared::wire::feed::{FeedItem, FeedMessage};
use turret_shared::wire::query::{AnswerBody, Ask};
use turret_tests::station::{NOON, a_day, at, in_status, names, order, picture, press, signed_in, user};

const RIGHTS: EntitlementVersion = EntitlementVersion(3);

fn message(through: u64, items: Vec<FeedItem>, rights: Option<EntitlementVersion>) -> FeedMessage {
    FeedMessage { through: Sequence(through), items, rights }
}

/// One order and the names in it.
fn with_rows() -> Kept {
    let mut rows = Rows::of(&user(1, "ann.lee", Role::Broker));
    names().into_iter().for_each(|item| rows.put(item));
    rows.put(FeedItem::Order(Box::new(order(900_000, 1, Side::Sell, 300, "189.55"))));
    Kept { rows, through: Some(Sequence(900)), ..Kept::default() }
}

fn draft(quantity: &str) -> Draft {
    Draft {
        side: Side::Buy,
        account: "A1001".into(),
        symbol: "AAPL".into(),
        quantity: quantity.into(),
        ord_type: OrdType::Limit,
        price: "189.50".into(),
        stop: String::new(),
        tif: TimeInForce::Day,
        note: String::new(),
        kept: NOON,
    }
}

fn sent(verb: Verb) -> Vec<u8> {
    Command { schema: 1, environment: Environment::Sim, expires: Timestamp(1), verb }.to_bytes()
}

fn new_order(name: &str) -> Vec<u8> {
    sent(Verb::OrderNew(NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: "A1001".into(),
        symbol: "AAPL".into(),
        side: Side::Buy,
        qty: turret_shared::money::Qty::whole(1_200).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(turret_shared::money::Price::parse("189.50").unwrap()),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: String::new(),
        saw: None,
    }))
}

fn opened(model: &mut Model, kept: Kept, now: Now) -> Vec<Effect> {
    update(model, Msg::Kept(Box::new(kept)), now)
}

#[test]
fn kept_rows_stand_at_once_and_pass_for_what_they_are_until_the_server_is_heard() {
    let mut model = signed_in(Role::Broker, (80, 24), true);
    let effects = opened(&mut model, with_rows(), at(0));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Watch(_))), "prices are asked for at once");
    let seen = picture(&model);
    assert!(seen.contains("AAPL") && seen.contains("189.55"), "{seen}");
    assert!(seen.contains("Shown as this device kept it"), "{seen}");
    assert!(model.kept_shown);
    // Public trades come before the server has told where it stands.
    update(&mut model, Msg::Feed(Box::new(message(900, vec![FeedItem::DataSource("SIM".into())], None))), at(0));
    assert!(model.kept_shown);
    let ended = in_status(order(900_000, 1, Side::Sell, 300, "189.55"), OrdStatus::Canceled, ExecType::Canceled);
    let news = message(950, vec![FeedItem::Order(Box::new(ended))], Some(RIGHTS));
    update(&mut model, Msg::Feed(Box::new(news)), at(0));
    assert!(!model.kept_shown);
    assert_eq!((model.orders.len(), model.my_working()), (1, 0));
}

#[test]
fn who_returns_to_a_lock_is_told_what_changed_once_the_server_was_heard() {
    let mut model = a_day(Role::Broker, (80, 24), true);
    let left = press(&mut model, "F12", 0);
    assert!(left.iter().any(|effect| matches!(effect, Effect::Leave(_))));
    turret_tests::station::welcomed(&mut model);
    let back = Now { mono_ms: 300_000, wall: NOON.after_ns(300_000_000_000) };
    let again = turret_shared::wire::control::SignedIn {
        session: turret_shared::ids::SessionId(2),
        token: turret_shared::secret::SessionToken::new([0; 32]),
        user: user(1, "ann.lee", Role::Broker),
        idle_left_s: 900,
        absolute_left_s: 43_200,
        last_end: None,
        cache: None,
        register_key: false,
        composed: None,
    };
    update(&mut model, Msg::SignedIn(Box::new(again)), back);
    opened(&mut model, with_rows(), back);
    assert!(!picture(&model).contains("Back after"), "what was kept knows nothing of what changed");
    let mut ended = in_status(order(900_000, 1, Side::Sell, 300, "189.55"), OrdStatus::Canceled, ExecType::Canceled);
    ended.changed = NOON.after_ns(60_000_000_000);
    let news = message(950, vec![FeedItem::Order(Box::new(ended))], Some(RIGHTS));
    update(&mut model, Msg::Feed(Box::new(news)), back);
    assert!(picture(&model).contains("Back after 5 m 00 s. 1 order changed meanwhile: marked +."));
}

#[test]
fn drafts_are_kept_as_they_change_and_come_back_once() {
    let mut model = a_day(Role::Broker, (80, 24), true);
    let effects = press(&mut model, "2 b Up Enter 7 7 Esc", 0);
    let kept: Vec<_> = effects.iter().filter(|effect| matches!(effect, Effect::KeepDrafts(_))).collect();
    assert_eq!(kept.len(), 1, "once for one draft");
    // A lock keeps the ticket being typed as well, before the session ends.
    let effects = press(&mut model, "b Up Enter 8 8 F12", 5_000);
    let place = |wanted: fn(&Effect) -> bool| effects.iter().position(wanted).expect("an effect");
    let keeps = place(|effect| matches!(effect, Effect::KeepDrafts(drafts) if drafts.len() == 2));
    assert!(keeps < place(|effect| matches!(effect, Effect::SignOut { .. })));
    assert_eq!(
        effects.iter().filter(|effect| matches!(effect, Effect::KeepDrafts(_))).count(),
        1,
        "never none of them"
    );

    let mut model = signed_in(Role::Broker, (80, 24), true);
    let kept = Kept { drafts: vec![draft("88"), draft("77")], ..Kept::default() };
    let effects = opened(&mut model, kept, at(0));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::KeepDrafts(_))), "they lie there already");
    update(
        &mut model,
        Msg::Returned(Box::new(Aside { drafts: vec![draft("88"), draft("77")], ..Aside::default() })),
        at(0),
    );
    assert_eq!(model.drafts, [draft("88"), draft("77")]);
    let effects =
        update(&mut model, Msg::Returned(Box::new(Aside { drafts: vec![draft("99")], ..Aside::default() })), at(0));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::KeepDrafts(drafts) if drafts.len() == 3)));
}

#[test]
fn an_order_without_an_answer_is_asked_for_by_its_name_and_the_rest_is_told() {
    let mut model = signed_in(Role::Broker, (80, 24), true);
    let all = sent(Verb::CancelAll(CancelAll { cl_ord_id: ClOrdId::new("k-2").unwrap(), account: None }));
    let kept = Kept { unanswered: vec![new_order("k-1"), all, vec![0xff]], ..with_rows() };
    let effects = opened(&mut model, kept, at(0));
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Ask { request, ask: Ask::Orders { cl_ord_id: Some(name), .. } } if name.as_str() == "k-1" => {
            Some(*request)
        }
        _ => None,
    });
    let request = request.expect("the server is asked");
    assert!(picture(&model).contains("Sent last time and not answered: CANCEL ALL my working orders."));
    assert!(matches!(model.flights.values().next(), Some(Flight::New { in_doubt: true, .. })));
    // The server never got it: it is a draft again, as it was typed.
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Orders(Vec::new())) }, at(0));
    assert!(model.flights.is_empty());
    assert_eq!(
        (model.drafts.len(), model.drafts[0].quantity.as_str(), model.drafts[0].price.as_str()),
        (1, "1200", "189.50")
    );
}

#[test]
fn what_was_thrown_away_is_said_in_one_sentence_that_stays() {
    for why in [Rebuilt::Damaged, Rebuilt::Foreign, Rebuilt::RolledBack, Rebuilt::RightsChanged] {
        let mut model = signed_in(Role::Broker, (120, 24), true);
        opened(&mut model, Kept { word: Some(why.sentence()), ..Kept::default() }, at(0));
        let seen = picture(&model);
        assert!(model.orders.is_empty() && seen.contains(why.sentence()), "{seen}");
        press(&mut model, "j", 1_000);
        assert!(picture(&model).contains(why.sentence()));
    }
}
