//! Alerts: what happened that a person must know of, kept until they put it away; it must drop none that is open unsaid.

pub mod handling;
mod kind;
pub mod watch;

use std::collections::VecDeque;

use turret_shared::denial::Denial;
use turret_shared::ids::{AccountId, CorrelationId, OrderId, UserId};
use turret_shared::order::{ExecType, OrdStatus, TimeInForce};
use turret_shared::role::Role;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;
use turret_shared::view::OrderView;

pub use self::kind::{About, Kind};
pub(super) use self::watch::raised;
use super::effect::Effect;
use super::flight::Flight;
use super::modal::Modal;
use super::orders::Row;
use super::picker::Picker;
use super::session::{Notice, Weight};
use super::{Model, Screen, command, moves};

/// Alerts kept, open and put away; beyond it the oldest that was put away goes, or else the oldest, which is counted.
pub const ALERTS_MAX: usize = 500;

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Rises with each.
    pub id: u64,
    /// About what.
    pub kind: Kind,
    /// When it happened.
    pub time: Timestamp,
    /// In a sentence, safe to draw.
    pub text: String,
    /// The order, where it is about one.
    pub order: Option<OrderId>,
    /// Its account: what is lost with it.
    pub account: Option<AccountId>,
    /// To quote.
    pub reference: Option<CorrelationId>,
    /// Stood on the message line until it was put away.
    pub spoken: bool,
    /// Put away.
    pub dismissed: bool,
}

impl Alert {
    /// What `y` copies.
    #[must_use]
    pub fn plain_text(&self) -> String {
        let mut text = format!("{} {}", self.kind.word(), self.text);
        if let Some(order) = self.order {
            text.push_str(&format!(" {order}"));
        }
        if let Some(reference) = self.reference {
            text.push_str(&format!(" ref {reference}"));
        }
        text
    }
}

/// All alerts of the session.
#[derive(Debug)]
pub struct Alerts {
    /// Oldest first, at most [`ALERTS_MAX`].
    list: VecDeque<Alert>,
    next: u64,
    /// Open ones that had no room any more.
    pub lost: usize,
    /// Which rows are shown.
    pub shown: watch::Shown,
    /// What surveillance found, as the server tells it, and who hears it.
    watched: watch::Watched,
    me: Option<UserId>,
    /// The row under the cursor.
    pub picker: Picker<u64>,
}

impl Default for Alerts {
    /// Numbers below [`ALERTS_MAX`] are for those of before a lock.
    fn default() -> Self {
        Self {
            list: VecDeque::new(),
            next: u64::try_from(ALERTS_MAX).unwrap_or(u64::MAX),
            lost: 0,
            shown: watch::Shown::default(),
            watched: watch::Watched::default(),
            me: None,
            picker: Picker::default(),
        }
    }
}

impl Alerts {
    /// Those shown, newest first.
    pub fn shown(&self) -> impl Iterator<Item = &Alert> {
        self.list.iter().rev().filter(|alert| self.shows(alert))
    }

    /// Every one, newest first.
    #[must_use]
    pub fn all(&self) -> Vec<Alert> {
        self.list.iter().rev().cloned().collect()
    }

    /// Their keys, in the order shown.
    #[must_use]
    pub fn keys(&self) -> Vec<u64> {
        self.shown().map(|alert| alert.id).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&Alert> {
        self.get(self.picker.at?)
    }

    /// How many are not put away.
    #[must_use]
    pub fn open(&self) -> usize {
        self.list.iter().filter(|alert| !alert.dismissed).count()
    }

    /// How many there are in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn get(&self, id: u64) -> Option<&Alert> {
        self.list.iter().find(|alert| alert.id == id)
    }

    fn push(&mut self, alert: Alert) {
        if self.list.len() >= ALERTS_MAX {
            let gone = self.list.iter().position(|alert| alert.dismissed);
            if gone.is_none() {
                self.lost = self.lost.saturating_add(1);
            }
            self.list.remove(gone.unwrap_or(0));
        }
        self.list.push_back(alert);
    }

    fn dismiss(&mut self, which: impl Fn(&Alert) -> bool) {
        for alert in self.list.iter_mut().filter(|alert| which(alert)) {
            alert.dismissed = true;
        }
    }

    /// An account is lost: nothing that names it stays.
    pub fn purge(&mut self, account: AccountId) {
        self.list.retain(|alert| alert.account != Some(account));
    }

