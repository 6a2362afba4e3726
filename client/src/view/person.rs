//! The person under the cursor: how they stand and why, what they may, their history; it must show no credential.

use turret_shared::ids::UserId;
use turret_shared::people::{DeviceState, DeviceView, LockCause, PersonView};
use turret_shared::person::PersonFacts;
use turret_shared::text::escaped;
use turret_shared::time::Timestamp;
use turret_shared::view::AuditView;

use super::passing;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::table::{self, Column, left};
use super::theme::Token;
use crate::app::geometry::{Area, Geometry};
use crate::app::person::{accounts_grouped, fault_word, lock};
use crate::app::{Model, limits, users};
use crate::format;

/// Columns of the labels.
const LABEL: usize = 10;
/// Accounts named of a group; of the others there is a count.
const ACCOUNTS_NAMED: usize = 12;

const HISTORY: [Column; 4] = [left("When UTC", 15), left("Who", 9), left("What", 20), left("Detail", 16)];

/// Beside the list or below it, and the history where there is room for it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model, places: Geometry) {
    let Some(row) = model.users.chosen_person() else { return };
    if let Some(dock) = places.dock {
        let sheet = whole(model, row);
        sheet.dock(pen, dock);
    }
    let Some(lower) = places.lower else { return };
    pen.across(lower.x, lower.y.saturating_sub(1), lower.w);
    if places.dock.is_some() {
        history(pen, model, row, lower);
    } else {
        short(model, row).lines(pen, lower, 0);
    }
}

/// Who someone is: by login, whether they may do anything or not.
fn login(model: &Model, user: UserId) -> String {
    let listed = model.users.people.rows.iter().find(|person| person.user == user);
    escaped(listed.map_or_else(|| model.desk.login(user), |person| &person.login))
}

fn at(time: Option<Timestamp>) -> String {
    time.map_or_else(|| format::UNKNOWN.into(), |time| format!("{}Z", format::day_and_time(time)))
}

fn line(label: &str, text: impl Into<String>) -> Line {
    Line::labelled(label, LABEL, text, Token::Text)
}

fn state_token(state: &str) -> Token {
    match state {
        "active" => Token::Focus,
        "LOCKED" => Token::Error,
        _ => Token::Warn,
    }
}

/// What is not theirs to do to themselves, said of one's own row and of the others'.
fn bounds(model: &Model, row: &PersonView) -> String {
    let own = model.session.as_ref().is_some_and(|session| session.user.user == row.user);
    let text = if own {
        "This is you: another admin unlocks, promotes, moves or limits you."
    } else {
        "You cannot unlock, promote or limit yourself."
    };
    format!("{text} The last admin cannot leave.")
}

/// All of it, for a pane beside the list.
fn whole(model: &Model, row: &PersonView) -> Sheet {
    let state = users::state(row);
    let mut sheet = Sheet {
        title: format!("{}  {}", escaped(&row.login), escaped(&row.name)),
        corner: state.to_owned(),
        token: state_token(state),
        ..Sheet::default()
    };
    let Some(facts) = model.users.looked.of(row.user) else {
        let why = model.users.looked.fault(row.user);
        let text = why.map_or_else(|| "Fetching ...".into(), |why| format!("This could not be had: {why}."));
        sheet.line(Line::of(text, Token::Muted));
        return sheet;
    };
    standing(model, row, facts, &mut sheet);
    sheet.line(Line::default());
    rights(row, facts, &mut sheet);
    sheet.line(Line::default());
    holds(model, row, facts, &mut sheet);
    sheet.line(Line::rule());
    sheet.line(Line::of(bounds(model, row), Token::Muted));
    sheet.line(Line::rule());
    bound(model, facts, &mut sheet);
    sheet
}

