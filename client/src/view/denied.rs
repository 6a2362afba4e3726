//! A no, explained: rule, limit, this order, by how much, what would pass, who may; it must name every rule that tripped.

use turret_shared::denial::{Denial, Override, Rule, RuleUse};
use turret_shared::money::Price;
use turret_shared::role::{Permission, Role};
use turret_shared::text::escaped;
use turret_shared::time::{NS_PER_MS, Timestamp};

use super::passing;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::app::geometry;
use crate::app::modal::{Denied, Refused};
use crate::app::{Model, limits};
use crate::format;

/// A rule in words.
pub(super) const fn rule_words(rule: Rule) -> &'static str {
    match rule {
        Rule::MaxQuantity => "Quantity of one order",
        Rule::MaxNotional => "Notional of one order",
        Rule::PriceCollar => "Distance from the market",
        Rule::BuyingPower => "Buying power",
        Rule::LongSell => "Sale of what is long",
        Rule::RestrictedList => "Restricted list",
        Rule::DuplicateOrder => "Equal order just before",
        Rule::OrderRate => "Orders a minute",
    }
}

fn decimals(model: &Model, denied: &Denied) -> usize {
    let symbol = denied.draft.as_ref().map(|draft| draft.symbol.as_str());
    symbol.and_then(|s| model.desk.instrument_named(s)).map_or(2, |i| i.price_decimals())
}

/// A rule that trips and by what, in one line.
pub(super) fn rule_line(rule: &RuleUse, decimals: usize) -> String {
    let words = rule_words(rule.rule);
    match rule.rule {
        Rule::RestrictedList => format!("{words}: this listing is on it"),
        Rule::DuplicateOrder => format!("{words}: sending it confirms that you mean both"),
        _ => {
            format!("{words}: {} of {}", format::figure(&rule.used, decimals), format::figure(&rule.limit, decimals))
        }
    }
}

/// Limit, need and what is left, where the rule is about an amount at all.
fn figures(rule: &RuleUse, places: usize, label: usize, narrow: bool) -> Vec<Line> {
    let line = |name: &str, text: String, token: Token| Line::labelled(name, label, text, token);
    if matches!(rule.rule, Rule::RestrictedList | Rule::DuplicateOrder) {
        return Vec::new();
    }
    let mut lines = vec![line("Limit", format::figure(&rule.limit, places), Token::Text)];
    let spot = line("This order", format::figure(&rule.used, places), Token::Text);
    match (format::over_by(&rule.used, &rule.limit, places), narrow) {
        (None, _) => lines.push(spot),
        (Some(over), false) => lines.push(spot.and(format!("   over by {over}"), Token::Error)),
        (Some(over), true) => lines.extend([spot, line("Over by", over, Token::Error)]),
    }
    lines.push(line("Headroom", format::figure(&rule.headroom, places), Token::Text));
    lines
}

/// Who may let it through: the role, and the people of it known here.
fn who_may(model: &Model, rule: &RuleUse) -> String {
    match rule.overridable {
        Override::Nobody => "nobody".into(),
        Override::Confirm => "you, by reviewing and sending it again".into(),
        Override::Role(role) => by_role(model, role),
    }
}

fn by_role(model: &Model, role: Role) -> String {
    let desk = model.session.as_ref().map(|session| session.user.desk_code.as_str()).unwrap_or_default();
    let people: Vec<String> = model.desk.people(role, desk).into_iter().take(3).map(|u| escaped(&u.login)).collect();
    let desk = if desk.is_empty() || role != Role::Supervisor { String::new() } else { format!(" {}", escaped(desk)) };
    if people.is_empty() { format!("{role}{desk}") } else { format!("{role}{desk}: {}", people.join(", ")) }
}

fn tripped(denial: &Denial) -> Vec<&RuleUse> {
    denial.rules.iter().filter(|rule| rule.tripped).collect()
}

fn would_pass(denied: &Denied) -> String {
    denied.would_pass().map_or_else(
        || "no quantity alone would".into(),
        |qty| format!("{} or fewer, all else unchanged", format::qty(qty)),
    )
}

