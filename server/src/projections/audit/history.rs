//! What the log has about one person: what was done to them and how they came in; it must give no order and no question.

use rusqlite::{Connection, params};
use turret_shared::ids::{Sequence, UserId};
use turret_shared::limits::PERSON_HISTORY_MAX;

use super::AuditError;

/// Kinds that say nothing of a person but that a machine was at work: connections, steps of codes, proofs, keys.
const NOT: &str = "kind NOT IN (103, 104, 105, 106, 407)";

/// Places of the newest entries, newest first. What an act brought about goes without saying: the act itself, with its
/// reason, stands there.
pub(super) fn find(db: &Connection, user: UserId) -> Result<Vec<Sequence>, AuditError> {
    let sql = format!(
        "SELECT sequence FROM audit AS one WHERE about_user = ?1 AND {NOT} AND NOT (kind BETWEEN 0 AND 199 AND EXISTS (
             SELECT 1 FROM audit AS act WHERE act.correlation = one.correlation AND act.correlation <> 0
                 AND act.kind = 408 AND act.sequence BETWEEN one.sequence - 64 AND one.sequence))
         ORDER BY sequence DESC LIMIT ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let bound = params![user.0, u32::try_from(PERSON_HISTORY_MAX).unwrap_or(u32::MAX)];
    let rows = statement.query_map(bound, |row| row.get::<_, i64>(0))?;
    rows.map(|row| Ok(Sequence(u64::try_from(row?).unwrap_or(0)))).collect()
}
