//! From what a line asks for to its answer; it must hold no rule of its own.

use turret_shared::command::SimControl;
use turret_shared::denial::{DenialCode, RefusalCode};
use turret_shared::ids::{ExecId, OrderId};
use turret_shared::secret::SecretText;
use turret_shared::wire::query::Ask;

use super::answer::Answer;
use super::outcome::Told;
use super::people::{People, Person};
use super::request::{BadLine, Request};
use super::values::{ExecRef, OrderRef};
use super::{
    alerts, approvals, attempts, bans, bulk, entrust, figures, house, keyed, orders, own, password, policy, proof,
    reads, settle, staff,
};
use crate::actions::Id;

/// A script as it runs: who it is, and what `last` means.
pub(super) struct Script {
    people: People,
    login: String,
    last_order: Option<OrderId>,
    last_exec: Option<ExecId>,
}

impl Script {
    pub(super) const fn new(people: People, login: String) -> Self {
        Self { people, login, last_order: None, last_exec: None }
    }

    pub(super) const fn people(&mut self) -> &mut People {
        &mut self.people
    }

    /// One answer for one request.
    pub(super) async fn fulfil(&mut self, request: Request) -> Answer {
        let request = match request {
            Request::AsRole(role) => {
                return match self.people.of_role(role) {
                    Some(login) => self.go_on_as(login).await,
                    None => Answer::error("unknown_user", "no credentials were given for that role", None),
                };
            }
            Request::AsUser(login) => return self.go_on_as(login).await,
            Request::PasswordChange { new, code } => return self.change_password(new, code).await,
            Request::KeyRegister { code, pin } => return self.register_key(code, pin).await,
            other => other,
        };
        let (last_order, last_exec) = (self.last_order, self.last_exec);
        let login = self.login.clone();
        let Some(person) = self.people.person(&login) else {
            return Answer::error("signed_out", "nobody is signed in: write as user=...", None);
        };
        let lasts = Lasts { order: last_order, exec: last_exec };
        match changing(person, request, lasts).await {
            Ok(told) => {
                self.last_order = told.order.or(self.last_order);
                told.answer
            }
            Err(Request::Fills { order }) => {
                let Some(order) = lasts.order(order) else { return no_last(Id::Fills) };
                let fills = reads::fills(person, order).await;
                self.last_exec = fills.newest.or(self.last_exec);
                fills.answer
            }
            Err(request) => looking(person, request, lasts).await,
        }
    }

    /// What the script signs in with from now on is the new one.
    async fn change_password(&mut self, new: SecretText, code: Option<SecretText>) -> Answer {
        let login = self.login.clone();
        let (Some(old), Some(person)) = (self.people.password(&login), self.people.person(&login)) else {
            return Answer::error("signed_out", "nobody is signed in: write as user=...", None);
        };
        let (answer, done) = password::change(person, &old, &new, code).await;
        if done {
            self.people.set_password(&login, new);
        }
        answer
    }

    async fn register_key(&mut self, code: Option<SecretText>, pin: Option<SecretText>) -> Answer {
        let login = self.login.clone();
        let (Some(password), Some(person)) = (self.people.password(&login), self.people.person(&login)) else {
            return Answer::error("signed_out", "nobody is signed in: write as user=...", None);
        };
        let answer = keyed::register(person, password, code, pin).await;
        if !answer.is_ok() || !person.sees_nothing().await {
            return answer;
        }
        // The session was for that alone: from here on it is one that the key opened.
        match self.people.come_anew(&login).await {
            Ok(_) => answer.with("signed_in", "key"),
            Err(error) => Answer::error("sign_in", &error.to_string(), None),
        }
    }

    async fn go_on_as(&mut self, login: String) -> Answer {
        match self.people.enter(&login).await {
            Ok(waited_s) => {
                self.login = login;
                let Some(person) = self.people.person(&self.login) else { return Answer::not_ok() };
                let user = &person.user;
                Answer::ok()
                    .with("user", user.login.as_str())
                    .with("role", person.held_role().to_string())
                    .with("desk", user.desk_code.as_str())
                    .with("waited_s", waited_s)
            }
            Err(error) => Answer::error("sign_in", &error.to_string(), None),
        }
    }
}

/// What `last` stands for.
#[derive(Clone, Copy)]
struct Lasts {
    order: Option<OrderId>,
    exec: Option<ExecId>,
}

impl Lasts {
    const fn order(self, order: OrderRef) -> Option<OrderId> {
        match order {
            OrderRef::Id(id) => Some(id),
            OrderRef::Last => self.order,
        }
    }

    const fn exec(self, exec: ExecRef) -> Option<ExecId> {
        match exec {
            ExecRef::Id(id) => Some(id),
            ExecRef::Last => self.exec,
        }
    }
}

