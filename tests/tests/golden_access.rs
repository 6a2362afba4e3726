//! The access matrix as golden data: every role x every command and question x an object of one's own, of another desk and
//! one that is not there. What is foreign must answer exactly like what does not exist.
//!
//! A new verb or question does not compile here until it has its row.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fmt::Write;

use turret_engine::{Input, Verdict, views};
use turret_shared::account::OrderCapacity;
use turret_shared::alert::{AlertEnd, AlertStep, HandleAlert};
use turret_shared::approval::{Ground, Judge, Request};
use turret_shared::attempt::{Review, ReviewEnd};
use turret_shared::ban::NewBan;
use turret_shared::bulk::{self, Asked, Bulk, Table};
use turret_shared::command::{AmendOrder, CancelAll, CancelOrder, NewOrder, NewUser, SimControl, Verb};
use turret_shared::composed::ComposedRole;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{ComposedRoleSet, Policy, RoleComposed};
use turret_shared::house::{Code, House};
use turret_shared::ids::{
    AccountId, ApprovalId, BanId, CredentialId, DeskId, DeviceId, ExecId, InstrumentId, OrderId, Sequence, SessionId,
    UserId,
};
use turret_shared::key_model::KeyModel;
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::money::{Currency, Money};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::own::{Letting, Own, Thing};
use turret_shared::role::Role;
use turret_shared::wire::query::Ask;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ACCOUNTS, ANN, BOB, EVA, KIM, PEOPLE, SAM, device_of, junior, px, qty, security_key};

const GOLDEN: &str = include_str!("../golden/access_matrix.txt");
const WANTED: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/access_matrix.txt");

/// An account with an order and an execution of it.
#[derive(Clone)]
struct Object {
    word: &'static str,
    account: String,
    order: OrderId,
    exec: ExecId,
    /// A person with their session and device, for acts on them.
    user: UserId,
    session: SessionId,
    device: DeviceId,
    /// A security key of theirs.
    key: CredentialId,
    /// What waits for a second person, as Sam asked for it.
    approval: ApprovalId,
    /// An alert about nobody.
    alert: Sequence,
    /// An attempt of nobody we know.
    denied: Sequence,
    /// A ban of somebody.
    ban: BanId,
}

/// The code of a role: there is one of the house's own, and nobody's is another's.
fn role_of(object: &Object) -> Code {
    if object.word == "unknown" { "NOSUCH".parse().expect("a code") } else { junior().code }
}

/// The desk with one acknowledged, partly filled order in each account, and the three objects as `user` sees them.
fn scene(user: UserId) -> (Desk, [Object; 3]) {
    let mut desk = Desk::new();
    let mut found = Vec::new();
    let people = [user, if user == BOB { ANN } else { BOB }];
    for (at, (owner, account)) in [(ANN, "A1001"), (BOB, "A2001"), (EVA, "A9001")].into_iter().enumerate() {
        let order = NewOrder { account: account.into(), ..desk.limit(Side::Buy, 10, 18_900) };
        let Verdict::Order { order, .. } = desk.verb(owner, Verb::OrderNew(order)) else { panic!("taken") };
        desk.ack(order);
        let exec = ExecId::new(desk.state.next_sequence(), 0);
        desk.trade(order, at as u64 + 1, 4, 18_900);
        found.push((account.to_owned(), order, exec));
    }
    let fact = |desk: &mut Desk, event| assert_eq!(desk.input(Input::Setup(operator(), Box::new(event))).fault, None);
    fact(&mut desk, Event::RoleComposed(RoleComposed { role: junior() }));
    if user == BOB {
        fact(&mut desk, Event::ComposedRoleSet(ComposedRoleSet { user, code: junior().code }));
        desk.sign_in(user, 50);
    }
    for person in people {
        let key = Event::KeyRegistered(security_key(key_of(person), person));
        fact(&mut desk, key);
    }
    let wanted = Manage { act: Act::RequirePassword { user: ANN }, why: Why::Duties };
    let asked = desk.verb(SAM, Verb::Manage(wanted));
    let Verdict::ApprovalAsked { approval, .. } = desk.proved(SAM, asked, 2) else { panic!("it takes two") };
    let none = ApprovalId(1 << 40);
    let alert = desk.alerted(None);
    let (denied, ban) = (desk.knocked(), desk.banned());
    let (own, other) = if user == EVA { (2, 0) } else { (usize::from(user == BOB), usize::from(user != BOB)) };
    let object = |word, which: usize, user: UserId| {
        let (account, order, exec) = found[which].clone();
        let (session, device) = (desk.principal(user).session, device_of(user).0);
        // There is one for the whole house: nobody's is another's.
        let approval = if word == "own" { approval } else { none };
        let alert = if word == "own" { alert } else { Sequence(1 << 40) };
        let denied = if word == "own" { denied } else { Sequence(1 << 40) };
        let ban = if word == "own" { ban } else { BanId(1 << 40) };
        Object { word, account, order, exec, user, session, device, key: key_of(user), approval, alert, denied, ban }
    };
    let (order, exec) = (OrderId(1 << 40), ExecId(1 << 40));
    let (user, session, device) = (UserId(900), SessionId(1 << 40), DeviceId(9_000));
    let unknown = Object {
        word: "unknown",
        account: "NOSUCH".into(),
        order,
        exec,
        user,
        session,
        device,
        key: CredentialId(900),
        approval: none,
        alert: Sequence(1 << 40),
        denied: Sequence(1 << 40),
        ban: BanId(1 << 40),
    };
    let objects = [object("own", own, people[0]), object("other", other, people[1]), unknown];
    (desk, objects)
}

