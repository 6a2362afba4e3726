//! Codes of accounts for who sees orders and fills but no account: support; it must learn nothing else of an account.

use turret_shared::person::AccountCode;
use turret_shared::role::Permission;
use turret_shared::wire::query::Ask;

use super::effect::Effect;
use super::flight::Question;
use super::{Model, Screen};

/// Asks for them where rows would show none: the feed tells accounts to those alone who may see what is in them.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let needed = model.may(Permission::OrderRead) && !model.may(Permission::AccountRead);
    let under_way = model.questions.values().any(|asked| *asked == Question::AccountCodes);
    if needed && model.may(Permission::AuditRead) && model.can_send().is_ok() && !under_way {
        model.ask(Question::AccountCodes, Ask::AccountCodes, out);
    }
}

/// One was opened since: asked for when rows that may be about it are shown.
pub(super) fn shown(model: &mut Model, out: &mut Vec<Effect>) {
    if matches!(model.screen, Screen::Blotter | Screen::Fills) {
        ask(model, out);
    }
}

/// The answer; true when it says something new.
pub(super) fn told(model: &mut Model, rows: Vec<AccountCode>) -> bool {
    model.desk.learn_codes(&rows);
    let new = model.users.codes.told(rows);
    if new && !model.may(Permission::AccountRead) {
        model.desk.renamed();
        model.refilter();
    }
    new
}
