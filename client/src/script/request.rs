//! A line read into what it asks for, by the registry's table of verbs; it must send nothing.

use std::time::Duration;

use turret_shared::command::SimControl;
use turret_shared::ids::{ClOrdId, Sequence};
use turret_shared::limits::QUERY_ROWS_MAX;
use turret_shared::money::{Price, Qty};
use turret_shared::order::{OrdStatus, OrdType, Side, TimeInForce};
use turret_shared::role::Role;
use turret_shared::secret::SecretText;
use turret_shared::wire::query::AuditFilter;

use super::line::{Parts, cut};
use super::values::{ExecRef, OrderRef, Refusal, Values};
use super::{alerts, approvals, attempts, bans, bulk, console, entrust, house, own, policy, staff};
use crate::actions::{self, Action, Id};

/// A new order as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewLine {
    pub(super) account: String,
    pub(super) side: Side,
    pub(super) qty: Qty,
    pub(super) symbol: String,
    pub(super) ord_type: OrdType,
    pub(super) price: Option<Price>,
    pub(super) stop_px: Option<Price>,
    pub(super) tif: TimeInForce,
    pub(super) cl_ord_id: Option<ClOrdId>,
    pub(super) text: String,
    pub(super) confirmed: bool,
}

/// What a line asks for.
#[derive(Debug)]
pub(super) enum Request {
    New(NewLine),
    Preview(NewLine),
    Amend {
        id: OrderRef,
        qty: Option<Qty>,
        price: Option<Price>,
        stop_px: Option<Price>,
        cl_ord_id: Option<ClOrdId>,
        confirmed: bool,
    },
    Cancel {
        id: OrderRef,
        cl_ord_id: Option<ClOrdId>,
    },
    CancelAll {
        account: String,
        cl_ord_id: Option<ClOrdId>,
    },
    List {
        status: Option<OrdStatus>,
        account: Option<String>,
        cl_ord_id: Option<ClOrdId>,
    },
    Show {
        id: OrderRef,
    },
    Fills {
        order: OrderRef,
    },
    Quote {
        symbol: String,
    },
    Positions {
        account: String,
    },
    Accounts,
    Limits {
        account: String,
    },
    /// `None`: from the authenticator.
    Proof {
        code: Option<SecretText>,
    },
    /// By a security key; `None`: the PIN of a simulated one.
    ProofByKey {
        pin: Option<SecretText>,
    },
    /// The same, and a code: of the authenticator where there is none.
    KeyRegister {
        code: Option<SecretText>,
        pin: Option<SecretText>,
    },
    /// What is one's own.
    Own(own::Line),
    /// `None`: the code from the authenticator.
    PasswordChange {
        new: SecretText,
        code: Option<SecretText>,
    },
    Audit {
        order: Option<OrderRef>,
        filter: Box<AuditFilter>,
    },
    /// Into this file.
    AuditPack {
        order: OrderRef,
        file: String,
    },
    AsRole(Role),
    AsUser(String),
    Wait {
        order: OrderRef,
        statuses: Vec<OrdStatus>,
        timeout: Duration,
    },
    Sim(SimControl),
    SimExec {
        exec: ExecRef,
        correction: Option<(Price, Qty)>,
    },
    SimUnsolicited {
        order: OrderRef,
    },
    Entrust(entrust::Line),
    House(house::Line),
    Bulk(bulk::Line),
    Staff(staff::Line),
    Approval(approvals::Line),
    Policy(policy::Line),
    Alert(alerts::Line),
    Ban(bans::Line),
    Attempt(attempts::Line),
}

/// A line that is not sent, and the action it meant if that much was clear.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    pub(super) action: Option<Id>,
    pub(super) why: Refusal,
}

/// Reads a line; `None` for an empty one or a remark.
pub(super) fn read(line: &str) -> Result<Option<Request>, BadLine> {
    let parts = match cut(line) {
        Ok(Some(parts)) => parts,
        Ok(None) => return Ok(None),
        Err(error) => {
            let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.contains('=')).collect();
            let action = actions::by_verb(&words).map(|action| action.id);
            return Err(BadLine { action, why: error.to_string() });
        }
    };
    let words: Vec<&str> = parts.words.iter().map(String::as_str).collect();
    let Some(action) = actions::by_verb(&words) else {
        return Err(BadLine { action: None, why: format!("`{}` is no verb", words.join(" ")) });
    };
    check_names(action, &parts)
        .and_then(|()| request(action.id, &Values(&parts)))
        .map(Some)
        .map_err(|why| BadLine { action: Some(action.id), why })
}

