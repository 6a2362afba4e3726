//! Our no, explained: codes people can quote, the rules that tripped and what would pass; it must not decide anything.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use minicbor::{Decode, Encode};

use crate::money::{Currency, Money, Price, Qty};
use crate::role::Role;
use crate::time::Timestamp;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $n:literal $variant:ident = $word:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
        #[cbor(index_only)]
        pub enum $name { $($(#[$vdoc])* #[n($n)] $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code people quote.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

codes! {
    /// A risk rule, a file each under `server/engine/src/risk/`.
    Rule {
        /// Quantity of one order.
        0 MaxQuantity = "max_quantity";
        /// Notional of one order.
        1 MaxNotional = "max_notional";
        /// Distance from the market.
        2 PriceCollar = "price_collar";
        /// Buying power with open orders reserved.
        3 BuyingPower = "buying_power";
        /// A sale of more than is long and not yet offered.
        4 LongSell = "long_sell";
        /// The instrument may not be traded.
        5 RestrictedList = "restricted_list";
        /// An equal order just before (soft: may be confirmed).
        6 DuplicateOrder = "duplicate_order";
        /// Orders a minute.
        7 OrderRate = "order_rate";
    }
}

codes! {
    /// Why an order was denied.
    DenialCode {
        /// One or more risk rules tripped.
        0 Risk = "risk";
        /// The role may not do this at all.
        1 NotPermitted = "not_permitted";
        /// No such account, or none of yours.
        2 UnknownAccount = "unknown_account";
        /// No such listing.
        3 UnknownSymbol = "unknown_symbol";
        /// No such order, or none of yours.
        4 UnknownOrder = "unknown_order";
        /// The ClOrdID was used for something else.
        5 ClOrdIdReused = "cl_ord_id_reused";
        /// A field is plainly wrong; `text` says which and why.
        6 Invalid = "invalid";
        /// The venue's session is closed.
        7 MarketClosed = "market_closed";
        /// The instrument is halted.
        8 Halted = "halted";
        /// The command's time ran out before it was decided.
        9 CommandExpired = "command_expired";
        /// The command was made for the other environment.
        10 WrongEnvironment = "wrong_environment";
        /// An amount does not fit.
        11 Overflow = "overflow";
        /// No market and no reference price to judge it by.
        12 NoPrice = "no_price";
        /// Too much waits for this session's step-up.
        13 TooManyPending = "too_many_pending";
        /// The proof was wrong, late or already used.
        14 ProofFailed = "proof_failed";
        /// Only on a simulator.
        15 NotASimulator = "not_a_simulator";
        /// The disk reserve is reached: only cancels are taken.
        16 DiskReserve = "disk_reserve";
        /// The server takes no more work just now; nothing happened.
        17 Busy = "busy";
        /// No such execution.
        18 UnknownExecution = "unknown_execution";
        /// No such person, session, device or account.
        19 UnknownTarget = "unknown_target";
        /// Nobody acts on themselves.
        20 NotYourself = "not_yourself";
        /// It is so already.
        21 NothingToDo = "nothing_to_do";
        /// One code carries one act on people, so that each is judged on what the one before it left.
        22 OneActPerCode = "one_act_per_code";
        /// The device showed another device's session token: it is unlocked by itself, by number, or not at all.
        23 LockedForToken = "locked_for_token";
        /// Somebody has that login.
        24 LoginTaken = "login_taken";
        /// Who made the code confirms its device.
        25 NotIssuer = "not_issuer";
        /// Who runs users has rights on no account.
        26 RunsUsers = "runs_users";
        /// Another desk, account or role has that code.
        27 CodeTaken = "code_taken";
        /// There are as many of them as there can be.
        28 HouseFull = "house_full";
        /// More would go out than is free.
        29 NotCovered = "not_covered";
        /// The person's factors were reset by others less than a day ago.
        30 Recovering = "recovering";
        /// No ban is in force under that number.
        31 UnknownBan = "unknown_ban";
        /// The source that was to be banned is the one it was asked from.
        32 OwnSource = "own_source";
        /// As many bans are in force as there can be.
        33 BansFull = "bans_full";
        /// No denied attempts are open under that number, or more came since.
        34 UnknownAttempts = "unknown_attempts";
        /// Whoever gives it up could not sign in any more.
        35 LastFactor = "last_factor";
        /// The device that asks cannot be the one that goes.
        36 DeviceInUse = "device_in_use";
        /// The person's role takes a security key, and the session was opened with a code.
        37 KeyWanted = "key_wanted";
        /// Somebody has the role: give them another first.
        38 RoleHeld = "role_held";
        /// This security key is registered already.
        60 KeyKnown = "key_known";
        /// The person has as many security keys as one may have.
        61 TooManyKeys = "too_many_keys";
        /// What the security key gave is no good.
        62 KeyUnfit = "key_unfit";
        /// The house names the models of security keys it takes, and this is none of them.
        63 KeyModel = "key_model";
        /// Whoever asked for it is not the second person.
        40 OwnRequest = "own_request";
        /// Nothing waits for a second person under that number: never, or no more.
        41 ApprovalVoid = "approval_void";
        /// What an admin asks for a supervisor judges, and what a supervisor asks for an admin.
        42 OtherRole = "other_role";
        /// Too much waits for a second person.
        43 TooManyApprovals = "too_many_approvals";
        /// The second person has not said yes.
        44 NotApproved = "not_approved";
        /// The second person refused the order.
        45 ApprovalRefused = "approval_refused";
        /// The same thing stands in a table twice.
        80 TwiceInTable = "twice_in_table";
        /// No such alert, or one that is told of no more.
        55 UnknownAlert = "unknown_alert";
        /// It was resolved already.
        56 AlertOver = "alert_over";
        /// Surveillance holds the person's orders until its alert is resolved.
        57 OrdersHeld = "orders_held";
        /// Surveillance makes the person wait a while; `until` says from when it is taken again.
        58 Delayed = "delayed";
    }
}

codes! {
    /// Why an amend or cancel was refused (FIX OrderCancelReject); the order stays as it was.
    RefusalCode {
        /// The order has ended.
        0 TooLate = "too_late";
        /// No such order, or none of yours.
        1 UnknownOrder = "unknown_order";
        /// Another amend waits for its answer.
        2 AmendPending = "amend_pending";
        /// A cancel waits for its answer.
        3 CancelPending = "cancel_pending";
        /// Nothing would change.
        4 NoChange = "no_change";
        /// A field is plainly wrong.
        5 Invalid = "invalid";
        /// A risk rule trips for the amended order; `rules` says which.
        6 Risk = "risk";
        /// The role may not do this at all.
        7 NotPermitted = "not_permitted";
        /// The venue's no.
        8 Venue = "venue";
        /// Not acknowledged or in doubt at the venue: ask again once it is known.
        9 NotYetAcknowledged = "not_yet_acknowledged";
        /// The ClOrdID was used for something else.
        10 ClOrdIdReused = "cl_ord_id_reused";
        /// The command's time ran out.
        11 CommandExpired = "command_expired";
        /// The command was made for the other environment.
        12 WrongEnvironment = "wrong_environment";
        /// The order type has no price to change.
        13 NotAmendable = "not_amendable";
        /// An amend is not the way past a second person.
        14 NeedsApproval = "needs_approval";
        /// Surveillance holds the person's orders: an amend that asks for more waits for its alert.
        15 OrdersHeld = "orders_held";
        /// The person's factors were reset by others less than a day ago.
        16 Recovering = "recovering";
        /// The order has no stop price to change.
        17 NoStop = "no_stop";
        /// The stop has triggered: its price is of the past.
        18 StopTriggered = "stop_triggered";
        /// The person's role takes a security key, and the session was opened with a code.
        19 KeyWanted = "key_wanted";
        /// Surveillance makes the person wait a while; `until` says from when it is taken again.
        20 Delayed = "delayed";
        /// The order waits for a second person, who judges what was entered.
        21 AwaitsApproval = "awaits_approval";
    }
}

/// One figure of a rule, in its own unit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Figure {
    /// An amount.
    #[n(0)]
    Money(#[n(0)] Money, #[n(1)] Currency),
    /// A quantity.
    #[n(1)]
    Qty(#[n(0)] Qty),
    /// A price.
    #[n(2)]
    Price(#[n(0)] Price),
    /// A count.
    #[n(3)]
    Count(#[n(0)] u64),
    /// A price band, low to high.
    #[n(4)]
    Band(#[n(0)] Price, #[n(1)] Price),
    /// Yes or no.
    #[n(5)]
    Flag(#[n(0)] bool),
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(amount, currency) => write!(f, "{amount:.2} {currency}"),
            Self::Qty(qty) => write!(f, "{qty}"),
            Self::Price(price) => write!(f, "{price}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Band(low, high) => write!(f, "{low} to {high}"),
            Self::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
        }
    }
}

/// Who may let an order through all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Override {
    /// Nobody.
    #[n(0)]
    Nobody,
    /// The sender, by confirming.
    #[n(1)]
    Confirm,
    /// Someone of this role raises the limit.
    #[n(2)]
    Role(#[n(0)] Role),
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Confirm => f.write_str("confirm"),
            Self::Role(role) => role.fmt(f),
        }
    }
}

/// How one rule sees one order: the same for a denial, a warning and a preview.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RuleUse {
    /// Which rule.
    #[n(0)]
    pub rule: Rule,
    /// True when it stands in the way.
    #[n(1)]
    pub tripped: bool,
    /// The limit in force.
    #[n(2)]
    pub limit: Figure,
    /// What this order needs of it, in the same unit as far as there is one.
    #[n(3)]
    pub used: Figure,
    /// What is left for this kind of order before it; an order within it passes this rule.
    #[n(4)]
    pub headroom: Figure,
    /// Largest quantity that would pass this rule with everything else unchanged, if that can help.
    #[n(5)]
    pub would_pass: Option<Qty>,
    /// Use of the limit in whole percent, rounded up, where it has one.
    #[n(6)]
    pub use_percent: Option<u32>,
    /// Who may let it through.
    #[n(7)]
    pub overridable: Override,
}

/// Our no to an order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Denial {
    /// The stable code.
    #[n(0)]
    pub code: DenialCode,
    /// Every rule that tripped, in the order of [`Rule`]; empty unless `code` is `Risk`.
    #[n(1)]
    pub rules: Vec<RuleUse>,
    /// One plain sentence, without any text of a peer.
    #[n(2)]
    pub text: String,
    /// How many of the rules that speak of such an order passed.
    #[n(3)]
    pub passed: u32,
    /// From when the same is taken again, where only time stands in the way.
    #[n(4)]
    pub until: Option<Timestamp>,
}

/// Either's no to an amend or cancel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Refusal {
    /// The stable code.
    #[n(0)]
    pub code: RefusalCode,
    /// Every rule that tripped, when `code` is `Risk`.
    #[n(1)]
    pub rules: Vec<RuleUse>,
    /// One plain sentence, without any text of a peer.
    #[n(2)]
    pub text: String,
    /// From when the same is taken again, where only time stands in the way.
    #[n(3)]
    pub until: Option<Timestamp>,
}
