//! What each role does in its first ten minutes, on the real program and a pseudo-terminal: sign in, find, act, be refused and
//! understand why, mend it, lock, return.

use std::io::Write as _;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use turret_tests::terminal::Seat;
use turret_tests::terminal::keys::{DOWN, ENTER, ESC, F12, UP};

scenarios! {
    a_broker_is_refused_understands_mends_it_and_trades,
    a_supervisor_sees_the_desk_and_cancels_for_another_and_does_not_trade,
    an_admin_locks_somebody_out_lets_them_in_again_and_not_themselves,
    support_follows_a_refused_order_to_its_cause_and_changes_nothing,
    a_customer_sees_their_own_account_and_is_told_their_own_limits,
}

const DEMO: &str = env!("CARGO_BIN_EXE_demo");
/// An order that rests far below the market, and one over every limit.
const MORNING: &str = "order new account=A1001 side=buy qty=100 symbol=AAPL type=limit price=181.00
wait order=last status=New timeout=20s
order new account=A1001 side=buy qty=40000 symbol=AAPL type=limit price=185.00
";

/// A desk on which a broker has worked already.
fn after_a_morning() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let mut script = Command::new(DEMO)
        .args(["--seed", "7", "--keep-going", "--script", "-", "--data"])
        .arg(data.path().join("desk"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    script.stdin.take().unwrap().write_all(MORNING.as_bytes()).unwrap();
    let told = String::from_utf8(script.wait_with_output().unwrap().stdout).unwrap();
    assert!(told.contains("\"ord_status\":\"New\"") && told.contains("max_quantity"), "{told}");
    data
}

fn sits_down(role: &str, size: (u16, u16), data: TempDir, wanted: &[&str]) -> Seat {
    let mut seat = Seat::demo(DEMO, size, &["--role", role], &[], data);
    seat.signs_in(wanted);
    seat
}

/// Locks by hand and comes back with both factors.
fn locks_and_returns(seat: &mut Seat, login: &str, wanted: &[&str]) {
    seat.types(F12);
    seat.sees(&["LOCKED", &format!("Locked: {login}"), "Nothing of the desk is in memory"]);
    seat.with_a_code("LOCKED");
    seat.sees(&["Back after"]);
    seat.sees(wanted);
}

fn a_broker_is_refused_understands_mends_it_and_trades() {
    let data = tempfile::tempdir().unwrap();
    let mut seat = sits_down("broker", (120, 40), data, &["BLOTTER", "ann.lee broker EQ1"]);
    // Finds the listing by its symbol, and asks for more than may be.
    seat.types_each(&["2", "/", "msft", ENTER]);
    seat.sees(&["QUOTES", "MSFT depth"]);
    seat.types_each(&["b", UP, ENTER, "5k", ENTER, "t", ENTER]);
    seat.sees(&["SEND?", "BUY 5,000 MSFT LMT", "FAIL"]);
    seat.types("y");
    seat.sees(&["DENIED", "this order was not sent", "max_quantity", "Limit", "4,000", "Who may", "supervisor"]);
    // Mends it where it was refused, and sees it fill.
    seat.types("e");
    seat.sees(&["BUY MSFT", "NOT SENT"]);
    seat.types_each(&["100", ENTER, "t", ENTER]);
    seat.sees(&["SEND?", "BUY 100 MSFT LMT"]);
    seat.types_each(&["y", "1"]);
    seat.sees(&["BLOTTER", "Filled", "BUY      100 MSFT"]);
    seat.types("3");
    seat.sees(&["POSITIONS", "MSFT"]);
    seat.types("1");
    locks_and_returns(&mut seat, "ann.lee", &["BLOTTER", "MSFT"]);
    assert!(seat.goes());
}

fn a_supervisor_sees_the_desk_and_cancels_for_another_and_does_not_trade() {
    let mut seat =
        sits_down("supervisor", (200, 50), after_a_morning(), &["BLOTTER", "kim.ito supervisor EQ1", "Denied", "New"]);
    // Why a broker of the desk was refused.
    seat.types(ENTER);
    seat.sees(&["DENIED", "max_quantity", "40,000", "Would pass"]);
    seat.types_each(&[ESC, "d"]);
    seat.types("b");
    seat.sees(&["not for the role supervisor"]);
    seat.types_each(&["g", "/", "new", ENTER, "c"]);
    seat.sees(&["CANCEL one order", "entered by ann.lee", "y cancel this order"]);
    seat.types("y");
    seat.sees(&["is asked for"]);
    seat.types_each(&["/", "\x15", ENTER]);
    seat.sees(&["Canceled"]);
    seat.types("8");
    seat.sees(&["LIMITS", "max_quantity", "role broker", "buying_power", "A1001"]);
    seat.types("1");
    locks_and_returns(&mut seat, "kim.ito", &["BLOTTER", "Canceled"]);
    assert!(seat.goes());
}

fn an_admin_locks_somebody_out_lets_them_in_again_and_not_themselves() {
    let mut seat = sits_down("admin", (80, 24), after_a_morning(), &["USERS", "sam.wood admin", "ann.lee", "locked 0"]);
    seat.types("b");
    seat.sees(&["LOCK ann.lee", "Why?", "y do it, after a code"]);
    seat.types_each(&[DOWN, DOWN, DOWN, "y"]);
    seat.sees(&["A FRESH CODE IS NEEDED"]);
    seat.with_a_code("A FRESH CODE IS NEEDED");
    seat.sees(&["LOCKED", "locked 1", "by sam.wood"]);
    seat.types("u");
    seat.sees(&["UNLOCK ann.lee"]);
    seat.types("y");
    seat.with_a_code("A FRESH CODE IS NEEDED");
    // Letting in again takes two: the supervisor sits down, sees what is asked, and gives her word.
    seat.sees(&["waits for a supervisor's word", "locked 1"]);
    seat.goes_on_as("kim.ito", &["kim.ito supervisor EQ1", "sam.wood asks for your word"]);
    seat.types("0");
    seat.sees(&["APPR", "waiting", "ann.lee", "let in again"]);
    seat.types("a");
    seat.sees(&["APPROVE", "sam.wood", "I asked those it concerns"]);
    seat.types("y");
    seat.with_a_code("A FRESH CODE IS NEEDED");
    seat.sees(&["done. It is in the log."]);
    seat.goes_on_as("sam.wood", &["USERS", "sam.wood admin", "locked 0"]);
    // Nobody acts on themselves, and is told so.
    seat.types_each(&["G", "b"]);
    seat.sees(&["LOCK sam.wood"]);
    seat.types("y");
    seat.sees(&["yourself"]);
    seat.types_each(&[ESC, "2"]);
    seat.sees(&["SESS", "sam.wood"]);
    seat.types("3");
    seat.sees(&["DEV", "ann.lee"]);
    seat.types("1");
    locks_and_returns(&mut seat, "sam.wood", &["USERS", "ann.lee"]);
    assert!(seat.goes());
}

fn support_follows_a_refused_order_to_its_cause_and_changes_nothing() {
    let mut seat = sits_down("support", (120, 40), after_a_morning(), &["AUDIT", "mia.ortiz support"]);
    seat.types_each(&["/", "ann.lee", ENTER]);
    seat.sees(&["Search [ann.lee]", "user ann.lee", "order_denied", "order_new", "recorded"]);
    // The next that bears a mark: what was denied, and why; then its whole life.
    seat.types("n");
    seat.sees(&["order_denied", "Outcome  denied  max_quantity"]);
    seat.types(ENTER);
    seat.sees(&["Gap"]);
    seat.types_each(&[ESC, "b"]);
    seat.sees(&["b does nothing here"]);
    seat.types_each(&[":", "buy", ENTER]);
    seat.sees(&["not for the role support"]);
    seat.types(ESC);
    locks_and_returns(&mut seat, "mia.ortiz", &["AUDIT"]);
    assert!(seat.goes());
}

fn a_customer_sees_their_own_account_and_is_told_their_own_limits() {
    let mut seat = sits_down("customer", (80, 24), after_a_morning(), &["BLOTTER", "eva.koch customer"]);
    assert!(!seat.text().contains("AAPL"), "nobody else's orders:\n{}", seat.text());
    seat.types("5");
    seat.sees(&["ACCOUNTS", "A9001"]);
    assert!(!seat.text().contains("A1001"), "nor accounts:\n{}", seat.text());
    seat.types_each(&["2", "/", "pfe", ENTER, "b"]);
    seat.sees(&["BUY PFE", "A9001"]);
    seat.types_each(&["2k", ENTER, "t", ENTER]);
    seat.sees(&["SEND?"]);
    seat.types("y");
    seat.sees(&["DENIED", "max_quantity", "1,000"]);
    seat.types("e");
    seat.types_each(&["10", ENTER, "t", ENTER]);
    seat.sees(&["SEND?", "BUY 10 PFE"]);
    seat.types_each(&["y", "1"]);
    seat.sees(&["Filled", "PFE"]);
    locks_and_returns(&mut seat, "eva.koch", &["BLOTTER", "PFE"]);
    assert!(seat.goes());
}
