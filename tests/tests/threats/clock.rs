//! Threat 13: somebody sets the server's clock; nothing revives, and what needs a code by the clock stops.

use turret_shared::alert::{AlertEnd, AlertStep, HandleAlert};
use turret_shared::command::Verb;
use turret_shared::event::alert::AlertRule;
use turret_shared::limits::SESSION_IDLE_S_MAX;
use turret_shared::money::Qty;
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};

use super::orders::{bid, bytes};
use crate::wire::client::{Control, command};
use crate::wire::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_13_a_wall_clock_that_is_set_is_a_fact_and_gives_no_session_time() {
    let house = House::open().await;
    let (ann, mia) = (house.person("ann.lee"), house.person("mia.ortiz"));
    let step = house.clock.step();
    let (mut control, signed_in) = Control::entered(&ann, house.address, step).await;
    let (support, _) = Control::entered(&mia, house.address, step).await;
    house.clock.jump_s(-3_600);
    let filter = AuditFilter { action: Some("clock_step".into()), ..AuditFilter::default() };
    let rows = loop {
        // The writer looks at the clock at its next tick.
        let rows = support.found(filter.clone()).await;
        if !rows.is_empty() {
            break rows;
        }
    };
    assert_eq!((rows.len(), rows[0].who.as_str()), (1, "engine"));
    assert_eq!(rows[0].detail, "-3600000000000 ns");
    house.clock.advance_s(SESSION_IDLE_S_MAX as u32 - 1);
    let left_s = match control.hear().await {
        ServerFrame::SessionClock { idle_left_s, .. } => idle_left_s,
        other => panic!("{other:?}"),
    };
    assert_eq!(left_s, 1, "an hour back gives no hour more");
    house.clock.advance_s(1);
    let ended = control.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::Idle }), "{ended:?}");
    // Nothing that is over comes back, however the clock is set.
    for jump_s in [-86_400, 2 * 86_400] {
        house.clock.jump_s(jump_s);
        let (_, answer) = Control::resume(&ann, house.address, signed_in.token.clone()).await;
        assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
        house.clock.advance_s(10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_13_after_the_clock_was_set_no_code_lets_an_order_through_and_no_spent_one_is_new() {
    let house = House::open().await;
    let ann = house.person("ann.lee");
    let step = house.clock.step();
    let (mut control, _) = Control::entered(&ann, house.address, step).await;
    let mut large = bid("large", "A1001", "");
    large.qty = Qty::whole(3_900).unwrap();
    let request = control.command_bytes(bytes(large)).await;
    let Outcome::StepUp { pending, .. } = control.outcome(request).await else { panic!("a code is asked for") };
    // A code overlooked by its owner comes of age again when the clock goes back: it must not count.
    house.clock.advance_s(30);
    house.clock.jump_s(-3_600);
    let code = SecretText::new(ann.code_of(house.clock.step()));
    control.say(&ClientFrame::Proof { request: 77, pending: vec![pending], code }).await;
    let answer = control.outcome(77).await;
    assert!(matches!(answer, Outcome::ProofRefused { .. }), "{answer:?}");
    // Nor at the door is a step before the last one spent worth anything.
    let (mut door, _) = Control::hello(&ann, house.address).await;
    let answer = door.factors(&ann.login, &ann.password, &ann.code_of(house.clock.step())).await;
    assert!(matches!(answer, ServerFrame::SignInFailed { .. }), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_13_a_clock_that_was_set_is_an_alert_and_an_admin_says_when_the_time_is_right() {
    let house = House::open().await;
    let (ann, sam) = (house.person("ann.lee"), house.person("sam.wood"));
    let step = house.clock.step();
    let (mut control, _) = Control::entered(&ann, house.address, step).await;
    let (mut admin, _) = Control::entered(&sam, house.address, step).await;
    let mut alerts = Vec::new();
    for (count, jump_s) in [(1, -3_600), (2, 3_600)] {
        house.clock.jump_s(jump_s);
        while alerts.len() < count {
            let AnswerBody::Alerts(rows, _) = admin.ask(Ask::Alerts).await.remove(0).body else { panic!("alerts") };
            alerts = rows.into_iter().filter(|row| row.rule == AlertRule::ClockStep).collect();
        }
    }
    assert_ne!(alerts[0].correlation, alerts[1].correlation, "each has its own to quote");
    house.clock.advance_s(30);
    let mut large = bid("large", "A1001", "");
    large.qty = Qty::whole(3_900).unwrap();
    let request = control.command_bytes(bytes(large)).await;
    let Outcome::StepUp { pending, .. } = control.outcome(request).await else { panic!("a code is asked for") };
    let code = || SecretText::new(ann.code_of(house.clock.step()));
    control.say(&ClientFrame::Proof { request: 77, pending: vec![pending], code: code() }).await;
    let refused = control.outcome(77).await;
    assert!(matches!(refused, Outcome::ProofRefused { .. }), "it is right again, and nobody said so: {refused:?}");
    for alert in alerts {
        let step = AlertStep::Resolve { end: AlertEnd::Handled };
        let verb = Verb::Alert(HandleAlert { alert: alert.alert, step });
        let request = admin.command_bytes(command(verb).to_bytes()).await;
        assert!(matches!(admin.outcome(request).await, Outcome::Managed));
    }
    control.say(&ClientFrame::Proof { request: 78, pending: vec![pending], code: code() }).await;
    let taken = control.outcome(78).await;
    assert!(matches!(taken, Outcome::Proof(_)), "{taken:?}");
}
