//! The lines every screen has: badges and clocks, tabs, the message, the hints; it must take hints from the registry.

use turret_shared::command::Environment;
use turret_shared::role::Permission;
use turret_shared::text::escaped;
use turret_shared::view::TradingState;

use super::passing;
use super::pen::{Pen, Span, columns};
use super::theme::Token;
use crate::actions::{self, Id};
use crate::app::house::Purpose;
use crate::app::keying::Wait;
use crate::app::modal::Modal;
use crate::app::session::{self, Link};
use crate::app::spoken::Tone;
use crate::app::{Model, Screen, geometry};
use crate::format;

/// `[SIM]` or `[LIVE]`.
pub(super) fn badge(model: &Model) -> Span {
    match model.server.environment {
        Environment::Sim => ("[SIM]".into(), Token::Sim),
        Environment::Live => ("[LIVE]".into(), Token::Live),
    }
}

/// How much of the top line is told: what says least is the first to go where there is no room.
#[derive(Clone, Copy)]
struct Fullness {
    /// All that is said of where prices come from, not only what stands before the colon.
    source: bool,
    venues_max: usize,
    feed: bool,
}

/// Badges, who, venues, link, clocks.
pub(super) fn top(pen: &mut Pen<'_>, model: &Model) {
    let width = model.size.0;
    let clocks = passing::clocks(model);
    let room = width.saturating_sub(columns(&clocks)).saturating_sub(1);
    // Below 120 columns what follows the colon is said by the message line.
    let (source, feed, venues_max) = match width {
        160.. => (true, true, 3),
        120.. => (true, true, 2),
        _ => (false, false, 1),
    };
    let full = Fullness { source, venues_max, feed };
    let fewer = [
        Fullness { feed: false, ..full },
        Fullness { feed: false, venues_max: 1, ..full },
        Fullness { feed: false, venues_max: 1, source: false },
    ];
    let wide = |spans: &[Span]| spans.iter().fold(0_u16, |sum, (text, _)| sum.saturating_add(columns(text)));
    let mut spans = told(model, full);
    for less in fewer {
        if wide(&spans) <= room {
            break;
        }
        spans = told(model, less);
    }
    if let Some((last, before)) = spans.split_last() {
        // The link is told whatever else must give way.
        let link = columns(&last.0).min(room);
        let x = pen.spans(0, 0, room.saturating_sub(link), before);
        pen.text(x, 0, link, &last.0, last.1);
    }
    pen.right(0, 0, width, &clocks, Token::Text);
}

/// Everything left of the clocks; the link is last.
fn told(model: &Model, full: Fullness) -> Vec<Span> {
    let gap = if model.size.0 >= 120 { "   " } else { "  " };
    let mut spans = vec![badge(model)];
    let source = escaped(&model.server.data_source);
    let source = if full.source { source } else { source.split(':').next().unwrap_or("").to_owned() };
    if !source.is_empty() && model.may(Permission::QuoteRead) {
        spans.push((format!(" data {source}"), if source == "SIM" { Token::Muted } else { Token::Warn }));
    }
    if let Some(session) = &model.session {
        let user = &session.user;
        let gap = if spans.len() > 1 { gap } else { " " };
        spans.push((format!("{gap}{}", escaped(&user.login)), Token::Focus));
        spans.push((
            format!(" {} {}", session.held_role(), escaped(&user.desk_code)).trim_end().to_owned(),
            Token::Text,
        ));
    }
    match session_left(model).filter(|_| model.counts_down()) {
        Some(left) => {
            let ends = model.session.as_ref().is_some_and(session::Session::ends_for_good);
            let what = if ends { "12 h limit, no key puts it off" } else { "press any key" };
            let text = format!("{gap}signs out in {}: {what}", format::countdown(left));
            spans.push((text, Token::Warn));
        }
        None if model.link == Link::Up => {
            let venues = venues(model, full.venues_max).into_iter();
            spans.extend(venues.map(|(text, token)| (format!("{gap}{text}"), token)));
        }
        // What the venues do is not known without a link.
        None => {}
    }
    spans.push(link(model, gap, full.feed));
    spans
}

fn session_left(model: &Model) -> Option<u64> {
    model.session.as_ref().map(|session| session.seconds_left(model.now.mono_ms))
}

