//! Steers the simulator for a script; it must never do anything on a server that is not one.

use turret_shared::command::{Environment, SimControl};
use turret_shared::denial::DenialCode;
use turret_shared::entry::ObjectKind;
use turret_shared::event::Event;
use turret_shared::event::ops::{AccessDenied, SimControlled};
use turret_shared::ids::{AccountId, InstrumentId};
use turret_shared::role::Permission;
use turret_shared::venue::{Route, SimRoute};

use super::client::access_denied;
use super::judge_new::envelope;
use super::{Draft, words};
use crate::Verdict;
use crate::access::{self, Object};
use crate::input::ClientInput;
use crate::state::fills::Fill;

/// Longest delay a script may ask for, in milliseconds.
const DELAY_MS_MAX: u32 = 60_000;
/// Longest break of the link a script may ask for, in seconds.
const DROP_S_MAX: u32 = 600;

pub(super) fn decide(draft: &mut Draft<'_>, input: &ClientInput, control: &SimControl) {
    let simulated = draft.state.deployment().is_some_and(|d| d.environment == Environment::Sim);
    let wrong = envelope(draft.state, &input.command, draft.stamp.time);
    let routed = match (simulated, wrong) {
        (false, _) => Err((DenialCode::NotASimulator, None)),
        (true, Some(code)) => Err((code, None)),
        (true, None) => route(draft, input, control),
    };
    match routed {
        Ok(route) => {
            draft.emit(Event::SimControl(SimControlled { route: route.clone() }));
            draft.route(Route::Sim(route));
            draft.answer(Verdict::Sim);
        }
        Err((code, denied)) => {
            if let Some(denied) = denied {
                access_denied(draft, &input.principal, denied);
            }
            draft.answer(Verdict::Denied(words::denial(code).into()));
        }
    }
}

type No = (DenialCode, Option<AccessDenied>);

fn route(draft: &Draft<'_>, input: &ClientInput, control: &SimControl) -> Result<SimRoute, No> {
    may(draft, input, Object::None, DenialCode::NotPermitted, None)?;
    Ok(match control {
        SimControl::Halt { symbol } => SimRoute::Halt { instrument: listing(draft, symbol)?, halted: true },
        SimControl::Resume { symbol } => SimRoute::Halt { instrument: listing(draft, symbol)?, halted: false },
        SimControl::SessionOpen => SimRoute::Session { open: true },
        SimControl::SessionClose => SimRoute::Session { open: false },
        SimControl::Bust { exec } => SimRoute::Bust { exec: execution(draft, input, *exec)? },
        SimControl::Correct { exec, price, qty } => {
            let exec = execution(draft, input, *exec)?;
            if !qty.is_positive() || !price.is_positive() {
                return Err((DenialCode::Invalid, None));
            }
            SimRoute::Correct { exec, price: *price, qty: *qty }
        }
        SimControl::Unsolicited { order } => {
            let account = draft.state.account_of(*order);
            of_account(draft, input, account, DenialCode::UnknownOrder, order.0)?;
            SimRoute::Unsolicited { order: *order }
        }
        SimControl::Delay { ms } if *ms <= DELAY_MS_MAX => SimRoute::Delay { ms: *ms },
        SimControl::DropLink { seconds } if *seconds <= DROP_S_MAX => SimRoute::DropLink { seconds: *seconds },
        SimControl::Delay { .. } | SimControl::DropLink { .. } => return Err((DenialCode::Invalid, None)),
    })
}

fn may(
    draft: &Draft<'_>,
    input: &ClientInput,
    object: Object,
    unknown: DenialCode,
    named: Option<(ObjectKind, Option<u64>)>,
) -> Result<(), No> {
    let permission = Permission::SimControl;
    match access::may(draft.state.access(), input.principal.user, permission, object).denial(unknown) {
        None => Ok(()),
        Some(code) => {
            let (object, foreign) = named.map_or((None, None), |(kind, id)| (Some(kind), id));
            Err((code, Some(AccessDenied { permission, object, foreign, code })))
        }
    }
}

fn of_account(
    draft: &Draft<'_>,
    input: &ClientInput,
    account: Option<AccountId>,
    unknown: DenialCode,
    order: u64,
) -> Result<(), No> {
    let object = account.map_or(Object::Missing, Object::Account);
    may(draft, input, object, unknown, Some((ObjectKind::Order, account.map(|_| order))))
}

fn listing(draft: &Draft<'_>, symbol: &str) -> Result<InstrumentId, No> {
    draft.state.instrument_by_symbol(symbol).ok_or((DenialCode::UnknownSymbol, None))
}

/// The venue's latest id of an execution the asker may know of.
fn execution(
    draft: &Draft<'_>,
    input: &ClientInput,
    exec: turret_shared::ids::ExecId,
) -> Result<turret_shared::venue::VenueExecId, No> {
    let fill = draft.state.fills.find(exec).map(|(_, fill)| fill);
    let order = fill.and_then(|fill| draft.state.orders.at(fill.order));
    let id = order.map_or(0, |order| order.id.0);
    of_account(draft, input, order.map(|order| order.account), DenialCode::UnknownExecution, id)?;
    fill.map(Fill::latest).ok_or((DenialCode::UnknownExecution, None))
}
