//! What waits for a second person: the list, the second one's word, and what its author does with it; it must give no word
//! on another command than the one shown.

use std::collections::BTreeMap;

use turret_shared::approval::{ApprovalView, Ground, Judge, Request, Standing};
use turret_shared::bulk::{Asked as Asks, BulkRow};
use turret_shared::command::Verb;
use turret_shared::house::House;
use turret_shared::ids::ApprovalId;
use turret_shared::limits::MODAL_GUARD_MS;
use turret_shared::manage::Act;
use turret_shared::role::Permission;
use turret_shared::text::escaped;
use turret_shared::wire::query::Ask;

use super::alerts::{About, Kind};
use super::asked::{AGAIN_MS, Asked};
use super::effect::Effect;
use super::flight::{Flight, Question};
use super::key::{Code, Press};
use super::modal::{Modal, Stack};
use super::moves::round;
use super::picker::Picker;
use super::{Model, Stage, alerts, command};
use crate::actions::Id;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Approvals {
    /// Newest first.
    pub list: Asked<ApprovalView>,
    /// The row under the cursor.
    pub picker: Picker<ApprovalId>,
    /// How each stood when it was last told of.
    stood: BTreeMap<ApprovalId, Standing>,
    asked_ms: u64,
    /// It changed while the question was under way: the answer may be from before.
    changed: bool,
}

impl Approvals {
    /// Keys of the rows.
    #[must_use]
    pub fn keys(&self) -> Vec<ApprovalId> {
        self.list.rows.iter().map(|row| row.approval).collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&ApprovalView> {
        self.list.rows.iter().find(|row| Some(row.approval) == self.picker.at)
    }

    /// How many wait for a word of whoever looks.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.list.rows.iter().filter(|row| row.judge).count()
    }
}

/// The window that asks for a word.
#[derive(Debug)]
pub struct Judging {
    /// On what.
    pub row: ApprovalView,
    /// Yes or no.
    pub approve: bool,
    /// Why.
    pub ground: Ground,
    /// Of a table its rows, once they came.
    pub table: Option<Vec<BulkRow>>,
    /// First of them shown.
    pub top: usize,
    /// When it appeared, in monotonic milliseconds.
    pub shown_ms: u64,
    /// About the last key.
    pub message: Option<String>,
}

/// Rows of a table shown at once.
pub const ROWS_SHOWN: usize = 5;

/// Many acts as one.
fn is_table(row: &ApprovalView) -> bool {
    row.manage.is_some_and(|manage| matches!(manage.act, Act::Bulk { .. }))
}

/// The rows of a table came.
pub(super) fn table_told(model: &mut Model, of: ApprovalId, rows: Vec<BulkRow>) {
    let now = model.now.mono_ms;
    let same = |modal: &&mut Modal| matches!(modal, Modal::Judge(open) if open.row.approval == of);
    if let Some(Modal::Judge(open)) = model.modals.iter_mut().find(same) {
        (open.table, open.shown_ms) = (Some(rows), now);
    }
}

impl Judging {
    /// The first row of the next page.
    fn after(&self) -> usize {
        let last = self.table.as_ref().map_or(0, Vec::len).saturating_sub(ROWS_SHOWN);
        self.top.saturating_add(ROWS_SHOWN).min(last)
    }

    /// Grounds that speak for this word.
    #[must_use]
    pub fn grounds(&self) -> Vec<Ground> {
        Ground::ALL.into_iter().filter(|ground| ground.approves() == self.approve).collect()
    }
}

/// A request in a few words: `role of bob.ray: broker -> support`.
#[must_use]
pub fn line(row: &ApprovalView) -> String {
    let whom = if row.login.is_empty() { String::new() } else { format!(" of {}", escaped(&row.login)) };
    let before = if row.before.is_empty() { String::new() } else { format!("{} -> ", escaped(&row.before)) };
    format!("{}{whom}: {before}{}", escaped(&row.what), escaped(&row.after))
}

