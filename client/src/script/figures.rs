//! Figures, rules, denials and refusals as JSON, amounts as decimal strings; it must decide nothing.

use serde_json::{Map, Value, json};
use turret_shared::denial::{Denial, DenialCode, Figure, Refusal, RefusalCode, Rule, RuleUse};

use super::answer::Answer;

/// The figure without its unit.
pub(super) fn amount(figure: &Figure) -> String {
    match figure {
        Figure::Money(amount, _) => format!("{amount:.2}"),
        other => other.to_string(),
    }
}

/// What the figure counts.
pub(super) fn unit(figure: &Figure) -> String {
    match figure {
        Figure::Money(_, currency) => currency.to_string(),
        Figure::Qty(_) => "quantity".to_owned(),
        Figure::Price(_) | Figure::Band(..) => "price".to_owned(),
        Figure::Count(_) => "count".to_owned(),
        Figure::Flag(_) => "flag".to_owned(),
    }
}

/// What the number of a rule's limit is in: a bare one is in the rule's own unit.
pub(super) fn limit_unit(rule: Rule, limit: &Figure) -> String {
    match (rule, limit) {
        (Rule::PriceCollar, Figure::Count(_)) => "bps".to_owned(),
        (Rule::DuplicateOrder, Figure::Count(_)) => "ms".to_owned(),
        (Rule::OrderRate, Figure::Count(_)) => "per_minute".to_owned(),
        (_, other) => unit(other),
    }
}

/// One rule, tripped or not.
pub(super) fn rule(rule: &RuleUse) -> Value {
    json!({
        "rule": rule.rule.as_str(),
        "limit": amount(&rule.limit),
        "used": amount(&rule.used),
        "headroom": amount(&rule.headroom),
        "override": rule.overridable.to_string(),
        "unit": unit(&rule.limit),
        "tripped": rule.tripped,
        "would_pass": rule.would_pass.map(|qty| qty.to_string()),
        "use_percent": rule.use_percent,
    })
}

fn rules(rows: &[RuleUse]) -> Vec<Value> {
    rows.iter().map(rule).collect()
}

/// Our no to an order.
pub(super) fn denial(denial: &Denial) -> Value {
    json!({
        "code": denial.code.as_str(),
        "rules": rules(&denial.rules),
        "text": denial.text,
        "passed": denial.passed,
        "until": denial.until.map(turret_shared::time::Timestamp::rfc3339),
    })
}

/// Either's no to an amend or cancel.
pub(super) fn refusal(refusal: &Refusal) -> Value {
    json!({ "code": refusal.code.as_str(), "rules": rules(&refusal.rules), "text": refusal.text, "until": refusal.until.map(turret_shared::time::Timestamp::rfc3339) })
}

/// A no that no rule explains.
pub(super) fn denied(code: DenialCode, text: &str) -> Answer {
    let denial = json!({ "code": code.as_str(), "rules": [], "text": text });
    Answer::not_ok().with("denial", denial)
}

/// A no to an amend or cancel made here, before anything was sent.
pub(super) fn refused(code: RefusalCode, text: &str) -> Answer {
    let refusal = json!({ "code": code.as_str(), "rules": [], "text": text });
    Answer::not_ok().with("refusal", refusal)
}

/// A JSON object's fields.
pub(super) fn fields(value: Value) -> Map<String, Value> {
    if let Value::Object(fields) = value { fields } else { Map::new() }
}

#[cfg(test)]
mod tests {
    use turret_shared::denial::Override;
    use turret_shared::money::{Currency, Money};
    use turret_shared::role::Role;

    use super::*;

    #[test]
    fn a_rule_says_limit_used_headroom_and_who_may_override() {
        let money = |units: i64| Figure::Money(Money(units * 10_000), Currency::USD);
        let shown = rule(&RuleUse {
            rule: Rule::MaxNotional,
            tripped: true,
            limit: money(250_000),
            used: money(379_000),
            headroom: money(250_000),
            would_pass: None,
            use_percent: Some(152),
            overridable: Override::Role(Role::Supervisor),
        });
        assert_eq!(shown["rule"], "max_notional");
        assert_eq!(shown["limit"], "250000.00");
        assert_eq!(shown["used"], "379000.00");
        assert_eq!(shown["override"], "supervisor");
        assert_eq!(shown["unit"], "USD");
    }

    #[test]
    fn a_bare_limit_is_in_its_rules_unit() {
        let bare = Figure::Count(500);
        assert_eq!(limit_unit(Rule::PriceCollar, &bare), "bps");
        assert_eq!(limit_unit(Rule::DuplicateOrder, &bare), "ms");
        assert_eq!(limit_unit(Rule::OrderRate, &bare), "per_minute");
        assert_eq!(limit_unit(Rule::MaxQuantity, &Figure::Qty(turret_shared::money::Qty(1))), "quantity");
    }
}
