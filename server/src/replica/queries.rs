//! Answers to questions from the folded state, under the asker's rights; it must answer for a foreign object as for none.

use turret_engine::access::permission_of;
use turret_engine::{Principal, views};
use turret_shared::bulk;
use turret_shared::command::{Command, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::entry::ObjectKind;
use turret_shared::event::ops::AccessDenied;
use turret_shared::ids::{OrderId, Sequence, UserId};
use turret_shared::order::OrdStatus;
use turret_shared::own::Thing;
use turret_shared::people::DeviceView;
use turret_shared::wire::query::{Answer, AnswerBody, Ask};

use super::follower::Replica;
use super::frames::{ALERT_BYTES, BAR_BYTES, CODE_BYTES, ROW_BYTES, many, one, order_bytes};
use super::handle::{Answered, Question};
use super::waiting::{Until, Waiting};
use crate::sequencer::limits::{QUERY_AFTER_MS_MAX, WAIT_STATUS_MS_MAX, WAITING_QUERIES_MAX};

/// Why a question has no answer.
pub(super) enum No {
    /// The engine's no; recorded when it is one of access.
    Denied(DenialCode),
    /// It is not a question that can be served.
    Error,
}

impl From<DenialCode> for No {
    fn from(code: DenialCode) -> Self {
        Self::Denied(code)
    }
}

type Found = Result<Vec<Answer>, No>;

impl Replica {
    /// Answers, or lets it wait.
    pub(super) fn ask(&mut self, question: Question) {
        let principal = question.principal;
        // Never before the session it comes from: until that is folded nothing here can say what it may see.
        let after = question.query.after.max(Some(Sequence(principal.session.0)));
        if let Some(after) = after.filter(|after| *after > self.through()) {
            self.wait(question, Until::Folded(after), QUERY_AFTER_MS_MAX);
            return;
        }
        if let Some(no) = self.unheard(&question) {
            return self.reply(question, Err(no));
        }
        if let Ask::WaitStatus { order, status, timeout_ms } = question.query.ask {
            match self.has_been(&question.principal, order, status) {
                Ok(true) => self.waited(question, order, true),
                Ok(false) => {
                    let patience = u64::from(timeout_ms.min(WAIT_STATUS_MS_MAX));
                    self.wait(question, Until::Status(order, status), patience);
                }
                Err(code) => self.reply(question, Err(No::Denied(code))),
            }
            return;
        }
        let found = self.find(&question);
        self.reply(question, found);
    }

    /// Why a session is answered nothing, whatever it asks.
    fn unheard(&self, question: &Question) -> Option<No> {
        let (state, principal) = (&self.parts.folded.state, &question.principal);
        if !state.is_live(principal) {
            return Some(No::Error);
        }
        let own = matches!(question.query.ask, Ask::Own);
        (state.lacks_key(principal) && !own).then_some(No::Denied(DenialCode::KeyWanted))
    }

    fn wait(&mut self, question: Question, until: Until, patience_ms: u64) {
        if self.waiting.len() >= WAITING_QUERIES_MAX {
            self.reply(question, Err(No::Error));
            return;
        }
        let now = self.parts.clock.monotonic_ns();
        let deadline_ns = now.saturating_add(patience_ms.saturating_mul(1_000_000));
        self.waiting.push(Waiting { question, until, deadline_ns });
    }

    /// Answers what can be answered now, and what has waited long enough.
    pub(super) fn settle_waiting(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let now = self.parts.clock.monotonic_ns();
        let through = self.through();
        let (done, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|one| self.is_ready(one, now));
        self.waiting = waiting;
        let done: Vec<Waiting> = done;
        for Waiting { question, until, .. } in done {
            match until {
                Until::Folded(after) if after <= through => self.ask(question),
                Until::Folded(_) => self.reply(question, Err(No::Error)),
                Until::Status(order, status) => self.settle(question, order, status),
            }
        }
    }

    fn settle(&self, question: Question, order: OrderId, status: OrdStatus) {
        if let Some(no) = self.unheard(&question) {
            return self.reply(question, Err(no));
        }
        match self.has_been(&question.principal, order, status) {
            Ok(reached) => self.waited(question, order, reached),
            Err(code) => self.reply(question, Err(No::Denied(code))),
        }
    }

    fn is_ready(&self, waiting: &Waiting, now_ns: u64) -> bool {
        waiting.deadline_ns <= now_ns
            || waiting.question.reply.is_closed()
            || match waiting.until {
                Until::Folded(after) => after <= self.through(),
                // A right lost meanwhile ends the waiting too.
                Until::Status(order, status) => {
                    self.has_been(&waiting.question.principal, order, status).unwrap_or(true)
                }
            }
    }

    fn has_been(&self, principal: &Principal, order: OrderId, status: OrdStatus) -> Result<bool, DenialCode> {
        views::has_been(&self.parts.folded.state, principal.user, order, status)
    }

    fn waited(&self, question: Question, order: OrderId, reached: bool) {
        let view = self.source().order(order);
        let found = view.map(|order| one(self.through(), AnswerBody::Waited { reached, order: Box::new(order) }));
        self.reply(question, found.ok_or(No::Error));
    }

    fn reply(&self, question: Question, found: Found) {
        let correlation = question.correlation;
        let answered = match found {
            Ok(frames) => Answered { denied: self.foreign_preview(&question.query.ask, &frames), frames },
            Err(No::Denied(code)) => {
                let frames = one(self.through(), AnswerBody::Denied { code, correlation });
                Answered { frames, denied: self.access_denied(&question.query.ask, code) }
            }
            Err(No::Error) => Answered { frames: one(self.through(), AnswerBody::Error { correlation }), denied: None },
        };
        // Whoever asked may have gone.
        let _ = question.reply.send(answered);
    }

    fn find(&mut self, question: &Question) -> Found {
        let user = question.principal.user;
        let through = self.through();
        if matches!(question.query.ask, Ask::Preview(_)) {
            self.refresh_market();
        }
        let state = &self.parts.folded.state;
        let source = self.source();
        match &question.query.ask {
            Ask::Orders { status, account, cl_ord_id } => {
                let rows = views::orders(state, user, *status, account.as_deref(), cl_ord_id.as_ref(), None)?;
                let rows = rows.into_iter().map(|row| source.with_text(row)).collect();
                Ok(many(through, rows, order_bytes, AnswerBody::Orders))
            }
            Ask::Order(order) => {
                let row = source.with_text(views::order(state, user, *order)?);
                Ok(one(through, AnswerBody::Orders(vec![row])))
            }
            Ask::Fills(order) => {
                let rows = views::fills(state, user, *order, None)?;
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Fills))
            }
            Ask::Fill(exec) => Ok(one(through, AnswerBody::Fills(vec![views::fill(state, user, *exec)?]))),
            Ask::Positions(account) => {
                let rows = views::positions(state, user, account.as_deref())?;
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Positions))
            }
            Ask::Accounts => {
                let rows = views::accounts(state, user)?.into_iter().map(|row| source.with_name(row)).collect();
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Accounts))
            }
            Ask::Limits(code) => Ok(one(through, AnswerBody::Limits(views::limits(state, user, code)?))),
            Ask::Instruments => {
                Ok(many(through, views::instruments(state, user)?, |_| ROW_BYTES, AnswerBody::Instruments))
            }
            other => self.find_other(&question.principal, other),
        }
    }

    /// Questions that need more than the state.
    fn find_other(&self, principal: &Principal, ask: &Ask) -> Found {
        let (state, through) = (&self.parts.folded.state, self.through());
        let user = principal.user;
        match ask {
            Ask::Quote(_) | Ask::Trades(_) | Ask::Bars(_) => self.find_market(user, ask),
            Ask::Preview(bytes) => {
                let command = Command::from_bytes(bytes).map_err(|_| No::Error)?;
                let view = views::preview(state, &self.market, user, &command, self.parts.clock.wall())?;
                Ok(one(through, AnswerBody::Preview(Box::new(view))))
            }
            Ask::LimitTable => Ok(many(through, views::limit_table(state, user)?, |_| ROW_BYTES, AnswerBody::Limits)),
            Ask::Policies => Ok(many(through, views::policies(state, user)?, |_| CODE_BYTES, AnswerBody::Policies)),
            Ask::Sessions
            | Ask::Devices
            | Ask::People
            | Ask::Person(_)
            | Ask::AccountCodes
            | Ask::House
            | Ask::Bulk(_)
            | Ask::Attempts
            | Ask::Approvals => self.find_people(user, ask),
            Ask::Own => {
                let mut view = views::own(state, principal)?;
                view.sessions.iter_mut().for_each(|row| row.login = self.parts.names.login(row.user));
                view.devices.iter_mut().for_each(|row| self.name_device(row));
                view.keys.iter_mut().for_each(|row| row.name = self.label(Thing::Key(row.credential)));
                Ok(one(through, AnswerBody::Own(Box::new(view))))
            }
            Ask::Colleagues => {
                views::permitted(state, user, permission_of(ask))?;
                let source = self.source();
                let known = state.access().users().filter(|(user, _)| source.knows(principal, *user));
                let rows = known.filter_map(|(user, _)| source.user(user)).collect();
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Users))
            }
            Ask::Users => {
                views::permitted(state, user, permission_of(ask))?;
                let source = self.source();
                let rows = state.access().users().filter_map(|(user, _)| source.user(user)).collect();
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Users))
            }
            Ask::Alerts => {
                views::permitted(state, user, permission_of(ask))?;
                let source = self.source();
                let rows = state.alerts().all().rev();
                let rows = rows.filter_map(|(alert, _)| source.alert(principal, alert)).collect();
                let handlers = source.alert_handlers();
                Ok(many(through, rows, |_| ALERT_BYTES, |rows| AnswerBody::Alerts(rows, handlers.clone())))
            }
            // The edge fills it in, once this says that they may.
            Ask::Bans => {
                views::permitted(state, user, permission_of(ask))?;
                Ok(many(through, Vec::new(), |_| ROW_BYTES, AnswerBody::Bans))
            }
            // So is an order's own story, once this says that the order is theirs to see.
            Ask::Story(order) => {
                views::order(state, user, *order)?;
                Ok(Vec::new())
            }
            // The audit search itself answers elsewhere, once this says that they may.
            Ask::Audit(_) | Ask::Pack(_) => {
                views::permitted(state, user, permission_of(ask))?;
                Ok(Vec::new())
            }
            _ => Err(No::Error),
        }
    }

    /// What the venue told of a listing.
    fn find_market(&self, user: UserId, ask: &Ask) -> Found {
        let (state, through, quotes) = (&self.parts.folded.state, self.through(), &self.parts.quotes);
        match ask {
            Ask::Quote(symbol) => {
                let instrument = views::quotable(state, user, symbol)?;
                let picture = quotes.latest(instrument).ok_or(No::Denied(DenialCode::NoPrice))?;
                Ok(one(through, AnswerBody::Quote(Box::new((*picture).clone()))))
            }
            Ask::Trades(symbol) => {
                let instrument = views::quotable(state, user, symbol)?;
                Ok(many(through, quotes.trades(instrument), |_| ROW_BYTES, AnswerBody::Trades))
            }
            Ask::Bars(symbol) => {
                let instrument = views::quotable(state, user, symbol)?;
                Ok(many(through, quotes.bars(instrument), |_| BAR_BYTES, AnswerBody::Bars))
            }
            _ => Err(No::Error),
        }
    }

    /// People, sessions and devices, named.
    fn find_people(&self, user: UserId, ask: &Ask) -> Found {
        let (state, through, names) = (&self.parts.folded.state, self.through(), &self.parts.names);
        match ask {
            Ask::Sessions => {
                let mut rows = views::sessions(state, user)?;
                rows.iter_mut().for_each(|row| row.login = names.login(row.user));
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Sessions))
            }
            Ask::Devices => {
                let mut rows = views::devices(state, user)?;
                rows.iter_mut().for_each(|row| self.name_device(row));
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Devices))
            }
            Ask::AccountCodes => {
                Ok(many(through, views::account_codes(state, user)?, |_| CODE_BYTES, AnswerBody::AccountCodes))
            }
            Ask::Attempts => {
                let mut rows = turret_engine::attempts::attempts(state, user)?;
                for row in &mut rows {
                    row.login = row.user.map(|user| names.login(user)).unwrap_or_default();
                    row.reviewed.iter_mut().for_each(|said| said.login = names.login(said.by));
                }
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Attempts))
            }
            Ask::Bulk(asked) => self.find_bulk(user, asked),
            Ask::House => Ok(many(through, views::house(state, user)?, |_| ROW_BYTES, AnswerBody::House)),
            Ask::Approvals => {
                let mut rows = views::approvals(state, user)?;
                for row in &mut rows {
                    row.by_login = names.login(row.by);
                    row.login = row.whom.map(|whom| names.login(whom)).unwrap_or_default();
                    row.name = row.whom.map(|whom| names.name(whom)).unwrap_or_default();
                    row.judge_login = row.judged_by.map(|by| names.login(by)).unwrap_or_default();
                }
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Approvals))
            }
            // What the log has of them comes from elsewhere.
            Ask::Person(of) => {
                let mut facts = views::person(state, user, *of)?;
                facts.sessions.iter_mut().for_each(|row| row.login = names.login(row.user));
                facts.devices.iter_mut().for_each(|row| self.name_device(row));
                Ok(one(through, AnswerBody::Person(Box::new(facts))))
            }
            _ => {
                let mut rows = views::people(state, user)?;
                for row in &mut rows {
                    row.login = names.login(row.user);
                    row.name = names.name(row.user);
                }
                Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::People))
            }
        }
    }

    /// What a table of acts would do, or how things stand as one.
    fn find_bulk(&self, user: UserId, asked: &bulk::Asked) -> Found {
        let (state, through) = (&self.parts.folded.state, self.through());
        if let bulk::Asked::Now(table) = asked {
            return Ok(many(through, views::bulk_now(state, user, *table)?, |_| CODE_BYTES, AnswerBody::BulkNow));
        }
        let mut rows = views::bulk(state, user, asked, self.parts.clock.wall())?;
        rows.iter_mut()
            .for_each(|row| row.login = row.whom.map(|whom| self.parts.names.login(whom)).unwrap_or_default());
        Ok(many(through, rows, |_| ROW_BYTES, AnswerBody::Bulk))
    }

    /// What its owner calls a key or device; empty for nothing.
    fn label(&self, thing: Thing) -> String {
        let commitment = views::label(&self.parts.folded.state, thing);
        commitment.map_or_else(String::new, |commitment| self.source().texts.text(&commitment))
    }

    fn name_device(&self, row: &mut DeviceView) {
        row.login = self.parts.names.login(row.user);
        row.name = self.label(Thing::Device(row.device));
    }

    /// What to record of a no; only those of access are flagged.
    fn access_denied(&self, ask: &Ask, code: DenialCode) -> Option<AccessDenied> {
        let state = &self.parts.folded.state;
        let account = |code: &str| {
            let found = state.account_by_code(code).map(|account| u64::from(account.0));
            (Some(ObjectKind::Account), found)
        };
        let of_order = |order: &OrderId| (Some(ObjectKind::Order), state.account_of(*order).map(|_| order.0));
        let (object, foreign) = match (code, ask) {
            (DenialCode::NotPermitted, _) => (None, None),
            (
                DenialCode::UnknownOrder,
                Ask::Order(order) | Ask::Fills(Some(order)) | Ask::WaitStatus { order, .. } | Ask::Story(order),
            ) => of_order(order),
            (DenialCode::UnknownExecution, Ask::Fill(exec)) => {
                let of = views::fill_row(state, *exec).map(|fill| fill.order_id.0);
                (Some(ObjectKind::Order), of)
            }
            (
                DenialCode::UnknownAccount,
                Ask::Orders { account: Some(text), .. } | Ask::Positions(Some(text)) | Ask::Limits(text),
            ) => account(text),
            (DenialCode::UnknownAccount, Ask::Preview(bytes)) => match Command::from_bytes(bytes).map(|c| c.verb) {
                Ok(Verb::OrderNew(order)) => account(&order.account),
                _ => return None,
            },
            _ => return None,
        };
        Some(AccessDenied { permission: permission_of(ask), object, foreign, code })
    }

    /// A dry run says its no within its answer; one of access is recorded all the same.
    fn foreign_preview(&self, ask: &Ask, frames: &[Answer]) -> Option<AccessDenied> {
        let AnswerBody::Preview(view) = &frames.first()?.body else { return None };
        self.access_denied(ask, view.denial.as_ref()?.code)
    }
}