/// Who approves what this person asks for.
#[must_use]
pub fn second(act: Act) -> Option<&'static str> {
    match act {
        Act::EndSession { .. }
        | Act::LockUser { locked: true, .. }
        | Act::RevokeDevice { .. }
        | Act::ConfirmDevice { .. }
        | Act::RefuseDevice { .. }
        | Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::House(House::OpenDesk { .. } | House::Restrict { restricted: true, .. }) => None,
        Act::SetLimit { .. } => Some("Unless it only makes the limit tighter, it then waits for a supervisor's word."),
        _ => Some("It then waits for a supervisor's word: nothing is done before."),
    }
}

/// `Enter`: what the log has of whom a request concerns, or else of what led to it, for those who may read it.
pub(super) fn history(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.approvals.chosen() else { return };
    if !model.may(Permission::AuditRead) {
        return model.tell("What led to it is in the log, which your role does not read.");
    }
    let words = if row.login.is_empty() { format!("entry={}", row.approval) } else { format!("user={}", row.login) };
    super::audit::search_for(model, &words, out);
}

/// Asks for the list, whatever screen is shown: it is this person's work wherever they stand.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let under_way = model.questions.values().any(|asked| *asked == Question::Approvals);
    if model.may(Permission::Approve) && model.can_send().is_ok() && !under_way {
        model.approvals.asked_ms = model.now.mono_ms;
        model.ask(Question::Approvals, Ask::Approvals, out);
    }
}

/// The server says that the list is not what it was.
pub(super) fn changed(model: &mut Model, out: &mut Vec<Effect>) {
    if model.questions.values().any(|asked| *asked == Question::Approvals) {
        model.approvals.changed = true;
    } else {
        ask(model, out);
    }
}

/// When it is asked for again, in monotonic milliseconds.
pub(super) fn due_ms(model: &Model) -> Option<u64> {
    let from = if model.can_send().is_ok() { model.approvals.asked_ms } else { model.now.mono_ms };
    (model.stage == Stage::Desk && model.may(Permission::Approve)).then(|| from.saturating_add(AGAIN_MS))
}

/// Asks again when what is known grew old.
pub(super) fn again(model: &mut Model, out: &mut Vec<Effect>) {
    if model.now.mono_ms.saturating_sub(model.approvals.asked_ms) >= AGAIN_MS {
        ask(model, out);
    }
}

/// The answer: what is new is said, and what became of one's own. True when there is something new.
pub(super) fn told(model: &mut Model, rows: Vec<ApprovalView>) -> bool {
    if std::mem::take(&mut model.approvals.changed) {
        // Due at once.
        model.approvals.asked_ms = 0;
    }
    let me = model.session.as_ref().map(|session| session.user.user);
    let first = !model.approvals.list.known;
    for row in &rows {
        let before = model.approvals.stood.get(&row.approval).copied();
        if before == Some(row.standing) {
            continue;
        }
        if row.judge {
            let text = format!("{} asks for your word: {}", escaped(&row.by_login), line(row));
            model.alert(Kind::Approval, &text, About::default(), true);
        } else if Some(row.by) == me && row.standing != Standing::Waiting && !first {
            let text = format!("{}: {}", line(row), became(row));
            model.alert(Kind::Approval, &text, About::default(), true);
        }
    }
    // What no longer waits for a word is nothing to be told of any more.
    if model.approvals.waiting() > 0 && !rows.iter().any(|row| row.judge) {
        alerts::nothing_to_judge(model);
    }
    model.approvals.stood = rows.iter().map(|row| (row.approval, row.standing)).collect();
    model.approvals.list.told(rows)
}

/// The next row that waits for this person's word, round to the first.
pub(super) fn next(model: &mut Model) {
    let keys = model.approvals.keys();
    let start = model.approvals.picker.line(&keys).map_or(0, |line| line.saturating_add(1));
    let rows = &model.approvals.list.rows;
    let found = |from: usize| rows.iter().enumerate().skip(from).find(|(_, row)| row.judge).map(|(line, _)| line);
    match found(start).or_else(|| found(0)) {
        Some(line) => model.approvals.picker.put(line, &keys),
        None => model.tell("Nothing waits for your word."),
    }
}

