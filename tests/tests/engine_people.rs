//! People created and moved in the engine: what they may do with it, and what nobody may; no names, no real codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{ClientInput, Input, SetupFault, Verdict};
use turret_shared::account::Rights;
use turret_shared::command::{Command, NewUser, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::DeviceClaimed;
use turret_shared::ids::{CodeId, CorrelationId, CredentialId, DeskId, DeviceId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::role::Role;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, KIM, SAM, device_of};

fn ask(desk: &mut Desk, who: UserId, act: Act) -> Verdict {
    desk.verb(who, Verb::Manage(Manage { act, why: Why::Duties }))
}

/// Asked for and proved with the code of a step.
fn done(desk: &mut Desk, act: Act, step: u64) -> Verdict {
    desk.act(Manage { act, why: Why::Duties }, step)
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

/// Words of the events of the last decision.
fn told(desk: &Desk, count: usize) -> Vec<&'static str> {
    desk.events.iter().rev().take(count).rev().map(Event::action).collect()
}

const EQ1: DeskId = DeskId(0);

fn new_user(desk: Option<DeskId>) -> Verb {
    let (login, name) = ("gus.fox".into(), "Gus Fox".into());
    Verb::CreateUser(NewUser { login, name, role: Role::Broker, why: Why::Duties, desk })
}

/// As the edge hands it over, the name kept under a number.
fn create(desk: &mut Desk, who: UserId, named: Option<UserId>, at: Option<DeskId>) -> Verdict {
    let (principal, command) = (desk.principal(who), desk.command(new_user(at)));
    let bytes = command.to_bytes();
    let input = ClientInput::new(principal, CorrelationId(7), &bytes, command, None).naming(named);
    desk.input(Input::Client(Box::new(input))).verdict.expect("an answer")
}

#[test]
fn a_person_created_on_a_desk_may_do_there_what_their_role_does() {
    let mut desk = Desk::new();
    let (gus, eq1) = (UserId(77), Some(EQ1));
    let asked = create(&mut desk, SAM, Some(gus), eq1);
    let Verdict::ApprovalAsked { approval, .. } = desk.proved(SAM, asked, 2) else { panic!("it takes two") };
    assert!(desk.state.access().user(gus).is_none(), "nothing before both codes");
    assert!(desk.state.access().is_proposed(gus, desk.time), "and the name is kept as long");
    let Event::ApprovalAsked(asked) = desk.events.last().unwrap() else { panic!("asked") };
    let named = Digest(Command::digest(&desk.command(new_user(eq1)).to_bytes()));
    assert_ne!(asked.command, named, "of the name the log has not even a digest to guess at");
    assert_eq!(desk.approved(approval, 2), Verdict::Managed);
    assert_eq!(told(&desk, 4), ["managed", "user_created", "role_set", "entitlement_set"]);
    let access = desk.state.access();
    let account = access.accounts().next().expect("an account");
    assert_eq!((access.role(gus), access.user(gus).unwrap().desk), (Some(Role::Broker), eq1));
    assert!(access.rights(gus, account).has(Rights::TRADE));
    assert_eq!(desk.folded().hash(), desk.state.hash());

    // Moved away, the desk's accounts are theirs no more; the role stays.
    assert_eq!(done(&mut desk, Act::SetDesk { user: gus, desk: None }, 3), Verdict::Managed);
    assert_eq!(told(&desk, 3), ["managed", "desk_set", "entitlement_set"]);
    assert_eq!(desk.state.access().rights(gus, account), Rights::default());
    assert_eq!(denied(&ask(&mut desk, SAM, Act::SetDesk { user: gus, desk: None })), DenialCode::NothingToDo);
    assert_eq!(done(&mut desk, Act::SetDesk { user: gus, desk: eq1 }, 4), Verdict::Managed);
    assert!(desk.state.access().rights(gus, account).has(Rights::TRADE));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn nobody_is_created_without_a_name_twice_or_by_who_may_not() {
    let mut desk = Desk::new();
    assert_eq!(denied(&create(&mut desk, SAM, None, None)), DenialCode::UnknownTarget);
    assert_eq!(denied(&create(&mut desk, SAM, Some(BOB), None)), DenialCode::NothingToDo);
    assert_eq!(denied(&create(&mut desk, SAM, Some(UserId(77)), Some(DeskId(900)))), DenialCode::UnknownTarget);
    assert_eq!(denied(&create(&mut desk, ANN, Some(UserId(77)), None)), DenialCode::NotPermitted);
    // The act alone brings no name.
    let act = Act::CreateUser { user: UserId(77), role: Role::Broker, desk: None };
    assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::Invalid);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::SetDesk { user: SAM, desk: Some(EQ1) })), DenialCode::NotYourself);
}

fn code_for(desk: &mut Desk, user: UserId, step: u64) -> CodeId {
    match done(desk, Act::NewCode { user }, step) {
        Verdict::CodeMade { code, user: whose, .. } if whose == user => code,
        other => panic!("a code, not {other:?}"),
    }
}

