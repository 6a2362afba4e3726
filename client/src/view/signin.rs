//! The form before anyone is in; it must show nothing that is true only of one user, and no secret.

use turret_shared::command::Environment;
use turret_shared::text::escaped;
use turret_shared::time::NS_PER_S;

use super::lock;
use super::password;
use super::pen::Pen;
use super::sheet::{Line, Sheet};
use super::theme::Token;
use crate::actions::Id;
use crate::app::Model;
use crate::app::geometry::Area;
use crate::app::signin::{Focus, Phase, SignIn};
use crate::app::stepup::CODE_DIGITS;
use crate::authenticator::Authenticator;
use crate::format;

const FORM_WIDTH: u16 = 62;
const SIDE_WIDTH: u16 = 46;

/// Draws it.
pub(super) fn draw(pen: &mut Pen<'_>, model: &Model) {
    let (w, h) = model.size;
    let (badge, token) = super::bars::badge(model);
    let x = pen.text(0, 0, 8, &badge, token);
    if let (Some(locked), None) = (&model.signin.locked, &model.signin.renewal) {
        return lock::draw(pen, model, locked, x);
    }
    pen.text(x, 0, 40, concat!(" turret ", env!("CARGO_PKG_VERSION"), "   sign in"), Token::Text);
    pen.right(0, 0, w, &super::passing::clocks(model), Token::Text);
    let beside = w >= 120;
    let whole = if beside { FORM_WIDTH.saturating_add(4).saturating_add(SIDE_WIDTH) } else { FORM_WIDTH };
    let left = w.saturating_sub(whole) / 2;
    let top = if h >= 36 { 6 } else { 3 };
    let form = form(model);
    let high = u16::try_from(form.lines.len()).unwrap_or(10).saturating_add(2);
    if let Some(renewal) = &model.signin.renewal {
        let sheet = password::at_sign_in(renewal, &escaped(model.signin.user.text()));
        sheet.float(pen, Area { x: 0, y: 2, w, h: h.saturating_sub(4) }, 72);
        return message(pen, model);
    }
    form.place(pen, Area { x: left, y: top, w: FORM_WIDTH, h: high });
    let below = top.saturating_add(high).saturating_add(1);
    if let Some(panel) = authenticator(model) {
        panel.place(pen, Area { x: left, y: below, w: FORM_WIDTH, h: 3 });
    }
    if beside {
        let x = left.saturating_add(FORM_WIDTH).saturating_add(4);
        terminal(model).place(pen, Area { x, y: below, w: SIDE_WIDTH, h: 3 });
        people(model).place(pen, Area { x, y: top, w: SIDE_WIDTH, h: high });
    }
    // What is said to newcomers of a demo is true only for its own people, whose codes it types.
    let newcomer = model.demo_authenticator().is_some();
    if newcomer && h < 36 {
        brief(pen, model, below.saturating_add(3));
    }
    if newcomer && h >= 36 {
        first_time(model).place(pen, Area { x: left, y: below.saturating_add(4), w: whole, h: 8 });
    }
    if model.signin.help {
        help(model).float(pen, Area { x: 0, y: 2, w, h: h.saturating_sub(4) }, 68);
    }
    if let Some(at) = model.signin.choosing {
        servers(model, at).float(pen, Area { x: 0, y: 2, w, h: h.saturating_sub(4) }, 68);
    }
    message(pen, model);
    if let Some(open) = model.keying_shown() {
        super::frame::keying_window(pen, model, open);
        pen.text(0, h.saturating_sub(1), w, "Esc gives up: nothing is signed", Token::Accent);
        return;
    }
    if model.signin.choosing.is_some() {
        pen.text(
            0,
            h.saturating_sub(1),
            w,
            "Enter takes it  Up/Down choose  Esc keeps the one there is",
            Token::Accent,
        );
        return;
    }
    let others = if model.demo.len() > 1 { "{sign-in-user} other user  " } else { "" };
    let demo = if model.demo_authenticator().is_some() { "{sign-in-code} demo code  " } else { "" };
    let servers = if model.servers.len() > 1 { "{sign-in-server} other server  " } else { "" };
    let hints = model.keys.say(&format!(
        "Enter next  {{sign-in-help}} help  {servers}{others}{{sign-in-key}} key  {{sign-in-reference}} copy ref  {demo}{{sign-in-leave}} leave"
    ));
    pen.text(0, h.saturating_sub(1), w, &hints, Token::Accent);
}