fn link(model: &Model, gap: &str, feed: bool) -> Span {
    match &model.link {
        Link::Up => {
            // At a quiet desk it is not measured.
            let measured = model.round_trip_us.filter(|_| model.quiet_since().is_none());
            let trip = measured.map_or_else(|| "up".into(), round_trip);
            let feed = model.session.as_ref().and_then(|session| session.through).filter(|_| feed);
            let feed =
                feed.map(|n| format!("  feed {}", turret_shared::money::grouped(&n.to_string()))).unwrap_or_default();
            (format!("{gap}{trip}{feed}"), Token::Muted)
        }
        Link::Connecting => (format!("{gap}connecting"), Token::Warn),
        Link::Lost { since, .. } => (format!("{gap}LINK LOST {}", format::clock(*since, &model.zone())), Token::Error),
    }
}

pub(super) fn round_trip(us: u64) -> String {
    if us >= 10_000 { format!("{} ms", us / 1_000) } else { format!("{}.{} ms", us / 1_000, us / 100 % 10) }
}

/// `XNAS OPEN`, one a venue: its most common state.
fn venues(model: &Model, venues_max: usize) -> Vec<Span> {
    if model.desk.venue_up == Some(false) {
        return vec![("VENUE LINK DOWN".into(), Token::Error)];
    }
    let mut list: Vec<_> = model.venues.iter().collect();
    // The venue of the listing at hand first, then the largest.
    let here = model.listing().and_then(|id| model.desk.instruments.get(&id)).map(|i| i.mic.as_str());
    list.sort_by_key(|venue| (here != Some(&venue.mic), std::cmp::Reverse(venue.listings()), venue.mic.as_str()));
    let halted: usize = list.iter().map(|venue| venue.halted()).sum();
    let mut spans: Vec<Span> = list
        .into_iter()
        .take(venues_max)
        .map(|venue| {
            let token = if venue.state() == TradingState::Open { Token::Text } else { Token::Warn };
            (format!("{} {}", escaped(&venue.mic), venue.state().word()), token)
        })
        .collect();
    if halted > 0 && venues_max > 1 {
        spans.push((format!("{halted} HALTED"), Token::Warn));
    }
    spans
}

/// Screens with their keys, the one shown in capitals; what waits for the person on the right.
pub(super) fn tabs(pen: &mut Pen<'_>, model: &Model) {
    let right = model.waiting();
    let mut x = 0;
    for tab in crate::app::tabs::line(model, columns(&right)) {
        let token = if tab.screen == model.screen { Token::Focus } else { Token::Muted };
        x = pen.text(tab.x, 1, 20, &tab.text, token).saturating_add(2);
    }
    pen.right(x, 1, model.size.0.saturating_sub(x), &right, Token::Warn);
}

/// The lines above the hints: what is wrong, else what was said, else how things stand.
pub(super) fn message(pen: &mut Pen<'_>, model: &Model) {
    let (width, hints) = (model.size.0, model.size.1.saturating_sub(1));
    let Some((lines, tone)) = model.spoken_lines() else {
        let (text, token) = standing(model);
        pen.cut(0, hints.saturating_sub(1), width, &text, token);
        return;
    };
    let token = match tone {
        Tone::Passes => Token::Text,
        Tone::Stays => Token::Warn,
        Tone::Wrong => Token::Error,
    };
    for (y, line) in (hints.saturating_sub(model.message_lines())..hints).zip(lines) {
        pen.cut(0, y, width, line.trim_end(), token);
    }
}

/// What is wrong, else what was said.
pub(super) fn said(model: &Model) -> Option<String> {
    model.spoken().map(|(text, _)| text)
}

fn standing(model: &Model) -> Span {
    match model.screen {
        Screen::Blotter => {
            let tally = model.orders.tally();
            let sending = model.flights.values().filter(|flight| flight.is_of_orders()).count();
            let mut text = format!("{} working", tally.working);
            if sending > 0 {
                text.push_str(&format!(", {sending} sending"));
            }
            if tally.needing > 0 {
                text.push_str(&format!(
                    ", {} need you (!): {} goes to the next",
                    tally.needing,
                    model.keys.first(Id::NextNeedsYou)
                ));
            }
            text.push('.');
            let marks = model.blotter.marks.len();
            if marks > 0 {
                let hidden = model.blotter.marks_hidden(&model.orders, &model.desk);
                let seen = if hidden == 0 { "all shown".into() } else { format!("{hidden} hidden") };
                text.push_str(&format!("  Marked {marks}, {seen}."));
            }
            if !model.drafts.is_empty() {
                text.push_str(&format!("  Drafts {}.", model.drafts.len()));
            }
            (text, Token::Muted)
        }
        Screen::Audit if !model.audit.words.is_empty() => {
            let taken = escaped(&model.audit.taken_for);
            (format!("Taken for {taken}. Your reading is itself recorded."), Token::Muted)
        }
        Screen::Audit => ("Your reading of this record is itself recorded.".into(), Token::Muted),
        _ => (String::new(), Token::Muted),
    }
}