/// Every word and name must be the verb's own, and every required name there.
fn check_names(action: &Action, parts: &Parts) -> Result<(), Refusal> {
    let Some(verb) = action.verb else { return Err("this action has no verb".to_owned()) };
    if let Some(extra) = parts.words.get(verb.words.len()) {
        return Err(format!("`{extra}` does not belong here"));
    }
    for (name, _) in &parts.pairs {
        if !verb.arguments.iter().any(|argument| argument.name == name) {
            return Err(format!("`{name}` is not known here"));
        }
    }
    for argument in verb.arguments.iter().filter(|argument| argument.required) {
        if !parts.pairs.iter().any(|(name, _)| name == argument.name) {
            return Err(format!("{} is missing", argument.name));
        }
    }
    Ok(())
}

fn request(id: Id, values: &Values<'_>) -> Result<Request, Refusal> {
    let text = |name: &str| Values::need(values.text(name).map(str::to_owned), name);
    let order = |name: &str| Values::need(values.order(name)?, name);
    Ok(match id {
        Id::OrderNew => Request::New(new_line(values)?),
        Id::OrderPreview => Request::Preview(new_line(values)?),
        Id::OrderAmend => Request::Amend {
            id: order("id")?,
            qty: values.qty("qty")?,
            price: values.price("price")?,
            stop_px: values.price("stop")?,
            cl_ord_id: values.cl_ord_id()?,
            confirmed: values.confirm()?,
        },
        Id::OrderCancel => Request::Cancel { id: order("id")?, cl_ord_id: values.cl_ord_id()? },
        Id::OrderCancelAll => Request::CancelAll { account: text("account")?, cl_ord_id: values.cl_ord_id()? },
        Id::OrderList => {
            let account = values.text("account").map(str::to_owned);
            Request::List { status: values.status("status")?, account, cl_ord_id: values.cl_ord_id()? }
        }
        Id::OrderShow => Request::Show { id: order("id")? },
        Id::Fills => Request::Fills { order: order("order")? },
        Id::Quote => Request::Quote { symbol: text("symbol")? },
        Id::Positions => Request::Positions { account: text("account")? },
        Id::Accounts => Request::Accounts,
        Id::Limits => Request::Limits { account: text("account")? },
        Id::UserRights => Request::Entrust(entrust::rights_line(values)?),
        Id::LimitSet => Request::Entrust(entrust::limit_line(values)?),
        Id::Policy => Request::Policy(policy::Line::List),
        Id::PolicySet => Request::Policy(policy::set_line(values)?),
        Id::Approvals => Request::Approval(approvals::Line::List),
        Id::Collect => Request::Approval(approvals::collect_line(values)?),
        Id::Approve => Request::Approval(approvals::judge_line(values, true)?),
        Id::Refuse => Request::Approval(approvals::judge_line(values, false)?),
        Id::Withdraw => Request::Approval(approvals::withdraw_line(values)?),
        Id::Alerts => Request::Alert(alerts::list_line(values)?),
        Id::AlertAcknowledge => Request::Alert(alerts::acknowledge_line(values)?),
        Id::AlertAssign => Request::Alert(alerts::assign_line(values)?),
        Id::AlertResolve => Request::Alert(alerts::resolve_line(values)?),
        Id::Proof => proof(values)?,
        Id::KeyRegister => {
            let given = values.text("code").map_or(Ok(None), code)?;
            Request::KeyRegister { code: given, pin: pin(values) }
        }
        Id::PasswordChange => {
            let given = values.text("code").map_or(Ok(None), code)?;
            Request::PasswordChange { new: SecretText::new(text("new")?), code: given }
        }
        Id::AuditSearch => audit(values)?,
        Id::AuditPack => Request::AuditPack { order: order("order")?, file: text("file")? },
        Id::As => who(values)?,
        Id::Wait => Request::Wait {
            order: order("order")?,
            statuses: Values::need(values.statuses("status")?, "status")?,
            timeout: values.timeout("timeout")?,
        },
        other => match console::request(other, values)
            .or_else(|| own::line(other, values).map(|line| line.map(Request::Own)))
        {
            Some(request) => request?,
            None => sim(other, values)?,
        },
    })
}

fn new_line(values: &Values<'_>) -> Result<NewLine, Refusal> {
    let text = |name: &str| Values::need(values.text(name).map(str::to_owned), name);
    Ok(NewLine {
        account: text("account")?,
        side: Values::need(values.one_of("side", "buy, sell, sellshort")?, "side")?,
        qty: Values::need(values.qty("qty")?, "qty")?,
        symbol: text("symbol")?,
        ord_type: Values::need(values.one_of("type", "market, limit, stop, stoplimit")?, "type")?,
        price: values.price("price")?,
        stop_px: values.price("stop")?,
        tif: values.one_of("tif", "day, gtc, ioc, fok")?.unwrap_or(TimeInForce::Day),
        cl_ord_id: values.cl_ord_id()?,
        text: values.text("text").unwrap_or_default().to_owned(),
        confirmed: values.confirm()?,
    })
}

