//! Desks, accounts and listings for those who run the house, and the form that opens or moves something; it must send nothing:
//! the act is asked about afterwards.

use turret_shared::account::OrderCapacity;
use turret_shared::composed::ComposedRole;
use turret_shared::house::{Code as Typed, House, HouseRow};
use turret_shared::ids::{AccountId, DeskId, InstrumentId};
use turret_shared::key_model::KeyModel;
use turret_shared::limits::CODE_CHARS_MAX;
use turret_shared::manage::Act;
use turret_shared::money::{Currency, Money};
use turret_shared::person::AccountCode;
use turret_shared::text::escaped;
use turret_shared::wire::query::Ask;

use super::asked::Asked;
use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::moves::round;
use super::picker::Picker;
use super::{Model, Screen, manage, number, sought};
use crate::actions::Id;

/// Longest amount typed, in characters.
const AMOUNT_CHARS_MAX: usize = 20;
/// Longest model typed, with its dashes.
const MODEL_CHARS_MAX: usize = 36;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Houses {
    /// Desks and listings, as last told.
    pub rows: Asked<HouseRow>,
    /// The row under the cursor.
    pub picker: Picker<Key>,
}

/// Which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// A desk.
    Desk(DeskId),
    /// An account.
    Account(AccountId),
    /// A listing.
    Listing(InstrumentId),
    /// A model of security keys.
    Model(KeyModel),
    /// A role of the house's own.
    Role(Typed),
}

/// A row of the screen.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// A desk or a listing.
    House(&'a HouseRow),
    /// An account.
    Account(&'a AccountCode),
}

impl Row<'_> {
    /// Which it is.
    #[must_use]
    pub const fn key(&self) -> Key {
        match self {
            Self::House(HouseRow::Desk { desk, .. }) => Key::Desk(*desk),
            Self::House(HouseRow::Listing { instrument, .. }) => Key::Listing(*instrument),
            Self::House(HouseRow::KeyModel { model, .. }) => Key::Model(*model),
            Self::House(HouseRow::Role { role, .. }) => Key::Role(role.code),
            Self::Account(row) => Key::Account(row.account),
        }
    }

    /// What people type for it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::House(HouseRow::Desk { code, .. }) => code,
            Self::House(HouseRow::Listing { symbol, .. }) => symbol,
            Self::House(HouseRow::KeyModel { .. }) => "key model",
            Self::House(HouseRow::Role { role, .. }) => role.code.as_str(),
            Self::Account(row) => &row.code,
        }
    }
}

/// Every row: desks, roles of the house's own, models of keys, accounts, then listings, those that may not be traded first.
#[must_use]
pub fn rows(model: &Model) -> Vec<Row<'_>> {
    let known = &model.house.rows.rows;
    let desks = known.iter().filter(|row| matches!(row, HouseRow::Desk { .. })).map(Row::House);
    let accounts = model.users.codes.rows.iter().map(Row::Account);
    let listed = |wanted: bool| {
        let fits = move |row: &&HouseRow| matches!(row, HouseRow::Listing { restricted, .. } if *restricted == wanted);
        known.iter().filter(fits).map(Row::House)
    };
    let models = known.iter().filter(|row| matches!(row, HouseRow::KeyModel { .. })).map(Row::House);
    let roles = known.iter().filter(|row| matches!(row, HouseRow::Role { .. })).map(Row::House);
    desks.chain(roles).chain(models).chain(accounts).chain(listed(true)).chain(listed(false)).collect()
}

/// The row under the cursor.
#[must_use]
pub fn chosen(model: &Model) -> Option<Row<'_>> {
    rows(model).into_iter().find(|row| Some(row.key()) == model.house.picker.at)
}

impl Houses {
    /// Every desk by number, with its code.
    #[must_use]
    pub fn desks(&self) -> Vec<(DeskId, &str)> {
        let desk = |row| match row {
            &HouseRow::Desk { desk, ref code, .. } => Some((desk, code.as_str())),
            _ => None,
        };
        self.rows.rows.iter().filter_map(desk).collect()
    }
}

