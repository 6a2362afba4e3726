//! The ticket's fields, what is plainly wrong with them, and the command they make; it must never send by itself.

use turret_shared::account::Rights;
use turret_shared::command::{AmendOrder, Command, NewOrder, Saw, Verb};
use turret_shared::ids::{ClOrdId, InstrumentId, OrderId};
use turret_shared::instrument::Instrument;
use turret_shared::limits::ORDER_TEXT_CHARS_MAX;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::plain;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;
use turret_shared::view::PreviewView;

use crate::app::effect::Request;
use crate::app::field::Field;
use crate::app::{Model, market, number};
use crate::format;

/// Fields in the order `Tab` walks them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// Account code.
    Account,
    /// Symbol.
    Symbol,
    /// Quantity; the new total in an amend.
    Quantity,
    /// Order type.
    Type,
    /// Limit price.
    Price,
    /// Stop price.
    Stop,
    /// Time in force.
    Tif,
    /// Free text.
    Note,
}

/// What the ticket makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new order of this side.
    New(Side),
    /// A change of a working order.
    Amend(OrderId),
}

/// A ticket put aside, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Side.
    pub side: Side,
    /// Account as typed.
    pub account: String,
    /// Symbol as typed.
    pub symbol: String,
    /// Quantity as typed.
    pub quantity: String,
    /// Type.
    pub ord_type: OrdType,
    /// Price as typed.
    pub price: String,
    /// Stop price as typed.
    pub stop: String,
    /// Time in force.
    pub tif: TimeInForce,
    /// Text as typed.
    pub note: String,
    /// When it was put aside.
    pub kept: Timestamp,
}

impl Draft {
    /// In one line, safe to draw.
    #[must_use]
    pub fn line(&self) -> String {
        escaped(&format!("{} {} {}", self.side.word(), self.quantity, self.symbol))
    }
}

/// The dry run of what stands in the fields.
#[derive(Debug, Default)]
pub struct Preview {
    /// When to ask, in monotonic milliseconds.
    pub(super) due_ms: Option<u64>,
    /// The question under way.
    pub(super) asked: Option<Request>,
    /// The last answer, for the fields as they are.
    pub view: Option<PreviewView>,
    /// Why there is none.
    pub fault: Option<String>,
}

/// Fields locked, the command made: what `y` sends.
#[derive(Debug)]
pub struct Review {
    /// Read back from its bytes: what the review line shows. Its time begins when it is sent.
    pub command: Command,
    /// It may wait for a fresh code.
    pub may_step_up: bool,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
}

/// An open ticket.
#[derive(Debug)]
pub struct Ticket {
    /// What it makes.
    pub kind: Kind,
    /// The side it was opened for: an amended order's own, also while its row is fetched afresh.
    opened_for: Side,
    /// Account code.
    pub account: Field,
    /// Symbol.
    pub symbol: Field,
    /// Quantity.
    pub quantity: Field,
    /// Type.
    pub ord_type: OrdType,
    /// Limit price.
    pub price: Field,
    /// Stop price.
    pub stop: Field,
    /// Time in force.
    pub tif: TimeInForce,
    /// Free text.
    pub note: Field,
    /// The draft it was taken from, which is kept until the ticket is sent or put aside again.
    pub(in crate::app) taken: Option<Draft>,
    /// Where keys go.
    pub focus: Focus,
    /// The name the command will bear.
    pub cl_ord_id: ClOrdId,
    /// The listing the price was filled in for: once, so that an emptied field stays empty.
    pub(super) seeded: Option<InstrumentId>,
    /// Bid and ask when it was opened.
    pub opened: (Option<Price>, Option<Price>),
    /// The dry run.
    pub preview: Preview,
    /// Present once the fields are locked.
    pub review: Option<Review>,
    /// One line about the last key.
    pub message: Option<String>,
}

/// Longest number typed.
const NUMBER_CHARS_MAX: usize = 16;

impl Ticket {
    /// An empty ticket of a side; the quantity is never filled in.
    #[must_use]
    pub fn new(side: Side, cl_ord_id: ClOrdId) -> Self {
        Self {
            kind: Kind::New(side),
            opened_for: side,
            account: Field::new(16),
            symbol: Field::new(8),
            quantity: Field::new(NUMBER_CHARS_MAX),
            ord_type: OrdType::Limit,
            price: Field::new(NUMBER_CHARS_MAX),
            stop: Field::new(NUMBER_CHARS_MAX),
            tif: TimeInForce::Day,
            note: Field::new(ORDER_TEXT_CHARS_MAX),
            taken: None,
            focus: Focus::Quantity,
            cl_ord_id,
            seeded: None,
            opened: (None, None),
            preview: Preview::default(),
            review: None,
            message: None,
        }
    }

