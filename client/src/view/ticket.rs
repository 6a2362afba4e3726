//! The ticket's picture: fields, market, cost, checks, review line; the review line is read from the command's bytes.

use turret_shared::command::Verb;
use turret_shared::denial::{Figure, Rule, RuleUse};
use turret_shared::money::Qty;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::text::escaped;

use super::denied::rule_line;
use super::passing;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::app::field::Field;
use crate::app::geometry::{self, Area};
use crate::app::market::Quote;
use crate::app::ticket::{Focus, Kind, Ticket, market_moved};
use crate::app::{Model, command};
use crate::format;

const LABEL: usize = 9;

/// Floating.
pub(super) fn wide(model: &Model, ticket: &Ticket) -> Sheet {
    let mut sheet = super::windows::money_sheet(model, &title(model, ticket));
    sheet.corner.push_str("  NOT SENT");
    let head = fields(model, ticket, false);
    let mut middle = market(model, ticket, false);
    middle.extend(effect(model, ticket, false));
    middle.extend(checks(model, ticket, false).0);
    let foot = foot(model, ticket, false);
    // What is asked for must be seen whole: rules and keys that stand below anyway give way first.
    let room = usize::from(geometry::body(model).h.saturating_sub(2));
    let taken = |foot: &[Line]| [&head, &middle, foot].iter().flat_map(|part| part.iter()).map(high).sum::<usize>();
    let tight = taken(&foot).saturating_add(2) > room;
    let foot = if tight && ticket.review.is_none() { said(ticket) } else { foot };
    let rules = taken(&foot).saturating_add(2) <= room;
    sheet.lines = head;
    sheet.lines.extend(rules.then(Line::rule));
    sheet.lines.extend(middle);
    sheet.lines.extend(rules.then(Line::rule));
    let over = sheet.lines.iter().chain(&foot).map(high).sum::<usize>().saturating_sub(room);
    // The note is the one field nobody decides by, the symbol stands in the title, and the review line repeats the rest.
    let repeated = |focus: Focus| match focus {
        Focus::Note | Focus::Symbol => focus != ticket.focus || ticket.review.is_some(),
        Focus::Tif | Focus::Type => ticket.review.is_some(),
        _ => false,
    };
    let shown = ticket.fields();
    let spare = shown.iter().enumerate().rev().filter(|(_, focus)| repeated(**focus)).map(|(at, _)| at);
    for at in spare.take(over) {
        sheet.lines.remove(at);
    }
    sheet.lines.extend(foot);
    sheet
}

/// Inner width of the floating ticket.
pub(super) const WIDE: u16 = 64;

fn high(line: &Line) -> usize {
    line.folded(WIDE).len()
}

/// Docked: what does not fit gives way in the order of what is least decided by, and never what is about to be sent.
pub(super) fn narrow(model: &Model, ticket: &Ticket, dock: Area) -> Sheet {
    let mut sheet = super::windows::money_sheet(model, &title(model, ticket));
    sheet.corner.push_str("  NOT SENT");
    let reviewed = ticket.review.is_some();
    let field = |focus: Focus| match focus {
        Focus::Note => 3,
        Focus::Symbol => 4,
        Focus::Tif | Focus::Type if reviewed => 7,
        _ if reviewed => 8,
        _ => KEPT,
    };
    let fields = ticket.fields().into_iter().zip(fields(model, ticket, true));
    let mut lines: Vec<(u8, Line)> = fields
        .map(|(focus, line)| (if focus == ticket.focus && !reviewed { KEPT } else { field(focus) }, line))
        .collect();
    lines.push((2, Line::rule()));
    lines.extend(market(model, ticket, true).into_iter().map(|line| (6, line)));
    lines.extend(effect(model, ticket, true).into_iter().map(|line| (9, line)));
    lines.push((2, Line::rule()));
    let (said, passing) = checks(model, ticket, true);
    lines.extend(said.into_iter().map(|line| (KEPT, line)));
    lines.extend(passing.into_iter().map(|line| (1, line)));
    lines.push((2, Line::rule()));
    let hints = if reviewed { KEPT } else { 5 };
    lines.extend(foot(model, ticket, true).into_iter().map(|line| (hints, line)));
    let high = |lines: &[(u8, Line)]| lines.iter().map(|(_, line)| line.folded(dock.w).len()).sum::<usize>();
    let room = usize::from(dock.h.saturating_sub(2));
    while high(&lines) > room {
        let least = lines.iter().map(|(rank, _)| *rank).filter(|rank| *rank < KEPT).min();
        let Some(at) = least.and_then(|least| lines.iter().rposition(|(rank, _)| *rank == least)) else { break };
        lines.remove(at);
    }
    sheet.lines = lines.into_iter().map(|(_, line)| line).collect();
    sheet
}

