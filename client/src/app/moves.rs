//! What the keys of lists do on each screen: move, mark, sort, open, copy; it must move nothing but cursors.

use turret_shared::account::Rights;
use turret_shared::ids::OrderId;
use turret_shared::order::{OrdType, Side};
use turret_shared::text::escaped;

use super::blotter::Frozen;
use super::effect::Effect;
use super::filter::Tab;
use super::geometry::{geometry, list_rows};
use super::modal::{Denied, Modal};
use super::picker::Go;
use super::quotes::Pane;
use super::session::Weight;
use super::ticket::{Draft, Focus, Kind, Ticket};
use super::{
    Model, Screen, alerts, approvals, attempts, audit, bans, chart, command, detail, drafts, fill_order, flight, house,
    limits, person, quotes, short, sight, sought, users,
};
use crate::format;

/// Said where only an order can be marked.
const NO_ORDER: &str = "No order under the cursor: nothing is marked.";

/// Said where no row can be seen to be marked.
const IN_FULL: &str = "Orders are marked in the list: Esc goes back to it.";

/// Rows a page moves by.
pub(super) fn page(model: &Model) -> isize {
    isize::try_from(list_rows(geometry(model).list)).unwrap_or(10).saturating_sub(1).max(1)
}

/// Moves the cursor of the screen shown by lines.
pub(super) fn step(model: &mut Model, by: isize, out: &mut Vec<Effect>) {
    match model.screen {
        Screen::Blotter if model.detail.open => {
            let last = crate::view::page_beyond(model);
            model.detail.top = model.detail.top.min(last).saturating_add_signed(by).min(last);
        }
        Screen::Blotter if model.blotter.tab() == Tab::Drafts => {
            let last = model.drafts.len().saturating_sub(1);
            model.blotter.draft = model.blotter.draft.saturating_add_signed(by).min(last);
        }
        Screen::Blotter => {
            let rows = rows_in_sight(model);
            model.blotter.stepped = model.blotter.step(by, rows, &model.orders, &model.desk);
        }
        Screen::Quotes if model.quotes.pane == Pane::Ladder => {
            quotes::move_ladder(model, by);
        }
        Screen::Audit if audit::beyond(model, by) => audit::more(model, out),
        _ => go(model, Go::By(by)),
    }
    settle_cursors(model, out);
}

/// Puts the cursor of the screen shown on a row of it, the topmost shown being 0.
pub(super) fn point(model: &mut Model, row: usize, out: &mut Vec<Effect>) {
    if model.screen == Screen::Blotter {
        sight::point(model, row);
    } else {
        go(model, Go::To(row));
    }
    settle_cursors(model, out);
}

/// Rows of the blotter there is room for.
fn rows_in_sight(model: &Model) -> usize {
    list_rows(geometry(model).list).saturating_sub(in_flight(model)).max(1)
}

/// Lines above the blotter's list: new orders that are not answered.
pub(super) fn in_flight(model: &Model) -> usize {
    let waits = |flight: &&flight::Flight| matches!(flight, flight::Flight::New { .. });
    if model.blotter.tab() == Tab::Drafts { 0 } else { model.flights.values().filter(waits).count() }
}

/// Every cursor is on a row if there is one, in sight, and what it points at is known.
pub(super) fn settle_cursors(model: &mut Model, out: &mut Vec<Effect>) {
    if model.screen == Screen::Blotter {
        let rows = rows_in_sight(model);
        let Model { blotter, orders, desk, drafts, .. } = model;
        if blotter.cursor.is_none() {
            blotter.put(0, orders);
        }
        blotter.follow(rows, orders, desk);
        blotter.follow_drafts(rows, drafts.len());
    } else {
        go(model, Go::Settle(list_rows(geometry(model).list)));
    }
    if model.screen == Screen::Quotes {
        let ladder = geometry(model).market.map_or(model.size.1, |area| area.h);
        quotes::centre(model, ladder, false);
        quotes::follow(model, out);
        chart::follow(model, out);
    }
    detail::follow(model, out);
    person::follow(model, out);
    limits::follow_denied(model, out);
}