    /// A ticket as it was put aside.
    #[must_use]
    pub fn from_draft(draft: &Draft, cl_ord_id: ClOrdId) -> Self {
        let mut ticket = Self::new(draft.side, cl_ord_id);
        for (field, text) in [
            (&mut ticket.account, &draft.account),
            (&mut ticket.symbol, &draft.symbol),
            (&mut ticket.quantity, &draft.quantity),
            (&mut ticket.price, &draft.price),
            (&mut ticket.stop, &draft.stop),
            (&mut ticket.note, &draft.note),
        ] {
            field.offer(text);
        }
        ticket.ord_type = draft.ord_type;
        ticket.tif = draft.tif;
        ticket
    }

    /// What stands in the fields, to be put aside.
    #[must_use]
    pub fn draft(&self, side: Side, kept: Timestamp) -> Draft {
        Draft {
            side,
            account: self.account.text().to_owned(),
            symbol: self.symbol.text().to_owned(),
            quantity: self.quantity.text().to_owned(),
            ord_type: self.ord_type,
            price: self.price.text().to_owned(),
            stop: self.stop.text().to_owned(),
            tif: self.tif,
            note: self.note.text().to_owned(),
            kept,
        }
    }

    /// What is kept when the ticket is left: what was typed, or the draft it was taken from where that was taken out again.
    #[must_use]
    pub fn aside(&self, kept: Timestamp) -> Option<Draft> {
        let Kind::New(side) = self.kind else { return None };
        let typed = |field: &Field| !field.is_empty() && !field.is_offered();
        if !self.quantity.is_empty() || typed(&self.price) || typed(&self.stop) || !self.note.is_empty() {
            let draft = self.draft(side, kept);
            return Some(match &self.taken {
                Some(taken) if self.quantity.is_empty() => taken.clone(),
                _ => draft,
            });
        }
        self.taken.clone()
    }

    /// Fields this ticket shows.
    #[must_use]
    pub fn fields(&self) -> Vec<Focus> {
        if matches!(self.kind, Kind::Amend(_)) {
            let price = self.ord_type.has_price().then_some(Focus::Price);
            let stop = self.ord_type.has_stop().then_some(Focus::Stop);
            return std::iter::once(Focus::Quantity).chain(price).chain(stop).collect();
        }
        let mut fields = vec![Focus::Account, Focus::Symbol, Focus::Quantity, Focus::Type];
        if self.ord_type.has_price() {
            fields.push(Focus::Price);
        }
        if self.ord_type.has_stop() {
            fields.push(Focus::Stop);
        }
        fields.extend([Focus::Tif, Focus::Note]);
        fields
    }

