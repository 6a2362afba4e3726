//! The executions shown, in their order, kept as they come; it must never put all of them in order for one.

use std::cmp::Ordering;

use turret_shared::ids::ExecId;
use turret_shared::view::FillView;

use super::Model;
use super::filter::{Named, Words};
use super::list::letters;
use super::short::{FillCol, state};

/// Keys of the executions shown, topmost first.
#[derive(Debug, Default)]
pub struct FillOrder {
    keys: Vec<ExecId>,
    of: Option<Stamp>,
}

/// What they were put in order by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    sort: FillCol,
    ascending: bool,
    words: String,
    /// Of the executions and the names in them.
    epoch: u64,
}

impl FillOrder {
    /// Topmost first, as of the last time they were settled.
    #[must_use]
    pub fn keys(&self) -> &[ExecId] {
        &self.keys
    }
}

fn stamp(model: &Model, epoch: u64) -> Stamp {
    let list = &model.lists.fills;
    let layout = &list.arranged.layout;
    Stamp { sort: layout.sort, ascending: layout.ascending, words: list.filter.text().to_owned(), epoch }
}

fn fits(words: &Words, fill: &FillView) -> bool {
    let exec = if words.is_empty() { String::new() } else { fill.exec_id.to_string() };
    words.fit(&Named {
        instrument: Some(fill.instrument),
        account: Some(fill.account),
        owner: Some(fill.owner),
        side: Some(fill.side),
        order: Some(fill.order_id),
        texts: &[&exec, state(fill)],
    })
}

/// Puts them in order anew where what they are put in order by has changed otherwise than by one execution.
pub(super) fn settle(model: &mut Model) {
    let now = stamp(model, model.desk.fills_epoch());
    if model.lists.booked.of.as_ref() == Some(&now) {
        return;
    }
    let words = Words::new(&now.words, &model.desk);
    let shown = model.desk.fills.iter().filter(|fill| fits(&words, fill));
    let keys = if now.sort == FillCol::Time {
        // They lie by rising ExecID.
        let keys = shown.map(|fill| fill.exec_id);
        if now.ascending { keys.collect() } else { keys.rev().collect() }
    } else {
        let mut ranked: Vec<(i128, ExecId)> = shown.map(|fill| (rank(model, fill, now.sort), fill.exec_id)).collect();
        ranked.sort_unstable();
        if !now.ascending {
            ranked.reverse();
        }
        ranked.into_iter().map(|(_, exec)| exec).collect()
    };
    model.lists.booked = FillOrder { keys, of: Some(now) };
}

/// An execution was booked, or changed, when the executions stood at `epoch`: it goes where it belongs.
pub(super) fn booked(model: &mut Model, exec: ExecId, epoch: u64, new: bool) {
    let before = stamp(model, epoch);
    if model.lists.booked.of.as_ref() != Some(&before) {
        // They are not looked at: they are put in order when they are.
        return;
    }
    let mut keys = std::mem::take(&mut model.lists.booked.keys);
    if !new {
        keys.retain(|known| *known != exec);
    }
    if let Some(fill) = model.fill(exec).filter(|fill| fits(&Words::new(&before.words, &model.desk), fill)) {
        let wanted = (rank(model, fill, before.sort), exec);
        let above = |known: &ExecId| {
            let at = model.fill(*known).map_or(0, |fill| rank(model, fill, before.sort));
            let order = (at, *known).cmp(&wanted);
            if before.ascending { order == Ordering::Less } else { order == Ordering::Greater }
        };
        let at = keys.partition_point(above);
        keys.insert(at, exec);
    }
    let of = Some(Stamp { epoch: epoch.saturating_add(1), ..before });
    model.lists.booked = FillOrder { keys, of };
}

fn rank(model: &Model, fill: &FillView, by: FillCol) -> i128 {
    match by {
        FillCol::Side => letters(fill.side.word()),
        FillCol::LastQty => fill.last_qty.0.into(),
        FillCol::Symbol => letters(model.desk.symbol(fill.instrument)),
        FillCol::LastPx => fill.last_px.0.into(),
        FillCol::Acct => letters(model.desk.account_code(fill.account)),
        FillCol::OrderId => fill.order_id.0.into(),
        FillCol::CumQty => fill.cum_qty.0.into(),
        FillCol::Trader => letters(model.desk.login(fill.owner)),
        FillCol::State => letters(state(fill)),
        FillCol::Time | FillCol::Venue | FillCol::ExecId | FillCol::Liq => 0,
    }
}
