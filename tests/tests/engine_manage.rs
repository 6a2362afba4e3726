//! Acts on people, sessions and devices in the engine: who may, what each brings about, what stands in the way; no real codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::Verdict;
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::session::{ProofFault, SignInFault};
use turret_shared::ids::{DeviceId, PendingId, SessionId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::{OrdStatus, Side};
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

/// Asked for and proved with the code of a step.
fn done(desk: &mut Desk, act: Act, step: u64) -> Verdict {
    let pending = held(desk, act);
    match desk.prove(SAM, vec![pending], Ok(step)) {
        Verdict::Proof(mut verdicts) => verdicts.remove(0),
        other => panic!("judged, not {other:?}"),
    }
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
    }
    for act in [
        Act::LockUser { user: UserId(900), locked: true },
        Act::SetRole { user: UserId(900), role: None },
        Act::RevokeDevice { device: DeviceId(9_000) },
        Act::EndSession { session: SessionId(1 << 40) },
    ] {
        assert_eq!(denied(&ask(&mut desk, SAM, act)), DenialCode::UnknownTarget, "{act:?}");
    }
    for who in [ANN, KIM] {
        let verdict = ask(&mut desk, who, Act::LockUser { user: BOB, locked: true });
        assert_eq!(denied(&verdict), DenialCode::NotPermitted);
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
