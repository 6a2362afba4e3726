//! Rows of views as JSON with the field's names in snake case; it must decide nothing.

use serde_json::{Map, Value, json};
use turret_shared::account::{OrderCapacity, Rights};
use turret_shared::ids::InstrumentId;
use turret_shared::money::{Price, Qty};
use turret_shared::view::{
    AccountView, AuditView, FillState, FillView, Level, LimitView, OrderView, PositionView, PreviewView, QuoteView,
    TradingState,
};

use super::figures::{amount, denial, fields, limit_unit, rule};
use super::names::Names;

fn price(names: &Names, instrument: InstrumentId, price: Option<Price>) -> Value {
    price.map_or(Value::Null, |price| Value::String(names.price(instrument, price)))
}

fn qty(qty: Option<Qty>) -> Value {
    qty.map_or(Value::Null, |qty| Value::String(qty.to_string()))
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An order.
pub(super) fn order(row: &OrderView, names: &Names) -> Map<String, Value> {
    let at = row.instrument;
    let mut fields = fields(json!({
        "order_id": row.order_id.to_string(),
        "cl_ord_id": row.cl_ord_id.as_str(),
        "orig_cl_ord_id": row.orig_cl_ord_id.as_ref().map(ToString::to_string),
        "account": names.account(row.account),
        "symbol": names.symbol(at),
        "side": row.side.as_str(),
        "ord_type": row.ord_type.as_str(),
        "time_in_force": row.tif.as_str(),
        "order_qty": row.order_qty.to_string(),
        "price": price(names, at, row.price),
        "stop_px": price(names, at, row.stop_px),
        "cum_qty": row.cum_qty.to_string(),
        "leaves_qty": row.leaves_qty.to_string(),
        "avg_px": price(names, at, row.avg_px),
        "ord_status": row.ord_status.as_str(),
        "exec_type": row.exec_type.as_str(),
        "working": row.working,
        "in_doubt": row.in_doubt,
        "pending_qty": qty(row.pending_qty),
        "pending_price": price(names, at, row.pending_price),
        "pending_stop": price(names, at, row.pending_stop),
        "owner": names.user(row.owner),
        "asked_by": row.asked_by.map(|user| names.user(user)),
        "entered": row.entered.rfc3339(),
        "transact_time": row.changed.rfc3339(),
        "text": row.text,
        "note": row.note,
        "correlation_id": row.correlation.to_string(),
        "sequence": row.sequence.0,
    }));
    if let Some(no) = &row.denial {
        fields.insert("denial".to_owned(), denial(no));
    }
    fields
}

/// An execution.
pub(super) fn fill(row: &FillView, names: &Names) -> Value {
    let at = row.instrument;
    let (exec_type, state) = match row.state {
        FillState::Good => ("Trade", "good"),
        FillState::Busted => ("TradeCancel", "busted"),
        FillState::Corrected => ("TradeCorrect", "corrected"),
    };
    json!({
        "exec_id": row.exec_id.to_string(),
        "exec_ref_id": row.exec_ref_id.map(|id| id.to_string()),
        "order_id": row.order_id.to_string(),
        "account": names.account(row.account),
        "symbol": names.symbol(at),
        "side": row.side.as_str(),
        "exec_type": exec_type,
        "state": state,
        "last_qty": row.last_qty.to_string(),
        "last_px": names.price(at, row.last_px),
        "cum_qty": row.cum_qty.to_string(),
        "was": row.was.map(|(q, p)| json!({ "last_qty": q.to_string(), "last_px": names.price(at, p) })),
        "last_liquidity": if row.removed { "removed" } else { "added" },
        "owner": names.user(row.owner),
        "transact_time": row.time.rfc3339(),
        "venue_exec_id": row.venue_exec,
    })
}

/// A position.
pub(super) fn position(row: &PositionView, names: &Names) -> Value {
    json!({
        "account": names.account(row.account),
        "symbol": names.symbol(row.instrument),
        "qty": row.qty.to_string(),
        "avg_cost": price(names, row.instrument, row.avg_cost),
        "realised": row.realised.to_string(),
        "bought": row.bought.to_string(),
        "sold": row.sold.to_string(),
        "open_buy": row.open_buy.to_string(),
        "open_sell": row.open_sell.to_string(),
    })
}

/// An account.
pub(super) fn account(row: &AccountView) -> Value {
    let capacity = match row.capacity {
        OrderCapacity::Agency => "agency",
        OrderCapacity::Principal => "principal",
        OrderCapacity::RisklessPrincipal => "riskless_principal",
    };
    json!({
        "account": row.code,
        "name": row.name,
        "desk": row.desk_code,
        "order_capacity": capacity,
        "currency": row.currency.to_string(),
        "cash": row.cash.to_string(),
        "reserved": row.reserved.to_string(),
        "buying_power": row.buying_power.to_string(),
        "view": row.rights.has(Rights::VIEW),
        "trade": row.rights.has(Rights::TRADE),
        "allocate": row.rights.has(Rights::ALLOCATE),
        "approve": row.rights.has(Rights::APPROVE),
    })
}

/// A limit.
pub(super) fn limit(row: &LimitView) -> Value {
    json!({
        "rule": row.rule.as_str(),
        "scope": row.scope,
        "limit": amount(&row.limit),
        "used": row.used.as_ref().map(amount),
        "unit": limit_unit(row.rule, &row.limit),
        "soft": row.soft,
        "override": row.overridable.to_string(),
    })
}

/// A log entry.
pub(super) fn audit(row: &AuditView) -> Value {
    json!({
        "sequence": row.sequence.0,
        "time": row.time.rfc3339(),
        "who": row.who,
        "action": row.action,
        "object": row.object,
        "outcome": row.outcome,
        "reason": row.reason,
        "detail": row.detail,
        "correlation_id": row.correlation.to_string(),
        "session": row.session.map(|id| id.0),
        "order_id": row.order_id.map(|id| id.to_string()),
        "leaf": hex(&row.leaf),
    })
}

/// A market.
pub(super) fn quote(row: &QuoteView, names: &Names) -> Map<String, Value> {
    let at = row.instrument;
    let px = |level: Option<&Level>| price(names, at, level.map(|level| level.price));
    let size = |level: Option<&Level>| qty(level.map(|level| level.qty));
    let side = |levels: &[Level]| -> Vec<Value> {
        levels
            .iter()
            .map(|level| json!({ "price": names.price(at, level.price), "qty": level.qty.to_string() }))
            .collect()
    };
    let state = match row.state {
        TradingState::Open => "open",
        TradingState::Halted => "halted",
        TradingState::Closed => "closed",
        TradingState::Frozen => "frozen",
    };
    fields(json!({
        "symbol": names.symbol(at),
        "time": row.time.rfc3339(),
        "state": state,
        "bid": px(row.bids.first()),
        "bid_qty": size(row.bids.first()),
        "ask": px(row.asks.first()),
        "ask_qty": size(row.asks.first()),
        "last": px(row.last.as_ref()),
        "last_qty": size(row.last.as_ref()),
        "open": price(names, at, row.open),
        "high": price(names, at, row.high),
        "low": price(names, at, row.low),
        "prev_close": price(names, at, row.prev_close),
        "volume": row.volume.to_string(),
        "bids": side(&row.bids),
        "asks": side(&row.asks),
        "sequence": row.sequence,
    }))
}

/// A dry run: what would trip, what came closest, and what it would change.
pub(super) fn preview(row: &PreviewView) -> Map<String, Value> {
    let tripped: Vec<Value> = row.rules.iter().filter(|r| r.tripped).map(rule).collect();
    let mut fields = fields(json!({
        "tripped": tripped,
        "closest": row.closest.as_ref().map(rule),
        "rules": row.rules.iter().map(rule).collect::<Vec<_>>(),
        "step_up": row.step_up,
        "notional": row.notional.map(|money| money.to_string()),
        "currency": row.currency.map(|currency| currency.to_string()),
        "position_before": row.position_before.to_string(),
        "position_after": row.position_after.to_string(),
        "buying_power_before": row.buying_power_before.to_string(),
        "buying_power_after": row.buying_power_after.to_string(),
    }));
    if let Some(no) = &row.denial {
        fields.insert("denial".to_owned(), denial(no));
    }
    fields
}