fn proof(values: &Values<'_>) -> Result<Request, Refusal> {
    match (values.text("code"), values.text("key")) {
        (Some(given), None) => Ok(Request::Proof { code: code(given)? }),
        (None, Some("auto")) => Ok(Request::ProofByKey { pin: pin(values) }),
        (None, Some(_)) => Err("key: `auto`, the one that is plugged in".to_owned()),
        _ => Err("either code=... or key=auto".to_owned()),
    }
}

fn pin(values: &Values<'_>) -> Option<SecretText> {
    values.text("pin").map(|pin| SecretText::new(pin.to_owned()))
}

/// `None` for one of the authenticator.
fn code(code: &str) -> Result<Option<SecretText>, Refusal> {
    if code == "auto" {
        return Ok(None);
    }
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("code: six digits, or `auto`".to_owned());
    }
    Ok(Some(SecretText::new(code.to_owned())))
}

fn audit(values: &Values<'_>) -> Result<Request, Refusal> {
    let owned = |name: &str| values.text(name).map(str::to_owned);
    let filter = AuditFilter {
        order: None,
        user: owned("user"),
        account: owned("account"),
        action: owned("action"),
        outcome: owned("outcome"),
        correlation: values.correlation("corr")?,
        since: values.moment("since")?,
        until: values.moment("until")?,
        limit: values.count("limit", QUERY_ROWS_MAX)?,
        exec: values.one_of("exec", "an ExecID such as E123")?,
        cl_ord_id: values.cl_ord_id()?,
        symbol: owned("symbol"),
        any: None,
        before: values.one_of("before", "an entry's number")?.map(Sequence),
    };
    Ok(Request::Audit { order: values.order("order")?, filter: Box::new(filter) })
}

fn who(values: &Values<'_>) -> Result<Request, Refusal> {
    match (values.one_of("role", "broker, supervisor, admin, support, customer")?, values.text("user")) {
        (Some(role), None) => Ok(Request::AsRole(role)),
        (None, Some(user)) => Ok(Request::AsUser(user.to_owned())),
        _ => Err("either role=... or user=...".to_owned()),
    }
}

fn sim(id: Id, values: &Values<'_>) -> Result<Request, Refusal> {
    let symbol = || Values::need(values.text("symbol").map(str::to_owned), "symbol");
    let exec = || Values::need(values.exec("exec")?, "exec");
    Ok(match id {
        Id::SimHalt => Request::Sim(SimControl::Halt { symbol: symbol()? }),
        Id::SimResume => Request::Sim(SimControl::Resume { symbol: symbol()? }),
        Id::SimSessionOpen => Request::Sim(SimControl::SessionOpen),
        Id::SimSessionClose => Request::Sim(SimControl::SessionClose),
        Id::SimBust => Request::SimExec { exec: exec()?, correction: None },
        Id::SimCorrect => {
            let (price, qty) = (values.price("px")?, values.qty("qty")?);
            Request::SimExec { exec: exec()?, correction: price.zip(qty) }
        }
        Id::SimUnsolicited => Request::SimUnsolicited { order: Values::need(values.order("order")?, "order")? },
        Id::SimDelay => {
            Request::Sim(SimControl::Delay { ms: Values::need(values.count("ms", SIM_DELAY_MS_MAX)?, "ms")? })
        }
        Id::SimDropLink => {
            Request::Sim(SimControl::DropLink { seconds: Values::need(values.count("s", SIM_DROP_S_MAX)?, "s")? })
        }
        _ => return Err("no script verb".to_owned()),
    })
}