/// Rank of a line that gives way to none; of the others the lowest goes first.
const KEPT: u8 = u8::MAX;

fn title(model: &Model, ticket: &Ticket) -> String {
    let side = ticket.side().word();
    let Some(listing) = ticket.instrument(model) else { return format!("{side} ?") };
    let symbol = escaped(&listing.symbol);
    match ticket.kind {
        Kind::New(_) => format!("{side} {symbol}  {}  {}", escaped(&listing.mic), listing.currency),
        // Where it trades was settled when it was new; what stands beside the title needs the room.
        Kind::Amend(order) => format!("AMEND {order}  {side} {symbol}"),
    }
}

struct Form<'a> {
    model: &'a Model,
    ticket: &'a Ticket,
    narrow: bool,
}

impl Form<'_> {
    fn line(&self, focus: Focus, label: &str, field: &Field, width: usize, note: String) -> Line {
        let focused = self.ticket.focus == focus && self.ticket.review.is_none();
        let number = matches!(focus, Focus::Quantity | Focus::Price | Focus::Stop);
        let before = super::pen::columns(field.before_cursor());
        let line = Line::labelled(label, LABEL, "", Token::Text).field(field.text(), before, width, focused, number);
        // What is missing is said where the person is; what is wrong, always.
        let fault = self.ticket.fault(focus, self.model).filter(|_| focused || !field.is_empty());
        match fault {
            Some(fault) if !field.is_empty() => line.and(format!(" {fault}"), Token::Error),
            Some(fault) => line.and(format!(" {fault}"), Token::Warn),
            None => line.and(format!(" {note}"), Token::Muted),
        }
    }

    fn choice(&self, focus: Focus, label: &str, word: &str, note: String) -> Line {
        let focused = self.ticket.focus == focus && self.ticket.review.is_none();
        let line = Line::labelled(label, LABEL, "", Token::Text).field(word, 0, 3, focused, false);
        match self.ticket.fault(focus, self.model) {
            Some(fault) => line.and(format!(" {fault}"), Token::Error),
            None if focused => line.and(" Space or letter changes it", Token::Muted),
            None => line.and(format!(" {note}"), Token::Muted),
        }
    }
}

fn fields(model: &Model, ticket: &Ticket, narrow: bool) -> Vec<Line> {
    let form = Form { model, ticket, narrow };
    let instrument = ticket.instrument(model);
    let mut lines = Vec::new();
    for focus in ticket.fields() {
        lines.push(match focus {
            Focus::Account => form.line(focus, "Account", &ticket.account, 7, account_note(model, ticket)),
            Focus::Symbol => {
                let name = instrument.map(|i| escaped(&i.name)).unwrap_or_default();
                form.line(focus, "Symbol", &ticket.symbol, 7, name)
            }
            Focus::Quantity => {
                let label = if matches!(ticket.kind, Kind::Amend(_)) { "Total" } else { "Quantity" };
                form.line(focus, label, &ticket.quantity, 10, quantity_note(model, ticket, form.narrow))
            }
            Focus::Type => form.choice(focus, "Type", ticket.ord_type.word(), type_note(ticket.ord_type).into()),
            Focus::Price => {
                let tick = instrument.map(|i| format!("tick {}", i.tick)).unwrap_or_default();
                form.line(focus, "Price", &ticket.price, 10, price_note(model, ticket).unwrap_or(tick))
            }
            Focus::Stop => {
                let way = if ticket.side() == Side::Buy { "rises to it" } else { "falls to it" };
                form.line(focus, "Stop", &ticket.stop, 10, format!("triggers when last {way}"))
            }
            Focus::Tif => form.choice(focus, "TIF", ticket.tif.word(), tif_note(ticket.tif).into()),
            Focus::Note => form.line(focus, "Note", &ticket.note, if narrow { 26 } else { 44 }, String::new()),
        });
    }
    lines
}

