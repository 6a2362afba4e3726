//! What an event is about, how it ended and why: the fields the audit searches by; it must look at the event only.

use alloc::borrow::Cow;

use super::Event;
use super::session::PendingCommand;
use super::venue::{Surprise, VenueMark};
use crate::alert::AlertStep;
use crate::assertion::AssertionFault;
use crate::entry::{EntryOutcome, Head, Object, ObjectKind};
use crate::house::House;
use crate::ids::OrderId;
use crate::manage::Act;
use crate::own::{Deed, Letting, Thing};

const fn of(kind: ObjectKind, id: u64) -> Option<Object> {
    Some(Object { kind, id })
}

const fn of_order(order: OrderId) -> Option<Object> {
    of(ObjectKind::Order, order.0)
}

pub(super) fn object(event: &Event, head: &Head) -> Option<Object> {
    use ObjectKind as K;
    let own = of_order(OrderId::new(head.sequence, 0));
    match event {
        Event::DeskOpened(e) => of(K::Desk, e.desk.0.into()),
        Event::InstrumentListed(e) => of(K::Instrument, e.instrument.id.0.into()),
        Event::AccountOpened(e) => of(K::Account, e.account.id.0.into()),
        Event::UserCreated(e) => of(K::User, e.user.0.into()),
        Event::UserRecovered(e) => of(K::User, e.user.0.into()),
        Event::RoleSet(e) => of(K::User, e.user.0.into()),
        Event::ComposedRoleSet(e) => of(K::User, e.user.0.into()),
        Event::DeskSet(e) => of(K::User, e.user.0.into()),
        Event::CodeMade(e) => of(K::User, e.user.0.into()),
        Event::EnrolmentFailed(e) => e.user.and_then(|user| of(K::User, user.0.into())),
        Event::EntitlementSet(e) => of(K::User, e.user.0.into()),
        Event::GrantTimed(e) => of(K::User, e.user.0.into()),
        Event::RestrictedSet(e) => of(K::Instrument, e.instrument.0.into()),
        Event::CashMoved(e) => of(K::Account, e.account.0.into()),
        Event::PositionOpened(e) => of(K::Account, e.account.0.into()),
        Event::Labelled(e) => thing(e.thing),
        Event::OwnDenied(e) => deed(e.deed),
        Event::IntentSigned(e) => match e.pending {
            Some(pending) => of(K::Pending, pending.0),
            None => of(K::Credential, e.credential.0.into()),
        },
        Event::SignedIn(_) => of(K::Session, head.sequence.0),
        Event::SignInFailed(e) => e.user.and_then(|user| of(K::User, user.0.into())),
        Event::SessionEnded(e) => of(K::Session, e.session.0),
        Event::ProofAsked(e) => match &e.command {
            PendingCommand::New(_)
            | PendingCommand::Manage(_)
            | PendingCommand::Propose(_)
            | PendingCommand::Bulk(_)
            | PendingCommand::Let(_) => of(K::Pending, head.sequence.0),
            PendingCommand::Judge(judgement) => of(K::Pending, judgement.judge.approval.0),
            PendingCommand::Amend(terms) => of_order(terms.order),
        },
        Event::ProofGiven(e) => of(K::Pending, e.pending.0),
        Event::OrderNew(_) => own,
        Event::OrderDenied(e) => e.terms.as_ref().and(own),
        Event::Amend(e) => of_order(e.terms.order),
        Event::AmendRefused(e) | Event::CancelRefused(e) => e.order.and_then(of_order),
        Event::Cancel(e) => of_order(e.order),
        Event::CancelAll(e) => e.account.and_then(|account| of(K::Account, account.0.into())),
        Event::InDoubt(e) => of_order(e.order),
        Event::PackMade(e) => of_order(e.order),
        Event::DoubtResolved(e) => of_order(e.order),
        Event::VenueSession(_) | Event::VenueLink(_) | Event::Unmatched(_) | Event::SimRefused(_) => None,
        Event::Halt(e) => of(K::Instrument, e.instrument.0.into()),
        Event::AccessDenied(e) => e.object.zip(e.foreign).and_then(|(kind, id)| of(kind, id)),
        Event::Connected(e) => of(K::Connection, e.connection.0),
        Event::AlertRaised(e) => match (e.user, e.device) {
            (Some(user), _) => of(K::User, user.0.into()),
            (None, Some(device)) => of(K::Device, device.0.into()),
            (None, None) => None,
        },
        Event::AlertHandled(_) | Event::AlertDenied(_) | Event::DenialReviewed(_) | Event::ReviewDenied(_) => None,
        Event::ApprovalAsked(e) => target(e.manage.act),
        Event::ApprovalJudged(e) => e.order.map_or(of(K::Pending, e.judge.approval.0), of_order),
        Event::ApprovalVoided(e) => e.order.map_or(of(K::Pending, e.approval.0), of_order),
        Event::ApprovalDenied(e) => of(K::Pending, e.approval.0),
        Event::Managed(e) => target(e.manage.act),
        Event::ManageDenied(e) => target(e.manage.act),
        other => held(other).or_else(|| venue_order(other).and_then(of_order)),
    }
}

