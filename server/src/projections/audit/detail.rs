//! One line of an event's facts for a person who searches; it must show nothing that is not in the log, and all escaped.

use rusqlite::Connection;
use turret_shared::alert::AlertStep;
use turret_shared::approval::Judge;
use turret_shared::bulk::{self, Table};
use turret_shared::composed::ComposedRole;
use turret_shared::denial::Rule;
use turret_shared::event::Event;
use turret_shared::event::approval::Batch;
use turret_shared::event::order::{AmendTerms, OrderTerms};
use turret_shared::event::own::Labelled;
use turret_shared::event::session::PendingCommand;
use turret_shared::event::setup::{EntitlementScope, LimitScope, Policy};
use turret_shared::house::House;
use turret_shared::ids::{AccountId, DeskId, InstrumentId, UserId};
use turret_shared::key_model::KeyModel;
use turret_shared::manage::{Act, Manage};
use turret_shared::money::{Money, Price, Qty};
use turret_shared::own::{Deed, Thing};
use turret_shared::policy::shown;
use turret_shared::role::Role;
use turret_shared::text::escaped;
use turret_shared::venue::SimRoute;

use super::project::CodeOf;
use super::search::code_text;
use crate::replica::names::Names;

struct Words<'a> {
    db: &'a Connection,
    names: &'a Names,
}

/// The line; empty for events whose head says it all.
pub(super) fn detail(db: &Connection, names: &Names, event: &Event) -> String {
    let words = Words { db, names };
    match event {
        Event::OrderNew(_) | Event::OrderDenied(_) | Event::Amend(_) | Event::Cancel(_) | Event::CancelAll(_) => {
            words.of_order(event)
        }
        Event::AmendRefused(e) | Event::CancelRefused(e) => escaped(&e.refusal.text),
        Event::InDoubt(e) => format!("request {}", e.revision),
        Event::DoubtResolved(e) => {
            format!("request {} {}", e.revision, if e.arrived { "is at the venue" } else { "never arrived" })
        }
        Event::SignedIn(_)
        | Event::SignInFailed(_)
        | Event::SessionEnded(_)
        | Event::ProofAsked(_)
        | Event::ProofGiven(_)
        | Event::ProofFailed(_)
        | Event::TotpSpent(_)
        | Event::DeviceLocked(_)
        | Event::IntentSigned(_)
        | Event::KeySuspended(_)
        | Event::Connected(_) => words.of_session(event),
        _ => match event.kind() {
            0..=99 => words.of_setup(event),
            150..=199 => words.of_session(event),
            300..=399 => words.of_venue(event),
            _ => words.of_running(event),
        },
    }
}

fn labelled(e: &Labelled) -> String {
    let what = match e.thing {
        Thing::Key(key) => format!("security key {key}"),
        Thing::Device(device) => format!("device {device}"),
    };
    format!("{what} {}", if e.name.is_some() { "was named" } else { "has no name any more" })
}

