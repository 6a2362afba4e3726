//! Files of acts against a whole demo, by a script and in a person's hands: dry, done by two, written and read back.

use std::fs;

use crate::demo_run::Talk;
use turret_tests::terminal::{Seat, keys};

scenarios! {
    a_script_changes_limits_by_a_file_and_what_it_writes_reads_back_as_nothing_to_do,
    an_admin_sees_every_line_of_a_file_before_a_key_has_it_done,
}

fn a_script_changes_limits_by_a_file_and_what_it_writes_reads_back_as_nothing_to_do() {
    let temp = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name).display().to_string();
    let mut talk = Talk::start(temp.path(), &["--seed", "3", "--role", "admin"]);
    fs::write(path("bad.csv"), "account,rule,value\nA1001,order_rate,x\nNOSUCH,order_rate,1\nA1001\n").unwrap();
    let bad = talk.refused(&format!("bulk table=limits file=\"{}\"", path("bad.csv")));
    let lines: Vec<_> = bad["lines"].as_array().unwrap().iter().map(|line| line["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 3, 4], "{bad}");

    fs::write(path("limits.csv"), "account,rule,value\nA1001,order_rate,9\nA2001,order_rate,8\n").unwrap();
    let file = format!("bulk table=limits file=\"{}\"", path("limits.csv"));
    let dry = talk.done(&format!("{file} dry=yes"));
    assert_eq!((&dry["changes"], &dry["refused"], &dry["rows"][1]["line"]), (&2.into(), &0.into(), &3.into()), "{dry}");
    assert_eq!(dry["rows"][0]["after"], "9 orders a minute", "{dry}");
    assert!(talk.done(&file)["step_up"]["pending"].is_u64());
    talk.done("proof code=auto");
    let dry = talk.done(&format!("{file} dry=yes"));
    assert_eq!((&dry["changes"], &dry["unchanged"]), (&0.into(), &2.into()), "{dry}");

    let limits = format!("table=limits file=\"{}\"", path("now.csv"));
    let written = talk.done(&format!("bulk export {limits}"));
    assert!(fs::read_to_string(path("now.csv")).unwrap().contains("A2001,order_rate,8\n"));
    assert_eq!(talk.refused(&format!("bulk export {limits}"))["error"]["code"], "file", "it is not written over");
    let again = talk.done(&format!("bulk {limits} dry=yes"));
    assert_eq!((&again["unchanged"], &again["refused"]), (&written["rows"], &0.into()), "{again}");

    fs::write(path("rights.csv"), "user,account,rights,until\nann.lee,A2001,view,\n").unwrap();
    talk.done(&format!("bulk table=rights file=\"{}\"", path("rights.csv")));
    let id = talk.done("proof code=auto")["approval"]["id"].as_u64().expect("it takes two");
    talk.done("as role=supervisor");
    let rows = talk.done(&format!("bulk rows id={id}"));
    assert_eq!((&rows["rows"][0]["user"], &rows["rows"][0]["after"]), (&"ann.lee".into(), &"view".into()), "{rows}");
    talk.done(&format!("approve id={id} reason=checked"));
    talk.done("proof code=auto");
    talk.done("as user=ann.lee");
    talk.done("positions account=A2001");
    assert_eq!(talk.end(), Some(1), "two lines were to be refused");
}

fn an_admin_sees_every_line_of_a_file_before_a_key_has_it_done() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("r.csv");
    fs::write(&file, "symbol,restricted\nAAPL,yes\nMSFT,no\n").unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut seat = Seat::demo(env!("CARGO_BIN_EXE_demo"), (80, 24), &["--role", "admin"], &[], data);
    seat.signs_in(&["sam.wood admin"]);
    seat.types("4");
    seat.sees(&["House"]);
    seat.types_each(&["B", file.to_str().unwrap(), keys::ENTER]);
    seat.sees(&["BULK EDIT", "line 2    restricted list: AAPL: not on it -> on it", "(as it is)", "1 change"]);
    seat.types("y");
    seat.sees(&["A FRESH CODE IS NEEDED"]);
    for _ in 0..6 {
        seat.types_each(&[keys::F9, keys::ENTER]);
        if seat.leaves("A FRESH CODE IS NEEDED") {
            break;
        }
    }
    seat.sees(&["RESTRICTED"]);
    assert!(seat.goes());
}