    /// The alert that told the same already; a doubt that was put away may come again.
    fn told(&mut self, kind: Kind, reference: Option<CorrelationId>) -> Option<&mut Alert> {
        let again = |alert: &Alert| kind == Kind::InDoubt && alert.dismissed;
        let same = |alert: &&mut Alert| alert.kind == kind && alert.reference == reference && !again(alert);
        if reference.is_none() || !kind.is_trouble() {
            return None;
        }
        self.list.iter_mut().find(same)
    }

    /// Puts away every open one of a kind.
    pub(super) fn over(&mut self, kind: Kind) {
        self.dismiss(|alert| alert.kind == kind);
    }

    fn about(&self, order: OrderId, kind: Kind) -> Option<&Alert> {
        self.list.iter().rev().find(|alert| alert.order == Some(order) && alert.kind == kind)
    }
}

impl Model {
    /// Keeps an alert and, if it is to be seen at once, puts it on the message line.
    pub fn alert(&mut self, kind: Kind, text: &str, about: About, spoken: bool) {
        // The answer to a command and the feed tell of the same thing: whichever comes first is kept.
        if let Some(known) = self.alerts.told(kind, about.reference) {
            known.order = known.order.or(about.order);
            known.account = known.account.or(about.account);
            return;
        }
        let id = self.alerts.next;
        self.alerts.next = id.saturating_add(1);
        let About { order, account, reference } = about;
        self.alerts.push(Alert {
            id,
            kind,
            time: self.now.wall,
            text: text.to_owned(),
            order,
            account,
            reference,
            spoken,
            dismissed: false,
        });
        if spoken {
            self.notice = Some(Notice { text: text.to_owned(), weight: Weight::Staying, reference, alert: Some(id) });
        }
    }

    /// Says the newest open alert of a kind anew, where it stands and on the message line.
    pub(super) fn reword(&mut self, kind: Kind, text: &str) {
        let Some(known) = self.alerts.list.iter_mut().rev().find(|alert| alert.kind == kind && !alert.dismissed) else {
            return;
        };
        text.clone_into(&mut known.text);
        let id = known.id;
        if let Some(notice) = self.notice.as_mut().filter(|notice| notice.alert == Some(id)) {
            text.clone_into(&mut notice.text);
        }
    }

    /// Alerts besides the orders that need a person, which are counted as such.
    #[must_use]
    pub fn alerts_besides_orders(&self) -> usize {
        let needs = |order: OrderId| self.orders.get(order).is_some_and(Row::needs_person);
        self.alerts.list.iter().filter(|a| !a.dismissed && !a.order.is_some_and(needs)).count()
    }
}

/// True when trouble with this person's orders is the session's business: one's own, or the desk's for who watches it.
pub(super) fn concerns(model: &Model, owner: UserId) -> bool {
    model.session.as_ref().is_some_and(|s| s.user.user == owner || s.role() == Role::Supervisor)
}

/// What an order came to, if that is for an alert: by how it was before.
fn came_to(before: Option<&Row>, view: &OrderView, name_before: &str) -> Option<Kind> {
    let was = |status: OrdStatus| before.is_some_and(|row| row.status == status);
    match view.ord_status {
        OrdStatus::Denied if !was(OrdStatus::Denied) => Some(Kind::Denied),
        OrdStatus::Rejected if !was(OrdStatus::Rejected) => Some(Kind::Rejected),
        // The venue gives its reason only for what it does by itself; a cancel asked for renames the order.
        OrdStatus::Canceled
            if view.exec_type == ExecType::Canceled
                && before.is_some_and(|row| row.is_open() && row.status != OrdStatus::PendingCancel)
                && !matches!(view.tif, TimeInForce::Ioc | TimeInForce::Fok)
                && name_before == view.cl_ord_id.as_str()
                && !view.note.is_empty() =>
        {
            Some(Kind::Unasked)
        }
        _ if view.in_doubt && before.is_none_or(|row| !row.in_doubt) => Some(Kind::InDoubt),
        _ => None,
    }
}

/// Who else asked to amend or cancel this person's own order, told once a request.
fn others_request(model: &Model, before: Option<&Row>, view: &OrderView) -> Option<UserId> {
    let me = model.session.as_ref()?.user.user;
    let by = view.asked_by.filter(|by| *by != me && view.owner == me)?;
    let asked = |exec: ExecType| matches!(exec, ExecType::PendingCancel | ExecType::PendingReplace);
    let before = before?;
    let new = before.sequence != view.sequence && before.exec_type != view.exec_type;
    // A cancel that was over before the feed told of the request is told by its end.
    let over = view.exec_type == ExecType::Canceled && before.is_open() && !asked(before.exec_type);
    ((asked(view.exec_type) && new) || over).then_some(by)
}

