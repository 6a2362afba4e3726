//! `turret` without a verb: the workstation; it must read its arguments and leave the terminal to the runtime.

use std::path::Path;
use std::process::ExitCode;

use super::manners::Manners;
use super::{Who, descriptor, fail, way_in};
use crate::app::look::Taste;
use crate::keymap::Keymap;
use crate::opening::Opening;
use crate::profile::{Profile, ProfileError};
use crate::runtime::{self, Paper};

/// Opens the workstation at sign-in.
pub(super) fn open(who: &Who, manners: &Manners) -> ExitCode {
    let keymap = manners.keymap();
    // Refused rather than opened with other keys: a key that does what the fingers do not expect costs more than a start.
    // After a lock somebody waits for their drafts: there the table's own keys serve, and the screen says so.
    if let (Err(error), None) = (&keymap, who.left_fd) {
        let way_on = "`turret keys` lists every fault, `--keys default` starts without it";
        return fail(&format!("{error}; {way_on}"));
    }
    let mut opening = match opening(who) {
        Ok(opening) => opening,
        Err(error) => return fail(&error),
    };
    match keymap {
        Ok(keys) => opening.keys = keys,
        Err(error) => opening.trouble = Some(format!("{error}. The table's own keys are in force.")),
    }
    // A wrong colour costs nobody money: it is said, and the start goes on.
    match manners.taste() {
        Ok(taste) => opening.looks = taste,
        Err(error) => opening.trouble = Some(format!("{error}. The automatic theme is in force.")),
    }
    opening.linear = manners.linear;
    runtime::open(opening)
}

fn opening(who: &Who) -> Result<Opening, way_in::WayInError> {
    let left = who.left_fd.map(descriptor::first_line).transpose().map_err(way_in::WayInError::Descriptor)?;
    let left = left.and_then(|line| Paper::read(&line));
    let demo = match (way_in::given(who), &left) {
        (Ok(given), _) => given.unwrap_or_default(),
        // Whoever handed credentials over once need not do it again: the device's owner returns by hand.
        (Err(_), Some(_)) => Vec::new(),
        (Err(error), None) => return Err(error),
    };
    let load = |dir: &Path| Profile::load(dir).map_err(way_in::WayInError::Profile);
    let (mut profiles, trouble) = match (demo.first(), &left) {
        (Some(first), _) => (vec![load(&first.client_dir)?], None),
        (None, Some(left)) => returned(who, load(&left.profile)?),
        (None, None) => way_in::profiles(who)?,
    };
    // It is said of the one that is begun with.
    if let (Some(server), false) = (&who.server, profiles.is_empty()) {
        let first = profiles.remove(0).at(server);
        profiles.insert(0, first);
    }
    let parent_gone =
        who.until_fd_closes.map(descriptor::closing).transpose().map_err(way_in::WayInError::Descriptor)?;
    Ok(Opening {
        profiles,
        demo,
        left,
        parent_gone,
        keys: Keymap::default(),
        plugged: who.plugged(),
        linear: false,
        looks: Taste::default(),
        trouble: trouble.map(|error| format!("One server cannot be chosen: {error}.")),
    })
}

/// Back at a lock: the server that was left, before the others that can be chosen once somebody signed out.
fn returned(who: &Who, left: Profile) -> (Vec<Profile>, Option<ProfileError>) {
    let (others, trouble) = way_in::profiles(who).unwrap_or_default();
    let others = others.into_iter().filter(|other| other.dir != left.dir).collect::<Vec<_>>();
    (std::iter::once(left).chain(others).collect(), trouble)
}
