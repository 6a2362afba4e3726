//! Windows that ask before they act: cancel, code, leave; the way back is always the default.

use turret_shared::manage::{Act, Why};
use turret_shared::text::escaped;
use turret_shared::time::NS_PER_S;

use super::blotter::notional;
use super::denied::wrapped;
use super::passing;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::actions::Id;
use crate::app::approvals;
use crate::app::enlist::{Focus, NewPerson};
use crate::app::entrust::{self, Form, What};
use crate::app::field::Field;
use crate::app::flight::Flight;
use crate::app::list::Totals;
use crate::app::manage::Asking;
use crate::app::modal::{CANCEL_ALL_WORD, CancelAllMine, CancelMarked, CancelOne, CodeShown, Quit, StepUp};
use crate::app::stepup::CODE_DIGITS;
use crate::app::{Model, command, house};
use crate::authenticator::Authenticator;
use crate::format;

/// Account codes offered in a form.
const CODES_SHOWN: usize = 8;
/// Cells of a line of the window that asks.
const ASKING_CELLS: usize = 66;
/// Groups of an enrolment code on a line.
const GROUPS_A_LINE: usize = 4;

/// Frame of a window about money: the environment's own.
pub(super) fn money_sheet(model: &Model, title: &str) -> Sheet {
    let live = model.server.environment == turret_shared::command::Environment::Live;
    Sheet {
        title: title.to_owned(),
        corner: model.server.environment.word().into(),
        token: if live { Token::Live } else { Token::Sim },
        lines: Vec::new(),
    }
}

fn said(sheet: &mut Sheet, message: Option<&String>) {
    if let Some(text) = message {
        sheet.line(Line::of(text.clone(), Token::Warn));
    }
}

