//! A turn with a security key: what is signed, what the key waits for and how long; it must keep no PIN and sign nothing itself.

use turret_shared::order::Side;
use turret_shared::text::escaped;

use super::Model;
use super::effect::{Effect, Request};
use super::field::SecretField;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::Modal;
use super::new_key;
use super::signin::Phase;
use super::stepup;
use crate::format;
use crate::keys::{Hand, KeyError, PIN_BYTES_MAX, PIN_CHARS_MIN, SIMULATED_PIN, Said};

/// How long one may take, in seconds: a minute, as a step-up.
pub const TURN_S_MAX: u64 = turret_shared::limits::STEP_UP_S_MAX;

/// What a turn is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The second factor of a sign-in.
    SignIn,
    /// A command that waits.
    StepUp,
    /// A key that is registered.
    NewKey,
}

impl For {
    /// What did not come about, why, and what else there is.
    fn nothing(self, error: Option<KeyError>) -> String {
        let why = error.map_or_else(String::new, |error| format!(": {error}"));
        match self {
            Self::SignIn | Self::StepUp => format!("Nothing was signed{why}. A code works too."),
            Self::NewKey => format!("No key was registered{why}."),
        }
    }
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The password's answer, and the key itself.
    Key,
    /// Its PIN, with the tries left; the one before was wrong.
    Pin {
        /// Tries it still takes.
        tries: u8,
        /// The one given before was wrong.
        wrong: bool,
    },
    /// The key's word on a PIN.
    Asked,
    /// A touch.
    Touch,
}

/// One turn.
#[derive(Debug)]
pub struct Keying {
    /// To find it again.
    pub request: Request,
    /// What for.
    pub purpose: For,
    /// What a touch says, in a sentence.
    pub sentence: String,
    /// What is waited for.
    pub wait: Wait,
    /// The PIN as it is typed.
    pub pin: SecretField,
    /// It ends by itself then, in monotonic milliseconds.
    pub ends_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Begins one; the caller sends it off.
pub(super) fn begin(model: &mut Model, request: Request, purpose: For, sentence: String) {
    model.keying = Some(Box::new(Keying {
        request,
        purpose,
        sentence,
        wait: Wait::Key,
        pin: SecretField::new(PIN_BYTES_MAX),
        ends_ms: model.now.mono_ms.saturating_add(TURN_S_MAX.saturating_mul(1_000)),
        message: None,
    }));
}

/// `Touch your key to buy 5,000 AAPL at 189.50 DAY, A1001.`, from the command that was sent.
pub(super) fn sentence(model: &Model, flight: &Flight) -> String {
    let Flight::New { order, .. } = flight else {
        return format!("Touch your key to confirm: {}.", flight.line(model));
    };
    let does = match order.side {
        Side::Buy => "buy",
        Side::Sell => "sell",
        Side::SellShort | Side::SellShortExempt => "sell short",
    };
    let decimals = model.desk.instrument_named(&order.symbol).map_or(2, |listing| listing.price_decimals());
    let limit =
        order.price.map_or_else(|| " at the market".into(), |at| format!(" at {}", format::price(at, decimals)));
    let stop =
        order.stop_px.map_or_else(String::new, |at| format!(" once it trades at {}", format::price(at, decimals)));
    format!(
        "Touch your key to {does} {} {}{limit}{stop} {}, {}.",
        format::qty(order.qty),
        escaped(&order.symbol),
        order.tif.word(),
        escaped(&order.account)
    )
}

/// A key of the keyboard while one is under way.
pub(super) fn key(model: &mut Model, key: Press, out: &mut Vec<Effect>) {
    let simulated = model.simulated_key;
    let Some(open) = &mut model.keying else { return };
    open.message = None;
    let request = open.request;
    match (key.code, open.wait) {
        (Code::Esc, _) => give_up(model, out),
        (Code::Char('c'), _) if key.ctrl => give_up(model, out),
        (Code::F(9), Wait::Pin { .. }) if simulated => {
            open.pin.wipe();
            open.pin.insert(SIMULATED_PIN);
            give_pin(open, out);
        }
        (Code::F(9), Wait::Touch) if simulated => out.push(Effect::Key { request, hand: Some(Hand::Touch) }),
        (Code::Enter, Wait::Pin { .. }) => give_pin(open, out),
        (_, Wait::Pin { .. }) => {
            open.pin.key(key);
        }
        (_, Wait::Touch) => open.message = Some("The key is to be touched, not the keyboard.".into()),
        (_, Wait::Key | Wait::Asked) => {}
    }
}

fn give_pin(open: &mut Keying, out: &mut Vec<Effect>) {
    if open.pin.count() < PIN_CHARS_MIN {
        open.message = Some(format!("A PIN has {PIN_CHARS_MIN} characters or more."));
        return;
    }
    let hand = Some(Hand::Pin(open.pin.take()));
    open.wait = Wait::Asked;
    out.push(Effect::Key { request: open.request, hand });
}

/// Text that was pasted.
pub(super) fn paste(open: &mut Keying, text: &str) {
    if matches!(open.wait, Wait::Pin { .. }) {
        open.pin.insert(text.trim_end_matches(['\r', '\n']));
    }
}

/// Nobody waits for it any more: nothing was signed.
pub(super) fn give_up(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(open) = model.keying.take() else { return };
    out.push(Effect::Key { request: open.request, hand: None });
    ended(model, &open, open.purpose.nothing(None), false);
}

fn of(model: &mut Model, request: Request) -> Option<&mut Keying> {
    model.keying.as_deref_mut().filter(|open| open.request == request)
}

/// The key waits for something.
pub(super) fn said(model: &mut Model, request: Request, said: Said) {
    let Some(open) = of(model, request) else { return };
    open.message = None;
    open.wait = match said {
        Said::Pin { tries, wrong } => Wait::Pin { tries, wrong },
        Said::Touch => Wait::Touch,
    };
}

/// It signed, and the server has it now.
pub(super) fn signed(model: &mut Model, request: Request) {
    if of(model, request).is_some() {
        model.keying = None;
    }
}

/// It did not.
pub(super) fn failed(model: &mut Model, request: Request, error: KeyError) {
    if of(model, request).is_none() {
        return;
    }
    let Some(open) = model.keying.take() else { return };
    let why = open.purpose.nothing(Some(error));
    ended(model, &open, why, true);
}

fn ended(model: &mut Model, open: &Keying, text: String, failed: bool) {
    match open.purpose {
        For::SignIn => {
            model.signin.phase = Phase::Ready;
            model.signin.tell(&text, failed);
        }
        For::StepUp => {
            model.flights.remove(&open.request);
            stepup::unanswered(model, open.request, &text);
        }
        For::NewKey => {
            model.flights.remove(&open.request);
            new_key::unanswered(model, open.request, &text);
        }
    }
}

/// The connection is gone: what was to be signed was for that one.
pub(super) fn link_lost(model: &mut Model, out: &mut Vec<Effect>) {
    give_up(model, out);
    for modal in model.modals.iter_mut().chain(&mut model.held) {
        if let Modal::StepUp(open) = modal {
            open.signable.clear();
        }
    }
}

impl Model {
    /// The turn that has the keys; a question whether to leave stands above it.
    #[must_use]
    pub fn keying_shown(&self) -> Option<&Keying> {
        self.keying.as_deref().filter(|_| !matches!(self.modals.last(), Some(Modal::Quit(_))))
    }
}
