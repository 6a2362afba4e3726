//! Enrolment on the screens of whoever runs users: a code shown once, a device let in by its letters; no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_client::app::effect::Request;
use turret_client::app::flight::Question;
use turret_client::app::{Effect, Model, Msg, update};
use turret_shared::command::{Command, NewUser, Verb};
use turret_shared::digest::Digest;
use turret_shared::enrol_code::EnrolCode;
use turret_shared::ids::{CodeId, CorrelationId, DeskId, DeviceId, PendingId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::people::{DeviceState, DeviceView, PersonView};
use turret_shared::role::Role;
use turret_shared::secret::EnrolSecret;
use turret_shared::wire::control::{CodeMade, Outcome};
use turret_shared::wire::query::AnswerBody;
use turret_tests::station::{NOON, at, person, picture, press, signed_in};

fn broker(user: u32, login: &str) -> PersonView {
    PersonView { name: "Somebody".into(), ..person(user, login, Some(Role::Broker)) }
}

fn admin() -> Model {
    let mut model = signed_in(Role::Admin, (80, 24), true);
    let body = Box::new(AnswerBody::People(vec![broker(3, "cho.min"), broker(4, "dee.fox")]));
    update(&mut model, Msg::Answer { request: Request(1), body }, at(0));
    model
}

fn sent(effects: &[Effect]) -> Option<(Request, Verb)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Send { request, bytes } => Some((*request, Command::from_bytes(bytes).unwrap().verb)),
        _ => None,
    })
}

/// Asked for, proved with a code, and answered so.
fn done(model: &mut Model, request: Request, outcome: Outcome) {
    let correlation = CorrelationId::default();
    let step_up = Outcome::StepUp { pending: PendingId(4), expires: NOON, reason: "a fresh code".into(), sign: None };
    update(model, Msg::Reply { request, correlation, outcome: Box::new(step_up) }, at(20_000));
    let effects = press(model, "1 2 3 4 5 6 Enter", 30_000);
    let proof = effects.iter().find_map(|effect| match effect {
        Effect::Prove { request, .. } => Some(*request),
        _ => None,
    });
    let outcome = Box::new(Outcome::Proof(vec![outcome]));
    update(model, Msg::Reply { request: proof.unwrap(), correlation, outcome }, at(40_000));
}

#[test]
fn a_code_is_shown_once_and_only_esc_puts_it_away() {
    let mut model = admin();
    let (request, verb) = sent(&press(&mut model, "e y", 1_000)).expect("sent");
    assert_eq!(verb, Verb::Manage(Manage { act: Act::NewCode { user: UserId(3) }, why: Why::Asked }));
    let code = EnrolCode { secret: EnrolSecret::new([0xa5; 16]), authority: Digest([0x3c; 32]) };
    let expires = NOON.after_ns(900_000_000_000);
    let made = CodeMade { code: CodeId(9), user: UserId(3), expires, text: Some(code.text()), port: 7_444 };
    assert!(!format!("{made:?}").contains("MPJTB"), "and never in a log");
    done(&mut model, request, Outcome::CodeMade(Box::new(made)));
    let seen = picture(&model);
    let groups: Vec<&str> =
        code.text().expose().split(' ').map(|group| Box::leak(group.to_owned().into_boxed_str()) as &str).collect();
    assert!(groups.iter().all(|group| seen.contains(group)), "{seen}");
    assert!(
        seen.contains("For cho.min, and nobody else.") && seen.contains("turret enrol --server HOST:7444"),
        "{seen}"
    );
    press(&mut model, "Enter q y Space d", 50_000);
    assert!(picture(&model).contains(groups[0]), "no other key loses it");
    press(&mut model, "Esc", 60_000);
    assert!(!picture(&model).contains(groups[0]));
    // What the screen held is gone at the lock, too.
    let (request, _) = sent(&press(&mut model, "e y", 70_000)).expect("sent");
    let made = CodeMade { code: CodeId(9), user: UserId(3), expires, text: None, port: 0 };
    done(&mut model, request, Outcome::CodeMade(Box::new(made)));
    assert!(picture(&model).contains("nobody can use it"), "{}", picture(&model));
}

#[test]
fn a_device_that_waits_is_let_in_by_its_letters_or_turned_away() {
    let mut model = admin();
    press(&mut model, "3", 0);
    let device = |id: u32, state, key: &str| DeviceView {
        device: DeviceId(id),
        user: UserId(3),
        login: "cho.min".into(),
        state,
        sessions: 0,
        key: key.into(),
        locked_for: None,
        registered: NOON,
        last_in: None,
        failures: 0,
        locked_since: None,
        locked_by: None,
        name: String::new(),
        certificate_ends: None,
        place: String::new(),
    };
    let rows = vec![device(3, DeviceState::Active, "0102030405060708"), device(9, DeviceState::Waiting, "ABCD-1234")];
    let request = *model.questions.iter().find(|(_, of)| **of == Question::Devices).expect("devices are asked for").0;
    update(&mut model, Msg::Answer { request, body: Box::new(AnswerBody::Devices(rows)) }, at(100));
    let seen = picture(&model);
    assert!(seen.contains("waiting 1") && seen.contains("WAITING") && seen.contains("ABCD-1234"), "{seen}");
    press(&mut model, "a", 1_000);
    assert!(model.modals.is_empty(), "the one under the cursor is let in already");
    press(&mut model, "n a", 2_000);
    assert!(picture(&model).contains("LET IN device 9 of cho.min: ABCD-1234"), "{}", picture(&model));
    let (_, verb) = sent(&press(&mut model, "y", 10_000)).expect("sent");
    assert!(matches!(verb, Verb::Manage(Manage { act: Act::ConfirmDevice { device: DeviceId(9) }, .. })), "{verb:?}");
    let (_, verb) = sent(&press(&mut model, "t y", 20_000)).expect("sent");
    assert!(matches!(verb, Verb::Manage(Manage { act: Act::RefuseDevice { device: DeviceId(9) }, .. })), "{verb:?}");
}

#[test]
fn a_person_is_asked_for_field_by_field() {
    let mut model = admin();
    press(&mut model, "c C h o Tab Tab Tab Enter", 0);
    assert!(picture(&model).contains("a login is made of a-z 0-9 . - _"), "{}", picture(&model));
    press(&mut model, "Backspace Backspace Backspace c h o . m i n Tab Tab Tab Enter", 1_000);
    assert!(picture(&model).contains("somebody has that login"), "{}", picture(&model));
    press(&mut model, "x Tab C h o Tab Right Tab Enter", 2_000);
    let seen = picture(&model);
    assert!(seen.contains("CREATE cho.minx, Cho: supervisor, desk EQ1"), "{seen}");
    let (_, verb) = sent(&press(&mut model, "y", 10_000)).expect("sent");
    let (login, name) = ("cho.minx".into(), "Cho".into());
    let new = NewUser { login, name, role: Role::Supervisor, why: Why::Duties, desk: Some(DeskId(1)) };
    assert_eq!(verb, Verb::CreateUser(new));
}
