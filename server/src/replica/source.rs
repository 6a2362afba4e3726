//! Rows of the state as one session may see them, names and texts filled in; it must show nobody another's rows.

use turret_engine::access::{Access, Object, may};
use turret_engine::alerts::whom;
use turret_engine::{Principal, State, views};
use turret_shared::alert::{AlertHandler, AlertStep, AlertStepView, AlertView};
use turret_shared::digest::Digest;
use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::ids::{AccountId, EntitlementVersion, OrderId, Sequence, SessionId, UserId};
use turret_shared::own::OwnChange;
use turret_shared::role::{Permission, Role};
use turret_shared::time::Timestamp;
use turret_shared::view::{AccountView, OrderView, UserView};
use turret_shared::wire::feed::FeedItem;

use super::frames::{ALERT_BYTES, ROW_BYTES, order_bytes};
use super::names::Names;
use super::rows::Row;
use super::texts::Texts;
use crate::sequencer::limits::SNAPSHOT_ORDERS_MAX;

/// Rough bytes of a listing or an account.
const LONG_ROW_BYTES: usize = 400;
/// Rough bytes of a row of a few numbers.
const SHORT_ROW_BYTES: usize = 160;

/// Where rows come from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) state: &'a State,
    pub(super) names: &'a Names,
    pub(super) texts: &'a Texts,
    /// Commitments to the texts of orders that have one.
    pub(super) commitments: &'a std::collections::BTreeMap<OrderId, Digest>,
}

/// What an event changed of somebody's own, for their other sessions.
fn own_row(state: &State, head: &Head, event: &Event) -> Option<Row> {
    let access = state.access();
    let (user, change) = match event {
        Event::SignedIn(e) => (e.user, OwnChange::SignedIn(SessionId(head.sequence.0), e.device)),
        Event::KeyRegistered(e) => (e.user, OwnChange::KeyRegistered(e.credential)),
        Event::CredentialRevoked(e) => (access.credential(e.credential)?.user, OwnChange::FactorGone(e.credential)),
        Event::KeySuspended(e) => (access.credential(e.credential)?.user, OwnChange::KeySuspended(e.credential)),
        Event::DeviceRegistered(e) => (e.user, OwnChange::DeviceRegistered(e.device)),
        Event::DeviceRevoked(e) => (access.device(e.device)?.user, OwnChange::DeviceGone(e.device)),
        _ => return None,
    };
    let by = match change {
        OwnChange::SignedIn(session, _) => Some(session),
        _ => head.origin.session,
    };
    Some(Row::Own(user, head.time, change, by))
}