const fn key_of(user: UserId) -> CredentialId {
    CredentialId(500 + user.0)
}

/// Every verb about an object, with its row's name.
fn verbs(desk: &mut Desk, object: &Object) -> Vec<Verb> {
    let new = NewOrder { account: object.account.clone(), ..desk.limit(Side::Buy, 1, 18_910) };
    let order = object.order;
    let mut verbs = vec![
        Verb::OrderNew(new),
        Verb::OrderAmend(AmendOrder {
            cl_ord_id: desk.name(),
            order,
            qty: Some(qty(11)),
            price: None,
            confirmed: true,
            stop_px: None,
        }),
        Verb::OrderCancel(CancelOrder { cl_ord_id: desk.name(), order }),
        Verb::CancelAll(CancelAll { cl_ord_id: desk.name(), account: Some(object.account.clone()) }),
        Verb::CancelAll(CancelAll { cl_ord_id: desk.name(), account: None }),
        Verb::Sim(SimControl::Halt { symbol: "AAPL".into() }),
        Verb::Sim(SimControl::Resume { symbol: "AAPL".into() }),
        Verb::Sim(SimControl::SessionOpen),
        Verb::Sim(SimControl::SessionClose),
        Verb::Sim(SimControl::Bust { exec: object.exec }),
        Verb::Sim(SimControl::Correct { exec: object.exec, price: px(1), qty: qty(1) }),
        Verb::Sim(SimControl::Unsolicited { order }),
        Verb::Sim(SimControl::Delay { ms: 1 }),
        Verb::Sim(SimControl::DropLink { seconds: 1 }),
    ];
    let (login, name) = ("new.person".into(), "New Person".into());
    verbs.push(Verb::CreateUser(NewUser { login, name, role: Role::Broker, why: Why::Duties, desk: None }));
    let word = desk.word(object.approval, true);
    verbs.extend([Verb::Judge(word), Verb::Judge(Judge { approve: false, ground: Ground::Mistake, ..word })]);
    let (source, why) = ("192.0.2.7".into(), Why::Suspicion);
    verbs.push(Verb::Ban(NewBan { source, minutes: 60, why }));
    let (first, last) = (object.denied, object.denied);
    verbs.push(Verb::Review(Review { first, last, end: ReviewEnd::Mistake }));
    let approval = object.approval;
    verbs.extend([Request::Withdraw { approval }, Request::Collect { approval }].map(Verb::Request));
    let steps = [AlertStep::Acknowledge, AlertStep::Assign { to: KIM }, AlertStep::Resolve { end: AlertEnd::Handled }];
    verbs.extend(steps.map(|step| Verb::Alert(HandleAlert { alert: object.alert, step })));
    let (key, device) = (object.key, object.device);
    verbs.extend(
        [
            Own::Let(Letting::Session(object.session)),
            Own::Let(Letting::Key(key)),
            Own::Let(Letting::Device(device)),
            Own::Name(Thing::Key(key), String::new()),
            Own::Name(Thing::Device(device), String::new()),
        ]
        .map(Verb::Own),
    );
    verbs.extend(tables(object).map(Verb::Bulk));
    verbs.extend(acts(object).map(|act| Verb::Manage(Manage { act, why: Why::Duties })));
    verbs
}

