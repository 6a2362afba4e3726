//! Acts on people, sessions and devices in the engine: who may, what each brings about, what stands in the way; no real codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, SessionInput, Verdict, views};
use turret_shared::account::Rights;
use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::event::setup::{EntitlementScope, EntitlementSet};
use turret_shared::ids::{AccountId, CorrelationId, DeskId, DeviceId, PendingId, SessionId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::{OrdStatus, Side};
use turret_shared::people::LockCause;
use turret_shared::role::Role;
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, BOB, KIM, SAM, device_of};

fn ask(desk: &mut Desk, who: UserId, act: Act) -> Verdict {
    desk.verb(who, Verb::Manage(Manage { act, why: Why::Suspicion }))
}

fn held(desk: &mut Desk, act: Act) -> PendingId {
    match ask(desk, SAM, act) {
        Verdict::StepUp { pending, .. } => pending,
        other => panic!("every act asks for a code, not {other:?}"),
    }
}

/// Asked for and proved with the code of a step, by a second person too where it takes two.
fn done(desk: &mut Desk, act: Act, step: u64) -> Verdict {
    desk.act(Manage { act, why: Why::Suspicion }, step)
}

fn proved(desk: &mut Desk, who: UserId, pending: &[PendingId], step: u64) -> Vec<Verdict> {
    match desk.prove(who, pending.to_vec(), Ok(step)) {
        Verdict::Proof(verdicts) => verdicts,
        other => panic!("judged, not {other:?}"),
    }
}

/// The session layer locks somebody's device.
fn lock_device(desk: &mut Desk, user: UserId, fault: SignInFault) {
    let (device, fault) = (device_of(user).0, Some(fault));
    let lock = SessionInput::LockDevice { device, locked: true, fault, correlation: CorrelationId(5) };
    desk.input(Input::Session(lock));
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

#[test]
fn nothing_is_done_before_the_code_and_the_reason_is_recorded_with_it() {
    let mut desk = Desk::new();
    let session = desk.principal(ANN).session;
    let pending = held(&mut desk, Act::EndSession { session });
    assert!(desk.state.session(session).is_some());
    let wrong = desk.prove(SAM, vec![pending], Err(ProofFault::Wrong));
    assert!(matches!(wrong, Verdict::ProofRefused { .. }));
    assert!(desk.state.session(session).is_some());
    let Verdict::Proof(verdicts) = desk.prove(SAM, vec![pending], Ok(2)) else { panic!("judged") };
    assert_eq!(verdicts, [Verdict::Managed]);
    assert_eq!(told(&desk, 4), ["totp_spent", "proof_given", "managed", "session_ended"]);
    let managed =
        desk.events.iter().rev().find_map(|event| if let Event::Managed(e) = event { Some(*e) } else { None });
    assert_eq!(managed.map(|e| (e.manage.why, e.proof)), Some((Why::Suspicion, pending)));
    assert_eq!((desk.state.session(session), desk.state.last_end(ANN)), (None, Some(SessionEnd::Killed)));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_locked_person_is_out_until_unlocked_and_their_orders_stay() {
    let mut desk = Desk::new();
    let order = desk.order(Side::Buy, 100, 19_000);
    desk.ack(order);
    assert_eq!(done(&mut desk, Act::LockUser { user: ANN, locked: true }, 2), Verdict::Managed);
    assert_eq!(desk.sign_in(ANN, 9).session, Some(Err(SignInFault::Device)));
    assert_eq!(desk.row(order).ord_status, OrdStatus::New);
    let again = ask(&mut desk, SAM, Act::LockUser { user: ANN, locked: true });
    assert_eq!(denied(&again), DenialCode::NothingToDo);
    assert_eq!(done(&mut desk, Act::LockUser { user: ANN, locked: false }, 3), Verdict::Managed);
    assert!(matches!(desk.sign_in(ANN, 10).session, Some(Ok(_))));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_role_changes_what_a_person_may_and_none_shuts_them_out() {
    let mut desk = Desk::new();
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Support) }, 2), Verdict::Managed);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Support));
    assert_eq!(desk.state.last_end(BOB), Some(SessionEnd::Killed));
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: None }, 3), Verdict::Managed);
    assert_eq!(desk.sign_in(BOB, 9).session, Some(Err(SignInFault::UserDisabled)));
}

