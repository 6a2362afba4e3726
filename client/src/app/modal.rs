//! What can stand above a screen and take its keys; it must hold no behaviour of its own.

use turret_shared::command::Saw;
use turret_shared::denial::{Denial, Refusal};
use turret_shared::ids::{CorrelationId, OrderId, PendingId};
use turret_shared::secret::SecretText;
use turret_shared::time::Timestamp;

use super::alerts::handling::Handling;
use super::approvals::Judging;
use super::enlist::NewPerson;
use super::entrust::Form;
use super::field::{Field, SecretField};
use super::flight::Flight;
use super::house::HouseForm;
use super::manage::Asking;
use super::palette::Palette;
use super::password::PasswordForm;
use super::policy::PolicyForm;
use super::ticket::{Draft, Ticket};

/// What stays open after a key, lowest first.
pub type Stack = Vec<Modal>;

/// One of them.
#[derive(Debug)]
pub enum Modal {
    /// Order ticket, new or amend.
    Ticket(Box<Ticket>),
    /// Cancel one order.
    Cancel(CancelOne),
    /// Cancel the marked orders.
    CancelMarked(CancelMarked),
    /// Cancel all of one's own.
    CancelAll(CancelAllMine),
    /// Our no to an order.
    Denied(Box<Denied>),
    /// A no to an amend or cancel.
    Refused(Box<Refused>),
    /// A fresh code is asked for.
    StepUp(Box<StepUp>),
    /// A security key of one's own.
    NewKey(Box<super::new_key::KeyForm>),
    /// What this screen can do.
    Help(Help),
    /// Sessions, keys and devices of one's own.
    Own(Box<super::own::OwnWindow>),
    /// Every action by name.
    Palette(Box<Palette>),
    /// Leave?
    Quit(Quit),
    /// Act on a person, a session or a device?
    Manage(Box<Asking>),
    /// A new password of one's own.
    Password(Box<PasswordForm>),
    /// A person to be created.
    NewPerson(Box<NewPerson>),
    /// What a person may do with an account, or a limit of one.
    Entrust(Box<Form>),
    /// An enrolment code, shown once.
    Code(Box<CodeShown>),
    /// Policy figures, one of them to be set.
    Policy(Box<PolicyForm>),
    /// What denied attempts were.
    Review(Box<super::attempts::Reviewing>),
    /// A source to be banned.
    Ban(Box<super::bans::BanForm>),
    /// A CSV file of acts.
    Table(Box<super::bulk::TableForm>),
    /// Something of the house to be opened or moved.
    House(Box<HouseForm>),
    /// A role of the house's own.
    Compose(Box<super::compose::RoleForm>),
    /// A word on what somebody asked for.
    Judge(Box<Judging>),
    /// What an alert was, or whose it is from now on.
    Handle(Box<Handling>),
}

impl Modal {
    /// True while a character typed is text, whatever action it would be elsewhere.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        match self {
            Self::Ticket(ticket) => ticket.review.is_none() && !ticket.takes_numbers(),
            Self::NewPerson(open) => open.takes_text(),
            Self::Entrust(open) => open.takes_text(),
            Self::House(open) => !open.on_desk,
            Self::Own(open) => open.takes_text(),
            Self::Table(open) => open.takes_text(),
            Self::Compose(open) => open.takes_text(),
            Self::CancelMarked(_)
            | Self::CancelAll(_)
            | Self::StepUp(_)
            | Self::NewKey(_)
            | Self::Help(_)
            | Self::Palette(_)
            | Self::Policy(_)
            | Self::Ban(_)
            | Self::Password(_) => true,
            Self::Cancel(_)
            | Self::Denied(_)
            | Self::Refused(_)
            | Self::Quit(_)
            | Self::Manage(_)
            | Self::Judge(_)
            | Self::Handle(_)
            | Self::Review(_)
            | Self::Code(_) => false,
        }
    }
}

/// Cancel one order.
#[derive(Debug)]
pub struct CancelOne {
    /// Which; never another, whatever the cursor does.
    pub order: OrderId,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Cancel the marked orders.
#[derive(Debug)]
pub struct CancelMarked {
    /// Those to be cancelled.
    pub orders: Vec<OrderId>,
    /// Marked, but over already or with a cancel under way.
    pub left_alone: usize,
    /// How many of them the filter hides.
    pub hidden: usize,
    /// Typed count.
    pub count: Field,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Cancel all of one's own.
#[derive(Debug)]
pub struct CancelAllMine {
    /// How many work now.
    pub working: usize,
    /// Typed word.
    pub word: Field,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// The word that cancels all.
pub const CANCEL_ALL_WORD: &str = "cancel";

/// Our no to an order.
#[derive(Debug)]
pub struct Denied {
    /// What was asked, in one line.
    pub line: String,
    /// The ticket as typed, for another try.
    pub draft: Option<Draft>,
    /// The order on the blotter, where there is one.
    pub order: Option<OrderId>,
    /// Why.
    pub denial: Denial,
    /// To quote.
    pub correlation: CorrelationId,
    /// When.
    pub time: Timestamp,
    /// First line of the reasons shown, where they have not room for all.
    pub top: usize,
    /// What the person had on screen when they sent it, where it was sent from here.
    pub saw: Option<Box<Saw>>,
}

/// A no to an amend or cancel; the order is as it was.
#[derive(Debug)]
pub struct Refused {
    /// `AMEND` or `CANCEL`.
    pub what: &'static str,
    /// The order.
    pub order: Option<OrderId>,
    /// What was asked, in one line.
    pub line: String,
    /// Why.
    pub refusal: Refusal,
    /// To quote.
    pub correlation: CorrelationId,
}

/// A fresh code is asked for.
#[derive(Debug)]
pub struct StepUp {
    /// Commands that wait, with what each is.
    pub pending: Vec<(PendingId, Flight)>,
    /// The server's reasons, one a command.
    pub reasons: Vec<String>,
    /// Those of them that a security key may sign.
    pub signable: Vec<PendingId>,
    /// Void after this (server clock).
    pub expires: Timestamp,
    /// Six digits.
    pub code: SecretField,
    /// A proof is under way.
    pub asked: Option<super::effect::Request>,
    /// No other code can work before this, in monotonic milliseconds.
    pub not_before_ms: u64,
    /// About the last key or answer.
    pub message: Option<String>,
}

/// What this screen can do.
#[derive(Debug)]
pub struct Help {
    /// Typed words.
    pub words: Field,
    /// First line shown.
    pub top: usize,
}

/// An enrolment code, shown once.
#[derive(Debug)]
pub struct CodeShown {
    /// Whose.
    pub login: String,
    /// It.
    pub text: SecretText,
    /// Void after this (server clock).
    pub expires: Timestamp,
    /// Where devices enrol.
    pub port: u16,
}

/// Leave?
#[derive(Debug)]
pub struct Quit {
    /// Orders of the person that stay working.
    pub working: usize,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}