/// Roles of the house's own, as far as they are known.
pub fn roles(model: &Model) -> impl Iterator<Item = &ComposedRole> {
    model.house.rows.rows.iter().filter_map(|row| match row {
        HouseRow::Role { role, .. } => Some(role),
        _ => None,
    })
}

/// Every desk there is, as far as it is known, with its code.
#[must_use]
pub fn desks(model: &Model) -> Vec<(DeskId, &str)> {
    if model.house.rows.known { model.house.desks() } else { model.users.desks() }
}

/// Asks for the accounts of the screen, or for the desks that people are moved between.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let (question, ask) = match model.screen {
        Screen::House => (Question::AccountCodes, Ask::AccountCodes),
        Screen::Users => (Question::House, Ask::House),
        _ => return,
    };
    if model.can_send().is_ok() && !model.questions.values().any(|asked| *asked == question) {
        model.ask(question, ask, out);
    }
}

/// What the form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A desk.
    Desk,
    /// An account.
    Account,
    /// Cash of this account.
    Cash(AccountId),
    /// A model of security keys.
    Model,
}

/// The form.
#[derive(Debug)]
pub struct HouseForm {
    /// What for.
    pub purpose: Purpose,
    /// A code, an amount, or a model of keys.
    pub text: Field,
    /// The desk of a new account.
    pub desk: Option<DeskId>,
    /// The keys choose the desk.
    pub on_desk: bool,
    /// About the last key.
    pub message: Option<String>,
}

/// Opens the window an action asks for, about the row at hand.
pub(super) fn open(model: &mut Model, id: Id) {
    let here = chosen(model).map(|row| row.key());
    let desks = model.house.desks();
    let at = match here {
        Some(Key::Desk(desk)) => Some(desk),
        _ => desks.first().map(|(desk, _)| *desk),
    };
    let (purpose, chars) = match (id, here) {
        (Id::DeskOpen, _) => (Purpose::Desk, CODE_CHARS_MAX),
        (Id::AccountOpen, _) if at.is_none() => return model.tell_keys("First open a desk: {desk-open}."),
        (Id::AccountOpen, _) => (Purpose::Account, CODE_CHARS_MAX),
        (Id::KeyModelAdd, _) => (Purpose::Model, MODEL_CHARS_MAX),
        (Id::KeyModelRemove, Some(Key::Model(named))) => return unname(model, named),
        (Id::KeyModelRemove, _) => return model.tell("Put the cursor on a model of security keys."),
        (Id::CashMove, Some(Key::Account(account))) => (Purpose::Cash(account), AMOUNT_CHARS_MAX),
        (Id::CashMove, _) => return model.tell("Cash is an account's: put the cursor on one."),
        (_, Some(Key::Listing(instrument))) => return restrict(model, instrument, id == Id::RestrictedAdd),
        _ => return model.tell("The restricted list is of listings: put the cursor on one."),
    };
    let form = HouseForm { purpose, text: Field::new(chars), desk: at, on_desk: false, message: None };
    model.modals.push(Modal::House(Box::new(form)));
}

/// Asks about a model at once: there is nothing to type.
fn unname(model: &mut Model, named: KeyModel) {
    let last = model.house.rows.rows.iter().filter(|row| matches!(row, HouseRow::KeyModel { .. })).count() == 1;
    let follows = if last {
        "It is the last one named: keys of every model may be registered then."
    } else {
        "No key of it is registered any more; those there are count on."
    };
    let act = Act::House(House::KeyModel { model: named, allowed: false });
    let asking = manage::about_account(model, act, format!("NAME NO MORE KEY MODEL {named}"), follows.to_owned());
    model.modals.push(asking);
}

/// Asks about a listing at once: there is nothing to type.
fn restrict(model: &mut Model, instrument: InstrumentId, restricted: bool) {
    let symbol = chosen(model).map(|row| escaped(row.code())).unwrap_or_default();
    let (line, follows) = if restricted {
        (format!("RESTRICT {symbol}"), "No new order in it is taken; orders that work stay.")
    } else {
        (format!("RELEASE {symbol}"), "It may be traded again.")
    };
    let act = Act::House(House::Restrict { instrument, restricted });
    let asking = manage::about_account(model, act, line, follows.to_owned());
    model.modals.push(asking);
}

