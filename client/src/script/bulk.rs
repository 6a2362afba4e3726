//! Lines about tables of acts in CSV files: judged row by row, asked for as one, written; a table waits for `proof`.

use std::path::Path;

use serde_json::{Value, json};
use turret_shared::bulk::{Asked as Question, Bulk, BulkRow, Table};
use turret_shared::command::Verb;
use turret_shared::denial::DenialCode;
use turret_shared::ids::ApprovalId;
use turret_shared::manage::Why;

use super::answer::Answer;
use super::entrust::{need, one_of, why};
use super::orders::bytes;
use super::outcome::{Asked, Told, link_error, reply};
use super::people::Person;
use super::values::{Refusal, Values};
use crate::bulk::{self, BadLine, Fault};
use crate::{bulk as tables, pack_file};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A file; with `dry` nothing is sent.
    File { table: Table, file: String, dry: bool, why: Why },
    /// How things stand, into a new file.
    Export { table: Table, file: String },
    /// The rows of one that waits, or did.
    Rows { approval: ApprovalId },
}

fn table(values: &Values<'_>) -> Result<Table, Refusal> {
    one_of(&Table::ALL, need(values, "table")?, Table::as_str)
}

/// Reads `bulk`.
pub(super) fn file_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let dry = values
        .text("dry")
        .map_or(Ok(false), |typed| one_of(&[true, false], typed, |dry| if dry { "yes" } else { "no" }))?;
    Ok(Line::File { table: table(values)?, file: need(values, "file")?.to_owned(), dry, why: why(values)? })
}

/// Reads `bulk export`.
pub(super) fn export_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Export { table: table(values)?, file: need(values, "file")?.to_owned() })
}

/// Reads `bulk rows`.
pub(super) fn rows_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let approval = Values::need(values.one_of("id", "a request's number")?, "id")?;
    Ok(Line::Rows { approval: ApprovalId(approval) })
}

/// Does what it asks for.
pub(super) async fn act(person: &mut Person, line: Line) -> Told {
    let plain = |answer| Told { answer, order: None };
    match line {
        Line::File { table, file, dry, why } => match judged(person, table, &file, why).await {
            Ok(lines) => decided(person, &lines, dry, why).await,
            Err(answer) => plain(answer),
        },
        Line::Export { table, file } => plain(export(person, table, &file).await),
        Line::Rows { approval } => plain(match tables::asked(&person.link, Question::Waiting(approval)).await {
            Ok(rows) => Answer::ok().with("rows", rows.iter().map(row).collect::<Vec<_>>()),
            Err(error) => link_error(error, person.end()),
        }),
    }
}

async fn judged(person: &Person, table: Table, file: &str, why: Why) -> Result<Vec<bulk::Line>, Answer> {
    let told = match tables::load(Path::new(file)) {
        Ok(bytes) => tables::dry(&person.link, table, &bytes, why).await,
        Err(error) => Err(Fault::File(error.kind())),
    };
    told.map_err(|fault| match fault {
        Fault::File(kind) => Answer::error("file", &kind.to_string(), None),
        Fault::Link(error) => link_error(error, person.end()),
        Fault::Lines(bad) => {
            let bad: Vec<Value> =
                bad.into_iter().map(|BadLine { line, why }| json!({ "line": line, "why": why })).collect();
            Answer::error("bad_table", "nothing was sent: these lines are no rows", None).with("lines", bad)
        }
    })
}

/// Told what would be, or asked for; with a row in the way only told.
async fn decided(person: &mut Person, lines: &[bulk::Line], dry: bool, why: Why) -> Told {
    let rows = tables::changing(lines);
    let refused = lines.iter().filter(|line| line.is_refused()).count();
    if dry || refused > 0 || rows.is_empty() {
        let answer = if refused == 0 && (dry || !rows.is_empty()) { Answer::ok() } else { Answer::not_ok() };
        let unchanged = lines.iter().filter(|line| line.is_unchanged()).count();
        let answer = answer.with("rows", lines.iter().map(numbered).collect::<Vec<_>>());
        let answer = answer.with("changes", rows.len()).with("unchanged", unchanged).with("refused", refused);
        return Told { answer, order: None };
    }
    let bytes = bytes(person, Verb::Bulk(Bulk { rows, why }), false);
    match person.command(bytes).await {
        Ok(answer) => reply(answer, Asked::Other, person),
        Err(error) => Told { answer: link_error(error, person.end()), order: None },
    }
}

async fn export(person: &Person, table: Table, file: &str) -> Answer {
    let (text, rows) = match tables::export(&person.link, table).await {
        Ok(told) => told,
        Err(error) => return link_error(error, person.end()),
    };
    match pack_file::write(Path::new(file), text.as_bytes()) {
        Ok(written) => Answer::ok().with("file", file).with("rows", rows).with("bytes", written.bytes),
        Err(error) => Answer::error("file", &pack_file::why(&error), None),
    }
}

fn numbered(line: &bulk::Line) -> Value {
    let mut value = row(&line.row);
    if let Value::Object(fields) = &mut value {
        fields.insert("line".to_owned(), line.line.into());
    }
    value
}

fn row(row: &BulkRow) -> Value {
    let login = (!row.login.is_empty()).then_some(&row.login);
    json!({
        "what": row.what,
        "user": login,
        "before": row.before,
        "after": row.after,
        "takes_two": row.two,
        "refused": row.refused.map(DenialCode::as_str),
        "why": row.why,
    })
}

#[cfg(test)]
mod tests {
    use super::super::request::read;

    #[test]
    fn tables_files_and_requests_are_named() {
        for line in [
            "bulk table=limits file=\"limits.csv\" dry=yes",
            "bulk table=roles file=\"roles.csv\" why=duties",
            "bulk export table=rights file=\"rights.csv\"",
            "bulk rows id=4711",
        ] {
            assert!(read(line).expect(line).is_some(), "{line}");
        }
        for line in
            ["bulk table=all file=\"a.csv\"", "bulk table=limits", "bulk table=limits file=a dry=1", "bulk rows"]
        {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
