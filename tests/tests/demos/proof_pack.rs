//! Proof packs of a real desk: made by support, verified by the program on its own and by somebody else's code; any change
//! of one is seen.

use std::path::{Path, PathBuf};

use crate::demo_run::{Talk, passphrase, program};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash, Tile, TileHashReader, TileReader};
use turret_shared::export::Form;
use turret_shared::pack::{PackFault, parse, verify, write};
use turret_shared::tlog::{VerifierKey, leaf_hash};

scenarios! {
    threat_18_a_pack_shows_an_order_to_whoever_has_the_logs_key_and_any_change_of_it_is_seen,
}

/// What was made of a desk's orders.
struct Packs {
    temp: tempfile::TempDir,
    vkey: String,
    passphrase: String,
    /// Of the orders in turn, with what support was told of each.
    made: Vec<(PathBuf, Value)>,
    /// The receipt of the first: entry and leaf hash.
    receipt: String,
}

impl Packs {
    /// The desk's directory.
    fn data(&self) -> String {
        self.temp.path().join("desk").to_str().unwrap().to_owned()
    }
}

const NVDA: &str = "account=A1001 side=buy symbol=NVDA type=limit price=124.00";

/// An order that fills, one that is signed, one by code that a second person approves with a key of theirs.
fn packs() -> Packs {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("desk");
    let mut talk = Talk::start(temp.path(), &["--seed", "3", "--data", data.to_str().unwrap()]);
    // Whoever signs in early has a fresh code by the time they need one.
    talk.done("as role=supervisor");
    talk.done("as role=admin");
    talk.done("as role=broker");
    let filled = talk.done("order new account=A1001 side=buy symbol=AAPL type=market qty=100 text=\"for the pension\"");
    talk.done("wait order=last status=Filled timeout=30s");
    talk.done("key register");
    talk.done(&format!("order new {NVDA} qty=900"));
    let signed = talk.done("proof key=auto");
    talk.done("wait order=last status=New timeout=30s");
    talk.done("order amend id=last qty=800");
    talk.done("as role=admin");
    talk.done("policy set what=approval_notional role=broker value=110000");
    let asked = talk.done("proof code=auto");
    talk.done("as role=supervisor");
    talk.done("key register");
    approve(&mut talk, &asked["approval"]["id"]);
    talk.done("as role=broker");
    talk.done(&format!("order new {NVDA} qty=901"));
    let waits = talk.done("proof code=auto");
    talk.done("as role=supervisor");
    let waiting = talk.done("approvals");
    approve(&mut talk, &waiting["approvals"][0]["id"]);
    talk.done("as role=broker");
    talk.done("wait order=last status=New timeout=30s");
    talk.done(&format!("order cancel id={}", waits["order_id"].as_str().unwrap()));
    talk.done("wait order=last status=Canceled timeout=30s");
    let orders: Vec<String> = [&filled, &signed, &waits].map(|one| one["order_id"].as_str().unwrap().to_owned()).into();
    let file = |order: &str| temp.path().join(format!("{order}.turret-pack"));
    let line = |order: &str, file: &Path| format!("audit pack order={order} file=\"{}\"", file.display());
    let denied = talk.refused(&line(&orders[0], &file("mine")));
    assert_eq!(denied["denial"]["code"], "not_permitted", "a broker hands out none: {denied}");
    talk.done("as role=support");
    let mut made = Vec::new();
    for order in &orders {
        let path = file(order);
        made.push((path.clone(), talk.done(&line(order, &path))));
    }
    talk.refused(&line(&orders[0], &file(&orders[0])));
    let none = talk.refused(&line("O999999", &file("none")));
    assert_eq!(none["denial"]["code"], "unknown_order", "{none}");
    let told = talk.done("audit search action=pack_made");
    let details: String = told["entries"].as_array().unwrap().iter().map(|row| row["detail"].to_string()).collect();
    for (_, answer) in &made {
        assert!(details.contains(answer["sha256"].as_str().unwrap()), "the log has what was handed out: {details}");
    }
    let told = &filled["receipt"];
    let receipt = format!("{}:{}", told["sequence"], told["leaf"].as_str().unwrap());
    assert_eq!(talk.end(), Some(1), "lines were to be refused");
    let passphrase = passphrase(&data);
    let (status, vkey) =
        program(&["turretd", "audit", "vkey", "--data", data.to_str().unwrap(), "--passphrase-fd", "0"], &passphrase);
    assert_eq!(status, Some(0), "{vkey}");
    Packs { temp, vkey: vkey.trim().to_owned(), passphrase, made, receipt }
}

