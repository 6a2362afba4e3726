//! A table of acts of one kind, done as one: judged row by row, held for one proof, asked of one second person; it must do no
//! part of a table.
//!
//! Each row is judged on the state before the first. That is why no two of them may be about the same thing.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use turret_shared::approval::FirstProof;
use turret_shared::bulk::{self, Bulk, Table};
use turret_shared::denial::{DenialCode, Rule};
use turret_shared::event::Event;
use turret_shared::event::approval::{ApprovalAsked, Batch};
use turret_shared::event::session::PendingCommand;
use turret_shared::house::House;
use turret_shared::ids::{AccountId, ApprovalId, InstrumentId, PendingId, UserId};
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::time::Timestamp;

use super::judge_new::envelope;
use super::new_order::hold;
use super::{Draft, manage, words};
use crate::approvals::{self, Approval, takes_two};
use crate::input::{ClientInput, Principal};
use crate::{State, Verdict};

/// A row that stands in the way: its place, counted from zero, and why.
pub(crate) type InTheWay = (usize, DenialCode);

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Limit(AccountId, Rule),
    Rights(UserId, AccountId),
    Role(UserId),
    Desk(UserId),
    Listing(InstrumentId),
}

const fn subject(act: Act) -> Option<Subject> {
    match act {
        Act::SetLimit { account, rule, .. } => Some(Subject::Limit(account, rule)),
        Act::SetRights { user, account, .. } => Some(Subject::Rights(user, account)),
        Act::SetRole { user, .. } | Act::SetComposedRole { user, .. } => Some(Subject::Role(user)),
        Act::SetDesk { user, .. } => Some(Subject::Desk(user)),
        Act::House(House::Restrict { instrument, .. }) => Some(Subject::Listing(instrument)),
        _ => None,
    }
}

/// What stands for the rows where there is no room for them.
pub(crate) fn summary(rows: &[Act], table: Table) -> Act {
    Act::Bulk { table, rows: u32::try_from(rows.len()).unwrap_or(u32::MAX), digest: bulk::digest(rows) }
}

/// Each row as things are now: whom it concerns, or why it cannot be.
pub(crate) fn judged(
    state: &State,
    by: UserId,
    rows: &[Act],
    now: Timestamp,
) -> Vec<Result<Option<UserId>, DenialCode>> {
    let mut seen = BTreeSet::new();
    let one = |row: &Act| {
        let subject = subject(*row).ok_or(DenialCode::Invalid)?;
        if seen.insert(subject) { manage::judged(state, by, *row, now) } else { Err(DenialCode::TwiceInTable) }
    };
    rows.iter().map(one).collect()
}

/// All of them, or the first that stands in the way.
fn whole(state: &State, by: UserId, rows: &[Act], now: Timestamp) -> Result<Vec<Option<UserId>>, InTheWay> {
    let places = judged(state, by, rows, now).into_iter().enumerate();
    places.map(|(place, one)| one.map_err(|code| (place, code))).collect()
}

/// Whether a second person would do what the first asks for, row by row; themselves it must not concern.
pub(super) fn may_judge(state: &State, user: UserId, known: &Approval, now: Timestamp) -> Result<(), DenialCode> {
    for row in &known.table {
        let whom = manage::target(state, known.by, *row, now).map_err(|_| DenialCode::ApprovalVoid)?;
        if whom == Some(user) {
            return Err(DenialCode::NotYourself);
        }
    }
    Ok(())
}

/// Whether it could be done now.
pub(super) fn still_is(state: &State, known: &Approval, now: Timestamp) -> Result<(), DenialCode> {
    whole(state, known.by, &known.table, now).map(drop).map_err(|(_, code)| code)
}

/// Judged, and held for a proof.
pub(super) fn ask(draft: &mut Draft<'_>, input: &ClientInput, wanted: &Bulk) {
    let (state, principal, now) = (draft.state, &input.principal, draft.stamp.time);
    let Some(table) = bulk::table(&wanted.rows) else {
        let act = Act::Bulk { table: Table::Limits, rows: 0, digest: bulk::digest(&wanted.rows) };
        let verdict = manage::no(draft, principal, Manage { act, why: wanted.why }, DenialCode::Invalid);
        return draft.answer(verdict);
    };
    let batch = Batch { command: input.digest, rows: wanted.rows.clone(), why: wanted.why };
    let manage = Manage { act: summary(&batch.rows, table), why: wanted.why };
    let fits = manage::is_free(state, principal.user, now)
        .and_then(|()| envelope(state, &input.command, now).map_or(Ok(()), Err))
        .map_err(|code| (None, code));
    let judged = fits.and_then(|()| {
        whole(state, principal.user, &batch.rows, now).map_err(|(place, code)| (Some(place), code))?;
        room(state, principal.user, &batch.rows, now).map_err(|code| (None, code))
    });
    let verdict = match judged {
        Ok(two) => {
            let mut why = format!("{} acts as one ask for one fresh code", batch.rows.len());
            if two {
                why.push_str("; a supervisor's word is needed besides");
            }
            let held = hold(draft, input, PendingCommand::Bulk(batch), None, why, Some(input.command.expires));
            held.unwrap_or_else(|| no(draft, principal, manage, (None, DenialCode::TooManyPending)))
        }
        Err(place) => no(draft, principal, manage, place),
    };
    draft.answer(verdict);
}

