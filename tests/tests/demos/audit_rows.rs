//! `turretd audit verify` on a desk whose order rows somebody changed with the database key in hand: each is named.
#![allow(clippy::print_stdout, reason = "a failing script shows what was said")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::demo_run::{Talk, passphrase};
use turret_server::config::Layout;
use turret_server::encrypted::{Access, open};
use turret_server::keys::file::FileKeys;
use turret_server::keys::{KeyStore, Passphrase, Purpose};
use turret_shared::money::Qty;
use turret_shared::view::OrderView;
use zeroize::Zeroizing;

scenarios! {
    a_row_that_is_not_what_the_log_says_is_named,
}

/// Its exit status and what it said.
fn verify(data: &Path) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["turretd", "audit", "verify", "--passphrase-fd", "0", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", passphrase(data)).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

fn a_row_that_is_not_what_the_log_says_is_named() {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("desk");
    let mut talk = Talk::start(temp.path(), &["--seed", "11", "--data", data.to_str().unwrap()]);
    let mut ids = Vec::new();
    for qty in [10, 20, 30] {
        let line = format!("order new account=A1001 side=buy qty={qty} symbol=PFE type=market text=\"clip {qty}\"");
        ids.push(talk.done(&line)["order_id"].as_str().unwrap().to_owned());
        talk.done("wait order=last status=Filled timeout=30s");
    }
    // A denied one has a row as well.
    talk.refused("order new account=A1001 side=buy qty=5000 symbol=AAPL type=limit price=189.50");
    talk.end();
    let (status, said) = verify(&data);
    assert_eq!(status, Some(3), "{said}");

    let key = Passphrase::new(Zeroizing::new(passphrase(&data).into_bytes())).unwrap();
    let layout = Layout::new(data.clone());
    let key = FileKeys::open(&layout.keys(), &key).unwrap().key(Purpose::Database).unwrap();
    let db = open(&layout.log(), &key, Access::Write).unwrap();
    // What a thief with the key does first.
    db.execute_batch("DROP TRIGGER orders_never_go").unwrap();
    let rows: Vec<(i64, Vec<u8>)> = {
        let mut all = db.prepare("SELECT order_id, body FROM orders ORDER BY order_id").unwrap();
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(rows.len(), 4);
    let set = |(id, body): &(i64, Vec<u8>)| {
        db.execute("INSERT OR REPLACE INTO orders (order_id, body) VALUES (?1, ?2)", (id, body)).unwrap();
    };
    let view = |at: usize| minicbor::decode::<OrderView>(&rows[at].1).unwrap();
    let forged = |at: usize, view: &OrderView| (rows[at].0, minicbor::to_vec(view).unwrap());

    // A quantity nobody traded: named by its order, the first of two.
    for at in [2, 1] {
        let more = view(at);
        set(&forged(at, &OrderView { cum_qty: Qty(more.cum_qty.0 + Qty::ONE.0), ..more }));
    }
    let (status, said) = verify(&data);
    assert_eq!(
        (status, said.as_str()),
        (Some(1), format!("WRONG: order {}: its row is not what the log says", ids[1]).as_str())
    );
    rows.iter().for_each(set);
    assert_eq!(verify(&data).0, Some(3), "as it was, it is good again");

    // One taken out, and one nobody sent put in.
    db.execute("DELETE FROM orders WHERE order_id = ?1", [rows[0].0]).unwrap();
    let (status, said) = verify(&data);
    assert_eq!((status, said.as_str()), (Some(1), format!("WRONG: order {}: its row is missing", ids[0]).as_str()));
    set(&rows[0]);
    set(&(rows[3].0 + 256, rows[3].1.clone()));
    let (status, said) = verify(&data);
    assert!(status == Some(1) && said.ends_with("it has a row, and the log knows no such order"), "{status:?} {said}");
}
