//! One message in, effects out: the only way the model changes; it must take every time from its argument.

use turret_shared::limits::ACTIVITY_S_MIN;
use turret_shared::view::QuoteView;
use turret_shared::wire::control::{SessionEnd, SignedIn, Welcome};

use super::alerts::{About, Kind};
use super::effect::Effect;
use super::geometry::{self, geometry, list_rows};
use super::key::{Mouse, Now};
use super::lock::{self, Cause};
use super::msg::Msg;
use super::session::{self, Link, Session};
use super::signin::Phase;
use super::touched::{self, Standing, Touched};
use super::{
    Dirty, Model, Screen, Stage, act, arrange, codes, feed, flight, habits, held, kept, keying, layers, linear, moves,
    password, quotes, signin, tabs, ticket,
};

/// Cells of the group line that name its tab.
const TAB_CELLS: u16 = 13;
/// Lines a notch of the wheel moves by.
const WHEEL_LINES: isize = 3;

/// Applies one message.
pub fn update(model: &mut Model, msg: Msg, now: Now) -> Vec<Effect> {
    let mut out = Vec::new();
    model.now = now;
    expire(model, &mut out);
    let urgency = if matches!(
        msg,
        Msg::Key(_) | Msg::Do(_) | Msg::Paste(_) | Msg::Mouse(_) | Msg::Resized(..) | Msg::Ground { .. } | Msg::Woken
    ) {
        Dirty::Now
    } else {
        Dirty::Soon
    };
    // A price moves no row: the ladder of the listing looked at follows it, the cursors stand.
    let settles = !matches!(msg, Msg::Quotes(_) | Msg::RoundTrip(_) | Msg::SessionClock { .. });
    let key = matches!(msg, Msg::Key(_));
    let aside = matches!(msg, Msg::Tick | Msg::RoundTrip(_) | Msg::SessionClock { .. });
    let standing = if key || aside { Standing::of(model) } else { None };
    model.blotter.stepped = None;
    let mut time_passed = false;
    let changed = match msg {
        Msg::Tick => {
            if model.stage == Stage::Desk {
                super::asked::again(model, &mut out);
                flight::probe_again(model, &mut out);
            }
            time_passed = model.pass_time();
            if time_passed && model.stage == Stage::Desk {
                model.turn_day();
            }
            false
        }
        Msg::Quotes(views) => pictures(model, views) && model.stage == Stage::Desk,
        // Told with the next frame: a tenth of a millisecond is worth none of its own.
        Msg::RoundTrip(us) => {
            model.round_trip_us = Some(us);
            false
        }
        Msg::SessionClock { idle_left_s, absolute_left_s } => session_clock(model, idle_left_s, absolute_left_s),
        Msg::ConnectFailed(why) => unreachable(model, why),
        message @ (Msg::LinkDown | Msg::LinkUp { .. } | Msg::Connected(_)) if model.stage == Stage::SignIn => {
            let (was_up, server) = (model.link == Link::Up, model.server.clone());
            one(model, message, &mut out);
            let same = session::Server { clock_offset_ns: server.clock_offset_ns, ..model.server.clone() } == server;
            !same || model.link_stirs(was_up)
        }
        // A list that is asked for again and says the same is no news.
        Msg::Answer { request, body } => flight::answered(model, request, *body, &mut out),
        other => {
            one(model, other, &mut out);
            true
        }
    };
    held::next(model);
    ticket::due(model, &mut out);
    kept::keep_drafts(model, &mut out);
    report_activity(model, &mut out);
    if (time_passed || (changed && settles)) && model.stage == Stage::Desk && !model.in_snapshot {
        moves::settle_cursors(model, &mut out);
    }
    let touched = match model.blotter.stepped {
        Some((from, to)) if key => touched::after(model, standing.as_ref(), Touched::Cursor { from, to }),
        _ if aside => touched::after(model, standing.as_ref(), Touched::Beside),
        _ => Touched::All,
    };
    model.touched = model.touched.and(touched);
    // A step of the cursor arranges nothing.
    if urgency == Dirty::Now && touched == Touched::All {
        habits::keep(model, &mut out);
    }
    if changed {
        model.stir(urgency);
    } else if time_passed {
        model.dirty = model.dirty.max(urgency);
    }
    out
}

