//! What a terminal shows after each frame is that frame, cell for cell, whatever was shown before; it must look only at bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use turret_client::app::key::{Now, Press};
use turret_client::app::look::Theme;
use turret_client::app::{Colours, Model, Msg, update};
use turret_client::view::{self, Canvas, Painter};
use turret_shared::money::Price;
use turret_shared::role::Role;
use turret_shared::time::NS_PER_MS;
use turret_shared::wire::feed::FeedItem;
use turret_tests::station::{NOON, a_day, drawn, feed, fill, order, press, quote, with_orders};

/// A terminal, and what draws on it.
struct Seat {
    terminal: vt100::Parser,
    canvas: Canvas,
    painter: Painter,
    /// Frames that were drawn in part.
    partly: usize,
}

impl Seat {
    fn new() -> Self {
        Self {
            terminal: vt100::Parser::new(24, 80, 0),
            canvas: Canvas::default(),
            painter: Painter::default(),
            partly: 0,
        }
    }

    /// Draws a frame, as little of it as may be, and gives its bytes.
    fn show(&mut self, model: &mut Model) -> Vec<u8> {
        let (width, height) = model.size;
        self.terminal.screen_mut().set_size(height, width);
        let mut bytes = Vec::new();
        let touched = std::mem::take(&mut model.touched);
        let areas = view::redraw(model, touched, &mut self.canvas);
        self.partly += usize::from(areas.is_some());
        self.painter.paint(&self.canvas, areas.as_deref(), &mut bytes);
        self.terminal.process(&bytes);
        bytes
    }

    fn shows(&self, frame: &Buffer) -> Result<(), String> {
        let screen = self.terminal.screen();
        for y in 0..frame.area.height {
            for x in 0..frame.area.width {
                let (wanted, seen) = (&frame[(x, y)], screen.cell(y, x).unwrap());
                if !alike(wanted, seen) {
                    let seen =
                        (seen.contents(), seen.fgcolor(), seen.bgcolor(), seen.bold(), seen.dim(), seen.inverse());
                    return Err(format!("{x},{y}: {seen:?} instead of {wanted:?}"));
                }
            }
        }
        let caret = (!screen.hide_cursor()).then(|| screen.cursor_position());
        let wanted = self.canvas.caret().map(|(x, y)| (y, x));
        if caret == wanted { Ok(()) } else { Err(format!("the cursor stands at {caret:?} instead of {wanted:?}")) }
    }
}

fn colour(colour: Color) -> vt100::Color {
    let named = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        other => vt100::Color::Idx(named.iter().position(|known| *known == other).unwrap().try_into().unwrap()),
    }
}

fn alike(wanted: &Cell, seen: &vt100::Cell) -> bool {
    if seen.is_wide_continuation() {
        return wanted.symbol() == " ";
    }
    let text = if seen.contents().is_empty() { " " } else { seen.contents() };
    // That terminal has one place for bold and dim: the last told is kept.
    let intensity = match (wanted.modifier.contains(Modifier::BOLD), wanted.modifier.contains(Modifier::DIM)) {
        (true, true) => seen.bold() || seen.dim(),
        (bold, dim) => seen.bold() == bold && seen.dim() == dim,
    };
    text == wanted.symbol()
        && seen.fgcolor() == colour(wanted.fg)
        && seen.bgcolor() == colour(wanted.bg)
        && intensity
        && seen.inverse() == wanted.modifier.contains(Modifier::REVERSED)
}

/// Keys that change much, a few letters for fields, and those of every list.
const KEYS: [&str; 40] = [
    "j",
    "k",
    "Down",
    "Up",
    "PgDn",
    "PgUp",
    "g",
    "G",
    "Tab",
    "S-Tab",
    "Enter",
    "Esc",
    "Space",
    "v",
    "o",
    "+",
    "z",
    "f",
    "/",
    "?",
    ":",
    "b",
    "s",
    "a",
    "c",
    "C",
    "X",
    "n",
    "d",
    "1",
    "2",
    "3",
    "4",
    "5",
    "9",
    "q",
    "y",
    "[",
    "]",
    "Backspace",
];
/// Steps of the cursor.
const RUNS: [&str; 6] = ["j", "k", "j j j", "k k", "j k j j k", "PgDn j k PgUp"];
const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 50), (60, 10)];
const THEMES: [&str; 4] = ["auto", "dark", "light", "contrast-dark"];
const COLOURS: [Colours; 4] = [Colours::None, Colours::Sixteen, Colours::Many, Colours::True];

