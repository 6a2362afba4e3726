//! What waits for a second person on the screens of both: at four sizes, the word given, what its author is told; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::alerts::Kind;
use turret_client::app::effect::Request as Sent;
use turret_client::app::flight::Question;
use turret_client::app::{Effect, Model, Msg, Screen, update};
use turret_shared::approval::{ApprovalView, FirstProof, Ground, Judge, Request, Standing, VoidCause};
use turret_shared::command::{Command, Verb};
use turret_shared::digest::Digest;
use turret_shared::ids::{ApprovalId, CorrelationId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::AnswerBody;
use turret_tests::station::{NOON, at, in_colour, person, picture, press, signed_in};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];
const FIRST: Digest = Digest([0xcd; 32]);
const SAM: UserId = UserId(41);

fn row(approval: u64, login: &str, standing: Standing, by: UserId) -> ApprovalView {
    ApprovalView {
        approval: ApprovalId(approval),
        manage: Some(Manage { act: Act::SetRole { user: UserId(2), role: Some(Role::Supervisor) }, why: Why::Duties }),
        command: Digest([0xab; 32]),
        by,
        by_login: "sam.wood".into(),
        asked: NOON.after_ns(-120_000_000_000),
        expires: NOON.after_ns(3_480_000_000_000),
        standing,
        whom: Some(UserId(2)),
        login: login.into(),
        name: "Bob Ray".into(),
        what: "role".into(),
        before: if standing.is_open() { "broker".into() } else { String::new() },
        after: "supervisor".into(),
        judged_by: None,
        judge_login: String::new(),
        ground: None,
        since: NOON,
        judge: standing == Standing::Waiting,
        order: None,
        first: Some(FirstProof { digest: FIRST, signed: approval % 2 == 1 }),
    }
}

/// Answers the list that is asked for.
fn told(model: &mut Model, rows: Vec<ApprovalView>, at_ms: u64) {
    update(model, Msg::Tick, at(at_ms));
    let request = *model.questions.iter().find(|(_, of)| **of == Question::Approvals).expect("it is asked for").0;
    update(model, Msg::Answer { request, body: Box::new(AnswerBody::Approvals(rows)) }, at(at_ms));
}

fn sent(effects: &[Effect]) -> Option<(Sent, Verb)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { request, bytes } => Some((*request, Command::from_bytes(bytes).unwrap().verb)),
        _ => None,
    })
}

