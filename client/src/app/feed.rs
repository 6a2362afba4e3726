//! Folds the feed into what is known: one message, one frame; it must keep cursor and marks where they are.

use turret_shared::ids::OrderId;
use turret_shared::order::{ExecType, OrdStatus};
use turret_shared::view::{FillState, FillView, OrderView};
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::alerts::{self, About, Kind};
use super::effect::Effect;
use super::modal::Modal;
use super::orders::Row;
use super::session::StoryLine;
use super::{Model, Screen, flight};
use crate::format;

/// Applies a message.
pub(super) fn apply(model: &mut Model, message: FeedMessage, out: &mut Vec<Effect>) {
    let mut names = false;
    for item in message.items {
        names |= renames(model, &item);
        one(model, item, out);
    }
    if let Some(session) = &mut model.session {
        session.through = Some(message.through);
        session.feed_messages = session.feed_messages.saturating_add(1);
    }
    if names {
        model.desk.renamed();
    }
    if names && !model.in_snapshot {
        model.refilter();
    }
    if message.rights.is_some() {
        super::kept::caught_up(model);
        back(model);
    }
}

/// True when the list may be sorted, filtered or summed otherwise: an account is told with each of its orders and fills, and
/// is called what it was called before.
fn renames(model: &Model, item: &FeedItem) -> bool {
    let desk = &model.desk;
    match item {
        FeedItem::Instrument(now) => desk.instruments.get(&now.id) != Some(&**now),
        FeedItem::Account(now) => desk.accounts.get(&now.account).is_none_or(|was| was.code != now.code),
        FeedItem::User(now) => desk.users.get(&now.user).is_none_or(|was| was.login != now.login),
        _ => false,
    }
}

fn one(model: &mut Model, item: FeedItem, out: &mut Vec<Effect>) {
    match item {
        FeedItem::SnapshotBegin => {
            model.in_snapshot = true;
            model.orders.clear();
            model.desk.clear();
            model.venues.clear();
            // What traded meanwhile is missing in the chart: its bars are asked for again.
            model.chart.of = None;
        }
        FeedItem::SnapshotEnd => {
            model.in_snapshot = false;
            alerts::reconcile(model);
            close_windows(model);
            // Before the list: what is today's follows from it.
            model.follow_zone();
            model.refilter();
            model.settled(out);
            if !model.kept_shown {
                super::lock::tell_changes(model);
            }
            flight::probe(model, out);
        }
        FeedItem::Order(view) => order(model, &view),
        FeedItem::Fill(fill) => execution(model, *fill),
        FeedItem::Position(position) => {
            model.desk.positions.insert((position.account, position.instrument), position);
        }
        FeedItem::Account(account) => {
            model.desk.accounts.insert(account.account, *account);
        }
        FeedItem::Instrument(instrument) => {
            let id = instrument.id;
            let state = model.market.quote(id).map(|quote| quote.view.state);
            if let Some(state) = state.or_else(|| model.desk.trading.get(&id).copied()) {
                model.venues.tell(id, &instrument.mic, state);
            }
            model.desk.put_instrument(*instrument);
        }
        FeedItem::Trading(instrument, state) => {
            model.desk.trading.insert(instrument, state);
            model.market.put_state(instrument, state);
            if let Some(listing) = model.desk.instruments.get(&instrument) {
                model.venues.tell(instrument, &listing.mic, state);
            }
        }
        FeedItem::User(user) => {
            model.desk.users.insert(user.user, *user);
        }
        FeedItem::Purge(account) => {
            model.alerts.purge(account);
            model.desk.purge(account);
            model.orders.purge(account);
            close_windows(model);
            model.refilter();
            let text = "An account is no longer yours: its orders are not shown any more.";
            model.alert(Kind::Rights, text, About::default(), true);
        }
        FeedItem::VenueLink(up) => venue_link(model, up),
        FeedItem::Trade(trade) => {
            model.chart.trade(&trade);
            model.market.put_trade(trade);
        }
        FeedItem::DataSource(name) => data_source(model, name),
        FeedItem::Alert(alert) => alerts::raised(model, &alert),
        FeedItem::Approvals => super::approvals::changed(model, out),
        FeedItem::Own(at, change) => super::own::changed(model, at, change),
        FeedItem::Gap => model.tell("The feed fell behind: what is shown is being fetched afresh."),
    }
}