/// A colleague acted on one's order: one must hear of it wherever one stands.
fn by_other(model: &mut Model, by: UserId, view: &OrderView) {
    let line = command::order_line(model, view.order_id);
    let who = escaped(model.desk.login(by));
    let who = if who == "?" { "Somebody else" } else { &who };
    let did = match view.exec_type {
        ExecType::PendingReplace => "asked to amend",
        ExecType::PendingCancel => "asked to cancel",
        _ => "canceled",
    };
    let text = format!("{who} {did} your order: {line}");
    let about = About { reference: None, ..About::order(view) };
    model.alert(Kind::ByOther, &text, about, true);
}

/// An order changed: says what a person must know of it. It is in the list already.
pub(super) fn order_changed(model: &mut Model, before: Option<&Row>, name_before: &str, view: &OrderView) {
    let kind = came_to(before, view, name_before).filter(|_| concerns(model, view.owner));
    if let (None, Some(by)) = (kind, others_request(model, before, view)) {
        by_other(model, by, view);
    }
    let Some(kind) = kind else { return };
    let text = order_text(model, kind, view.order_id, &view.note);
    // A denial opens its own window; what the venue does by itself must be seen where one stands.
    let spoken = matches!(kind, Kind::Rejected | Kind::Unasked);
    model.alert(kind, &text, About::order(view), spoken);
}

/// Our no came as the answer to a command; the feed may tell of it too, or not at all.
pub(super) fn denied(model: &mut Model, flight: &Flight, line: &str, denial: &Denial, reference: CorrelationId) {
    let account = match flight {
        Flight::New { order, .. } => model.desk.account_named(&order.account).map(|account| account.account),
        _ => None,
    };
    let text = format!("{line}: {}", escaped(&denial.text));
    model.alert(Kind::Denied, &text, About { order: None, account, reference: Some(reference) }, false);
}

fn order_text(model: &Model, kind: Kind, order: OrderId, note: &str) -> String {
    let line = command::order_line(model, order);
    let why = match kind {
        Kind::Denied => model
            .orders
            .extra(order)
            .and_then(|extra| extra.denial.as_ref())
            .map_or_else(String::new, |denial| escaped(&denial.text)),
        Kind::InDoubt => "no answer from the venue: it is asked".into(),
        _ => escaped(note),
    };
    match kind {
        Kind::Rejected => format!("REJECTED by the venue: {line}: {why}"),
        Kind::Unasked => format!("CANCELED by the venue, unasked: {line}: {why}"),
        _ => format!("{line}: {why}"),
    }
}

/// What stood here before a lock is back, below what came since; what was put away then is put away.
pub(super) fn put_back(model: &mut Model, before: Vec<Alert>) {
    let same = |a: &Alert, b: &Alert| {
        let watched = a.kind == Kind::Watch && a.reference == b.reference;
        a.kind == b.kind && (watched || a.order.is_some()) && a.order == b.order
    };
    let since = std::mem::take(&mut model.alerts.list);
    let gone = before.iter().filter(|then| !since.iter().any(|now| same(now, then)));
    let ids = 0..u64::try_from(ALERTS_MAX).unwrap_or(u64::MAX);
    let restored: Vec<Alert> = gone.zip(ids.rev()).map(|(alert, id)| Alert { id, ..alert.clone() }).collect();
    restored.into_iter().rev().for_each(|alert| model.alerts.push(alert));
    for mut alert in since {
        if before.iter().any(|then| then.dismissed && same(then, &alert)) {
            alert.dismissed = true;
            alert.order.into_iter().for_each(|order| model.orders.dismiss(order));
        }
        model.alerts.push(alert);
    }
}

/// A snapshot is complete: orders that need somebody have their alert, and what was put away before stays so.
pub(super) fn reconcile(model: &mut Model) {
    let accounts = &model.desk.accounts;
    let orders = &model.orders;
    model.alerts.list.retain(|alert| {
        alert.account.is_none_or(|account| accounts.contains_key(&account))
            && alert.order.is_none_or(|order| orders.get(order).is_some())
    });
    let mut needing: Vec<Row> = model.orders.iter().map(|(_, row)| *row).filter(Row::needs_person).collect();
    needing.sort_unstable_by_key(|row| (row.changed, row.id));
    let from = needing.len().saturating_sub(ALERTS_MAX);
    for row in needing.drain(..).skip(from).filter(|row| concerns(model, row.owner)).collect::<Vec<_>>() {
        let kind = match row.status {
            OrdStatus::Denied => Kind::Denied,
            OrdStatus::Rejected => Kind::Rejected,
            _ => Kind::InDoubt,
        };
        match model.alerts.about(row.id, kind) {
            Some(alert) if alert.dismissed => model.orders.dismiss(row.id),
            Some(_) => {}
            None => {
                let note = model.orders.note(&row).to_owned();
                let text = order_text(model, kind, row.id, &note);
                let about = About { order: Some(row.id), account: Some(row.account), reference: Some(row.correlation) };
                model.alert(kind, &text, about, false);
                if let Some(alert) = model.alerts.list.back_mut() {
                    alert.time = row.changed;
                }
            }
        }
    }
}

