//! Four eyes in the engine: who may be the second person, what one word covers, and all that makes a request void.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, Verdict, views};
use turret_shared::approval::{Ground, Judge, Request, Standing, VoidCause};
use turret_shared::command::Verb;
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{LimitScope, LimitSet, Policy, RoleSet};
use turret_shared::ids::{AccountId, ApprovalId, PendingId, UserId};
use turret_shared::limits::{APPROVAL_S_MAX, APPROVALS_OF_ONE_MAX};
use turret_shared::manage::{Act, Entrusted, Manage, Why};
use turret_shared::order::Side;
use turret_shared::role::Role;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, MIA, SAM, device_of};

const A1001: AccountId = AccountId(1);
const SUPPORT: Act = Act::SetRole { user: BOB, role: Some(Role::Support) };

fn manage(act: Act) -> Manage {
    Manage { act, why: Why::Duties }
}

/// Asked for and proved by Sam with the code of a step; what then waits.
fn asked(desk: &mut Desk, act: Act, step: u64) -> ApprovalId {
    let asked = desk.verb(SAM, Verb::Manage(manage(act)));
    match desk.proved(SAM, asked, step) {
        Verdict::ApprovalAsked { approval, .. } => approval,
        other => panic!("it waits for a second person, not {other:?}"),
    }
}

/// A word sent, without its proof.
fn says(desk: &mut Desk, who: UserId, word: Judge) -> Verdict {
    desk.verb(who, Verb::Judge(word))
}

/// A word sent and proved.
fn said(desk: &mut Desk, who: UserId, word: Judge, step: u64) -> Verdict {
    let asked = says(desk, who, word);
    desk.proved(who, asked, step)
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

/// Words of the events of the last decision.
fn told(desk: &Desk) -> Vec<&'static str> {
    desk.events.iter().map(Event::action).collect()
}

fn standing(desk: &Desk, approval: ApprovalId) -> Standing {
    let known = desk.state.access().approvals().all().find(|(id, _)| *id == approval);
    known.map(|(_, known)| known.standing(desk.time)).expect("known")
}

fn fact(desk: &mut Desk, event: Event) {
    assert_eq!(desk.input(Input::Setup(operator(), Box::new(event))).fault, None);
}

/// Somebody's role, by whoever runs the server; that ends their sessions, and they are back in another.
fn becomes(desk: &mut Desk, user: UserId, role: Role) {
    fact(desk, Event::RoleSet(RoleSet { user, role: Some(role) }));
    desk.sign_in(user, 50);
}