/// What was missed while the link was down is here: says how much it was.
fn back(model: &mut Model) {
    let Some(away) = model.lost.filter(|_| std::mem::take(&mut model.recount)) else { return };
    let changed = away.count(&model.orders);
    let away = format::age(away.lasted_ns());
    let text = match changed {
        0 => format!("BACK after {away}. No order changed meanwhile."),
        _ => format!("BACK after {away}. {} changed meanwhile: marked +.", format::counted(changed, "order")),
    };
    model.reword(Kind::Link, &text);
}

/// Where prices come from is told at the beginning, and again when it changes: a recording that ended must be noticed.
fn data_source(model: &mut Model, name: String) {
    let before = std::mem::replace(&mut model.server.data_source, name);
    if !before.is_empty() && before != model.server.data_source {
        let now = turret_shared::text::escaped(&model.server.data_source);
        model.insist(&format!("Prices come from elsewhere now: {now}."), None);
    }
}

fn venue_link(model: &mut Model, up: bool) {
    let before = model.desk.venue_up.replace(up);
    if before == Some(true) && !up {
        let text = "The server lost its venue. Orders sent now wait; those there keep working.";
        model.alert(Kind::Venue, text, About::default(), true);
    } else if before == Some(false) && up {
        model.alerts.over(Kind::Venue);
        model.alert(Kind::Venue, "The venue is back.", About::default(), true);
    }
}

/// Takes an order as it is now.
pub(super) fn order(model: &mut Model, view: &OrderView) {
    if model.in_snapshot {
        model.orders.upsert(view);
        return;
    }
    let old = model.orders.get(view.order_id).copied();
    let line_before = model.blotter.cursor_line(&model.orders, &model.desk);
    if let Some(row) = &old {
        model.blotter.list.before_change(row, &model.orders, &model.desk);
    }
    tell_story(model, old.as_ref(), view);
    let canceled = old.filter(|_| view.ord_status == OrdStatus::Canceled);
    let name_before = canceled.map(|row| model.orders.cl_ord_id(&row).to_owned()).unwrap_or_default();
    let place = model.orders.upsert(view);
    model.blotter.list.after_change(place, &model.orders, &model.desk);
    model.blotter.keep_still(line_before, &model.orders, &model.desk);
    if old.is_none_or(|row| row.is_open()) && !view.ord_status.is_open() {
        close_windows(model);
    }
    alerts::order_changed(model, old.as_ref(), &name_before, view);
    forget_flight(model, view);
}

/// The feed may tell of an order before the answer to it does: the waiting line above the list goes.
fn forget_flight(model: &mut Model, view: &OrderView) {
    let answered = model.flights.iter().find_map(|(request, flight)| match flight {
        flight::Flight::New { order, in_doubt: true, .. } if order.cl_ord_id == view.cl_ord_id => Some(*request),
        _ => None,
    });
    if let Some(request) = answered {
        model.flights.remove(&request);
        model.insist(&format!("The order in doubt is {}: the server had it.", view.order_id), None);
    }
}

/// A window tied to an order that ended, or is not this person's to see any more, closes and says why.
fn close_windows(model: &mut Model) {
    let orders = &model.orders;
    let tied = |modal: &Modal| match modal {
        Modal::Cancel(open) => Some(open.order),
        Modal::Ticket(ticket) => match ticket.kind {
            super::ticket::Kind::Amend(order) => Some(order),
            super::ticket::Kind::New(_) => None,
        },
        _ => None,
    };
    let over = |order: OrderId| match orders.get(order) {
        None => Some(format!("{order} is not shown to you any more: the window about it closed.")),
        Some(row) if !row.is_open() => Some(format!("{order} is {} now: the window about it closed.", row.status)),
        Some(_) => None,
    };
    let mut words = Vec::new();
    model.modals.retain(|modal| {
        let why = tied(modal).and_then(over);
        words.extend(why.clone());
        why.is_none()
    });
    for why in words {
        model.insist(&why, None);
    }
}