/// How it stands, in words.
#[must_use]
pub fn became(row: &ApprovalView) -> String {
    let by = escaped(&row.judge_login);
    let why = row.ground.map_or("", Ground::sentence);
    match row.standing {
        Standing::Waiting => "waits for a second person".into(),
        Standing::Approved => format!("approved by {by}: take the code"),
        Standing::Done => format!("approved by {by} and done: {why}"),
        Standing::Refused => format!("refused by {by}: {why}"),
        Standing::Void(cause) => format!("void: {}", cause.sentence()),
    }
}

/// A word on the row at hand, or what its author does with it.
pub(super) fn open(model: &mut Model, id: Id, out: &mut Vec<Effect>) {
    let Some(row) = model.approvals.chosen().cloned() else { return };
    let approval = row.approval;
    let own = model.session.as_ref().is_some_and(|session| session.user.user == row.by);
    match id {
        Id::Approve | Id::Refuse if row.judge => {
            let approve = id == Id::Approve;
            let ground = if approve { Ground::Checked } else { Ground::Unexpected };
            let shown_ms = model.now.mono_ms;
            if is_table(&row) {
                model.ask(Question::TableRows(approval), Ask::Bulk(Box::new(Asks::Waiting(approval))), out);
            }
            let judging = Judging { row, approve, ground, table: None, top: 0, shown_ms, message: None };
            model.modals.push(Modal::Judge(Box::new(judging)));
        }
        Id::Approve | Id::Refuse if own => model.tell("You asked for it: somebody else gives the word."),
        Id::Approve | Id::Refuse => model.tell(&format!("It is not for your word: {}.", became(&row))),
        Id::Withdraw if own && row.standing.is_open() => {
            send(model, Verb::Request(Request::Withdraw { approval }), format!("TAKE BACK {}", line(&row)), out);
        }
        Id::Collect if own && row.standing == Standing::Approved => {
            send(model, Verb::Request(Request::Collect { approval }), format!("CODE {}", line(&row)), out);
        }
        _ => model.tell(&format!("Nothing to take here: {}.", became(&row))),
    }
}

fn send(model: &mut Model, verb: Verb, line: String, out: &mut Vec<Effect>) {
    match model.can_send() {
        Ok(()) => {
            let bytes = command::bytes(model, verb, true);
            model.send(Flight::Manage { line }, bytes, out);
        }
        Err(why) => model.tell(&why),
    }
}

/// A key for the open window.
pub(super) fn key(mut open: Box<Judging>, model: &mut Model, key: Press, out: &mut Vec<Effect>) -> Stack {
    match key.code {
        Code::Esc | Code::Enter => return Vec::new(),
        Code::PageDown => open.top = open.after(),
        Code::PageUp => open.top = open.top.saturating_sub(ROWS_SHOWN),
        Code::Down | Code::Tab => open.ground = round(&open.grounds(), open.ground, true),
        Code::Up | Code::BackTab => open.ground = round(&open.grounds(), open.ground, false),
        Code::Char('y') if !key.ctrl && !key.alt => {
            if model.now.mono_ms.saturating_sub(open.shown_ms) < MODAL_GUARD_MS {
                open.message = Some(model.keys.say("too soon: {confirm} again"));
            } else if is_table(&open.row) && open.table.is_none() {
                open.message = Some("its rows are not here yet: nobody approves what they have not seen".into());
            } else if let Err(why) = model.can_send() {
                open.message = Some(why);
            } else {
                let Judging { row, approve, ground, .. } = *open;
                let first = row.first.map(|first| first.digest);
                if first.is_none() {
                    model.tell("It was asked for with no proof that is kept: have it asked for again.");
                    return Vec::new();
                }
                let word = Judge { approval: row.approval, command: row.command, approve, ground, first };
                let said = if approve { "APPROVE" } else { "REFUSE" };
                send(model, Verb::Judge(word), format!("{said} {}", line(&row)), out);
                return Vec::new();
            }
        }
        _ => open.message = Some(model.keys.say("{confirm} says so after a fresh code, Enter or Esc goes back")),
    }
    vec![Modal::Judge(open)]
}
