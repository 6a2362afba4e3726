//! Judges a new order, for sending and for the dry run alike; it must record nothing.

use alloc::string::String;

use turret_shared::command::{Command, NewOrder};
use turret_shared::denial::{Denial, DenialCode, Rule};
use turret_shared::digest::Digest;
use turret_shared::entry::ObjectKind;
use turret_shared::event::alert::AnswerDone;
use turret_shared::event::ops::AccessDenied;
use turret_shared::event::order::{OrderTerms, PriceBasis};
use turret_shared::event::session::StepUpReason;
use turret_shared::ids::{AccountId, InstrumentId, UserId};
use turret_shared::limits::PRICE_MAX;
use turret_shared::money::Price;
use turret_shared::order::OrdType;
use turret_shared::plain;
use turret_shared::role::Permission;
use turret_shared::time::Timestamp;

use super::{Also, step_up, words};
use crate::access::{self, Access, Object};
use crate::exact::{Exact, PER_MONEY};
use crate::risk::{self, Context, Reserved};
use crate::state::position::Recent;
use crate::{Market, State};

/// Who asks, when, over which state.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) state: &'a State,
    pub(crate) market: &'a Market,
    pub(crate) user: UserId,
    pub(crate) now: Timestamp,
    pub(crate) also: &'a Also,
    /// Orders of the same decision in the same account and listing.
    pub(crate) recent: &'a [Recent],
}

/// An order nothing stands in the way of.
pub(crate) struct Ready {
    pub(crate) reserved: Reserved,
    pub(crate) step_up: Option<StepUpReason>,
    /// Why it takes a second person, if it does.
    pub(crate) second: Option<String>,
    /// Surveillance wants a fresh code for it.
    pub(crate) watched: bool,
}

impl Ready {
    /// True when it waits for a fresh code.
    pub(crate) const fn needs_proof(&self) -> bool {
        self.step_up.is_some() || self.second.is_some() || self.watched
    }
}

/// Our no, with what is recorded of it.
pub(crate) struct No {
    pub(crate) denial: Denial,
    pub(crate) basis: Option<PriceBasis>,
    pub(crate) access: Option<AccessDenied>,
}

impl No {
    pub(crate) fn because(code: DenialCode) -> Self {
        Self { denial: words::denial(code), basis: None, access: None }
    }

    fn invalid(text: String) -> Self {
        Self { denial: words::invalid(text), basis: None, access: None }
    }
}

/// Resolves account and symbol under the asker's rights; [`No`] tells nothing of what is not theirs.
pub(crate) fn resolve(
    asking: &Asking<'_>,
    order: &NewOrder,
    permission: Permission,
) -> Result<(AccountId, InstrumentId), No> {
    let account = asking.state.account_by_code(&order.account);
    let object = account.map_or(Object::Missing, Object::Account);
    let access = access::may(asking.state.access(), asking.user, permission, object);
    if let Some(code) = access.denial(DenialCode::UnknownAccount) {
        let named = access == Access::Unknown || account.is_some();
        let denied = AccessDenied {
            permission,
            object: named.then_some(ObjectKind::Account),
            foreign: account.map(|account| account.0.into()),
            code,
        };
        return Err(No { access: Some(denied), ..No::because(code) });
    }
    let instrument = asking.state.instrument_by_symbol(&order.symbol);
    match account.zip(instrument) {
        Some(both) => Ok(both),
        None => Err(No::because(DenialCode::UnknownSymbol)),
    }
}

/// The order in ids; its text stays behind.
pub(crate) fn terms(
    order: &NewOrder,
    (account, instrument): (AccountId, InstrumentId),
    command: Digest,
    text: Option<Digest>,
    expires: Timestamp,
) -> OrderTerms {
    OrderTerms {
        cl_ord_id: order.cl_ord_id.clone(),
        account,
        instrument,
        side: order.side,
        qty: order.qty,
        ord_type: order.ord_type,
        price: order.price,
        stop_px: order.stop_px,
        tif: order.tif,
        confirmed: order.confirmed,
        text,
        saw: order.saw.clone(),
        command,
        expires,
    }
}

/// What is wrong with the envelope of any command.
pub(crate) fn envelope(state: &State, command: &Command, now: Timestamp) -> Option<DenialCode> {
    if state.deployment().is_none_or(|d| d.environment != command.environment) {
        Some(DenialCode::WrongEnvironment)
    } else if command.expires < now {
        Some(DenialCode::CommandExpired)
    } else {
        None
    }
}

/// What is plainly wrong, whoever looks.
pub(crate) fn plain_faults(state: &State, order: &NewOrder, terms: &OrderTerms) -> Option<No> {
    let (account, listing) = (state.books.account(terms.account)?, state.books.listing(terms.instrument)?);
    let faults = plain::check_new(order, &listing.info);
    if !faults.is_empty() {
        return Some(No::invalid(plain::sentence(&faults)));
    }
    (account.info.currency != listing.info.currency)
        .then(|| No::invalid(String::from("account and listing have different currencies")))
}

