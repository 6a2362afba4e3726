//! Scripts against a whole demo: what CI runs, and what the grammar promises; it must look at answers only.
#![allow(clippy::print_stdout, reason = "a failing script shows what was said")]

use std::time::Duration;

use crate::demo_run::{Talk, answer, demo, root};

scenarios! {
    the_demo_script_runs_to_its_end_and_the_log_verifies,
    what_a_line_promises_is_what_its_answer_holds,
    the_simulator_does_as_it_is_told,
    a_second_run_that_says_the_same_gets_the_same_order_and_support_reads_plain_sentences,
}

/// Between looks at what the venue does in its own time, and how many at most.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS_MAX: usize = 300;

fn the_demo_script_runs_to_its_end_and_the_log_verifies() {
    let temp = tempfile::tempdir().unwrap();
    let script = root().join("tests/scripts/demo.turret");
    let args = ["--script", script.to_str().unwrap(), "--seed", "7", "--verify"];
    let output = demo(temp.path(), &args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}\n{trouble}");
    let lines = std::fs::read_to_string(&script).unwrap();
    let asked: Vec<&str> = lines.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')).collect();
    let answers: Vec<_> = text.lines().map(answer).collect();
    assert_eq!(asked.len(), answers.len(), "one answer a line");
    for (line, answer) in asked.iter().zip(&answers) {
        assert_eq!(answer["ok"], !line.starts_with('!'), "{line}: {answer}");
    }
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0, "the fresh directory is removed");
}

fn what_a_line_promises_is_what_its_answer_holds() {
    let temp = tempfile::tempdir().unwrap();
    let mut talk = Talk::start(temp.path(), &["--seed", "3"]);

    let filled = talk
        .done("order new account=A1001 side=buy qty=10 symbol=MSFT type=market cl_ord_id=first text=\"a \\\"b\\\"\"");
    let id = filled["order_id"].as_str().unwrap().to_owned();
    assert_eq!(filled["cl_ord_id"], "first");
    assert_eq!(filled["ord_status"], "PendingNew");
    assert_eq!(filled["order_qty"], "10");
    assert_eq!(filled["leaves_qty"], "10");
    assert_eq!(filled["avg_px"], serde_json::Value::Null);
    assert_eq!(filled["receipt"]["leaf"].as_str().unwrap().len(), 64);
    let now = talk.done("wait order=last status=Filled|Canceled timeout=30s");
    assert_eq!((now["ord_status"].as_str(), now["cum_qty"].as_str()), (Some("Filled"), Some("10")));
    assert_eq!(now["text"], "a \"b\"");
    let again = talk
        .done("order new account=A1001 side=buy qty=10 symbol=MSFT type=market cl_ord_id=first text=\"a \\\"b\\\"\"");
    assert_eq!(again["order_id"], id.as_str(), "the same command again is the same order");
    assert_eq!(again["exec_type"], "OrderStatus");
    let other = talk.refused("order new account=A1001 side=buy qty=11 symbol=MSFT type=market cl_ord_id=first");
    assert_eq!(other["denial"]["code"], "cl_ord_id_reused");

    for line in [
        "order new account=A1001 side=buy qty=1,000 symbol=AAPL type=market",
        "order new account=A1001 side=buy qty=1e3 symbol=AAPL type=market",
        "order new account=A1001 side=buy qty=0 symbol=AAPL type=market",
        "order new account=A1001 side=buy qty=1 symbol=AAPL type=limit price=189.505",
        "order new account=A1001 side=buy qty=1 symbol=AAPL type=market price=1",
        "order new account=A1001 side=buy qty=1 symbol=AAPL type=market text=\"\u{202e}evil\"",
        "order new account=A1001 side=buy qty=1 symbol=AAPL type=market colour=red",
    ] {
        assert_eq!(talk.refused(line)["denial"]["code"], "invalid", "{line}");
    }
    let foreign = talk.refused("order new account=A2001 side=buy qty=1 symbol=AAPL type=market");
    let unknown = talk.refused("order new account=A0000 side=buy qty=1 symbol=AAPL type=market");
    assert_eq!(foreign["denial"], unknown["denial"], "a foreign account answers like an unknown one");
    assert_eq!(
        talk.refused("order new account=A1001 side=buy qty=1 symbol=NOPE type=market")["denial"]["code"],
        "unknown_symbol"
    );

    let preview = talk.refused("order preview account=A1001 side=buy qty=5000 symbol=AAPL type=limit price=189.50");
    let sent = talk.refused("order new account=A1001 side=buy qty=5000 symbol=AAPL type=limit price=189.50");
    assert_eq!(preview["denial"]["code"], sent["denial"]["code"]);
    assert_eq!(preview["denial"]["rules"][0]["rule"], sent["denial"]["rules"][0]["rule"]);
    for name in ["rule", "limit", "used", "headroom", "override"] {
        assert!(sent["denial"]["rules"][0][name].is_string(), "{name}");
    }
    assert_eq!(talk.refused("order amend id=last qty=20")["refusal"]["code"], "too_late");
    assert!(talk.refused("nonsense")["error"].get("correlation_id").is_some());
    assert_eq!(talk.end(), Some(1), "with --keep-going the status still tells");
}

