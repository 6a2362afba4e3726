//! The sentences of our no, by code; it must quote nothing a peer typed.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use turret_shared::denial::{Denial, DenialCode, Refusal, RefusalCode, RuleUse};
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::{Verdict, risk};

/// The sentence of a code by itself.
pub(crate) const fn sentence(code: DenialCode) -> &'static str {
    text_of(code)
}

/// A denial without rules.
pub(crate) fn denial(code: DenialCode) -> Denial {
    Denial { code, rules: Vec::new(), text: text_of(code).to_string(), passed: 0, until: None }
}

/// A denial for what is plainly wrong.
pub(crate) fn invalid(text: String) -> Denial {
    Denial { code: DenialCode::Invalid, rules: Vec::new(), text, passed: 0, until: None }
}

/// A denial by rules.
pub(crate) fn by_risk(rules: Vec<RuleUse>, passed: u32) -> Denial {
    Denial { code: DenialCode::Risk, text: risk::sentence(&rules), rules, passed, until: None }
}

/// A refusal without rules.
pub(crate) fn refusal(code: RefusalCode) -> Refusal {
    Refusal { code, rules: Vec::new(), text: refusal_text(code).to_string(), until: None }
}

/// A no that only time stands behind.
pub(crate) fn delayed(until: Timestamp) -> Denial {
    Denial { text: taken_again(until), until: Some(until), ..denial(DenialCode::Delayed) }
}

/// The same, of an amend.
pub(crate) fn refused_delayed(until: Timestamp) -> Refusal {
    Refusal { text: taken_again(until), until: Some(until), ..refusal(RefusalCode::Delayed) }
}

/// With the first whole second at which it is.
fn taken_again(until: Timestamp) -> String {
    let from = until.after_ns(NS_PER_S.saturating_sub(1)).rfc3339();
    let time = from.get(CLOCK).unwrap_or_default();
    format!("{MADE_TO_WAIT}: taken again from {time}Z")
}

/// Tells a no of time when that is over, wherever it stands in an answer.
pub(crate) fn timed(verdict: Option<&mut Verdict>, until: Timestamp) {
    match verdict {
        Some(Verdict::Denied(denial)) if denial.code == DenialCode::Delayed => **denial = delayed(until),
        Some(Verdict::Proof(verdicts)) => verdicts.iter_mut().for_each(|one| timed(Some(one), until)),
        _ => {}
    }
}

/// Where hours, minutes and seconds stand in a moment.
const CLOCK: core::ops::Range<usize> = 11..19;
/// For a denial and a refusal alike.
const MADE_TO_WAIT: &str = "surveillance makes you wait a little";
/// For a denial and a refusal alike.
const KEY_WANTED: &str = "your role takes a security key: register one (`register key`), then sign in with it";

