//! Forms for what a person may do with one account and for a limit of one; they must send nothing: the act is asked about
//! afterwards.

use turret_shared::denial::{Figure, Rule};
use turret_shared::ids::UserId;
use turret_shared::limits::CODE_CHARS_MAX;
use turret_shared::manage::{Act, Entrusted};
use turret_shared::money::{Money, Qty};
use turret_shared::person::{AccountCode, PersonFacts};
use turret_shared::text::escaped;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::view::LimitView;
use turret_shared::wire::query::Ask;

use super::effect::Effect;
use super::field::Field;
use super::flight::Question;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::{Model, Screen, limits, manage, number};

/// Rules whose figure can be set.
pub const RULES: [Rule; 5] =
    [Rule::MaxQuantity, Rule::MaxNotional, Rule::PriceCollar, Rule::OrderRate, Rule::DuplicateOrder];
/// Longest figure typed, in characters.
const VALUE_CHARS_MAX: usize = 20;
/// Longest time typed, in characters.
const LASTS_CHARS_MAX: usize = 4;
/// Of a day.
const DAY_S: i64 = 86_400;

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// Which account.
    Account,
    /// What of it: rights, or the rule.
    Choice,
    /// The figure.
    Value,
}

/// Where the keys go in turn.
const ORDER: [Focus; 3] = [Focus::Account, Focus::Choice, Focus::Value];

/// What is said of the account.
#[derive(Debug)]
pub enum What {
    /// What a person may do with it.
    Rights {
        /// Whose.
        user: UserId,
        /// Their login.
        login: String,
        /// What.
        to: Entrusted,
        /// For how long, as typed; empty for good.
        lasts: Field,
    },
    /// A limit of it.
    Limit {
        /// Which.
        rule: Rule,
        /// As typed; empty lifts it.
        value: Field,
    },
}

/// The form.
#[derive(Debug)]
pub struct Form {
    /// Its code, as typed.
    pub account: Field,
    /// What is said of it.
    pub what: What,
    /// Where the keys go.
    pub focus: Focus,
    /// About the last key.
    pub message: Option<String>,
}

/// Opens the form about the person at hand.
pub(super) fn open_rights(model: &mut Model, out: &mut Vec<Effect>) {
    let person = model.users.chosen_person().filter(|_| model.screen == Screen::Users);
    let Some((user, login)) = person.map(|person| (person.user, person.login.clone())) else {
        return model.tell_keys("This is done on the list of people: {users}.");
    };
    open(model, None, What::Rights { user, login, to: Entrusted::Trade, lasts: Field::new(LASTS_CHARS_MAX) }, out);
}

/// Opens the form about the limit at hand, or about none.
pub(super) fn open_limit(model: &mut Model, out: &mut Vec<Effect>) {
    let row = model.limits.chosen().filter(|row| RULES.contains(&row.rule)).cloned();
    let account = row.as_ref().and_then(|row| row.scope.strip_prefix("account ")).map(str::to_owned);
    let mut value = Field::new(VALUE_CHARS_MAX);
    if let Some(shown) = row.as_ref().filter(|_| account.is_some()).map(typed) {
        value.offer(&shown);
    }
    let rule = row.map_or(Rule::MaxNotional, |row| row.rule);
    open(model, account, What::Limit { rule, value }, out);
}

fn open(model: &mut Model, account: Option<String>, what: What, out: &mut Vec<Effect>) {
    let mut code = Field::new(CODE_CHARS_MAX);
    let focus = if account.is_some() { Focus::Value } else { Focus::Account };
    code.offer(&account.unwrap_or_default());
    if !model.questions.values().any(|question| *question == Question::AccountCodes) {
        model.ask(Question::AccountCodes, Ask::AccountCodes, out);
    }
    model.modals.push(Modal::Entrust(Box::new(Form { account: code, what, focus, message: None })));
}

/// A limit as it is typed.
fn typed(row: &LimitView) -> String {
    match (row.rule, &row.limit) {
        (Rule::PriceCollar, Figure::Count(points)) => format!("{}.{:02}", points / 100, points % 100),
        (Rule::DuplicateOrder, Figure::Count(ms)) => limits::seconds(*ms),
        (_, Figure::Count(count)) => count.to_string(),
        (_, Figure::Money(amount, _)) => crate::format::money(*amount),
        (_, Figure::Qty(qty)) => crate::format::qty(*qty),
        _ => String::new(),
    }
}

