//! What the engine does about an alert by itself, as the house chose for its rule; it must never leave a house without an admin.

use turret_shared::event::Event;
use turret_shared::event::alert::{AlertAnswer, AlertAnswered, AlertRaised, AnswerDone};
use turret_shared::event::ops::BanSet;
use turret_shared::event::session::{DeviceLocked, SignInFault};
use turret_shared::ids::{BanId, Sequence, UserId};
use turret_shared::limits::{BAN_ANSWER_S, DELAY_S_MAX};
use turret_shared::role::Role;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::SessionEnd;

use super::{Draft, manage, session};
use crate::State;
use crate::alerts::whom;

/// Answered in the decision that raised it: nothing of the person's is decided in between.
pub(super) fn carry_out(draft: &mut Draft<'_>, alert: Sequence, raised: &AlertRaised) {
    let Some(answer) = raised.answer else { return };
    let user = whom(draft.state.access(), raised);
    let done = user.map_or(AnswerDone::Nobody, |user| outcome(draft, user, raised, answer));
    let until = (done == AnswerDone::Delayed).then(|| delayed_until(draft.stamp.time, raised));
    draft.emit(Event::AlertAnswered(AlertAnswered { alert, user, done, until }));
    let Some(user) = user else { return };
    if done == AnswerDone::Banned {
        // Numbered as the alert is: of that there is one.
        let (ban, fault, address) = (BanId(alert.0), raised.rule.as_str().into(), raised.address);
        let for_s = BAN_ANSWER_S;
        draft.emit(Event::BanSet(BanSet { ban, fault, offences: 0, for_s, before: 0, address, by: None }));
    }
    if done == AnswerDone::UserLocked {
        let state = draft.state;
        for (device, _) in manage::devices(state, user).filter(|(_, device)| manage::is_turned(device, true)) {
            let fault = Some(SignInFault::Alert);
            draft.emit(Event::DeviceLocked(DeviceLocked { device, locked: true, fault }));
        }
    }
    let ends = [AnswerDone::SessionEnded, AnswerDone::UserLocked, AnswerDone::LastAdmin, AnswerDone::Banned];
    if ends.contains(&done) {
        session::end_where(draft, SessionEnd::Alert, |live| live.user == user);
    }
}

/// What is to be done, as things are now.
fn outcome(draft: &Draft<'_>, user: UserId, raised: &AlertRaised, answer: AlertAnswer) -> AnswerDone {
    let (state, now) = (draft.state, draft.stamp.time);
    let signed_in = state.sessions().any(|(_, live)| live.user == user);
    let ends = |done| if signed_in { done } else { AnswerDone::Nothing };
    let binds = |done| if state.alerts.bound_by(user, raised.rule, done) { AnswerDone::Nothing } else { done };
    match answer {
        AlertAnswer::KillSession => ends(AnswerDone::SessionEnded),
        AlertAnswer::LockUser if is_last_admin(state, user) => ends(AnswerDone::LastAdmin),
        AlertAnswer::LockUser if manage::devices(state, user).any(|(_, device)| manage::is_turned(device, true)) => {
            AnswerDone::UserLocked
        }
        AlertAnswer::LockUser => ends(AnswerDone::SessionEnded),
        AlertAnswer::HoldOrders => binds(AnswerDone::OrdersHeld),
        AlertAnswer::StepUp => binds(AnswerDone::StepUp),
        // One that ends no later than what is there already changes nothing.
        AlertAnswer::Delay if state.alerts.delays(user, now).unwrap_or(now) >= delayed_until(now, raised) => {
            AnswerDone::Nothing
        }
        AlertAnswer::Delay => AnswerDone::Delayed,
        AlertAnswer::Ban if is_last_admin(state, user) => ends(AnswerDone::LastAdmin),
        AlertAnswer::Ban if raised.address.is_some() => AnswerDone::Banned,
        AlertAnswer::Ban => ends(AnswerDone::SessionEnded),
    }
}

/// Until when whom it is about waits.
fn delayed_until(now: Timestamp, raised: &AlertRaised) -> Timestamp {
    let delay_s = raised.delay_s.unwrap_or_default().min(DELAY_S_MAX);
    now.after_ns(i64::from(delay_s).saturating_mul(NS_PER_S))
}

/// True when no other admin has a device that is let in: nobody could let this one in again.
fn is_last_admin(state: &State, user: UserId) -> bool {
    let access = state.access();
    let other = |admin: UserId| admin != user && manage::devices(state, admin).any(|(_, device)| device.is_live());
    access.role(user) == Some(Role::Admin)
        && !access.users().any(|(admin, known)| known.role == Some(Role::Admin) && other(admin))
}
