//! Roles of a house's own in the engine: less than a built-in role in exactly what they leave out, given and changed by two
//! people, never by whoever holds them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use turret_engine::access::{self, Access, Object};
use turret_engine::{Input, Verdict, views};
use turret_shared::bulk::Table;
use turret_shared::command::Verb;
use turret_shared::composed::{ComposedRole, HeldRole, Permissions};
use turret_shared::denial::DenialCode;
use turret_shared::event::Event;
use turret_shared::event::setup::{ComposedRoleSet, RoleComposed, RoleSet};
use turret_shared::house::{Code, House, HouseRow};
use turret_shared::ids::UserId;
use turret_shared::limits::COMPOSED_ROLES_MAX;
use turret_shared::manage::{Act, Manage, Why};
use turret_shared::order::Side;
use turret_shared::role::{Permission, Role};
use turret_shared::wire::control::SessionEnd;
use turret_tests::floor::Desk;
use turret_tests::floor::desk::operator;
use turret_tests::floor::seed::{ANN, BOB, KIM, SAM};

fn code(text: &str) -> Code {
    text.parse().unwrap()
}

fn less(base: Role, taken: &[Permission]) -> Permissions {
    taken.iter().fold(Permissions::of(base), |set, permission| set.without(*permission))
}

fn compose(named: &str, base: Role, taken: &[Permission]) -> Act {
    Act::House(House::ComposeRole { code: code(named), base, permissions: less(base, taken) })
}

fn fact(desk: &mut Desk, event: Event) {
    assert_eq!(desk.input(Input::Setup(operator(), Box::new(event))).fault, None);
}

/// Whoever runs the server gives somebody a role of the house's own.
fn given(desk: &mut Desk, user: UserId, role: ComposedRole) {
    fact(desk, Event::RoleComposed(RoleComposed { role }));
    fact(desk, Event::RoleSet(RoleSet { user, role: Some(role.base) }));
    fact(desk, Event::ComposedRoleSet(ComposedRoleSet { user, code: role.code }));
}

/// Asked for by Sam and proved by whoever it takes.
struct Acts(u64);

impl Acts {
    fn done(&mut self, desk: &mut Desk, act: Act) -> Verdict {
        self.0 += 1;
        desk.act(Manage { act, why: Why::Duties }, self.0)
    }
}

fn refused(desk: &mut Desk, who: UserId, act: Act) -> DenialCode {
    match desk.verb(who, Verb::Manage(Manage { act, why: Why::Duties })) {
        Verdict::Denied(denial) => denial.code,
        other => panic!("denied, not {other:?}"),
    }
}

#[test]
fn whoever_holds_a_part_of_a_role_lacks_exactly_what_it_leaves_out() {
    for base in Role::ALL {
        for taken in base.permissions().iter().filter(|permission| **permission != Permission::OwnManage) {
            let mut desk = Desk::new();
            let role = ComposedRole { code: code("PART"), base, permissions: less(base, &[*taken]) };
            given(&mut desk, BOB, role);
            for permission in Permission::ALL {
                let may = access::may(desk.state.access(), BOB, permission, Object::None) == Access::Allowed;
                assert_eq!(may, base.may(permission) && permission != *taken, "{base} without {taken}: {permission}");
            }
            assert_eq!(desk.folded().hash(), desk.state.hash());
        }
    }
}

#[test]
fn a_role_is_composed_by_two_given_by_two_and_bites_at_once() {
    let mut desk = Desk::new();
    let mut acts = Acts(1);
    let junior = compose("JUNIOR", Role::Broker, &[Permission::OrderAmend]);
    assert_eq!(acts.done(&mut desk, junior), Verdict::Managed);
    assert_eq!(acts.done(&mut desk, Act::SetComposedRole { user: ANN, code: code("JUNIOR") }), Verdict::Managed);
    assert_eq!(desk.state.last_end(ANN), Some(SessionEnd::Killed));
    desk.sign_in(ANN, 50);
    let order = desk.order(Side::Buy, 10, 18_900);
    desk.ack(order);
    assert!(desk.state.access().holds(ANN, Permission::OrderEnter));
    assert!(!desk.state.access().holds(ANN, Permission::OrderAmend));

    // What it is made of changes: who has it is out, and then has that.
    let before = desk.state.access().entitlement_version(ANN);
    let tighter = compose("JUNIOR", Role::Broker, &[Permission::OrderAmend, Permission::OrderEnter]);
    assert_eq!(acts.done(&mut desk, tighter), Verdict::Managed);
    assert_eq!(desk.state.last_end(ANN), Some(SessionEnd::Killed));
    assert_ne!(desk.state.access().entitlement_version(ANN), before);
    desk.sign_in(ANN, 51);
    let new = desk.limit(Side::Buy, 1, 18_900);
    let verdict = desk.verb(ANN, Verb::OrderNew(new));
    assert!(matches!(verdict, Verdict::Denied(denial) if denial.code == DenialCode::NotPermitted));

    // The whole role again is another role.
    assert_eq!(acts.done(&mut desk, Act::SetRole { user: ANN, role: Some(Role::Broker) }), Verdict::Managed);
    assert_eq!(desk.state.access().held_role(ANN), Some(HeldRole::from(Role::Broker)));
    assert_eq!(acts.done(&mut desk, Act::House(House::RetireRole { code: code("JUNIOR") })), Verdict::Managed);
    assert!(desk.state.access().composed_roles().is_empty());
    assert_eq!(desk.folded().hash(), desk.state.hash());
}