impl Words<'_> {
    fn account(&self, account: AccountId) -> String {
        code_text(self.db, CodeOf::Account, account.0.into())
    }

    fn desk(&self, desk: Option<DeskId>) -> String {
        desk.map_or_else(|| "no desk".to_owned(), |desk| code_text(self.db, CodeOf::Desk, desk.0.into()))
    }

    fn symbol(&self, instrument: InstrumentId) -> String {
        code_text(self.db, CodeOf::Instrument, instrument.0.into())
    }

    fn login(&self, user: UserId) -> String {
        escaped(&self.names.login(user))
    }

    fn terms(&self, terms: &OrderTerms) -> String {
        let prices = match (terms.price, terms.stop_px) {
            (Some(limit), Some(stop)) => format!("{limit} stop {stop}"),
            (limit, stop) => price(limit.or(stop)),
        };
        let mut line = format!(
            "{} {} {} {} {} {} for {}, ClOrdID {}",
            terms.side,
            terms.qty,
            self.symbol(terms.instrument),
            terms.ord_type,
            prices,
            terms.tif,
            self.account(terms.account),
            terms.cl_ord_id
        );
        if let Some(saw) = &terms.saw {
            line.push_str(&format!(", saw {} / {}, {} ms old", price(saw.bid), price(saw.ask), saw.age_ms));
        }
        if terms.text.is_some() {
            line.push_str(", with text");
        }
        line
    }

    fn of_order(&self, event: &Event) -> String {
        match event {
            Event::OrderNew(e) if e.approval.is_some() => {
                format!("{}, waits for a second person", self.terms(&e.terms))
            }
            Event::OrderNew(e) => self.terms(&e.terms),
            Event::OrderDenied(e) => {
                let terms = e.terms.as_ref().map_or_else(|| format!("ClOrdID {}", e.cl_ord_id), |t| self.terms(t));
                format!("{}; {terms}", escaped(&e.denial.text))
            }
            Event::Amend(e) => {
                format!("to {} {}, ClOrdID {}", e.qty, at(e.price, e.stop_px), e.terms.cl_ord_id)
            }
            Event::Cancel(e) => e.cl_ord_id.as_ref().map_or_else(String::new, |id| format!("ClOrdID {id}")),
            Event::CancelAll(e) => format!("{} asked for, {} pending before", e.requested, e.already),
            _ => String::new(),
        }
    }

    fn of_session(&self, event: &Event) -> String {
        match event {
            Event::SignedIn(e) => {
                format!("{} on device {}{}", self.login(e.user), e.device, if e.script { ", a script" } else { "" })
            }
            Event::SignInFailed(e) => {
                let who = e.user.map_or_else(|| "unknown name".to_owned(), |user| self.login(user));
                format!("{who}, {} times from {}", e.count, e.first)
            }
            Event::SessionEnded(e) => self.login(e.user),
            Event::ProofAsked(e) => match &e.command {
                PendingCommand::New(terms) => self.terms(terms),
                PendingCommand::Amend(terms) => amend(terms),
                PendingCommand::Manage(manage) => self.managed(manage),
                PendingCommand::Propose(proposal) => format!("{}, for a second person", self.managed(&proposal.manage)),
                PendingCommand::Judge(judgement) => judged(&judgement.judge),
                PendingCommand::Bulk(batch) => table_of(batch),
                PendingCommand::Let(letting) => format!("gives up a {} of their own", letting.as_str()),
            },
            Event::ProofGiven(e) => format!("credential {}, step {}", e.credential, e.step),
            Event::ProofFailed(e) => format!("{} pending", e.pending.len()),
            Event::TotpSpent(e) => format!("step {}", e.step),
            Event::IntentSigned(e) => {
                format!("{} by {}, credential {}", e.purpose.as_str(), self.login(e.user), e.credential)
            }
            Event::KeySuspended(e) => format!("counter {} after {}", e.shown, e.kept),
            Event::DeviceLocked(e) => (if e.locked { "locked" } else { "unlocked" }).to_owned(),
            Event::Connected(e) => e.user.map_or_else(String::new, |user| self.login(user)),
            Event::ApprovalAsked(e) => format!("{}, request {}", self.managed(&e.manage), e.approval),
            Event::ApprovalJudged(e) => judged(&e.judge),
            Event::ApprovalVoided(e) => format!("request {}: {}", e.approval, e.cause.sentence()),
            Event::ApprovalDenied(e) => format!("request {}", e.approval),
            _ => String::new(),
        }
    }

    fn of_setup(&self, event: &Event) -> String {
        match event {
            Event::Genesis(e) => format!("{} {}", escaped(&e.origin), e.environment.word()),
            Event::DeskSet(e) => self.desk(e.desk),
            Event::CodeMade(e) => format!("for {}", self.login(e.user)),
            Event::BootstrapOpened(e) => {
                let first: Vec<String> = e.codes.iter().map(|(_, user)| self.login(*user)).collect();
                format!("codes for {}", first.join(", "))
            }
            Event::DeviceClaimed(e) => e.letters.clone(),
            Event::EnrolmentJudged(e) => (if e.confirmed { "let in" } else { "turned away" }).to_owned(),
            Event::RoleSet(e) => e.role.map_or_else(|| "no role".to_owned(), |role| role.to_string()),
            Event::EntitlementSet(e) => {
                let scope = match e.scope {
                    EntitlementScope::Desk(desk) => self.desk(Some(desk)),
                    EntitlementScope::Account(account) => self.account(account),
                };
                format!("{scope}: given {}, taken {}", e.allow, e.deny)
            }
            Event::GrantTimed(e) => {
                format!("{} on {} until {}", self.login(e.user), self.account(e.account), e.until.rfc3339())
            }
            Event::LimitSet(e) => {
                let scope = match e.scope {
                    LimitScope::Role(role) => role.to_string(),
                    LimitScope::Account(account) => self.account(account),
                };
                format!("{scope}: {}", limit(e.rule, e.value))
            }
            Event::PolicySet(e) => policy(e.policy, e.role, e.value),
            Event::KeyModelSet(e) => key_model(e.model, e.allowed),
            Event::RoleComposed(e) => format!("{}: {}", e.role.code, e.role.told()),
            Event::RoleRetired(e) => e.code.to_string(),
            Event::ComposedRoleSet(e) => e.code.to_string(),
            Event::RestrictedSet(e) => (if e.restricted { "restricted" } else { "released" }).to_owned(),
            Event::CashMoved(e) => e.amount.to_string(),
            Event::PositionOpened(e) => format!("{} {} at {}", e.qty, self.symbol(e.instrument), e.avg_cost),
            Event::DeviceRegistered(e) => self.login(e.user),
            Event::DeviceRenewed(e) => format!("certificate for key {}", e.generation),
            Event::DeviceTurned(e) => format!("shows key {}", e.generation),
            Event::KeyRegistered(e) => format!("SecurityKey of {}, model {}", self.login(e.user), KeyModel(e.aaguid)),
            Event::Labelled(e) => labelled(e),
            Event::OwnDenied(e) => match e.deed {
                Deed::Let(letting) => format!("to give up a {} of their own", letting.as_str()),
                Deed::Name(_) => "to name what is their own".to_owned(),
            },
            Event::CredentialActivated(e) => format!("{:?} of {}", e.kind, self.login(e.user)),
            Event::KeyActivated(e) => format!("{} version {}", escaped(&e.purpose), e.version),
            _ => String::new(),
        }
    }

    fn of_venue(&self, event: &Event) -> String {
        match event {
            Event::VenueNew(e) => {
                (if e.working { "taken by the venue, working" } else { "taken by the venue, not working yet" })
                    .to_owned()
            }
            Event::VenueRejected(e) => escaped(&e.reason.text),
            Event::Trade(e) => format!("{} at {}, venue execution {}", e.qty, e.price, e.exec.0),
            Event::Bust(e) => format!("{} busted, venue execution {}", e.trade, e.exec.0),
            Event::Correct(e) => {
                format!("{} corrected to {} at {}, venue execution {}", e.trade, e.qty, e.price, e.exec.0)
            }
            Event::Canceled(e) => {
                let asked = if e.revision.is_some() { "as asked" } else { "by the venue" };
                e.reason.as_ref().map_or_else(|| asked.to_owned(), |why| format!("{asked}: {}", escaped(&why.text)))
            }
            Event::Replaced(e) => format!("now {} {}", e.qty, at(e.price, e.stop_px)),
            Event::CancelRejected(e) => escaped(&e.reason.text),
            Event::Restated(e) => format!("now {}: {}", e.qty, escaped(&e.reason.text)),
            Event::Expired(_) => "at the end of its time".to_owned(),
            Event::DoneForDay(_) => "until the next session".to_owned(),
            Event::Suspended(_) => "out of the book for now".to_owned(),
            Event::Triggered(_) => "its stop price was reached, working".to_owned(),
            Event::Unmatched(e) => format!("a report that fits nothing here, {}", e.cause.as_str()),
            Event::VenueSession(e) => (if e.open { "open" } else { "closed" }).to_owned(),
            Event::Halt(e) => (if e.halted { "halted" } else { "resumed" }).to_owned(),
            Event::VenueLink(e) => (if e.up { "up" } else { "down" }).to_owned(),
            Event::SimRefused(e) => escaped(&e.reason.text),
            _ => String::new(),
        }
    }

    fn of_running(&self, event: &Event) -> String {
        match event {
            Event::Started(e) => format!("turretd {}", escaped(&e.version)),
            Event::AuditRead(e) => format!("{} rows, filter {}", e.rows, e.filter),
            Event::PackMade(e) => format!("{} entries, file {}", e.entries, e.digest),
            Event::AccessDenied(e) => match (e.object, e.foreign) {
                (Some(_), Some(_)) => format!("{:?}: not theirs", e.permission),
                (Some(_), None) => format!("{:?}: there is none", e.permission),
                (None, _) => format!("{:?}", e.permission),
            },
            Event::BadInput(e) => format!("{:?}: {}, {} times", e.stage, escaped(&e.fault), e.count),
            Event::BanSet(e) => {
                let by = e.by.map_or_else(String::new, |by| format!(", by {}", self.login(by)));
                format!("ban {}: {} offences, {} s, {} times before{by}", e.ban, e.offences, e.for_s, e.before)
            }
            Event::BanLifted(e) => format!("ban {} lifted by {}", e.ban, self.login(e.by)),
            Event::EnrolmentFailed(e) => format!("{}, {} times", e.fault.as_str(), e.count),
            Event::SimControl(e) => self.steered(&e.route),
            Event::ClockStep(e) if e.acknowledged => "the time is right".into(),
            Event::ClockStep(e) => format!("{} ns", e.by_ns),
            Event::KeysLost(e) => escaped(&e.fault),
            Event::KeysBack(e) => format!("after {} s", e.after_s),
            Event::KeySucceeded(e) => format!("checkpoint version {}", e.version),
            Event::KeyRotated(e) => format!("{} version {}", escaped(&e.name), e.version),
            Event::KeyRetired(e) => format!("{} up to version {}", escaped(&e.name), e.version),
            Event::KeyRevoked(e) => format!("{} up to version {}", escaped(&e.name), e.version),
            Event::KeysMoved(e) => escaped(&e.to),
            Event::KeyCeremony(e) => format!("set {:08X}, {} of {} shares", e.set, e.threshold, e.shares),
            Event::BackupMade(e) => format!("{} entries, {} bytes, file {}", e.entries, e.bytes, e.digest),
            Event::BackupRestored(e) => match e.set {
                Some(set) => format!("{} entries, by shares of set {set:08X}", e.entries),
                None => format!("{} entries", e.entries),
            },
            Event::LogReopened(e) => match e.lost {
                Some(lost) => format!("{}, {} entries kept, {lost} lost", escaped(&e.origin), e.kept),
                None => format!("{}, {} entries kept, nobody knows how many are lost", escaped(&e.origin), e.kept),
            },
            Event::AlertRaised(e) => {
                format!("{}: {} of {}, entry {}", e.rule.says(), e.figure, e.threshold, e.evidence)
            }
            Event::AlertHandled(e) => {
                let to = match e.handle.step {
                    AlertStep::Assign { to } => format!(" to {}", self.login(to)),
                    AlertStep::Resolve { end } => format!(": {}", end.sentence()),
                    AlertStep::Acknowledge => String::new(),
                };
                format!("alert {} {}{to}", e.handle.alert, e.handle.step.as_str())
            }
            Event::AlertDenied(e) => format!("alert {}", e.alert),
            Event::DenialReviewed(e) => {
                format!("denied, entries {} to {}: {}", e.review.first, e.review.last, e.review.end.sentence())
            }
            Event::ReviewDenied(e) => format!("denied, entries {} to {}", e.review.first, e.review.last),
            Event::AlertAnswered(e) => {
                let of = e.user.map_or_else(String::new, |user| format!("{}: ", self.login(user)));
                format!("alert {}: {of}{}", e.alert, e.done.sentence())
            }
            Event::Managed(e) => self.managed(&e.manage),
            Event::ManageDenied(e) => self.managed(&e.manage),
            _ => String::new(),
        }
    }
}