/// Locked for what, tried how often, last let in when.
fn standing(model: &Model, row: &PersonView, facts: &PersonFacts, sheet: &mut Sheet) {
    if let Some(device) = lock(facts) {
        sheet.line(Line::labelled("Locked", LABEL, lock_line(device), Token::Error));
        let by = device.locked_by.map_or_else(|| "by rule".into(), |user| format!("by {}", login(model, user)));
        sheet.line(line("Since", format!("{} {by}", at(device.locked_since))));
        sheet.line(line("Until", "an admin unlocks it: it does not end itself"));
    }
    sheet.line(tries(row, facts));
    if let Some(judgement) = judgement(facts) {
        sheet.line(line("Judgement", judgement));
    }
    sheet.line(line("Last in", last_in(facts)));
}

fn lock_line(device: &DeviceView) -> String {
    format!("{}, device {}", device.locked_for.map_or("locked", LockCause::word), device.device)
}

fn tries(row: &PersonView, facts: &PersonFacts) -> Line {
    match &facts.failed {
        Some(failed) if row.failures > 0 => {
            let device = failed.device.map_or_else(String::new, |device| format!(", device {device}"));
            let text = format!("{}, last {}: {}{device}", row.failures, at(Some(failed.at)), fault_word(failed.fault));
            Line::labelled("Failed", LABEL, text, Token::Warn)
        }
        _ => Line::labelled("Failed", LABEL, "none since the last sign-in", Token::Muted),
    }
}

/// Whether those who failed sat where the person sits.
fn judgement(facts: &PersonFacts) -> Option<&'static str> {
    let failed = facts.failed.as_ref()?.device?;
    let (_, good) = facts.last_in?;
    let same = good? == failed;
    Some(if same { "same device as the last good sign-in" } else { "NOT the device of the last good sign-in" })
}

fn last_in(facts: &PersonFacts) -> String {
    match facts.last_in {
        Some((time, Some(device))) => format!("{}, device {device}", at(Some(time))),
        Some((time, None)) => at(Some(time)),
        None => "never".into(),
    }
}

