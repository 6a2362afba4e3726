//! Threat 22: asking after what is somebody else's; the answer is that of what there is not, and the question is in the log.

use turret_shared::command::{CancelOrder, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::ids::ClOrdId;
use turret_shared::ids::OrderId;
use turret_shared::wire::control::{Outcome, ServerFrame, SessionEnd};
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};

use super::orders::{bid, bytes};
use crate::wire::client::{Control, command};
use crate::wire::house::House;

/// An outcome without what names the command.
fn bare(outcome: Outcome) -> Vec<u8> {
    minicbor::to_vec(outcome).unwrap()
}

async fn cancels(control: &mut Control, order: OrderId, name: &str) -> Vec<u8> {
    let verb = Verb::OrderCancel(CancelOrder { cl_ord_id: ClOrdId::new(name).unwrap(), order });
    let mut command = command(verb);
    command.expires = command.expires.after_ns(3_600_000_000_000);
    let request = control.command_bytes(command.to_bytes()).await;
    bare(control.outcome(request).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_22_a_foreign_account_and_a_foreign_order_answer_like_none_and_are_flagged() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (mut eva, _) = Control::entered(&house.person("eva.koch"), house.address, step).await;
    let (support, _) = Control::entered(&house.person("mia.ortiz"), house.address, step).await;
    let request = ann.command_bytes(bytes(bid("hers", "A1001", ""))).await;
    let Outcome::Order(hers) = ann.outcome(request).await else { panic!("taken") };
    let hers = hers.order.order_id;

    let mut answers = Vec::new();
    for account in ["A1001", "A2001", "A7777"] {
        let request = eva.command_bytes(bytes(bid(&format!("on-{account}"), account, ""))).await;
        let Outcome::Denied(denial) = eva.outcome(request).await else { panic!("denied") };
        assert_eq!(denial.code, DenialCode::UnknownAccount, "{denial:?}");
        answers.push((denial.code, denial.text.replace(account, "?"), denial.rules.len(), denial.passed));
    }
    assert_eq!(answers[0], answers[2]);
    assert_eq!(answers[1], answers[2]);

    // A minute between, for five of these in one minute end the session.
    house.clock.advance_s(61);
    let nobodys = OrderId(hers.0 + 256 * 1_000_000);
    assert_eq!(cancels(&mut eva, hers, "c1").await, cancels(&mut eva, nobodys, "c2").await);
    for (foreign, none) in [(Ask::Story(hers), Ask::Story(nobodys)), (Ask::Order(hers), Ask::Order(nobodys))] {
        house.clock.advance_s(61);
        let answer = async |ask| match eva.ask(ask).await.remove(0).body {
            AnswerBody::Denied { code, .. } => code,
            other => panic!("{other:?}"),
        };
        assert_eq!(answer(foreign).await, answer(none).await);
    }
    house.clock.advance_s(61);
    for n in 0..5 {
        let request = eva.command_bytes(bytes(bid(&format!("probe{n}"), "A1001", ""))).await;
        assert!(matches!(eva.outcome(request).await, Outcome::Denied(_)));
    }
    let ended = eva.hear_news().await;
    assert!(matches!(ended, ServerFrame::SessionEnded { reason: SessionEnd::Probing }), "{ended:?}");
    let filter = AuditFilter { action: Some("access_denied".into()), ..AuditFilter::default() };
    let rows = support.found(filter).await;
    let hers = rows.iter().filter(|row| row.who == "eva.koch" && row.outcome == "flagged");
    assert!(hers.count() >= 4, "{rows:?}");
}