/// Moves the cursor of a short list.
fn go(model: &mut Model, go: Go) {
    match model.screen {
        Screen::Blotter => {}
        Screen::Quotes => {
            let keys = quotes::shown(model);
            model.quotes.picker.go(go, &keys);
        }
        Screen::Positions => {
            let keys = short::position_keys(model);
            model.positions.go(go, &keys);
        }
        Screen::Fills => {
            fill_order::settle(model);
            model.fills.go(go, model.lists.booked.keys());
        }
        Screen::Accounts => {
            let keys = short::account_keys(model);
            model.accounts.go(go, &keys);
        }
        Screen::Audit => {
            let keys = model.audit.keys();
            model.audit.picker.go(go, &keys);
        }
        Screen::Users => {
            let keys = sought::person_keys(model);
            model.users.person.go(go, &keys);
        }
        Screen::Sessions => {
            let keys = sought::session_keys(model);
            model.users.session.go(go, &keys);
        }
        Screen::Devices => {
            let keys = sought::device_keys(model);
            model.users.device.go(go, &keys);
        }
        Screen::Denied => {
            let keys = attempts::keys(model);
            model.attempts.picker.go(go, &keys);
        }
        Screen::Bans => {
            let keys = bans::keys(model);
            model.bans.picker.go(go, &keys);
        }
        Screen::House => {
            let keys = house::keys(model);
            model.house.picker.go(go, &keys);
        }
        Screen::Limits => {
            let keys = sought::limit_keys(model);
            model.limits.picker.go(go, &keys);
        }
        Screen::Approvals => {
            let keys = model.approvals.keys();
            model.approvals.picker.go(go, &keys);
        }
        Screen::Alerts => {
            let keys = model.alerts.keys();
            model.alerts.picker.go(go, &keys);
        }
    }
}

/// Opens a ticket for the listing at hand; the quantity stays empty.
pub(super) fn open_ticket(model: &mut Model, side: Side) {
    if !model.desk.accounts.values().any(|account| account.rights.has(Rights::TRADE)) {
        return model.tell("You may trade no account: ask a supervisor.");
    }
    let Some(id) = model.next_cl_ord_id() else { return };
    let mut ticket = Ticket::new(side, id);
    let account = match model.screen {
        Screen::Positions | Screen::Accounts | Screen::Alerts => {
            model.account_here().map(|a| model.desk.account_code(a).to_owned())
        }
        _ => None,
    };
    ticket.account.set(&account.unwrap_or_default());
    if let Some(listing) = model.listing() {
        let symbol = model.desk.symbol(listing).to_owned();
        ticket.symbol.set(&symbol);
        super::ticket::seed_now(&mut ticket, model);
    }
    ticket.focus = if ticket.symbol.is_empty() {
        Focus::Symbol
    } else if ticket.account.is_empty() {
        Focus::Account
    } else {
        Focus::Quantity
    };
    model.modals.push(Modal::Ticket(Box::new(ticket)));
}

/// Opens an amend of the order at hand.
pub(super) fn open_amend(model: &mut Model) {
    let Some(row) = model.order_here().and_then(|id| model.orders.get(id)).copied() else { return };
    let Some(id) = model.next_cl_ord_id() else { return };
    let mut ticket = Ticket::new(row.side, id);
    let decimals = model.desk.decimals(row.instrument);
    ticket.kind = Kind::Amend(row.id);
    // A stop that has triggered is what it works as: what it waited for is no field any more.
    ticket.ord_type = match row.ord_type {
        OrdType::StopLimit if row.working => OrdType::Limit,
        OrdType::Stop if row.working => OrdType::Market,
        waits => waits,
    };
    ticket.tif = row.tif;
    ticket.account.set(model.desk.account_code(row.account));
    ticket.symbol.set(model.desk.symbol(row.instrument));
    ticket.quantity.offer(&format::qty(row.qty));
    ticket.price.offer(&row.price().map(|p| format!("{p:.decimals$}")).unwrap_or_default());
    ticket.stop.offer(&row.stop().map(|p| format!("{p:.decimals$}")).unwrap_or_default());
    super::ticket::seed_now(&mut ticket, model);
    model.modals.push(Modal::Ticket(Box::new(ticket)));
}

/// Goes to what needs a person next: on the alerts to the next of them, elsewhere to the next order, whatever view it
/// takes, and where no order does to the alerts.
pub(super) fn next_needing(model: &mut Model, out: &mut Vec<Effect>) {
    match model.screen {
        Screen::Users | Screen::Devices => users::next_locked(model),
        Screen::Audit => audit::next_marked(model),
        Screen::Approvals => approvals::next(model),
        _ => return next_order(model, out),
    }
    settle_cursors(model, out);
}

fn next_order(model: &mut Model, out: &mut Vec<Effect>) {
    if model.screen == Screen::Alerts || model.needing() == 0 {
        return alerts::next(model, out);
    }
    let mut needing: Vec<OrderId> =
        model.orders.iter().filter(|(_, row)| row.needs_person()).map(|(_, row)| row.id).collect();
    needing.sort_unstable_by(|a, b| b.cmp(a));
    let here = model.blotter.cursor;
    let next = needing.iter().copied().find(|id| here.is_none_or(|at| *id < at)).or(needing.first().copied());
    if let Some(order) = next {
        model.look_at(order, out);
    }
}