/// Role, desk, and what they may do with which accounts.
fn rights(row: &PersonView, facts: &PersonFacts, sheet: &mut Sheet) {
    let since = |time: Option<Timestamp>| time.map_or_else(String::new, |time| format!("  since {}", at(Some(time))));
    let role = match (row.role, row.composed) {
        (None, _) => "none: may do nothing".into(),
        (Some(role), None) => role.to_string(),
        (Some(_), Some(composed)) => format!("{}: {}", composed.code, composed.told()),
    };
    sheet.line(line("Role", role).and(since(facts.role_since), Token::Muted));
    let desk = if row.desk_code.is_empty() { "none".into() } else { escaped(&row.desk_code) };
    sheet.line(line("Desk", desk).and(since(facts.desk_since), Token::Muted));
    if facts.accounts.is_empty() {
        sheet.line(Line::labelled("Accounts", LABEL, "none", Token::Muted));
    }
    for (rights, codes, from) in accounts_grouped(&facts.accounts) {
        let named: Vec<String> = codes.iter().take(ACCOUNTS_NAMED).map(|code| escaped(code)).collect();
        let more = codes.len().saturating_sub(named.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let text = format!("{}: {}{more}", rights, named.join(" "));
        sheet.line(line("Accounts", text).and(format!(" ({})", escaped(&from)), Token::Muted));
    }
    if facts.accounts_more > 0 {
        sheet.line(line("", format!("and {} accounts more", facts.accounts_more)));
    }
    for grant in &facts.grants {
        let Some(until) = grant.until else { continue };
        let (what, code) = (if grant.allow.0 == 0 { grant.deny } else { grant.allow }, escaped(&grant.code));
        sheet.line(Line::labelled(
            "For a time",
            LABEL,
            format!("{what} of {code} until {}", at(Some(until))),
            Token::Warn,
        ));
    }
    for grant in facts.grants.iter().filter(|grant| grant.deny.0 != 0) {
        sheet.line(Line::labelled("Taken", LABEL, format!("{} of {}", grant.deny, escaped(&grant.code)), Token::Warn));
    }
}

/// Factors, devices, sessions, working orders and who covers them.
fn holds(model: &Model, row: &PersonView, facts: &PersonFacts, sheet: &mut Sheet) {
    for factor in &facts.factors {
        let (label, word) = match factor.kind {
            turret_shared::event::setup::CredentialKind::Password => ("Password", "set"),
            turret_shared::event::setup::CredentialKind::Totp => ("2nd", "totp"),
            turret_shared::event::setup::CredentialKind::SecurityKey => ("2nd", "security key"),
        };
        let expired = if factor.expired { ", a new one is wanted" } else { "" };
        sheet.line(line(label, format!("{word}{expired}")).and(format!("  since {}", at(factor.since)), Token::Muted));
    }
    if !row.second_factor {
        sheet.line(Line::labelled("2nd", LABEL, "none", Token::Warn));
    }
    let gone = facts.devices.iter().filter(|device| device.state == DeviceState::Revoked).count();
    for device in facts.devices.iter().filter(|device| device.state != DeviceState::Revoked) {
        let utc = format::Zone::utc();
        let certificate =
            device.certificate_ends.map_or_else(|| format::UNKNOWN.into(), |ends| format::date(ends, &utc));
        let name = if device.name.is_empty() { String::new() } else { format!("  {}", escaped(&device.name)) };
        sheet.line(
            line("Device", format!("{}{name}  {}", device.device, device.state.word()))
                .and(format!("  cert {certificate}"), Token::Muted),
        );
    }
    if gone == facts.devices.len() {
        sheet.line(Line::labelled("Device", LABEL, "none that is let in", Token::Warn));
    }
    for session in &facts.sessions {
        let idle = session.idle_s.map_or_else(|| format::UNKNOWN.into(), |idle| passing::idle(model, idle));
        let place = if session.place.is_empty() { "no link".into() } else { escaped(&session.place) };
        sheet.line(line("Session", format!("device {} from {place}, idle {idle}", session.device)));
    }
    if facts.sessions.is_empty() {
        sheet.line(Line::labelled("Sessions", LABEL, "none", Token::Muted));
    }
    for text in working(model, row, facts) {
        sheet.line(text);
    }
}

fn working(model: &Model, row: &PersonView, facts: &PersonFacts) -> Vec<Line> {
    if row.working == 0 {
        return vec![Line::labelled("Working", LABEL, "no orders", Token::Muted)];
    }
    let orders = format::counted(usize::try_from(row.working).unwrap_or(usize::MAX), "order");
    let verb = if row.working == 1 { "stays" } else { "stay" };
    let mut lines = vec![line("Working", format!("{orders}, {verb} live"))];
    let names: Vec<String> = facts.cover.iter().map(|user| login(model, *user)).collect();
    if names.is_empty() {
        lines.push(Line::labelled("", LABEL, "nobody else may cancel them all", Token::Warn));
    } else {
        lines.push(line("", format!("cover: {}", names.join(", "))));
    }
    lines
}

/// The limits they trade under.
fn bound(model: &Model, facts: &PersonFacts, sheet: &mut Sheet) {
    if facts.limits.is_empty() {
        return sheet.line(Line::labelled("Limits", LABEL, "none", Token::Muted));
    }
    let mut scope = "";
    for row in &facts.limits {
        if row.scope != scope {
            scope = &row.scope;
            sheet.line(line("Limits", format!("from {}", escaped(scope))));
        }
        let set_by = row.set_by.map_or_else(String::new, |user| format!("  by {}", login(model, user)));
        let rule = format!("{:<17}", row.rule.to_string());
        sheet.line(
            Line::of(rule, Token::Muted)
                .and(limits::figure(row.rule, &row.limit), Token::Text)
                .and(set_by, Token::Muted),
        );
    }
}

/// What matters most, for the few lines below a list.
fn short(model: &Model, row: &PersonView) -> Sheet {
    let mut sheet = Sheet::default();
    let Some(facts) = model.users.looked.of(row.user) else { return whole(model, row) };
    let who = escaped(&row.login);
    sheet.line(match lock(facts) {
        Some(device) => {
            let by = device.locked_by.map_or_else(|| "by rule".into(), |user| format!("by {}", login(model, user)));
            let text = format!("LOCKED {by} {}: {}; until unlocked", at(device.locked_since), lock_line(device));
            Line::of(format!("{who}  "), Token::Focus).and(text, Token::Error)
        }
        None => Line::of(format!("{who}  "), Token::Focus)
            .and(users::state(row), state_token(users::state(row)))
            .and(format!("  last in {}", last_in(facts)), Token::Text),
    });
    let failed = judgement(facts).filter(|_| row.failures > 0);
    sheet.line(match failed {
        Some(judgement) => {
            tries(row, facts).and(format!("; {}", judgement.trim_end_matches(" good sign-in")), Token::Text)
        }
        None => tries(row, facts),
    });
    let joined = |lines: Vec<Line>| {
        let spans = lines.into_iter().enumerate().flat_map(|(at, one)| one.spans.into_iter().skip(usize::from(at > 0)));
        spans.fold(Line::default(), |all, (text, token)| {
            let gap = if all.spans.len() > 1 && !text.starts_with(' ') { "  " } else { "" };
            all.and(format!("{gap}{text}"), token)
        })
    };
    let mut may = Sheet::default();
    rights(row, facts, &mut may);
    may.lines.drain(..2);
    sheet.line(joined(may.lines));
    let own: Vec<String> =
        facts.limits.iter().map(|row| format!("{} {}", row.rule, limits::figure(row.rule, &row.limit))).collect();
    sheet.line(line("Limits", if own.is_empty() { "none".into() } else { own.join("  ") }));
    sheet.line(joined(working(model, row, facts)));
    sheet.line(match facts.history.first() {
        Some(newest) => {
            let text = format!("{} {} {} {}", at(Some(newest.time)), newest.who, newest.action, what(newest));
            Line::labelled("Newest", LABEL, text, Token::Muted)
        }
        None => Line::of(bounds(model, row), Token::Muted),
    });
    for line in &mut sheet.lines {
        line.cut = true;
    }
    sheet
}

fn what(row: &AuditView) -> String {
    let reason = if row.reason.is_empty() { String::new() } else { format!(" ({})", row.reason) };
    format!("{}{reason}", row.detail)
}

/// What was done to them and how they came in, newest first.
fn history(pen: &mut Pen<'_>, model: &Model, row: &PersonView, area: Area) {
    let title = format!("History of {}", escaped(&row.login));
    let x = pen.text(area.x.saturating_add(1), area.y, area.w, &title, Token::Focus).saturating_add(2);
    pen.text(x, area.y, area.w, &model.keys.say("newest first; {open} shows all of it"), Token::Muted);
    let mut columns = HISTORY;
    let spare = area.w.saturating_sub(table::width(&columns));
    if let Some(detail) = columns.last_mut() {
        detail.width = detail.width.saturating_add(spare);
    }
    table::heads(pen, area.x, area.y.saturating_add(1), &columns, "");
    let known = model.users.looked.of(row.user).map(|facts| facts.history.as_slice()).unwrap_or_default();
    let lines = area.y.saturating_add(2)..area.y.saturating_add(area.h);
    for (y, entry) in lines.zip(known) {
        let trouble = matches!(entry.outcome.as_str(), "denied" | "refused" | "failed" | "flagged");
        let (flag, token) = if trouble { ("!", Token::Warn) } else { (" ", Token::Text) };
        let flags = [(" ".to_owned(), Token::Text), (flag.to_owned(), token)];
        let cells = [
            (format::dated(entry.time, &format::Zone::utc(), model.now.wall), token),
            (entry.who.clone(), token),
            (entry.action.clone(), token),
            (what(entry), token),
        ];
        table::row(pen, area.x, y, &columns, &flags, &cells);
    }
}
