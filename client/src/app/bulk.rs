//! A CSV file of acts: which, what each row would do by the server's own rules, and the word that has all of it done; it must send
//! no row that was not shown.

use std::path::PathBuf;

use turret_shared::bulk::{Bulk, Table};
use turret_shared::command::Verb;
use turret_shared::limits::MODAL_GUARD_MS;
use turret_shared::manage::Why;

use super::effect::{Effect, Request};
use super::field::Field;
use super::flight::Flight;
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::moves::round;
use super::{Model, Screen, command};
use crate::bulk::{BadLine, Line, changing};

/// Longest name of a file typed, in characters.
const FILE_CHARS_MAX: usize = 200;
/// Rows shown at once.
pub const ROWS_SHOWN: usize = 9;

/// Where the keys go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// What the rows are of.
    Table,
    /// Whether the file is read or written.
    Way,
    /// Its name.
    File,
}

const FOCI: [Focus; 3] = [Focus::Table, Focus::Way, Focus::File];

/// How far it is.
#[derive(Debug)]
pub enum Stage {
    /// Being typed.
    Typing,
    /// The file is read and its rows are judged.
    Asked(Request),
    /// Lines that are no rows.
    Bad(Vec<BadLine>),
    /// What each row would do.
    Judged(Vec<Line>),
}

/// The window.
#[derive(Debug)]
pub struct TableForm {
    /// What the rows are of.
    pub table: Table,
    /// The file is written and not read.
    pub write: bool,
    /// Its name.
    pub file: Field,
    /// Where the keys go.
    pub focus: Focus,
    /// How far it is.
    pub stage: Stage,
    /// The reason chosen.
    pub why: Why,
    /// First row shown.
    pub top: usize,
    /// When the rows appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

impl TableForm {
    /// True where characters are text.
    #[must_use]
    pub const fn takes_text(&self) -> bool {
        matches!((&self.stage, self.focus), (Stage::Typing, Focus::File))
    }

    /// Rows there are to look at.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match &self.stage {
            Stage::Bad(bad) => bad.len(),
            Stage::Judged(lines) => lines.len(),
            Stage::Typing | Stage::Asked(_) => 0,
        }
    }
}

/// Opens it, about what the screen is of.
pub(super) fn open(model: &mut Model) {
    let table = match model.screen {
        Screen::Users => Table::Rights,
        Screen::House => Table::Restricted,
        _ => Table::Limits,
    };
    let file = Field::new(FILE_CHARS_MAX);
    model.modals.push(Modal::Table(Box::new(TableForm {
        table,
        write: false,
        file,
        focus: Focus::File,
        stage: Stage::Typing,
        why: Why::Duties,
        top: 0,
        shown_ms: 0,
        message: None,
    })));
}

/// The file was read and judged, or it is none; of a window that was closed since it is dropped.
pub(super) fn told(model: &mut Model, request: Request, told: Result<Result<Vec<Line>, Vec<BadLine>>, String>) {
    let now = model.now.mono_ms;
    let of = |modal: &&mut Modal| matches!(modal, Modal::Table(open) if matches!(open.stage, Stage::Asked(asked) if asked == request));
    let Some(Modal::Table(open)) = model.modals.iter_mut().find(of) else { return };
    (open.top, open.shown_ms) = (0, now);
    match told {
        Ok(Ok(lines)) => open.stage = Stage::Judged(lines),
        Ok(Err(bad)) => open.stage = Stage::Bad(bad),
        Err(why) => (open.stage, open.message) = (Stage::Typing, Some(why)),
    }
}

/// A key for it.
pub(super) fn key(mut open: Box<TableForm>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    open.message = None;
    if key.code == Code::Esc {
        return Vec::new();
    }
    match open.stage {
        Stage::Typing => return typing(open, model, key, out),
        Stage::Asked(_) => open.message = Some("it is being read".into()),
        Stage::Bad(_) | Stage::Judged(_) => {
            let last = open.rows().saturating_sub(ROWS_SHOWN);
            match key.code {
                Code::Down => open.top = open.top.saturating_add(1).min(last),
                Code::Up => open.top = open.top.saturating_sub(1),
                Code::PageDown => open.top = open.top.saturating_add(ROWS_SHOWN).min(last),
                Code::PageUp => open.top = open.top.saturating_sub(ROWS_SHOWN),
                Code::Left | Code::BackTab => open.why = round(&Why::ALL, open.why, false),
                Code::Right | Code::Tab => open.why = round(&Why::ALL, open.why, true),
                Code::Enter => return Vec::new(),
                Code::Char('y') if !key.ctrl && !key.alt => match send(&open, model, out) {
                    Ok(()) => return Vec::new(),
                    Err(why) => open.message = Some(why),
                },
                _ => {
                    open.message = Some(model.keys.say("{confirm} does it after a fresh code, Enter or Esc goes back"));
                }
            }
        }
    }
    vec![Modal::Table(open)]
}

fn typing(mut open: Box<TableForm>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    let forward = matches!(key.code, Code::Right | Code::Down | Code::Tab);
    match (key.code, open.focus) {
        (Code::Tab | Code::Down | Code::BackTab | Code::Up, _) => open.focus = round(&FOCI, open.focus, forward),
        (Code::Left | Code::Right, Focus::Table) => open.table = round(&Table::ALL, open.table, forward),
        (Code::Left | Code::Right, Focus::Way) => open.write = !open.write,
        (Code::Enter, _) => {
            let file = PathBuf::from(open.file.text().trim());
            if file.as_os_str().is_empty() {
                (open.focus, open.message) = (Focus::File, Some("which file?".into()));
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else if open.write {
                out.push(Effect::WriteTable { table: open.table, file });
                return Vec::new();
            } else {
                let request = model.next_request();
                out.push(Effect::ReadTable { request, table: open.table, file });
                open.stage = Stage::Asked(request);
            }
        }
        (_, Focus::File) => {
            open.file.key(key);
        }
        _ => {}
    }
    vec![Modal::Table(open)]
}

/// All rows that change something, as one.
fn send(open: &TableForm, model: &mut Model, out: &mut Vec<Effect>) -> Result<(), String> {
    let Stage::Judged(lines) = &open.stage else { return Err("the lines above are no rows: nothing is sent".into()) };
    if lines.iter().any(Line::is_refused) {
        return Err("a row stands in the way: nothing is sent".into());
    }
    let rows = changing(lines);
    if rows.is_empty() {
        return Err("every row says what is so already".into());
    }
    if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
        return Err(model.keys.say("too soon: {confirm} again"));
    }
    model.can_send()?;
    let line = format!("TABLE OF {} WITH {} ROWS", open.table.as_str().to_uppercase(), rows.len());
    let bytes = command::bytes(model, Verb::Bulk(Bulk { rows, why: open.why }), true);
    model.send(Flight::Manage { line }, bytes, out);
    Ok(())
}