/// The device or factor of somebody.
fn held(event: &Event) -> Option<Object> {
    use ObjectKind as K;
    match event {
        Event::DeviceClaimed(e) => of(K::Device, e.device.0.into()),
        Event::EnrolmentJudged(e) => of(K::Device, e.device.0.into()),
        Event::DeviceRegistered(e) => of(K::Device, e.device.0.into()),
        Event::DeviceRevoked(e) => of(K::Device, e.device.0.into()),
        Event::DeviceRenewed(e) => of(K::Device, e.device.0.into()),
        Event::DeviceTurned(e) => of(K::Device, e.device.0.into()),
        Event::DeviceLocked(e) => of(K::Device, e.device.0.into()),
        Event::CredentialActivated(e) => of(K::Credential, e.credential.0.into()),
        Event::CredentialRevoked(e) => of(K::Credential, e.credential.0.into()),
        Event::CredentialExpired(e) => of(K::Credential, e.credential.0.into()),
        Event::TotpSpent(e) => of(K::Credential, e.credential.0.into()),
        Event::KeyRegistered(e) => of(K::Credential, e.credential.0.into()),
        Event::KeySuspended(e) => of(K::Credential, e.credential.0.into()),
        _ => None,
    }
}

fn thing(thing: Thing) -> Option<Object> {
    match thing {
        Thing::Key(key) => of(ObjectKind::Credential, key.0.into()),
        Thing::Device(device) => of(ObjectKind::Device, device.0.into()),
    }
}

fn deed(deed: Deed) -> Option<Object> {
    match deed {
        Deed::Let(Letting::Session(session)) => of(ObjectKind::Session, session.0),
        Deed::Let(Letting::Key(key)) => thing(Thing::Key(key)),
        Deed::Let(Letting::Device(device)) => thing(Thing::Device(device)),
        Deed::Name(named) => thing(named),
    }
}

/// Whom or what an act is on.
fn target(act: Act) -> Option<Object> {
    match act {
        Act::EndSession { session } => of(ObjectKind::Session, session.0),
        Act::LockUser { user, .. }
        | Act::SetRole { user, .. }
        | Act::SetComposedRole { user, .. }
        | Act::CreateUser { user, .. }
        | Act::SetDesk { user, .. }
        | Act::NewCode { user }
        | Act::Recover { user }
        | Act::SetRights { user, .. }
        | Act::RequirePassword { user } => of(ObjectKind::User, user.0.into()),
        Act::SetPolicy { .. }
        | Act::Bulk { .. }
        | Act::SetBan { .. }
        | Act::LiftBan { .. }
        | Act::House(
            House::OpenDesk { .. }
            | House::OpenAccount { .. }
            | House::KeyModel { .. }
            | House::ComposeRole { .. }
            | House::RetireRole { .. },
        ) => None,
        Act::House(House::MoveCash { account, .. }) => of(ObjectKind::Account, account.0.into()),
        Act::House(House::Restrict { instrument, .. }) => of(ObjectKind::Instrument, instrument.0.into()),
        Act::SetLimit { account, .. } => of(ObjectKind::Account, account.0.into()),
        Act::RevokeDevice { device }
        | Act::UnlockDevice { device }
        | Act::ConfirmDevice { device }
        | Act::RefuseDevice { device } => of(ObjectKind::Device, device.0.into()),
    }
}

/// The order a venue's fact is about.
const fn venue_order(event: &Event) -> Option<OrderId> {
    match event {
        Event::VenueNew(e) => Some(e.order),
        Event::VenueRejected(e) => Some(e.order),
        Event::Trade(e) => Some(e.order),
        Event::Bust(e) => Some(e.order),
        Event::Correct(e) => Some(e.order),
        Event::Canceled(e) => Some(e.order),
        Event::Replaced(e) => Some(e.order),
        Event::CancelRejected(e) => Some(e.order),
        Event::Expired(e) | Event::DoneForDay(e) | Event::Suspended(e) | Event::Triggered(e) => Some(e.order),
        Event::Restated(e) => Some(e.order),
        _ => None,
    }
}

/// The mark of a venue's fact.
pub(super) const fn mark(event: &Event) -> Option<&VenueMark> {
    match event {
        Event::VenueNew(e) => Some(&e.mark),
        Event::VenueRejected(e) => Some(&e.mark),
        Event::Trade(e) => Some(&e.mark),
        Event::Bust(e) => Some(&e.mark),
        Event::Correct(e) => Some(&e.mark),
        Event::Canceled(e) => Some(&e.mark),
        Event::Replaced(e) => Some(&e.mark),
        Event::CancelRejected(e) => Some(&e.mark),
        Event::Expired(e) | Event::DoneForDay(e) | Event::Suspended(e) | Event::Triggered(e) => Some(&e.mark),
        Event::Restated(e) => Some(&e.mark),
        Event::VenueSession(e) => Some(&e.mark),
        Event::Halt(e) => Some(&e.mark),
        Event::Unmatched(e) => Some(&e.mark),
        Event::SimRefused(e) => Some(&e.mark),
        _ => None,
    }
}