#[test]
fn a_device_taken_out_never_comes_back() {
    let mut desk = Desk::new();
    let device = device_of(KIM).0;
    assert_eq!(done(&mut desk, Act::RevokeDevice { device }, 2), Verdict::Managed);
    assert_eq!(desk.state.last_end(KIM), Some(SessionEnd::DeviceRevoked));
    assert_eq!(denied(&ask(&mut desk, SAM, Act::RevokeDevice { device })), DenialCode::NothingToDo);
    // Unlocking lets no device in that is gone for good.
    assert_eq!(denied(&ask(&mut desk, SAM, Act::LockUser { user: KIM, locked: false })), DenialCode::NothingToDo);
    assert_eq!(desk.sign_in(KIM, 9).session, Some(Err(SignInFault::Device)));
}

#[test]
fn nobody_acts_on_themselves_or_on_what_is_not_there_and_only_admins_act() {
    let mut desk = Desk::new();
    let own = device_of(SAM).0;
    for act in [
        Act::LockUser { user: SAM, locked: true },
        Act::SetRole { user: SAM, role: None },
        Act::RevokeDevice { device: own },
    ] {
        assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::NotYourself, "{act:?}");
        assert_eq!(told(&desk, 9), ["manage_denied"], "the id that was shown leads somewhere");
    }
    for act in [
        Act::LockUser { user: UserId(900), locked: true },
        Act::SetRole { user: UserId(900), role: None },
        Act::RevokeDevice { device: DeviceId(9_000) },
        Act::EndSession { session: SessionId(1 << 40) },
    ] {
        assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::UnknownTarget, "{act:?}");
        assert_eq!(told(&desk, 9), ["manage_denied", "access_denied"]);
    }
    for who in [ANN, KIM] {
        // Access is judged before the envelope: an old command is refused for what it is.
        let manage = Manage { act: Act::LockUser { user: BOB, locked: true }, why: Why::Suspicion };
        let mut command = desk.command(Verb::Manage(manage));
        command.expires = desk.time.after_ns(-1);
        assert_eq!(denied(&desk.send(who, command)), DenialCode::NotPermitted);
        assert_eq!(told(&desk, 1), ["access_denied"]);
    }
    // One's own session may be ended.
    let session = desk.principal(SAM).session;
    assert_eq!(done(&mut desk, Act::EndSession { session }, 2), Verdict::Managed);
}

#[test]
fn what_changed_since_it_was_asked_for_is_judged_again() {
    let mut desk = Desk::new();
    let session = desk.principal(ANN).session;
    let pending = vec![held(&mut desk, Act::EndSession { session })];
    assert!(matches!(desk.sign_in(ANN, 5).session, Some(Ok(_))), "a new session takes the old one's place");
    let Verdict::Proof(verdicts) = desk.prove(SAM, pending, Ok(2)) else { panic!("judged") };
    assert_eq!(denied(&verdicts[0]), DenialCode::UnknownTarget);
}