/// Puts away the alert at hand or the staying message, or else what the row at hand needs.
pub(super) fn put_away(model: &mut Model) {
    if model.screen == Screen::Alerts {
        alerts::dismiss_here(model);
    } else if model.notice.as_ref().is_some_and(|notice| notice.weight == Weight::Staying) {
        alerts::dismiss_notice(model);
    } else if model.draft_here().is_some() {
        drafts::throw_away(model);
    } else if let Some(order) = model.order_here() {
        model.dismiss(order);
    }
}

/// The window about a denied order that stands on the blotter.
pub(super) fn denied_of(model: &Model, order: OrderId) -> Option<Denied> {
    let row = model.orders.get(order)?;
    let denial = model.orders.extra(order)?.denial.clone()?;
    let decimals = model.desk.decimals(row.instrument);
    let shown =
        |price: Option<turret_shared::money::Price>| price.map(|p| format!("{p:.decimals$}")).unwrap_or_default();
    let draft = Draft {
        side: row.side,
        account: model.desk.account_code(row.account).to_owned(),
        symbol: model.desk.symbol(row.instrument).to_owned(),
        quantity: format::qty(row.qty),
        ord_type: row.ord_type,
        price: shown(row.price()),
        stop: shown(row.stop()),
        tif: row.tif,
        note: model.orders.text(row).to_owned(),
        kept: model.now.wall,
    };
    let line = command::order_line(model, order);
    let (correlation, time) = (row.correlation, row.entered);
    Some(Denied { line, draft: Some(draft), order: Some(order), denial: *denial, correlation, time, top: 0, saw: None })
}

/// Opens the window about the denied order at hand.
pub(super) fn edit_denied(model: &mut Model) {
    match model.order_here().and_then(|id| denied_of(model, id)) {
        Some(denied) => model.modals.push(Modal::Denied(Box::new(denied))),
        None => model.tell_keys("This order was not denied: {order-amend} amends a working one."),
    }
}

/// `Enter`: detail, the explanation of a denial, or a draft; it never sends.
pub(super) fn open_here(model: &mut Model, out: &mut Vec<Effect>) {
    match model.screen {
        Screen::Blotter if model.blotter.tab() == Tab::Drafts => drafts::open(model),
        Screen::Blotter => match model.order_here().and_then(|id| denied_of(model, id)) {
            Some(denied) => model.modals.push(Modal::Denied(Box::new(denied))),
            None => {
                model.detail.open = model.order_here().is_some() && !model.detail.open;
                if model.detail.open {
                    model.detail.top = 0;
                    detail::ask_story(model, out);
                }
            }
        },
        Screen::Fills => {
            if let Some(order) = model.order_here() {
                model.look_into(order, out);
            }
        }
        Screen::Quotes => pane(model),
        Screen::Positions => {
            if let Some(instrument) = model.listing() {
                model.quotes.filter.clear();
                model.quotes.picker.at = Some(instrument);
                super::act::show(model, Screen::Quotes, out);
            }
        }
        Screen::Audit => {
            let order = model.audit.chosen().and_then(|row| row.order_id).filter(|_| !model.audit.timeline);
            if let Some(order) = order {
                model.audit.words.set(&order.to_string());
                audit::search(model, out);
            }
        }
        Screen::Alerts => alerts::open(model, out),
        Screen::Denied => attempts::entry(model, out),
        Screen::Users | Screen::Sessions | Screen::Devices => users::history(model, out),
        Screen::Limits => limits::history(model, out),
        Screen::House => house::history(model, out),
        Screen::Bans => audit::search_for(model, "action=ban_set", out),
        Screen::Approvals => approvals::history(model, out),
        Screen::Accounts => {}
    }
}

/// Copies the whole identifier of the row at hand.
pub(super) fn copy(model: &mut Model, out: &mut Vec<Effect>) {
    let text = match model.screen {
        Screen::Blotter => model.order_here().map(|id| id.to_string()).or_else(|| model.draft_here().map(Draft::line)),
        Screen::Fills => model.fills.at.map(|id| id.to_string()),
        Screen::Quotes | Screen::Positions => model.listing().map(|id| model.desk.symbol(id).to_owned()),
        Screen::Accounts => model.accounts.at.map(|id| model.desk.account_code(id).to_owned()),
        Screen::Audit => model.audit.chosen().map(|row| row.correlation.to_string()),
        Screen::Alerts => model.alerts.chosen().map(alerts::Alert::plain_text),
        Screen::Users | Screen::Sessions | Screen::Devices => model.users.login_here(model.screen).map(str::to_owned),
        Screen::Approvals => model.approvals.chosen().map(|row| row.approval.to_string()),
        Screen::Denied => attempts::chosen(model).map(|row| row.correlation.to_string()),
        Screen::Bans => bans::chosen(model).map(|row| row.source.clone()),
        Screen::House => house::chosen(model).map(|row| row.code().to_owned()),
        Screen::Limits => model
            .limits
            .chosen()
            .map(|row| format!("{} {} {}", row.rule, escaped(&row.scope), limits::figure(row.rule, &row.limit))),
    };
    if let Some(text) = text {
        model.tell(&format!("Copied {}.", escaped(&text)));
        out.push(Effect::Copy(text));
    }
}