fn account_note(model: &Model, ticket: &Ticket) -> String {
    let Some(account) = model.desk.account_named(ticket.account.text()) else { return String::new() };
    let capacity = match account.capacity {
        turret_shared::account::OrderCapacity::Agency => "agency",
        turret_shared::account::OrderCapacity::Principal => "principal",
        turret_shared::account::OrderCapacity::RisklessPrincipal => "riskless principal",
    };
    format!("{}, {capacity}, desk {}", escaped(&account.name), escaped(&account.desk_code))
}

fn quantity_note(model: &Model, ticket: &Ticket, narrow: bool) -> String {
    if let Kind::Amend(order) = ticket.kind {
        let Some(row) = model.orders.get(order) else { return String::new() };
        let left = ticket.qty().and_then(|qty| qty.minus(row.cum).ok()).filter(|qty| qty.is_positive());
        let left = left.map_or_else(|| format::UNKNOWN.into(), format::qty);
        return format!("was {}. Filled {}, so {left} left", format::qty(row.qty), format::qty(row.cum));
    }
    let lot = ticket.instrument(model).map_or(Qty::ONE, |i| i.lot);
    let typed = ticket.quantity.text();
    let echoed =
        ticket.qty().filter(|_| typed.contains(['k', 'K', 'm', 'M'])).map(|qty| format!("= {}", format::qty(qty)));
    echoed.unwrap_or_else(|| {
        let unit = if narrow { "" } else { "   2k = 2,000" };
        format!("lot {}{unit}", format::qty(lot))
    })
}

const fn type_note(kind: OrdType) -> &'static str {
    match kind {
        OrdType::Market => "at the best there is: see the worst case",
        OrdType::Limit => "at the price or better",
        OrdType::Stop => "market once the stop is reached",
        OrdType::StopLimit => "limit once the stop is reached",
    }
}

const fn tif_note(tif: TimeInForce) -> &'static str {
    match tif {
        TimeInForce::Day => "until the close",
        TimeInForce::Gtc => "until canceled",
        TimeInForce::Ioc => "at once, the rest canceled",
        TimeInForce::Fok => "all at once or nothing",
    }
}

fn price_note(model: &Model, ticket: &Ticket) -> Option<String> {
    let moved = market_moved(ticket, model).filter(|ticks| *ticks != 0)?;
    let side = if ticket.side() == Side::Buy { "ask" } else { "bid" };
    let unit = if moved.abs() == 1 { "tick" } else { "ticks" };
    Some(format!("{side} moved {moved:+} {unit} since you opened"))
}

fn touch(level: Option<turret_shared::view::Level>, decimals: usize) -> String {
    level.map_or_else(
        || format::NONE.into(),
        |l| format!("{} x {}", format::qty(l.qty), format::price(l.price, decimals)),
    )
}

