//! What a script writes for an action: its words and arguments, for the parser, the help and the documents alike.
//!
//! It must parse nothing.

/// One `name=value` of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Left of the `=`.
    pub name: &'static str,
    /// True when a line without it is refused.
    pub required: bool,
    /// What stands right of the `=`.
    pub takes: &'static str,
}

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// Words at the start of the line.
    pub words: &'static [&'static str],
    /// Its arguments, in the order documents show them.
    pub arguments: &'static [Argument],
}

const fn must(name: &'static str, takes: &'static str) -> Argument {
    Argument { name, required: true, takes }
}

const fn may(name: &'static str, takes: &'static str) -> Argument {
    Argument { name, required: false, takes }
}

const ORDER: &[Argument] = &[
    must("account", "A1001"),
    must("side", "buy|sell|sellshort"),
    must("qty", "100"),
    must("symbol", "AAPL"),
    must("type", "market|limit|stop|stoplimit"),
    may("price", "189.50"),
    may("stop", "188.00"),
    may("tif", "day|gtc|ioc|fok"),
    may("cl_ord_id", "ID"),
    may("text", "\"...\""),
    may("confirm", "yes"),
];

const fn verb(words: &'static [&'static str], arguments: &'static [Argument]) -> Verb {
    Verb { words, arguments }
}

pub(super) const ORDER_NEW: Verb = verb(&["order", "new"], ORDER);
pub(super) const ORDER_PREVIEW: Verb = verb(&["order", "preview"], ORDER);
pub(super) const ORDER_AMEND: Verb = verb(
    &["order", "amend"],
    &[
        must("id", "O1|last"),
        may("qty", "TOTAL"),
        may("price", "189.60"),
        may("stop", "189.00"),
        may("cl_ord_id", "ID"),
        may("confirm", "yes"),
    ],
);
pub(super) const ORDER_CANCEL: Verb = verb(&["order", "cancel"], &[must("id", "O1|last"), may("cl_ord_id", "ID")]);
pub(super) const ORDER_CANCEL_ALL: Verb =
    verb(&["order", "cancel-all"], &[must("account", "A1001"), may("cl_ord_id", "ID")]);
pub(super) const ORDER_LIST: Verb =
    verb(&["order", "list"], &[may("status", "New"), may("account", "A1001"), may("cl_ord_id", "ID")]);
pub(super) const ORDER_SHOW: Verb = verb(&["order", "show"], &[must("id", "O1|last")]);
pub(super) const FILLS: Verb = verb(&["fills"], &[must("order", "O1|last")]);
pub(super) const QUOTE: Verb = verb(&["quote"], &[must("symbol", "AAPL")]);
pub(super) const POSITIONS: Verb = verb(&["positions"], &[must("account", "A1001")]);
pub(super) const ACCOUNTS: Verb = verb(&["accounts"], &[]);
pub(super) const LIMITS: Verb = verb(&["limits"], &[must("account", "A1001")]);
pub(super) const RIGHTS_SET: Verb = verb(
    &["rights", "set"],
    &[
        must("user", "LOGIN"),
        must("account", "A1001"),
        must("to", "trade|view|approve|none|desk"),
        may("for", "8h|5d"),
        may("why", WHY),
    ],
);
pub(super) const LIMIT_SET: Verb = verb(
    &["limit", "set"],
    &[
        must("account", "A1001"),
        must("rule", "max_quantity|max_notional|price_collar|order_rate|duplicate_order"),
        must("value", "FIGURE|none"),
        may("why", WHY),
    ],
);
pub(super) const POLICY: Verb = verb(&["policy"], &[]);
pub(super) const POLICY_SET: Verb = verb(
    &["policy", "set"],
    &[
        must("what", "step_up_notional|step_up_short_notional|approval_notional|approval_quantity|security_key"),
        must("role", "broker|customer"),
        must("value", "FIGURE|none"),
        may("why", WHY),
    ],
);
pub(super) const HOUSE: Verb = verb(&["house"], &[]);
pub(super) const DESK_OPEN: Verb = verb(&["desk", "open"], &[must("code", "EQ3"), may("why", WHY)]);
pub(super) const ACCOUNT_OPEN: Verb = verb(
    &["account", "open"],
    &[
        must("code", "A3001"),
        must("desk", "EQ3"),
        may("currency", "USD"),
        may("capacity", "agency|principal|riskless_principal"),
        may("why", WHY),
    ],
);
pub(super) const CASH_MOVE: Verb =
    verb(&["cash", "move"], &[must("account", "A3001"), must("amount", "1000.00|-1000.00"), may("why", WHY)]);
