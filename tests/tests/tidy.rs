//! House rules that neither Cargo nor Clippy enforces; it must read sources only and never build anything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, in lines.
const FILE_LINES_MAX: usize = 500;
/// Longest `mod.rs`, in lines: it is a table of contents.
const MOD_LINES_MAX: usize = 150;
/// Names that say nothing about what is inside.
const BANNED_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];

struct Source {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn collect(dir: &Path, base: &Path, out: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(dir).expect("source folder").map(|e| e.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | ".git" | "golden") {
                collect(&path, base, out);
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("source file");
            let path = path.strip_prefix(base).expect("below the root").to_string_lossy().replace('\\', "/");
            out.push(Source { path, text });
        }
    }
}

fn sources() -> Vec<Source> {
    let base = root();
    let mut out = Vec::new();
    for folder in ["shared", "server", "client", "certs", "tests"] {
        collect(&base.join(folder), &base, &mut out);
    }
    assert!(out.len() > 20, "the walk found the sources");
    out
}

/// Runs one rule over every source and fails with all offenders at once.
fn check(rule: &str, broken: impl Fn(&Source) -> Option<String>) {
    let offenders: Vec<String> =
        sources().iter().filter_map(|s| broken(s).map(|why| format!("  {}: {why}", s.path))).collect();
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}

#[test]
fn every_file_says_its_job_first() {
    check("a file opens with one `//!` sentence", |s| {
        (!s.text.starts_with("//! ")).then(|| "no `//!` on the first line".to_owned())
    });
}

#[test]
fn files_stay_short() {
    check("a longer file is two things", |s| {
        let lines = s.text.lines().count();
        let most = if s.path.ends_with("/mod.rs") { MOD_LINES_MAX } else { FILE_LINES_MAX };
        (lines > most).then(|| format!("{lines} lines of at most {most}"))
    });
}

#[test]
fn names_say_what_is_inside() {
    check("a name that says nothing", |s| {
        s.path
            .trim_end_matches(".rs")
            .split('/')
            .find(|part| BANNED_NAMES.contains(part))
            .map(|part| format!("`{part}`"))
            .or_else(|| s.text.contains(concat!("Man", "ager {")).then(|| "a type named ...Manager".to_owned()))
    });
}

#[test]
fn nothing_is_left_open() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    check("an open end", |s| marks.iter().find(|m| s.text.contains(**m)).map(|m| format!("`{m}`")));
}

/// `(folder, what its code must not name)`: the invariants of absence in ARCHITECTURE.md.
const MUST_NOT_NAME: [(&str, &[&str]); 13] = [
    ("shared/src/", &["turret_engine", "turret_server", "turret_client", "turret_certs", "std::", "tokio", "quinn"]),
    ("shared/disk/src/", &["turret_engine", "turret_server", "turret_client", "turret_certs", "tokio", "quinn"]),
    ("server/engine/src/", &["turret_server", "turret_client", "std::time", "rand", "HashMap::new()"]),
    ("server/src/", &["turret_client"]),
    ("client/src/", &["turret_server", "turret_engine"]),
    ("certs/src/", &["turret_server", "turret_client", "turret_engine"]),
    ("client/src/app/", &["ratatui", "crossterm", "tokio"]),
    ("client/src/view/", &["tokio", "quinn"]),
    ("server/src/store/", &["crate::vault", "crate::venue", "crate::keys"]),
    ("server/src/vault/", &["crate::store", "crate::venue", "crate::keys"]),
    ("server/src/venue/", &["crate::store", "crate::vault", "crate::keys"]),
    ("server/src/keys/", &["crate::store", "crate::vault", "crate::venue"]),
    ("server/src/session/", &["tokio", "quinn", "rusqlite"]),
];

/// Source without its comments and its trailing test module.
fn code_of(s: &Source) -> String {
    let body = s.text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    body.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_point_one_way() {
    for (folder, words) in MUST_NOT_NAME {
        check(&format!("{folder} must not name these"), |s| {
            if !s.path.starts_with(folder) {
                return None;
            }
            let code = code_of(s);
            words.iter().find(|w| code.contains(**w)).map(|w| format!("`{w}`"))
        });
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    check("`env::var` outside config and cli", |s| {
        let allowed = s.path.contains("/config") || s.path.contains("/cli") || s.path.starts_with("tests/");
        (!allowed && code_of(s).contains("env::var")).then(|| "reads the environment".to_owned())
    });
}

#[test]
fn no_secret_can_be_printed() {
    check("a type that holds a secret must not derive Debug", |s| {
        let code = code_of(s);
        let mut lines = code.lines().peekable();
        let mut derives_debug = false;
        for line in lines.by_ref() {
            let line = line.trim();
            if line.starts_with("#[derive(") {
                derives_debug = line.contains("Debug");
            } else if line.starts_with("pub struct")
                || line.starts_with("struct")
                || line.starts_with("pub(crate) struct")
            {
                let named = ["Key", "Secret", "Password", "Token", "Pepper", "Passphrase", "Seed"]
                    .iter()
                    .any(|word| line.split(['(', '{', '<', ';']).next().is_some_and(|n| n.trim().ends_with(word)));
                if named && derives_debug && !line.contains("Public") && !line.contains("Verif") {
                    return Some(format!("`{line}`"));
                }
                derives_debug = false;
            } else if line.contains("enum ") || line.ends_with('}') {
                derives_debug = false;
            }
        }
        None
    });
}
