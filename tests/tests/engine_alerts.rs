//! What people do with alerts of surveillance, in the engine: who may, what stands, what a rule's outcomes advise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{Input, State, Verdict};
use turret_shared::alert::{AlertEnd, AlertStanding, AlertStep, HandleAlert};
use turret_shared::command::{NewOrder, Verb};
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswer, AlertRule, AnswerDone};
use turret_shared::event::ops::ClockStep;
use turret_shared::ids::{BanId, Sequence, UserId};
use turret_shared::limits::ALERTS_MAX;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::Side;
use turret_shared::people::LockCause;
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, EVA, KIM, MIA, SAM, device_of};

fn says(desk: &mut Desk, who: UserId, alert: Sequence, step: AlertStep) -> Verdict {
    desk.verb(who, Verb::Alert(HandleAlert { alert, step }))
}

fn denied(verdict: &Verdict) -> DenialCode {
    match verdict {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

#[test]
fn an_alert_is_seen_given_and_over_by_those_who_may_and_it_outlives_a_restart() {
    let mut desk = Desk::new();
    let alert = desk.alerted(Some(ANN));
    let resolve = |end| AlertStep::Resolve { end };
    for who in [ANN, EVA, MIA] {
        assert_eq!(denied(&says(&mut desk, who, alert, AlertStep::Acknowledge)), DenialCode::NotPermitted);
        let told: Vec<_> = desk.events.iter().map(|event| event.action()).collect();
        assert_eq!(told, ["alert_denied", "access_denied"]);
    }
    assert_eq!(denied(&says(&mut desk, KIM, Sequence(1 << 40), AlertStep::Acknowledge)), DenialCode::UnknownAlert);
    assert_eq!(says(&mut desk, KIM, alert, AlertStep::Acknowledge), Verdict::Managed);
    assert_eq!(denied(&says(&mut desk, SAM, alert, AlertStep::Acknowledge)), DenialCode::NothingToDo);
    for to in [ANN, MIA, UserId(900)] {
        assert_eq!(denied(&says(&mut desk, KIM, alert, AlertStep::Assign { to })), DenialCode::UnknownTarget);
    }
    assert_eq!(says(&mut desk, KIM, alert, AlertStep::Assign { to: SAM }), Verdict::Managed);
    assert_eq!(denied(&says(&mut desk, KIM, alert, AlertStep::Assign { to: SAM })), DenialCode::NothingToDo);
    assert_eq!(says(&mut desk, SAM, alert, resolve(AlertEnd::Handled)), Verdict::Managed);
    assert_eq!(denied(&says(&mut desk, KIM, alert, resolve(AlertEnd::FalsePositive))), DenialCode::AlertOver);
    let known = desk.state.alerts().get(alert).unwrap().clone();
    assert_eq!((known.standing, known.assigned), (AlertStanding::Resolved(AlertEnd::Handled), Some(SAM)));
    assert_eq!(known.steps.iter().map(|(_, by, _)| *by).collect::<Vec<_>>(), [KIM, KIM, SAM]);
    // From the log alone, and from a snapshot.
    assert_eq!(desk.folded().alerts().get(alert), Some(&known));
    let kept = State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!(kept.alerts(), desk.state.alerts());
}

#[test]
fn nobody_has_a_say_in_what_is_about_themselves() {
    let mut desk = Desk::new();
    let alert = desk.alerted(Some(KIM));
    for step in
        [AlertStep::Acknowledge, AlertStep::Assign { to: SAM }, AlertStep::Resolve { end: AlertEnd::FalsePositive }]
    {
        assert_eq!(denied(&says(&mut desk, KIM, alert, step)), DenialCode::NotYourself);
    }
    assert_eq!(denied(&says(&mut desk, SAM, alert, AlertStep::Assign { to: KIM })), DenialCode::UnknownTarget);
    assert_eq!(says(&mut desk, SAM, alert, AlertStep::Acknowledge), Verdict::Managed);
}

#[test]
fn false_positives_are_counted_by_rule_and_advise_no_threshold_that_a_true_one_would_slip_under() {
    let mut desk = Desk::new();
    let rule = AlertRule::Probing;
    let resolved = |desk: &mut Desk, figure, end| {
        let alert = desk.alerted_of(rule, figure);
        assert_eq!(says(desk, KIM, alert, AlertStep::Resolve { end }), Verdict::Managed);
        desk.state.alerts().tally(rule)
    };
    let tally = resolved(&mut desk, 3, AlertEnd::FalsePositive);
    assert_eq!((tally.resolved, tally.false_positives, tally.suggested), (1, 1, Some(4)));
    let tally = resolved(&mut desk, 9, AlertEnd::Duplicate);
    assert_eq!((tally.resolved, tally.false_positives, tally.suggested), (2, 1, Some(4)), "it tells nothing by itself");
    let tally = resolved(&mut desk, 6, AlertEnd::FalsePositive);
    assert_eq!((tally.resolved, tally.false_positives, tally.suggested), (3, 2, Some(7)));
    let tally = resolved(&mut desk, 7, AlertEnd::Handled);
    assert_eq!(tally.suggested, Some(7), "the true one would still be told");
    let tally = resolved(&mut desk, 5, AlertEnd::Expected);
    assert_eq!((tally.resolved, tally.suggested), (5, None), "no figure parts the two");
    assert_eq!(desk.state.alerts().tally(AlertRule::Velocity).resolved, 0, "of that rule alone");
    let alert = desk.alerted_of(AlertRule::OffHours, 23);
    says(&mut desk, KIM, alert, AlertStep::Resolve { end: AlertEnd::FalsePositive });
    assert_eq!(desk.state.alerts().tally(AlertRule::OffHours).suggested, None, "an hour is no count");
}

#[test]
fn of_many_alerts_those_that_are_over_make_room_first() {
    let mut desk = Desk::new();
    let first = desk.alerted(None);
    let second = desk.alerted(None);
    says(&mut desk, KIM, second, AlertStep::Resolve { end: AlertEnd::Handled });
    for _ in 0..ALERTS_MAX - 1 {
        desk.alerted(None);
    }
    assert_eq!(desk.state.alerts().all().count(), ALERTS_MAX);
    assert!(desk.state.alerts().get(first).is_some() && desk.state.alerts().get(second).is_none());
    desk.alerted(None);
    assert!(desk.state.alerts().get(first).is_none(), "none is over: the oldest goes, and the log has it");
    assert_eq!(desk.state.alerts().all().count(), ALERTS_MAX);
}

fn order(desk: &mut Desk) -> Verdict {
    let order = desk.limit(Side::Buy, 10, 19_000);
    desk.verb(ANN, Verb::OrderNew(order))
}

fn told(desk: &Desk) -> Vec<&'static str> {
    desk.events.iter().map(|event| event.action()).collect()
}

fn answered(desk: &Desk, alert: Sequence) -> Option<AnswerDone> {
    desk.state.alerts().get(alert).and_then(|known| known.answered)
}

const OVER: AlertStep = AlertStep::Resolve { end: AlertEnd::Handled };

#[test]
fn an_answer_ends_a_persons_session_in_the_decision_that_raised_the_alert() {
    let mut desk = Desk::new();
    let told_only = desk.alerted(Some(ANN));
    assert_eq!((told(&desk), answered(&desk, told_only)), (vec!["alert_raised"], None));
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::KillSession);
    assert_eq!(told(&desk), ["alert_raised", "alert_answered", "session_ended"]);
    assert_eq!(answered(&desk, alert), Some(AnswerDone::SessionEnded));
    assert_eq!(desk.state.last_end(ANN), Some(SessionEnd::Alert));
    assert!(desk.state.sessions().all(|(_, live)| live.user != ANN), "hers alone");
    assert!(desk.state.sessions().any(|(_, live)| live.user == EVA));
    let again = desk.alerted_to(Some(ANN), AlertAnswer::KillSession);
    assert_eq!(answered(&desk, again), Some(AnswerDone::Nothing));
    let nobody = desk.alerted_to(None, AlertAnswer::LockUser);
    assert_eq!(
        (told(&desk), answered(&desk, nobody)),
        (vec!["alert_raised", "alert_answered"], Some(AnswerDone::Nobody))
    );
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn an_answer_locks_a_person_whom_an_admin_lets_in_again_and_never_the_last_admin() {
    let mut desk = Desk::new();
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::LockUser);
    assert_eq!(told(&desk), ["alert_raised", "alert_answered", "device_locked", "session_ended"]);
    assert_eq!(answered(&desk, alert), Some(AnswerDone::UserLocked));
    let device = device_of(ANN).0;
    assert_eq!(desk.state.access().device(device).unwrap().locked, Some(LockCause::Alert));
    let let_in = desk.act(Manage { act: Act::LockUser { user: ANN, locked: false }, why: Why::ALL[0] }, 2);
    assert!(desk.state.access().device(device).unwrap().is_live(), "{let_in:?}");
    let admin = desk.alerted_to(Some(SAM), AlertAnswer::LockUser);
    assert_eq!(told(&desk), ["alert_raised", "alert_answered", "session_ended"]);
    assert_eq!(answered(&desk, admin), Some(AnswerDone::LastAdmin));
    assert!(desk.state.access().device(device_of(SAM).0).unwrap().is_live());
}

