//! Two people at one desk, each before a terminal of their own: what one does the other sees, and is answered.

use turret_tests::terminal::Seat;
use turret_tests::terminal::keys::{DOWN, ENTER, ESC};

scenarios! {
    a_supervisor_gives_the_word_an_admin_waits_for_while_both_look,
    a_broker_whose_session_is_ended_is_told_and_one_who_is_locked_gets_no_further,
}

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
const CODE: &str = "A FRESH CODE IS NEEDED";

/// A person who sits down first, and starts the desk by it.
fn first(role: &str, size: (u16, u16), wanted: &[&str]) -> Seat {
    let mut seat = Seat::demo(DEMO, size, &["--role", role], &[], tempfile::tempdir().unwrap());
    seat.signs_in(wanted);
    seat
}

fn second(beside: &Seat, role: &str, size: (u16, u16), wanted: &[&str]) -> Seat {
    let mut seat = beside.beside(DEMO, size, &["--role", role]);
    seat.signs_in(wanted);
    seat
}

fn a_supervisor_gives_the_word_an_admin_waits_for_while_both_look() {
    let mut admin = first("admin", (200, 50), &["USERS", "sam.wood admin", "ann.lee"]);
    let mut supervisor = second(&admin, "supervisor", (120, 40), &["BLOTTER", "kim.ito supervisor EQ1"]);
    // Another desk is more than she had: it takes two.
    admin.types_each(&["/", "ann", ENTER, "p"]);
    admin.sees(&["ann.lee", "desk", "EQ2"]);
    admin.types("y");
    admin.sees(&[CODE]);
    admin.with_a_code(CODE);
    admin.sees(&["waits for a supervisor's word"]);
    supervisor.sees(&["sam.wood asks for your word", "appr 1"]);
    supervisor.types("0");
    supervisor.sees(&["APPR", "ann.lee", "EQ1", "EQ2", "waiting"]);
    supervisor.types("a");
    supervisor.sees(&["APPROVE", "sam.wood"]);
    supervisor.types("y");
    supervisor.sees(&[CODE]);
    supervisor.with_a_code(CODE);
    supervisor.sees(&["done. It is in the log."]);
    // The answer comes to who asked, and the person is where they were put.
    admin.sees(&["kim.ito"]);
    admin.types("0");
    admin.sees(&["approved by kim.ito and done"]);
    assert!(supervisor.goes(), "who joined leaves alone");
    admin.types("1");
    admin.sees(&["ann.lee", "EQ2"]);
    assert!(admin.goes());
}

fn a_broker_whose_session_is_ended_is_told_and_one_who_is_locked_gets_no_further() {
    let mut broker = first("broker", (120, 40), &["BLOTTER", "ann.lee broker EQ1"]);
    let mut admin = second(&broker, "admin", (200, 50), &["USERS", "sam.wood admin", "ann.lee"]);
    admin.types("2");
    admin.sees(&["SESS", "ann.lee"]);
    admin.types_each(&["/", "ann", ENTER, "x"]);
    admin.sees(&["END", "ann.lee", "Why?"]);
    admin.types("y");
    admin.sees(&[CODE]);
    admin.with_a_code(CODE);
    broker.sees(&["An administrator ended the session. Your orders keep working."]);
    // Nothing keeps her out yet.
    broker.with_a_code("Sign in");
    broker.sees(&["BLOTTER", "ann.lee broker EQ1"]);
    admin.types_each(&[ESC, "1", "/", "ann", ENTER, "b"]);
    admin.sees(&["LOCK ann.lee", "Why?"]);
    admin.types_each(&[DOWN, "y"]);
    admin.sees(&[CODE]);
    admin.with_a_code(CODE);
    admin.sees(&["locked 1"]);
    broker.sees(&["Sign in"]);
    assert!(!broker.text().contains("BLOTTER"), "{}", broker.text());
    assert!(admin.goes());
}