#[test]
fn nobody_runs_users_with_rights_on_accounts_nor_finds_them_again_afterwards() {
    let mut desk = Desk::new();
    let desk_of_bob = EntitlementScope::Desk(DeskId(1));
    let one = EntitlementScope::Account(AccountId(3));
    let set = |scope, allow, deny| Event::EntitlementSet(EntitlementSet { user: BOB, scope, allow, deny });
    let fact = set(one, Rights::VIEW, Rights::TRADE);
    desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(fact)));
    // Between other roles what was given stays.
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Supervisor) }, 2), Verdict::Managed);
    assert!(desk.state.access().rights(BOB, AccountId(3)).has(Rights::VIEW));
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Admin) }, 3), Verdict::Managed);
    let cleared: Vec<_> =
        desk.events.iter().filter(|event| matches!(event, Event::EntitlementSet(_))).cloned().collect();
    let none = Rights::default();
    assert_eq!(cleared, [set(desk_of_bob, none, none), set(one, none, Rights::TRADE)], "each in the log by itself");
    assert_eq!(told(&desk, 1), ["role_set"]);
    assert_eq!(desk.state.access().rights(BOB, AccountId(3)), none);
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Broker) }, 4), Verdict::Managed);
    assert_eq!(desk.state.access().rights(BOB, AccountId(3)), none, "what was before does not come back");
    // Nor does what was given to somebody while they ran users.
    desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(set(desk_of_bob, Rights::VIEW, none))));
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Admin) }, 5), Verdict::Managed);
    desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(set(desk_of_bob, Rights::VIEW, none))));
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Broker) }, 6), Verdict::Managed);
    assert_eq!(desk.state.access().rights(BOB, AccountId(3)), none);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn who_runs_users_sees_limits_but_nobodys_cash_whatever_rights_are_left() {
    let mut desk = Desk::new();
    let has_cash = |desk: &Desk, user| {
        let rows = views::limits(&desk.state, user, "A2001").unwrap();
        assert!(!rows.is_empty());
        let table = views::limit_table(&desk.state, user).unwrap();
        let cash = |rows: &[turret_shared::view::LimitView]| rows.iter().any(|row| row.rule == Rule::BuyingPower);
        assert_eq!(cash(&rows), cash(&table));
        cash(&rows)
    };
    // A limit of the account itself, so that it has rows without its cash.
    assert!(has_cash(&desk, BOB));
    let role = Event::RoleSet(turret_shared::event::setup::RoleSet { user: BOB, role: Some(Role::Admin) });
    let limit = turret_shared::event::setup::LimitSet {
        scope: turret_shared::event::setup::LimitScope::Account(AccountId(3)),
        rule: Rule::OrderRate,
        value: Some(9),
    };
    for fact in [role, Event::LimitSet(limit)] {
        let decision = desk.input(Input::Setup(turret_tests::floor::desk::operator(), Box::new(fact)));
        assert_eq!(decision.fault, None);
    }
    assert!(desk.state.access().rights(BOB, AccountId(3)).has(Rights::VIEW), "the rights are still there");
    assert!(!has_cash(&desk, BOB));
}

#[test]
fn a_device_that_showed_a_stolen_token_is_unlocked_by_itself_or_not_at_all() {
    let mut desk = Desk::new();
    let (device, cause) =
        (device_of(ANN).0, |desk: &Desk| desk.state.access().device(device_of(ANN).0).unwrap().locked);
    lock_device(&mut desk, ANN, SignInFault::Code);
    assert_eq!((cause(&desk), desk.state.last_end(ANN)), (Some(LockCause::Failures), Some(SessionEnd::DeviceLocked)));
    assert_eq!(done(&mut desk, Act::LockUser { user: ANN, locked: false }, 2), Verdict::Managed);
    assert!(matches!(desk.sign_in(ANN, 10).session, Some(Ok(_))));
    lock_device(&mut desk, ANN, SignInFault::Token);
    assert_eq!((cause(&desk), desk.state.last_end(ANN)), (Some(LockCause::Token), Some(SessionEnd::TokenMisused)));
    // Neither wrong codes afterwards nor an admin's lock make it a lesser lock.
    lock_device(&mut desk, ANN, SignInFault::Code);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::LockUser { user: ANN, locked: true })), DenialCode::NothingToDo);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::LockUser { user: ANN, locked: false })), DenialCode::LockedForToken);
    assert_eq!(cause(&desk), Some(LockCause::Token));
    assert_eq!(done(&mut desk, Act::UnlockDevice { device }, 3), Verdict::Managed);
    assert_eq!(cause(&desk), None);
    assert_eq!(denied(&ask(&mut desk, SAM, Act::UnlockDevice { device })), DenialCode::NothingToDo);
    // Locked for codes first and for a token then: the graver counts, and is in the log.
    lock_device(&mut desk, ANN, SignInFault::Password);
    lock_device(&mut desk, ANN, SignInFault::Token);
    assert_eq!((cause(&desk), told(&desk, 9)), (Some(LockCause::Token), vec!["device_locked"]));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn one_code_carries_one_act_and_the_next_code_the_next() {
    let mut desk = Desk::new();
    let first = held(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Support) });
    let second = held(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Customer) });
    let verdicts = proved(&mut desk, SAM, &[first, second], 2);
    let Verdict::ApprovalAsked { approval, .. } = verdicts[0] else { panic!("it takes two") };
    assert_eq!(denied(&verdicts[1]), DenialCode::OneActPerCode);
    assert_eq!(told(&desk, 1), ["manage_denied"]);
    assert_eq!(desk.approved(approval, 2), Verdict::Managed);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Support));
    // It still waits, and is judged on what the first left.
    let verdicts = proved(&mut desk, SAM, &[second], 3);
    let Verdict::ApprovalAsked { approval, .. } = verdicts[0] else { panic!("it takes two") };
    assert_eq!(desk.approved(approval, 3), Verdict::Managed);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Customer));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn of_two_admins_who_take_each_other_out_the_first_stays() {
    let mut desk = Desk::new();
    assert_eq!(done(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Admin) }, 2), Verdict::Managed);
    assert!(matches!(desk.sign_in(BOB, 5).session, Some(Ok(_))));
    let by_sam = held(&mut desk, Act::LockUser { user: BOB, locked: true });
    let Verdict::StepUp { pending: by_bob, .. } = ask(&mut desk, BOB, Act::SetRole { user: SAM, role: None }) else {
        panic!("asked")
    };
    assert_eq!(proved(&mut desk, SAM, &[by_sam], 3), [Verdict::Managed]);
    let late = proved(&mut desk, BOB, &[by_bob], 6);
    assert_eq!(denied(&late[0]), DenialCode::ProofFailed, "his session and all that waited in it are gone");
    assert_eq!(desk.state.access().role(SAM), Some(Role::Admin));
}