fn market(model: &Model, ticket: &Ticket, narrow: bool) -> Vec<Line> {
    let Some(instrument) = ticket.instrument(model) else {
        return vec![Line::of("Which symbol? Its market shows here.", Token::Muted)];
    };
    let decimals = instrument.price_decimals();
    let Some(quote) = model.market.quote(instrument.id) else {
        return vec![
            Line::of("No picture of its market yet: ", Token::Warn).and("the price is not seeded", Token::Muted),
        ];
    };
    let stale = quote.is_stale(model.now.wall);
    let token = if stale { Token::Stale } else { Token::Text };
    let age = format!("{}{}", if stale { "~ " } else { "" }, passing::quote_age(model, quote));
    let last = quote.view.last.map_or_else(|| format::NONE.into(), |l| format::price(l.price, decimals));
    let mut lines = if narrow {
        vec![
            Line::labelled("Bid", LABEL, touch(quote.bid(), decimals), token),
            Line::labelled("Ask", LABEL, touch(quote.ask(), decimals), token),
            Line::labelled("Last", LABEL, format!("{last}   {age}"), token),
        ]
    } else {
        let sides = format!(
            "Bid {}     Ask {}     Last {last}  {age}",
            touch(quote.bid(), decimals),
            touch(quote.ask(), decimals)
        );
        vec![Line::of(sides, token)]
    };
    let does = Line::of(what_it_does(model, ticket, quote, decimals), Token::Text);
    match (collar(ticket, decimals), narrow) {
        (Some(band), true) => lines.extend([does, Line::labelled("Collar", LABEL, band, Token::Text)]),
        (Some(band), false) => lines.push(does.and(format!("  Collar {band}"), Token::Muted)),
        (None, _) => lines.push(does),
    }
    if let Kind::Amend(order) = ticket.kind {
        lines.extend(amending(model, ticket, order));
    }
    lines
}

/// The prices the collar lets through, as the dry run has them.
fn collar(ticket: &Ticket, decimals: usize) -> Option<String> {
    let rules = &ticket.preview.view.as_ref()?.rules;
    let rule = rules.iter().find(|rule| rule.rule == Rule::PriceCollar)?;
    matches!(rule.limit, Figure::Band(..)).then(|| format::figure(&rule.limit, decimals))
}

/// What an amend does to the order's place, and what it cannot do.
fn amending(model: &Model, ticket: &Ticket, order: turret_shared::ids::OrderId) -> Vec<Line> {
    let Some(row) = model.orders.get(order) else { return Vec::new() };
    let less = ticket.qty().is_some_and(|qty| qty < row.qty);
    let more = ticket.qty().is_some_and(|qty| qty > row.qty);
    let moved = ticket.limit_price() != row.price();
    if ticket.ord_type.has_stop() {
        let stop = ticket.stop_price() != row.stop();
        let place = match (stop, moved || more || less) {
            (true, _) => "waits anew; works at once if last is at the new stop",
            (false, true) => "waits for its stop as before",
            (false, false) => "nothing changes yet",
        };
        return vec![Line::labelled("Place", LABEL, place, if stop { Token::Warn } else { Token::Text })];
    }
    let place = match (moved, more, less) {
        (true, ..) => "loses its place in the queue (another price)",
        (false, true, _) => "loses its place in the queue (larger)",
        (false, false, true) => "keeps its place in the queue (smaller, same price)",
        (false, false, false) => "nothing changes yet",
    };
    vec![
        Line::labelled("Place", LABEL, place, if moved || more { Token::Warn } else { Token::Text }),
        Line::of("If fills come first the total is what is filled, never less.", Token::Muted),
    ]
}

