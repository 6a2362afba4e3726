//! Lines about roles of the house's own: composed from a built-in one, retired; acts, which wait for `proof`.

use turret_shared::composed::{ComposedRole, Permissions};
use turret_shared::house::House;
use turret_shared::role::{Permission, Role};

use super::entrust::{need, why};
use super::house::{Line, Said, code};
use super::values::{Refusal, Values};

/// Reads `role compose`.
pub(super) fn compose_line(values: &Values<'_>) -> Result<Line, Refusal> {
    let typed = need(values, "base")?;
    let base: Role = typed.parse().map_err(|_| format!("base: `{typed}` is no built-in role"))?;
    let mut permissions = Permissions::of(base);
    for word in need(values, "without")?.split(',') {
        let known = Permission::ALL.into_iter().find(|permission| permission.as_str() == word);
        let taken = known.filter(|permission| base.may(*permission));
        permissions = permissions.without(taken.ok_or_else(|| format!("without: a {base} has no `{word}`"))?);
    }
    let role = ComposedRole { code: code(values)?, base, permissions };
    role.check().map_err(|_| format!("`{}` cannot be {}", role.code, role.told()))?;
    let ComposedRole { code, base, permissions } = role;
    Ok(Line::Act(Said::Done(House::ComposeRole { code, base, permissions }), why(values)?))
}

/// Reads `role retire`.
pub(super) fn retire_line(values: &Values<'_>) -> Result<Line, Refusal> {
    Ok(Line::Act(Said::Done(House::RetireRole { code: code(values)? }), why(values)?))
}
