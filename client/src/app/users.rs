//! People, for those who run users: asked for, never changed here yet; it must show no credential.

use turret_shared::ids::UserId;
use turret_shared::view::UserView;
use turret_shared::wire::query::Ask;

use super::Model;
use super::effect::Effect;
use super::flight::Question;
use super::picker::Picker;

/// State of the screen.
#[derive(Debug, Default)]
pub struct Users {
    /// People, by login.
    pub people: Vec<UserView>,
    /// The row under the cursor.
    pub picker: Picker<UserId>,
    /// The answer is awaited.
    pub asked: bool,
    /// Why there is none.
    pub fault: Option<String>,
}

/// Asks for them.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    model.users.asked = true;
    model.users.fault = None;
    model.ask(Question::Users, Ask::Users, out);
}

/// The answer came.
pub(super) fn found(model: &mut Model, mut people: Vec<UserView>) {
    people.sort_by(|a, b| a.login.cmp(&b.login));
    if model.users.picker.at.is_none() {
        model.users.picker.at = people.first().map(|user| user.user);
    }
    model.users.people = people;
    model.users.asked = false;
}

/// None came.
pub(super) fn failed(model: &mut Model, why: &str) {
    model.users.asked = false;
    model.users.fault = Some(why.to_owned());
}