/// What went wrong, or was said.
pub(super) fn message(pen: &mut Pen<'_>, model: &Model) {
    let (text, token) = match &model.signin.phase {
        Phase::Unreachable(why) => (
            format!("Not connected: {}. {} tries again.", escaped(why), model.keys.first(Id::SignInRetry)),
            Token::Error,
        ),
        _ if model.signin.failed => (model.signin.message.clone(), Token::Error),
        _ => (model.signin.message.clone(), Token::Text),
    };
    pen.text(0, model.size.1.saturating_sub(2), model.size.0, &text, token);
}

/// Where both factors are typed, the one that has the keys marked.
pub(super) fn factors(form: &SignIn) -> Vec<Line> {
    let mark = |focus: Focus| if form.focus == focus { "> " } else { "  " };
    let stars = |count: usize| "*".repeat(count);
    let columns = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let on = |focus: Focus| form.focus == focus && !form.help && form.choosing.is_none();
    let (password, code) = (form.password.count(), form.code.count());
    vec![
        Line::labelled("Password", 8, mark(Focus::Password), Token::Accent).field(
            &stars(password),
            columns(password),
            26,
            on(Focus::Password),
            false,
        ),
        Line::labelled("Code", 8, mark(Focus::Code), Token::Accent)
            .field(&stars(code), columns(code), CODE_DIGITS, on(Focus::Code), false)
            .and("  6 digits, each works once", Token::Muted),
    ]
}

fn form(model: &Model) -> Sheet {
    let form = &model.signin;
    let live = model.server.environment == Environment::Live;
    let offered = model.servers.get(model.server_at);
    let authority = offered.map_or_else(|| format::UNKNOWN.to_owned(), |server| fingerprint(&server.authority));
    let state = match &form.phase {
        Phase::Connecting => (format!("CA {authority} connecting"), Token::Warn),
        Phase::Unreachable(_) => (format!("CA {authority} unreachable"), Token::Error),
        Phase::Ready => (format!("CA {authority} pinned, OK"), Token::Text),
        Phase::Asked => (format!("CA {authority} signing in"), Token::Text),
    };
    let device = offered.map_or_else(|| format::UNKNOWN.to_owned(), |server| escaped(&server.device));
    let (left, left_token) = certificate_left(model);
    let mark = |focus: Focus| if form.focus == focus { "> " } else { "  " };
    let on = |focus: Focus| form.focus == focus && !form.help && form.choosing.is_none();
    let mut lines = vec![
        Line::labelled("Server", 10, format!("{:<21}", escaped(&model.server.address)), Token::Text)
            .and(state.0, state.1),
        Line::labelled("Device", 10, format!("{device:<21}"), Token::Text).and(left, left_token),
        Line::labelled("Deployed", 10, escaped(&model.server.origin), Token::Muted),
        Line::default(),
        Line::labelled("User", 8, mark(Focus::User), Token::Accent).field(
            form.user.text(),
            super::pen::columns(form.user.before_cursor()),
            26,
            on(Focus::User),
            false,
        ),
    ];
    lines.extend(factors(form));
    lines.extend([
        Line::default(),
        Line::of(model.keys.say("Enter     on Code it signs in   {sign-in-key} security key instead"), Token::Muted),
        Line::of(model.keys.say("Not working?  {sign-in-help}: lost phone, locked, wrong clock"), Token::Muted),
    ]);
    Sheet {
        title: "Sign in".into(),
        corner: if live { "LIVE: real orders".into() } else { "SIM: no real orders".into() },
        token: if live { Token::Live } else { Token::Sim },
        lines,
    }
}

/// `9F2C..E741`: the ends of a SHA-256, as people compare it.
fn fingerprint(digest: &[u8]) -> String {
    if digest.is_empty() { "unreadable".into() } else { format::short_hash(digest).to_ascii_uppercase() }
}

