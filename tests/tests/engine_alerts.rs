//! What people do with alerts of surveillance, in the engine: who may, what stands, what a rule's outcomes advise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::{State, Verdict};
use turret_shared::alert::{AlertEnd, AlertStanding, AlertStep, HandleAlert};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::{Sequence, UserId};
use turret_shared::limits::ALERTS_MAX;
use turret_tests::floor::Desk;
use turret_tests::floor::seed::{ANN, EVA, KIM, MIA, SAM};

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
