//! What no screen does: show a question mark for what seven bits cannot, flash, blink, or move where nothing happened.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use turret_client::app::{Dirty, Model, Msg, update};
use turret_shared::money::Price;
use turret_shared::role::Role;
use turret_tests::station::{a_day, at, at_sign_in, drawn, press, quote};

/// Every screen and window, as keys from the first screen.
const SCRIPTS: [&str; 30] = [
    "", "2", "2 v", "2 v v", "2 + v", "3", "4", "5", "6", "7", "8", "9", "Enter", "+", "b", "b Up", "s", "a", "c",
    "Space C", "X", "q", "?", ": c", "/ a", "f", "[", "] ]", "v Down v", "F12",
];
const ROLES: [Role; 5] = [Role::Broker, Role::Supervisor, Role::Admin, Role::Support, Role::Customer];
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 50)];

fn in_ascii(mut model: Model) -> Buffer {
    model.look.ascii = true;
    drawn(&model)
}

/// Cell for cell: what seven bits can show is the same, and what they cannot has a stand-in that is no question mark.
fn same_in_ascii(name: &str, full: &Buffer, ascii: &Buffer) {
    for (at, (cell, plain)) in full.content().iter().zip(ascii.content()).enumerate() {
        let (shown, stand_in) = (cell.symbol(), plain.symbol());
        let (x, y) = (at % usize::from(full.area.width), at / usize::from(full.area.width));
        assert!(stand_in.is_ascii(), "{name} {x},{y}: {stand_in:?}");
        if shown.is_ascii() {
            assert_eq!(shown, stand_in, "{name} {x},{y}");
        } else {
            assert_ne!(stand_in, "?", "{name} {x},{y}: nothing stands for {shown:?}");
        }
    }
}

#[test]
fn every_screen_says_the_same_in_seven_bits() {
    for role in ROLES {
        for size in SIZES {
            for script in SCRIPTS {
                let model = || {
                    let mut model = a_day(role, size, false);
                    press(&mut model, script, 0);
                    // The sign-in form tells which letters the terminal has.
                    model.signin.help = true;
                    model
                };
                same_in_ascii(&format!("{role} {size:?} {script}"), &drawn(&model()), &in_ascii(model()));
            }
        }
    }
    for size in [(80, 24), (100, 30)] {
        same_in_ascii("sign-in", &drawn(&at_sign_in(size, false)), &in_ascii(at_sign_in(size, false)));
    }
}

fn ground_of(buffer: &Buffer) -> Vec<(ratatui::style::Color, Modifier)> {
    buffer.content().iter().map(|cell| (cell.bg, cell.modifier)).collect()
}

#[test]
fn nothing_blinks_and_a_price_that_changes_changes_its_figures_alone() {
    for script in ["", "2", "2 v", "3", "b", "9"] {
        let mut model = a_day(Role::Broker, (200, 50), false);
        press(&mut model, script, 0);
        let before = ground_of(&drawn(&model));
        for step in 0..30_u64 {
            let cents = 18_948 + i64::try_from(step % 3).unwrap();
            let price = |cents: i64| Price(cents * 10_000_000).to_string();
            let mut view = quote(1, &price(cents), &price(cents + 2), &price(cents));
            view.sequence = 2 + step;
            update(&mut model, Msg::Quotes(vec![view]), at(5_000 + step * 33));
            let frame = drawn(&model);
            let blinks = Modifier::SLOW_BLINK | Modifier::RAPID_BLINK;
            assert!(frame.content().iter().all(|cell| !cell.modifier.intersects(blinks)), "{script}");
            // A flash would be a ground or a weight that comes and goes.
            let flashed = ground_of(&frame).iter().zip(&before).filter(|(now, then)| now != then).count();
            assert_eq!(flashed, 0, "{script} frame {step}");
        }
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_drawn_when_what_is_said_of_it_changes() {
    let mut model = at_sign_in((80, 24), true);
    let mut fails = |why: &str, ms: u64| {
        model.dirty = Dirty::Clean;
        update(&mut model, Msg::ConnectFailed(why.into()), at(ms));
        model.dirty
    };
    assert_ne!(fails("no answer", 1_000), Dirty::Clean);
    for attempt in 2..20 {
        assert_eq!(fails("no answer", attempt * 100 + 1_000), Dirty::Clean, "attempt {attempt}");
    }
    assert_ne!(fails("its certificate is another's", 3_000), Dirty::Clean);
}