/// Marks the order in sight and goes on to the next.
pub(super) fn mark(model: &mut Model, out: &mut Vec<Effect>) {
    if model.detail.open {
        return model.tell(IN_FULL);
    }
    let Some(order) = model.order_here() else { return model.tell(NO_ORDER) };
    model.blotter.mark(order);
    step(model, 1, out);
}

pub(super) fn mark_range(model: &mut Model) {
    if model.detail.open {
        return model.tell(IN_FULL);
    }
    let Some(order) = model.order_here() else { return model.tell(NO_ORDER) };
    if model.blotter.range_from.is_none() {
        model.tell_keys("Range: move, then {mark-range} again marks from here to there.");
    }
    let Model { blotter, orders, desk, .. } = model;
    blotter.mark_range(order, orders, desk);
}

pub(super) fn tab(model: &mut Model, forward: bool, out: &mut Vec<Effect>) {
    if model.screen == Screen::Audit {
        return audit::view(model, forward, out);
    }
    if model.screen == Screen::Quotes {
        return quotes::switch(model);
    }
    if model.screen == Screen::Alerts {
        model.alerts.shown = model.alerts.shown.step(forward, model.alerts.is_watching());
    }
    if model.screen != Screen::Blotter {
        return;
    }
    choose_view(model);
    let steps = if forward { 1 } else { Tab::ALL.len().saturating_sub(1) };
    let next = (0..steps).fold(model.blotter.tab(), |tab, _| tab.next());
    model.blotter.list.filter.tab = next;
    model.blotter.top = 0;
    // Drafts are looked through from the newest.
    (model.blotter.draft, model.blotter.doomed) = (0, None);
    model.refilter();
    enter_view(model);
    settle_cursors(model, out);
}

/// Another tab, filter or sort is chosen: what stood in place of the list, or held it still, would hide it.
pub(super) fn choose_view(model: &mut Model) {
    model.detail.open = false;
    if model.blotter.frozen.take().is_some() {
        model.tell("The list is held no longer: another view of it was chosen.");
    }
}

/// Another tab or filter was chosen: the cursor stands on a row of it.
pub(super) fn enter_view(model: &mut Model) {
    let Model { blotter, orders, desk, .. } = model;
    blotter.enter_view(orders, desk);
}

pub(super) fn filter(model: &mut Model) {
    match model.screen {
        Screen::Blotter => {
            choose_view(model);
            model.blotter.typing = true;
        }
        Screen::Quotes => model.quotes.typing = true,
        Screen::Audit => (model.audit.typing, model.audit.sent) = (true, false),
        other => match model.lists.filter_mut(other) {
            Some((_, typing)) => *typing = true,
            None => model.tell("This list is short: it has no filter."),
        },
    }
}

/// Holds the list still, or lets it go.
pub(super) fn freeze(model: &mut Model) {
    if model.screen != Screen::Blotter {
        return model.tell("Only the blotter can be held still.");
    }
    if model.blotter.frozen.take().is_some() {
        return;
    }
    model.detail.open = false;
    let count = rows_in_sight(model);
    let rows = model.blotter.list.window(model.blotter.top, count);
    let rows = rows.filter_map(|place| model.orders.at(place)).copied().collect();
    model.blotter.frozen = Some(Frozen { rows, since_ms: model.now.mono_ms, waiting: 0 });
    model.tell_keys("Held still. Keys act on the orders as they are, not as they look. {freeze} lets go.");
}

pub(super) fn zoom(model: &mut Model) {
    match model.screen {
        Screen::Quotes => model.quotes.zoomed = !model.quotes.zoomed,
        _ => model.blotter.zoomed = !model.blotter.zoomed,
    }
}

pub(super) fn pane(model: &mut Model) {
    if model.screen == Screen::Quotes {
        model.quotes.pane = if model.quotes.pane == Pane::List { Pane::Ladder } else { Pane::List };
    }
}

/// The next of a few, round to the first; the first when what is there is none of them.
pub(super) fn round<T: Copy + PartialEq>(all: &[T], at: T, forward: bool) -> T {
    let count = all.len().max(1);
    let step = if forward { 1 } else { count.saturating_sub(1) };
    let next = all.iter().position(|one| *one == at).map_or(0, |place| place.saturating_add(step) % count);
    all.get(next).copied().unwrap_or(at)
}
