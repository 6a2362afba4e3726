//! An order as the threats send it; it must judge nothing.

use turret_shared::command::{NewOrder, Verb};
use turret_shared::ids::ClOrdId;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};

/// A bid for one PFE below the market: small, and it rests.
pub(crate) fn bid(name: &str, account: &str, text: &str) -> NewOrder {
    NewOrder {
        cl_ord_id: ClOrdId::new(name).unwrap(),
        account: account.into(),
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

/// The bytes of that command, good for an hour whatever a test does to the clock.
pub(crate) fn bytes(order: NewOrder) -> Vec<u8> {
    let mut command = crate::wire::client::command(Verb::OrderNew(order));
    command.expires = command.expires.after_ns(3_600_000_000_000);
    command.to_bytes()
}