#[test]
fn no_role_gives_more_than_its_base_and_none_is_taken_from_under_anybody() {
    let mut desk = Desk::new();
    let mut acts = Acts(1);
    let beyond = Permissions::of(Role::Broker).with(Permission::UserManage).without(Permission::OrderEnter);
    let beyond = Act::House(House::ComposeRole { code: code("BOTH"), base: Role::Broker, permissions: beyond });
    for (act, why) in [
        (beyond, DenialCode::Invalid),
        (compose("WHOLE", Role::Broker, &[]), DenialCode::Invalid),
        (compose("NONE", Role::Broker, &[Permission::OwnManage]), DenialCode::Invalid),
        (compose("Admin", Role::Broker, &[Permission::OrderEnter]), DenialCode::CodeTaken),
        (Act::House(House::RetireRole { code: code("NONE") }), DenialCode::UnknownTarget),
        (Act::SetComposedRole { user: BOB, code: code("NONE") }, DenialCode::UnknownTarget),
    ] {
        assert_eq!(refused(&mut desk, SAM, act), why, "{act:?}");
    }
    let part = compose("PART", Role::Broker, &[Permission::OrderEnter]);
    assert_eq!(acts.done(&mut desk, part), Verdict::Managed);
    assert_eq!(refused(&mut desk, SAM, part), DenialCode::NothingToDo);
    let elsewhere = compose("PART", Role::Support, &[Permission::FillRead]);
    assert_eq!(refused(&mut desk, SAM, elsewhere), DenialCode::CodeTaken, "duties hang on the base");
    assert_eq!(acts.done(&mut desk, Act::SetComposedRole { user: BOB, code: code("PART") }), Verdict::Managed);
    let retire = Act::House(House::RetireRole { code: code("PART") });
    assert_eq!(refused(&mut desk, SAM, retire), DenialCode::RoleHeld);
    assert_eq!(refused(&mut desk, KIM, part), DenialCode::NotPermitted, "roles are an admin's");
}

#[test]
fn nobody_changes_the_role_they_hold() {
    let mut desk = Desk::new();
    let role = ComposedRole {
        code: code("PEOPLE"),
        base: Role::Admin,
        permissions: less(Role::Admin, &[Permission::SimControl, Permission::AuditRead]),
    };
    given(&mut desk, SAM, role);
    desk.sign_in(SAM, 50);
    let wider = compose("PEOPLE", Role::Admin, &[Permission::SimControl]);
    assert_eq!(refused(&mut desk, SAM, wider), DenialCode::NotYourself);
    assert_eq!(refused(&mut desk, SAM, Act::SetRole { user: SAM, role: Some(Role::Admin) }), DenialCode::NotYourself);
}

#[test]
fn a_house_has_so_many_and_lists_them_with_who_has_them() {
    let mut desk = Desk::new();
    for n in 0..COMPOSED_ROLES_MAX {
        let role = ComposedRole {
            code: code(&format!("R{n}")),
            base: Role::Support,
            permissions: less(Role::Support, &[Permission::FillRead]),
        };
        fact(&mut desk, Event::RoleComposed(RoleComposed { role }));
    }
    let more = compose("MORE", Role::Support, &[Permission::FillRead]);
    assert_eq!(refused(&mut desk, SAM, more), DenialCode::HouseFull);
    given_known(&mut desk, BOB, "R7");
    let rows = views::house(&desk.state, SAM).unwrap();
    let listed: Vec<(String, u32)> = rows
        .into_iter()
        .filter_map(|row| match row {
            HouseRow::Role { role, people } => Some((role.code.to_string(), people)),
            _ => None,
        })
        .collect();
    assert_eq!(listed.len(), COMPOSED_ROLES_MAX);
    assert!(listed.is_sorted() && listed.contains(&("R7".into(), 1)) && listed.contains(&("R8".into(), 0)));
    // A file of roles says it as it is: put back unchanged it widens nothing.
    let now = views::bulk_now(&desk.state, SAM, Table::Roles).unwrap();
    assert!(now.contains(&Act::SetComposedRole { user: BOB, code: code("R7") }));
}

fn given_known(desk: &mut Desk, user: UserId, named: &str) {
    fact(desk, Event::RoleSet(RoleSet { user, role: Some(Role::Support) }));
    fact(desk, Event::ComposedRoleSet(ComposedRoleSet { user, code: code(named) }));
}