impl Source<'_> {
    /// Appends the rows an event changed; called right after it was folded.
    pub(super) fn rows_of(state: &State, head: &Head, event: &Event, rows: &mut Vec<Row>) {
        match event {
            Event::AlertRaised(_) => rows.push(Row::Alert(head.sequence)),
            Event::AlertHandled(e) => rows.push(Row::Alert(e.handle.alert)),
            Event::AlertAnswered(e) => rows.push(Row::Alert(e.alert)),
            Event::ApprovalAsked(_) | Event::ApprovalJudged(_) | Event::ApprovalVoided(_) | Event::CodeMade(_) => {
                rows.push(Row::Approvals);
            }
            Event::OrderNew(e) if e.approval.is_some() => rows.push(Row::Approvals),
            other => rows.extend(own_row(state, head, other)),
        }
        let touched = state.touched(head, event);
        if touched.link {
            rows.push(Row::VenueLink);
        }
        rows.extend(touched.listing.map(Row::Instrument));
        match touched.trading {
            Some(Some(instrument)) => rows.push(Row::Trading(instrument)),
            Some(None) => rows.extend(state.instruments().map(|one| Row::Trading(one.id))),
            None => {}
        }
        rows.extend(touched.user.map(Row::User));
        if let Some(account) = touched.account {
            if touched.account_row {
                rows.push(Row::Account(account));
            }
            rows.extend(touched.orders.into_iter().map(|order| Row::Order(account, order)));
            rows.extend(touched.fills.into_iter().map(|fill| Row::Fill(account, fill)));
        }
        rows.extend(touched.positions.into_iter().map(|(account, instrument)| Row::Position(account, instrument)));
    }

    /// The name of what this session sees: a session that sees nothing has one of its own, so that what it was told is never
    /// gone on from.
    pub(super) fn entitled(&self, principal: &Principal) -> EntitlementVersion {
        let version = self.state.access().entitlement_version(principal.user);
        if self.state.is_blind(principal) { EntitlementVersion(!version.0) } else { version }
    }

    /// Accounts whose rows a person sees, in order.
    pub(super) fn seen_by(&self, principal: &Principal) -> Vec<AccountId> {
        if self.state.is_blind(principal) {
            return Vec::new();
        }
        let access = self.state.access();
        access.accounts().filter(|account| access.sees(principal.user, *account)).collect()
    }

    /// Everything `principal` may see, in the order it is sent.
    pub(super) fn all_rows(&self, principal: &Principal) -> Vec<Row> {
        if self.state.is_blind(principal) {
            return vec![Row::User(principal.user)];
        }
        let mut rows = vec![Row::VenueLink];
        rows.extend(self.state.instruments().map(|one| Row::Instrument(one.id)));
        rows.extend(self.state.instruments().map(|one| Row::Trading(one.id)));
        rows.extend(self.state.access().users().map(|(user, _)| Row::User(user)));
        let seen = self.seen_by(principal);
        rows.extend(seen.iter().map(|account| Row::Account(*account)));
        let sees = |account: AccountId| seen.binary_search(&account).is_ok();
        let orders = views::order_keys(self.state).filter(|(account, _)| sees(*account));
        rows.extend(orders.take(SNAPSHOT_ORDERS_MAX).map(|(account, order)| Row::Order(account, order)));
        let fills = views::fill_keys(self.state).filter(|(account, _)| sees(*account));
        rows.extend(fills.take(SNAPSHOT_ORDERS_MAX).map(|(account, fill)| Row::Fill(account, fill)));
        let positions = views::position_keys(self.state).filter(|(account, _)| sees(*account));
        rows.extend(positions.map(|(account, instrument)| Row::Position(account, instrument)));
        rows.extend(self.alert_rows());
        rows.sort_unstable();
        rows
    }

    /// The newest alerts, whoever may see them.
    pub(super) fn alert_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.state.alerts().all().map(|(alert, _)| Row::Alert(alert))
    }

    /// An alert, for those who may search the log.
    pub(super) fn alert(&self, principal: &Principal, alert: Sequence) -> Option<AlertView> {
        let alerts = self.state.alerts();
        let known = alerts.get(alert).filter(|_| self.allowed(principal, Permission::AuditRead))?;
        let raised = &known.raised;
        let about = whom(self.state.access(), raised);
        let step = |(time, by, step): &(Timestamp, UserId, AlertStep)| AlertStepView {
            time: *time,
            login: self.names.login(*by),
            step: *step,
            to_login: match step {
                AlertStep::Assign { to } => self.names.login(*to),
                AlertStep::Acknowledge | AlertStep::Resolve { .. } => String::new(),
            },
        };
        Some(AlertView {
            alert,
            time: known.time,
            rule: raised.rule,
            login: about.map(|user| self.names.login(user)).unwrap_or_default(),
            device: raised.device,
            figure: raised.figure,
            threshold: raised.threshold,
            correlation: known.correlation,
            standing: known.standing,
            assigned: known.assigned,
            steps: known.steps.iter().map(step).collect(),
            tally: alerts.tally(raised.rule),
            evidence: raised.evidence,
            handle: about != Some(principal.user) && self.allowed(principal, Permission::AlertHandle),
            answered: known.answered,
        })
    }

    /// Those to whom an alert can be given.
    pub(super) fn alert_handlers(&self) -> Vec<AlertHandler> {
        let access = self.state.access();
        let may = |user: UserId| may(access, user, Permission::AlertHandle, Object::None) == Access::Allowed;
        let handlers = access.users().map(|(user, _)| user).filter(|user| may(*user));
        handlers.map(|user| AlertHandler { user, login: self.names.login(user) }).collect()
    }

    /// The row as it is now, with its rough size; `None` when there is nothing to show to them.
    pub(super) fn item(&self, principal: &Principal, row: Row) -> Option<(FeedItem, usize)> {
        match row {
            Row::Purge(account) => Some((FeedItem::Purge(account), SHORT_ROW_BYTES)),
            Row::VenueLink => Some((FeedItem::VenueLink(self.state.venue_link()), SHORT_ROW_BYTES)),
            Row::Instrument(id) => {
                let listing =
                    self.allowed(principal, Permission::InstrumentRead).then(|| self.state.instrument(id))??;
                Some((FeedItem::Instrument(Box::new(listing.clone())), LONG_ROW_BYTES))
            }
            Row::Trading(id) => Some((FeedItem::Trading(id, views::trading(self.state, id)), SHORT_ROW_BYTES)),
            Row::User(user) => {
                let view = self.knows(principal, user).then(|| self.user(user))??;
                Some((FeedItem::User(Box::new(view)), SHORT_ROW_BYTES))
            }
            Row::Account(id) => {
                let view = self.allowed(principal, Permission::AccountRead).then(|| self.account(principal, id))??;
                Some((FeedItem::Account(Box::new(view)), LONG_ROW_BYTES))
            }
            Row::Order(_, id) => {
                let view = self.order(id)?;
                let bytes = order_bytes(&view);
                Some((FeedItem::Order(Box::new(view)), bytes))
            }
            Row::Fill(_, id) => {
                let view = self.allowed(principal, Permission::FillRead).then(|| views::fill_row(self.state, id))??;
                Some((FeedItem::Fill(Box::new(view)), ROW_BYTES))
            }
            Row::Alert(alert) => {
                let view = self.alert(principal, alert)?;
                Some((FeedItem::Alert(Box::new(view)), ALERT_BYTES))
            }
            Row::Own(user, at, change, by) => {
                let other = principal.user == user && by != Some(principal.session);
                other.then_some((FeedItem::Own(at, change), SHORT_ROW_BYTES))
            }
            Row::Approvals => {
                self.allowed(principal, Permission::Approve).then_some((FeedItem::Approvals, SHORT_ROW_BYTES))
            }
            Row::Position(account, id) => {
                let may_read = self.allowed(principal, Permission::PositionRead);
                let view = may_read.then(|| views::position_row(self.state, account, id))??;
                Some((FeedItem::Position(view), ROW_BYTES))
            }
        }
    }

    /// Colleagues know each other by name; a client is known to those who may see users, and knows nobody.
    pub(super) fn knows(&self, principal: &Principal, user: UserId) -> bool {
        let is_client = |user| self.state.access().role(user) == Some(Role::Customer);
        principal.user == user
            || self.allowed(principal, Permission::UserRead)
            || !(is_client(principal.user) || is_client(user))
    }

    /// Whether the role covers a kind of row at all; the account was checked before.
    pub(super) fn allowed(&self, principal: &Principal, permission: Permission) -> bool {
        may(self.state.access(), principal.user, permission, Object::None) == Access::Allowed
    }

    /// The last entry folded.
    pub(super) fn through(&self) -> Sequence {
        self.state.through().unwrap_or_default()
    }

    /// An order with its text.
    pub(super) fn order(&self, order: OrderId) -> Option<OrderView> {
        views::order_row(self.state, order).map(|view| self.with_text(view))
    }

    /// The order's text beside it.
    pub(super) fn with_text(&self, mut view: OrderView) -> OrderView {
        if let Some(commitment) = self.commitments.get(&view.order_id) {
            view.text = self.texts.text(commitment);
        }
        view
    }

    /// An account with its client's name.
    pub(super) fn account(&self, principal: &Principal, account: AccountId) -> Option<AccountView> {
        views::account_row(self.state, principal.user, account).map(|view| self.with_name(view))
    }

    /// The client's name beside it.
    pub(super) fn with_name(&self, mut view: AccountView) -> AccountView {
        self.names.client(view.account).clone_into(&mut view.name);
        view
    }

    /// Someone by name.
    pub(super) fn user(&self, user: UserId) -> Option<UserView> {
        let known = self.state.access().user(user)?;
        Some(UserView {
            user,
            login: self.names.login(user),
            name: self.names.name(user).to_owned(),
            role: known.role?,
            desk: known.desk,
            desk_code: known.desk.and_then(|desk| self.state.desk_code(desk)).unwrap_or_default().to_owned(),
        })
    }
}