/// Judges an order in ids: rights again, the venue's session, prices, every rule, and whether it needs a proof.
pub(crate) fn judge(asking: &Asking<'_>, terms: &OrderTerms) -> Result<Ready, No> {
    let context = context(asking, terms)?;
    if terms.expires < asking.now {
        return Err(No::because(DenialCode::CommandExpired));
    }
    let basis = context.basis;
    let no = |code| Err(No { basis, ..No::because(code) });
    if asking.state.alerts.binds(asking.user, AnswerDone::OrdersHeld) {
        return no(DenialCode::OrdersHeld);
    }
    if !asking.state.venue_open() {
        return no(DenialCode::MarketClosed);
    }
    if context.listing.halted {
        return no(DenialCode::Halted);
    }
    if !fits(&context) {
        return no(DenialCode::Overflow);
    }
    let (rules, passed) = risk::tripped(&context);
    if !rules.is_empty() {
        return Err(No { denial: words::by_risk(rules, passed), basis, access: None });
    }
    let (state, reserved) = (asking.state, context.reserved());
    let watched = state.alerts.binds(asking.user, AnswerDone::StepUp);
    let (step_up, second) = (step_up::needed(state, &context), step_up::second_person(state, &context));
    let sensitive = step_up.is_some() || second.is_some() || watched;
    if sensitive && state.access().is_recovering(asking.user, asking.now) {
        return no(DenialCode::Recovering);
    }
    // The last of all: who judges it as the second person does not wait for its author's time.
    if let Some(until) = state.alerts.delays(asking.user, asking.now) {
        return Err(No { denial: words::delayed(until), basis, access: None });
    }
    Ok(Ready { step_up, second, watched, reserved })
}

/// Every amount of it can be kept as money.
pub(crate) fn fits(c: &Context<'_>) -> bool {
    const MOST: i128 = (i64::MAX as i128).saturating_mul(PER_MONEY);
    let prices = c.price.max(c.stop_px).is_none_or(|price| price <= PRICE_MAX) && c.reserve_px <= PRICE_MAX;
    prices && c.notional().0 <= MOST && c.power_needed().0 <= MOST
}

/// Everything the rules look at.
pub(crate) fn context<'a>(asking: &Asking<'a>, terms: &OrderTerms) -> Result<Context<'a>, No> {
    let state = asking.state;
    let allowed = access::may(state.access(), asking.user, Permission::OrderEnter, Object::Account(terms.account));
    let role = state.access().role(asking.user).filter(|_| allowed == Access::Allowed);
    let Some(role) = role else { return Err(No::because(DenialCode::NotPermitted)) };
    let (Some(account), Some(listing)) = (state.books.account(terms.account), state.books.listing(terms.instrument))
    else {
        return Err(No::because(DenialCode::UnknownSymbol));
    };
    let position =
        state.books.position_of(terms.account, terms.instrument).and_then(|place| state.books.position(place));
    let (mut open, mut power) = (position.map(|p| p.open).unwrap_or_default(), account.buying_power());
    if !asking.also.is_empty() {
        open = open.plus(asking.also.open(terms.account, terms.instrument));
        power = power.minus(asking.also.power(terms.account));
    }
    let mut context = Context {
        now: asking.now,
        role,
        side: terms.side,
        ord_type: terms.ord_type,
        qty: terms.qty,
        price: terms.price,
        stop_px: terms.stop_px,
        reserve_px: Price::ZERO,
        confirmed: terms.confirmed,
        old: None,
        basis: None,
        listing,
        account,
        limits: &state.limits,
        position,
        open,
        power,
        rate: rate(asking),
        also: asking.recent,
        needed: Exact::ZERO,
    };
    price(asking, &mut context)?;
    Ok(context)
}

/// Orders of the last minute.
pub(crate) fn rate(asking: &Asking<'_>) -> u64 {
    let counted = asking.state.rates.get(&asking.user).map_or(0, |rate| rate.count(asking.now));
    counted.saturating_add(asking.also.rate)
}

/// Fills in the market the order is judged by and the price its power is reserved at.
///
/// A limit is its own worst price. Without one it is the far touch (or the stop price, if that is worse) plus the collar.
pub(crate) fn price(asking: &Asking<'_>, c: &mut Context<'_>) -> Result<(), No> {
    estimate(asking, c)?;
    c.weigh();
    Ok(())
}

fn estimate(asking: &Asking<'_>, c: &mut Context<'_>) -> Result<(), No> {
    let market = asking.market.of(c.listing.info.id);
    let reference = c.listing.info.reference;
    if let (true, Some(limit)) = (c.ord_type.has_price(), c.price) {
        c.reserve_px = limit;
        c.basis = risk::centre(&market, reference);
        let collared = c.ord_type == OrdType::Limit && c.limit(Rule::PriceCollar).is_some();
        return if c.basis.is_none() && collared { Err(No::because(DenialCode::NoPrice)) } else { Ok(()) };
    }
    c.basis = market.basis(c.side.sign() > 0, reference);
    let touch = c.basis.map(|basis| basis.price).max(c.stop_px);
    let Some(touch) = touch else { return Err(No::because(DenialCode::NoPrice)) };
    c.reserve_px = risk::with_margin(touch, c.limit(Rule::PriceCollar).unwrap_or(0));
    Ok(())
}