const fn text_of(code: DenialCode) -> &'static str {
    match code {
        DenialCode::Risk => "a risk rule stands in the way",
        DenialCode::NotPermitted => "your role may not do this",
        DenialCode::UnknownAccount => "no such account",
        DenialCode::UnknownSymbol => "no such symbol",
        DenialCode::UnknownOrder => "no such order",
        DenialCode::ClOrdIdReused => "this ClOrdID was used for something else",
        DenialCode::Invalid => "a field is wrong",
        DenialCode::MarketClosed => "the venue's session is closed",
        DenialCode::Halted => "trading in this symbol is halted",
        DenialCode::CommandExpired => "the command's time ran out before it was decided",
        DenialCode::WrongEnvironment => "the command was made for another environment",
        DenialCode::Overflow => "an amount is beyond what can be kept",
        DenialCode::NoPrice => "there is no market and no reference price to judge it by",
        DenialCode::TooManyPending => "too many orders wait for a proof",
        DenialCode::ProofFailed => "nothing waits for this proof any more",
        DenialCode::NotASimulator => "only a simulator can be steered",
        DenialCode::DiskReserve => "the server is short of disk: only cancels are taken",
        DenialCode::Busy => "the server takes no more work just now; nothing happened",
        DenialCode::UnknownExecution => "no such execution",
        DenialCode::UnknownTarget => "no such person, session, device, desk, account, role or listing",
        DenialCode::NotYourself => "nobody locks, demotes or takes out themselves: another admin does",
        DenialCode::NothingToDo => "it is so already",
        DenialCode::OneActPerCode => {
            "one code carries one act on people, sessions and devices: give the next code for this one"
        }
        DenialCode::LockedForToken => {
            "what is still locked showed another device's session token: unlock that device itself"
        }
        DenialCode::UnknownBan => "no ban is in force under that number",
        DenialCode::OwnSource => "that is where you come from yourself: nothing is banned",
        DenialCode::BansFull => "as many bans are in force as there can be: lift one first",
        DenialCode::UnknownAttempts => "nothing denied is open under that number, or more came since: look again",
        DenialCode::NotIssuer => "who made the code compares the letters and confirms the device",
        DenialCode::KeyKnown => "this security key is registered already",
        DenialCode::TooManyKeys => "nobody has more security keys than that: take one out first",
        DenialCode::KeyModel => "your house takes security keys of other models: ask an admin which",
        DenialCode::KeyUnfit => "what the security key gave is not taken here",
        DenialCode::CodeTaken => "another desk, account or role has that code",
        DenialCode::RoleHeld => "somebody has that role: give them another first",
        DenialCode::TwiceInTable => "the table says something of the same thing twice",
        DenialCode::HouseFull => "there are as many of them as there can be",
        DenialCode::NotCovered => "more would go out than is free: positions and open orders hold the rest",
        DenialCode::Recovering => "your factors were reset less than a day ago: nothing sensitive until then",
        DenialCode::LastFactor => "nothing would be left to sign in with beside the password: register another first",
        DenialCode::KeyWanted => KEY_WANTED,
        DenialCode::DeviceInUse => "this is the device you sit at: retire it from another, or have an admin do it",
        DenialCode::RunsUsers => "who runs users has rights on no account: give another role first",
        DenialCode::OwnRequest => "who asked for it is not the second person: somebody else judges it",
        DenialCode::ApprovalVoid => "nothing waits for a second person under that number, or something changed since",
        DenialCode::OtherRole => "a supervisor judges what an admin asks for, and an admin what a supervisor asks for",
        DenialCode::NotApproved => "the second person has not said yes yet",
        DenialCode::UnknownAlert => "no alert is told of under that number",
        DenialCode::Delayed => MADE_TO_WAIT,
        DenialCode::OrdersHeld => "your orders are held until an alert of surveillance is resolved",
        DenialCode::AlertOver => "the alert was resolved already",
        DenialCode::TooManyApprovals => "too much waits for a second person already",
        DenialCode::ApprovalRefused => "the second person refused it",
        DenialCode::LoginTaken => "somebody has that login",
    }
}

const fn refusal_text(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::TooLate => "the order has ended",
        RefusalCode::UnknownOrder => "no such order",
        RefusalCode::AmendPending => "another amend waits for the venue's answer",
        RefusalCode::CancelPending => "a cancel waits for the venue's answer",
        RefusalCode::NoChange => "nothing would change",
        RefusalCode::Invalid => "a field is wrong",
        RefusalCode::Risk => "a risk rule stands in the way",
        RefusalCode::NotPermitted => "your role may not do this",
        RefusalCode::Venue => "the venue refused",
        RefusalCode::NotYetAcknowledged => "the venue has not acknowledged the order yet",
        RefusalCode::ClOrdIdReused => "this ClOrdID was used for something else",
        RefusalCode::CommandExpired => "the command's time ran out before it was decided",
        RefusalCode::WrongEnvironment => "the command was made for another environment",
        RefusalCode::NeedsApproval => "that much takes a second person: enter it as a new order",
        RefusalCode::KeyWanted => KEY_WANTED,
        RefusalCode::Recovering => "your factors were reset less than a day ago: nothing sensitive until then",
        RefusalCode::Delayed => MADE_TO_WAIT,
        RefusalCode::AwaitsApproval => {
            "it waits for a second person's word on what was entered: cancel it, or have them refuse it, and enter it anew"
        }
        RefusalCode::OrdersHeld => "your orders are held until an alert of surveillance is resolved",
        RefusalCode::NotAmendable => "this order type has no price to change",
        RefusalCode::NoStop => "this order has no stop price to change",
        RefusalCode::StopTriggered => "the stop has triggered: its price cannot be changed any more",
    }
}
