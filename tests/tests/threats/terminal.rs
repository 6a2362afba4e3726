//! Threat 15: a hostile server's every text, and what somebody pastes; none of it may reach the terminal as it is.

use turret_client::app::key::Press;
use turret_client::app::{Effect, Model, Msg, update};
use turret_client::view::linear;
use turret_shared::alert::{AlertStanding, AlertStep, AlertStepView, AlertTally, AlertView};
use turret_shared::command::Environment;
use turret_shared::denial::{Denial, DenialCode};
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{CorrelationId, Sequence, UserId};
use turret_shared::order::{ExecType, OrdStatus, Side};
use turret_shared::role::Role;
use turret_shared::text::is_hostile;
use turret_shared::view::AuditView;
use turret_shared::wire::control::{Outcome, Welcome};
use turret_shared::wire::feed::FeedItem;
use turret_shared::wire::query::AnswerBody;
use turret_tests::station::{NOON, a_day, at, drawn, feed, in_status, names, order};

/// Cursor, colour, title, link, clipboard, the end of a paste and what follows it, the bell, C1, and the invisible.
const EVIL: &str = "e\u{1b}[2J\u{1b}]0;t\u{7}\u{1b}]8;;http://x\u{1b}\\\u{1b}]52;c;cGF3bmVk\u{7}\u{1b}[201~q\r\u{9b}31m\u{9d}0;t\u{9c}\u{202e}\u{200b}\u{feff}\u{e0041}";

/// Keys that open every screen and window a role has, and move about in them.
const WALK: &str = "1 Down Enter Esc 2 Down Enter Esc 3 Down Enter Esc 4 5 Down 6 Down 7 Down 8 Down 9 Down 0 a Esc ? Esc ! Down Enter Esc \
                    [ Down Esc i Esc / x Esc : x Esc 1 b Esc 1 d Esc 1 c Esc 1 Space m Esc g Esc w Esc l Esc u Esc n Esc y";

fn spoilt(role: Role) -> Model {
    let mut model = a_day(role, (120, 34), false);
    let welcome = Welcome {
        version: 1,
        origin: EVIL.into(),
        environment: Environment::Sim,
        data_source: EVIL.into(),
        demo: true,
        time: NOON,
        client_version_min: EVIL.into(),
    };
    update(&mut model, Msg::Connected(Box::new(welcome)), at(0));
    let mut items = Vec::new();
    for item in names() {
        items.push(match item {
            FeedItem::Instrument(mut one) => {
                one.symbol = format!("{EVIL}{}", one.id.0);
                one.name = EVIL.into();
                one.mic = EVIL.into();
                one.isin = EVIL.into();
                FeedItem::Instrument(one)
            }
            FeedItem::Account(mut one) => {
                one.code = format!("{EVIL}{}", one.account.0);
                one.name = EVIL.into();
                one.desk_code = EVIL.into();
                FeedItem::Account(one)
            }
            FeedItem::User(mut one) => {
                one.login = EVIL.into();
                one.name = EVIL.into();
                one.desk_code = EVIL.into();
                FeedItem::User(one)
            }
            other => other,
        });
    }
    for (n, status) in
        [OrdStatus::New, OrdStatus::Rejected, OrdStatus::Denied, OrdStatus::Canceled].into_iter().enumerate()
    {
        let exec = if status == OrdStatus::Rejected { ExecType::Rejected } else { ExecType::New };
        let mut view = in_status(order(3_500_000 + n as u64, 1, Side::Buy, 100, "189.46"), status, exec);
        view.text = EVIL.into();
        view.note = EVIL.into();
        items.push(FeedItem::Order(Box::new(view)));
    }
    items.push(FeedItem::DataSource(EVIL.into()));
    items.push(FeedItem::Alert(Box::new(alert())));
    feed(&mut model, 50_000, items);
    update(&mut model, Msg::LogBroken(turret_shared::text::escaped(EVIL)), at(0));
    model
}