#[test]
fn a_hold_refuses_new_orders_and_larger_ones_until_its_alert_is_resolved() {
    let mut desk = Desk::new();
    let standing = desk.order(Side::Buy, 100, 19_000);
    desk.ack(standing);
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::HoldOrders);
    assert_eq!(told(&desk), ["alert_raised", "alert_answered"]);
    assert_eq!(denied(&order(&mut desk)), DenialCode::OrdersHeld);
    for (units, cents) in [(Some(120), None), (None, Some(19_001)), (Some(90), Some(18_999))] {
        let refused = desk.amend(standing, units, cents);
        assert!(matches!(&refused, Verdict::Refused(no) if no.code == RefusalCode::OrdersHeld), "{refused:?}");
    }
    let second = desk.alerted_to(Some(ANN), AlertAnswer::HoldOrders);
    assert_eq!(answered(&desk, second), Some(AnswerDone::Nothing), "the first one holds them");
    // However many come after it, the one that holds them is there to be resolved.
    for _ in 0..ALERTS_MAX + 10 {
        desk.alerted(Some(EVA));
    }
    let kept = State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert!(kept.alerts().binds(ANN, AnswerDone::OrdersHeld) && kept.alerts().get(second).is_none());
    assert_eq!(desk.folded().hash(), desk.state.hash());
    assert_eq!(says(&mut desk, KIM, alert, OVER), Verdict::Managed);
    assert!(matches!(order(&mut desk), Verdict::Order { .. }));
    desk.alerted_to(Some(ANN), AlertAnswer::HoldOrders);
    assert!(matches!(desk.amend(standing, Some(50), None), Verdict::Order { .. }), "less goes out");
    assert!(matches!(desk.cancel(standing), Verdict::Refused(_) | Verdict::Order { .. }));
}