fn approve(talk: &mut Talk, id: &Value) {
    talk.done(&format!("approve id={id} reason=checked"));
    talk.done("proof key=auto");
}

fn threat_18_a_pack_shows_an_order_to_whoever_has_the_logs_key_and_any_change_of_it_is_seen() {
    let packs = packs();
    let key: VerifierKey = packs.vkey.parse().unwrap();
    let check = |path: &Path, more: &[&str]| {
        let mut args = vec!["turret", "audit", "verify", path.to_str().unwrap(), "--vkey", &packs.vkey];
        args.extend(more);
        program(&args, "")
    };
    let wanted: [&[&str]; 3] = [
        &["trade ok: ", "CumQty 100", "buy 100 AAPL market", "text committed to as"],
        &["signed by user", "verified here", "buy 900 NVDA limit at 124.00", "amend ok: to 800"],
        &[
            "the server says so, nobody else can",
            "waits for a second person",
            "approval_judged ok",
            "approved by user",
            "signed by user",
            "canceled ok: as asked",
        ],
    ];
    for ((path, _), parts) in packs.made.iter().zip(wanted) {
        let (status, said) = check(path, &[]);
        assert_eq!(status, Some(3), "{said}");
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("pension") && !said.contains("ann.lee"), "no text and no name: {said}");
    }
    let first = &packs.made[0].0;
    let (status, said) = check(first, &["--receipt", &packs.receipt]);
    assert_eq!(status, Some(0), "{said}");
    let (place, leaf) = packs.receipt.split_once(':').unwrap();
    let other = format!("{place}:{}", leaf.chars().rev().collect::<String>());
    assert_eq!(check(first, &["--receipt", &other]).0, Some(1));
    let strange = VerifierKey::new(key.name(), [7; 32]).unwrap().to_string();
    let args = ["turret", "audit", "verify", first.to_str().unwrap(), "--vkey", &strange];
    assert_eq!(program(&args, "").0, Some(1), "another key");
    exports(&packs, first);
    theirs(&packs, first);
    tiles(&packs);
    changed(&std::fs::read_to_string(&packs.made[1].0).unwrap(), &key);
}

/// In every form a line an entry, nothing of a pack that does not verify, and the record whole in each line.
fn exports(packs: &Packs, pack: &Path) {
    let export = |path: &Path, key: &str, form: &str| {
        program(&["turret", "audit", "export", path.to_str().unwrap(), "--vkey", key, "--form", form], "")
    };
    let entries = parse(&std::fs::read_to_string(pack).unwrap()).unwrap().entries;
    for form in Form::ALL {
        let (status, said) = export(pack, &packs.vkey, form.as_str());
        assert_eq!(status, Some(0), "{said}");
        let lines: Vec<&str> = said.lines().skip(usize::from(form.heading().is_some())).collect();
        assert_eq!(lines.len(), entries.len(), "one entry, one line: {said}");
        for (line, entry) in lines.iter().zip(&entries) {
            // CEF escapes what pads the end.
            let record = STANDARD.encode(&entry.bytes);
            assert!(line.contains(record.trim_end_matches('=')), "the record is in its line: {line}");
            assert!(line.contains(&leaf_hash(&entry.bytes).to_string()), "{line}");
        }
        assert!(!said.contains("pension") && !said.contains("ann.lee"), "no text and no name: {said}");
    }
    let strange = VerifierKey::new(packs.vkey.parse::<VerifierKey>().unwrap().name(), [7; 32]).unwrap().to_string();
    let (status, said) = export(pack, &strange, "csv");
    assert_eq!(status, Some(1), "{said}");
    assert!(said.starts_with("NOT VERIFIED") && said.lines().count() == 1, "nothing else is written: {said}");
}