/// Whether it takes a second person, where one more request may wait.
fn room(state: &State, by: UserId, rows: &[Act], now: Timestamp) -> Result<bool, DenialCode> {
    let two = rows.iter().any(|row| takes_two(state, *row));
    if two { state.access().approvals.room(by, now).map(|()| true) } else { Ok(false) }
}

/// The proof came: judged once more, and done, or asked of a second person where any row takes one by now.
pub(super) fn proved(
    draft: &mut Draft<'_>,
    principal: &Principal,
    batch: Batch,
    (proof, first): (PendingId, Option<FirstProof>),
) -> Verdict {
    let (state, by, now) = (draft.state, principal.user, draft.stamp.time);
    let Some(table) = bulk::table(&batch.rows) else {
        return refused(draft, principal, &batch, DenialCode::Invalid);
    };
    let manage = Manage { act: summary(&batch.rows, table), why: batch.why };
    let whom = match whole(state, by, &batch.rows, now) {
        Ok(whom) => whom,
        Err((place, code)) => return no(draft, principal, manage, (Some(place), code)),
    };
    match room(state, by, &batch.rows, now) {
        Err(code) => no(draft, principal, manage, (None, code)),
        Ok(false) => carry_out(draft, by, (&batch.rows, &whom), batch.why, proof),
        Ok(true) => {
            let (approval, expires) = (ApprovalId(proof.0), approvals::until(now));
            let basis = approvals::basis(state, manage.act, &batch.rows);
            let (command, table) = (batch.command, Some(batch.rows));
            let asked = ApprovalAsked { approval, by, manage, command, basis, expires, first, table };
            draft.emit(Event::ApprovalAsked(asked));
            Verdict::ApprovalAsked { approval, expires }
        }
    }
}

/// The second person said yes: done, as whoever asked for it.
pub(super) fn approved(draft: &mut Draft<'_>, known: &Approval, proof: PendingId) -> Verdict {
    match whole(draft.state, known.by, &known.table, draft.stamp.time) {
        Ok(whom) => carry_out(draft, known.by, (&known.table, &whom), known.manage.why, proof),
        // Judged with the word a moment ago, on the same state.
        Err((_, code)) => Verdict::Denied(words::denial(code).into()),
    }
}

fn carry_out(
    draft: &mut Draft<'_>,
    by: UserId,
    (rows, whom): (&[Act], &[Option<UserId>]),
    why: Why,
    proof: PendingId,
) -> Verdict {
    for (act, user) in rows.iter().zip(whom) {
        // None of these acts answers with more than that it is done.
        let _ = manage::perform(draft, by, Manage { act: *act, why }, proof, *user);
    }
    Verdict::Managed
}

/// Our no to a table that waits for its proof.
pub(super) fn refused(draft: &mut Draft<'_>, principal: &Principal, batch: &Batch, code: DenialCode) -> Verdict {
    let table = bulk::table(&batch.rows).unwrap_or(Table::Limits);
    let manage = Manage { act: summary(&batch.rows, table), why: batch.why };
    no(draft, principal, manage, (None, code))
}

/// Our no, naming the row that stands in the way.
fn no(
    draft: &mut Draft<'_>,
    principal: &Principal,
    manage: Manage,
    (place, code): (Option<usize>, DenialCode),
) -> Verdict {
    let verdict = manage::no(draft, principal, manage, code);
    match (verdict, place) {
        (Verdict::Denied(mut denial), Some(place)) if code != DenialCode::NotPermitted => {
            let row: String = format!("row {}: {}; nothing of the table is done", place.saturating_add(1), denial.text);
            denial.text = row;
            Verdict::Denied(denial)
        }
        (verdict, _) => verdict,
    }
}