/// How long the device's certificate still lets it in.
fn certificate_left(model: &Model) -> (String, Token) {
    /// From here on it is a warning: it is renewed at sign-in, so that somebody was long away.
    const SOON_S: i64 = 3 * 86_400;
    let ends = model.servers.get(model.server_at).and_then(|server| server.certificate_ends);
    let Some(ends) = ends else { return ("certificate unreadable".into(), Token::Error) };
    let left_s = ends.since(model.now.wall).div_euclid(NS_PER_S);
    let token = if left_s < SOON_S { Token::Warn } else { Token::Text };
    match left_s {
        ..0 => ("certificate EXPIRED: ask for a new device".into(), Token::Error),
        _ if model.quiet_since().is_some() => {
            (format!("certificate until {}", format::date(ends, &format::Zone::utc())), token)
        }
        _ => (format!("certificate {} d {} h left", left_s / 86_400, left_s / 3_600 % 24), token),
    }
}

/// The servers to choose from.
fn servers(model: &Model, at: usize) -> Sheet {
    let mut sheet = Sheet { title: "Servers".into(), token: Token::Accent, ..Sheet::default() };
    for (place, server) in model.servers.iter().enumerate() {
        let mark = if place == at { "> " } else { "  " };
        let token = if server.environment == Environment::Live { Token::Live } else { Token::Sim };
        sheet.line(
            Line::of(mark, Token::Accent)
                .and(format!("{:<5}", server.environment.word()), token)
                .and(format!("{:<20} ", escaped(&server.name)), Token::Text)
                .and(format!("{:<26} ", escaped(&server.address)), Token::Muted)
                .and(escaped(&server.login), Token::Muted),
        );
    }
    sheet
}

/// The first minute of a demo, where there is little room.
fn brief(pen: &mut Pen<'_>, model: &Model, y: u16) {
    let first = match chosen_role(model) {
        "supervisor" => "{show-blotter} your desk's orders, {approvals} what waits for you.",
        "admin" => "{users} people, {devices} devices, {user-create} creates one.",
        "support" => "{filter} searches the record, Enter follows an order.",
        _ => "{show-quotes} quotes, {order-buy} buys, {confirm} sends, {show-blotter} shows it fill.",
    };
    let first = format!("First time here: {{sign-in-code}}, Enter. {first}");
    let lines =
        [first.as_str(), "{help} lists what a screen can do, {palette} everything. {lock} locks, {quit} leaves."];
    for (y, text) in (y..).zip(lines) {
        pen.text(1, y, model.size.0.saturating_sub(1), &model.keys.say(text), Token::Muted);
    }
}

pub(super) fn authenticator(model: &Model) -> Option<Sheet> {
    let authenticator = model.demo_authenticator()?;
    let left = Authenticator::seconds_left(model.now.wall);
    let line = if model.demo_code_is_used() {
        Line::of("used    ", Token::Muted).and(format!("next in {left} s"), Token::Warn)
    } else {
        let code = authenticator.code_at(model.now.wall);
        let (a, b) = code.expose().split_at_checked(3).unwrap_or((code.expose(), ""));
        Line::of(format!("{a} {b}"), Token::Focus)
            .and(format!("    next in {left} s    {} types it", model.keys.first(Id::SignInCode)), Token::Text)
    };
    Some(Sheet {
        title: "DEMO AUTHENTICATOR  (cargo demo only)".into(),
        corner: String::new(),
        token: Token::Warn,
        lines: vec![line],
    })
}

fn terminal(model: &Model) -> Sheet {
    use crate::app::Colours;
    let colours = match model.look.colours {
        Colours::None => "no colour",
        Colours::Sixteen => "16 colours",
        Colours::Many => "256 colours",
        Colours::True => "truecolor",
    };
    let letters = if model.look.ascii { "ASCII" } else { "UTF-8" };
    let (w, h) = model.size;
    Sheet {
        title: "This terminal".into(),
        token: Token::Muted,
        lines: vec![Line::of(format!("{w}x{h}  {colours}  {letters}  OSC 52 copies"), Token::Text)],
        ..Sheet::default()
    }
}

