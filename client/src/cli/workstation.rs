//! `turret` without a verb: the workstation; it must read its arguments and leave the terminal to the runtime.

use std::process::ExitCode;

use super::{Who, descriptor, fail, way_in};
use crate::opening::Opening;
use crate::profile::Profile;
use crate::runtime::{self, Paper};

/// Opens the workstation at sign-in.
pub(super) fn open(who: &Who) -> ExitCode {
    match opening(who) {
        Ok(opening) => runtime::open(opening),
        Err(error) => fail(&error),
    }
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
    let profile = match (demo.first(), &left) {
        (Some(first), _) => Profile::load(&first.client_dir).map_err(way_in::WayInError::Profile)?,
        (None, Some(left)) => Profile::load(&left.profile).map_err(way_in::WayInError::Profile)?,
        (None, None) => way_in::profile(who)?,
    };
    let profile = match &who.server {
        Some(server) => profile.at(server),
        None => profile,
    };
    let parent_gone =
        who.until_fd_closes.map(descriptor::closing).transpose().map_err(way_in::WayInError::Descriptor)?;
    Ok(Opening { profile, demo, left, parent_gone })
}