/// `Takes the ask: 500 of 900 shown.`, `Joins the bid.`, `3 ticks behind the bid.`
fn what_it_does(model: &Model, ticket: &Ticket, quote: &Quote, decimals: usize) -> String {
    let side = ticket.side();
    let (near, far) = if side == Side::Buy { ("bid", "ask") } else { ("ask", "bid") };
    if ticket.ord_type.has_stop() {
        return "Waits out of the book until the stop is reached.".into();
    }
    if !ticket.ord_type.has_price() {
        return quote.far(side).map_or_else(
            || format!("No {far} to take now."),
            |l| format!("Takes the {far} from {}, as deep as it needs.", format::price(l.price, decimals)),
        );
    }
    let Some(price) = ticket.limit_price() else { return String::new() };
    if let Some(level) = quote.far(side) {
        let crosses = if side == Side::Buy { price >= level.price } else { price <= level.price };
        if crosses {
            let shown = format::qty(level.qty);
            return match ticket.qty() {
                None => format!("Takes the {far}: {shown} shown."),
                Some(wanted) if wanted > level.qty => {
                    format!("Takes the {far}: {} wanted, {shown} shown.", format::qty(wanted))
                }
                Some(wanted) => format!("Takes the {far}: {} of {shown} shown.", format::qty(wanted)),
            };
        }
    }
    let Some(level) = quote.near(side) else { return format!("Would be the best {near}.") };
    let behind = if side == Side::Buy { level.price.minus(price) } else { price.minus(level.price) };
    let tick = ticket.instrument(model).map(|i| i.tick);
    let ticks = tick.and_then(|tick| behind.ok()?.ticks(tick));
    match ticks {
        Some(0) => format!("Joins the {near} behind {}.", format::qty(level.qty)),
        Some(n) if n < 0 => format!("Improves the {near} by {}.", format::counted(n.unsigned_abs() as usize, "tick")),
        Some(n) => format!("{} behind the {near}.", format::counted(n.unsigned_abs() as usize, "tick")),
        None => String::new(),
    }
}

fn effect(model: &Model, ticket: &Ticket, narrow: bool) -> Vec<Line> {
    let Some(view) = &ticket.preview.view else {
        let why = match (&ticket.preview.fault, ticket.first_needed(model)) {
            (Some(fault), _) => Line::of(format!("No dry run: {fault}"), Token::Warn),
            (None, Some(_)) => Line::of("Cost, position and checks show once the fields are complete.", Token::Muted),
            (None, None) => Line::of("Asking the server for a dry run ...", Token::Muted),
        };
        return vec![why];
    };
    let currency = view.currency.map_or_else(String::new, |c| format!(" {c}"));
    let cost = view.notional.map_or_else(|| format::UNKNOWN.into(), |m| format!("{}{currency}", format::money(m)));
    let position = format!("{} -> {}", format::qty(view.position_before), format::qty(view.position_after));
    let before = format::money(view.buying_power_before);
    let after = format::money(view.buying_power_after);
    // An amend holds the dearer of old and new until it is answered.
    let reserved = matches!(ticket.kind, Kind::Amend(_)) && view.buying_power_before == view.buying_power_after;
    let after_token = if view.buying_power_after.is_negative() { Token::Error } else { Token::Text };
    if narrow {
        vec![
            Line::labelled("Notional", 13, format!("at most {cost}"), Token::Text),
            Line::labelled("Position", 13, position, Token::Text),
            Line::labelled("Buying power", 13, before, Token::Text),
            Line::labelled("", 13, format!("-> {after}"), after_token),
        ]
    } else {
        vec![
            Line::of(format!("Notional  at most {cost}    Position {position}"), Token::Text),
            Line::of(format!("Buying power  {before} -> "), Token::Text)
                .and(after, after_token)
                .and(if reserved { "  until the venue answers" } else { "" }, Token::Muted),
        ]
    }
}

fn percent(rule: &RuleUse) -> String {
    rule.use_percent.map(|n| format!("{n} %")).unwrap_or_default()
}