/// A key for the form.
pub(super) fn key(mut open: Box<HouseForm>, model: &Model, key: Press) -> Stack {
    open.message = None;
    let choosing = open.purpose == Purpose::Account;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => match act(&open, model) {
            Ok((act, line, follows)) => {
                return vec![manage::about_account(model, Act::House(act), line, follows.to_owned())];
            }
            Err(why) => open.message = Some(why),
        },
        Code::Tab | Code::Down | Code::Up | Code::BackTab if choosing => open.on_desk = !open.on_desk,
        Code::Left | Code::Right if open.on_desk => {
            let desks: Vec<_> = model.house.desks().into_iter().map(|(desk, _)| Some(desk)).collect();
            open.desk = round(&desks, open.desk, key.code == Code::Right);
        }
        _ if open.on_desk => open.message = Some("Left and Right choose the desk".into()),
        _ => {
            open.text.key(key);
        }
    }
    vec![Modal::House(open)]
}

/// The code of a desk.
#[must_use]
pub fn desk_word(model: &Model, desk: Option<DeskId>) -> String {
    let code = |desk| model.house.desks().into_iter().find(|(known, _)| *known == desk).map(|(_, code)| escaped(code));
    desk.and_then(code).unwrap_or_else(|| "no desk".into())
}

/// What the form asks for, in one line, and what follows from it.
fn act(open: &HouseForm, model: &Model) -> Result<(House, String, &'static str), String> {
    let typed = open.text.text().trim();
    match open.purpose {
        Purpose::Desk => {
            let code = code(typed)?;
            Ok((House::OpenDesk { code }, format!("OPEN DESK {code}"), "Nobody is of it yet."))
        }
        Purpose::Account => {
            let (code, desk) = (code(typed)?, open.desk.ok_or("which desk?")?);
            let (currency, capacity) = (Currency::USD, OrderCapacity::Agency);
            let line = format!("OPEN ACCOUNT {code} IN {currency} ON DESK {}", desk_word(model, open.desk));
            let follows = "It has nothing in it; the desk's people may do with it what they may there.";
            Ok((House::OpenAccount { desk, code, currency, capacity }, line, follows))
        }
        Purpose::Model => {
            let named: KeyModel = typed.parse().map_err(|wanted| format!("a model is {wanted}"))?;
            let follows =
                "From then on keys of the models named are registered and no others; those there are count on.";
            Ok((House::KeyModel { model: named, allowed: true }, format!("TAKE KEYS OF MODEL {named}"), follows))
        }
        Purpose::Cash(account) => {
            let plain = number::figure(typed).map_err(|why| why.to_string())?;
            let amount = Money::parse(&plain).map_err(|_| format!("`{typed}` is no amount of money"))?;
            let row = model.users.codes.rows.iter().find(|row| row.account == account);
            let (code, currency) =
                row.map_or_else(Default::default, |row| (row.code.clone(), row.currency.to_string()));
            let (word, plain) = (if amount.0 < 0 { "OUT OF" } else { "INTO" }, Money(amount.0.saturating_abs()));
            let line = format!("CASH {plain:.2} {currency} {word} {}", escaped(&code));
            Ok((House::MoveCash { account, amount }, line, "Buying power follows it."))
        }
    }
}

fn code(typed: &str) -> Result<Typed, String> {
    typed.parse().map_err(|wanted| format!("a code is {wanted}"))
}

/// Rows shown: sought by code, name, desk and whether they are restricted.
#[must_use]
pub fn shown(model: &Model) -> Vec<Row<'_>> {
    sought::house(model, rows(model))
}

/// Keys of the rows shown.
#[must_use]
pub fn keys(model: &Model) -> Vec<Key> {
    shown(model).iter().map(Row::key).collect()
}
