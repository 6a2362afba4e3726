//! Records as they stood, from the log's static files alone: what `turretd audit recreate` says of a desk that is gone, and what
//! of files somebody changed.

use std::path::{Path, PathBuf};

use serde_json::Value;
use turret_shared::tlog::VerifierKey;

use crate::demo_run::{Talk, passphrase, program};

scenarios! {
    a_record_is_what_it_was_at_an_instant_by_the_files_alone,
}

/// Anybody's public key but the log's (RFC 8032, 7.1, test 1).
const STRANGER: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

/// What was kept: the files, and the key that was published.
struct Kept {
    tiles: PathBuf,
    vkey: String,
}

impl Kept {
    fn says(&self, more: &[&str]) -> (Option<i32>, String) {
        let args = ["turretd", "audit", "recreate", "--tiles", self.tiles.to_str().unwrap(), "--vkey", &self.vkey];
        program(&[&args, more].concat(), "")
    }

    fn lines(&self, more: &[&str]) -> Vec<Value> {
        let (status, said) = self.says(more);
        assert_eq!(status, Some(0), "{said}");
        said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

/// What a desk said of itself while it was there.
struct Told {
    filled: Value,
    rests: Value,
    /// `turretd state-hash`.
    state: String,
    /// When the first order had come to rest.
    at: String,
}

/// A desk where one order rested, was amended and filled, and another rests; nothing is left of it but what was kept.
fn desk(temp: &Path) -> (Kept, Told) {
    let data = temp.join("desk");
    let mut talk = Talk::start(temp, &["--seed", "11", "--data", data.to_str().unwrap()]);
    talk.done("order new account=A1001 side=buy qty=10 symbol=PFE type=limit price=26.50 text=\"for the pension\"");
    let rested = talk.done("wait order=last status=New timeout=30s");
    talk.done("order amend id=last price=28.00");
    let filled = talk.done("wait order=last status=Filled timeout=30s");
    assert_eq!(filled["order_id"], rested["order_id"]);
    talk.done("order new account=A1001 side=buy qty=7 symbol=PFE type=limit price=26.50");
    let rests = talk.done("wait order=last status=New timeout=30s");
    talk.end();
    let (tiles, secret) = (temp.join("tiles"), passphrase(&data));
    let of_desk = |verb: &[&str], more: &[&str]| {
        let args = [&["turretd"], verb, &["--passphrase-fd", "0", "--data", data.to_str().unwrap()], more].concat();
        let (status, said) = program(&args, &secret);
        assert_eq!(status, Some(0), "{said}");
        said.trim().to_owned()
    };
    of_desk(&["audit", "tiles"], &["--to", tiles.to_str().unwrap()]);
    let vkey = of_desk(&["audit", "vkey"], &[]);
    let state = of_desk(&["state-hash"], &[]);
    std::fs::remove_dir_all(&data).unwrap();
    let at = rested["transact_time"].as_str().unwrap().to_owned();
    (Kept { tiles, vkey }, Told { filled, rests, state, at })
}

fn a_record_is_what_it_was_at_an_instant_by_the_files_alone() {
    let temp = tempfile::tempdir().unwrap();
    let (kept, told) = desk(temp.path());
    let order = told.filled["order_id"].as_str().unwrap();

    let lines = kept.lines(&["--order", order, "--account", "A1001"]);
    let head = &lines[0];
    let state = format!("{} {}", head["entries"], head["state"].as_str().unwrap());
    assert_eq!(told.state, state, "the very state the server had");
    let now = &lines[1]["order"];
    for field in ["order_id", "cl_ord_id", "account", "symbol", "order_qty", "price", "cum_qty", "avg_px", "ord_status"]
    {
        assert_eq!(now[field], told.filled[field], "{field}: {now}");
    }
    let fills: i64 = lines[1]["fills"].as_array().unwrap().iter().map(whole_qty).sum();
    assert_eq!(fills, 10);
    let orders = lines[2]["orders"].as_array().unwrap();
    assert_eq!(orders.last().unwrap()["order_id"], told.rests["order_id"]);
    assert!(!lines.iter().any(|line| line.to_string().contains("pension")), "free text is no part of the log");

    // As it rested, before it was amended.
    let then = kept.lines(&["--at", &told.at, "--order", order]);
    let (was, fills) = (&then[1]["order"], &then[1]["fills"]);
    assert_eq!((&was["ord_status"], &was["cum_qty"], &was["price"]), (&"New".into(), &"0".into(), &"26.50".into()));
    assert_eq!(fills.as_array().unwrap().len(), 0);
    assert!(then[0]["entries"].as_u64() < head["entries"].as_u64());
    let (status, said) = kept.says(&["--at", &told.at, "--order", told.rests["order_id"].as_str().unwrap()]);
    assert!(status == Some(2) && said.contains("there was no order"), "{said}");

    any_change_is_seen(&kept, order);
}

fn whole_qty(fill: &Value) -> i64 {
    fill["last_qty"].as_str().unwrap().parse().unwrap()
}

/// Another byte, a byte too few, nothing at all, and another's key.
fn any_change_is_seen(kept: &Kept, order: &str) {
    let mut entries: Vec<PathBuf> = Vec::new();
    let mut folders = vec![kept.tiles.join("tile").join("entries")];
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() { folders.push(path) } else { entries.push(path) }
        }
    }
    assert!(!entries.is_empty());
    for path in entries {
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        for bytes in [&bad[..], &good[..good.len() - 1], &[]] {
            std::fs::write(&path, bytes).unwrap();
            let (status, said) = kept.says(&["--order", order]);
            assert!(status == Some(1) && said.contains("WRONG"), "{}: {said}", path.display());
        }
        std::fs::write(&path, &good).unwrap();
    }
    let name = kept.vkey.split_once('+').unwrap().0;
    let other = Kept { tiles: kept.tiles.clone(), vkey: VerifierKey::new(name, STRANGER).unwrap().to_string() };
    let (status, said) = other.says(&["--order", order]);
    assert!(status == Some(1) && said.contains("not signed by that key"), "{said}");
    assert_eq!(kept.says(&["--order", order]).0, Some(0), "as they were, they are good again");
}