/// Each entry and its proof on their own, before code that is not ours.
fn theirs(packs: &Packs, pack: &Path) {
    let apart = packs.temp.path().join("apart");
    let args = ["turret", "audit", "verify", pack.to_str().unwrap(), "--vkey", &packs.vkey, "--split"];
    let (status, said) = program(&[&args[..], &[apart.to_str().unwrap()]].concat(), "");
    assert_eq!(status, Some(3), "{said}");
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&packs.vkey).unwrap())]);
    let mut proved = 0;
    for file in std::fs::read_dir(&apart).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "tlog-proof") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let (head, note) = text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
        let index: u64 = lines.next().unwrap().strip_prefix("index ").unwrap().parse().unwrap();
        let path: Vec<Hash> = lines.map(|line| Hash::parse_hash(line).unwrap()).collect();
        let note = Note::from_bytes(note.as_bytes()).unwrap();
        assert_eq!(note.verify(&known).unwrap().0.len(), 1);
        let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
        let record = tlog_tiles::record_hash(&std::fs::read(file.with_extension("cbor")).unwrap());
        tlog_tiles::check_record(&path, checkpoint.size(), *checkpoint.hash(), index, record).unwrap();
        proved += 1;
    }
    assert!(proved > 5, "{proved} entries");
}

/// The log's files, read by code that is not ours: it proves every leaf against the signed root from them alone.
fn tiles(packs: &Packs) {
    let folder = packs.temp.path().join("tiles");
    let data = packs.data();
    let args = ["turretd", "audit", "tiles", "--data", &data, "--to", folder.to_str().unwrap(), "--passphrase-fd", "0"];
    for again in [false, true] {
        let (status, said) = program(&args, &packs.passphrase);
        assert_eq!(status, Some(0), "{said}");
        assert_eq!(said.starts_with("1 files written"), again, "what is there stays: {said}");
    }
    let note = Note::from_bytes(&std::fs::read(folder.join("checkpoint")).unwrap()).unwrap();
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&packs.vkey).unwrap())]);
    assert_eq!(note.verify(&known).unwrap().0.len(), 1);
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    let files = Files(folder.clone());
    let reader = TileHashReader::new(checkpoint.size(), *checkpoint.hash(), &files);
    let mut records = Vec::new();
    for index in 0..checkpoint.size().div_ceil(256) {
        let width = checkpoint.size().saturating_sub(index * 256).min(256);
        let mut bytes = &std::fs::read(folder.join(Files::name("tile/entries", index, width))).unwrap()[..];
        while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
            let (entry, rest) = rest.split_at(u16::from_be_bytes(*length).into());
            records.push(tlog_tiles::record_hash(entry));
            bytes = rest;
        }
    }
    assert_eq!(records.len() as u64, checkpoint.size());
    for (index, record) in (0_u64..).zip(records).step_by(17) {
        let path = tlog_tiles::prove_record(checkpoint.size(), index, &reader).unwrap();
        tlog_tiles::check_record(&path, checkpoint.size(), *checkpoint.hash(), index, record).unwrap();
    }
}

/// A folder of tiles.
struct Files(PathBuf);

impl Files {
    fn name(under: &str, index: u64, width: u64) -> String {
        if width == 256 { format!("{under}/{index:03}") } else { format!("{under}/{index:03}.p/{width}") }
    }
}

impl TileReader for Files {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &Tile| {
            let name = Self::name(&format!("tile/{}", tile.level()), tile.level_index(), tile.width().into());
            std::fs::read(self.0.join(name)).unwrap()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// No bit can be flipped, no entry left out that another needs, none put in that is of another order.
fn changed(text: &str, key: &VerifierKey) {
    assert!(verify(text, key, &[]).is_ok());
    let mut bytes = text.as_bytes().to_vec();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            let still = std::str::from_utf8(&bytes).is_ok_and(|text| verify(text, key, &[]).is_ok());
            assert!(!still, "bit {bit} of byte {at} makes no difference");
            bytes[at] ^= 1 << bit;
        }
    }
    let whole = parse(text).unwrap();
    let mut needed = 0;
    for out in 0..whole.entries.len() {
        let mut less = whole.clone();
        less.entries.remove(out);
        let verdict = verify(&write(&less).unwrap(), key, &[]);
        needed += usize::from(verdict.is_err());
    }
    assert!(needed >= 7, "order, listing, account, session, step-up, signature, registration: {needed}");
    let mut twice = whole.clone();
    twice.entries.push(whole.entries[0].clone());
    assert!(matches!(verify(&write(&twice).unwrap(), key, &[]), Err(PackFault::NotInLog(_))));
}
