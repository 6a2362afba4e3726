//! `turret keys`: every action with its keys and places, then what is wrong with the keymap; it must change nothing.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use turret_shared::text::escaped;

use super::manners::{KeysArgs, MannersError};
use super::{BROKEN, DONE, REFUSED};
use crate::actions::{ACTIONS, Action};
use crate::app::act;
use crate::keymap::{FileError, Keymap};

/// Prints the table: status 0 when nothing is wrong, 1 when the keymap has faults, 2 when it cannot be read.
pub(super) fn print(args: &KeysArgs) -> ExitCode {
    let (text, status) = match args.keymap() {
        Ok((from, keymap)) => (format!("{}\nFrom {}. No conflicts.\n", table(&keymap), escaped(&from)), DONE),
        Err(MannersError::Keys(path, FileError::Faults(faults))) => {
            let path = escaped(&path.display().to_string());
            let mut text = format!("{}\nThis is the table's own; {path} is not used:\n", table(&Keymap::default()));
            for fault in faults {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "- {}", escaped(&fault.to_string()));
            }
            (text, REFUSED)
        }
        Err(error @ MannersError::Keys(..)) => (format!("{}\n", escaped(&error.to_string())), REFUSED),
        Err(error) => return super::fail(&error),
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A pager that was closed has read enough.
        Ok(()) => ExitCode::from(status),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(status),
        Err(_) => ExitCode::from(BROKEN),
    }
}

fn table(keymap: &Keymap) -> String {
    let mut text = format!("{:<24}{:<18}{:<18}{:<40}{}\n", "Action", "Keys", "Table's own", "Where", "Does");
    for action in ACTIONS.iter().filter(|action| !action.places.is_empty() || act::offered(action.id)) {
        let (keys, own) = (keymap.all(action.id), action.keys.join(" "));
        let own = if keys == own { "=".to_owned() } else { own };
        let row = format!("{:<24}{:<18}{:<18}{:<40}{}", action.word(), keys, own, places(action), action.doc);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

fn places(action: &Action) -> String {
    let words: Vec<String> = action.places.iter().map(|place| format!("{place:?}").to_lowercase()).collect();
    if words.is_empty() { "palette".to_owned() } else { words.join(" ") }
}