fn the_simulator_does_as_it_is_told() {
    let temp = tempfile::tempdir().unwrap();
    let mut talk = Talk::start(temp.path(), &["--seed", "5"]);
    talk.done("order new account=A1001 side=buy qty=10 symbol=AAPL type=market");
    talk.done("wait order=last status=Filled timeout=30s");
    let fills = talk.done("fills order=last");
    let exec = fills["fills"][0]["exec_id"].as_str().unwrap().to_owned();
    talk.done(&format!("sim bust exec={exec}"));
    let busted = (0..LOOKS_MAX).any(|_| {
        std::thread::sleep(LOOK);
        talk.done("order show id=last")["cum_qty"] == "0"
    });
    assert!(busted, "the bust is booked");
    assert_eq!(talk.done("fills order=last")["fills"][0]["state"], "busted");

    // A stop that waits is moved; one that never had a stop, or works already, is not.
    talk.done("order new account=A1001 side=buy qty=12 symbol=AAPL type=stop stop=240.00");
    talk.done("wait order=last status=New timeout=30s");
    assert_eq!(talk.refused("order amend id=last stop=241.003")["refusal"]["code"], "invalid");
    let asked = talk.done("order amend id=last stop=241.00");
    assert_eq!((asked["stop_px"].as_str(), asked["pending_stop"].as_str()), (Some("240.00"), Some("241.00")));
    let moved = (0..LOOKS_MAX).any(|_| {
        std::thread::sleep(LOOK);
        talk.done("order show id=last")["stop_px"] == "241.00"
    });
    assert!(moved, "the exchange took it");
    // Where the market is already it works at once.
    talk.done("order amend id=last stop=150.00");
    talk.done("wait order=last status=Filled timeout=30s");

    talk.done("order new account=A1001 side=buy qty=5 symbol=PFE type=limit price=26.50");
    talk.done("wait order=last status=New timeout=30s");
    assert_eq!(talk.refused("order amend id=last stop=27.00")["refusal"]["code"], "no_stop");
    talk.done("sim unsolicited order=last");
    talk.done("wait order=last status=Canceled timeout=30s");

    talk.done("sim halt symbol=TSLA");
    assert_eq!(talk.done("quote symbol=TSLA")["state"], "halted");
    let halted = talk.refused("order new account=A1001 side=buy qty=1 symbol=TSLA type=market");
    assert_eq!(halted["denial"]["code"], "halted");
    talk.done("sim resume symbol=TSLA");
    talk.done("sim session close");
    let closed = talk.refused("order new account=A1001 side=buy qty=1 symbol=TSLA type=market");
    assert_eq!(closed["denial"]["code"], "market_closed");
    talk.done("sim session open");
    // A market order may find an empty book right after the opening: a limit waits for somebody to quote.
    talk.done("order new account=A1001 side=buy qty=1 symbol=TSLA type=limit price=178.00");
    let filled = talk.done("wait order=last status=Filled timeout=30s");
    let exec = talk.done("fills order=last")["fills"][0]["exec_id"].as_str().unwrap().to_owned();
    talk.done("as role=support");
    let of_exec = talk.done(&format!("audit search exec={exec}"));
    let of_order = talk.done(&format!("audit search order={}", filled["order_id"].as_str().unwrap()));
    assert_eq!(of_exec["entries"], of_order["entries"], "an execution leads to its order");
    assert!(of_exec["entries"].as_array().unwrap().iter().any(|row| row["action"] == "trade"));

    talk.done("as role=customer");
    assert_eq!(talk.refused("sim halt symbol=TSLA")["denial"]["code"], "not_permitted");
    assert_eq!(talk.done("accounts")["accounts"].as_array().unwrap().len(), 1);
    talk.end();
}

