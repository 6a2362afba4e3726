//! Policy figures as those who look at them see them; it must decide nothing.

use alloc::format;
use alloc::string::String;

use minicbor::{Decode, Encode};

use crate::event::setup::{Policy, PolicyKind};
use crate::money::{Money, Qty};
use crate::role::Role;

/// How a policy that is wanted is written.
pub const WANTED: &str = "wanted";

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PolicyView {
    /// Which.
    #[n(0)]
    pub policy: Policy,
    /// For whom.
    #[n(1)]
    pub role: Role,
    /// Money in the order's own currency, or a quantity; `None`: it never asks.
    #[n(2)]
    pub value: Option<i64>,
}

impl PolicyView {
    /// The figure in its own unit, as it is typed; `None`: it never asks.
    #[must_use]
    pub fn figure(&self) -> Option<String> {
        shown(self.policy, self.value)
    }
}

/// A figure of a policy as it is typed.
#[must_use]
pub fn shown(policy: Policy, value: Option<i64>) -> Option<String> {
    value.map(|value| match policy.kind() {
        PolicyKind::Money => format!("{:.2}", Money(value)),
        PolicyKind::Quantity => format!("{}", Qty(value)),
        PolicyKind::Wanted => WANTED.into(),
    })
}

/// A figure of a policy as it was typed; `None` for what is none.
#[must_use]
pub fn typed(policy: Policy, text: &str) -> Option<i64> {
    match policy.kind() {
        PolicyKind::Money => Money::parse(text).map(|money| money.0).ok(),
        PolicyKind::Quantity => Qty::parse(text).map(|qty| qty.0).ok(),
        PolicyKind::Wanted => (text == WANTED).then_some(1),
    }
}
