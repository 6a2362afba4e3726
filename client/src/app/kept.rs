//! What this device kept, shown before the server is heard; it must never pass for what the server says now.

use turret_shared::command::{Command, NewOrder, Verb};
use turret_shared::ids::Sequence;
use turret_shared::time::Timestamp;
use turret_shared::view::UserView;
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::effect::Effect;
use super::flight::Flight;
use super::orders::Orders;
use super::ticket::Draft;
use super::{Model, Stage, command, feed, habits};

/// Rows of the feed as this device kept them, orders packed as they come so that showing them takes no time.
#[derive(Debug, Default)]
pub struct Rows {
    orders: Orders,
    others: Vec<FeedItem>,
}

impl Rows {
    /// None yet, for this person.
    #[must_use]
    pub fn of(me: &UserView) -> Self {
        let mut rows = Self::default();
        rows.orders.set_me(me);
        rows
    }

    /// Takes one.
    pub fn put(&mut self, row: FeedItem) {
        match row {
            FeedItem::Order(view) => {
                self.orders.upsert(&view);
            }
            other => self.others.push(other),
        }
    }
}

/// What was found on this device at sign-in.
#[derive(Debug, Default)]
pub struct Kept {
    /// Every row.
    pub rows: Rows,
    /// What they stand for; `None` when there are none.
    pub through: Option<Sequence>,
    /// Tickets put aside.
    pub drafts: Vec<Draft>,
    /// The desk as it was arranged.
    pub layout: Option<String>,
    /// Bytes of commands sent and not known to be answered, oldest first.
    pub unanswered: Vec<Vec<u8>>,
    /// Why nothing is shown of what was kept, where there was something.
    pub word: Option<&'static str>,
}

/// Takes it in, behind a sign-in and before the first word of the feed.
pub(super) fn opened(model: &mut Model, kept: Kept, out: &mut Vec<Effect>) {
    if model.stage != Stage::Desk {
        return;
    }
    put_back(model, kept.drafts);
    if let Some(line) = &kept.layout {
        habits::restore(model, line);
    }
    model.drafts_kept.clone_from(&model.drafts);
    // Before the rows: with them the server is asked for what is in doubt.
    let lines: Vec<String> = kept.unanswered.iter().filter_map(|bytes| in_doubt(model, bytes)).collect();
    if let Some(through) = kept.through {
        let Rows { orders, others } = kept.rows;
        let message = |items| FeedMessage { through, items, rights: None };
        model.kept_shown = true;
        // It forgets all there was.
        feed::apply(model, message(vec![FeedItem::SnapshotBegin]), out);
        model.orders.take_over(orders);
        let rest = others.into_iter().chain([FeedItem::SnapshotEnd]);
        feed::apply(model, message(rest.collect()), out);
        model.tell("Shown as this device kept it: what is new is being fetched.");
    }
    if let Some(first) = lines.first() {
        model.insist(&format!("Sent last time and not answered: {first}. Look whether it is so."), None);
    }
    if let Some(word) = kept.word {
        model.insist(word, None);
    }
}

/// Tickets put aside come back once, however many ways they were kept.
pub(super) fn put_back(model: &mut Model, drafts: Vec<Draft>) {
    for draft in drafts {
        if !model.drafts.contains(&draft) {
            model.drafts.push(draft);
        }
    }
}

/// The server was heard: what is shown is as it says from here on.
pub(super) fn caught_up(model: &mut Model) {
    if std::mem::take(&mut model.kept_shown) {
        super::lock::tell_changes(model);
    }
}

/// Has drafts kept when there are others than before.
pub(super) fn keep_drafts(model: &mut Model, out: &mut Vec<Effect>) {
    if model.stage != Stage::Desk {
        return;
    }
    // One that is being typed on stays as it was taken up: the terminal may go away at any time.
    let open = model.ticket().and_then(|ticket| ticket.taken.as_ref());
    if !model.drafts.iter().chain(open).eq(&model.drafts_kept) {
        model.drafts_kept = model.drafts.iter().chain(open).cloned().collect();
        out.push(Effect::KeepDrafts(model.drafts_kept.clone()));
    }
}

/// A new order is asked for by its name; of anything else its line is told.
fn in_doubt(model: &mut Model, bytes: &[u8]) -> Option<String> {
    match Command::from_bytes(bytes).ok()?.verb {
        Verb::OrderNew(order) => {
            let (request, sent) = (model.next_request(), model.now.wall);
            let draft = as_typed(&order, sent);
            model.flights.insert(request, Flight::New { order: Box::new(order), draft, sent, in_doubt: true });
            None
        }
        Verb::OrderAmend(amend) => Some(command::amend_line(model, &amend)),
        Verb::OrderCancel(cancel) => Some(format!("CANCEL {}", command::order_line(model, cancel.order))),
        Verb::CancelAll(_) => Some(Flight::CancelAll.line(model)),
        // The lists it changes say whether it was done.
        Verb::Manage(_)
        | Verb::CreateUser(_)
        | Verb::Judge(_)
        | Verb::Request(_)
        | Verb::Alert(_)
        | Verb::Own(_)
        | Verb::Ban(_)
        | Verb::Bulk(_)
        | Verb::Review(_)
        | Verb::Sim(_) => None,
    }
}

fn as_typed(order: &NewOrder, kept: Timestamp) -> Draft {
    let price = |price: Option<turret_shared::money::Price>| price.map(|p| p.to_string()).unwrap_or_default();
    Draft {
        side: order.side,
        account: order.account.clone(),
        symbol: order.symbol.clone(),
        quantity: order.qty.to_string(),
        ord_type: order.ord_type,
        price: price(order.price),
        stop: price(order.stop_px),
        tif: order.tif,
        note: order.text.clone(),
        kept,
    }
}