fn body(model: &Model, denied: &Denied, label: usize, narrow: bool) -> Vec<Line> {
    let places = decimals(model, denied);
    let rules = tripped(&denied.denial);
    let mut lines = Vec::new();
    let line = |name: &str, text: String, token: Token| Line::labelled(name, label, text, token);
    if let Some(first) = rules.first() {
        let words = rule_words(first.rule);
        if narrow {
            lines.push(line("Rule", words.into(), Token::Focus));
            lines.push(line("", first.rule.to_string(), Token::Muted));
        } else {
            lines.push(
                line("Rule", format!("{words:<28}"), Token::Focus).and(format!("({})", first.rule), Token::Muted),
            );
        }
        lines.extend(figures(first, places, label, narrow));
        set(model, denied, first, label, narrow, &mut lines);
        lines.push(line("Would pass", would_pass(denied), Token::Text));
        lines.push(line("Who may", who_may(model, first), Token::Text));
    } else {
        lines.push(line("Code", denied.denial.code.to_string(), Token::Focus));
    }
    for (at, rule) in rules.iter().skip(1).enumerate() {
        let head = if at == 0 { "Also fails" } else { "" };
        lines.push(line(head, rule_line(rule, places), Token::Error));
        if !matches!(rule.overridable, Override::Role(_)) {
            lines.push(line("", who_may(model, rule), Token::Muted));
        }
    }
    // The server's sentence says what the lines above say, unless a rule has no figures, or there is none.
    if rules.iter().all(|rule| figures(rule, places, label, narrow).is_empty()) {
        let text = format::figures_grouped(&escaped(&denied.denial.text));
        lines.extend(wrapped(&text, if narrow { 38 } else { 64 }).into_iter().map(|text| Line::of(text, Token::Text)));
    }
    lines.extend(denied.denial.until.map(|until| line("Wait", wait(model, until), Token::Focus)));
    if !denied.denial.rules.is_empty() {
        lines.push(line("Passed", format!("{} other checks", denied.denial.passed), Token::Muted));
    }
    if let Some(saw) = &denied.saw {
        let side = |price: Option<Price>| price.map_or_else(|| format::NONE.into(), |p| format::price(p, places));
        let age = format::age(i64::from(saw.age_ms).saturating_mul(NS_PER_MS));
        lines.push(line("You saw", format!("{} / {}, {age} old", side(saw.bid), side(saw.ask)), Token::Muted));
    }
    let zone = format::Zone::utc();
    let when = format::clock_ms(denied.time, &zone);
    lines.push(line("Ref", format!("{}   {when}Z", denied.correlation), Token::Text));
    lines
}

/// How long until the same is taken.
fn wait(model: &Model, until: Timestamp) -> String {
    if model.server_time(model.now.wall) >= until {
        return "over: it is taken again".into();
    }
    format!("it is taken {}", passing::end(model, until))
}

/// Who set the limit and when, once that is known: behind it, or below it where the pane is narrow.
fn set(model: &Model, denied: &Denied, rule: &RuleUse, label: usize, narrow: bool, lines: &mut Vec<Line>) {
    let Some(row) = model.limits.behind(denied.correlation, rule) else { return };
    let Some((by, since)) = limits::set_by(model, row).zip(row.since) else { return };
    let at = lines.iter().position(|line| line.spans.first().is_some_and(|(text, _)| text.trim_end() == "Limit"));
    let Some(at) = at else { return };
    let text = format!("{by}, {}Z", format::day_and_time(since));
    if narrow {
        lines.insert(at.saturating_add(1), Line::labelled("Set by", label, text, Token::Muted));
    } else if let Some(line) = lines.get_mut(at) {
        *line = std::mem::take(line).and(format!("   set by {text}"), Token::Muted);
    }
}

/// Words in lines of at most `width` characters.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.chars().count().saturating_add(word.chars().count()) >= width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn keys(model: &Model, denied: &Denied) -> Vec<Line> {
    if !model.may(Permission::OrderEnter) {
        return vec![Line::of(model.keys.say("{copy} copy this    {dismiss} dismiss"), Token::Accent)];
    }
    let pass = denied.would_pass().map(|qty| format!("1 use {}    ", format::qty(qty))).unwrap_or_default();
    let edit = if denied.draft.is_some() { "{edit-denied} edit and try again    " } else { "" };
    vec![
        Line::of(model.keys.say(edit) + &pass, Token::Accent),
        Line::of(model.keys.say("{copy} copy this    {dismiss} dismiss"), Token::Accent),
    ]
}

fn title(denied: &Denied) -> &'static str {
    if denied.draft.is_some() { "DENIED  this order was not sent" } else { "DENIED" }
}

/// Columns of the floating window's text.
const WIDE: u16 = 64;