#[test]
fn an_act_waits_no_longer_than_its_command_holds() {
    let mut desk = Desk::new();
    let manage = Manage { act: Act::LockUser { user: BOB, locked: true }, why: Why::Suspicion };
    let mut command = desk.command(Verb::Manage(manage));
    command.expires = desk.time.after_ns(10_000_000_000);
    let until = command.expires;
    let Verdict::StepUp { pending, expires, .. } = desk.send(SAM, command) else { panic!("asked") };
    assert_eq!(expires, until);
    desk.wait_ms(10_001);
    assert_eq!(denied(&proved(&mut desk, SAM, &[pending], 2)[0]), DenialCode::ProofFailed);
    assert!(desk.state.access().device(device_of(BOB).0).unwrap().is_live());
}

#[test]
fn who_runs_users_sees_when_each_was_last_let_in_and_how_often_turned_away_since() {
    let mut desk = Desk::new();
    let ann = |desk: &Desk| {
        let people = views::people(&desk.state, SAM).unwrap();
        let devices = views::devices(&desk.state, SAM).unwrap();
        let person = people.into_iter().find(|person| person.user == ANN).unwrap();
        let device = devices.into_iter().find(|device| device.user == ANN).unwrap();
        ((person.last_in, person.failures), (device.last_in, device.failures), device.registered)
    };
    let (person, device, registered) = ann(&desk);
    assert!(person.0.is_some() && person == device && registered <= person.0.unwrap(), "{person:?} {device:?}");
    desk.wait_ms(1_000);
    lock_device(&mut desk, ANN, SignInFault::Code);
    for step in [9, 9, 10] {
        assert!(matches!(desk.sign_in(ANN, step).session, Some(Err(SignInFault::Device))));
    }
    let (turned_away, on, _) = ann(&desk);
    assert_eq!((turned_away, on), ((person.0, 3), (device.0, 3)));
    assert_eq!(done(&mut desk, Act::LockUser { user: ANN, locked: false }, 2), Verdict::Managed);
    assert!(matches!(desk.sign_in(ANN, 20).session, Some(Ok(_))));
    let (let_in, ..) = ann(&desk);
    assert!(let_in.0 > person.0 && let_in.1 == 0, "{let_in:?}");
    let read = turret_engine::State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!(read.hash(), desk.state.hash());
}