/// No connection; true when that says something new: an attempt more that ends as the last did says nothing.
fn unreachable(model: &mut Model, why: String) -> bool {
    let phase = Phase::Unreachable(why);
    let changed = model.signin.phase != phase;
    model.signin.phase = phase;
    changed
}

/// Takes pictures of the market, the ladder following its own; true when one says something new.
fn pictures(model: &mut Model, views: Vec<QuoteView>) -> bool {
    let mut changed = false;
    for view in views {
        let (id, state) = (view.instrument, view.state);
        let put = model.market.put(view, model.now.wall);
        changed |= put.changed;
        if put.state_changed
            && let Some(instrument) = model.desk.instruments.get(&id)
        {
            model.venues.tell(id, &instrument.mic, state);
        }
    }
    if changed && model.screen == Screen::Quotes {
        let ladder = geometry(model).market.map_or(model.size.1, |area| area.h);
        quotes::centre(model, ladder, false);
    }
    changed
}

/// The server says how long the session may last; true when that is being counted down, or was.
fn session_clock(model: &mut Model, idle_left_s: u32, absolute_left_s: u32) -> bool {
    let before = model.counts_down();
    let now = model.now.mono_ms;
    if let Some(session) = &mut model.session {
        session.idle_end_ms = now.saturating_add(u64::from(idle_left_s).saturating_mul(1_000));
        session.absolute_end_ms = now.saturating_add(u64::from(absolute_left_s).saturating_mul(1_000));
    }
    before || model.counts_down()
}

fn one(model: &mut Model, msg: Msg, out: &mut Vec<Effect>) {
    match msg {
        Msg::Start => out.push(model.connect()),
        Msg::Key(key) => {
            input(model);
            // A passing word is about the key before.
            model.word = None;
            if model.notice.as_ref().is_some_and(|notice| notice.weight == session::Weight::Passing) {
                model.notice = None;
            }
            layers::key(model, key, out);
        }
        Msg::Do(id) => {
            input(model);
            act::run(model, id, out);
        }
        Msg::Go(to) => {
            input(model);
            linear::go(model, &to, out);
        }
        Msg::Paste(text) => {
            input(model);
            layers::paste(model, &text);
        }
        Msg::Mouse(mouse) => {
            input(model);
            pointed(model, mouse, out);
        }
        Msg::Resized(w, h) => model.size = (w, h),
        Msg::Ground { light } => model.look.hear_ground(light),
        Msg::Connected(welcome) => connected(model, &welcome),
        Msg::SignedIn(signed) => signed_in(model, *signed, out),
        Msg::SignInFailed { why, reference, retry_after_s } => signin::failed(model, &why, reference, retry_after_s),
        Msg::KeySaid { request, said } => keying::said(model, request, said),
        Msg::KeySigned(request) => keying::signed(model, request),
        Msg::KeyFailed { request, error } => keying::failed(model, request, error),
        Msg::NewPasswordWanted { refused } => password::wanted(model, refused),
        Msg::Kept(kept) => kept::opened(model, *kept, out),
        Msg::NotKept(why) | Msg::LogBroken(why) => model.insist(&why, None),
        Msg::TableRead { request, told } => super::bulk::told(model, request, told),
        Msg::PackKept(said) => model.insist(&said, None),
        Msg::Feed(message) if model.stage == Stage::Desk => feed::apply(model, *message, out),
        Msg::Reply { request, correlation, outcome } => flight::replied(model, request, correlation, *outcome, out),
        Msg::NoReply { request, why, in_doubt } => flight::lost(model, request, &why, in_doubt),
        Msg::NoAnswer { request, why } => flight::unanswered(model, request, &why),
        Msg::SessionEnded(reason) => session_ended(model, reason, out),
        Msg::Fault(correlation) => {
            model.insist(&format!("The server could not do it. Ref {correlation}."), Some(correlation));
        }
        Msg::LinkDown => link_down(model, out),
        Msg::ClockJumped => lock::leave(model, Cause::Lock("Locked: the clock jumped, or this machine slept."), out),
        Msg::Returned(aside) => lock::returned(model, *aside),
        Msg::LeftInPlace(why) => lock::in_place(model, &why, out),
        Msg::LinkUp { resumed } => link_up(model, resumed, out),
        _ => {}
    }
}

