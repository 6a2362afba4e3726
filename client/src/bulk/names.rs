//! What people, accounts, listings and desks are called, asked of the server as far as a table needs it; it must keep nothing.

use turret_shared::bulk::Table;
use turret_shared::house::HouseRow;
use turret_shared::wire::query::{AnswerBody, Ask};

use super::rows::Names;
use crate::link::{Link, LinkError};

/// The names that such a table is written in.
pub(super) async fn names(link: &Link, table: Table) -> Result<Names, LinkError> {
    let mut names = Names::default();
    if matches!(table, Table::Limits | Table::Rights) {
        let AnswerBody::AccountCodes(rows) = link.query(Ask::AccountCodes).await?.body else {
            return Err(LinkError::Protocol);
        };
        names.accounts = rows.into_iter().map(|row| (row.code, row.account)).collect();
    }
    if matches!(table, Table::Rights | Table::Roles | Table::Desks) {
        let AnswerBody::People(rows) = link.query(Ask::People).await?.body else { return Err(LinkError::Protocol) };
        names.people = rows.into_iter().map(|row| (row.login, row.user)).collect();
    }
    if matches!(table, Table::Restricted | Table::Desks) {
        let AnswerBody::House(rows) = link.query(Ask::House).await?.body else { return Err(LinkError::Protocol) };
        for row in rows {
            match row {
                HouseRow::Desk { desk, code, .. } => drop(names.desks.insert(code, desk)),
                HouseRow::Listing { instrument, symbol, .. } => drop(names.listings.insert(symbol, instrument)),
                HouseRow::KeyModel { .. } | HouseRow::Role { .. } => {}
            }
        }
    }
    Ok(names)
}
