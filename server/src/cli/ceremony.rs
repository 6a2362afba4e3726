//! `turretd keys ceremony`: the recovery key, made and given to people in shares at one terminal; it must write no share
//! anywhere else.

use std::path::PathBuf;

use qrcode::{Color, EcLevel, QrCode};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::custody::KeyCeremony;
use zeroize::Zeroizing;

use super::custody::{self, Stamp, Unlock};
use super::init::Failed;
use super::moving;
use super::record::record;
use super::screen::Screen;
use crate::config::Layout;
use crate::random;
use crate::recovery::{RecoveryKey, RecoverySet, SHARE_PREFIX, Share};

/// Letters of a group.
const GROUP: usize = 4;
/// Groups of a line before its check.
const GROUPS: usize = 4;
/// Light modules around a code.
const QUIET: i32 = 2;

/// Arguments of `turretd keys ceremony`.
#[derive(Debug, clap::Args)]
pub(super) struct CeremonyArgs {
    /// Directory made by `turretd init`.
    #[arg(long)]
    data: PathBuf,
    /// How many shares there are, from 2 to 16: one for each custodian.
    #[arg(long, value_name = "N")]
    shares: u8,
    /// How many of them bring everything back, from 2.
    #[arg(long, value_name = "M")]
    threshold: u8,
    /// What opens the key store.
    #[command(flatten)]
    unlock: Unlock,
}

/// Holds it; what the operator is told.
pub(super) fn hold(args: &CeremonyArgs) -> Result<String, Failed> {
    let layout = Layout::new(args.data.clone());
    let config = moving::config(layout.data())?;
    let screen = Screen::open()?;
    let stamp = Stamp::of(&layout)?;
    let keys = custody::open(&layout, &config.keys, &args.unlock)?;
    let before = RecoverySet::read(&layout.recovery(), keys.as_ref())?;
    let (set, shares) = RecoveryKey::make(&config.origin, args.threshold, args.shares, random::system)?;
    for share in &shares {
        hand_over(&screen, &config.origin, share)?;
    }
    drop(shares);
    stamp.still_holds(&layout)?;
    // Every custodian has theirs: only now it is the one in force.
    let event = KeyCeremony {
        set: set.set,
        threshold: set.threshold,
        shares: set.shares,
        seals: Digest(set.seals),
        signs: Digest(set.signs),
    };
    record(&layout, &config, &keys, Event::KeyCeremony(event))?;
    set.write(&layout.recovery(), keys.as_ref(), random::system)?;
    let RecoverySet { threshold, shares, .. } = set;
    let voided = match before {
        Some(before) => format!(
            "Set {:08X} is void: its shares open the backups made before, and none that is made from now on.\n",
            before.set
        ),
        None => String::new(),
    };
    Ok(format!(
        "Set {:08X}: any {threshold} of its {shares} shares open the backups made from now on.\n{voided}Make one now: turretd backup --data {} --to FILE\n",
        set.set,
        args.data.display()
    ))
}

/// Shows one share to its custodian until they have it on paper.
fn hand_over(screen: &Screen, origin: &str, share: &Share) -> Result<(), Failed> {
    let lines = share.lines();
    screen.clear()?;
    screen.ask(&format!(
        "Custodian {} of {}: this share is for you alone. Nobody else looks? Press Enter.",
        share.number, share.shares
    ))?;
    loop {
        screen.clear()?;
        screen.say(&page(origin, share, &lines)?)?;
        screen.ask("All of it is on paper? Press Enter: the screen is cleared.")?;
        screen.clear()?;
        if holds(screen, share, &lines)? {
            return screen.clear();
        }
        screen.ask("That is not what stands there. Press Enter to see the share once more.")?;
    }
}

/// A group of a line, picked by chance, as only whoever wrote it down can say it.
fn holds(screen: &Screen, share: &Share, lines: &[Zeroizing<String>]) -> Result<bool, Failed> {
    let [line, group] = random::array::<2>(random::system)?;
    // Behind the first line, which says nothing of the value.
    let line = usize::from(line).checked_rem(lines.len().saturating_sub(1)).unwrap_or(0).saturating_add(1);
    let group = usize::from(group).checked_rem(GROUPS).unwrap_or(0);
    let wanted = lines.get(line).and_then(|text| text.get(group * GROUP..group * GROUP + GROUP)).unwrap_or_default();
    let question = format!(
        "Custodian {}: from your paper, line {}, group {}: ",
        share.number,
        line.saturating_add(1),
        group.saturating_add(1)
    );
    let typed = screen.ask(&question)?;
    Ok(!wanted.is_empty() && typed.trim().eq_ignore_ascii_case(wanted))
}

/// All that goes on the paper, with the code at its side: it fits on the smallest screen.
fn page(origin: &str, share: &Share, lines: &[Zeroizing<String>]) -> Result<Zeroizing<String>, Failed> {
    let mut code = Zeroizing::new(String::with_capacity(128));
    code.push_str(SHARE_PREFIX);
    lines.iter().for_each(|line| code.push_str(line));
    let drawn = drawn(&code)?;
    let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
    text.push_str(&format!(
        "{origin}\nrecovery share {} of {}, set {:08X}: any {} of them bring everything back\n",
        share.number, share.shares, share.set, share.threshold
    ));
    // Beside the middle of the code.
    let above = drawn.lines().count().saturating_sub(lines.len()).div_euclid(2);
    for (row, place) in drawn.lines().zip(0_usize..) {
        text.push_str(row);
        let line = place.checked_sub(above).and_then(|at| Some((at.saturating_add(1), lines.get(at)?)));
        if let Some((number, line)) = line {
            text.push_str(&format!("   {number} "));
            for group in line.as_bytes().chunks(GROUP) {
                text.push(' ');
                text.extend(group.iter().copied().map(char::from));
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// A code to scan, two rows a line, light on the terminal's dark.
fn drawn(content: &str) -> Result<Zeroizing<String>, Failed> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M)?;
    let width = i32::try_from(code.width()).unwrap_or(0);
    let colors = code.to_colors();
    let light = |x: i32, y: i32| {
        let within = (0..width).contains(&x) && (0..width).contains(&y);
        let at = usize::try_from(y.saturating_mul(width).saturating_add(x)).unwrap_or(usize::MAX);
        !within || colors.get(at) != Some(&Color::Dark)
    };
    let mut text = Zeroizing::new(String::with_capacity(16 * 1024));
    for y in (-QUIET..width.saturating_add(QUIET)).step_by(2) {
        for x in -QUIET..width.saturating_add(QUIET) {
            text.push(match (light(x, y), light(x, y.saturating_add(1))) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push('\n');
    }
    Ok(text)
}