pub(super) const RESTRICTED_ADD: Verb = verb(&["restricted", "add"], &[must("symbol", "TSLA"), may("why", WHY)]);
pub(super) const KEY_MODEL_ADD: Verb =
    verb(&["key", "model", "add"], &[must("aaguid", "ee882879-721c-4913-9775-3dfcce97072a"), may("why", WHY)]);
pub(super) const KEY_MODEL_REMOVE: Verb =
    verb(&["key", "model", "remove"], &[must("aaguid", "ee882879-721c-4913-9775-3dfcce97072a"), may("why", WHY)]);
pub(super) const ROLE_COMPOSE: Verb = verb(
    &["role", "compose"],
    &[
        must("code", "JUNIOR"),
        must("base", "broker|supervisor|admin|support|customer"),
        must("without", "order_enter,order_amend"),
        may("why", WHY),
    ],
);
pub(super) const ROLE_RETIRE: Verb = verb(&["role", "retire"], &[must("code", "JUNIOR"), may("why", WHY)]);
pub(super) const RESTRICTED_REMOVE: Verb = verb(&["restricted", "remove"], &[must("symbol", "TSLA"), may("why", WHY)]);
const TABLES: &str = "limits|rights|restricted|roles|desks";
pub(super) const BULK: Verb =
    verb(&["bulk"], &[must("table", TABLES), must("file", "\"limits.csv\""), may("dry", "yes|no"), may("why", WHY)]);
pub(super) const BULK_EXPORT: Verb =
    verb(&["bulk", "export"], &[must("table", TABLES), must("file", "\"limits.csv\"")]);
pub(super) const BULK_ROWS: Verb = verb(&["bulk", "rows"], &[must("id", "4711")]);
pub(super) const USERS: Verb = verb(&["users"], &[]);
pub(super) const USER_CREATE: Verb = verb(
    &["user", "create"],
    &[
        must("login", "LOGIN"),
        must("name", "\"Joe Doe\""),
        must("role", "broker|supervisor|admin|support|customer"),
        may("desk", "EQ1"),
        may("why", WHY),
    ],
);
pub(super) const USER_ROLE: Verb = verb(
    &["user", "role"],
    &[must("user", "LOGIN"), must("to", "broker|supervisor|admin|support|customer|none|JUNIOR"), may("why", WHY)],
);
pub(super) const USER_DESK: Verb =
    verb(&["user", "desk"], &[must("user", "LOGIN"), must("to", "EQ1|none"), may("why", WHY)]);
pub(super) const USER_LOCK: Verb = verb(&["user", "lock"], &[must("user", "LOGIN"), may("why", WHY)]);
pub(super) const USER_UNLOCK: Verb = verb(&["user", "unlock"], &[must("user", "LOGIN"), may("why", WHY)]);
pub(super) const USER_CODE: Verb = verb(&["user", "code"], &[must("user", "LOGIN"), may("why", WHY)]);
pub(super) const USER_RECOVER: Verb = verb(&["user", "recover"], &[must("user", "LOGIN"), may("why", WHY)]);
pub(super) const USER_PASSWORD: Verb = verb(&["user", "password"], &[must("user", "LOGIN"), may("why", WHY)]);
pub(super) const DEVICES: Verb = verb(&["devices"], &[]);
pub(super) const DEVICE_CONFIRM: Verb = verb(&["device", "confirm"], &[must("id", "7"), may("why", WHY)]);
pub(super) const DEVICE_REFUSE: Verb = verb(&["device", "refuse"], &[must("id", "7"), may("why", WHY)]);
pub(super) const DEVICE_REVOKE: Verb = verb(&["device", "revoke"], &[must("id", "7"), may("why", WHY)]);
pub(super) const DEVICE_UNLOCK: Verb = verb(&["device", "unlock"], &[must("id", "7"), may("why", WHY)]);
pub(super) const SESSIONS: Verb = verb(&["sessions"], &[]);
pub(super) const SESSION_END: Verb = verb(&["session", "end"], &[must("id", "12"), may("why", WHY)]);
pub(super) const COLLECT: Verb = verb(&["collect"], &[must("id", "4711")]);
pub(super) const APPROVALS: Verb = verb(&["approvals"], &[]);
pub(super) const APPROVE: Verb = verb(&["approve"], &[must("id", "4711"), must("reason", "checked|agreed")]);
pub(super) const REFUSE: Verb =
    verb(&["refuse"], &[must("id", "4711"), must("reason", "unexpected|mistake|suspicion|risk")]);