pub(super) fn outcome(event: &Event) -> EntryOutcome {
    match event {
        Event::OrderDenied(_)
        | Event::ManageDenied(_)
        | Event::ApprovalDenied(_)
        | Event::AlertDenied(_)
        | Event::OwnDenied(_)
        | Event::ReviewDenied(_) => EntryOutcome::Denied,
        Event::ApprovalJudged(e) if !e.judge.approve => EntryOutcome::Refused,
        Event::ApprovalVoided(_) => EntryOutcome::Failed,
        Event::AmendRefused(_) | Event::CancelRefused(_) => EntryOutcome::Refused,
        Event::AccessDenied(_) | Event::Unmatched(_) | Event::BadInput(_) | Event::EnrolmentFailed(_) => {
            EntryOutcome::Flagged
        }
        Event::EnrolmentJudged(e) if !e.confirmed => EntryOutcome::Refused,
        Event::ClockStep(e) if !e.acknowledged => EntryOutcome::Flagged,
        Event::DeviceLocked(e) if e.locked => EntryOutcome::Flagged,
        Event::KeySuspended(_) | Event::KeysLost(_) | Event::LogReopened(_) => EntryOutcome::Flagged,
        Event::SignInFailed(_) | Event::ProofFailed(_) | Event::SimRefused(_) => EntryOutcome::Failed,
        Event::InDoubt(_) | Event::AlertRaised(_) | Event::AlertAnswered(_) | Event::BanSet(_) => EntryOutcome::Flagged,
        Event::DoubtResolved(e) if !e.arrived => EntryOutcome::Flagged,
        other => match mark(other) {
            Some(mark) if !mark.surprise.is_none() => EntryOutcome::Flagged,
            _ => match other {
                Event::VenueRejected(_) => EntryOutcome::Failed,
                Event::CancelRejected(_) => EntryOutcome::Refused,
                _ => EntryOutcome::Ok,
            },
        },
    }
}

pub(super) fn reason(event: &Event) -> Option<Cow<'static, str>> {
    let word = |text: &'static str| Some(Cow::Borrowed(text));
    match event {
        Event::OrderDenied(e) => word(e.denial.rules.first().map_or(e.denial.code.as_str(), |r| r.rule.as_str())),
        Event::AmendRefused(e) | Event::CancelRefused(e) => {
            word(e.refusal.rules.first().map_or(e.refusal.code.as_str(), |r| r.rule.as_str()))
        }
        Event::AccessDenied(e) => word(e.code.as_str()),
        Event::AlertRaised(e) => word(e.rule.as_str()),
        Event::AlertHandled(e) => word(match e.handle.step {
            AlertStep::Resolve { end } => end.as_str(),
            other => other.as_str(),
        }),
        Event::AlertDenied(e) => word(e.code.as_str()),
        Event::OwnDenied(e) => word(e.code.as_str()),
        Event::DenialReviewed(e) => word(e.review.end.as_str()),
        Event::ReviewDenied(e) => word(e.code.as_str()),
        Event::AlertAnswered(e) => word(e.done.as_str()),
        Event::BadInput(e) => Some(Cow::Owned(e.fault.clone())),
        Event::BanSet(e) => Some(Cow::Owned(e.fault.clone())),
        Event::KeysLost(e) => Some(Cow::Owned(e.fault.clone())),
        Event::SignInFailed(e) => word(e.fault.as_str()),
        Event::ProofFailed(e) => word(e.assertion.map_or(e.fault.as_str(), AssertionFault::as_str)),
        Event::IntentSigned(e) => word(e.purpose.as_str()),
        Event::KeySuspended(_) => word(AssertionFault::Counter.as_str()),
        Event::Unmatched(e) => word(e.cause.as_str()),
        Event::InDoubt(e) => word(match e.cause {
            super::order::DoubtCause::NoAnswer => "no_answer",
            super::order::DoubtCause::LinkLost => "link_lost",
        }),
        Event::DoubtResolved(e) if !e.arrived => word("never_arrived"),
        Event::EnrolmentFailed(e) => word(e.fault.as_str()),
        Event::Managed(e) => word(e.manage.why.as_str()),
        Event::ManageDenied(e) => word(e.code.as_str()),
        Event::ApprovalAsked(e) => word(e.manage.why.as_str()),
        Event::ApprovalJudged(e) => word(e.judge.ground.as_str()),
        Event::ApprovalVoided(e) => word(e.cause.as_str()),
        Event::ApprovalDenied(e) => word(e.code.as_str()),
        Event::SessionEnded(e) => word(e.reason.as_str()),
        Event::DeviceLocked(e) => e.fault.and_then(|fault| word(fault.as_str())),
        other => mark(other).and_then(|mark| first_surprise(mark.surprise)),
    }
}

fn first_surprise(surprise: Surprise) -> Option<Cow<'static, str>> {
    Surprise::ALL.into_iter().find(|(bit, _)| surprise.has(*bit)).map(|(_, word)| Cow::Borrowed(word))
}