/// Keys that work here, from the registry, as many as fit; help and palette always.
pub(super) fn hints(pen: &mut Pen<'_>, model: &Model) {
    let y = model.size.1.saturating_sub(1);
    let width = model.size.0;
    if let Some(text) = window_hints(model) {
        pen.text(0, y, width, &model.keys.say(text), Token::Accent);
        return;
    }
    let end = model.keys.say("{help} help  {palette} all");
    let room = width.saturating_sub(columns(&end)).saturating_sub(2);
    let situation = model.situation();
    let mut x = 0;
    for id in wanted(model) {
        let can = |action: &&actions::Action| model.disabled_in(action, situation).is_none();
        let Some(action) = actions::action(*id).filter(can) else { continue };
        let Some(key) = model.keys.keys(action.id).first() else { continue };
        let text = format!("{key} {}", action.name);
        if x + columns(&text) > room {
            continue;
        }
        x = pen.text(x, y, room, &text, Token::Accent).saturating_add(2);
    }
    pen.text(x, y, width.saturating_sub(x), &end, Token::Accent);
}

/// What is done to people.
const ALERTS: &[Id] = &[
    Id::Dismiss,
    Id::NextNeedsYou,
    Id::AlertAcknowledge,
    Id::AlertTake,
    Id::AlertAssign,
    Id::AlertResolve,
    Id::Open,
    Id::TabNext,
    Id::Denied,
    Id::Bans,
    Id::Copy,
    Id::TimeZone,
    Id::Lock,
    Id::Quit,
];

const AUDIT: &[Id] =
    &[Id::Open, Id::Filter, Id::NextNeedsYou, Id::AuditPack, Id::TabNext, Id::Copy, Id::TimeZone, Id::Lock, Id::Quit];

const APPROVALS: &[Id] = &[
    Id::Approve,
    Id::Refuse,
    Id::Collect,
    Id::Withdraw,
    Id::Open,
    Id::NextNeedsYou,
    Id::Copy,
    Id::TimeZone,
    Id::Lock,
    Id::Quit,
];

const HOUSE: &[Id] = &[
    Id::DeskOpen,
    Id::AccountOpen,
    Id::CashMove,
    Id::RestrictedAdd,
    Id::RestrictedRemove,
    Id::KeyModelAdd,
    Id::KeyModelRemove,
    Id::RoleCompose,
    Id::RoleRetire,
    Id::Open,
    Id::Filter,
    Id::Bulk,
    Id::Copy,
    Id::Lock,
    Id::Quit,
];

const PEOPLE: &[Id] = &[
    Id::UserUnlock,
    Id::UserLock,
    Id::UserRole,
    Id::UserCreate,
    Id::UserCode,
    Id::UserRights,
    Id::UserDesk,
    Id::NextNeedsYou,
    Id::Open,
    Id::Filter,
    Id::Bulk,
    Id::Copy,
    Id::TimeZone,
    Id::Lock,
    Id::Quit,
];

