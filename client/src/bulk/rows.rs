//! Rows of a table as people write them: read from cells and written as cells, codes and logins in place of numbers; it must ask
//! nobody anything.

use std::collections::BTreeMap;

use turret_shared::bulk::Table;
use turret_shared::denial::Rule;
use turret_shared::house::House;
use turret_shared::ids::{AccountId, DeskId, InstrumentId, UserId};
use turret_shared::manage::{Act, Entrusted};
use turret_shared::money::{Money, Qty};
use turret_shared::role::Role;
use turret_shared::time::Timestamp;

use crate::app::entrust::RULES;

/// In place of a figure, a role or a desk: there is none.
const NONE: &str = "none";
const YES: &str = "yes";
const NO: &str = "no";

/// The first line of such a table.
pub(super) const fn heading(table: Table) -> &'static str {
    match table {
        Table::Limits => "account,rule,value",
        Table::Rights => "user,account,rights,until",
        Table::Restricted => "symbol,restricted",
        Table::Roles => "user,role",
        Table::Desks => "user,desk",
    }
}

/// What is called what.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) accounts: BTreeMap<String, AccountId>,
    pub(super) people: BTreeMap<String, UserId>,
    pub(super) listings: BTreeMap<String, InstrumentId>,
    pub(super) desks: BTreeMap<String, DeskId>,
}

fn found<T: Copy>(all: &BTreeMap<String, T>, name: &str, what: &str) -> Result<T, String> {
    all.get(name).copied().ok_or_else(|| format!("there is no {what} `{name}`"))
}

fn called<T: PartialEq>(all: &BTreeMap<String, T>, id: T) -> Option<String> {
    all.iter().find(|(_, known)| **known == id).map(|(name, _)| name.clone())
}

fn one_of<T: Copy>(all: &[T], typed: &str, word: impl Fn(T) -> &'static str) -> Result<T, String> {
    let words = || all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ");
    all.iter().copied().find(|one| word(*one) == typed).ok_or_else(|| format!("`{typed}` is not one of {}", words()))
}

/// A limit's figure in the unit that limits are answered in.
///
/// # Errors
/// What is wrong, in a few words.
pub(crate) fn figure(rule: Rule, typed: &str) -> Result<Option<i64>, String> {
    let refused = || format!("`{typed}` is no figure of {rule}");
    Ok(match (typed, rule) {
        (NONE, _) => None,
        (_, Rule::MaxQuantity) => Some(Qty::parse(typed).map_err(|_| refused())?.0),
        (_, Rule::MaxNotional) => Some(Money::parse(typed).map_err(|_| refused())?.0),
        _ => Some(typed.parse::<u32>().map_err(|_| refused())?.into()),
    })
}

fn shown(rule: Rule, value: Option<i64>) -> String {
    match (value, rule) {
        (None, _) => NONE.to_owned(),
        (Some(value), Rule::MaxQuantity) => Qty(value).to_string(),
        (Some(value), Rule::MaxNotional) => Money(value).to_string(),
        (Some(value), _) => value.to_string(),
    }
}

fn moment(typed: &str) -> Result<Option<Timestamp>, String> {
    if typed.is_empty() {
        return Ok(None);
    }
    let read: Option<jiff::Timestamp> = typed.parse().ok();
    let read = read.and_then(|moment| i64::try_from(moment.as_nanosecond()).ok());
    read.map(|ns| Some(Timestamp(ns))).ok_or_else(|| format!("`{typed}` is no moment such as 2026-03-12T14:31:20Z"))
}

impl Names {
    /// The act of one row, which has the cells of the table's heading.
    pub(super) fn act(&self, table: Table, cells: &[String]) -> Result<Act, String> {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let user = || found(&self.people, cell(0), "person");
        Ok(match table {
            Table::Limits => {
                let account = found(&self.accounts, cell(0), "account")?;
                let rule = one_of(&RULES, cell(1), Rule::as_str)?;
                Act::SetLimit { account, rule, value: figure(rule, cell(2))? }
            }
            Table::Rights => {
                let (user, account) = (user()?, found(&self.accounts, cell(1), "account")?);
                let to = one_of(&Entrusted::ALL, cell(2), Entrusted::as_str)?;
                Act::SetRights { user, account, to, until: moment(cell(3))? }
            }
            Table::Restricted => {
                let instrument = found(&self.listings, cell(0), "listing")?;
                let restricted = one_of(&[true, false], cell(1), |on| if on { YES } else { NO })?;
                Act::House(House::Restrict { instrument, restricted })
            }
            Table::Roles => {
                let role = |role: Option<Role>| role.map_or(NONE, Role::as_str);
                let roles: Vec<Option<Role>> = Role::ALL.into_iter().map(Some).chain([None]).collect();
                match (one_of(&roles, cell(1), role), cell(1).parse()) {
                    (Ok(role), _) => Act::SetRole { user: user()?, role },
                    // One of the house's own: the server knows them.
                    (Err(_), Ok(code)) => Act::SetComposedRole { user: user()?, code },
                    (Err(why), Err(_)) => return Err(why),
                }
            }
            Table::Desks => {
                let desk = if cell(1) == NONE { None } else { Some(found(&self.desks, cell(1), "desk")?) };
                Act::SetDesk { user: user()?, desk }
            }
        })
    }

