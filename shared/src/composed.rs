//! Roles a house composes for itself: a built-in role less some of its permissions. They must give nobody what the built-in
//! role lacks, so duties stay as separate as the five roles keep them.

use alloc::vec::Vec;
use core::fmt;

use minicbor::{Decode, Encode};

use crate::house::Code;
use crate::role::{Permission, Role};

/// A set of permissions, a bit for each by the number it is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Permissions(u64);

impl Permissions {
    /// Those of a built-in role.
    #[must_use]
    pub fn of(role: Role) -> Self {
        role.permissions().iter().fold(Self::default(), |set, permission| set.with(*permission))
    }

    const fn bit(permission: Permission) -> u64 {
        1 << (permission as u64)
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | Self::bit(permission))
    }

    /// With one less.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !Self::bit(permission))
    }

    /// True when it is among them.
    #[must_use]
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & Self::bit(permission) != 0
    }

    /// True when each of them is among `others`.
    #[must_use]
    pub const fn within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Each of them, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }

    /// As it is hashed and encoded.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl<C> Encode<C> for Permissions {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u64(self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Permissions {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        // A bit that is no permission is within no role.
        d.u64().map(Self)
    }
}

/// A role of a house's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ComposedRole {
    /// What it is called: `JUNIOR`.
    #[n(0)]
    pub code: Code,
    /// The built-in role it is a part of: its limits, policies and duties are those of this one.
    #[n(1)]
    pub base: Role,
    /// What is left of that.
    #[n(2)]
    pub permissions: Permissions,
}

/// Why a set of permissions makes no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotComposed {
    /// Something the built-in role does not hold.
    Beyond,
    /// All of it: that is the built-in role.
    Whole,
    /// Whoever signs in sees and ends what is their own.
    WithoutOwn,
    /// A built-in role is called so.
    BuiltIn,
}

impl ComposedRole {
    /// Whether it is one.
    ///
    /// # Errors
    /// [`NotComposed`].
    pub fn check(&self) -> Result<(), NotComposed> {
        let whole = Permissions::of(self.base);
        if Role::ALL.into_iter().any(|role| role.as_str().eq_ignore_ascii_case(self.code.as_str())) {
            Err(NotComposed::BuiltIn)
        } else if !self.permissions.within(whole) {
            Err(NotComposed::Beyond)
        } else if self.permissions == whole {
            Err(NotComposed::Whole)
        } else if !self.permissions.has(Permission::OwnManage) {
            Err(NotComposed::WithoutOwn)
        } else {
            Ok(())
        }
    }

    /// What the built-in role holds besides.
    #[must_use]
    pub fn taken(&self) -> Vec<Permission> {
        Permissions::of(self.base).iter().filter(|permission| !self.permissions.has(*permission)).collect()
    }

    /// `broker without order_enter, order_amend`.
    #[must_use]
    pub const fn told(&self) -> Told<'_> {
        Told(self)
    }
}

/// A composed role, told by what it lacks.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a>(&'a ComposedRole);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} without", self.0.base)?;
        for (at, permission) in self.0.taken().into_iter().enumerate() {
            write!(f, "{}{permission}", if at == 0 { " " } else { ", " })?;
        }
        Ok(())
    }
}

/// The role somebody holds: built in, or composed from one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRole {
    /// Built in: whose limits, policies and duties they have.
    pub role: Role,
    /// What they have of it, where that is not all.
    pub composed: Option<ComposedRole>,
}

impl From<Role> for HeldRole {
    fn from(role: Role) -> Self {
        Self { role, composed: None }
    }
}

impl HeldRole {
    /// True when it holds `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.role.may(permission) && self.composed.is_none_or(|composed| composed.permissions.has(permission))
    }
}

impl fmt::Display for HeldRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.composed {
            Some(composed) => f.pad(composed.code.as_str()),
            None => f.pad(self.role.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn junior(permissions: Permissions) -> ComposedRole {
        ComposedRole { code: "JUNIOR".parse().unwrap(), base: Role::Broker, permissions }
    }

    #[test]
    fn a_composed_role_is_less_than_its_base_and_keeps_what_is_everybodys() {
        let whole = Permissions::of(Role::Broker);
        let less = whole.without(Permission::OrderEnter).without(Permission::OrderAmend);
        assert_eq!(junior(less).check(), Ok(()));
        assert_eq!(junior(less).told().to_string(), "broker without order_enter, order_amend");
        assert_eq!(junior(whole).check(), Err(NotComposed::Whole));
        assert_eq!(junior(less.with(Permission::UserManage)).check(), Err(NotComposed::Beyond));
        assert_eq!(junior(less.without(Permission::OwnManage)).check(), Err(NotComposed::WithoutOwn));
        let named = ComposedRole { code: "Admin".parse().unwrap(), ..junior(less) };
        assert_eq!(named.check(), Err(NotComposed::BuiltIn));
    }

    #[test]
    fn a_set_holds_each_permission_by_itself_and_an_unknown_bit_makes_no_role() {
        for permission in Permission::ALL {
            let only = Permissions::default().with(permission);
            assert_eq!(only.iter().collect::<Vec<_>>(), [permission]);
            let bytes = minicbor::to_vec(only).unwrap();
            assert_eq!(minicbor::decode::<Permissions>(&bytes).unwrap(), only);
            // A bit is its number on the wire.
            assert_eq!(minicbor::to_vec(permission).unwrap(), minicbor::to_vec(only.bits().trailing_zeros()).unwrap());
        }
        let less = Permissions::of(Role::Broker).without(Permission::OrderEnter).bits();
        let unknown = minicbor::to_vec(less | 1 << 63).unwrap();
        assert_eq!(junior(minicbor::decode(&unknown).unwrap()).check(), Err(NotComposed::Beyond));
    }

    #[test]
    fn who_holds_a_composed_role_may_no_more_than_it_says() {
        let less = junior(Permissions::of(Role::Broker).without(Permission::OrderEnter));
        let held = HeldRole { role: Role::Broker, composed: Some(less) };
        assert!(
            !held.may(Permission::OrderEnter) && held.may(Permission::OrderCancel) && !held.may(Permission::Approve)
        );
        assert_eq!((held.to_string(), HeldRole::from(Role::Admin).to_string()), ("JUNIOR".into(), "admin".into()));
    }
}
