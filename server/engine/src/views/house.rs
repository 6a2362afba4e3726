//! Desks and listings for who runs the house; it must show no client's account.

use alloc::vec::Vec;

use turret_shared::denial::DenialCode;
use turret_shared::house::HouseRow;
use turret_shared::ids::{DeskId, UserId};
use turret_shared::role::Permission;

use super::questions::permitted;
use crate::State;
use crate::state::books::Listing;

/// Desks by number, listings by number, then the models of keys that are named and the roles of the house's own.
///
/// # Errors
/// `NotPermitted`.
pub fn house(state: &State, asker: UserId) -> Result<Vec<HouseRow>, DenialCode> {
    permitted(state, asker, Permission::UserRead)?;
    let desks = (0_u16..).zip(&state.books.desks).filter_map(|(id, code)| {
        let (desk, code) = (DeskId(id), code.clone()?);
        let people = state.access().users().filter(|(_, known)| known.desk == Some(desk)).count();
        let accounts = state.books.accounts.iter().flatten().filter(|book| book.info.desk == desk).count();
        Some(HouseRow::Desk { desk, code, people: counted(people), accounts: counted(accounts) })
    });
    let access = state.access();
    let models = access.key_models().iter().map(|model| {
        let of = |user| access.keys_of(user).filter(|(_, key)| key.aaguid == model.0).count();
        let keys = access.users().map(|(user, _)| of(user)).sum();
        HouseRow::KeyModel { model: *model, keys: counted(keys) }
    });
    let roles = access
        .composed_roles()
        .iter()
        .map(|role| HouseRow::Role { role: *role, people: counted(access.holders_of(role.code).count()) });
    Ok(desks.chain(state.books.listings.iter().flatten().map(listing)).chain(models).chain(roles).collect())
}

fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn listing(listing: &Listing) -> HouseRow {
    let info = &listing.info;
    HouseRow::Listing {
        instrument: info.id,
        symbol: info.symbol.clone(),
        name: info.name.clone(),
        currency: info.currency,
        restricted: listing.restricted,
    }
}
