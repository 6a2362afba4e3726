//! Tables of acts in CSV files: read, judged by the server row by row before anything is sent, and written; it must send no
//! command.

mod cells;
mod names;
mod rows;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use turret_shared::bulk::{Asked, Bulk, BulkRow, Table};
use turret_shared::denial::DenialCode;
use turret_shared::manage::{Act, Why};
use turret_shared::wire::query::{AnswerBody, Ask};

pub use cells::BadLine;
pub(crate) use rows::figure;

use crate::link::{Link, LinkError};
use names::names;

/// Why a file is no table that could be sent.
#[derive(Debug)]
pub enum Fault {
    /// It cannot be read.
    File(io::ErrorKind),
    /// Lines that are no rows.
    Lines(Vec<BadLine>),
    /// The server cannot be asked.
    Link(LinkError),
}

impl From<LinkError> for Fault {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

/// One row of a file, and what it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file.
    pub line: usize,
    /// What it asks for.
    pub act: Act,
    /// What would come of it, as the server has it.
    pub row: BulkRow,
}

impl Line {
    /// It says what is so already: it is left out.
    #[must_use]
    pub const fn is_unchanged(&self) -> bool {
        matches!(self.row.refused, Some(DenialCode::NothingToDo))
    }

    /// It stands in the way of the whole table.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        self.row.refused.is_some() && !self.is_unchanged()
    }
}

/// What would be sent: the rows that change something.
#[must_use]
pub fn changing(lines: &[Line]) -> Vec<Act> {
    lines.iter().filter(|line| line.row.refused.is_none()).map(|line| line.act).collect()
}

/// A file, as far as one may be long and a byte beyond: so that one too long is known for it.
///
/// # Errors
/// What the system says.
pub(crate) fn load(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(cells::FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What every row would do, as things are: the server is asked, nothing is sent.
///
/// # Errors
/// [`Fault`]; with one bad line nothing is asked about the others.
pub async fn dry(link: &Link, table: Table, bytes: &[u8], why: Why) -> Result<Vec<Line>, Fault> {
    let (read, mut bad) = cells::read(bytes, rows::heading(table), table.rows_max());
    let names = names(link, table).await?;
    let mut acts = Vec::new();
    for (line, cells) in read {
        match names.act(table, &cells) {
            Ok(act) => acts.push((line, act)),
            Err(why) => bad.push(BadLine { line, why }),
        }
    }
    if acts.is_empty() && bad.is_empty() {
        bad.push(BadLine { line: 1, why: "there is no row".to_owned() });
    }
    if !bad.is_empty() {
        bad.sort_by_key(|bad| bad.line);
        return Err(Fault::Lines(bad));
    }
    let wanted = Bulk { rows: acts.iter().map(|(_, act)| *act).collect(), why };
    let told = asked(link, Asked::Dry(wanted)).await?;
    if told.len() != acts.len() {
        return Err(LinkError::Protocol.into());
    }
    Ok(acts.into_iter().zip(told).map(|((line, act), row)| Line { line, act, row }).collect())
}

/// Rows as the server judges them now.
///
/// # Errors
/// [`LinkError`].
pub async fn asked(link: &Link, asked: Asked) -> Result<Vec<BulkRow>, LinkError> {
    match link.query(Ask::Bulk(Box::new(asked))).await?.body {
        AnswerBody::Bulk(rows) => Ok(rows),
        _ => Err(LinkError::Protocol),
    }
}

/// How things stand, as the file that would say so; how many rows it has.
///
/// # Errors
/// [`LinkError`].
pub async fn export(link: &Link, table: Table) -> Result<(String, usize), LinkError> {
    let AnswerBody::BulkNow(acts) = link.query(Ask::Bulk(Box::new(Asked::Now(table)))).await?.body else {
        return Err(LinkError::Protocol);
    };
    let names = names(link, table).await?;
    let rows: Vec<Vec<String>> = acts.into_iter().filter_map(|act| names.cells(act)).collect();
    Ok((cells::write(rows::heading(table), &rows), rows.len()))
}
