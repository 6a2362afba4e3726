//! The closed list of actions and their stable words; it must hold nothing else about them.

macro_rules! ids {
    ($($variant:ident = $word:literal, $doc:literal;)*) => {
        /// Which action.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Id { $(#[doc = $doc] $variant,)* }

        impl Id {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word of keymap files and the palette; it stays.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

ids! {
    Help = "help", "Help for this screen.";
    Palette = "palette", "Every action by name.";
    Filter = "filter", "Filter a list.";
    Back = "back", "Leave what is transient.";
    PaneNext = "pane-next", "Next pane or field.";
    PanePrevious = "pane-previous", "Previous pane or field.";
    ShowBlotter = "show-blotter", "Blotter.";
    ShowQuotes = "show-quotes", "Quotes.";
    ShowFills = "show-fills", "Fills.";
    ShowDetail = "show-detail", "Order detail.";
    Up = "up", "One row up.";
    Down = "down", "One row down.";
    Left = "left", "Left.";
    Right = "right", "Right.";
    Top = "top", "First row.";
    Bottom = "bottom", "Last row.";
    PageUp = "page-up", "A page up.";
    PageDown = "page-down", "A page down.";
    Mark = "mark", "Mark a row.";
    MarkRange = "mark-range", "Mark a range.";
    Sort = "sort", "Sort by the column.";
    ColumnLeft = "column-left", "Move the column left.";
    ColumnRight = "column-right", "Move the column right.";
    Open = "open", "Open detail.";
    TabNext = "tab-next", "Next tab of a list.";
    TabPrevious = "tab-previous", "Previous tab of a list.";
    OrderNew = "order-new", "A new order.";
    OrderBuy = "order-buy", "A buy ticket.";
    OrderSell = "order-sell", "A sell ticket.";
    OrderSellShort = "order-sell-short", "A short-sale ticket.";
    OrderPreview = "order-preview", "Dry run of an order.";
    OrderAmend = "order-amend", "Amend an order.";
    OrderCancel = "order-cancel", "Cancel an order.";
    OrderCancelMarked = "order-cancel-marked", "Cancel the marked orders.";
    OrderCancelAll = "order-cancel-all", "Cancel all orders of an account.";
    OrderCancelAllMine = "order-cancel-all-mine", "Cancel all my orders.";
    OrderList = "order-list", "List orders.";
    OrderShow = "order-show", "Show one order.";
    NextNeedsYou = "next-needs-you", "Next row that needs you.";
    Dismiss = "dismiss", "Dismiss a notice.";
    EditDenied = "edit-denied", "Edit a denied order and try again.";
    Copy = "copy", "Copy.";
    Confirm = "confirm", "Confirm what a modal asks.";
    ModalSecond = "modal-second", "A modal's second action.";
    Freeze = "freeze", "Freeze a list.";
    Zoom = "zoom", "Zoom a pane.";
    TimeZone = "time-zone", "Switch the zone of times.";
    Undo = "undo", "Undo a change of layout.";
    Theme = "theme", "Next theme.";
    Mouse = "mouse", "Mouse capture on or off.";
    TakeTouch = "take-touch", "Price at the far touch.";
    TickUp = "tick-up", "One tick or lot up.";
    TickDown = "tick-down", "One tick or lot down.";
    TicksUp = "ticks-up", "Ten ticks or lots up.";
    TicksDown = "ticks-down", "Ten ticks or lots down.";
    Chart = "chart", "Ladder, candlesticks or a line.";
    Recentre = "recentre", "Recentre the ladder.";
    WatchAdd = "watch-add", "Watch a symbol.";
    WatchRemove = "watch-remove", "Stop watching a symbol.";
    Fills = "fills", "Executions of an order.";
    Quote = "quote", "Market of a symbol.";
    Positions = "positions", "Positions.";
    Accounts = "accounts", "Accounts.";
    Limits = "limits", "Limits in force.";
    Proof = "proof", "Answer a step-up.";
    AuditSearch = "audit-search", "Search the log.";
    AuditPack = "audit-pack", "Write the proof pack of an order.";
    Users = "users", "People and their roles.";
    Sessions = "sessions", "Live sessions.";
    Devices = "devices", "Devices.";
    SessionEnd = "session-end", "End a session.";
    UserLock = "user-lock", "Lock a person.";
    UserUnlock = "user-unlock", "Unlock a person.";
    UserRole = "user-role", "Change a person's role.";
    UserPassword = "user-password", "Want a new password of a person.";
    UserDesk = "user-desk", "Move a person to another desk.";
    UserRights = "user-rights", "Say what a person may do with an account.";
    LimitSet = "limit-set", "Set a limit of an account.";
    Policy = "policy", "Policy figures.";
    PolicySet = "policy-set", "Set a policy figure.";
    House = "house", "Desks and listings.";
    DeskOpen = "desk-open", "Open a desk.";
    AccountOpen = "account-open", "Open an account.";
    CashMove = "cash-move", "Move cash into or out of an account.";
    RestrictedAdd = "restricted-add", "Put a listing on the restricted list.";
    RestrictedRemove = "restricted-remove", "Take a listing off the restricted list.";
    KeyModelAdd = "key-model-add", "Name a model of security keys.";
    KeyModelRemove = "key-model-remove", "Name a model of security keys no more.";
    RoleCompose = "role-compose", "Compose a role of the house's own, or change it.";
    RoleRetire = "role-retire", "Give up a role of the house's own.";
    Bulk = "bulk", "Change many rows by one file.";
    BulkExport = "bulk-export", "Write rows into a file.";
    BulkRows = "bulk-rows", "Rows of a table that waits.";
    DeviceRefuse = "device-refuse", "Turn away a device that waits.";
    DeviceUnlock = "device-unlock", "Let in a locked device.";
    UserRecover = "user-recover", "Reset a person's factors.";
    UserCode = "user-code", "Make an enrolment code.";
    DeviceConfirm = "device-confirm", "Let in a device that waits.";
    UserCreate = "user-create", "Create a person.";
    DeviceRevoke = "device-revoke", "Take a device out for good.";
    Approvals = "approvals", "What waits for a second person.";
    Approve = "approve", "Approve what somebody asked for.";
    Refuse = "refuse", "Refuse what somebody asked for.";
    Withdraw = "withdraw", "Take back what you asked for.";
    Collect = "collect", "Take what was approved for you.";
    AlertAcknowledge = "alert-acknowledge", "Say that you look into an alert.";
    AlertTake = "alert-take", "Make an alert yours to look into.";
    AlertAssign = "alert-assign", "Give an alert to somebody.";
    AlertResolve = "alert-resolve", "Say what an alert was: it is over.";
    Bans = "bans", "Sources that are let in no more for a while.";
    BanAdd = "ban-add", "Let nothing of a source in for a while.";
    Denied = "denied", "Denied attempts to be reviewed.";
    DeniedReview = "denied-review", "Say what denied attempts were.";
    BanLift = "ban-lift", "Let a source in again.";
    Alerts = "alerts", "What must be known until it is put away.";
    As = "as", "Go on as someone else.";
    Wait = "wait", "Wait for a status.";
    SimHalt = "sim-halt", "Halt a symbol.";
    SimResume = "sim-resume", "Resume a symbol.";
    SimSessionOpen = "sim-session-open", "Open the session.";
    SimSessionClose = "sim-session-close", "Close the session.";
    SimBust = "sim-bust", "Bust an execution.";
    SimCorrect = "sim-correct", "Correct an execution.";
    SimUnsolicited = "sim-unsolicited", "Cancel what nobody asked to cancel.";
    SimDelay = "sim-delay", "Delay the venue's answers.";
    SimDropLink = "sim-drop-link", "Drop the link to the venue.";
    SignInHelp = "sign-in-help", "Help on sign-in.";
    SignInServer = "sign-in-server", "Choose another server.";
    SignInCode = "sign-in-code", "Use the demo authenticator's code.";
    SignInKey = "sign-in-key", "Use a security key in place of a code.";
    SignInUser = "sign-in-user", "Choose another demo user.";
    SignInRetry = "sign-in-retry", "Try the server again.";
    SignInReference = "sign-in-reference", "Copy the reference of the last failure.";
    SignInLeave = "sign-in-leave", "Leave from sign-in.";
    PasswordChange = "password-change", "Change one's own password.";
    KeyRegister = "key-register", "Register a security key of one's own.";
    Own = "own", "One's own sessions, keys and devices.";
    OwnEnd = "own-end", "End a session of one's own.";
    OwnDrop = "own-drop", "Give up a key or device of one's own.";
    OwnName = "own-name", "Name a key or device of one's own.";
    SignOut = "sign-out", "Sign out.";
    Lock = "lock", "Lock now.";
    Suspend = "suspend", "Lock, then suspend.";
    Quit = "quit", "Leave.";
}
