//! Running an action: the one place keys and palette both end in; it must ask the registry before it acts.

use super::effect::Effect;
use super::lock::{self, Cause};
use super::modal::{Help, Modal};
use super::{Model, Screen, Stage, arrange, audit, cancel, field, moves, quit, quotes, signin};
use crate::actions::{self, Action, Id};

/// Actions this workstation carries out; the others are for scripts.
#[must_use]
pub fn offered(id: Id) -> bool {
    !matches!(
        id,
        Id::OrderNew
            | Id::OrderPreview
            | Id::OrderCancelAll
            | Id::OrderList
            | Id::OrderShow
            | Id::Quote
            | Id::Fills
            | Id::Proof
            | Id::Policy
            | Id::OwnEnd
            | Id::OwnDrop
            | Id::OwnName
            | Id::As
            | Id::Wait
            | Id::SimHalt
            | Id::SimResume
            | Id::SimSessionOpen
            | Id::SimSessionClose
            | Id::SimBust
            | Id::SimCorrect
            | Id::SimUnsolicited
            | Id::SimDelay
            | Id::SimDropLink
            | Id::Confirm
            | Id::ModalSecond
            | Id::TakeTouch
            | Id::TickUp
            | Id::TickDown
            | Id::TicksUp
            | Id::TicksDown
            | Id::SignInHelp
            | Id::SignInServer
            | Id::SignInCode
            | Id::SignInKey
            | Id::SignInUser
            | Id::SignInLeave
            | Id::Back
    )
}

/// The screen two letters name, as `:bl`.
#[must_use]
pub fn two_letters(typed: &str) -> Option<&'static Action> {
    let id = match typed {
        "bl" => Id::ShowBlotter,
        "qu" => Id::ShowQuotes,
        "po" => Id::Positions,
        "fi" => Id::ShowFills,
        "ac" => Id::Accounts,
        "au" => Id::AuditSearch,
        "us" => Id::Users,
        "se" => Id::Sessions,
        "de" => Id::Devices,
        "li" => Id::Limits,
        "ap" => Id::Approvals,
        "al" => Id::Alerts,
        "ba" => Id::Bans,
        "dn" => Id::Denied,
        _ => return None,
    };
    actions::action(id)
}

/// Does it, or says why not.
pub fn run(model: &mut Model, id: Id, out: &mut Vec<Effect>) {
    let Some(action) = actions::action(id) else { return };
    if let Some(why) = model.disabled(action) {
        model.tell(&format!("{}: {why}", action.name));
        return;
    }
    match id {
        Id::ShowBlotter => show(model, Screen::Blotter, out),
        Id::ShowQuotes => show(model, Screen::Quotes, out),
        Id::Positions => show(model, Screen::Positions, out),
        Id::ShowFills => show(model, Screen::Fills, out),
        Id::Accounts => show(model, Screen::Accounts, out),
        Id::AuditSearch => show(model, Screen::Audit, out),
        Id::AuditPack => audit::pack(model, out),
        Id::Users => show(model, Screen::Users, out),
        Id::Sessions => show(model, Screen::Sessions, out),
        Id::House => show(model, Screen::House, out),
        Id::DeskOpen
        | Id::AccountOpen
        | Id::CashMove
        | Id::RestrictedAdd
        | Id::RestrictedRemove
        | Id::KeyModelAdd
        | Id::KeyModelRemove => {
            super::house::open(model, id);
        }
        Id::RoleCompose => super::compose::open(model),
        Id::RoleRetire => super::compose::retire(model),
        Id::Bulk => super::bulk::open(model),
        Id::Bans => show(model, Screen::Bans, out),
        Id::Denied => show(model, Screen::Denied, out),
        Id::DeniedReview => super::attempts::open(model),
        Id::BanAdd | Id::BanLift => super::bans::open(model, id),
        Id::Devices => show(model, Screen::Devices, out),
        Id::Limits => show(model, Screen::Limits, out),
        Id::Approvals => show(model, Screen::Approvals, out),
        Id::Alerts => show(model, Screen::Alerts, out),
        Id::Help => model.modals.push(Modal::Help(Help { words: field::Field::new(40), top: 0 })),
        Id::Palette => model.modals.push(Modal::Palette(Box::default())),
        Id::TimeZone => {
            model.utc = !model.utc;
            let zone = model.zone().label;
            model.tell(&format!("Times are in {zone}."));
        }
        Id::Theme => {
            model.look.step();
            let text = format!("Theme: {}. This device keeps it for you.", model.look.word());
            model.tell(&text);
        }
        Id::Mouse => {
            model.mouse = !model.mouse;
            out.push(Effect::Mouse(model.mouse));
            model.tell(if model.mouse {
                "The mouse is ours."
            } else {
                "The mouse is the terminal's: select text freely."
            });
        }
        Id::Quit => quit::open(model),
        Id::PasswordChange => super::password::open(model),
        Id::KeyRegister => super::new_key::open(model),
        Id::Own => super::own::open(model, out),
        Id::Lock => lock::leave(model, Cause::Lock("Locked by you."), out),
        Id::SignOut => lock::leave(model, Cause::SignOut("Signed out. Your orders keep working."), out),
        Id::Suspend => lock::leave(model, Cause::Suspend("Locked before it was suspended."), out),
        _ => orders(model, id, out),
    }
}