/// A figure read in its rule's unit; `None` for an empty one, which lifts the limit.
fn figure(rule: Rule, text: &str) -> Result<Option<i64>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let read = number::qty(text).map_err(|error| error.to_string())?;
    // Millionths, of which the rule's unit takes so many.
    let unit = match rule {
        Rule::MaxQuantity => 1,
        Rule::MaxNotional => 100,
        Rule::PriceCollar => 10_000,
        Rule::DuplicateOrder => 1_000,
        _ => 1_000_000,
    };
    match (read.0.checked_rem(unit), read.0.checked_div(unit)) {
        (Some(0), Some(value)) if value >= 0 => Ok(Some(value)),
        _ => Err("finer than the limit is, or below nothing".into()),
    }
}

/// How long rights last, in seconds, typed as `8h` or `5d`; `None` for an empty text: for good.
fn time(text: &str) -> Result<Option<i64>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    lasting(text.trim()).map(Some).ok_or_else(|| "hours or days: 8h, 5d, at most 92d".into())
}

/// So many seconds from now, at a whole second: it is read by people.
#[must_use]
pub const fn ends(now: Timestamp, seconds: i64) -> Timestamp {
    let end = now.after_ns(seconds.saturating_mul(NS_PER_S));
    Timestamp(end.0.saturating_sub(end.0.rem_euclid(NS_PER_S)))
}

/// Seconds of `8h` or `5d`, at most 92 days.
#[must_use]
pub fn lasting(text: &str) -> Option<i64> {
    let (digits, each) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
        (Some(hours), _) => (hours, 3_600),
        (_, Some(days)) => (days, DAY_S),
        _ => return None,
    };
    let count: i64 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
    count.checked_mul(each).filter(|seconds| (1..=92 * DAY_S).contains(seconds))
}

/// The unit a figure of a rule is typed in.
#[must_use]
pub const fn unit(rule: Rule) -> &'static str {
    match rule {
        Rule::MaxQuantity => "shares or contracts an order",
        Rule::MaxNotional => "an order, in the account's currency",
        Rule::PriceCollar => "% from the market",
        Rule::OrderRate => "orders a minute",
        Rule::DuplicateOrder => "seconds between equal orders",
        _ => "",
    }
}

impl Form {
    /// True where characters are text.
    #[must_use]
    pub const fn takes_text(&self) -> bool {
        !matches!(self.focus, Focus::Choice)
    }

    /// The field typed into.
    pub(super) const fn typed(&mut self) -> Option<&mut Field> {
        match (self.focus, &mut self.what) {
            (Focus::Account, _) => Some(&mut self.account),
            (Focus::Value, What::Limit { value, .. }) => Some(value),
            (Focus::Value, What::Rights { lasts, .. }) => Some(lasts),
            _ => None,
        }
    }

    /// Accounts that begin with what was typed.
    #[must_use]
    pub fn matching<'a>(&self, model: &'a Model) -> Vec<&'a AccountCode> {
        let typed = self.account.text().trim().to_ascii_uppercase();
        model.users.codes.rows.iter().filter(|row| row.code.to_ascii_uppercase().starts_with(&typed)).collect()
    }

    /// The account typed, whole or as far as it takes to tell it from the others.
    fn chosen<'a>(&self, model: &'a Model) -> Option<&'a AccountCode> {
        let matching = self.matching(model);
        let whole = matching.iter().find(|row| row.code.eq_ignore_ascii_case(self.account.text().trim()));
        whole.copied().or_else(|| matching.first().copied().filter(|_| matching.len() == 1))
    }

    /// What they may do with it now, where that is known.
    #[must_use]
    pub fn now(&self, model: &Model) -> Option<String> {
        let What::Rights { user, .. } = &self.what else { return None };
        let account = self.chosen(model)?;
        let facts: &PersonFacts = model.users.looked.of(*user)?;
        let held = facts.accounts.iter().find(|row| row.account == account.account);
        Some(held.map_or_else(
            || "nothing".into(),
            |row| {
                let from = if row.by_account { "said of this account" } else { "as their desk" };
                format!("{} ({from})", row.rights)
            },
        ))
    }

    /// The act it describes, in a line and with what follows from it; or where it is wrong, and why.
    fn act(&self, model: &Model) -> Result<(Act, String, String), (Focus, String)> {
        let Some(account) = self.chosen(model) else {
            let why = if model.users.codes.known { "there is no such account" } else { "accounts are being fetched" };
            return Err((Focus::Account, why.into()));
        };
        let code = escaped(&account.code);
        match &self.what {
            What::Rights { user, login, to, lasts } => {
                let read = time(lasts.text()).map_err(|why| (Focus::Value, why))?;
                let server_now = model.now.wall.after_ns(model.server.clock_offset_ns);
                let until = read.map(|seconds| ends(server_now, seconds));
                let ends = until.map_or_else(String::new, |until| {
                    format!(" until {}", crate::format::dated(until, &model.zone(), model.now.wall))
                });
                let line = format!("RIGHTS OF {} ON {code}: {}{ends}", escaped(login), to.words());
                let follows = match until {
                    None => "Their sessions see it at once; orders of theirs stay working.",
                    Some(_) => "Their sessions see it at once, and at its end what was before; orders stay working.",
                };
                let act = Act::SetRights { user: *user, account: account.account, to: *to, until };
                Ok((act, line, follows.to_owned()))
            }
            What::Limit { rule, value } => {
                let read = figure(*rule, value.text()).map_err(|why| (Focus::Value, why))?;
                let shown = read.map_or_else(|| "none".into(), |read| limit_words(*rule, read, account));
                let line = format!("LIMIT OF {code}: {rule} {shown}");
                let follows = "It binds the next order; what is open stays. A tighter one of the role goes on to bind."
                    .to_owned();
                Ok((Act::SetLimit { account: account.account, rule: *rule, value: read }, line, follows))
            }
        }
    }

    fn choose(&mut self, forward: bool) {
        match &mut self.what {
            What::Rights { to, .. } => *to = super::moves::round(&Entrusted::ALL, *to, forward),
            What::Limit { rule, value } => {
                *rule = super::moves::round(&RULES, *rule, forward);
                value.clear();
            }
        }
    }

    fn enter(&mut self, model: &Model) -> Option<Modal> {
        if self.focus == Focus::Account {
            match self.chosen(model) {
                Some(account) => self.account.set(&account.code),
                None => {
                    self.message = Some("there is no such account, or more than one: go on typing".into());
                    return None;
                }
            }
        }
        if ORDER.last() != Some(&self.focus) {
            self.focus = super::moves::round(&ORDER, self.focus, true);
            return None;
        }
        match self.act(model) {
            Ok((act, line, follows)) => Some(manage::about_account(model, act, line, follows)),
            Err((focus, why)) => {
                (self.focus, self.message) = (focus, Some(why));
                None
            }
        }
    }
}