    /// Where text keys go, if the focus is on text.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            Focus::Account => Some(&mut self.account),
            Focus::Symbol => Some(&mut self.symbol),
            Focus::Quantity => Some(&mut self.quantity),
            Focus::Price => Some(&mut self.price),
            Focus::Stop => Some(&mut self.stop),
            Focus::Note => Some(&mut self.note),
            Focus::Type | Focus::Tif => None,
        }
    }

    /// The side, which never changes.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.opened_for
    }

    /// The listing meant.
    #[must_use]
    pub fn instrument<'m>(&self, model: &'m Model) -> Option<&'m Instrument> {
        model.desk.instrument_named(self.symbol.text())
    }

    /// The quantity typed.
    #[must_use]
    pub fn qty(&self) -> Option<Qty> {
        number::qty(self.quantity.text()).ok()
    }

    /// The price that counts, if the type has one.
    #[must_use]
    pub fn limit_price(&self) -> Option<Price> {
        self.ord_type.has_price().then(|| number::price(self.price.text()).ok()).flatten()
    }

    /// The stop price that counts, if the type has one.
    #[must_use]
    pub fn stop_price(&self) -> Option<Price> {
        self.ord_type.has_stop().then(|| number::price(self.stop.text()).ok()).flatten()
    }

    /// What is wrong with one field, in a few words.
    #[must_use]
    pub fn fault(&self, focus: Focus, model: &Model) -> Option<String> {
        let instrument = self.instrument(model);
        match focus {
            Focus::Account => self.account_fault(model),
            Focus::Symbol if self.symbol.is_empty() => Some("which symbol?".into()),
            Focus::Symbol => instrument.is_none().then(|| "no such listing here".into()),
            Focus::Quantity if self.quantity.is_empty() => Some("how many? 2k = 2,000".into()),
            Focus::Quantity => self.quantity_fault(model),
            Focus::Price if self.ord_type.has_price() => match number::price(self.price.text()) {
                Err(error) => Some(error.to_string()),
                Ok(price) => plain::check_price(self.ord_type, Some(price), instrument?).map(|f| f.to_string()),
            },
            Focus::Stop if self.ord_type.has_stop() => match number::price(self.stop.text()) {
                Err(error) => Some(error.to_string()),
                Ok(price) => plain::check_stop(self.ord_type, Some(price), instrument?).map(|f| f.to_string()),
            },
            Focus::Tif => {
                let waits = self.ord_type.has_stop();
                let at_once = matches!(self.tif, TimeInForce::Ioc | TimeInForce::Fok);
                (waits && at_once).then(|| plain::PlainFault::StopImmediate.to_string())
            }
            _ => None,
        }
    }

    fn account_fault(&self, model: &Model) -> Option<String> {
        if self.account.is_empty() {
            return Some("which account? Up/Down chooses".into());
        }
        match model.desk.account_named(self.account.text()) {
            None => Some("no such account of yours".into()),
            Some(account) if !account.rights.has(Rights::TRADE) => Some("you may view it, not trade".into()),
            Some(_) => None,
        }
    }

    fn quantity_fault(&self, model: &Model) -> Option<String> {
        let qty = match number::qty(self.quantity.text()) {
            Ok(qty) => qty,
            Err(error) => return Some(error.to_string()),
        };
        if let Some(fault) = self.instrument(model).and_then(|i| plain::check_qty(qty, i)) {
            return Some(fault.to_string());
        }
        match self.kind {
            Kind::Amend(order) => {
                let filled = model.orders.get(order)?.cum;
                (qty <= filled).then(|| format!("{} are filled already: cancel instead", format::qty(filled)))
            }
            Kind::New(Side::Sell) => {
                let account = model.desk.account_named(self.account.text())?.account;
                let instrument = self.instrument(model)?.id;
                let long = model.desk.position(account, instrument).map_or(Qty::ZERO, |p| p.qty);
                let long = if long.is_negative() { Qty::ZERO } else { long };
                (qty > long).then(|| format!("sell {} of {} long: use short", format::qty(qty), format::qty(long)))
            }
            Kind::New(_) => None,
        }
    }

    /// The first field that still needs something.
    #[must_use]
    pub fn first_needed(&self, model: &Model) -> Option<Focus> {
        self.fields().into_iter().find(|focus| self.fault(*focus, model).is_some())
    }

    /// What the person has on screen: bid, ask, age of the quote, rules shown as tripping.
    fn saw(&self, model: &Model) -> Option<Saw> {
        let instrument = self.instrument(model)?.id;
        let quote = model.market.quote(instrument);
        let warnings = self.preview.view.as_ref().map(|view| &view.rules);
        Some(Saw {
            bid: quote.and_then(market::Quote::bid).map(|level| level.price),
            ask: quote.and_then(market::Quote::ask).map(|level| level.price),
            age_ms: quote.map_or(u32::MAX, |q| {
                u32::try_from(q.age_ns(model.now.wall).max(0) / turret_shared::time::NS_PER_MS).unwrap_or(u32::MAX)
            }),
            warnings: warnings.into_iter().flatten().filter(|rule| rule.tripped).map(|rule| rule.rule).collect(),
        })
    }

    /// The command the fields make; `None` while something is missing or plainly wrong.
    #[must_use]
    pub fn verb(&self, model: &Model) -> Option<Verb> {
        if self.first_needed(model).is_some() {
            return None;
        }
        let confirmed = self.confirms();
        match self.kind {
            Kind::New(side) => Some(Verb::OrderNew(NewOrder {
                cl_ord_id: self.cl_ord_id.clone(),
                account: model.desk.account_named(self.account.text())?.code.clone(),
                symbol: self.instrument(model)?.symbol.clone(),
                side,
                qty: self.qty()?,
                ord_type: self.ord_type,
                price: self.limit_price(),
                stop_px: self.stop_price(),
                tif: self.tif,
                confirmed,
                text: self.note.text().to_owned(),
                saw: self.saw(model).map(Box::new),
            })),
            Kind::Amend(order) => {
                let row = model.orders.get(order)?;
                let qty = self.qty().filter(|qty| *qty != row.qty);
                let price = self.limit_price().filter(|price| Some(*price) != row.price());
                let stop_px = self.stop_price().filter(|stop| Some(*stop) != row.stop());
                (qty.is_some() || price.is_some() || stop_px.is_some()).then(|| {
                    let cl_ord_id = self.cl_ord_id.clone();
                    Verb::OrderAmend(AmendOrder { cl_ord_id, order, qty, price, confirmed, stop_px })
                })
            }
        }
    }

    /// True when the dry run trips only what the sender may confirm, so that sending confirms it.
    #[must_use]
    pub fn confirms(&self) -> bool {
        let rules = self.preview.view.as_ref().map(|view| &view.rules);
        rules
            .into_iter()
            .flatten()
            .any(|rule| rule.tripped && rule.overridable == turret_shared::denial::Override::Confirm)
    }
}
