//! The script grammar's document names every verb and argument of the registry; it must start no server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use turret_client::actions::ACTIONS;

#[test]
fn the_document_names_every_verb_and_argument() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/script.md");
    let text = fs::read_to_string(path).expect("docs/script.md");
    for action in ACTIONS {
        let Some(verb) = action.verb else { continue };
        let words = verb.words.join(" ");
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(&format!("`{words}"))).collect();
        assert!(!lines.is_empty(), "`{words}` is not in docs/script.md");
        for argument in verb.arguments {
            let named = lines
                .iter()
                .any(|line| line.contains(&format!("{}=", argument.name)) || line.contains("(as `order new`)"));
            assert!(named, "`{words}` does not name {}=", argument.name);
        }
    }
}