fn limit_words(rule: Rule, value: i64, account: &AccountCode) -> String {
    let figure = match rule {
        Rule::MaxQuantity => Figure::Qty(Qty(value)),
        Rule::MaxNotional => Figure::Money(Money(value), account.currency),
        _ => Figure::Count(u64::try_from(value).unwrap_or(0)),
    };
    limits::figure(rule, &figure)
}

/// A key for the form.
pub(super) fn key(mut open: Box<Form>, model: &Model, key: Press) -> Stack {
    open.message = None;
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => {
            if let Some(asked) = open.enter(model) {
                return vec![asked];
            }
        }
        Code::Tab | Code::Down => open.focus = super::moves::round(&ORDER, open.focus, true),
        Code::BackTab | Code::Up => open.focus = super::moves::round(&ORDER, open.focus, false),
        Code::Left | Code::Right if !open.takes_text() => open.choose(key.code == Code::Right),
        _ => {
            let taken = open.typed().is_some_and(|field| field.key(key));
            if !taken {
                open.message = Some("Left and Right choose, Enter goes on".into());
            }
        }
    }
    vec![Modal::Entrust(open)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_hours_or_days_and_no_more_than_a_quarter() {
        for (text, want) in [("8h", Some(28_800)), ("5d", Some(432_000)), ("92d", Some(92 * DAY_S))] {
            assert_eq!(lasting(text), want, "{text}");
        }
        for text in ["", "8", "0h", "-1d", "+8h", "1.5d", "93d", "8 h", "h", "99999999999999999999d"] {
            assert_eq!(lasting(text), None, "{text}");
        }
    }

    #[test]
    fn figures_are_read_in_their_rules_unit_or_refused() {
        for (rule, text, want) in [
            (Rule::MaxQuantity, "4k", Some(4_000_000_000)),
            (Rule::MaxNotional, "250,000.50", Some(2_500_005_000)),
            (Rule::PriceCollar, "5.25", Some(525)),
            (Rule::OrderRate, "60", Some(60)),
            (Rule::DuplicateOrder, "2.5", Some(2_500)),
            (Rule::MaxNotional, " ", None),
            (Rule::MaxNotional, "0", Some(0)),
        ] {
            assert_eq!(figure(rule, text), Ok(want), "{rule} {text}");
        }
        for (rule, text) in [
            (Rule::OrderRate, "1.5"),
            (Rule::PriceCollar, "5.255"),
            (Rule::MaxQuantity, "-1"),
            (Rule::MaxNotional, "189,50"),
            (Rule::MaxQuantity, "x"),
        ] {
            assert!(figure(rule, text).is_err(), "{rule} {text}");
        }
    }
}