/// Longest delay of the venue's answers.
const SIM_DELAY_MS_MAX: u32 = 60_000;
/// Longest loss of the venue link.
const SIM_DROP_S_MAX: u32 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_line_of_the_grammar() {
        for line in [
            "order new account=A1001 side=buy qty=100 symbol=AAPL type=limit price=189.50 tif=day cl_ord_id=x1 text=\"a b\"",
            "order preview account=A1001 side=sellshort qty=1 symbol=AAPL type=stoplimit price=1 stop=2",
            "order amend id=last qty=200 price=189.60",
            "order amend id=O12 stop=189.00",
            "order cancel id=O12",
            "order cancel-all account=A1001",
            "order list",
            "order list status=New account=A1001",
            "order show id=last",
            "fills order=O12-1",
            "quote symbol=AAPL",
            "positions account=A1001",
            "accounts",
            "limits account=A1001",
            "house",
            "desk open code=EQ3",
            "account open code=A3001 desk=EQ3",
            "account open code=A3002 desk=EQ3 currency=EUR capacity=principal why=asked",
            "cash move account=A3001 amount=-250.50",
            "restricted add symbol=TSLA why=suspicion",
            "restricted remove symbol=TSLA",
            "users",
            "user create login=joe.doe name=\"Joe Doe\" role=broker desk=EQ3",
            "user role user=joe.doe to=none",
            "user desk user=joe.doe to=EQ1",
            "user lock user=joe.doe why=suspicion",
            "user unlock user=joe.doe",
            "user code user=joe.doe",
            "user recover user=joe.doe why=lost_device",
            "user password user=joe.doe",
            "collect id=4711",
            "devices",
            "device confirm id=7",
            "device refuse id=7",
            "device revoke id=7 why=lost_device",
            "device unlock id=7",
            "sessions",
            "session end id=12",
            "policy",
            "policy set what=step_up_notional role=broker value=50000",
            "policy set what=step_up_short_notional role=customer value=none why=mistake",
            "approvals",
            "approve id=4711 reason=checked",
            "refuse id=4711 reason=unexpected",
            "withdraw id=4711",
            "proof code=auto",
            "proof code=123456",
            "proof key=auto",
            "proof key=auto pin=2468",
            "key register",
            "key register code=123456 pin=\"a long one\"",
            "audit search",
            "audit search order=last user=ann.lee account=A1001 action=order_new outcome=ok corr=7F3A-19C2-0B1D since=2026-03-12T14:00:00Z until=2026-03-12T15:00:00+01:00 limit=5",
            "as role=supervisor",
            "as user=bob.ray",
            "wait order=last status=Filled|Canceled timeout=5s",
            "sim halt symbol=AAPL",
            "sim resume symbol=AAPL",
            "sim session open",
            "sim session close",
            "sim bust exec=E9",
            "sim correct exec=E9 px=1.5 qty=3",
            "sim unsolicited order=last",
            "sim delay ms=100",
            "sim drop-link s=3",
        ] {
            assert!(matches!(read(line), Ok(Some(_))), "{line}: {:?}", read(line).err());
        }
        assert!(matches!(read(" # nothing"), Ok(None)));
    }

    #[test]
    fn refuses_everything_else() {
        for line in [
            "buy AAPL",
            "order",
            "order new",
            "order new account=A1001 side=buy qty=1,000 symbol=AAPL type=market",
            "order new account=A1001 side=buy qty=1e3 symbol=AAPL type=market",
            "order new account=A1001 side=buy qty=1 000 symbol=AAPL type=market",
            "order new account=A1001 side=BUY qty=1 symbol=AAPL type=market",
            "order new account=A1001 side=buy qty=1 symbol=AAPL type=market colour=red",
            "order new account=A1001 account=A1002 side=buy qty=1 symbol=AAPL type=market",
            "order cancel account=A1001",
            "order show id=12",
            "policy set what=step_up_notional role=admin value=1",
            "policy set what=step_up_notional role=broker value=1,000",
            "approve id=4711",
            "desk open code=\"EQ 3\"",
            "account open code=A3001 desk=EQ3 currency=usd",
            "cash move account=A3001 amount=1,000",
            "user create login=Joe name=Joe role=broker",
            "user role user=joe.doe to=a,king",
            "device confirm id=x",
            "approve id=x reason=checked",
            "approve id=4711 reason=suspicion",
            "refuse id=4711 reason=agreed",
            "proof code=12345",
            "proof",
            "proof key=2",
            "proof code=auto key=auto",
            "as",
            "as role=broker user=ann.lee",
            "as role=king",
            "wait order=last status=done",
            "sim delay ms=60001",
            "accounts now",
            "audit search since=2026-03-12T14:00:00",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
        assert_eq!(read("order new qty=1 000").err().and_then(|bad| bad.action), Some(Id::OrderNew));
    }

    #[test]
    fn reads_bans_and_reviews_and_no_address_or_time_that_is_none() {
        for line in [
            "bans",
            "ban add source=192.0.2.7 minutes=60 why=suspicion",
            "ban add source=2001:db8::7 minutes=1440",
            "ban lift id=1187424389234688 why=mistake",
            "denied list",
            "denied list standing=reviewed",
            "denied review id=48300 as=followed",
        ] {
            assert!(matches!(read(line), Ok(Some(_))), "{line}: {:?}", read(line).err());
        }
        for line in [
            "ban add source=192.0.2.0/24 minutes=60",
            "ban add source=192.0.2.7 minutes=1441",
            "ban add source=192.0.2.7 minutes=0",
            "ban lift",
            "denied list standing=over",
            "denied review id=48300",
            "denied review id=48300 as=nothing",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