/// Something that may happen.
#[derive(Debug, Clone)]
enum Step {
    Key(&'static str),
    Size(usize),
    Theme(usize),
    Colours(usize),
    /// An order of so many hundred shares, with a note in letters two columns wide.
    Order(u32),
    /// An execution of it.
    Fill(u32),
    LinkDown,
    LinkUp,
    /// Steps of the cursor, each with a frame of its own.
    Steps(&'static str),
    /// Steps of the cursor in one frame.
    Run(&'static str),
    /// The price of a listing, in cents.
    Price(u32, i64),
    RoundTrip(u64),
    /// Seconds go by.
    Pass(u64),
    /// The terminal was used by something else.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (0..KEYS.len()).prop_map(|at| Step::Key(KEYS[at])),
        1 => (0..SIZES.len()).prop_map(Step::Size),
        1 => (0..THEMES.len()).prop_map(Step::Theme),
        1 => (0..COLOURS.len()).prop_map(Step::Colours),
        3 => (1..40_u32).prop_map(Step::Order),
        3 => (1..40_u32).prop_map(Step::Fill),
        1 => Just(Step::LinkDown),
        1 => Just(Step::LinkUp),
        12 => (0..RUNS.len()).prop_map(|at| Step::Steps(RUNS[at])),
        6 => (0..RUNS.len()).prop_map(|at| Step::Run(RUNS[at])),
        3 => (1..14_u32, 1_000..50_000_i64).prop_map(|(of, cents)| Step::Price(of, cents)),
        2 => (0..90_000_u64).prop_map(Step::RoundTrip),
        4 => (0..20_u64).prop_map(Step::Pass),
        1 => Just(Step::Forget),
    ]
}

/// A moment of both clocks.
fn moment(now_ms: u64) -> Now {
    Now { mono_ms: now_ms, wall: NOON.after_ns(i64::try_from(now_ms).unwrap() * NS_PER_MS) }
}

/// Presses a key, and lets a fifth of a second go by.
fn key(model: &mut Model, name: &str, now_ms: &mut u64) {
    update(model, Msg::Key(Press::parse(name).unwrap()), moment(*now_ms));
    *now_ms += 200;
}

/// Applies it at a time.
fn happen(model: &mut Model, seat: &mut Seat, step: &Step, now_ms: &mut u64) {
    let view = |n: u32| {
        let mut view = order(5_000_000 + u64::from(n), n % 13 + 1, turret_shared::order::Side::Buy, 100, "10.00");
        view.note = "\u{6771}\u{4eac} e\u{301}".into();
        view.text = "\u{6771}\u{4eac}".into();
        view
    };
    match step {
        Step::Key(key) => {
            self::key(model, key, now_ms);
        }
        Step::Size(n) => {
            update(model, Msg::Resized(SIZES[*n].0, SIZES[*n].1), moment(*now_ms));
        }
        Step::Theme(n) => model.look.theme = Theme::parse(THEMES[*n]).unwrap(),
        Step::Colours(n) => model.look.colours = COLOURS[*n],
        Step::Order(n) => {
            feed(model, 60_000, vec![FeedItem::Order(Box::new(view(*n)))]);
        }
        Step::Fill(n) => {
            let fill = fill(&view(*n), 7_000_000 + u64::from(*n), 10, "10.00");
            feed(model, 60_000, vec![FeedItem::Fill(Box::new(fill))]);
        }
        Step::LinkDown => {
            update(model, Msg::LinkDown, moment(*now_ms));
        }
        Step::LinkUp => {
            update(model, Msg::LinkUp { resumed: true }, moment(*now_ms));
        }
        Step::Steps(keys) => {
            for key in keys.split(' ') {
                self::key(model, key, now_ms);
                seat.show(model);
            }
        }
        Step::Run(keys) => {
            keys.split(' ').for_each(|key| self::key(model, key, now_ms));
        }
        Step::Price(of, cents) => {
            let price = |cents: i64| Price(cents * 10_000_000).to_string();
            let mut view = quote(*of, &price(*cents), &price(cents + 1), &price(*cents));
            view.sequence = *now_ms;
            update(model, Msg::Quotes(vec![view]), moment(*now_ms));
        }
        Step::RoundTrip(us) => {
            update(model, Msg::RoundTrip(*us), moment(*now_ms));
        }
        Step::Pass(seconds) => {
            *now_ms += seconds * 1_000;
            update(model, Msg::Tick, moment(*now_ms));
        }
        Step::Forget => {
            seat.terminal.process(b"\x1b[31;7mshell\r\nshell");
            seat.painter.forget();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_every_message_the_terminal_shows_the_frame(
        role in (0..5_usize).prop_map(|at| [Role::Broker, Role::Supervisor, Role::Admin, Role::Support, Role::Customer][at]),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let mut model = a_day(role, (120, 40), false);
        let mut seat = Seat::new();
        let mut now_ms = 1_000;
        seat.show(&mut model);
        for (at, step) in steps.iter().enumerate() {
            happen(&mut model, &mut seat, step, &mut now_ms);
            seat.show(&mut model);
            let right = seat.shows(&drawn(&model));
            prop_assert!(right.is_ok(), "step {at} {step:?}: {right:?}");
        }
    }
}

#[test]
fn a_frame_like_the_one_shown_writes_nothing() {
    let mut model = a_day(Role::Broker, (120, 40), false);
    let mut seat = Seat::new();
    assert!(!seat.show(&mut model).is_empty());
    assert_eq!(seat.show(&mut model), b"");
}

#[test]
fn a_step_of_the_cursor_draws_its_rows_and_what_stands_beside_the_list() {
    let mut model = with_orders(2_000, (120, 40));
    let mut seat = Seat::new();
    seat.show(&mut model);
    press(&mut model, "j", 1_000);
    seat.show(&mut model);
    let partly = seat.partly;
    let bytes = seat.show(&mut model);
    assert_eq!((partly, bytes.as_slice()), (1, b"".as_slice()));
    assert_eq!(seat.shows(&drawn(&model)), Ok(()));
    press(&mut model, "G", 2_000);
    seat.show(&mut model);
    assert_eq!(seat.shows(&drawn(&model)), Ok(()), "the list scrolled");
}