/// What the rules say, and apart from it, where there is room, the use of those that pass.
fn checks(model: &Model, ticket: &Ticket, narrow: bool) -> (Vec<Line>, Vec<Line>) {
    let Some(view) = &ticket.preview.view else { return (Vec::new(), Vec::new()) };
    let decimals = ticket.instrument(model).map_or(2, |i| i.price_decimals());
    let tripped: Vec<&RuleUse> = view.rules.iter().filter(|rule| rule.tripped).collect();
    let passed = view.rules.len().saturating_sub(tripped.len());
    let mut lines = Vec::new();
    let summary =
        if tripped.is_empty() { format!("{passed} pass") } else { format!("{} FAIL, {passed} pass", tripped.len()) };
    let token = if tripped.is_empty() { Token::Text } else { Token::Error };
    let mut head = Line::labelled("Checks", LABEL, summary, token);
    if !narrow
        && tripped.is_empty()
        && let Some(closest) = &view.closest
    {
        let text = format!(
            "   closest: {} {} of {}",
            closest.rule,
            percent(closest),
            format::figure(&closest.limit, decimals)
        );
        head = head.and(text, Token::Muted);
    }
    lines.push(head);
    for rule in &tripped {
        lines.push(Line::of(format!("! {}", rule_line(rule, decimals)), Token::Error));
    }
    if let Some(denial) = view.denial.as_ref().filter(|_| tripped.is_empty()) {
        lines.push(Line::of(format!("! would be denied: {}", denial.code), Token::Error));
    }
    let passing = view.rules.iter().filter(|rule| narrow && !rule.tripped && rule.use_percent.is_some()).map(|rule| {
        let figures = format::figure(&rule.used, decimals);
        Line::of(format!("  {:<16}{figures:>14} {:>6}", rule.rule.to_string(), percent(rule)), Token::Muted)
    });
    let passing = passing.collect();
    if ticket.confirms() {
        lines.push(Line::of("Sending confirms: an equal order was sent just before.", Token::Warn));
    }
    if view.step_up {
        lines.push(Line::of("A fresh code will be asked for.", Token::Warn));
    }
    (lines, passing)
}

fn foot(model: &Model, ticket: &Ticket, narrow: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let leaves = if ticket.aside(model.now.wall).is_some() { "draft" } else { "back" };
    match &ticket.review {
        Some(review) => {
            let line = match &review.command.verb {
                Verb::OrderNew(order) => command::new_order_line(model, order),
                Verb::OrderAmend(amend) => command::amend_line(model, amend),
                Verb::OrderCancel(_)
                | Verb::CancelAll(_)
                | Verb::Sim(_)
                | Verb::Manage(_)
                | Verb::CreateUser(_)
                | Verb::Judge(_)
                | Verb::Request(_)
                | Verb::Alert(_)
                | Verb::Own(_)
                | Verb::Ban(_)
                | Verb::Bulk(_)
                | Verb::Review(_) => String::new(),
            };
            let room = if narrow { 31 } else { 57 };
            let word = review.command.environment.word();
            let money = ticket.preview.view.as_ref().and_then(|v| Some((v.notional?, v.currency?)));
            let money = money.map(|(m, c)| format!("  {} {c}", format::money(m))).unwrap_or_default();
            for (at, text) in super::denied::wrapped(&format!("{line}{money}  {word}"), room).into_iter().enumerate() {
                lines.push(Line::labelled(if at == 0 { "SEND?" } else { "" }, 7, text, Token::Focus));
            }
            if narrow {
                let keys = model.keys.say("   {confirm} send   Esc back");
                lines.push(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
            } else {
                let keys = model.keys.say("        {confirm} send it            Esc back");
                lines.push(Line::of("> [Back] Enter", Token::Focus).and(keys, Token::Text));
            }
        }
        None if narrow => {
            lines.push(Line::of("Enter next needed field, then review", Token::Muted));
            lines.push(Line::of(
                model.keys.say("{tick-up}/{tick-down} tick or lot, {ticks-up}/{ticks-down} x10"),
                Token::Muted,
            ));
            let text = format!("{{take-touch}} far touch, {{modal-second}} review, Esc {leaves}");
            lines.push(Line::of(model.keys.say(&text), Token::Muted));
        }
        None => {
            lines.push(Line::of(
                model.keys.say("Enter next needed field, then review     {pane-next} every field"),
                Token::Muted,
            ));
            let text = format!(
                "{{tick-up}}/{{tick-down}} tick or lot   {{ticks-up}}/{{ticks-down}} x10   {{take-touch}} far touch   Esc {leaves}"
            );
            lines.push(Line::of(model.keys.say(&text), Token::Muted));
        }
    }
    lines.extend(said(ticket));
    lines
}

/// The word about the last key.
fn said(ticket: &Ticket) -> Vec<Line> {
    ticket.message.iter().map(|text| Line::of(text.clone(), Token::Warn)).collect()
}
