//! Where the entries of a proof pack are found: the search's own rows, then the log; it must choose none of them itself.

use rusqlite::{Connection, ToSql, params};
use turret_shared::event::KINDS;
use turret_shared::ids::Sequence;
use turret_shared::pack::{Find, PACK_ENTRIES_MAX, Reference};

use super::AuditError;
use super::project::number;
use crate::store::Reader;

/// The search's rows and the log they are of.
pub(super) struct FromLog<'a> {
    pub(super) db: &'a Connection,
    pub(super) reader: &'a mut dyn Reader,
}

/// The number of the kind the log calls so.
fn kind(word: &str) -> i64 {
    KINDS.iter().find(|(.., action)| *action == word).map_or(-1, |(kind, ..)| i64::from(*kind))
}

impl FromLog<'_> {
    fn places(&self, sql: &str, bound: &[&dyn ToSql]) -> Result<Vec<Sequence>, AuditError> {
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map(bound, |row| row.get::<_, i64>(0))?;
        let places: Vec<Sequence> =
            rows.map(|row| Ok(Sequence(u64::try_from(row?).unwrap_or(0)))).collect::<Result<_, AuditError>>()?;
        if places.len() > PACK_ENTRIES_MAX { Err(AuditError::TooMuch) } else { Ok(places) }
    }
}

impl Find for FromLog<'_> {
    type Error = AuditError;

    fn find(&mut self, reference: Reference) -> Result<Vec<Vec<u8>>, AuditError> {
        // One more than a pack holds tells that there are too many.
        let limit = i64::try_from(PACK_ENTRIES_MAX).unwrap_or(i64::MAX).saturating_add(1);
        let places = match reference {
            Reference::About(order) => self.places(
                "SELECT sequence FROM audit WHERE order_id = ?1 ORDER BY sequence LIMIT ?2",
                params![number(order.0), limit],
            )?,
            Reference::At(place) => vec![place],
            Reference::Decided(correlation) => self.places(
                "SELECT sequence FROM audit WHERE correlation = ?1 AND correlation <> 0 AND kind IN (?2, ?3, ?4) LIMIT ?5",
                params![
                    number(correlation.0),
                    kind("proof_given"),
                    kind("intent_signed"),
                    kind("totp_spent"),
                    limit
                ],
            )?,
            Reference::Key(user, _) => self.places(
                "SELECT sequence FROM audit WHERE about_user = ?1 AND kind = ?2 LIMIT ?3",
                params![user.0, kind("key_registered"), limit],
            )?,
            Reference::Listing(instrument, before) => self.places(
                "SELECT max(sequence) FROM audit WHERE instrument = ?1 AND kind = ?2 AND sequence < ?3 HAVING count(*) > 0",
                params![instrument.0, kind("instrument_listed"), number(before.0)],
            )?,
            Reference::Account(account) => self.places(
                "SELECT sequence FROM audit WHERE account = ?1 AND kind = ?2 LIMIT 1",
                params![account.0, kind("account_opened")],
            )?,
        };
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            found.extend(self.reader.entry(place)?);
        }
        Ok(found)
    }
}