fn claim(desk: &mut Desk, code: CodeId, device: u32, key: u8, factors: Option<(u32, u32)>) -> Option<SetupFault> {
    let fact = Event::DeviceClaimed(DeviceClaimed {
        code,
        device: DeviceId(device),
        key: Digest([key; 32]),
        letters: "ABCD-1234".into(),
        expires: desk.time.after_ns(900_000_000_000),
        factors: factors.map(|(password, totp)| (CredentialId(password), CredentialId(totp), 50_000_000)),
    });
    desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(fact))).fault
}

#[test]
fn a_device_is_let_in_by_who_made_the_code_and_by_nobody_else() {
    let mut desk = Desk::new();
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Admin) }, 2), Verdict::Managed);
    assert!(matches!(desk.sign_in(BOB, 3).session, Some(Ok(_))));
    let code = code_for(&mut desk, ANN, 3);
    assert_eq!(told(&desk, 2), ["managed", "code_made"]);
    assert_eq!(claim(&mut desk, code, 900, 9, Some((8_000, 8_001))), None);
    assert_eq!(told(&desk, 2), ["device_claimed", "totp_spent"]);
    let access = desk.state.access();
    assert!(access.device(DeviceId(900)).is_none() && access.credential(CredentialId(8_000)).is_none());
    assert_eq!(denied(&ask(&mut desk, BOB, Act::ConfirmDevice { device: DeviceId(900) })), DenialCode::NotIssuer);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::ConfirmDevice { device: DeviceId(901) })), DenialCode::UnknownTarget);
    assert_eq!(done(&mut desk, Act::ConfirmDevice { device: DeviceId(900) }, 4), Verdict::Managed);
    let words = ["managed", "enrolment_judged", "device_registered", "credential_activated", "credential_activated"];
    assert_eq!(told(&desk, 5), words);
    assert_eq!(desk.state.access().device(DeviceId(900)).map(|device| device.user), Some(ANN));
    assert_eq!(denied(&ask(&mut desk, SAM, Act::ConfirmDevice { device: DeviceId(900) })), DenialCode::UnknownTarget);
    assert_eq!(claim(&mut desk, code, 902, 8, None), Some(SetupFault::Taken), "one code, one device");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_code_is_for_its_time_and_voided_by_the_next_and_numbers_are_nobodys() {
    let mut desk = Desk::new();
    let first = code_for(&mut desk, ANN, 2);
    let second = code_for(&mut desk, ANN, 3);
    assert_eq!(claim(&mut desk, first, 900, 9, None), Some(SetupFault::Unknown), "void");
    let of_bob = code_for(&mut desk, BOB, 4);
    assert_eq!(claim(&mut desk, second, device_of(KIM).0.0, 9, None), Some(SetupFault::Taken));
    assert_eq!(claim(&mut desk, second, 900, 9, Some((8_000, 8_000))), Some(SetupFault::Taken));
    assert_eq!(claim(&mut desk, second, 900, 9, Some((8_000, 8_001))), None);
    assert_eq!(claim(&mut desk, of_bob, 900, 7, None), Some(SetupFault::Taken), "the number waits for somebody");
    assert_eq!(claim(&mut desk, of_bob, 901, 7, Some((8_001, 8_002))), Some(SetupFault::Taken));
    // Turned away, nothing of it is left; nobody confirms it any more.
    assert_eq!(done(&mut desk, Act::RefuseDevice { device: DeviceId(900) }, 5), Verdict::Managed);
    assert_eq!(told(&desk, 2), ["managed", "enrolment_judged"]);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::ConfirmDevice { device: DeviceId(900) })), DenialCode::UnknownTarget);
    assert_eq!(claim(&mut desk, second, 900, 9, None), Some(SetupFault::Unknown));
    assert_eq!(claim(&mut desk, of_bob, 900, 7, None), Some(SetupFault::Taken), "a number was one key's for ever");
    assert_eq!(claim(&mut desk, of_bob, 899, 7, None), Some(SetupFault::Taken), "as are those before it");
    desk.wait_ms(900_001);
    assert_eq!(claim(&mut desk, of_bob, 901, 7, None), Some(SetupFault::Unknown), "late");
    assert_eq!(denied(&ask(&mut desk, SAM, Act::NewCode { user: SAM })), DenialCode::NotYourself);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_late_word_leaves_the_device_its_time_to_come_for_the_certificate() {
    let mut desk = Desk::new();
    let code = code_for(&mut desk, ANN, 2);
    assert_eq!(claim(&mut desk, code, 900, 9, None), None);
    desk.wait_ms(890_000);
    assert_eq!(done(&mut desk, Act::ConfirmDevice { device: DeviceId(900) }, 40), Verdict::Managed);
    desk.wait_ms(880_000);
    assert!(desk.state.access().enrolment(code, desk.time).is_some_and(|known| known.confirmed));
    desk.wait_ms(21_000);
    assert!(desk.state.access().enrolment(code, desk.time).is_none(), "not for ever");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}
