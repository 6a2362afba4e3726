//! After a line that halts, resumes, opens or closes: waits until the venue shows it, so that the next line meets it.
//!
//! It must change nothing.

use std::time::Duration;

use turret_shared::command::SimControl;
use turret_shared::role::Permission;
use turret_shared::view::TradingState;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::people::Person;

/// Between looks at the market, and how many at most.
const LOOK: Duration = Duration::from_millis(25);
const LOOKS_MAX: usize = 120;
/// The venue's word travels beside its prices and may be recorded a moment after they show it.
const RECORDED: Duration = Duration::from_millis(150);

/// Waits for what `control` asked for, if it can be seen in the market and by this person.
pub(super) async fn settle(person: &Person, control: &SimControl) {
    let (symbol, shown): (Option<&str>, fn(TradingState) -> bool) = match control {
        SimControl::Halt { symbol } => (Some(symbol), |state| state == TradingState::Halted),
        SimControl::Resume { symbol } => (Some(symbol), |state| state != TradingState::Halted),
        SimControl::SessionOpen => (None, |state| state != TradingState::Closed),
        SimControl::SessionClose => (None, |state| state == TradingState::Closed),
        _ => return,
    };
    let Some(symbol) = symbol.map(str::to_owned).or_else(|| person.names.any_symbol()) else { return };
    if !person.held_role().may(Permission::QuoteRead) {
        return;
    }
    for _ in 0..LOOKS_MAX {
        match person.link.query(Ask::Quote(symbol.clone())).await.map(|answered| answered.body) {
            Ok(AnswerBody::Quote(picture)) if shown(picture.state) => break,
            Ok(_) => tokio::time::sleep(LOOK).await,
            // What cannot be seen is not waited for.
            Err(_) => return,
        }
    }
    tokio::time::sleep(RECORDED).await;
}
