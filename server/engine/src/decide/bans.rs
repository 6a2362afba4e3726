//! Bans set and lifted by hand; it must know no address.
//!
//! One admin suffices for either. Setting one only takes away. Lifting one gives nobody a right: it ends by itself anyway, and
//! whoever comes from there still shows a certificate of ours and both factors. Meanwhile a desk behind that address is out.

use turret_shared::ban::{NewBan, is_time};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::approval::Proposal;
use turret_shared::event::ops::{BanLifted, BanSet};
use turret_shared::ids::{BanId, PendingId, UserId};
use turret_shared::manage::{Act, Manage};
use turret_shared::time::Timestamp;

use super::{Draft, manage};
use crate::State;
use crate::input::ClientInput;

/// Seconds in a minute.
const S_PER_MINUTE: u64 = 60;

/// Whoever may not set one is told so; for everyone else the vault has kept the address before this is asked.
pub(super) fn ask(draft: &mut Draft<'_>, input: &ClientInput, new: &NewBan) {
    let act = Act::SetBan { address: input.text.unwrap_or_default(), minutes: new.minutes };
    let manage = Manage { act, why: new.why };
    manage::ask(draft, input, Proposal { manage, command: input.digest }, input.text.is_none());
}

/// Whether it can be done, and anything would be otherwise afterwards.
pub(super) fn changes(state: &State, act: Act, now: Timestamp) -> Result<(), DenialCode> {
    let bans = &state.access().bans;
    match act {
        Act::SetBan { minutes, .. } if !is_time(minutes) => Err(DenialCode::Invalid),
        Act::SetBan { .. } if bans.is_full(now) => Err(DenialCode::BansFull),
        Act::LiftBan { ban } => bans.get(ban, now).map(|_| ()).ok_or(DenialCode::UnknownBan),
        _ => Ok(()),
    }
}

/// One set by hand has the number of the step-up it was asked for with.
pub(super) fn carry_out(draft: &mut Draft<'_>, by: UserId, manage: Manage, proof: PendingId) {
    match manage.act {
        Act::SetBan { address, minutes } => {
            let for_s = u64::from(minutes).saturating_mul(S_PER_MINUTE);
            let (ban, fault) = (BanId(proof.0), manage.why.as_str().into());
            let (address, by) = (Some(address), Some(by));
            draft.emit(Event::BanSet(BanSet { ban, fault, offences: 0, for_s, before: 0, address, by }));
        }
        Act::LiftBan { ban } => draft.emit(Event::BanLifted(BanLifted { ban, by })),
        _ => {}
    }
}