pub(super) const WITHDRAW: Verb = verb(&["withdraw"], &[must("id", "4711")]);
pub(super) const ALERTS: Verb =
    verb(&["alerts"], &[may("standing", "open|acknowledged|resolved"), may("rule", "probing")]);
pub(super) const BANS: Verb = verb(&["bans"], &[]);
pub(super) const BAN_ADD: Verb =
    verb(&["ban", "add"], &[must("source", "192.0.2.7"), must("minutes", "60"), may("why", WHY)]);
pub(super) const DENIED: Verb = verb(&["denied", "list"], &[may("standing", "open|reviewed")]);
pub(super) const DENIED_REVIEW: Verb =
    verb(&["denied", "review"], &[must("id", "48300"), must("as", "mistake|expected|followed")]);
pub(super) const BAN_LIFT: Verb = verb(&["ban", "lift"], &[must("id", "4711"), may("why", WHY)]);
pub(super) const ALERT_ACKNOWLEDGE: Verb = verb(&["alert", "acknowledge"], &[must("id", "48300")]);
pub(super) const ALERT_ASSIGN: Verb = verb(&["alert", "assign"], &[must("id", "48300"), may("user", "LOGIN")]);
pub(super) const ALERT_RESOLVE: Verb =
    verb(&["alert", "resolve"], &[must("id", "48300"), must("as", "handled|expected|false_positive|duplicate")]);
const WHY: &str = "asked|duties|lost_device|suspicion|mistake";
pub(super) const PROOF: Verb =
    verb(&["proof"], &[may("code", "123456|auto"), may("key", "auto"), may("pin", "\"...\"")]);
pub(super) const KEY_REGISTER: Verb = verb(&["key", "register"], &[may("code", "123456|auto"), may("pin", "\"...\"")]);
pub(super) const OWN: Verb = verb(&["own"], &[]);
pub(super) const OWN_END: Verb = verb(&["own", "end"], &[must("id", "12")]);
pub(super) const OWN_DROP: Verb = verb(&["own", "drop"], &[may("key", "7"), may("device", "3")]);
pub(super) const OWN_NAME: Verb =
    verb(&["own", "name"], &[may("key", "7"), may("device", "3"), may("name", "\"...\"")]);
pub(super) const PASSWORD_CHANGE: Verb =
    verb(&["password", "change"], &[must("new", "\"...\""), may("code", "123456|auto")]);
pub(super) const AUDIT_SEARCH: Verb = verb(
    &["audit", "search"],
    &[
        may("order", "O1|last"),
        may("user", "LOGIN"),
        may("account", "A1001"),
        may("action", "order_new"),
        may("outcome", "ok"),
        may("corr", "7F3A-19C2-0B1D"),
        may("since", "2026-03-12T14:00:00Z"),
        may("until", "2026-03-12T15:00:00Z"),
        may("exec", "E1"),
        may("cl_ord_id", "ID"),
        may("symbol", "AAPL"),
        may("before", "48231"),
        may("limit", "50"),
    ],
);
pub(super) const AUDIT_PACK: Verb =
    verb(&["audit", "pack"], &[must("order", "O1|last"), must("file", "\"O1.turret-pack\"")]);
pub(super) const AS: Verb =
    verb(&["as"], &[may("role", "broker|supervisor|admin|support|customer"), may("user", "LOGIN")]);
pub(super) const WAIT: Verb =
    verb(&["wait"], &[must("order", "O1|last"), must("status", "Filled|Canceled"), may("timeout", "5s")]);
pub(super) const SIM_HALT: Verb = verb(&["sim", "halt"], &[must("symbol", "AAPL")]);
pub(super) const SIM_RESUME: Verb = verb(&["sim", "resume"], &[must("symbol", "AAPL")]);
pub(super) const SIM_SESSION_OPEN: Verb = verb(&["sim", "session", "open"], &[]);
pub(super) const SIM_SESSION_CLOSE: Verb = verb(&["sim", "session", "close"], &[]);
pub(super) const SIM_BUST: Verb = verb(&["sim", "bust"], &[must("exec", "E1|last")]);
pub(super) const SIM_CORRECT: Verb =
    verb(&["sim", "correct"], &[must("exec", "E1|last"), must("px", "189.40"), must("qty", "100")]);
pub(super) const SIM_UNSOLICITED: Verb = verb(&["sim", "unsolicited"], &[must("order", "O1|last")]);
pub(super) const SIM_DELAY: Verb = verb(&["sim", "delay"], &[must("ms", "500")]);
pub(super) const SIM_DROP_LINK: Verb = verb(&["sim", "drop-link"], &[must("s", "3")]);