impl Words<'_> {
    fn managed(&self, manage: &Manage) -> String {
        match manage.act {
            Act::EndSession { session } => format!("end session {session}"),
            Act::LockUser { user, locked } => {
                format!("{} {}", if locked { "lock" } else { "unlock" }, self.login(user))
            }
            Act::RevokeDevice { device } => format!("take out device {device}"),
            Act::RequirePassword { user } => format!("new password wanted of {}", self.login(user)),
            Act::UnlockDevice { device } => format!("unlock device {device}"),
            Act::SetRole { user, role } => {
                format!("{}: {}", self.login(user), role.map_or_else(|| "no role".to_owned(), |role| role.to_string()))
            }
            Act::SetComposedRole { user, code } => format!("{}: {code}", self.login(user)),
            Act::CreateUser { user, role, desk } => format!("create {}: {role}, {}", self.login(user), self.desk(desk)),
            Act::SetRights { user, account, to, until } => {
                let ends = until.map_or_else(String::new, |until| format!(" until {}", until.rfc3339()));
                format!("{} on {}: {}{ends}", self.login(user), self.account(account), to.words())
            }
            Act::SetBan { minutes, .. } => format!("ban a source for {minutes} minutes"),
            Act::LiftBan { ban } => format!("lift ban {ban}"),
            Act::SetPolicy { policy: of, role, value } => policy(of, role, value),
            Act::House(act) => self.house(act),
            Act::SetLimit { account, rule, value } => format!("{}: {}", self.account(account), limit(rule, value)),
            Act::Recover { user } => format!("reset every factor of {}", self.login(user)),
            Act::NewCode { user } => format!("enrolment code for {}", self.login(user)),
            Act::ConfirmDevice { device } => format!("let in the waiting device {device}"),
            Act::RefuseDevice { device } => format!("turn away the waiting device {device}"),
            Act::Bulk { table, rows, .. } => counted(table, rows),
            Act::SetDesk { user, desk } => format!("{}: {}", self.login(user), self.desk(desk)),
        }
    }

    fn house(&self, act: House) -> String {
        match act {
            House::OpenDesk { code } => format!("open desk {code}"),
            House::OpenAccount { desk, code, currency, .. } => {
                format!("open account {code} in {currency} on {}", self.desk(Some(desk)))
            }
            House::MoveCash { account, amount } => format!("{}: cash {amount:.2}", self.account(account)),
            House::KeyModel { model, allowed } => key_model(model, allowed),
            House::ComposeRole { code, base, permissions } => {
                format!("role {code}: {}", ComposedRole { code, base, permissions }.told())
            }
            House::RetireRole { code } => format!("retire role {code}"),
            House::Restrict { instrument, restricted } => {
                let symbol = self.symbol(instrument);
                format!("{symbol} {} the restricted list", if restricted { "on" } else { "off" })
            }
        }
    }

    fn steered(&self, route: &SimRoute) -> String {
        match route {
            SimRoute::Halt { instrument, halted } => {
                format!("{} {}", if *halted { "halt" } else { "resume" }, self.symbol(*instrument))
            }
            SimRoute::Session { open } => format!("{} the session", if *open { "open" } else { "close" }),
            SimRoute::Bust { exec } => format!("bust venue execution {}", exec.0),
            SimRoute::Correct { exec, price, qty } => {
                format!("correct venue execution {} to {qty} at {price}", exec.0)
            }
            SimRoute::Unsolicited { order } => format!("cancel {order} unasked"),
            SimRoute::Delay { ms } => format!("answer {ms} ms later"),
            SimRoute::DropLink { seconds } => format!("drop the link for {seconds} s"),
        }
    }
}