#[test]
fn the_second_person_sees_what_is_asked_and_gives_a_word_on_that_very_command() {
    for size in SIZES {
        let mut model = signed_in(Role::Supervisor, size, true);
        let (other, over) = (row(4_712, "eva.koch", Standing::Waiting, SAM), Standing::Void(VoidCause::Changed));
        told(
            &mut model,
            vec![row(4_711, "bob.ray", Standing::Waiting, SAM), other, row(4_700, "cho.min", over, SAM)],
            6_000,
        );
        assert_ne!(model.screen, Screen::Approvals);
        assert!(picture(&model).contains("appr 2"), "counted wherever one stands: {}", picture(&model));
        assert_eq!(model.alerts.shown().filter(|alert| alert.kind == Kind::Approval).count(), 2);
        press(&mut model, "0", 6_100);
        insta::assert_snapshot!(format!("list_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("list_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        press(&mut model, "a", 6_200);
        insta::assert_snapshot!(format!("approve_{}x{}", size.0, size.1), picture(&model));
        insta::assert_snapshot!(format!("approve_{}x{}_colour", size.0, size.1), in_colour(&mut model));
        let early = press(&mut model, "y", 6_210);
        assert!(sent(&early).is_none(), "not by a key that was under way");
        let (_, verb) = sent(&press(&mut model, "Down y", 7_000)).expect("sent");
        let (approval, command) = (ApprovalId(4_711), Digest([0xab; 32]));
        let word = Judge { approval, command, approve: true, ground: Ground::Agreed, first: Some(FIRST) };
        assert_eq!(verb, Verb::Judge(word));
        press(&mut model, "Down r", 8_000);
        let (_, verb) = sent(&press(&mut model, "y", 9_000)).expect("sent");
        let word = Judge { approval: ApprovalId(4_712), approve: false, ground: Ground::Unexpected, ..word };
        assert_eq!(verb, Verb::Judge(word));
        // What is over is nobody's to judge.
        press(&mut model, "Down a", 10_000);
        assert!(picture(&model).contains("void: what it is about changed since"), "{}", picture(&model));
    }
    let mut model = signed_in(Role::Supervisor, (80, 24), true);
    told(&mut model, vec![row(4_711, "bob.ray", Standing::Waiting, SAM)], 6_000);
    assert!(picture(&model).contains("asks for your word"));
    told(&mut model, vec![row(4_711, "bob.ray", Standing::Void(VoidCause::Withdrawn), SAM)], 12_000);
    let seen = picture(&model);
    assert!(!seen.contains("asks for your word") && !seen.contains("appr"), "nobody is asked any more: {seen}");
    let mut model = signed_in(Role::Supervisor, (80, 24), false);
    told(&mut model, vec![row(4_711, "bob.ray", Standing::Waiting, SAM)], 6_000);
    press(&mut model, "0 a", 6_100);
    let drawn = picture(&model);
    assert!(drawn.contains("APPROVE") && drawn.contains("broker"), "{drawn}");
}

#[test]
fn its_author_is_told_what_became_of_it_takes_it_back_or_takes_the_code() {
    let mut model = signed_in(Role::Admin, (80, 24), true);
    let me = model.session.as_ref().unwrap().user.user;
    let mine = |standing| ApprovalView { judge: false, ..row(4_711, "bob.ray", standing, me) };
    told(&mut model, vec![mine(Standing::Waiting)], 6_000);
    assert_eq!(model.alerts.open(), 0, "one knows what one asked for");
    press(&mut model, "0 a", 6_100);
    assert!(picture(&model).contains("You asked for it"), "{}", picture(&model));
    let (_, verb) = sent(&press(&mut model, "t", 6_200)).expect("sent");
    assert_eq!(verb, Verb::Request(Request::Withdraw { approval: ApprovalId(4_711) }));
    assert!(sent(&press(&mut model, "e", 6_300)).is_none(), "there is no code yet");
    let code = Act::NewCode { user: UserId(2) };
    let approved = ApprovalView {
        manage: Some(Manage { act: code, why: Why::Duties }),
        what: "enrolment code".into(),
        judged_by: Some(UserId(3)),
        judge_login: "kim.ito".into(),
        ground: Some(Ground::Checked),
        ..mine(Standing::Approved)
    };
    told(&mut model, vec![approved], 12_000);
    let seen = picture(&model);
    assert!(seen.contains("approved by kim.ito: take the code"), "{seen}");
    let (_, verb) = sent(&press(&mut model, "e", 12_100)).expect("sent");
    assert_eq!(verb, Verb::Request(Request::Collect { approval: ApprovalId(4_711) }));
    let refused = ApprovalView { judge_login: "kim.ito".into(), ground: Some(Ground::Risk), ..mine(Standing::Refused) };
    told(&mut model, vec![refused], 18_000);
    assert!(picture(&model).contains("refused by kim.ito: it is more than we take on now"), "{}", picture(&model));
}

#[test]
fn whoever_asks_for_an_act_that_takes_two_is_told_so_before_and_after() {
    let mut model = signed_in(Role::Admin, (80, 24), true);
    press(&mut model, "0 1", 0);
    let person = person(2, "bob.ray", Some(Role::Broker));
    let request = *model.questions.iter().find(|(_, of)| **of == Question::People).expect("asked").0;
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::People(vec![person])) }, at(10));
    press(&mut model, "b", 1_000);
    assert!(!picture(&model).contains("supervisor's word"), "a lock is one person's");
    press(&mut model, "Esc i", 2_000);
    assert!(picture(&model).contains("It then waits for a supervisor's word"), "{}", picture(&model));
    let (request, _) = sent(&press(&mut model, "y", 3_000)).expect("sent");
    let outcome = Box::new(Outcome::ApprovalAsked(ApprovalId(4_711), NOON));
    update(&mut model, Msg::Reply { request, correlation: CorrelationId::default(), outcome }, at(4_000));
    let seen = picture(&model);
    assert!(seen.contains("NEW PASSWORD OF bob.ray: waits for a supervisor's word as request 4711"), "{seen}");
}