    /// The row of an act; none for what has no name here.
    pub(super) fn cells(&self, act: Act) -> Option<Vec<String>> {
        Some(match act {
            Act::SetLimit { account, rule, value } => {
                vec![called(&self.accounts, account)?, rule.as_str().to_owned(), shown(rule, value)]
            }
            Act::SetRights { user, account, to, until } => {
                let until = until.map(Timestamp::rfc3339).unwrap_or_default();
                let (user, account) = (called(&self.people, user)?, called(&self.accounts, account)?);
                vec![user, account, to.as_str().to_owned(), until]
            }
            Act::House(House::Restrict { instrument, restricted }) => {
                vec![called(&self.listings, instrument)?, (if restricted { YES } else { NO }).to_owned()]
            }
            Act::SetRole { user, role } => {
                vec![called(&self.people, user)?, role.map_or(NONE, Role::as_str).to_owned()]
            }
            Act::SetComposedRole { user, code } => vec![called(&self.people, user)?, code.to_string()],
            Act::SetDesk { user, desk } => {
                let desk = match desk {
                    Some(desk) => called(&self.desks, desk)?,
                    None => NONE.to_owned(),
                };
                vec![called(&self.people, user)?, desk]
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulk::cells;

    fn names() -> Names {
        Names {
            accounts: BTreeMap::from([("A1001".to_owned(), AccountId(1)), ("-7".to_owned(), AccountId(2))]),
            people: BTreeMap::from([("ann.lee".to_owned(), UserId(3))]),
            listings: BTreeMap::from([("AAPL".to_owned(), InstrumentId(4))]),
            desks: BTreeMap::from([("EQ1".to_owned(), DeskId(5))]),
        }
    }

    #[test]
    fn what_is_exported_reads_back_as_the_same_acts() {
        let (user, until) = (UserId(3), Some(Timestamp(1_772_000_000_000_000_000)));
        let limit = |rule, value| Act::SetLimit { account: AccountId(2), rule, value };
        let restrict = |restricted| Act::House(House::Restrict { instrument: InstrumentId(4), restricted });
        let rights = |to, until| Act::SetRights { user, account: AccountId(1), to, until };
        let tables: [(Table, Vec<Act>); 5] = [
            (
                Table::Limits,
                vec![
                    limit(Rule::MaxQuantity, Some(1_500_000)),
                    limit(Rule::MaxNotional, Some(12_345_678)),
                    limit(Rule::PriceCollar, Some(500)),
                    limit(Rule::OrderRate, None),
                ],
            ),
            (Table::Rights, vec![rights(Entrusted::Trade, until), rights(Entrusted::Nothing, None)]),
            (Table::Restricted, vec![restrict(true), restrict(false)]),
            (Table::Roles, vec![Act::SetRole { user, role: Some(Role::Support) }, Act::SetRole { user, role: None }]),
            (Table::Desks, vec![Act::SetDesk { user, desk: Some(DeskId(5)) }, Act::SetDesk { user, desk: None }]),
        ];
        for (table, acts) in tables {
            let rows: Vec<Vec<String>> = acts.iter().filter_map(|act| names().cells(*act)).collect();
            let text = cells::write(heading(table), &rows);
            let (rows, bad) = cells::read(text.as_bytes(), heading(table), table.rows_max());
            assert_eq!(bad, Vec::new());
            let read: Vec<Act> = rows.iter().map(|(_, row)| names().act(table, row).expect("an act")).collect();
            assert_eq!(read, acts, "{text}");
        }
    }

    #[test]
    fn what_is_no_row_says_what_is_wrong_with_it() {
        let bad = |table, row: &[&str]| {
            let row: Vec<String> = row.iter().map(|cell| (*cell).to_owned()).collect();
            names().act(table, &row).expect_err("no act")
        };
        assert_eq!(bad(Table::Limits, &["A9", "order_rate", "1"]), "there is no account `A9`");
        assert!(bad(Table::Limits, &["A1001", "buying_power", "1"]).contains("is not one of max_quantity"));
        assert_eq!(bad(Table::Limits, &["A1001", "order_rate", "1.5"]), "`1.5` is no figure of order_rate");
        assert!(bad(Table::Rights, &["ann.lee", "A1001", "all", ""]).contains("is not one of trade"));
        assert!(bad(Table::Rights, &["ann.lee", "A1001", "view", "noon"]).contains("no moment"));
        assert!(bad(Table::Restricted, &["AAPL", "1"]).contains("is not one of yes, no"));
        assert_eq!(bad(Table::Desks, &["ann.lee", "EQ9"]), "there is no desk `EQ9`");
        assert_eq!(bad(Table::Roles, &["bob", "none"]), "there is no person `bob`");
    }
}