/// Requests that may change something or name a new `last`; any other comes back.
async fn changing(person: &mut Person, request: Request, lasts: Lasts) -> Result<Told, Request> {
    Ok(match request {
        Request::New(line) => orders::new(person, &line).await,
        Request::Amend { id, qty, price, stop_px, cl_ord_id, confirmed } => match lasts.order(id) {
            Some(order) => {
                let line = orders::Amend { order, qty, price, stop_px, cl_ord_id, confirmed };
                orders::amend(person, line).await
            }
            None => none(no_last(Id::OrderAmend)),
        },
        Request::Cancel { id, cl_ord_id } => match lasts.order(id) {
            Some(order) => orders::cancel(person, order, cl_ord_id).await,
            None => none(no_last(Id::OrderCancel)),
        },
        Request::CancelAll { account, cl_ord_id } => orders::cancel_all(person, account, cl_ord_id).await,
        Request::Show { id } => match lasts.order(id) {
            Some(order) => reads::show(person, order).await,
            None => none(no_last(Id::OrderShow)),
        },
        Request::Proof { code } => proof::prove(person, code).await,
        Request::ProofByKey { pin } => keyed::prove(person, pin).await,
        Request::Sim(control) => {
            let told = orders::sim(person, control.clone()).await;
            if told.answer.is_ok() {
                settle::settle(person, &control).await;
            }
            told
        }
        Request::SimExec { exec, correction } => match (lasts.exec(exec), correction) {
            (None, _) => none(Answer::error("no_last", "no execution was listed before", None)),
            (Some(exec), None) => orders::sim(person, SimControl::Bust { exec }).await,
            (Some(exec), Some((price, qty))) => orders::sim(person, SimControl::Correct { exec, price, qty }).await,
        },
        Request::SimUnsolicited { order } => match lasts.order(order) {
            Some(order) => orders::sim(person, SimControl::Unsolicited { order }).await,
            None => none(no_last(Id::SimUnsolicited)),
        },
        other => return running(person, other).await,
    })
}

/// Requests of those who run the house and watch over it; any other comes back.
async fn running(person: &mut Person, request: Request) -> Result<Told, Request> {
    Ok(match request {
        Request::Policy(line) => policy::act(person, line).await,
        Request::Alert(line) => alerts::act(person, line).await,
        Request::Ban(line) => bans::act(person, line).await,
        Request::Attempt(line) => attempts::act(person, line).await,
        Request::Approval(line) => approvals::act(person, line).await,
        Request::Bulk(line) => bulk::act(person, line).await,
        Request::House(line) => house::act(person, line).await,
        Request::Staff(line) => staff::act(person, line).await,
        Request::Entrust(line) => entrust::act(person, line).await,
        Request::Own(line) => own::act(person, line).await,
        other => return Err(other),
    })
}

const fn none(answer: Answer) -> Told {
    Told { answer, order: None }
}

async fn looking(person: &mut Person, request: Request, lasts: Lasts) -> Answer {
    let ask = match request {
        Request::Preview(line) => return reads::preview(person, &line).await,
        Request::Wait { order, statuses, timeout } => {
            let Some(order) = lasts.order(order) else { return no_last(Id::Wait) };
            return reads::wait(person, order, &statuses, timeout).await;
        }
        Request::List { status, account, cl_ord_id } => Ask::Orders { status, account, cl_ord_id },
        Request::Quote { symbol } => Ask::Quote(symbol),
        Request::AuditPack { order, file } => {
            let Some(order) = lasts.order(order) else { return no_last(Id::AuditPack) };
            return reads::pack(person, order, &file).await;
        }
        Request::Positions { account } => Ask::Positions(Some(account)),
        Request::Accounts => Ask::Accounts,
        Request::Limits { account } => Ask::Limits(account),
        Request::Audit { order, mut filter } => {
            if let Some(order) = order {
                let Some(order) = lasts.order(order) else { return no_last(Id::AuditSearch) };
                filter.order = Some(order);
            }
            Ask::Audit(filter)
        }
        _ => return Answer::error("bad_line", "not a question", None),
    };
    reads::ask(person, ask).await
}

fn no_last(action: Id) -> Answer {
    bad(&BadLine { action: Some(action), why: "no order was named before: `last` means nothing yet".to_owned() })
}

/// A line that is not sent, in the shape its verb is answered in.
pub(super) fn bad(line: &BadLine) -> Answer {
    match line.action {
        Some(Id::OrderNew | Id::OrderPreview) => figures::denied(DenialCode::Invalid, &line.why),
        Some(Id::OrderAmend | Id::OrderCancel | Id::OrderCancelAll) => {
            figures::refused(RefusalCode::Invalid, &line.why)
        }
        _ => Answer::error("bad_line", &line.why, None),
    }
}