const fn wanted(model: &Model) -> &'static [Id] {
    match model.screen {
        Screen::Blotter => &[
            Id::OrderBuy,
            Id::OrderSell,
            Id::OrderAmend,
            Id::OrderCancel,
            Id::OrderCancelMarked,
            Id::Filter,
            Id::NextNeedsYou,
            Id::Mark,
            Id::TabNext,
            Id::Freeze,
            Id::Zoom,
            Id::Copy,
            Id::Sort,
            Id::OrderCancelAllMine,
        ],
        Screen::Quotes => &[
            Id::OrderBuy,
            Id::OrderSell,
            Id::Chart,
            Id::PaneNext,
            Id::Filter,
            Id::WatchAdd,
            Id::Recentre,
            Id::Zoom,
            Id::Copy,
            Id::TimeZone,
        ],
        Screen::Positions => {
            &[Id::Open, Id::OrderBuy, Id::OrderSell, Id::Filter, Id::Sort, Id::Copy, Id::TimeZone, Id::Quit]
        }
        Screen::Accounts => &[Id::Filter, Id::Sort, Id::Copy, Id::TimeZone, Id::Quit],
        Screen::Fills => {
            &[Id::Open, Id::OrderBuy, Id::OrderSell, Id::Filter, Id::Sort, Id::Copy, Id::TimeZone, Id::Quit]
        }
        Screen::Audit => AUDIT,
        Screen::Alerts => ALERTS,
        Screen::House => HOUSE,
        Screen::Denied => &[Id::DeniedReview, Id::Open, Id::Alerts, Id::Bans, Id::Filter, Id::Copy, Id::Lock, Id::Quit],
        Screen::Bans => {
            &[Id::BanLift, Id::BanAdd, Id::Open, Id::Alerts, Id::Denied, Id::Filter, Id::Copy, Id::Lock, Id::Quit]
        }
        Screen::Limits => &[Id::LimitSet, Id::PolicySet, Id::Open, Id::Filter, Id::Copy, Id::Lock, Id::Quit],
        Screen::Approvals => APPROVALS,
        Screen::Users => PEOPLE,
        Screen::Sessions => &[Id::SessionEnd, Id::Open, Id::Filter, Id::Copy, Id::TimeZone, Id::Lock, Id::Quit],
        Screen::Devices => &[
            Id::DeviceConfirm,
            Id::UserUnlock,
            Id::DeviceRevoke,
            Id::NextNeedsYou,
            Id::Open,
            Id::Filter,
            Id::Copy,
            Id::TimeZone,
            Id::Lock,
            Id::Quit,
        ],
    }
}

/// While text is typed on the screen itself.
fn typed_hints(model: &Model) -> Option<&'static str> {
    Some(match model.screen {
        Screen::Audit if model.audit.typing => {
            "Enter searches  Esc rows  O12 E12 7F3A-.. A1001 AAPL ann.lee denied since=10:31"
        }
        Screen::Quotes if model.quotes.typing && model.quotes.adding => {
            "Enter adds it to your list  Up/Down chooses  Esc leaves  a symbol or a name"
        }
        Screen::Quotes if model.quotes.typing => "Enter keeps the filter  Esc clears it  a symbol or part of a name",
        Screen::Blotter if model.blotter.typing => {
            "Enter keeps the filter  Esc clears it  symbol, account, status, side, O123"
        }
        Screen::Fills | Screen::Positions if typed_over(model) => {
            "Enter keeps the filter  Esc clears it  symbol, account, client, side, O123"
        }
        Screen::Accounts if typed_over(model) => {
            "Enter keeps the filter  Esc clears it  account, client, desk, currency"
        }
        _ if typed_over(model) => "Enter keeps the filter  Esc clears it  any word of the rows",
        _ => return None,
    })
}

fn typed_over(model: &Model) -> bool {
    matches!(model.lists.filter(model.screen), Some((_, true)))
}

/// In the windows that take a code: a demonstration's authenticator types it, and no other.
fn coded_hints(model: &Model) -> Option<&'static str> {
    let demo = model.demo_authenticator().is_some();
    Some(match (model.modals.last()?, demo) {
        (Modal::StepUp(_), true) => {
            "six digits, Enter   {sign-in-key} key   {sign-in-code} demo code   Esc gives up: nothing is sent"
        }
        (Modal::StepUp(_), false) => "six digits, Enter   {sign-in-key} key   Esc gives up: nothing is sent",
        (Modal::NewKey(_), true) => {
            "Tab next   Enter on, at last asks the key   {sign-in-code} demo code   Esc gives up"
        }
        (Modal::NewKey(_), false) => "Tab next   Enter on, at last asks the key   Esc gives up",
        (Modal::Password(_), true) => {
            "Tab next   Enter on, at last changes it   {sign-in-code} demo fills in   Esc gives up"
        }
        (Modal::Password(_), false) => "Tab next   Enter on, at last changes it   Esc gives up",
        _ => return None,
    })
}