/// A table of one row of each kind.
fn tables(object: &Object) -> impl Iterator<Item = Bulk> {
    let once =
        |act: &Act| !matches!(act, Act::House(House::Restrict { restricted: false, .. }) | Act::SetComposedRole { .. });
    acts(object).filter(once).filter_map(|act| bulk::table(&[act]).map(|_| Bulk { rows: vec![act], why: Why::Duties }))
}

/// Every act on a person, their session or their device.
fn acts(object: &Object) -> impl Iterator<Item = Act> {
    let (user, session, device, ban) = (object.user, object.session, object.device, object.ban);
    let known = ACCOUNTS.into_iter().find(|(_, code, _)| *code == object.account);
    let account = AccountId(known.map_or(9_000, |(id, ..)| id));
    let (instrument, role) = (InstrumentId(1), role_of(object));
    let next = move |act: &Act| {
        Some(match act {
            Act::EndSession { .. } => Act::LockUser { user, locked: true },
            Act::LockUser { locked: true, .. } => Act::LockUser { user, locked: false },
            Act::LockUser { locked: false, .. } => Act::RevokeDevice { device },
            Act::RevokeDevice { .. } => Act::SetRole { user, role: None },
            Act::SetRole { .. } => Act::SetComposedRole { user, code: role },
            Act::SetComposedRole { .. } => Act::UnlockDevice { device },
            Act::UnlockDevice { .. } => Act::SetDesk { user, desk: None },
            Act::SetDesk { .. } => Act::RequirePassword { user },
            Act::RequirePassword { .. } => Act::CreateUser { user, role: Role::Broker, desk: None },
            Act::CreateUser { .. } => Act::NewCode { user },
            Act::NewCode { .. } => Act::Recover { user },
            Act::Recover { .. } => Act::ConfirmDevice { device },
            Act::ConfirmDevice { .. } => Act::RefuseDevice { device },
            Act::RefuseDevice { .. } => Act::SetRights { user, account, to: Entrusted::View, until: None },
            Act::SetRights { .. } => Act::SetLimit { account, rule: Rule::OrderRate, value: Some(9) },
            Act::SetLimit { .. } => {
                Act::SetPolicy { policy: Policy::StepUpNotional, role: Role::Broker, value: Some(1) }
            }
            Act::SetPolicy { .. } => Act::House(House::OpenDesk { code: "EQ9".parse().expect("a code") }),
            Act::House(House::OpenDesk { code }) => Act::House(House::OpenAccount {
                desk: DeskId(1),
                code: *code,
                currency: Currency::USD,
                capacity: OrderCapacity::Agency,
            }),
            Act::House(House::OpenAccount { .. }) => Act::House(House::MoveCash { account, amount: Money(10_000) }),
            Act::House(House::MoveCash { .. }) => Act::House(House::Restrict { instrument, restricted: true }),
            Act::House(House::Restrict { restricted: true, .. }) => {
                Act::House(House::Restrict { instrument, restricted: false })
            }
            Act::House(House::Restrict { restricted: false, .. }) => {
                Act::House(House::KeyModel { model: KeyModel([7; 16]), allowed: true })
            }
            Act::House(House::KeyModel { model, allowed: true }) => {
                Act::House(House::KeyModel { model: *model, allowed: false })
            }
            Act::House(House::KeyModel { allowed: false, .. }) => {
                let ComposedRole { base, permissions, .. } = junior();
                Act::House(House::ComposeRole { code: "SENIOR".parse().expect("a code"), base, permissions })
            }
            Act::House(House::ComposeRole { .. }) => Act::House(House::RetireRole { code: role }),
            Act::House(House::RetireRole { .. }) => Act::SetBan { address: Digest([9; 32]), minutes: 60 },
            Act::SetBan { .. } => Act::LiftBan { ban },
            Act::LiftBan { .. } => Act::Bulk { table: Table::Limits, rows: 1, digest: Digest([9; 32]) },
            Act::Bulk { .. } => return None,
        })
    };
    std::iter::successors(Some(Act::EndSession { session }), next)
}