fn a_second_run_that_says_the_same_gets_the_same_order_and_support_reads_plain_sentences() {
    let temp = tempfile::tempdir().unwrap();
    let desk = temp.path().join("desk");
    let kept = ["--seed", "9", "--data", desk.to_str().unwrap()];
    let line =
        "order new account=A1001 side=buy qty=10 symbol=PFE type=limit price=26.50 cl_ord_id=daily text=\"once\"";
    let mut first = Talk::start(temp.path(), &kept);
    let order = first.done(line)["order_id"].as_str().unwrap().to_owned();
    first.done("wait order=last status=New timeout=30s");
    let limits = first.done("limits account=A1001");
    let unit = |rule: &str| {
        let row = limits["limits"].as_array().unwrap().iter().find(|row| row["rule"] == rule).unwrap();
        row["unit"].as_str().unwrap().to_owned()
    };
    assert_eq!([unit("price_collar"), unit("duplicate_order"), unit("order_rate")], ["bps", "ms", "per_minute"]);
    assert_eq!(first.end(), Some(0));

    let mut second = Talk::start(temp.path(), &kept);
    let again = second.done(line);
    assert_eq!((again["order_id"].as_str(), again["exec_type"].as_str()), (Some(order.as_str()), Some("OrderStatus")));
    let other = second.refused(&line.replace("qty=10", "qty=11"));
    assert_eq!(other["denial"]["code"], "cl_ord_id_reused");
    let rows = second.done("order list account=A1001");
    let named = rows["orders"].as_array().unwrap().iter().filter(|row| row["cl_ord_id"] == "daily");
    assert_eq!(named.count(), 1, "one order however often the line was said");
    second.done("order cancel id=last cl_ord_id=daily-x");
    second.done("wait order=last status=Canceled timeout=30s");
    second.done("sim halt symbol=TSLA");
    second.done("sim resume symbol=TSLA");

    second.done("as role=support");
    let listed = second.done("order list account=A1001");
    let accounts: Vec<_> = listed["orders"].as_array().unwrap().iter().map(|row| row["account"].clone()).collect();
    assert!(!accounts.is_empty() && accounts.iter().all(|code| code == "A1001"), "by its code: {accounts:?}");
    assert_eq!(second.refused("accounts")["denial"]["code"], "not_permitted", "what is in them is not support's");
    let found = second.done("audit search limit=500");
    let entries = found["entries"].as_array().unwrap();
    for entry in entries {
        for name in ["who", "object", "detail"] {
            assert!(!entry[name].as_str().unwrap().contains('#'), "codes and logins, not numbers: {entry}");
        }
    }
    let says = |action: &str| {
        let row = entries.iter().find(|row| row["action"] == action).unwrap_or_else(|| panic!("no {action}"));
        row["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(says("venue_new"), "taken by the venue, working");
    assert_eq!(says("canceled"), "as asked");
    assert_eq!(says("sim_control"), "resume TSLA");
    assert_eq!(says("halt"), "resumed");
    second.end();
}