fn people(model: &Model) -> Sheet {
    let mut sheet = Sheet { title: "Who".into(), token: Token::Muted, ..Sheet::default() };
    if model.demo.is_empty() {
        sheet.line(Line::of("This device belongs to the user filled in.", Token::Text));
        sheet.line(Line::of("Its certificate is checked before anything", Token::Muted));
        sheet.line(Line::of("you type.", Token::Muted));
        return sheet;
    }
    sheet.corner = "demo".into();
    for (at, person) in model.demo.iter().enumerate().take(7) {
        let mark = if at == model.demo_at { "> " } else { "  " };
        sheet.line(
            Line::of(mark, Token::Accent)
                .and(format!("{:<12}", escaped(&person.login)), Token::Text)
                .and(person.role, Token::Muted),
        );
    }
    sheet.line(Line::of(model.keys.say("{sign-in-user} is somebody else"), Token::Muted));
    sheet
}

/// The role of the demo's person at the form.
fn chosen_role(model: &Model) -> &'static str {
    model.demo.get(model.demo_at).map_or("broker", |person| person.role)
}

/// What a role does first: two lines, and what to try then.
fn first_steps(role: &str) -> [&'static str; 3] {
    match role {
        "supervisor" => [
            "2  The blotter ({show-blotter}) holds your desk's orders: Enter opens one, {order-cancel} cancels it for its broker.",
            "3  Limits ({limits}), positions ({positions}), the record ({audit-search}); Esc leaves anything.",
            "5  What waits for your word stands on {approvals}, what surveillance found on {alerts}.",
        ],
        "admin" => [
            "2  People ({users}), sessions ({sessions}), devices ({devices}); Enter shows somebody's history.",
            "3  {user-create} creates a person, {user-role} gives a role: both take a code and a supervisor's word.",
            "5  Try to unlock yourself: see what is refused.",
        ],
        "support" => [
            "2  {filter} takes any identifier: an order, a reference, a login, an account, denied.",
            "3  Enter on an entry follows its order from the first; {tab-next} steps through denied attempts.",
            "5  Orders ({show-blotter}) and fills ({show-fills}) are read-only here.",
        ],
        "customer" => [
            "2  Quotes ({show-quotes}), choose a symbol, {order-buy} to buy, 10 Enter Enter, {confirm}: the account is yours.",
            "3  Blotter ({show-blotter}) shows it fill. {order-amend} amends, {order-cancel} cancels, Esc leaves anything.",
            "5  Try to buy 2,000 PFE: see what a denial looks like.",
        ],
        _ => [
            "2  Quotes ({show-quotes}), choose a symbol, {order-buy} to buy, A1001 Enter, 100 Enter Enter, {confirm}.",
            "3  Blotter ({show-blotter}) shows it fill. {order-amend} amends, {order-cancel} cancels, Esc leaves anything.",
            "5  Try to buy 5,000 NVDA: see what a denial looks like.",
        ],
    }
}

fn first_time(model: &Model) -> Sheet {
    let [second, third, fifth] = first_steps(chosen_role(model));
    let lines = [
        "1  Sign in: user and password are filled in by the demo; {sign-in-code} types the code, Enter.",
        second,
        third,
        "4  {help} lists what this screen can do; {palette} lists everything.",
        fifth,
        "6  {lock} locks. {quit} asks before it leaves.",
    ];
    Sheet {
        title: "First time here".into(),
        token: Token::Muted,
        lines: lines.into_iter().map(|text| Line::of(model.keys.say(text), Token::Text)).collect(),
        ..Sheet::default()
    }
}

pub(super) fn help(model: &Model) -> Sheet {
    let lines = [
        "Wrong code      each works once and for 30 s: wait for the next one.",
        "Wrong clock     a phone that is a minute off makes codes that fail:",
        "                let it set its time by itself.",
        "Lost phone      ask an admin: with a supervisor they reset it.",
        "Too many tries  the server makes you wait; it says how long.",
        "Not reachable   the network, or the server: {sign-in-retry} tries again. Orders",
        "                that work go on working without you.",
        "The answer is the same whatever was wrong, on purpose: quote its",
        "reference ({sign-in-reference} copies it) and support finds it in the log.",
        "",
        "{sign-in-help} or Esc closes this.",
    ];
    Sheet {
        title: "Sign-in help".into(),
        token: Token::Accent,
        lines: lines.into_iter().map(|text| Line::of(model.keys.say(text), Token::Text)).collect(),
        ..Sheet::default()
    }
}