/// What was asked, why not, and the keys, each folded to the window's width.
struct Parts {
    head: Vec<Line>,
    reasons: Vec<Line>,
    tail: Vec<Line>,
}

impl Parts {
    fn of(model: &Model, denied: &Denied, docked: bool) -> Self {
        let width = if docked { geometry::DOCK } else { WIDE };
        let folded = |lines: Vec<Line>| lines.iter().flat_map(|line| line.folded(width)).collect::<Vec<_>>();
        let head = vec![Line::of(denied.line.clone(), Token::Focus), Line::default()];
        let mut tail = vec![Line::rule()];
        tail.extend(keys(model, denied));
        if docked {
            tail.extend([Line::default(), Line::of("Nothing reached the venue.", Token::Muted)]);
        }
        let reasons = body(model, denied, if docked { 12 } else { 14 }, docked);
        Self { head: folded(head), reasons: folded(reasons), tail: folded(tail) }
    }

    /// Lines of reasons there is room for, besides the one that says where they are.
    fn room(&self, model: &Model) -> usize {
        let lines = usize::from(geometry::body(model).h.saturating_sub(2));
        let room = lines.saturating_sub(self.head.len()).saturating_sub(self.tail.len());
        if self.reasons.len() <= room { room } else { room.saturating_sub(1) }
    }

    fn into_lines(self, model: &Model, top: usize) -> Vec<Line> {
        let (room, all) = (self.room(model), self.reasons.len());
        let top = top.min(all.saturating_sub(room));
        let place = (all > room).then(|| {
            let last = top.saturating_add(room).min(all);
            let text = format!("reasons {}-{last} of {all} lines: Up and Down", top.saturating_add(1));
            Line::of(text, Token::Warn)
        });
        let reasons = self.reasons.into_iter().skip(top).take(room);
        self.head.into_iter().chain(reasons).chain(place).chain(self.tail).collect()
    }
}

/// Lines of reasons beyond those in sight: how far they can be scrolled.
#[must_use]
pub fn denied_beyond(model: &Model, denied: &Denied) -> usize {
    let parts = Parts::of(model, denied, geometry::docks(model));
    parts.reasons.len().saturating_sub(parts.room(model))
}

fn sheet(model: &Model, denied: &Denied, docked: bool) -> Sheet {
    let mut sheet = super::windows::money_sheet(model, title(denied));
    sheet.token = Token::Error;
    sheet.lines = Parts::of(model, denied, docked).into_lines(model, denied.top);
    sheet
}

/// Floating.
pub(super) fn wide(model: &Model, denied: &Denied) -> Sheet {
    sheet(model, denied, false)
}

/// Docked.
pub(super) fn narrow(model: &Model, denied: &Denied) -> Sheet {
    sheet(model, denied, true)
}

/// A refused amend or cancel.
pub(super) fn refused(model: &Model, refused: &Refused) -> Sheet {
    let by = match refused.refusal.code {
        turret_shared::denial::RefusalCode::Venue => "the venue",
        _ => "Turret",
    };
    let mut sheet = super::windows::money_sheet(model, &format!("{} REFUSED by {by}", refused.what));
    sheet.token = Token::Error;
    sheet.line(Line::of(refused.line.clone(), Token::Focus));
    sheet.line(Line::labelled("Because", 10, refused.refusal.code.to_string(), Token::Text));
    for text in wrapped(&escaped(&refused.refusal.text), 64) {
        sheet.line(Line::of(text, Token::Text));
    }
    if let Some(until) = refused.refusal.until {
        sheet.line(Line::labelled("Wait", 10, wait(model, until), Token::Focus));
    }
    for rule in refused.refusal.rules.iter().filter(|rule| rule.tripped) {
        let text = format!("{}  (headroom {})", rule_line(rule, 2), format::figure(&rule.headroom, 2));
        sheet.line(Line::of(text, Token::Error));
    }
    let now = refused.order.and_then(|id| model.orders.get(id)).map(|row| {
        format!(" It is {} {}.", format::status(row.status, row.working, row.in_doubt), format::qty(row.cum))
    });
    sheet.line(Line::of(format!("The order is unchanged by your request.{}", now.unwrap_or_default()), Token::Text));
    sheet.line(Line::labelled("Ref", 10, refused.correlation.to_string(), Token::Text));
    sheet.line(Line::of(model.keys.say("Enter detail    {copy} copy    {dismiss} dismiss"), Token::Accent));
    sheet
}