fn tell_story(model: &mut Model, old: Option<&Row>, view: &OrderView) {
    // Executions tell themselves; a row sent twice tells nothing.
    if view.exec_type == ExecType::Trade || old.is_some_and(|row| row.sequence == view.sequence) {
        return;
    }
    let decimals = model.desk.decimals(view.instrument);
    let who = match view.exec_type {
        ExecType::PendingNew => model.desk.login(view.owner).to_owned(),
        ExecType::PendingCancel | ExecType::PendingReplace => {
            model.desk.login(view.asked_by.unwrap_or(view.owner)).to_owned()
        }
        _ => model.server.environment.word().to_owned(),
    };
    let mut detail = match view.exec_type {
        ExecType::PendingNew => format!("{} {}", view.side.word(), format::qty(view.order_qty)),
        _ => format!("Leaves {}", format::qty(view.leaves_qty)),
    };
    if let Some(price) = view.pending_price.filter(|price| Some(*price) != view.price) {
        let was = view.price.map_or_else(|| format::NONE.into(), |p| format::price(p, decimals));
        detail = format!("price {was} -> {}", format::price(price, decimals));
    }
    if let Some(stop) = view.pending_stop {
        let was = view.stop_px.map_or_else(|| format::NONE.into(), |p| format::price(p, decimals));
        detail.push_str(&format!("  stop {was} -> {}", format::price(stop, decimals)));
    }
    if let Some(qty) = view.pending_qty.filter(|qty| *qty != view.order_qty) {
        detail.push_str(&format!("  total {} -> {}", format::qty(view.order_qty), format::qty(qty)));
    }
    if view.in_doubt {
        detail = "IN DOUBT: the venue is asked".into();
    } else if !view.note.is_empty() && !view.ord_status.is_open() {
        detail = turret_shared::text::escaped(&view.note);
    }
    let what = if view.denial.is_some() { "Denied" } else { view.exec_type.as_str() };
    model.story.push(StoryLine { order: view.order_id, time: view.changed, who, what, detail });
}

fn execution(model: &mut Model, fill: FillView) {
    let decimals = model.desk.decimals(fill.instrument);
    let figures = format!("{} @ {}", format::qty(fill.last_qty), format::price(fill.last_px, decimals));
    let (what, detail) = match fill.state {
        FillState::Good => ("Trade", figures),
        FillState::Busted => (
            "BUSTED",
            fill.was.map_or(figures, |(qty, px)| format!("{} @ {}", format::qty(qty), format::price(px, decimals))),
        ),
        FillState::Corrected => ("Corrected", format!("now {figures}")),
    };
    let mine = model.session.as_ref().is_some_and(|session| session.user.user == fill.owner);
    let symbol = turret_shared::text::escaped(model.desk.symbol(fill.instrument));
    let line = StoryLine {
        order: fill.order_id,
        time: fill.time,
        who: model.server.environment.word().to_owned(),
        what,
        detail: detail.clone(),
    };
    let side = fill.side.word();
    let changed = match fill.state {
        FillState::Good => None,
        FillState::Busted => Some((Kind::Busted, "BUSTED")),
        FillState::Corrected => Some((Kind::Corrected, "CORRECTED")),
    };
    let epoch = model.desk.fills_epoch();
    let new = model.desk.put_fill(fill.clone());
    super::fill_order::booked(model, fill.exec_id, epoch, new);
    super::detail::fill_changed(model, &fill);
    if model.in_snapshot {
        return;
    }
    model.story.push(line);
    if let Some((kind, word)) = changed.filter(|_| alerts::concerns(model, fill.owner)) {
        let about = About { order: Some(fill.order_id), account: Some(fill.account), reference: None };
        model.alert(kind, &format!("{word} by the venue: {side} {symbol} {detail}"), about, true);
    } else if new && mine && !model.speaks_of_trouble() {
        model.tell(&format!("FILL {side} {symbol} {detail}"));
    }
    if new && model.screen != Screen::Fills {
        model.desk.fills_unseen = model.desk.fills_unseen.saturating_add(1);
    }
}