/// An alert whose every text is bad.
fn alert() -> AlertView {
    AlertView {
        alert: Sequence(49_999),
        time: NOON,
        rule: AlertRule::Probing,
        login: EVIL.into(),
        device: None,
        figure: 3,
        threshold: 3,
        correlation: CorrelationId(8),
        standing: AlertStanding::Acknowledged,
        assigned: None,
        steps: vec![AlertStepView {
            time: NOON,
            login: EVIL.into(),
            step: AlertStep::Assign { to: UserId(4) },
            to_login: EVIL.into(),
        }],
        tally: AlertTally::default(),
        evidence: Sequence(49_998),
        handle: true,
        answered: None,
    }
}

/// Every cell of a frame, and every line for those who read by lines.
fn harmless(model: &Model, after: &str) {
    let frame = drawn(model);
    for cell in frame.content() {
        assert!(!cell.symbol().chars().any(is_hostile), "{:?} after {after}", cell.symbol());
    }
    let lines = linear::screen(model).into_iter().chain(linear::window(model)).chain(linear::row(model));
    for line in lines.chain([linear::message(model)]) {
        assert!(!line.chars().any(is_hostile), "{line:?} after {after}");
    }
}

/// Answers whatever the workstation asks with hostile rows, and looks at what it would copy.
fn follow(model: &mut Model, effects: Vec<Effect>, after: &str) {
    for effect in effects {
        match effect {
            Effect::Ask { request, .. } => {
                let row = |sequence| AuditView {
                    sequence: Sequence(sequence),
                    time: NOON,
                    who: EVIL.into(),
                    action: EVIL.into(),
                    object: EVIL.into(),
                    outcome: EVIL.into(),
                    reason: EVIL.into(),
                    detail: EVIL.into(),
                    correlation: CorrelationId::from_bits(sequence),
                    session: None,
                    order_id: None,
                    leaf: vec![0x5d; 32],
                    cl_ord_id: None,
                };
                let body = Box::new(AnswerBody::Audit(vec![row(1), row(2)]));
                update(model, Msg::Answer { request, body }, at(0));
            }
            Effect::Copy(text) => assert!(!text.chars().any(is_hostile), "copied {text:?} after {after}"),
            Effect::Send { request, .. } => {
                let denial =
                    Denial { code: DenialCode::Invalid, rules: Vec::new(), text: EVIL.into(), passed: 0, until: None };
                let outcome = Box::new(Outcome::Denied(Box::new(denial)));
                update(model, Msg::Reply { request, correlation: CorrelationId(7), outcome }, at(0));
            }
            _ => {}
        }
    }
}

#[test]
fn threat_15_no_text_of_a_server_or_a_paste_reaches_the_terminal_as_it_is() {
    for role in [Role::Broker, Role::Supervisor, Role::Admin, Role::Support, Role::Customer] {
        let mut model = spoilt(role);
        harmless(&model, "the feed");
        let mut now_ms = 0;
        let mut drawn_otherwise = 0;
        let mut last = drawn(&model);
        for name in WALK.split_whitespace() {
            now_ms += 400;
            let Some(key) = Press::parse(name) else { panic!("{name} is no key") };
            let effects = update(&mut model, Msg::Key(key), at(now_ms));
            follow(&mut model, effects, name);
            harmless(&model, name);
            now_ms += 400;
            let effects = update(&mut model, Msg::Paste(EVIL.into()), at(now_ms));
            assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)), "a paste is no key");
            follow(&mut model, effects, name);
            harmless(&model, name);
            let frame = drawn(&model);
            drawn_otherwise += u32::from(frame != last);
            last = frame;
        }
        assert!(drawn_otherwise > 10, "the walk goes somewhere: {drawn_otherwise}");
    }
}

#[test]
fn threat_15_a_script_and_a_verdict_print_no_control() {
    // What a script's line says back, and what an operator is told of a file somebody named so.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_demo"))
        .args([
            turret_tests::demo::AS_SERVER,
            "audit",
            "verify",
            "--passphrase-fd",
            "0",
            "--data",
            "/nowhere/\u{1b}]52;c;eA==\u{7}",
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!said.is_empty() && !said.trim_end().chars().any(is_hostile), "{said:?}");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_demo"))
        .args([turret_tests::demo::AS_CLIENT, "keys", "--keys", "/nowhere/\u{1b}]0;title\u{7}\u{9b}2J"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.lines().all(|line| !line.chars().any(is_hostile)), "{said:?}");
}
