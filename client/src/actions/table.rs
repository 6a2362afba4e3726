//! The table of actions; it must hold no behaviour.

use turret_shared::role::Permission as May;

use super::Condition as C;
use super::Place::{
    Alerts, Approvals, Audit, Bans, Blotter, Confirm, Denied, Detail, Everywhere, Fills, House, Limits, Lists, Notice,
    People, Positions, Quotes, SignIn, Text, Ticket,
};
use super::rows::{plain, worded};
use super::{Action, Id, verbs as v};

/// Every action, in the order help shows them.
pub const ACTIONS: &[Action] = &[
    // Orders.
    worded(Id::OrderNew, "new order", "Enter an order", Some(May::OrderEnter), &v::ORDER_NEW),
    plain(
        Id::OrderBuy,
        "buy",
        "Buy ticket for the listing under the cursor",
        &["b"],
        &[Blotter, Detail, Quotes, Fills, Positions, Alerts],
    )
    .needs(May::OrderEnter)
    .when(&[C::Connected]),
    plain(
        Id::OrderSell,
        "sell",
        "Sell ticket for the listing under the cursor",
        &["s"],
        &[Blotter, Detail, Quotes, Fills, Positions, Alerts],
    )
    .needs(May::OrderEnter)
    .when(&[C::Connected]),
    plain(
        Id::OrderSellShort,
        "sell short",
        "Short-sale ticket",
        &[],
        &[Blotter, Detail, Quotes, Fills, Positions, Alerts],
    )
    .needs(May::OrderEnter)
    .when(&[C::Connected]),
    worded(
        Id::OrderPreview,
        "preview",
        "Dry run: what sending would be answered with",
        Some(May::OrderPreview),
        &v::ORDER_PREVIEW,
    ),
    plain(Id::OrderAmend, "amend", "Change total quantity, limit or stop price", &["a"], &[Blotter, Detail])
        .needs(May::OrderAmend)
        .when(&[C::Connected, C::Row, C::OpenOrder, C::AmendableOrder])
        .scripted(&v::ORDER_AMEND),
    plain(
        Id::OrderCancel,
        "cancel",
        "Cancel the order under the cursor, never the marked ones",
        &["c"],
        &[Blotter, Detail],
    )
    .needs(May::OrderCancel)
    .when(&[C::Connected, C::Row, C::OpenOrder])
    .scripted(&v::ORDER_CANCEL),
    plain(
        Id::OrderCancelMarked,
        "cancel marked",
        "Cancel the marked orders, after their count is typed",
        &["C"],
        &[Blotter],
    )
    .needs(May::OrderCancel)
    .when(&[C::Connected, C::Marks]),
    worded(
        Id::OrderCancelAll,
        "cancel account",
        "Cancel all working orders of an account",
        Some(May::OrderCancel),
        &v::ORDER_CANCEL_ALL,
    ),
    plain(
        Id::OrderCancelAllMine,
        "cancel all mine",
        "Cancel all my working orders, after a typed word",
        &["X"],
        &[Everywhere],
    )
    .needs(May::OrderCancel)
    .when(&[C::Connected, C::WorkingOrders]),
    worded(Id::OrderList, "list orders", "Orders, newest first", Some(May::OrderRead), &v::ORDER_LIST),
    worded(Id::OrderShow, "show order", "One order as it is now", Some(May::OrderRead), &v::ORDER_SHOW),
    plain(Id::NextNeedsYou, "next !", "Next row that needs you", &["n"], &[Lists]).when(&[C::NeedsYou]),
    plain(Id::EditDenied, "edit", "Edit the denied order and try again", &["e"], &[Notice, Detail])
        .needs(May::OrderEnter)
        .when(&[C::Connected, C::Notice]),
    plain(Id::Dismiss, "dismiss", "Acknowledge the notice", &["d"], &[Notice, Lists]).when(&[C::Notice]),
    plain(Id::Confirm, "confirm", "Do what the modal asks", &["y"], &[Confirm]),
    plain(Id::ModalSecond, "review", "The modal's second action", &["F2"], &[Confirm, Ticket]),
    // The ticket.
    plain(Id::TakeTouch, "take touch", "Price at the far touch", &["t"], &[Ticket]).when(&[C::Listing, C::FarTouch]),
    plain(Id::TickUp, "tick up", "One tick or lot up", &["Up"], &[Ticket]),
    plain(Id::TickDown, "tick down", "One tick or lot down", &["Down"], &[Ticket]),
    plain(Id::TicksUp, "ten up", "Ten ticks or lots up", &["PgUp"], &[Ticket]),
    plain(Id::TicksDown, "ten down", "Ten ticks or lots down", &["PgDn"], &[Ticket]),
    // Screens and panes.
    plain(Id::ShowBlotter, "blotter", "Every open order, and what ended today", &["1"], &[Everywhere])
        .needs(May::OrderRead),
    plain(Id::ShowQuotes, "quotes", "Watchlist and depth", &["2"], &[Everywhere]).needs(May::QuoteRead),
    plain(Id::ShowFills, "fills", "Executions", &["4"], &[Everywhere]).needs(May::FillRead),
    plain(Id::ShowDetail, "detail", "One order with its executions", &[], &[Everywhere])
        .needs(May::OrderRead)
        .when(&[C::Row]),
    plain(Id::Open, "open", "Open detail; never sends", &["Enter"], &[Lists]).when(&[C::Row]),
    plain(Id::PaneNext, "next pane", "Next pane or field", &["Tab"], &[Everywhere, Ticket, SignIn, Confirm]),
    plain(
        Id::PanePrevious,
        "previous pane",
        "Previous pane or field",
        &["S-Tab"],
        &[Everywhere, Ticket, SignIn, Confirm],
    ),
    plain(Id::TabNext, "next tab", "Next tab of the list", &["]"], &[Lists]),
    plain(Id::TabPrevious, "previous tab", "Previous tab of the list", &["["], &[Lists]),
    plain(Id::Zoom, "zoom", "The pane alone, or all again", &["+"], &[Everywhere]),
    plain(Id::Help, "help", "What this screen can do, and why an action is disabled", &["?"], &[Everywhere]),
    plain(Id::Palette, "palette", "Every action by name", &[":", "Ctrl-p"], &[Everywhere]),
    plain(Id::Back, "back", "Leave what is transient", &["Esc"], &[Everywhere, Ticket, Confirm, Notice, Text]),
    // Lists.
    plain(Id::Up, "up", "One row up", &["Up", "k"], &[Lists]),
    plain(Id::Down, "down", "One row down", &["Down", "j"], &[Lists]),
    plain(Id::Left, "left", "Column or pane to the left", &["Left", "h"], &[Lists]),
    plain(Id::Right, "right", "Column or pane to the right", &["Right", "l"], &[Lists]),
    plain(Id::Top, "top", "First row", &["g", "Home"], &[Lists]),
    plain(Id::Bottom, "bottom", "Last row", &["G", "End"], &[Lists]),
    plain(Id::PageUp, "page up", "A page up", &["PgUp"], &[Lists]),
    plain(Id::PageDown, "page down", "A page down", &["PgDn"], &[Lists]),
    plain(Id::Filter, "filter", "Filter as you type", &["/"], &[Lists]),
    plain(Id::Mark, "mark", "Mark the row", &["Space"], &[Blotter]).when(&[C::Row]),
    plain(Id::MarkRange, "mark range", "Mark from here to where the cursor goes", &["v"], &[Blotter]).when(&[C::Row]),
    plain(Id::Sort, "sort", "Sort by the column under the cursor", &["o"], &[Lists]),
    plain(Id::ColumnLeft, "column left", "Move the column to the left", &["<"], &[Lists]),
    plain(Id::ColumnRight, "column right", "Move the column to the right", &[">"], &[Lists]),
    plain(Id::Copy, "copy", "Copy the row's identifier", &["y"], &[Lists, Detail, Notice]).when(&[C::Row]),
    plain(Id::Freeze, "freeze", "Hold the list still; actions still act on the live order", &["f"], &[Lists]),
    plain(Id::TimeZone, "zone", "Switch the zone of times", &["z"], &[Everywhere]),
    plain(Id::Undo, "undo", "Undo the last change of layout", &["u"], &[Lists]).when(&[C::Undoable]),
    plain(Id::Theme, "theme", "Next theme: standard, contrast, red-green, blue-yellow", &[], &[Everywhere]),
    plain(Id::Mouse, "mouse", "Mouse capture on or off", &["%"], &[Everywhere]),
    // Markets.
    plain(Id::Chart, "chart", "Candlesticks, a line, or the ladder again", &["v"], &[Quotes])
        .needs(May::QuoteRead)
        .when(&[C::Listing]),
    plain(Id::Recentre, "recentre", "Recentre the ladder", &["."], &[Quotes]),
    plain(Id::WatchAdd, "watch", "Add a symbol to your own watchlist", &["w"], &[Quotes]).needs(May::QuoteRead),
    plain(Id::WatchRemove, "unwatch", "Take the symbol off your own watchlist", &["Delete"], &[Quotes])
        .needs(May::QuoteRead)
        .when(&[C::Listing]),
    worded(Id::Quote, "quote", "Market of a symbol", Some(May::QuoteRead), &v::QUOTE),
    worded(Id::Fills, "executions", "Executions of an order", Some(May::FillRead), &v::FILLS),
    plain(Id::Positions, "positions", "Positions, valued at the market", &["3"], &[Everywhere])
        .needs(May::PositionRead)
        .when(&[C::Connected])
        .scripted(&v::POSITIONS),
    plain(Id::Accounts, "accounts", "Accounts, cash and buying power", &["5"], &[Everywhere])
        .needs(May::AccountRead)
        .when(&[C::Connected])
        .scripted(&v::ACCOUNTS),
    plain(Id::Limits, "limits", "Limits in force: used, left, and who may let more through", &["8"], &[Everywhere])
        .needs(May::LimitRead)
        .when(&[C::Connected])
        .scripted(&v::LIMITS),
    plain(Id::AuditSearch, "audit", "Search the log; the search is logged", &["6"], &[Everywhere])
        .needs(May::AuditRead)
        .when(&[C::Connected])
        .scripted(&v::AUDIT_SEARCH),
    plain(
        Id::AuditPack,
        "proof pack",
        "Write all that proves the story of the order under the cursor into a file; that is logged",
        &["p"],
        &[Audit],
    )
    .needs(May::AuditRead)
    .when(&[C::Connected])
    .scripted(&v::AUDIT_PACK),
    plain(Id::Users, "users", "People, their roles and how they stand", &["1", "7"], &[Everywhere])
        .needs(May::UserRead)
        .when(&[C::Connected])
        .scripted(&v::USERS),
    plain(Id::Sessions, "sessions", "Who is signed in, where and since when", &["2"], &[Everywhere])
        .needs(May::UserRead)
        .when(&[C::Connected])
        .scripted(&v::SESSIONS),
    plain(Id::Devices, "devices", "Devices and whether they are let in", &["3"], &[Everywhere])
        .needs(May::UserRead)
        .when(&[C::Connected])
        .scripted(&v::DEVICES),
    people(Id::SessionEnd, "end session", "End the session under the cursor; orders stay working", &["x"])
        .scripted(&v::SESSION_END),
    people(Id::UserLock, "lock user", "Let none of the person's devices in and end their sessions", &["b"])
        .scripted(&v::USER_LOCK),
    people(Id::UserUnlock, "unlock", "Let the person's devices in again, or the one under the cursor", &["u"])
        .scripted(&v::USER_UNLOCK),
    people(Id::UserRole, "role", "Give the person another role, or none", &["r"]).scripted(&v::USER_ROLE),
    people(Id::UserCode, "enrol code", "Make a code with which the person enrols a device", &["e"])
        .scripted(&v::USER_CODE),
    people(Id::UserRecover, "recover", "Reset the person's factors: a code lets them choose new ones", &["k"])
        .scripted(&v::USER_RECOVER),
    people(Id::DeviceConfirm, "let in", "Let in the device that waits, its letters read out to you", &["a"])
        .scripted(&v::DEVICE_CONFIRM),
    people(Id::UserPassword, "new password", "Have the person give a new password at their next sign-in", &["i"])
        .scripted(&v::USER_PASSWORD),
    people(Id::UserDesk, "desk", "Move the person to another desk, or to none", &["p"]).scripted(&v::USER_DESK),
    people(Id::UserRights, "may", "Say what the person may do with one account", &["v"]).scripted(&v::RIGHTS_SET),
    plain(Id::LimitSet, "set limit", "Set or lift a limit of one account", &["s"], &[Limits])
        .needs(May::UserManage)
        .when(&[C::Connected])
        .scripted(&v::LIMIT_SET),
    worded(
        Id::Policy,
        "policy",
        "What asks for a code, and what for a second person",
        Some(May::LimitRead),
        &v::POLICY,
    ),
    plain(Id::PolicySet, "policy", "See and set what asks for a code, and what for a second person", &["p"], &[Limits])
        .needs(May::Approve)
        .when(&[C::Connected])
        .scripted(&v::POLICY_SET),
    plain(Id::House, "house", "Desks, accounts, and listings with whether they may be traded", &["4"], &[Everywhere])
        .needs(May::UserRead)
        .when(&[C::Connected])
        .scripted(&v::HOUSE),
    housed(Id::DeskOpen, "open desk", "Open a desk", &["o"]).scripted(&v::DESK_OPEN),
    housed(Id::AccountOpen, "open account", "Open an account on a desk, with nothing in it", &["a"])
        .scripted(&v::ACCOUNT_OPEN),
    housed(Id::CashMove, "move cash", "Move cash into the account under the cursor or out of it", &["c"])
        .scripted(&v::CASH_MOVE),
    housed(Id::RestrictedAdd, "restrict", "Put the listing under the cursor on the restricted list", &["x"])
        .scripted(&v::RESTRICTED_ADD),
    housed(Id::RestrictedRemove, "release", "Take the listing under the cursor off the restricted list", &["u"])
        .scripted(&v::RESTRICTED_REMOVE),
    plain(
        Id::Bulk,
        "bulk edit",
        "Change many rows as one, by a CSV file: a dry run first",
        &["B"],
        &[House, People, Limits],
    )
    .needs(May::UserManage)
    .when(&[C::Connected])
    .scripted(&v::BULK),
    worded(
        Id::BulkExport,
        "bulk export",
        "How things stand, as the CSV file that would say so",
        Some(May::UserManage),
        &v::BULK_EXPORT,
    ),
    worded(
        Id::BulkRows,
        "bulk rows",
        "Rows of a table that waits for a second person",
        Some(May::Approve),
        &v::BULK_ROWS,
    ),
    housed(Id::KeyModelAdd, "take keys of", "Name a model of security keys that may be registered", &["m"])
        .scripted(&v::KEY_MODEL_ADD),
    housed(Id::KeyModelRemove, "take none of", "Name the model under the cursor no more", &["n"])
        .scripted(&v::KEY_MODEL_REMOVE),
    housed(
        Id::RoleCompose,
        "compose role",
        "Compose a role from a built-in one, or change the one under the cursor",
        &["w"],
    )
    .scripted(&v::ROLE_COMPOSE),
    housed(Id::RoleRetire, "retire role", "Give up the role under the cursor, which nobody has", &["t"])
        .scripted(&v::ROLE_RETIRE),
    plain(Id::UserCreate, "create user", "Create a person; they enrol a device of their own", &["c"], &[People])
        .needs(May::UserManage)
        .when(&[C::Connected])
        .scripted(&v::USER_CREATE),
    people(Id::DeviceRevoke, "take out", "Never let the device under the cursor in again", &["t"])
        .scripted(&v::DEVICE_REVOKE),
    plain(Id::Approvals, "approvals", "What waits for a second person, and what came of it", &["0"], &[Everywhere])
        .needs(May::Approve)
        .when(&[C::Connected])
        .scripted(&v::APPROVALS),
    judged(Id::Approve, "approve", "Approve what is under the cursor, with a fresh code of your own", &["a"])
        .scripted(&v::APPROVE),
    judged(Id::Refuse, "refuse", "Refuse what is under the cursor, with a fresh code of your own", &["r"])
        .scripted(&v::REFUSE),
    judged(Id::Withdraw, "take back", "Take back what you asked for", &["t"]).scripted(&v::WITHDRAW),
    judged(Id::Collect, "take code", "Have the enrolment code that was approved shown to you, once", &["e"])
        .scripted(&v::COLLECT),
    plain(Id::Alerts, "alerts", "What must be known until it is put away", &["9"], &[Everywhere]).scripted(&v::ALERTS),
    watched(Id::AlertAcknowledge, "acknowledge", "Say that you look into the alert under the cursor", &["a"])
        .scripted(&v::ALERT_ACKNOWLEDGE),
    watched(Id::AlertTake, "take", "Make the alert under the cursor yours to look into", &["t"]),
    watched(Id::AlertAssign, "assign", "Give the alert under the cursor to somebody", &["p"])
        .scripted(&v::ALERT_ASSIGN),
    watched(Id::AlertResolve, "resolve", "Say what the alert under the cursor was: it is over for everybody", &["r"])
        .scripted(&v::ALERT_RESOLVE),
    plain(Id::Bans, "bans", "Sources that are let in no more for a while", &["F6"], &[Everywhere])
        .needs(May::AuditRead)
        .when(&[C::Connected])
        .scripted(&v::BANS),
    plain(Id::Denied, "denied", "Denied attempts that nobody reviewed yet", &["F7"], &[Everywhere])
        .needs(May::DenialReview)
        .when(&[C::Connected])
        .scripted(&v::DENIED),
    plain(
        Id::DeniedReview,
        "review",
        "Say what the attempts under the cursor were: they leave the queue",
        &["r"],
        &[Denied],
    )
    .needs(May::DenialReview)
    .when(&[C::Connected, C::Row])
    .scripted(&v::DENIED_REVIEW),
    plain(Id::BanAdd, "ban", "Let nothing of a source in for a while", &["a"], &[Bans])
        .needs(May::UserManage)
        .when(&[C::Connected])
        .scripted(&v::BAN_ADD),
    plain(Id::BanLift, "let in", "Let the source under the cursor in again", &["u"], &[Bans])
        .needs(May::UserManage)
        .when(&[C::Connected, C::Row])
        .scripted(&v::BAN_LIFT),
    // Scripts.
    run(Id::DeviceRefuse, "turn away", "Turn away a device that waits", &v::DEVICE_REFUSE),
    run(Id::DeviceUnlock, "unlock device", "Let in one locked device again", &v::DEVICE_UNLOCK),
    worded(Id::Proof, "proof", "Answer the pending step-up with a fresh code or a security key", None, &v::PROOF),
    worded(Id::As, "as", "Go on as someone else, on their own device and session", None, &v::AS),
    worded(Id::Wait, "wait", "Wait until an order has been, or is, in a status", Some(May::OrderRead), &v::WAIT),
    sim(Id::SimHalt, "sim halt", "Halt trading in a symbol", &v::SIM_HALT),
    sim(Id::SimResume, "sim resume", "Resume trading in a symbol", &v::SIM_RESUME),
    sim(Id::SimSessionOpen, "sim open", "Open the session", &v::SIM_SESSION_OPEN),
    sim(Id::SimSessionClose, "sim close", "Close the session", &v::SIM_SESSION_CLOSE),
    sim(Id::SimBust, "sim bust", "Bust an execution", &v::SIM_BUST),
    sim(Id::SimCorrect, "sim correct", "Correct an execution", &v::SIM_CORRECT),
    sim(Id::SimUnsolicited, "sim unsolicited", "Cancel an order nobody asked to cancel", &v::SIM_UNSOLICITED),
    sim(Id::SimDelay, "sim delay", "Delay every answer of the venue", &v::SIM_DELAY),
    sim(Id::SimDropLink, "sim drop link", "Drop the link to the venue for a while", &v::SIM_DROP_LINK),
    // Sign-in and leaving.
    plain(Id::SignInHelp, "help", "What to type, and whom to call", &["F1"], &[SignIn]),
    plain(Id::SignInServer, "server", "Choose another server", &["F2"], &[SignIn]),
    plain(Id::SignInUser, "user", "Choose another demo user", &["F3"], &[SignIn]),
    plain(Id::SignInKey, "security key", "Touch a security key in place of a code", &["F4"], &[SignIn, Confirm]),
    plain(Id::SignInRetry, "retry", "Try the server again", &["F5"], &[SignIn]),
    plain(Id::SignInReference, "copy reference", "Copy the reference of the last failure", &["F8"], &[SignIn]),
    plain(Id::SignInCode, "code", "Take the demo authenticator's code", &["F9"], &[SignIn, Confirm]),
    plain(Id::SignInLeave, "leave", "Leave", &["F10"], &[SignIn]),
    plain(
        Id::PasswordChange,
        "change password",
        "Change your password; your other sessions are signed out",
        &[],
        &[Everywhere],
    )
    .when(&[C::Connected])
    .scripted(&v::PASSWORD_CHANGE),
    plain(
        Id::KeyRegister,
        "register key",
        "Register a security key of yours, with your password and a fresh code",
        &[],
        &[Everywhere],
    )
    .when(&[C::Connected])
    .scripted(&v::KEY_REGISTER),
    plain(Id::Own, "yours", "Your own sessions, security keys and devices: end, give up, name", &[], &[Everywhere])
        .needs(May::OwnManage)
        .when(&[C::Connected])
        .scripted(&v::OWN),
    worded(Id::OwnEnd, "end own", "End a session of your own", Some(May::OwnManage), &v::OWN_END),
    worded(Id::OwnDrop, "give up", "Give up a key or device of your own", Some(May::OwnManage), &v::OWN_DROP),
    worded(Id::OwnName, "name own", "Name a key or device of your own", Some(May::OwnManage), &v::OWN_NAME),
    plain(Id::SignOut, "sign out", "End the session; working orders stay working", &[], &[Everywhere])
        .when(&[C::Connected]),
    plain(Id::Lock, "lock", "Lock now", &["F12"], &[Everywhere, Ticket, Confirm, Notice]),
    plain(Id::Suspend, "suspend", "Lock, then suspend", &["Ctrl-z"], &[Everywhere, Ticket, Confirm, Notice, SignIn]),
    plain(Id::Quit, "quit", "Leave, after saying which orders stay working", &["q", "Ctrl-c"], &[Everywhere]),
];