#[test]
fn nothing_is_done_before_a_second_person_proves_their_word_on_the_very_command() {
    let mut desk = Desk::new();
    let approval = asked(&mut desk, SUPPORT, 2);
    assert_eq!(told(&desk), ["totp_spent", "proof_given", "approval_asked"]);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Broker));
    let word = desk.word(approval, true);
    for wrong in [
        Judge { command: Digest([7; 32]), ..word },
        Judge { first: Some(word.command), ..word },
        Judge { first: None, ..word },
        Judge { ground: Ground::Suspicion, ..word },
        Judge { approve: false, ..word },
    ] {
        assert_eq!(denied(&says(&mut desk, KIM, wrong)), DenialCode::Invalid, "{wrong:?}");
        assert_eq!(told(&desk), ["approval_denied"], "the id that was shown leads somewhere");
    }
    let waits = says(&mut desk, KIM, word);
    assert!(matches!(waits, Verdict::StepUp { .. }));
    assert_eq!(desk.state.access().role(BOB), Some(Role::Broker), "nothing before her own code");
    assert_eq!(desk.proved(KIM, waits, 2), Verdict::Managed);
    assert_eq!(told(&desk), ["totp_spent", "proof_given", "approval_judged", "managed", "role_set", "session_ended"]);
    let Event::ApprovalJudged(judged) = desk.events[2].clone() else { panic!("judged") };
    let Event::Managed(done) = desk.events[3].clone() else { panic!("done") };
    assert_eq!((judged.judge, judged.by), (word, KIM));
    assert_eq!((done.proof, done.manage), (PendingId(approval.0), manage(SUPPORT)), "with the first person's proof");
    assert_eq!((desk.state.access().role(BOB), standing(&desk, approval)), (Some(Role::Support), Standing::Done));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn nobody_is_both_and_only_the_other_of_admin_and_supervisor_is_the_second() {
    let mut desk = Desk::new();
    becomes(&mut desk, MIA, Role::Admin);
    let approval = asked(&mut desk, SUPPORT, 2);
    let word = desk.word(approval, true);
    for (who, code) in [
        (SAM, DenialCode::OwnRequest),
        (MIA, DenialCode::OtherRole),
        (ANN, DenialCode::NotPermitted),
        (EVA, DenialCode::NotPermitted),
    ] {
        assert_eq!(denied(&says(&mut desk, who, word)), code, "{who}");
        assert_eq!(told(&desk)[0], "approval_denied");
    }
    let unknown = Judge { approval: ApprovalId(1 << 40), ..word };
    assert_eq!(denied(&says(&mut desk, KIM, unknown)), DenialCode::ApprovalVoid);
    assert_eq!(denied(&says(&mut desk, ANN, unknown)), DenialCode::NotPermitted, "nothing is learnt of what there is");
    // Whom it concerns is not the second person either.
    let about_kim = asked(&mut desk, Act::SetRole { user: KIM, role: Some(Role::Broker) }, 3);
    let word = desk.word(about_kim, true);
    assert_eq!(denied(&says(&mut desk, KIM, word)), DenialCode::NotYourself);
    // An admin becomes no broker: not alone, and not with a colleague who was the second person once.
    let by_mia = desk.verb(MIA, Verb::Manage(manage(Act::SetRole { user: SAM, role: Some(Role::Broker) })));
    let Verdict::ApprovalAsked { approval, .. } = desk.proved(MIA, by_mia, 51) else { panic!("it waits") };
    let word = desk.word(approval, true);
    assert_eq!(denied(&says(&mut desk, SAM, word)), DenialCode::OtherRole);
}

#[test]
fn a_stale_session_gives_no_word_and_a_word_kept_for_later_is_judged_later() {
    let mut desk = Desk::new();
    let approval = asked(&mut desk, SUPPORT, 2);
    let word = desk.word(approval, true);
    let stale = desk.principal(KIM);
    let waits = says(&mut desk, KIM, word);
    assert!(matches!(desk.sign_in(KIM, 5).session, Some(Ok(_))), "elsewhere, in a new session");
    assert_eq!(denied(&desk.proved(KIM, waits, 6)), DenialCode::ProofFailed, "it waited in the session that is over");
    let command = desk.command(Verb::Judge(word));
    let bytes = command.to_bytes();
    let input = turret_engine::ClientInput::new(stale, turret_shared::ids::CorrelationId(4), &bytes, command, None);
    let verdict = desk.input(Input::Client(Box::new(input))).verdict.expect("an answer");
    assert_eq!(denied(&verdict), DenialCode::NotPermitted);
    // Her right goes between her word and her code.
    let waits = says(&mut desk, KIM, word);
    becomes(&mut desk, KIM, Role::Support);
    assert_eq!(denied(&desk.proved(KIM, waits, 51)), DenialCode::ProofFailed);
    assert_eq!(denied(&says(&mut desk, KIM, word)), DenialCode::NotPermitted);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Broker));
}