fn verb_name(verb: &Verb) -> &'static str {
    match verb {
        Verb::OrderNew(_) => "order_new",
        Verb::OrderAmend(_) => "order_amend",
        Verb::OrderCancel(_) => "order_cancel",
        Verb::CancelAll(CancelAll { account: Some(_), .. }) => "cancel_all account",
        Verb::CancelAll(CancelAll { account: None, .. }) => "cancel_all own",
        Verb::Sim(control) => match control {
            SimControl::Halt { .. } => "sim halt",
            SimControl::Resume { .. } => "sim resume",
            SimControl::SessionOpen => "sim session open",
            SimControl::SessionClose => "sim session close",
            SimControl::Bust { .. } => "sim bust",
            SimControl::Correct { .. } => "sim correct",
            SimControl::Unsolicited { .. } => "sim unsolicited",
            SimControl::Delay { .. } => "sim delay",
            SimControl::DropLink { .. } => "sim drop-link",
        },
        Verb::CreateUser(_) => "create user",
        Verb::Ban(_) => "ban",
        Verb::Bulk(wanted) => match bulk::table(&wanted.rows) {
            Some(Table::Limits) => "bulk limits",
            Some(Table::Rights) => "bulk rights",
            Some(Table::Restricted) => "bulk restricted",
            Some(Table::Roles) => "bulk roles",
            Some(Table::Desks) => "bulk desks",
            None => panic!("a table"),
        },
        Verb::Review(_) => "review denied",
        Verb::Judge(Judge { approve: true, .. }) => "approve",
        Verb::Judge(Judge { approve: false, .. }) => "refuse",
        Verb::Request(Request::Withdraw { .. }) => "withdraw",
        Verb::Request(Request::Collect { .. }) => "collect",
        Verb::Alert(HandleAlert { step: AlertStep::Acknowledge, .. }) => "acknowledge alert",
        Verb::Alert(HandleAlert { step: AlertStep::Assign { .. }, .. }) => "assign alert",
        Verb::Alert(HandleAlert { step: AlertStep::Resolve { .. }, .. }) => "resolve alert",
        Verb::Own(Own::Let(Letting::Session(_))) => "end own session",
        Verb::Own(Own::Let(Letting::Key(_))) => "give up key",
        Verb::Own(Own::Let(Letting::Device(_))) => "retire device",
        Verb::Own(Own::Name(Thing::Key(_), _)) => "name key",
        Verb::Own(Own::Name(Thing::Device(_), _)) => "name device",
        Verb::Manage(manage) => act_name(manage.act),
    }
}

const fn act_name(act: Act) -> &'static str {
    match act {
        Act::EndSession { .. } => "end session",
        Act::LockUser { locked: true, .. } => "lock user",
        Act::LockUser { locked: false, .. } => "unlock user",
        Act::RevokeDevice { .. } => "revoke device",
        Act::SetRole { .. } => "set role",
        Act::SetComposedRole { .. } => "set composed role",
        Act::UnlockDevice { .. } => "unlock device",
        Act::SetDesk { .. } => "set desk",
        Act::CreateUser { .. } => "create user bare",
        Act::NewCode { .. } => "new code",
        Act::Recover { .. } => "recover",
        Act::ConfirmDevice { .. } => "confirm device",
        Act::RefuseDevice { .. } => "refuse device",
        Act::RequirePassword { .. } => "require password",
        Act::SetRights { .. } => "set rights",
        Act::SetLimit { .. } => "set limit",
        Act::SetPolicy { .. } => "set policy",
        Act::SetBan { .. } => "ban bare",
        Act::LiftBan { .. } => "lift ban",
        Act::Bulk { .. } => "bulk bare",
        Act::House(House::OpenDesk { .. }) => "open desk",
        Act::House(House::OpenAccount { .. }) => "open account",
        Act::House(House::MoveCash { .. }) => "move cash",
        Act::House(House::Restrict { restricted: true, .. }) => "restrict",
        Act::House(House::Restrict { restricted: false, .. }) => "release",
        Act::House(House::KeyModel { allowed: true, .. }) => "take keys of a model",
        Act::House(House::KeyModel { allowed: false, .. }) => "name a model no more",
        Act::House(House::ComposeRole { .. }) => "compose role",
        Act::House(House::RetireRole { .. }) => "retire role",
    }
}

