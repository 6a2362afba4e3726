//! Threats 14, 16 and 28: text that means something to a database, a reader's eye or a log; it comes back as it went in.

use turret_shared::command::{NewUser, Verb};
use turret_shared::denial::DenialCode;
use turret_shared::ids::DeskId;
use turret_shared::manage::Why;
use turret_shared::role::Role;
use turret_shared::wire::control::Outcome;
use turret_shared::wire::query::{AnswerBody, Ask, AuditFilter};

use super::orders::{bid, bytes};
use crate::wire::admin::Admin;
use crate::wire::client::Control;
use crate::wire::house::House;

fn new_user(login: &str, name: &str) -> Verb {
    let (login, name) = (login.into(), name.into());
    Verb::CreateUser(NewUser { login, name, role: Role::Broker, why: Why::Duties, desk: Some(DeskId(1)) })
}

const SQL: [&str; 5] =
    ["'; DROP TABLE entries; --", "\" OR 1=1", "%_*?[a-z]", "x' UNION/**/SELECT/**/entry --", "NULL)); VACUUM"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_14_what_means_something_to_sql_comes_back_letter_by_letter() {
    let house = House::open().await;
    let step = house.clock.step();
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, step).await;
    let (support, _) = Control::entered(&house.person("mia.ortiz"), house.address, step).await;
    let size = |rows: &[turret_shared::view::AuditView]| rows.first().map_or(0, |row| row.sequence.0);
    let before = size(&support.found(AuditFilter { limit: Some(1), ..AuditFilter::default() }).await);
    for (at, text) in SQL.into_iter().enumerate() {
        let request = ann.command_bytes(bytes(bid(&format!("sql{at}"), "A1001", text))).await;
        let Outcome::Order(taken) = ann.outcome(request).await else { panic!("taken") };
        assert_eq!(taken.order.text, text);
        // As an account, a symbol and a word to search by it is nothing there is.
        let mut order = bid(&format!("odd{at}"), text, "");
        let request = ann.command_bytes(bytes(order.clone())).await;
        assert!(matches!(ann.outcome(request).await, Outcome::Denied(_)));
        order.account = "A1001".into();
        order.symbol = text.into();
        let request = ann.command_bytes(bytes(order)).await;
        assert!(matches!(ann.outcome(request).await, Outcome::Denied(_)));
        for filter in [
            AuditFilter { any: Some(text.into()), ..AuditFilter::default() },
            AuditFilter { user: Some(text.into()), ..AuditFilter::default() },
            AuditFilter { action: Some(text.into()), ..AuditFilter::default() },
            AuditFilter { symbol: Some(text.into()), ..AuditFilter::default() },
        ] {
            assert_eq!(support.found(filter).await, []);
        }
        // Asking for what there is not, often, would end the session.
        house.clock.advance_s(61);
    }
    let rows = ann.ask(Ask::Orders { status: None, account: None, cl_ord_id: None }).await;
    let shown: Vec<String> = rows
        .into_iter()
        .flat_map(|answer| match answer.body {
            AnswerBody::Orders(rows) => rows.into_iter().map(|row| row.text).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(SQL.iter().all(|text| shown.iter().any(|row| row == text)), "{shown:?}");
    let after = size(&support.found(AuditFilter { limit: Some(1), ..AuditFilter::default() }).await);
    assert!(after > before, "the log is there and longer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_16_names_that_pass_for_others_are_refused() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    for (login, name) in [
        // Turned around, with nothing to see in it, tagged.
        ("ann.lex", "Ann \u{202e}eeL"),
        ("ann.lex", "Ann\u{200b} Lee"),
        ("ann.lex", "Ann\u{2066} Lee"),
        ("ann.lex", "Ann Lee\u{e0041}"),
        ("ann.lex", "\u{feff}Ann Lee"),
        // A Cyrillic A, a Greek o.
        ("ann.lex", "\u{410}nn Lee"),
        ("ann.lex", "B\u{3bf}b Ray"),
        // A login is of plain letters.
        ("ann.l\u{435}e", "Ann Lee"),
        ("\u{ff41}nn.lee", "Ann Lee"),
        ("ann\u{200d}.lee", "Ann Lee"),
    ] {
        match sam.ask(new_user(login, name)).await {
            Outcome::Denied(denial) => assert_eq!(denial.code, DenialCode::Invalid, "{login:?} {name:?}"),
            other => panic!("{login:?} {name:?}: {other:?}"),
        }
    }
    // Names people have are none of that.
    assert!(matches!(sam.ask(new_user("j.soe", "J\u{f6}rg S\u{f8}e")).await, Outcome::StepUp { .. }));
    // Orders' texts likewise.
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    for (at, text) in ["pay \u{202e}001", "a\u{200b}b", "\u{2067}x"].into_iter().enumerate() {
        let request = ann.command_bytes(bytes(bid(&format!("t{at}"), "A1001", text))).await;
        let answer = ann.outcome(request).await;
        assert!(matches!(&answer, Outcome::Denied(denial) if denial.code == DenialCode::Invalid), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threat_28_a_newline_json_or_cef_in_a_name_or_text_is_one_event_of_one_line() {
    let house = House::open().await;
    let mut sam = Admin::sign_in(&house).await;
    for name in ["Gus\nFox", "Gus\r\nINFO all is well", "Gus\u{85}Fox", "Gus\u{2028}Fox", "Gus\tFox"] {
        let answer = sam.ask(new_user("gus.fox", name)).await;
        assert!(
            matches!(&answer, Outcome::Denied(denial) if denial.code == DenialCode::Invalid),
            "{name:?}: {answer:?}"
        );
    }
    let odd = [r#"{"ok":true,"x":"y"}"#, "CEF:0|a|b|1|c|d|10|msg=", r"back\slash \n \u{1b}"];
    let created = async |control: &Control| {
        let filter = AuditFilter { action: Some("user_created".into()), ..AuditFilter::default() };
        control.found(filter).await.len()
    };
    let before = created(&sam.control).await;
    let outcome = sam.done(new_user("gus.fox", odd[1])).await;
    assert!(matches!(outcome, Outcome::Managed), "{outcome:?}");
    while created(&sam.control).await == before {}
    assert_eq!(created(&sam.control).await, before + 1, "one person, one event");
    let (mut ann, _) = Control::entered(&house.person("ann.lee"), house.address, house.clock.step()).await;
    for (at, text) in odd.into_iter().enumerate() {
        let request = ann.command_bytes(bytes(bid(&format!("odd{at}"), "A1001", text))).await;
        let Outcome::Order(taken) = ann.outcome(request).await else { panic!("taken") };
        assert_eq!(taken.order.text, text);
        // Whoever prints a row of the log prints one line of it.
        let name = Some(turret_shared::ids::ClOrdId::new(&format!("odd{at}")).unwrap());
        let named = || AuditFilter { cl_ord_id: name.clone(), ..AuditFilter::default() };
        // Searches follow the log at their own pace.
        while sam.control.found(named()).await.is_empty() {}
        let rows = sam.control.found(named()).await;
        let news = rows.iter().filter(|row| row.action == "order_new").count();
        assert_eq!(news, 1, "{rows:?}");
        assert!(rows.iter().all(|row| !format!("{}{}", row.detail, row.object).contains(['\n', '\r'])), "{rows:?}");
    }
}