/// Cancel one.
pub(super) fn cancel(model: &Model, open: &CancelOne) -> Sheet {
    let mut sheet = money_sheet(model, "CANCEL one order");
    let Some(row) = model.orders.get(open.order) else {
        sheet.line(Line::of(format!("{}: fetched afresh, nothing is sent meanwhile.", open.order), Token::Warn));
        sheet.line(Line::of("> [Back] Enter", Token::Focus));
        said(&mut sheet, open.message.as_ref());
        return sheet;
    };
    let status = format::status(row.status, row.working, row.in_doubt);
    sheet.line(Line::of(command::order_line(model, open.order), Token::Focus));
    let figures = format!("{status}, filled {}, leaves {}", format::qty(row.cum), format::qty(row.leaves));
    let whose = format!("   {}, entered by {}", row.id, escaped(model.desk.login(row.owner)));
    sheet.line(Line::of(figures, Token::Text).and(whose, Token::Muted));
    let text = format!("This asks the venue. Up to {} may still fill before it answers.", format::qty(row.leaves));
    sheet.line(Line::of(text, Token::Text));
    let marks = model.blotter.marks.len();
    if marks > 0 {
        let text = format!(
            "{} marked, NOT part of this: {} is for marked ones.",
            format::counted(marks, "order"),
            model.keys.first(Id::OrderCancelMarked)
        );
        sheet.line(Line::of(text, Token::Warn));
    }
    let keys = model.keys.say("        {confirm} cancel this order        Esc back");
    sheet.line(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// Cancel the marked ones.
pub(super) fn cancel_marked(model: &Model, open: &CancelMarked) -> Sheet {
    let mut sheet = money_sheet(model, "CANCEL marked orders");
    let rows = || open.orders.iter().filter_map(|id| model.orders.get(*id));
    let buys = rows().filter(|row| row.side == turret_shared::order::Side::Buy).count();
    let count = open.orders.len();
    let totals = Totals::of(rows(), &model.desk);
    sheet.line(Line::of(format!("{count} to cancel: {buys} BUY {} SELL", count.saturating_sub(buys)), Token::Focus));
    let leaves = format!("leaves BUY {}  SELL {}", format::qty(totals.leaves(true)), format::qty(totals.leaves(false)));
    sheet.line(Line::of(format!("{leaves}   notional{}", notional(&totals)), Token::Text));
    if open.hidden > 0 {
        let text = format!("{} of the marked are hidden by the filter      h shows them", open.hidden);
        sheet.line(Line::of(text, Token::Warn));
    }
    if open.left_alone > 0 {
        let text = format!("{} are over or being cancelled already: left alone", open.left_alone);
        sheet.line(Line::of(text, Token::Muted));
    }
    let before = super::pen::columns(open.count.before_cursor());
    sheet.line(
        Line::of(format!("Type {count} to cancel {}: ", format::counted(count, "order")), Token::Text)
            .field(open.count.text(), before, 4, true, false)
            .and("            Esc back", Token::Text),
    );
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// Cancel all mine.
pub(super) fn cancel_all(model: &Model, open: &CancelAllMine) -> Sheet {
    let mut sheet = money_sheet(model, "CANCEL ALL MY WORKING ORDERS");
    let text = format!("{} of your orders can still execute, in every account.", model.my_working());
    sheet.line(Line::of(text, Token::Focus));
    sheet.line(Line::of("This asks the venue for each. Any may still fill before it answers.", Token::Text));
    if open.working != model.my_working() {
        sheet.line(Line::of(format!("They were {} when this opened.", open.working), Token::Warn));
    }
    let before = super::pen::columns(open.word.before_cursor());
    sheet.line(
        Line::of(format!("Type the word {CANCEL_ALL_WORD}: "), Token::Text)
            .field(open.word.text(), before, 8, true, false)
            .and("   then Enter.   Esc back", Token::Text),
    );
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// A fresh code.
pub(super) fn step_up(model: &Model, open: &StepUp) -> Sheet {
    let mut sheet = money_sheet(model, "A FRESH CODE IS NEEDED  nothing is sent yet");
    for ((_, flight), reason) in open.pending.iter().zip(&open.reasons) {
        sheet.line(Line::of(flight.line(model), Token::Focus));
        sheet.line(Line::labelled("because", 9, format::figures_grouped(&escaped(reason)), Token::Text));
    }
    let server_now = model.now.wall.after_ns(model.server.clock_offset_ns);
    let left = open.expires.since(server_now).max(0) / NS_PER_S;
    let left = format::countdown(u64::try_from(left).unwrap_or(0));
    sheet.line(Line::labelled("void in", 9, format!("{left}, or if anything about it changes"), Token::Muted));
    let shown = "*".repeat(open.code.count());
    let at = u16::try_from(open.code.count()).unwrap_or(0);
    let mut line =
        Line::labelled("Code", 9, "", Token::Text).field(&shown, at, CODE_DIGITS, open.asked.is_none(), false);
    let wait_ms = open.not_before_ms.saturating_sub(model.now.mono_ms);
    line = if open.asked.is_some() {
        line.and("  asked ...", Token::Muted)
    } else if wait_ms > 0 {
        line.and(format!("  a new code can work in {} s", wait_ms.div_ceil(1_000)), Token::Warn)
    } else {
        line.and("  from your authenticator, then Enter", Token::Muted)
    };
    sheet.line(line);
    if !open.signable.is_empty() && open.asked.is_none() {
        let text = model.keys.say("{sign-in-key} has your security key sign it in place of the code");
        sheet.line(Line::labelled("or", 9, text, Token::Text));
    }
    if model.demo_authenticator().is_some() {
        let left = Authenticator::seconds_left(model.now.wall);
        let text = if model.demo_code_is_used() {
            format!("DEMO AUTHENTICATOR: this code was used, the next comes in {left} s")
        } else {
            model.keys.say("DEMO AUTHENTICATOR: {sign-in-code} types the code")
        };
        sheet.line(Line::of(text, Token::Warn));
    }
    said(&mut sheet, open.message.as_ref());
    sheet.line(Line::of(
        if open.pending.iter().any(|(_, flight)| matches!(flight, Flight::Manage { .. })) {
            "Esc gives up: nothing is done"
        } else {
            "Esc gives up: the order lapses unsent and is kept as a draft"
        },
        Token::Muted,
    ));
    sheet
}

/// An act on a person, a session or a device.
pub(super) fn manage(model: &Model, open: &Asking) -> Sheet {
    let title = match open.act {
        Act::SetBan { .. } | Act::LiftBan { .. } => "ACT ON A SOURCE  asks for a fresh code",
        Act::House(_) => "CHANGE THE HOUSE  asks for a fresh code",
        Act::SetLimit { .. } => "CHANGE A LIMIT  asks for a fresh code",
        Act::SetPolicy { .. } => "CHANGE POLICY  asks for a fresh code",
        _ => "ACT ON PEOPLE  asks for a fresh code",
    };
    let mut sheet = money_sheet(model, title);
    for text in wrapped(&open.line, ASKING_CELLS) {
        sheet.line(Line::of(text, Token::Focus));
    }
    sheet.line(Line::of(open.follows.clone(), Token::Text));
    if let Some(second) = approvals::second(open.act) {
        sheet.line(Line::of(second, Token::Warn));
    }
    sheet.line(Line::of("Why? Up and Down choose; it is in the log with your name.", Token::Muted));
    for why in Why::ALL {
        let (mark, token) = if why == open.why { (">", Token::Focus) } else { (" ", Token::Text) };
        sheet.line(Line::of(format!(" {mark} {}", why.sentence()), token));
    }
    let keys = model.keys.say("        {confirm} do it, after a code        Esc back");
    sheet.line(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// An enrolment code, in lines that are read aloud one by one.
pub(super) fn code(model: &Model, open: &CodeShown) -> Sheet {
    let mut sheet = money_sheet(model, "ENROLMENT CODE  shown once");
    sheet.line(Line::of(format!("For {}, and nobody else.", escaped(&open.login)), Token::Text));
    let groups: Vec<&str> = open.text.expose().split(' ').collect();
    for groups in groups.chunks(GROUPS_A_LINE) {
        sheet.line(Line::of(format!("    {}", groups.join("  ")), Token::Focus));
    }
    sheet.line(Line::labelled("void", 9, passing::end(model, open.expires), Token::Muted));
    let command = format!("turret enrol --server HOST:{}", open.port);
    sheet.line(Line::labelled("they run", 9, command, Token::Text));
    sheet.line(Line::of("and read eight letters to you: let the device in on Devices.", Token::Muted));
    sheet.line(Line::of("Esc puts it away for good", Token::Muted));
    sheet
}

/// A person to be created.
pub(super) fn new_person(model: &Model, open: &NewPerson) -> Sheet {
    let mut sheet = money_sheet(model, "CREATE A PERSON  nothing is sent yet");
    let text = |label, field: &Field, focus| {
        let before = super::pen::columns(field.before_cursor());
        Line::labelled(label, 8, "", Token::Text).field(field.text(), before, 40, open.focus == focus, false)
    };
    let choice = |label, shown: String, focus| {
        let (word, token) = if open.focus == focus { ("< > ", Token::Focus) } else { ("    ", Token::Text) };
        Line::labelled(label, 8, format!("{word}{shown}"), token)
    };
    sheet.line(text("Login", &open.login, Focus::Login));
    sheet.line(text("Name", &open.name, Focus::Name));
    sheet.line(choice("Role", open.role.to_string(), Focus::Role));
    let code = open.desk.and_then(|desk| house::desks(model).into_iter().find(|(known, _)| *known == desk));
    let desk = code.map_or_else(|| "no desk".into(), |(_, code)| escaped(code));
    sheet.line(choice("Desk", desk, Focus::Desk));
    sheet.line(Line::of("What the role does on the desk they may do with its accounts.", Token::Muted));
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// What a person may do with an account, or a limit of one.
pub(super) fn entrust(model: &Model, open: &Form) -> Sheet {
    let field = |label: &str, field: &Field, focus, width| {
        let before = super::pen::columns(field.before_cursor());
        Line::labelled(label, 9, "", Token::Text).field(field.text(), before, width, open.focus == focus, false)
    };
    let choice = |label: &str, shown: String| {
        let chosen = open.focus == entrust::Focus::Choice;
        let (word, token) = if chosen { ("< > ", Token::Focus) } else { ("    ", Token::Text) };
        Line::labelled(label, 9, format!("{word}{shown}"), token)
    };
    let matching = open.matching(model);
    let codes: Vec<String> = matching.iter().take(CODES_SHOWN).map(|row| escaped(&row.code)).collect();
    let more = matching.len().saturating_sub(codes.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let hint = if codes.is_empty() { model.users.codes.emptiness("no such account") } else { codes.join(" ") + &more };
    let title = match &open.what {
        What::Rights { .. } => "RIGHTS ON AN ACCOUNT  nothing is sent yet",
        What::Limit { .. } => "LIMIT OF AN ACCOUNT  nothing is sent yet",
    };
    let mut sheet = money_sheet(model, title);
    if let What::Rights { login, .. } = &open.what {
        sheet.line(Line::labelled("Person", 9, escaped(login), Token::Focus));
    }
    sheet.line(field("Account", &open.account, entrust::Focus::Account, 16));
    sheet.line(Line::labelled("", 9, hint, Token::Muted));
    match &open.what {
        What::Rights { to, lasts, .. } => {
            sheet.line(choice("May", to.words().into()));
            let hint = "  8h or 5d; empty: until something else is said";
            sheet.line(field("For", lasts, entrust::Focus::Value, 6).and(hint, Token::Muted));
            let now = open.now(model).unwrap_or_else(|| format::NONE.into());
            sheet.line(Line::labelled("Now", 9, now, Token::Muted));
        }
        What::Limit { rule, value } => {
            sheet.line(choice("Rule", rule.to_string()));
            let unit = format!("  {}", entrust::unit(*rule));
            sheet.line(field("Limit", value, entrust::Focus::Value, 16).and(unit, Token::Muted));
            sheet.line(Line::labelled("", 9, "Empty lifts it. The tightest that applies binds.", Token::Muted));
        }
    }
    said(&mut sheet, open.message.as_ref());
    sheet
}

/// Leave?
pub(super) fn quit(model: &Model, open: &Quit) -> Sheet {
    let mut sheet = money_sheet(model, "Leave?");
    let working = model.my_working();
    let text = match working {
        0 => "You have no working orders.".to_owned(),
        1 => "1 order of yours stays working at the venue.".to_owned(),
        n => format!("{n} orders of yours stay working at the venue."),
    };
    sheet.line(Line::of(text, Token::Focus));
    for row in model.orders.newest_mine(5) {
        sheet.line(Line::of(
            format!("  {}  leaves {}", command::order_line(model, row.id), format::qty(row.leaves)),
            Token::Text,
        ));
    }
    if working > 5 {
        sheet.line(Line::of(format!("  and {} more", working.saturating_sub(5)), Token::Muted));
    }
    let flying = model.flights.len();
    if flying > 0 {
        sheet.line(Line::of(format!("{flying} requests are not answered yet."), Token::Warn));
    }
    let keys = model.keys.say("      {confirm} leave, signing out      Esc stay");
    sheet.line(Line::of("> [Stay] Enter", Token::Focus).and(keys, Token::Text));
    said(&mut sheet, open.message.as_ref());
    sheet
}