#[test]
fn of_two_words_the_first_counts_and_neither_counts_twice() {
    let mut desk = Desk::new();
    becomes(&mut desk, ANN, Role::Supervisor);
    let approval = asked(&mut desk, SUPPORT, 2);
    let (yes, no) = (desk.word(approval, true), desk.word(approval, false));
    let by_kim = says(&mut desk, KIM, yes);
    let by_ann = says(&mut desk, ANN, no);
    assert_eq!(desk.proved(KIM, by_kim.clone(), 2), Verdict::Managed);
    assert_eq!(denied(&desk.proved(ANN, by_ann, 51)), DenialCode::ApprovalVoid);
    assert_eq!(denied(&desk.proved(KIM, by_kim, 3)), DenialCode::ProofFailed, "one proof, one word");
    assert_eq!(denied(&says(&mut desk, KIM, yes)), DenialCode::ApprovalVoid);
    assert_eq!(desk.state.access().role(BOB), Some(Role::Support));
    // Refused, it is over as well, and says why to who asked.
    let other = asked(&mut desk, Act::SetRole { user: BOB, role: Some(Role::Customer) }, 3);
    let no = desk.word(other, false);
    assert_eq!(said(&mut desk, ANN, no, 52), Verdict::Managed);
    assert_eq!(told(&desk), ["totp_spent", "proof_given", "approval_judged"]);
    let row = views::approvals(&desk.state, SAM).unwrap().remove(0);
    assert_eq!((row.standing, row.judged_by, row.ground), (Standing::Refused, Some(ANN), Some(Ground::Unexpected)));
    let yes = desk.word(other, true);
    assert_eq!(denied(&says(&mut desk, KIM, yes)), DenialCode::ApprovalVoid);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_changed_under_a_request_voids_it_even_if_it_is_turned_back() {
    let mut desk = Desk::new();
    let approval = asked(&mut desk, SUPPORT, 2);
    let waits = {
        let word = desk.word(approval, true);
        says(&mut desk, KIM, word)
    };
    becomes(&mut desk, BOB, Role::Customer);
    becomes(&mut desk, BOB, Role::Broker);
    assert_eq!(standing(&desk, approval), Standing::Void(VoidCause::Changed));
    assert_eq!(denied(&desk.proved(KIM, waits, 2)), DenialCode::ApprovalVoid);
    // The log says so by itself.
    assert_eq!(desk.state.next_deadline(), Some(desk.time));
    desk.input(Input::Timer);
    assert_eq!(told(&desk), ["approval_voided"]);
    assert_eq!(desk.state.next_deadline(), None);

    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn a_request_is_void_by_what_it_is_about_and_by_nothing_else() {
    let mut desk = Desk::new();
    let limit = |value| Event::LimitSet(LimitSet { scope: LimitScope::Account(A1001), rule: Rule::MaxQuantity, value });
    fact(&mut desk, limit(Some(5)));
    let raised = asked(&mut desk, Act::SetLimit { account: A1001, rule: Rule::MaxQuantity, value: Some(9) }, 2);
    fact(&mut desk, limit(Some(4)));
    assert_eq!(standing(&desk, raised), Standing::Void(VoidCause::Changed), "from 5 is not from 4");
    // Each of these is about its own account.
    let rights = |account| Act::SetRights { user: EVA, account: AccountId(account), to: Entrusted::View, until: None };
    let one = asked(&mut desk, rights(1), 3);
    let two = asked(&mut desk, rights(2), 4);
    assert_eq!(desk.approved(one, 3), Verdict::Managed);
    assert_eq!(desk.approved(two, 4), Verdict::Managed);
    // Somebody who was locked meanwhile gets no code all the same.
    let code = asked(&mut desk, Act::NewCode { user: ANN }, 5);
    assert_eq!(desk.act(manage(Act::LockUser { user: ANN, locked: true }), 6), Verdict::Managed);
    assert_eq!(standing(&desk, code), Standing::Void(VoidCause::Changed));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn time_its_author_and_the_loss_of_their_right_or_their_devices_void_it() {
    let mut desk = Desk::new();
    let late = asked(&mut desk, SUPPORT, 2);
    assert_eq!(denied(&desk.verb(KIM, Verb::Request(Request::Withdraw { approval: late }))), DenialCode::ApprovalVoid);
    let word = desk.word(late, true);
    desk.wait_ms(i64::try_from(APPROVAL_S_MAX).unwrap() * 1_000);
    assert_eq!(standing(&desk, late), Standing::Waiting, "to the last moment");
    desk.wait_ms(1);
    assert_eq!(standing(&desk, late), Standing::Void(VoidCause::Expired));
    assert_eq!(denied(&says(&mut desk, KIM, word)), DenialCode::ApprovalVoid);
    desk.input(Input::Timer);
    assert_eq!(told(&desk), ["approval_voided"]);

    let taken_back = asked(&mut desk, SUPPORT, 200);
    assert_eq!(desk.verb(SAM, Verb::Request(Request::Withdraw { approval: taken_back })), Verdict::Managed);
    assert_eq!(standing(&desk, taken_back), Standing::Void(VoidCause::Withdrawn));
    let word = desk.word(taken_back, true);
    assert_eq!(denied(&says(&mut desk, KIM, word)), DenialCode::ApprovalVoid);

    becomes(&mut desk, MIA, Role::Admin);
    let of_sam = asked(&mut desk, SUPPORT, 201);
    let lock = desk.verb(MIA, Verb::Manage(manage(Act::LockUser { user: SAM, locked: true })));
    assert_eq!(desk.proved(MIA, lock, 51), Verdict::Managed);
    assert_eq!(
        standing(&desk, of_sam),
        Standing::Void(VoidCause::RightLost),
        "whoever is locked is locked for a reason"
    );
    let of_mia = desk.verb(MIA, Verb::Manage(manage(SUPPORT)));
    let Verdict::ApprovalAsked { approval, .. } = desk.proved(MIA, of_mia, 52) else { panic!("it waits") };
    becomes(&mut desk, MIA, Role::Support);
    assert_eq!(standing(&desk, approval), Standing::Void(VoidCause::RightLost));
    assert_eq!(desk.state.access().role(BOB), Some(Role::Broker));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn an_enrolment_code_is_taken_by_its_issuer_once_it_is_approved_and_once_only() {
    let mut desk = Desk::new();
    let approval = asked(&mut desk, Act::NewCode { user: ANN }, 2);
    let collect = |desk: &mut Desk, who| desk.verb(who, Verb::Request(Request::Collect { approval }));
    assert_eq!(denied(&collect(&mut desk, SAM)), DenialCode::NotApproved);
    let word = desk.word(approval, true);
    assert_eq!(said(&mut desk, KIM, word, 2), Verdict::Managed);
    assert_eq!(told(&desk), ["totp_spent", "proof_given", "approval_judged"], "nothing is told to who approves");
    assert_eq!(standing(&desk, approval), Standing::Approved);
    assert_eq!(denied(&collect(&mut desk, KIM)), DenialCode::ApprovalVoid);
    assert_eq!(denied(&says(&mut desk, KIM, word)), DenialCode::ApprovalVoid, "approved once");
    assert!(matches!(collect(&mut desk, SAM), Verdict::CodeMade { user: ANN, .. }));
    assert_eq!(told(&desk), ["managed", "code_made"]);
    let Event::CodeMade(made) = desk.events[1].clone() else { panic!("made") };
    assert_eq!((made.by, made.code.0, standing(&desk, approval)), (SAM, approval.0, Standing::Done));
    assert_eq!(denied(&collect(&mut desk, SAM)), DenialCode::ApprovalVoid, "once");
    // Approved and not taken: void with the time a code has.
    let other = asked(&mut desk, Act::NewCode { user: BOB }, 3);
    let word = desk.word(other, true);
    assert_eq!(said(&mut desk, KIM, word, 3), Verdict::Managed);
    desk.wait_ms(900_001);
    let late = desk.verb(SAM, Verb::Request(Request::Collect { approval: other }));
    assert_eq!(denied(&late), DenialCode::ApprovalVoid);
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn what_only_takes_away_is_one_persons_to_do_at_once() {
    let account = A1001;
    let (session, device) = (Desk::new().principal(ANN).session, device_of(ANN).0);
    let limit = |value| Act::SetLimit { account, rule: Rule::OrderRate, value };
    for (act, two) in [
        (Act::EndSession { session }, false),
        (Act::LockUser { user: ANN, locked: true }, false),
        (Act::RevokeDevice { device }, false),
        (limit(Some(6)), false),
        (limit(Some(8)), true),
        (limit(None), true),
        (SUPPORT, true),
        (Act::SetRole { user: BOB, role: None }, true),
        (Act::SetDesk { user: BOB, desk: None }, true),
        (Act::SetRights { user: EVA, account, to: Entrusted::View, until: None }, true),
        (Act::RequirePassword { user: ANN }, true),
        (Act::NewCode { user: ANN }, true),
    ] {
        let mut desk = Desk::new();
        let seven = LimitSet { scope: LimitScope::Account(A1001), rule: Rule::OrderRate, value: Some(7) };
        fact(&mut desk, Event::LimitSet(seven));
        let asked = desk.verb(SAM, Verb::Manage(manage(act)));
        let verdict = desk.proved(SAM, asked, 2);
        assert_eq!(matches!(verdict, Verdict::ApprovalAsked { .. }), two, "{act:?}: {verdict:?}");
    }
    // A limit is lowered by another hand between asking and the code: what only lowered it would raise it now.
    let mut desk = Desk::new();
    let set = |value| Event::LimitSet(LimitSet { scope: LimitScope::Account(account), rule: Rule::OrderRate, value });
    fact(&mut desk, set(Some(7)));
    let asked = desk.verb(SAM, Verb::Manage(manage(limit(Some(6)))));
    fact(&mut desk, set(Some(5)));
    assert_eq!(denied(&desk.proved(SAM, asked, 2)), DenialCode::ApprovalVoid);
}

#[test]
fn one_person_fills_no_queue_and_each_sees_what_is_theirs_to_do() {
    let mut desk = Desk::new();
    for at in 0..APPROVALS_OF_ONE_MAX {
        asked(&mut desk, SUPPORT, 2 + at as u64);
    }
    let more = desk.verb(SAM, Verb::Manage(manage(SUPPORT)));
    assert_eq!(denied(&more), DenialCode::TooManyApprovals);
    let (of_sam, of_kim) = (views::approvals(&desk.state, SAM).unwrap(), views::approvals(&desk.state, KIM).unwrap());
    assert_eq!((of_sam.len(), of_kim.len()), (APPROVALS_OF_ONE_MAX, APPROVALS_OF_ONE_MAX));
    assert!(of_sam.iter().all(|row| !row.judge) && of_kim.iter().all(|row| row.judge));
    let row = &of_kim[0];
    let words = (row.what.as_str(), row.before.as_str(), row.after.as_str());
    assert_eq!((row.by, row.whom, words), (SAM, Some(BOB), ("role", "broker", "support")));
    for other in [ANN, EVA, MIA] {
        assert_eq!(views::approvals(&desk.state, other).err(), Some(DenialCode::NotPermitted));
    }
    let read = turret_engine::State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!(read.hash(), desk.state.hash());
}

#[test]
fn a_policy_figure_takes_two_either_way_and_binds_the_next_order() {
    let mut desk = Desk::new();
    let order = desk.limit(Side::Buy, 100, 18_950);
    assert!(matches!(desk.verb(ANN, Verb::OrderNew(order)), Verdict::Order { .. }), "nothing is asked of it");
    let act = |value| Act::SetPolicy { policy: Policy::StepUpNotional, role: Role::Broker, value };
    let approval = asked(&mut desk, act(Some(10_000_000)), 2);
    assert_eq!(views::approvals(&desk.state, KIM).unwrap()[0].after, "1000.00");
    let order = desk.limit(Side::Buy, 101, 18_950);
    assert!(matches!(desk.verb(ANN, Verb::OrderNew(order)), Verdict::Order { .. }), "one alone changed nothing");
    let word = desk.word(approval, true);
    assert_eq!(said(&mut desk, KIM, word, 2), Verdict::Managed);
    assert!(told(&desk).ends_with(&["managed", "policy_set"]));
    let order = desk.limit(Side::Buy, 102, 18_950);
    assert!(matches!(desk.verb(ANN, Verb::OrderNew(order)), Verdict::StepUp { .. }), "the very next one");
    // Lifting it takes two as well; what is so already, what cannot be and who may not are told at once.
    asked(&mut desk, act(None), 3);
    for (act, code) in [
        (act(Some(10_000_000)), DenialCode::NothingToDo),
        (act(Some(-1)), DenialCode::Invalid),
        (Act::SetPolicy { policy: Policy::StepUpNotional, role: Role::Admin, value: None }, DenialCode::Invalid),
    ] {
        assert_eq!(denied(&desk.verb(SAM, Verb::Manage(manage(act)))), code, "{act:?}");
    }
    assert_eq!(denied(&desk.verb(KIM, Verb::Manage(manage(act(None))))), DenialCode::NotPermitted);
    let figures = |user| views::policies(&desk.state, user).map(|rows| rows.len());
    assert_eq!(
        (figures(SAM), figures(KIM), figures(ANN)),
        (Ok(13), Ok(13), Ok(5)),
        "one's own, or all for who sets them"
    );
    assert_eq!(desk.folded().hash(), desk.state.hash());
}