fn table_of(batch: &Batch) -> String {
    let rows = u32::try_from(batch.rows.len()).unwrap_or(u32::MAX);
    bulk::table(&batch.rows).map_or_else(String::new, |table| counted(table, rows))
}

fn counted(table: Table, rows: u32) -> String {
    format!("table of {} with {rows} {}", table.as_str(), if rows == 1 { "row" } else { "rows" })
}

fn judged(word: &Judge) -> String {
    format!(
        "request {} {}: {}",
        word.approval,
        if word.approve { "approved" } else { "refused" },
        word.ground.sentence()
    )
}

fn key_model(model: KeyModel, allowed: bool) -> String {
    format!("security keys of model {model} {}", if allowed { "may be registered" } else { "are named no more" })
}

fn policy(policy: Policy, role: Role, value: Option<i64>) -> String {
    let shown = shown(policy, value).unwrap_or_else(|| "lifted".to_owned());
    format!("{} for {role}: {shown}", policy.as_str())
}

/// A limit in its rule's own unit.
fn limit(rule: Rule, value: Option<i64>) -> String {
    let Some(value) = value else { return format!("{rule} lifted") };
    match rule {
        Rule::MaxQuantity => format!("{rule} {}", Qty(value)),
        Rule::MaxNotional => format!("{rule} {:.2}", Money(value)),
        Rule::PriceCollar => format!("{rule} {value} bps"),
        Rule::DuplicateOrder => format!("{rule} {value} ms"),
        _ => format!("{rule} {value}"),
    }
}

fn amend(terms: &AmendTerms) -> String {
    let qty = terms.qty.map_or_else(|| "quantity as it is".to_owned(), |qty: Qty| qty.to_string());
    format!("amend {} to {qty} {}", terms.order, at(terms.price, terms.stop_px))
}

/// `at 189.50`, `at 189.50 stop 189.00`, `stop 189.00`.
fn at(limit: Option<Price>, stop: Option<Price>) -> String {
    match (limit, stop) {
        (limit, None) => format!("at {}", price(limit)),
        (None, Some(stop)) => format!("stop {stop}"),
        (Some(limit), Some(stop)) => format!("at {limit} stop {stop}"),
    }
}

fn price(price: Option<Price>) -> String {
    price.map_or_else(|| "-".to_owned(), |price| price.to_string())
}