fn orders(model: &mut Model, id: Id, out: &mut Vec<Effect>) {
    use turret_shared::order::Side;
    match id {
        Id::OrderBuy => moves::open_ticket(model, Side::Buy),
        Id::OrderSell => moves::open_ticket(model, Side::Sell),
        Id::OrderSellShort => moves::open_ticket(model, Side::SellShort),
        Id::OrderAmend => moves::open_amend(model),
        Id::OrderCancel => cancel::open_one(model),
        Id::OrderCancelMarked => cancel::open_marked(model),
        Id::OrderCancelAllMine => cancel::open_all(model),
        Id::NextNeedsYou => moves::next_needing(model, out),
        Id::Dismiss => moves::put_away(model),
        Id::EditDenied => moves::edit_denied(model),
        Id::SessionEnd
        | Id::UserLock
        | Id::UserUnlock
        | Id::UserRole
        | Id::UserPassword
        | Id::UserDesk
        | Id::UserCode
        | Id::UserRecover
        | Id::DeviceConfirm
        | Id::UserCreate
        | Id::DeviceRevoke => {
            super::manage::open(model, id);
        }
        Id::AlertAcknowledge | Id::AlertTake | Id::AlertAssign | Id::AlertResolve => {
            super::alerts::handling::open(model, id, out);
        }
        Id::Approve | Id::Refuse | Id::Withdraw | Id::Collect => super::approvals::open(model, id, out),
        Id::UserRights => super::entrust::open_rights(model, out),
        Id::PolicySet => super::policy::open(model, out),
        Id::LimitSet => super::entrust::open_limit(model, out),
        Id::Open | Id::ShowDetail => moves::open_here(model, out),
        Id::Copy => moves::copy(model, out),
        _ => lists(model, id, out),
    }
}

fn lists(model: &mut Model, id: Id, out: &mut Vec<Effect>) {
    let page = moves::page(model);
    match id {
        Id::Up => moves::step(model, -1, out),
        Id::Down => moves::step(model, 1, out),
        Id::PageUp => moves::step(model, page.saturating_neg(), out),
        Id::PageDown => moves::step(model, page, out),
        Id::Top => moves::step(model, isize::MIN / 2, out),
        Id::Bottom => moves::step(model, isize::MAX / 2, out),
        Id::Mark => moves::mark(model, out),
        Id::MarkRange => moves::mark_range(model),
        Id::Sort => arrange::sort(model),
        Id::ColumnLeft => arrange::shift(model, false),
        Id::ColumnRight => arrange::shift(model, true),
        Id::Undo => arrange::undo(model),
        Id::Left | Id::Right if model.arrangement().is_some() => arrange::step(model, id == Id::Right),
        Id::WatchAdd => quotes::begin_watching(model),
        Id::WatchRemove => quotes::unwatch(model, out),
        Id::TabNext => moves::tab(model, true, out),
        Id::TabPrevious => moves::tab(model, false, out),
        Id::Filter => moves::filter(model),
        Id::Freeze => moves::freeze(model),
        Id::Zoom => moves::zoom(model),
        Id::PaneNext | Id::PanePrevious | Id::Left | Id::Right => moves::pane(model),
        Id::Chart => {
            model.chart.shape = model.chart.shape.next();
            if model.chart.fault.is_some() {
                model.chart.of = None;
            }
            moves::settle_cursors(model, out);
        }
        Id::Recentre => quotes::centre(model, model.size.1, true),
        _ => {}
    }
}

/// Shows a screen, and asks for what it needs.
pub(super) fn show(model: &mut Model, screen: Screen, out: &mut Vec<Effect>) {
    if !model.may_show(screen) {
        return;
    }
    model.screen = screen;
    model.detail.open = false;
    match screen {
        Screen::Fills => model.desk.fills_unseen = 0,
        Screen::Audit if model.audit.rows.is_empty() && !model.audit.asked => audit::search(model, out),
        _ => super::asked::ask(model, out),
    }
    super::codes::shown(model, out);
    moves::settle_cursors(model, out);
}

/// Nobody is signed in any more: nothing of the desk is shown or known here from now on.
pub(super) fn signed_out(model: &mut Model, why: &str) {
    model.stage = Stage::SignIn;
    model.session = None;
    model.kept_shown = false;
    model.drafts_kept.clear();
    model.modals.clear();
    model.held.clear();
    model.notice = None;
    model.word = None;
    model.questions.clear();
    model.probe_due_ms = None;
    model.flights.clear();
    model.orders.clear();
    model.desk = super::desk::Desk::default();
    model.market = super::market::Market::default();
    model.venues.clear();
    model.story = super::session::Story::default();
    model.blotter = super::blotter::Blotter::default();
    model.detail = super::detail::Detail::default();
    model.quotes = quotes::Quotes::default();
    model.chart = super::chart::Chart::default();
    model.audit = audit::Audit::default();
    model.users = super::users::Users::default();
    model.limits = super::limits::Limits::default();
    model.house = super::house::Houses::default();
    model.bans = super::bans::Bans::default();
    model.attempts = super::attempts::Attempts::default();
    model.policies = super::asked::Asked::default();
    model.approvals = super::approvals::Approvals::default();
    model.alerts = super::alerts::Alerts::default();
    model.lists = super::short::Lists::default();
    model.fills.at = None;
    model.positions.at = None;
    model.accounts.at = None;
    model.link = super::session::Link::Connecting;
    model.signin.again(why);
    model.signin.phase = signin::Phase::Connecting;
}