/// An act on people, sessions or devices: it asks for a reason and a fresh code.
/// An act on devices, of scripts and the palette only.
const fn run(id: Id, name: &'static str, doc: &'static str, verb: &'static super::Verb) -> Action {
    worded(id, name, doc, Some(May::UserManage), verb)
}

/// An act on what the house has.
const fn housed(id: Id, name: &'static str, doc: &'static str, keys: &'static [&'static str]) -> Action {
    plain(id, name, doc, keys, &[House]).needs(May::UserManage).when(&[C::Connected])
}

const fn people(id: Id, name: &'static str, doc: &'static str, keys: &'static [&'static str]) -> Action {
    plain(id, name, doc, keys, &[People]).needs(May::UserManage).when(&[C::Connected, C::Row])
}

/// Something about what waits for a second person.
const fn judged(id: Id, name: &'static str, doc: &'static str, keys: &'static [&'static str]) -> Action {
    plain(id, name, doc, keys, &[Approvals]).needs(May::Approve).when(&[C::Connected, C::Row])
}

/// Something about an alert of surveillance.
const fn watched(id: Id, name: &'static str, doc: &'static str, keys: &'static [&'static str]) -> Action {
    plain(id, name, doc, keys, &[Alerts]).needs(May::AlertHandle).when(&[C::Connected, C::Row])
}

const fn sim(id: Id, name: &'static str, doc: &'static str, verb: &'static super::Verb) -> Action {
    worded(id, name, doc, Some(May::SimControl), verb).when(&[C::Connected, C::Simulator])
}
