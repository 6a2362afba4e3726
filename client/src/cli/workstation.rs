//! `turret` without a verb: the workstation; it must read its arguments and leave the terminal to the runtime.

use std::process::ExitCode;

use super::{Who, descriptor, fail, way_in};
use crate::opening::Opening;
use crate::profile::Profile;
use crate::runtime;

/// Opens the workstation at sign-in.
pub(super) fn open(who: &Who) -> ExitCode {
    match opening(who) {
        Ok(opening) => runtime::open(opening),
        Err(error) => fail(&error),
    }
}

fn opening(who: &Who) -> Result<Opening, way_in::WayInError> {
    let demo = way_in::given(who)?.unwrap_or_default();
    let profile = match demo.first() {
        Some(first) => Profile::load(&first.client_dir).map_err(way_in::WayInError::Profile)?,
        None => way_in::profile(who)?,
    };
    let profile = match &who.server {
        Some(server) => profile.at(server),
        None => profile,
    };
    let parent_gone =
        who.until_fd_closes.map(descriptor::closing).transpose().map_err(way_in::WayInError::Descriptor)?;
    Ok(Opening { profile, demo, parent_gone })
}
