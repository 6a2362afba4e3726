//! Folds sessions, proofs and what operations note; it must hold nothing of a session that ended.

use turret_shared::denial::DenialCode;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::session::{CommandBytes, PendingCommand, SignInFault};
use turret_shared::ids::{PendingId, SessionId};

use super::person;
use crate::State;
use crate::state::sessions::{Pending, Session};

pub(super) fn fold(state: &mut State, head: &Head, event: &Event) {
    match event {
        Event::SignedIn(e) => {
            let session = Session {
                user: e.user,
                device: e.device,
                credential: e.credential,
                token: e.token,
                script: e.script,
                started: head.time,
                acted: head.time,
                refusals: alloc::vec::Vec::new(),
            };
            state.sessions.live.insert(SessionId(head.sequence.0), session);
            state.seen.signed_in(e.user, e.device, head.time);
        }
        // Both factors were right then: nobody was turned away.
        Event::SignInFailed(e) if e.fault == SignInFault::PasswordExpired => {}
        Event::SignInFailed(e) => state.seen.failed(e),
        Event::DeviceLocked(e) => state.seen.device_locked(e.device, e.locked, head),
        Event::SessionEnded(e) => state.sessions.end(e.session, e.reason),
        Event::ProofAsked(e) => {
            let (Some(session), Some(user)) = (head.origin.session, person(head)) else { return };
            let order_as_of = match &e.command {
                PendingCommand::New(_)
                | PendingCommand::Manage(_)
                | PendingCommand::Propose(_)
                | PendingCommand::Judge(_)
                | PendingCommand::Bulk(_)
                | PendingCommand::Let(_) => None,
                PendingCommand::Amend(terms) => state.orders.find(terms.order).map(|(_, order)| order.sequence),
            };
            state.sessions.expire(head.time);
            let digest = e.bytes.as_ref().map(CommandBytes::digest);
            let pending =
                Pending { session, user, command: e.command.clone(), expires: e.expires, order_as_of, digest };
            state.sessions.pending.insert(PendingId(head.sequence.0), pending);
        }
        Event::ProofGiven(e) => {
            state.sessions.pending.remove(&e.pending);
        }
        Event::IntentSigned(e) => {
            if let Some(pending) = &e.pending {
                state.sessions.pending.remove(pending);
            }
            state.sessions.counters.insert(e.credential, e.counter);
            state.seen.key_used(e.credential, head.time);
        }
        Event::TotpSpent(e) => {
            let spent = state.sessions.spent.entry(e.credential).or_default();
            *spent = (*spent).max(e.step);
        }
        _ => {}
    }
}

pub(super) fn fold_ops(state: &mut State, head: &Head, event: &Event) {
    match event {
        // Who must register a key first is no prober.
        Event::AccessDenied(e) if e.code == DenialCode::KeyWanted => {}
        Event::AccessDenied(_) => {
            if let Some(session) = head.origin.session.and_then(|id| state.sessions.live.get_mut(&id)) {
                session.note_refusal(head.time);
            }
        }
        // Whatever was known of the venue's link died with the process that knew it.
        Event::Started(_) => state.venue.link = false,
        Event::ClockStep(e) => state.sessions.clock_stepped = !e.acknowledged,
        _ => {}
    }
}