/// A person did something: the idle clock is told, at most once in a while.
fn input(model: &mut Model) {
    if let Some(session) = &mut model.session {
        session.activity_due = true;
    }
}

fn report_activity(model: &mut Model, out: &mut Vec<Effect>) {
    let (now, up) = (model.now.mono_ms, model.link == Link::Up);
    let Some(session) = model.session.as_mut().filter(|session| session.activity_due && up) else { return };
    let again = session.activity_sent_ms.is_none_or(|sent| now.saturating_sub(sent) >= ACTIVITY_S_MIN * 1_000);
    if again {
        session.reported(now);
        out.push(Effect::Activity);
    }
}

/// The session's time is up: the server ends it, and if its word is late nothing may go on meanwhile, whatever else happens.
fn expire(model: &mut Model, out: &mut Vec<Effect>) {
    /// For the server's own word to come first, in milliseconds.
    const GRACE_MS: u64 = 5_000;
    let Some(Session { idle_end_ms, absolute_end_ms, .. }) = model.session else { return };
    if model.now.mono_ms > absolute_end_ms.saturating_add(GRACE_MS) {
        session_ended(model, SessionEnd::Absolute, out);
    } else if model.now.mono_ms >= idle_end_ms {
        let minutes = turret_shared::limits::SESSION_IDLE_S_MAX / 60;
        lock::leave(model, Cause::Lock(&format!("Locked after {minutes} minutes without a key.")), out);
    }
}

fn connected(model: &mut Model, welcome: &Welcome) {
    model.server.environment = welcome.environment;
    model.server.data_source.clone_from(&welcome.data_source);
    model.server.origin.clone_from(&welcome.origin);
    model.server.demo = welcome.demo;
    model.server.clock_offset_ns = welcome.time.since(model.now.wall);
    if model.stage == Stage::SignIn {
        model.link = Link::Up;
        model.signin.phase = Phase::Ready;
        if model.signin.message == signin::NOT_YET {
            model.signin.message.clear();
        }
    }
}

fn signed_in(model: &mut Model, signed: SignedIn, out: &mut Vec<Effect>) {
    let now = model.now.mono_ms;
    model.session = Some(Session {
        user: signed.user.clone(),
        composed: signed.composed,
        idle_end_ms: now.saturating_add(u64::from(signed.idle_left_s).saturating_mul(1_000)),
        absolute_end_ms: now.saturating_add(u64::from(signed.absolute_left_s).saturating_mul(1_000)),
        activity_sent_ms: Some(now),
        activity_due: false,
        through: None,
        feed_messages: 0,
    });
    model.stage = Stage::Desk;
    model.keying = None;
    lock::came_back(model, &signed.user.login);
    model.orders.set_me(&signed.user);
    model.link = Link::Up;
    model.signin.password.wipe();
    model.signin.renewal = None;
    model.signin.code.wipe();
    model.signin.phase = Phase::Ready;
    model.desk.users.insert(signed.user.user, signed.user);
    // Support and administrators live in UTC, the desk at its venue.
    model.utc = !model.may(turret_shared::role::Permission::QuoteRead);
    let first = if model.may(turret_shared::role::Permission::UserRead) {
        Screen::Users
    } else if model.may(turret_shared::role::Permission::QuoteRead) {
        Screen::Blotter
    } else {
        Screen::Audit
    };
    model.habits_kept = habits::encode(model);
    out.push(Effect::StartFeed);
    act::show(model, first, out);
    if let Some(text) = signed.last_end.and_then(session::last_end_sentence) {
        model.tell(text);
    }
    if signed.register_key {
        model.insist(REGISTER_KEY, None);
    }
}

/// To whoever came with a code where their role takes a security key.
const REGISTER_KEY: &str = "Your role takes a security key. Register one (register key in the palette), then sign in with \
                            it: nothing is shown before.";