/// What was shown about an order or a reference was read and put away.
pub(super) fn dealt_with(model: &mut Model, order: Option<OrderId>, reference: Option<CorrelationId>) {
    model.alerts.dismiss(|a| {
        (order.is_some() && a.order == order)
            || (a.kind.is_trouble() && reference.is_some() && a.reference == reference)
    });
    drop_read(model);
}

/// What was put away does not stay on the message line.
fn drop_read(model: &mut Model) {
    let read = model.notice.as_ref().and_then(|notice| notice.alert);
    if read.and_then(|id| model.alerts.get(id)).is_some_and(|alert| alert.dismissed) {
        next_notice(model);
    }
}

/// Nothing waits for this person's word any more.
pub(super) fn nothing_to_judge(model: &mut Model) {
    model.alerts.over(Kind::Approval);
    drop_read(model);
}

/// `d` on the message line: the one shown is put away, and the newest still open takes its place.
pub(super) fn dismiss_notice(model: &mut Model) {
    let id = model.notice.take().and_then(|notice| notice.alert);
    if let Some(alert) = id.and_then(|id| model.alerts.get(id)).cloned() {
        put_away(model, &alert);
    }
    next_notice(model);
}

fn next_notice(model: &mut Model) {
    let newest = model.alerts.list.iter().rev().find(|alert| alert.spoken && !alert.dismissed);
    model.notice = newest.map(|alert| Notice {
        text: alert.text.clone(),
        weight: Weight::Staying,
        reference: alert.reference,
        alert: Some(alert.id),
    });
}

fn put_away(model: &mut Model, alert: &Alert) {
    model.alerts.dismiss(|a| a.id == alert.id);
    if let Some(order) = alert.order {
        model.orders.dismiss(order);
    }
}

/// `d` on the list: the one under the cursor; the cursor goes on to the next below.
pub(super) fn dismiss_here(model: &mut Model) {
    let Some(alert) = model.alerts.chosen().filter(|alert| !alert.dismissed).cloned() else {
        return model.tell_keys("It is put away already: {tab-next} shows the open ones only.");
    };
    let keys = model.alerts.keys();
    let line = model.alerts.picker.line(&keys).unwrap_or(0);
    put_away(model, &alert);
    let keys = model.alerts.keys();
    let stays = model.alerts.shows(&Alert { dismissed: true, ..alert.clone() });
    let line = if stays { line.saturating_add(1) } else { line };
    model.alerts.picker.put(line, &keys);
    let shown = model.notice.as_ref().is_some_and(|notice| notice.alert == Some(alert.id));
    if shown {
        next_notice(model);
    }
}

/// Goes to the next open one below the cursor, round to the newest.
pub(super) fn next(model: &mut Model, out: &mut Vec<Effect>) {
    if model.screen != Screen::Alerts {
        super::act::show(model, Screen::Alerts, out);
        model.alerts.picker.at = None;
    }
    let here = model.alerts.picker.at;
    let open: Vec<u64> = model.alerts.shown().filter(|alert| !alert.dismissed).map(|alert| alert.id).collect();
    let next = open.iter().copied().find(|id| here.is_none_or(|at| *id < at)).or(open.first().copied());
    model.alerts.picker.at = next.or(here);
    moves::settle_cursors(model, out);
}

/// `Enter`: the order it is about, with the reason where it was denied, or what waits for a second person.
pub(super) fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let order = model.alerts.chosen().and_then(|alert| alert.order).filter(|id| model.orders.get(*id).is_some());
    if model.alerts.chosen().is_some_and(|alert| alert.kind == Kind::Approval) {
        return super::act::show(model, Screen::Approvals, out);
    }
    let Some(order) = order else {
        return model.tell_keys("This one is about no order: {copy} copies it, {dismiss} puts it away.");
    };
    match moves::denied_of(model, order) {
        Some(denied) => model.modals.push(Modal::Denied(Box::new(denied))),
        None => {
            model.look_into(order, out);
        }
    }
}
