//! Which line of the admin console asks for what: people, devices, sessions, bans, denials, desks, accounts, listings; it must send
//! nothing.

use turret_shared::manage::Act;

use super::request::Request;
use super::staff::{self, Done};
use super::values::{Refusal, Values};
use super::{attempts, bans, bulk, house, roles};
use crate::actions::Id;

/// The request of such an action; `None` for any other.
pub(super) fn request(id: Id, values: &Values<'_>) -> Option<Result<Request, Refusal>> {
    let line = match id {
        Id::House => return Some(Ok(Request::House(house::Line::List))),
        Id::Bulk => return Some(bulk::file_line(values).map(Request::Bulk)),
        Id::BulkExport => return Some(bulk::export_line(values).map(Request::Bulk)),
        Id::BulkRows => return Some(bulk::rows_line(values).map(Request::Bulk)),
        Id::Bans => return Some(Ok(Request::Ban(bans::Line::List))),
        Id::Denied => return Some(attempts::list_line(values).map(Request::Attempt)),
        Id::DeniedReview => return Some(attempts::review_line(values).map(Request::Attempt)),
        Id::BanAdd => return Some(bans::add_line(values).map(Request::Ban)),
        Id::BanLift => return Some(bans::lift_line(values).map(Request::Ban)),
        Id::DeskOpen => return Some(house::desk_line(values).map(Request::House)),
        Id::AccountOpen => return Some(house::account_line(values).map(Request::House)),
        Id::CashMove => return Some(house::cash_line(values).map(Request::House)),
        Id::RestrictedAdd => return Some(house::restricted_line(values, true).map(Request::House)),
        Id::KeyModelAdd => return Some(house::model_line(values, true).map(Request::House)),
        Id::KeyModelRemove => return Some(house::model_line(values, false).map(Request::House)),
        Id::RoleCompose => return Some(roles::compose_line(values).map(Request::House)),
        Id::RoleRetire => return Some(roles::retire_line(values).map(Request::House)),
        Id::RestrictedRemove => return Some(house::restricted_line(values, false).map(Request::House)),
        Id::Users => Ok(staff::Line::People),
        Id::Devices => Ok(staff::Line::Devices),
        Id::Sessions => Ok(staff::Line::Sessions),
        Id::UserCreate => staff::create_line(values),
        Id::UserRole => staff::role_line(values),
        Id::UserDesk => staff::desk_line(values),
        Id::UserLock => staff::person_line(values, Done::Lock(true)),
        Id::UserUnlock => staff::person_line(values, Done::Lock(false)),
        Id::UserCode => staff::person_line(values, Done::Code),
        Id::UserRecover => staff::person_line(values, Done::Recover),
        Id::UserPassword => staff::person_line(values, Done::NewPassword),
        Id::SessionEnd => staff::session_line(values),
        Id::DeviceConfirm => staff::device_line(values, |device| Act::ConfirmDevice { device }),
        Id::DeviceRefuse => staff::device_line(values, |device| Act::RefuseDevice { device }),
        Id::DeviceRevoke => staff::device_line(values, |device| Act::RevokeDevice { device }),
        Id::DeviceUnlock => staff::device_line(values, |device| Act::UnlockDevice { device }),
        _ => return None,
    };
    Some(line.map(Request::Staff))
}
