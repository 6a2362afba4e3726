//! Signed commands as files: written by the server's program, verified by the client's; it must read none itself.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Output, Stdio};

use turret_tests::demo::{AS_CLIENT, AS_SERVER};

use super::desk::PASSPHRASE;
use super::house::House;

/// The program, told something on its standard input.
fn program(args: &[&str], said: &str) -> Output {
    let mut child = Process::new(env!("CARGO_BIN_EXE_demo"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn verified(file: &Path) -> (Option<i32>, String) {
    let output = program(&[AS_CLIENT, "audit", "verify-intent", file.to_str().unwrap()], "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

pub(crate) fn exported(house: &House, entry: u64) -> String {
    let data = house.data().to_str().unwrap().to_owned();
    let entry = entry.to_string();
    let args = [AS_SERVER, "audit", "export-intent", "--data", &data, "--entry", &entry, "--passphrase-fd", "0"];
    let output = program(&args, PASSPHRASE);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