fn asks(desk: &mut Desk, object: &Object) -> Vec<Ask> {
    let account = || Some(object.account.clone());
    let new = NewOrder { account: object.account.clone(), ..desk.limit(Side::Buy, 1, 18_910) };
    vec![
        Ask::Orders { status: None, account: account(), cl_ord_id: None },
        Ask::Order(object.order),
        Ask::Fills(Some(object.order)),
        Ask::Fill(object.exec),
        Ask::Quote("AAPL".into()),
        Ask::Trades("AAPL".into()),
        Ask::Positions(account()),
        Ask::Accounts,
        Ask::Limits(object.account.clone()),
        Ask::Instruments,
        Ask::Preview(desk.command(Verb::OrderNew(new)).to_bytes()),
        Ask::Audit(Box::default()),
        Ask::WaitStatus { order: object.order, status: OrdStatus::New, timeout_ms: 0 },
        Ask::Users,
        Ask::LimitTable,
        Ask::Sessions,
        Ask::Devices,
        Ask::People,
        Ask::Bars("AAPL".into()),
        Ask::Story(object.order),
        Ask::Person(object.user),
        Ask::AccountCodes,
        Ask::Approvals,
        Ask::Policies,
        Ask::Alerts,
        Ask::Bans,
        Ask::Attempts,
        Ask::House,
        Ask::Bulk(Box::new(Asked::Dry(tables(object).next().expect("one")))),
        Ask::Bulk(Box::new(Asked::Waiting(object.approval))),
        Ask::Bulk(Box::new(Asked::Now(Table::Rights))),
        Ask::Own,
        Ask::Colleagues,
        Ask::Pack(object.order),
    ]
}

/// The row's name and what the engine answers.
fn ask(desk: &Desk, user: UserId, ask: &Ask) -> (&'static str, Result<(), DenialCode>) {
    let state = &desk.state;
    let permission = turret_engine::access::permission_of(ask);
    match ask {
        Ask::Orders { status, account, cl_ord_id } => {
            ("orders", views::orders(state, user, *status, account.as_deref(), cl_ord_id.as_ref(), None).map(drop))
        }
        Ask::Order(order) => ("order", views::order(state, user, *order).map(drop)),
        Ask::Fills(order) => ("fills", views::fills(state, user, *order, None).map(drop)),
        Ask::Fill(exec) => ("fill", views::fill(state, user, *exec).map(drop)),
        Ask::Quote(symbol) => ("quote", views::quotable(state, user, symbol).map(drop)),
        Ask::Trades(symbol) => ("trades", views::quotable(state, user, symbol).map(drop)),
        Ask::Positions(account) => ("positions", views::positions(state, user, account.as_deref()).map(drop)),
        Ask::Accounts => ("accounts", views::accounts(state, user).map(drop)),
        Ask::Limits(account) => ("limits", views::limits(state, user, account).map(drop)),
        Ask::Instruments => ("instruments", views::instruments(state, user).map(drop)),
        Ask::Preview(bytes) => {
            let command = turret_shared::command::Command::from_bytes(bytes).expect("canonical");
            let view = views::preview(state, &desk.market, user, &command, desk.time);
            ("preview", view.and_then(|v| v.denial.map_or(Ok(()), |denial| Err(denial.code))))
        }
        Ask::Pack(_) => ("pack", views::permitted(state, user, permission)),
        Ask::Audit(_) => ("audit", views::permitted(state, user, permission)),
        Ask::WaitStatus { order, status, .. } => ("wait", views::has_been(state, user, *order, *status).map(drop)),
        Ask::Users => ("users", views::permitted(state, user, permission)),
        Ask::LimitTable => ("limit_table", views::limit_table(state, user).map(drop)),
        Ask::Sessions => ("sessions", views::sessions(state, user).map(drop)),
        Ask::Devices => ("devices", views::devices(state, user).map(drop)),
        Ask::People => ("people", views::people(state, user).map(drop)),
        Ask::Bars(symbol) => ("bars", views::quotable(state, user, symbol).map(drop)),
        Ask::Person(of) => ("person", views::person(state, user, *of).map(drop)),
        Ask::AccountCodes => ("account_codes", views::account_codes(state, user).map(drop)),
        Ask::Policies => ("policies", views::policies(state, user).map(drop)),
        Ask::Approvals => ("approvals", views::approvals(state, user).map(drop)),
        Ask::House => ("house", views::house(state, user).map(drop)),
        Ask::Bulk(asked) => match **asked {
            Asked::Dry(_) => ("bulk dry", views::bulk(state, user, asked, desk.time).map(drop)),
            Asked::Waiting(_) => ("bulk waiting", views::bulk(state, user, asked, desk.time).map(drop)),
            Asked::Now(table) => ("bulk now", views::bulk_now(state, user, table).map(drop)),
        },
        Ask::Alerts => ("alerts", views::permitted(state, user, permission)),
        Ask::Own => ("own", views::own(state, &desk.principal(user)).map(drop)),
        Ask::Colleagues => ("colleagues", views::permitted(state, user, permission)),
        Ask::Attempts => ("attempts", turret_engine::attempts::attempts(state, user).map(drop)),
        Ask::Bans => ("bans", views::permitted(state, user, permission)),
        Ask::Story(order) => ("story", views::order(state, user, *order).map(drop)),
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Denied(denial) => denial.code.as_str(),
        Verdict::Refused(refusal) => refusal.code.as_str(),
        Verdict::StepUp { .. } => "step_up",
        _ => "allowed",
    }
}