impl Model {
    /// A snapshot is complete: what is watched follows from it.
    pub(super) fn settled(&mut self, out: &mut Vec<Effect>) {
        if self.may(turret_shared::role::Permission::QuoteRead) {
            out.push(Effect::Watch(quotes::watched(self)));
        }
        codes::ask(self, out);
        moves::settle_cursors(self, out);
    }
}

fn session_ended(model: &mut Model, reason: SessionEnd, out: &mut Vec<Effect>) {
    if model.stage == Stage::SignIn {
        return;
    }
    let idle = matches!(reason, SessionEnd::Idle | SessionEnd::Locked);
    lock::leave(model, Cause::Ended { why: session::end_sentence(reason), idle }, out);
}

fn link_down(model: &mut Model, out: &mut Vec<Effect>) {
    keying::link_lost(model, out);
    if model.stage == Stage::SignIn {
        model.signin.phase = Phase::Connecting;
        if model.signin.renewal.take().is_some() {
            model.signin.tell("The link was lost before a new password was given: sign in again.", true);
        }
        model.link = Link::Connecting;
        return;
    }
    if model.link == Link::Up {
        let text = "The link to the server was lost: nothing could be sent. Orders kept working.";
        model.alert(Kind::Link, text, About::default(), false);
    }
    model.link = Link::Lost { since: model.now.wall, attempts: 0, why: String::new() };
    model.word = None;
    model.round_trip_us = None;
}

fn link_up(model: &mut Model, resumed: bool, out: &mut Vec<Effect>) {
    if model.stage == Stage::SignIn {
        model.link = Link::Up;
        model.signin.phase = Phase::Ready;
        return;
    }
    if !resumed {
        let why = "The link was lost and the session could not go on. Your orders keep working.";
        return lock::leave(model, Cause::Ended { why, idle: false }, out);
    }
    let since = match &model.link {
        Link::Lost { since, .. } => Some(*since),
        Link::Connecting | Link::Up => None,
    };
    model.link = Link::Up;
    if let Some(since) = since {
        let away = crate::format::age(model.now.wall.since(since));
        let (from, to) = (model.server_time(since), model.server_time(model.now.wall));
        let through = model.session.as_ref().and_then(|session| session.through);
        model.lost = Some(session::Away { from, to, through });
        model.alerts.over(Kind::Link);
        let text = format!("BACK after {away}. What changed meanwhile is marked +.");
        model.alert(Kind::Link, &text, About::default(), true);
        model.recount = true;
    }
    // What was told meanwhile is asked for: trades and bars have a gap, and an answer may have been lost.
    model.chart = super::chart::Chart { shape: model.chart.shape, ..super::chart::Chart::default() };
    model.quotes.asked = None;
    model.detail.order = None;
    flight::probe(model, out);
}

/// A click selects, the wheel scrolls; nothing is ever confirmed by either.
fn pointed(model: &mut Model, mouse: Mouse, out: &mut Vec<Effect>) {
    if model.stage == Stage::SignIn || model.keying.is_some() || !model.modals.is_empty() || !geometry::fits(model.size)
    {
        return;
    }
    match mouse {
        Mouse::Up => moves::step(model, -WHEEL_LINES, out),
        Mouse::Down => moves::step(model, WHEEL_LINES, out),
        Mouse::Click { x, y } => {
            if y == 1 {
                if let Some(screen) = tabs::at(model, x) {
                    act::show(model, screen, out);
                }
                return;
            }
            let places = geometry(model);
            let area = places.list;
            // An order in full stands where the list was.
            let listed = model.screen != Screen::Blotter || !model.detail.open;
            if listed && area.has(x, y) && y == area.y.saturating_add(1) {
                return arrange::sort_at(model, area.w, x.saturating_sub(area.x));
            }
            let tabbed = matches!(model.screen, Screen::Blotter | Screen::Quotes | Screen::Alerts) && listed;
            if tabbed && area.has(x, y) && y == area.y && x < area.x.saturating_add(TAB_CELLS) {
                return moves::tab(model, true, out);
            }
            let row = y.saturating_sub(area.y).checked_sub(2).map(usize::from).filter(|row| *row < list_rows(area));
            if let (true, Some(row)) = (area.has(x, y), row) {
                moves::point(model, row, out);
            }
        }
    }
}