fn window_hints(model: &Model) -> Option<&'static str> {
    if let Some(open) = model.keying_shown() {
        let demo = model.demo_authenticator().is_some();
        return Some(match (&open.wait, demo) {
            (Wait::Pin { .. }, true) => {
                "type the PIN, Enter   {sign-in-code} demo PIN   Esc gives up: nothing is signed"
            }
            (Wait::Pin { .. }, false) => "type the PIN, Enter   Esc gives up: nothing is signed",
            (Wait::Touch, true) => "touch the key   {sign-in-code} demo touch   Esc gives up: nothing is signed",
            _ => "Esc gives up: nothing is signed",
        });
    }
    match model.modals.last() {
        None if typed_hints(model).is_some() => typed_hints(model),
        None if !geometry::fits(model.size) => Some("{lock} lock"),
        None => None,
        Some(Modal::Ticket(ticket)) if ticket.review.is_some() => Some("{confirm} send   Enter/Esc back to the fields"),
        Some(Modal::Ticket(ticket)) if ticket.aside(model.now.wall).is_none() => Some(
            "Enter next  {pane-next} all  {tick-up}/{tick-down} tick  {ticks-up}/{ticks-down} x10  {take-touch} touch  {modal-second} review  Esc back",
        ),
        Some(Modal::Ticket(_)) => Some(
            "Enter next  {pane-next} all  {tick-up}/{tick-down} tick  {ticks-up}/{ticks-down} x10  {take-touch} touch  {modal-second} review  Esc draft",
        ),
        Some(Modal::Denied(_)) if !model.may(Permission::OrderEnter) => Some("{copy} copy  {dismiss} dismiss"),
        Some(Modal::Denied(denied)) if denied.would_pass().is_some() => {
            Some("{edit-denied} edit  1 use what would pass  {copy} copy  {dismiss} dismiss")
        }
        Some(Modal::Denied(_)) => Some("{edit-denied} edit  {copy} copy  {dismiss} dismiss"),
        Some(Modal::Refused(_)) => Some("Enter detail  {copy} copy  {dismiss} dismiss"),
        Some(Modal::Cancel(_)) => Some("{confirm} cancel this order   Enter/Esc back"),
        Some(Modal::CancelMarked(open)) if open.hidden > 0 => {
            Some("type the count, Enter   h shows hidden ones   Esc back")
        }
        Some(Modal::CancelMarked(_)) => Some("type the count, Enter   Esc back"),
        Some(Modal::CancelAll(_)) => Some("type the word, Enter   Esc back"),
        Some(Modal::StepUp(_) | Modal::NewKey(_) | Modal::Password(_)) => coded_hints(model),
        Some(Modal::Help(_)) => Some("type to search   Up/Down scroll   Esc back"),
        Some(Modal::Palette(_)) => Some("type to search   Up/Down choose   Enter does it   Esc back"),
        Some(Modal::Manage(_)) => Some("{confirm} do it   Up/Down why   Left/Right choose   Enter/Esc back"),
        Some(Modal::Review(_)) => Some("{confirm} say so   Up/Down choose   Enter/Esc back"),
        Some(Modal::Ban(_)) => Some("type it   Tab next   Enter on, at last asks   Esc back"),
        Some(Modal::Table(open)) => Some(super::bulk::hints(&open.stage)),
        Some(Modal::House(form)) if matches!(form.purpose, Purpose::Account) => {
            Some("type it   Tab the desk   Enter asks   Esc back")
        }
        Some(Modal::House(_)) => Some("type it   Enter asks   Esc back"),
        Some(Modal::Compose(_)) => Some("Up/Down choose   Space takes away, gives back   Enter asks   Esc back"),
        Some(Modal::Policy(_)) => Some("Up/Down chooses   type the figure   Enter asks   Esc back"),
        Some(Modal::Handle(_)) => Some("{confirm} say so   Up/Down choose   Enter/Esc back"),
        Some(Modal::Judge(_)) => Some("{confirm} say so   Up/Down why   Enter/Esc back"),
        Some(Modal::Code(_)) => Some("Esc puts it away for good"),
        Some(Modal::NewPerson(_)) => Some("Tab next   Left/Right choose   Enter on, at last asks   Esc back"),
        Some(Modal::Entrust(_)) => Some("Tab next   Left/Right choose   Enter on, at last asks   Esc back"),
        Some(Modal::Own(_)) => Some("Up/Down   x ends or gives up   n names   Esc back"),
        Some(Modal::Quit(_)) => Some("{confirm} leave   Enter/Esc stay"),
    }
}
