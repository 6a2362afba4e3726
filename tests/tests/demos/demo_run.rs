//! Runs the demo as a person would and reads its answers; it must know no order.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The demo, its temporary directories under `temp`.
pub(crate) fn demo(temp: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(args).current_dir(root()).env("TMPDIR", temp);
    command
}

/// The program as `turret` or `turretd`, its streams ours.
pub(crate) fn piped(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(args).current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program as `turret` or `turretd`; its status, and what it said on both streams.
pub(crate) fn program(args: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = piped(args).spawn().unwrap();
    // One that asks for nothing may have ended.
    let _ = writeln!(child.stdin.take().unwrap(), "{input}");
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
}

/// What opens the keys of a desk that was kept there.
pub(crate) fn passphrase(data: &Path) -> String {
    let text = std::fs::read_to_string(data.join("demo-credentials.json")).unwrap();
    let secrets: Value = serde_json::from_str(&text).unwrap();
    secrets["passphrase"].as_str().unwrap().to_owned()
}

/// One line of answer.
pub(crate) fn answer(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("not JSON ({e}): {line}"));
    assert!(value["ok"].is_boolean(), "{line}");
    value
}

/// A demo answered line by line.
pub(crate) struct Talk {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Talk {
    pub(crate) fn start(temp: &Path, more: &[&str]) -> Self {
        let mut args = vec!["--script", "-", "--keep-going"];
        args.extend(more);
        let mut child = demo(temp, &args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    /// Says a line and hears its answer.
    #[allow(clippy::print_stdout, reason = "a failing script shows what was said")]
    pub(crate) fn say(&mut self, line: &str) -> Value {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
        let mut heard = String::new();
        self.output.read_line(&mut heard).unwrap();
        assert!(!heard.is_empty(), "no answer to {line}");
        let value = answer(heard.trim_end());
        println!("{line}\n  {value}");
        value
    }

    /// The same for a line that must be done.
    pub(crate) fn done(&mut self, line: &str) -> Value {
        let value = self.say(line);
        assert_eq!(value["ok"], true, "{line}: {value}");
        value
    }

    /// The same for a line that must be refused.
    pub(crate) fn refused(&mut self, line: &str) -> Value {
        let value = self.say(line);
        assert_eq!(value["ok"], false, "{line}: {value}");
        value
    }

    /// Ends the script; the demo's status.
    pub(crate) fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        drop(self.input.take());
        // Ended already, mostly; its parts end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