fn matrix() -> String {
    let mut out = String::from("role        command              object   answer\n");
    let mut row = |role: &str, name: &str, object: &str, answer: &str| {
        let _ = writeln!(out, "{role:<11} {name:<20} {object:<8} {answer}");
    };
    for (user, role, _) in PEOPLE {
        // Bob has a part of Ann's role.
        let role = if user == BOB { "junior" } else { role.as_str() };
        let (mut desk, objects) = scene(user);
        let count = verbs(&mut desk, &objects[0]).len();
        for at in 0..count {
            let mut answers = Vec::new();
            for which in 0..objects.len() {
                let (mut desk, objects) = scene(user);
                let verb = verbs(&mut desk, &objects[which]).swap_remove(at);
                let name = verb_name(&verb);
                let verdict = desk.verb(user, verb);
                row(role, name, objects[which].word, word(&verdict));
                answers.push(verdict);
            }
            if !["allowed", "step_up", "nothing_to_do"].contains(&word(&answers[1])) {
                assert_eq!(answers[1], answers[2], "what is foreign answers like what is not there");
            }
        }
        for at in 0..asks(&mut desk, &objects[0]).len() {
            let mut answers = Vec::new();
            let mut of_person = false;
            for object in &objects {
                let question = asks(&mut desk, object).swap_remove(at);
                let (name, answer) = ask(&desk, user, &question);
                row(role, name, object.word, answer.map_or_else(DenialCode::as_str, |()| "allowed"));
                answers.push(answer);
                of_person = matches!(question, Ask::Person(_));
            }
            // Nobody is foreign to who runs users.
            assert!(
                answers[1] == answers[2] || (of_person && answers[1].is_ok()),
                "what is foreign answers like what is not there"
            );
        }
    }
    out
}

#[test]
fn access_is_as_the_matrix_says() {
    let matrix = matrix();
    if matrix != GOLDEN {
        std::fs::write(WANTED, &matrix).expect("written");
        let lines = matrix.lines().zip(GOLDEN.lines()).filter(|(is, golden)| is != golden);
        let (is, golden) = lines.map(|(a, b)| (a.to_owned(), b.to_owned())).next().unwrap_or_default();
        panic!("the first row that differs:\n  is     {is}\n  golden {golden}\nthe whole matrix as it is: {WANTED}");
    }
}