#[test]
fn an_order_that_waits_for_its_code_is_held_like_a_new_one() {
    let mut desk = Desk::new();
    let large = desk.limit(Side::Buy, 600, 19_000);
    let asked = desk.verb(ANN, Verb::OrderNew(large));
    assert!(matches!(asked, Verdict::StepUp { .. }));
    desk.alerted_to(Some(ANN), AlertAnswer::HoldOrders);
    assert_eq!(denied(&desk.proved(ANN, asked, 2)), DenialCode::OrdersHeld);
}

#[test]
fn an_answer_asks_for_a_fresh_code_with_each_order_until_its_alert_is_resolved() {
    let mut desk = Desk::new();
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::StepUp);
    for step in [2, 3] {
        let asked = order(&mut desk);
        assert!(matches!(&asked, Verdict::StepUp { reason, .. } if reason.contains("surveillance")), "{asked:?}");
        assert!(matches!(desk.proved(ANN, asked, step), Verdict::Order { .. }));
    }
    assert_eq!(says(&mut desk, SAM, alert, OVER), Verdict::Managed);
    assert!(matches!(order(&mut desk), Verdict::Order { .. }));
}

#[test]
fn a_jump_of_the_clock_is_an_alert_that_an_admin_resolves_before_any_code_counts_again() {
    let mut desk = Desk::new();
    let large = desk.limit(Side::Buy, 600, 19_000);
    let asked = desk.verb(ANN, Verb::OrderNew(large));
    let jump = |desk: &mut Desk| {
        let step = Event::ClockStep(ClockStep { by_ns: -3_600_000_000_000, acknowledged: false });
        desk.input(Input::Note(operator(), Box::new(step)));
        assert_eq!(told(desk), ["clock_step", "alert_raised"]);
        desk.state.through().unwrap()
    };
    let (first, second) = (jump(&mut desk), jump(&mut desk));
    let known = desk.state.alerts().get(first).unwrap().raised;
    assert_eq!((known.rule, known.figure), (AlertRule::ClockStep, 3_600));
    assert_eq!(says(&mut desk, KIM, first, AlertStep::Acknowledge), Verdict::Managed, "a supervisor looks into it");
    assert_eq!(denied(&says(&mut desk, KIM, first, OVER)), DenialCode::NotPermitted, "and cannot say that it is right");
    assert_eq!(says(&mut desk, SAM, first, OVER), Verdict::Managed);
    assert_eq!(told(&desk), ["alert_handled"], "there is another");
    assert!(matches!(desk.proved(ANN, asked.clone(), 2), Verdict::ProofRefused { .. }));
    // However many alerts come, one of the clock is there to be resolved.
    for _ in 0..ALERTS_MAX + 10 {
        desk.alerted(Some(EVA));
    }
    assert_eq!(says(&mut desk, SAM, second, OVER), Verdict::Managed);
    assert_eq!(told(&desk), ["alert_handled", "clock_step"]);
    assert!(matches!(desk.proved(ANN, asked, 2), Verdict::Order { .. }));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn an_answer_bans_the_source_for_an_hour_and_ends_the_session_and_of_the_last_admin_only_that() {
    let mut desk = Desk::new();
    let alert = desk.alerted_from(ANN, AlertAnswer::Ban);
    assert_eq!(told(&desk), ["alert_raised", "alert_answered", "ban_set", "session_ended"]);
    assert_eq!(answered(&desk, alert), Some(AnswerDone::Banned));
    let (now, number) = (desk.time, BanId(alert.0));
    let ban = desk.state.access().bans().get(number, now).unwrap();
    assert_eq!((ban.why.as_str(), ban.by, ban.until.since(now)), ("probing", None, 3_600 * NS_PER_S));
    let lifted = desk.act(Manage { act: Act::LiftBan { ban: number }, why: Why::Mistake }, 2);
    assert!(desk.state.access().bans().get(number, now).is_none(), "{lifted:?}");
    let nowhere = desk.alerted_to(Some(EVA), AlertAnswer::Ban);
    assert_eq!(answered(&desk, nowhere), Some(AnswerDone::SessionEnded), "from nowhere that is known");
    let admin = desk.alerted_from(SAM, AlertAnswer::Ban);
    assert_eq!(answered(&desk, admin), Some(AnswerDone::LastAdmin));
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

/// From when a no says that the same is taken again.
fn until(verdict: &Verdict) -> Option<Timestamp> {
    match verdict {
        Verdict::Denied(no) if no.code == DenialCode::Delayed => no.until,
        Verdict::Refused(no) if no.code == RefusalCode::Delayed => no.until,
        other => panic!("made to wait, not {other:?}"),
    }
}

#[test]
fn an_answer_makes_a_person_wait_with_orders_and_what_is_sensitive_and_never_with_cancels() {
    let mut desk = Desk::new();
    let standing = desk.order(Side::Buy, 100, 19_000);
    desk.ack(standing);
    let large = desk.limit(Side::Buy, 600, 19_000);
    let asked = desk.verb(ANN, Verb::OrderNew(large));
    assert!(matches!(asked, Verdict::StepUp { .. }));
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::Delay);
    assert_eq!(
        (told(&desk), answered(&desk, alert)),
        (vec!["alert_raised", "alert_answered"], Some(AnswerDone::Delayed))
    );
    let from = desk.time.after_ns(60 * NS_PER_S);
    let no = order(&mut desk);
    assert_eq!(until(&no), Some(from));
    let Verdict::Denied(no) = no else { panic!("denied") };
    let clock = from.rfc3339()[11..19].to_owned();
    assert!(no.text.contains("surveillance") && no.text.contains(&clock), "{}", no.text);
    assert_eq!(until(&desk.amend(standing, Some(120), None)), Some(from), "more of it waits too");
    assert_eq!(until(&desk.proved(ANN, asked, 2)), Some(from), "what waited for its code is judged as things are");
    assert!(matches!(desk.amend(standing, Some(50), None), Verdict::Order { .. }), "less goes out");
    let other = desk.limit(Side::Buy, 100, 19_000);
    assert!(matches!(
        desk.verb(BOB, Verb::OrderNew(NewOrder { account: "A2001".into(), ..other })),
        Verdict::Order { .. }
    ));
    let second = desk.alerted_to(Some(ANN), AlertAnswer::Delay);
    assert_eq!(answered(&desk, second), Some(AnswerDone::Nothing), "it ends no later");
    let kept = State::from_snapshot(&desk.state.snapshot_bytes()).unwrap();
    assert_eq!(kept.alerts().delays(ANN, desk.time), Some(from));
    assert!(matches!(desk.cancel(standing), Verdict::Refused(_) | Verdict::Order { .. }), "a cancel never waits");
    desk.wait_ms(60_000);
    assert!(matches!(order(&mut desk), Verdict::Order { .. }), "it ends by itself");
    let alert = desk.alerted_to(Some(ANN), AlertAnswer::Delay);
    assert_eq!(until(&order(&mut desk)), Some(desk.time.after_ns(60 * NS_PER_S)));
    assert_eq!(says(&mut desk, KIM, alert, OVER), Verdict::Managed);
    assert!(matches!(order(&mut desk), Verdict::Order { .. }), "resolving its alert lifts it");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn whoever_is_made_to_wait_gives_no_word_and_does_no_act_and_somebody_elses_word_on_their_order_counts() {
    let mut desk = Desk::new();
    let act = Act::SetRole { user: BOB, role: Some(Role::Support) };
    let wanted = |desk: &mut Desk| desk.verb(SAM, Verb::Manage(Manage { act, why: Why::Duties }));
    let asked = wanted(&mut desk);
    let Verdict::ApprovalAsked { approval, .. } = desk.proved(SAM, asked, 2) else { panic!("it takes two") };
    let word = Verb::Judge(desk.word(approval, true));
    let pending = desk.verb(KIM, word.clone());
    assert!(matches!(pending, Verdict::StepUp { .. }));
    let alert = desk.alerted_to(Some(KIM), AlertAnswer::Delay);
    let from = Some(desk.time.after_ns(60 * NS_PER_S));
    assert_eq!(until(&desk.verb(KIM, word.clone())), from);
    assert_eq!(until(&desk.proved(KIM, pending, 2)), from, "nor with a proof asked for before");
    assert_eq!(says(&mut desk, SAM, alert, OVER), Verdict::Managed);
    desk.alerted_to(Some(SAM), AlertAnswer::Delay);
    assert_eq!(until(&wanted(&mut desk)), from);
    let pending = desk.verb(KIM, word);
    assert_eq!(desk.proved(KIM, pending, 3), Verdict::Managed, "hers is no command of his");
    assert_eq!(desk.folded().hash(), desk.state.hash());
}
