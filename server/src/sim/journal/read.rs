//! Reads orders, executions and reports back; it must not change anything.

use rusqlite::OptionalExtension;
use turret_shared::ids::OrderId;
use turret_shared::limits::FRAME_BYTES_MAX;
use turret_shared::venue::{ReportKind, VenueExecId};
use turret_shared::wire::venue::VenueFrame;
use turret_shared::wire::{decode_frame, frame_length};

use super::write::signed;
use super::{Journal, JournalError, Page};
use crate::sim::exchange::{Execution, MemberOrder};

impl Journal {
    /// One order, over or not.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn order(&self, id: OrderId) -> Result<Option<MemberOrder>, JournalError> {
        let mut statement = self.db.prepare_cached("SELECT body FROM orders WHERE id = ?1")?;
        let body: Option<Vec<u8>> = statement.query_row([signed(id.0)?], |row| row.get(0)).optional()?;
        body.map(|body| minicbor::decode(&body).map_err(|_| JournalError::Malformed)).transpose()
    }

    /// An execution as reported: it is named by the sequence of its report.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn execution(&self, exec: VenueExecId) -> Result<Option<Execution>, JournalError> {
        let Some((_, _, frames)) = self.rows(exec.0, 1)?.pop() else { return Ok(None) };
        let mut rest = frames.as_slice();
        while let Some((frame, behind)) = split_frame(rest)? {
            rest = behind;
            let VenueFrame::Report(report) = frame else { continue };
            if report.sequence == exec.0 {
                return Ok(match report.kind {
                    ReportKind::Trade { id, qty, .. } => Some(Execution { order: id.order, exec, qty }),
                    ReportKind::Correct { order, qty, .. } => Some(Execution { order, exec, qty }),
                    _ => None,
                });
            }
        }
        Ok(None)
    }

    /// Reports after a sequence, as many commits as make a page.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn reports_after(&self, sequence: u64, commits_max: u32) -> Result<Page, JournalError> {
        let mut page = Page { frames: Vec::new(), last: sequence };
        for (_, last, frames) in self.rows(sequence.saturating_add(1), commits_max)? {
            page.frames.extend_from_slice(&frames);
            page.last = page.last.max(last);
        }
        Ok(page)
    }

    /// Rows from the one that holds `sequence` on.
    fn rows(&self, sequence: u64, count: u32) -> Result<Vec<(u64, u64, Vec<u8>)>, JournalError> {
        let mut statement = self.db.prepare_cached(
            "SELECT first, last, frames FROM reports
             WHERE first >= coalesce((SELECT max(first) FROM reports WHERE first <= ?1), 0) AND last >= ?1
             ORDER BY first LIMIT ?2",
        )?;
        let mut rows = statement.query((signed(sequence)?, count))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let unsigned = |at| row.get::<_, i64>(at).map(|value| u64::try_from(value).unwrap_or(0));
            found.push((unsigned(0)?, unsigned(1)?, row.get(2)?));
        }
        Ok(found)
    }
}

/// The first frame and what is behind it.
pub(super) fn split_frame(bytes: &[u8]) -> Result<Option<(VenueFrame, &[u8])>, JournalError> {
    let Some((prefix, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let length = frame_length(*prefix, FRAME_BYTES_MAX).map_err(|_| JournalError::Malformed)?;
    let (body, behind) = rest.split_at_checked(length).ok_or(JournalError::Malformed)?;
    Ok(Some((decode_frame(body).map_err(|_| JournalError::Malformed)?, behind)))
}
