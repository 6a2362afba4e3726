//! Somebody who keeps sending orders, and what a desk says of them; it must expect no venue to answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use turret_shared::command::{NewOrder, Verb};
use turret_shared::ids::{ClOrdId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::view::{OrderView, PositionView};
use turret_shared::wire::control::{ClientFrame, LogHead, Outcome, ServerFrame};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::client::{Control, command};

/// One share for the account of a demonstration, with a text that has to lie in the vault.
pub(crate) fn bid(name: &str, text: &str) -> NewOrder {
    NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: "A1001".into(),
        symbol: "PFE".into(),
        side: Side::Buy,
        qty: Qty::whole(1).unwrap(),
        ord_type: OrdType::Limit,
        price: Some(Price::parse("28.00").unwrap()),
        stop_px: None,
        tif: TimeInForce::Day,
        confirmed: true,
        text: text.into(),
        saw: None,
    }
}

pub(crate) async fn order(control: &mut Control, name: &str, text: &str) -> OrderView {
    let request = control.command_bytes(command(Verb::OrderNew(bid(name, text))).to_bytes()).await;
    match control.outcome(request).await {
        Outcome::Order(taken) => taken.order,
        other => panic!("{name} was not taken: {other:?}"),
    }
}

/// Orders one after the other until told to stop: all that were taken.
pub(crate) struct Trader {
    stop: Arc<AtomicBool>,
    orders: tokio::task::JoinHandle<(Control, Vec<OrderView>)>,
}

impl Trader {
    pub(crate) fn begin(mut control: Control, text: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let orders = tokio::spawn(async move {
            let mut taken = Vec::new();
            while !stopping.load(Ordering::Acquire) {
                let name = format!("t{}", taken.len());
                taken.push(order(&mut control, &name, text).await);
            }
            (control, taken)
        });
        Self { stop, orders }
    }

    pub(crate) async fn end(self) -> (Control, Vec<OrderView>) {
        self.stop.store(true, Ordering::Release);
        self.orders.await.expect("every order was taken")
    }
}

/// Every order that somebody sees, by number.
pub(crate) async fn orders(control: &Control) -> Vec<OrderView> {
    let mut orders = Vec::new();
    for answer in control.ask(Ask::Orders { status: None, account: None, cl_ord_id: None }).await {
        match answer.body {
            AnswerBody::Orders(rows) => orders.extend(rows),
            other => panic!("{other:?}"),
        }
    }
    orders.sort_by_key(|order: &OrderView| order.order_id);
    orders
}

/// The numbers of orders, in their order.
pub(crate) fn numbers(orders: &[OrderView]) -> Vec<OrderId> {
    orders.iter().map(|order| order.order_id).collect()
}

pub(crate) async fn positions(control: &Control) -> Vec<PositionView> {
    let answers = control.ask(Ask::Positions(None)).await.into_iter();
    let rows = answers.flat_map(|answer| match answer.body {
        AnswerBody::Positions(rows) => rows,
        other => panic!("{other:?}"),
    });
    rows.collect()
}

/// What is held, whatever is at work.
pub(crate) fn holdings(positions: &[PositionView]) -> Vec<PositionView> {
    let idle = |position: &PositionView| PositionView { open_buy: Qty(0), open_sell: Qty(0), ..*position };
    positions.iter().map(idle).collect()
}

/// The newest head of the log, with the proof from `have` on.
pub(crate) async fn head(control: &mut Control, have: Option<u64>) -> LogHead {
    control.say(&ClientFrame::HeadWanted { have }).await;
    loop {
        if let ServerFrame::Head(head) = control.hear().await {
            return *head;
        }
    }
}
