//! What binds everybody of a role from a deployment's first day, and what asks for a fresh code; those who run it change it.

use turret_shared::denial::Rule;
use turret_shared::event::Event;
use turret_shared::event::setup::{LimitScope, LimitSet, Policy, PolicySet};
use turret_shared::role::Role;

use super::demo_desk::{dollars, whole};

/// In the order they are recorded.
pub(super) fn all() -> Vec<Event> {
    let limit =
        |role, rule, value| Event::LimitSet(LimitSet { scope: LimitScope::Role(role), rule, value: Some(value) });
    let policy = |policy, role, value| Event::PolicySet(PolicySet { policy, role, value: Some(value) });
    vec![
        limit(Role::Broker, Rule::MaxQuantity, whole(4_000).0),
        limit(Role::Broker, Rule::MaxNotional, dollars(300_000).0),
        limit(Role::Broker, Rule::PriceCollar, 500),
        limit(Role::Broker, Rule::DuplicateOrder, 5_000),
        limit(Role::Broker, Rule::OrderRate, 60),
        limit(Role::Customer, Rule::MaxQuantity, whole(1_000).0),
        limit(Role::Customer, Rule::MaxNotional, dollars(50_000).0),
        limit(Role::Customer, Rule::PriceCollar, 500),
        limit(Role::Customer, Rule::DuplicateOrder, 5_000),
        limit(Role::Customer, Rule::OrderRate, 60),
        policy(Policy::StepUpNotional, Role::Broker, dollars(100_000).0),
        policy(Policy::StepUpNotional, Role::Customer, dollars(10_000).0),
        policy(Policy::StepUpShortNotional, Role::Broker, dollars(20_000).0),
        policy(Policy::StepUpShortNotional, Role::Customer, 0),
    ]
}
