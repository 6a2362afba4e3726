//! Recovery shares as people give them: at the terminal or by a descriptor, never by argument or environment; it must keep none.

use std::fs::File;
use std::io::Read;

use zeroize::Zeroizing;

use super::init::{Failed, failed};
use super::screen::Screen;
use crate::recovery::{LINES, RecoverySet, Share, ShareFault, read_shares};

/// Most bytes read from a descriptor.
const TEXT_BYTES_MAX: u64 = 16 * 1024;

/// So many shares as the set takes, or all that a descriptor gives.
pub(super) fn given(descriptor: Option<u32>, origin: &str, set: &RecoverySet) -> Result<Vec<Share>, Failed> {
    match descriptor {
        Some(descriptor) => read(descriptor),
        None => asked(&Screen::open()?, origin, set),
    }
}

fn read(descriptor: u32) -> Result<Vec<Share>, Failed> {
    let said = || failed(format!("descriptor {descriptor}"));
    let file = File::open(format!("/dev/fd/{descriptor}")).map_err(said())?;
    let mut text = Zeroizing::new(String::with_capacity(TEXT_BYTES_MAX as usize));
    file.take(TEXT_BYTES_MAX).read_to_string(&mut text).map_err(said())?;
    Ok(read_shares(&text)?)
}

/// One after the other; the screen is cleared after each.
fn asked(screen: &Screen, origin: &str, set: &RecoverySet) -> Result<Vec<Share>, Failed> {
    let mut shares = Vec::new();
    while shares.len() < usize::from(set.threshold) {
        let place = shares.len().saturating_add(1);
        screen.say(&format!(
            "Share {place} of {}, set {:08X}: its five lines, or the one line that its code holds.\n",
            set.threshold, set.set
        ))?;
        let share = one(screen)?;
        screen.clear()?;
        match set.belongs(origin, &share, &shares) {
            Ok(()) => {
                screen.say(&format!("Share {} is good.\n", share.number))?;
                shares.push(share);
            }
            Err(error) => screen.say(&format!("{error}.\n"))?,
        }
    }
    Ok(shares)
}

fn one(screen: &Screen) -> Result<Share, Failed> {
    let mut lines: Vec<Zeroizing<String>> = Vec::with_capacity(LINES);
    loop {
        let line = screen.ask(&format!("  {}  ", lines.len().saturating_add(1)))?;
        lines.push(line);
        let mut text = Zeroizing::new(String::with_capacity(4 * 1024));
        lines.iter().for_each(|line| {
            text.push_str(line);
            text.push('\n');
        });
        match read_shares(&text) {
            Ok(mut read) => match read.pop() {
                Some(share) => return Ok(share),
                // An empty line.
                None => lines.clear(),
            },
            Err(ShareFault::Short(_)) => {}
            Err(fault @ ShareFault::Line { .. }) => {
                drop(lines.pop());
                screen.say(&format!("{fault}; type that line again.\n"))?;
            }
            Err(fault) => {
                lines.clear();
                screen.say(&format!("{fault}; begin again with its first line.\n"))?;
            }
        }
    }
}
