//! Every bound both sides agree on, by name and unit; it must hold numbers only.

use crate::money::Price;

/// Longest frame on any stream, length prefix excluded, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Longest frame before a session exists, in bytes.
pub const FRAME_BYTES_MAX_UNAUTHENTICATED: usize = 2 * 1024;
/// Longest command body, in bytes.
pub const COMMAND_BYTES_MAX: usize = 32 * 1024;
/// Longest log entry, in bytes.
pub const ENTRY_BYTES_MAX: usize = 60 * 1024;
/// Deepest nesting of CBOR accepted from a peer.
pub const CBOR_DEPTH_MAX: usize = 16;
/// Longest user name typed, in bytes.
pub const LOGIN_BYTES_MAX: usize = 32;
/// Longest name of a person or client, in characters.
pub const NAME_CHARS_MAX: usize = 80;
/// Shortest and longest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// See [`PASSWORD_CHARS_MIN`].
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Longest order text (FIX 58), in characters.
pub const ORDER_TEXT_CHARS_MAX: usize = 60;
/// Rows in one answer to a query.
pub const QUERY_ROWS_MAX: u32 = 500;
/// Accounts told with one person.
pub const PERSON_ACCOUNTS_MAX: usize = 100;
/// Devices told with one person.
pub const PERSON_DEVICES_MAX: usize = 32;
/// Colleagues told with one person who may cancel their orders.
pub const PERSON_COVER_MAX: usize = 8;
/// Entries of the log told with one person.
pub const PERSON_HISTORY_MAX: usize = 40;
/// Orders one proof may cover.
pub const PROOF_PENDING_MAX: usize = 32;
/// Commands of one session that may wait for a step-up.
pub const PENDING_STEP_UPS_MAX: usize = 32;
/// Bars of a minute kept for a listing: a whole session of eight hours.
pub const BARS_KEPT_MAX: usize = 480;
/// Price levels a side in a depth picture.
pub const DEPTH_LEVELS_MAX: usize = 20;
/// Price levels a side in a quote datagram.
pub const DATAGRAM_LEVELS_MAX: usize = 8;
/// Instruments one session may watch at once.
pub const WATCHED_INSTRUMENTS_MAX: usize = 5_000;
/// A client that has not identified itself has this long, in seconds.
pub const UNAUTHENTICATED_S_MAX: u64 = 5;
/// From the certificate check to a finished sign-in, in seconds: people type.
pub const SIGN_IN_S_MAX: u64 = 300;
/// Without a person's input a session ends after this, in seconds.
pub const SESSION_IDLE_S_MAX: u64 = 15 * 60;
/// A session ends after this however busy, in seconds.
pub const SESSION_ABSOLUTE_S_MAX: u64 = 12 * 3600;
/// The client reports a person's input at most this often, in seconds.
pub const ACTIVITY_S_MIN: u64 = 30;
/// A step-up request is void after this, in seconds.
pub const STEP_UP_S_MAX: u64 = 60;
/// No answer from the venue for this long puts an order IN DOUBT, in milliseconds.
pub const IN_DOUBT_MS: u64 = 2_000;
/// Confirming keys sooner than this after a modal appears are ignored, in milliseconds.
pub const MODAL_GUARD_MS: u64 = 150;
/// An enrolment code is good for this long, a device waits for its issuer this long, and a confirmed one may come for its
/// certificate this long, in seconds.
pub const ENROL_S_MAX: u64 = 15 * 60;
/// The codes of a new deployment's first people are good for this long, in seconds: three people have to come by.
pub const BOOTSTRAP_S_MAX: u64 = 24 * 3600;
/// Nothing sensitive is done for this long by someone whose factors were reset by others, in seconds.
pub const RECOVERY_S: u64 = 24 * 3600;
/// Seconds after its first use from which a device's certificate is replaced at a sign-in.
pub const DEVICE_RENEW_S_MIN: u64 = 24 * 3600;
/// Seconds a device's older key is merely refused after its next was shown: two programs of one device may cross.
pub const DEVICE_TURN_S_MAX: u64 = 60;
/// Enrolments under way at once.
pub const ENROLMENTS_MAX: usize = 64;
/// Security keys one person may have.
pub const KEYS_OF_ONE_MAX: usize = 8;
/// What one person asked for waits for another this long, in seconds.
pub const APPROVAL_S_MAX: u64 = 60 * 60;
/// Requests that wait for a second person at once, whoever made them.
pub const APPROVALS_MAX: usize = 256;
/// Those of one person among them.
pub const APPROVALS_OF_ONE_MAX: usize = 32;
/// Requests that are over and still told of.
pub const APPROVALS_OVER_MAX: usize = 64;
/// Alerts of surveillance told of at once; the log has them all.
pub const ALERTS_MAX: usize = 256;
/// Steps told of one alert; the log has them all.
pub const ALERT_STEPS_MAX: usize = 8;
/// Denied attempts to be reviewed, by person or device and kind; of more the oldest go, and the log has them all.
pub const ATTEMPTS_ROWS_MAX: usize = 256;
/// Those that were reviewed and are still told of.
pub const ATTEMPTS_OVER_MAX: usize = 64;
/// Bans told of in the log at once; of more the one that ends first is forgotten.
pub const BANS_MAX: usize = 4_096;
/// A ban that surveillance answers an alert with lasts so long, in seconds.
pub const BAN_ANSWER_S: u64 = 3_600;
/// The longest surveillance makes anybody wait as an answer to one alert, in seconds.
pub const DELAY_S_MAX: u32 = 3_600;
/// Models of security keys a house may name.
pub const KEY_MODELS_MAX: usize = 64;
/// Roles a house may compose.
pub const COMPOSED_ROLES_MAX: usize = 64;
/// The longest ban set by hand, in minutes.
pub const BAN_MINUTES_MAX: u32 = 24 * 60;
/// Longest address typed, in characters.
pub const BAN_SOURCE_CHARS_MAX: usize = 45;
/// Rows of a table of acts that are done as one: what a dry run says of them fits one frame.
pub const BULK_ROWS_MAX: usize = 200;
/// Rows of a table of people's roles or desks.
pub const BULK_PEOPLE_MAX: usize = 100;
/// A step of a time-based code, in seconds (RFC 6238).
pub const TOTP_STEP_S: u64 = 30;
/// Listings a server may hold; ids are below this.
pub const INSTRUMENTS_MAX: u32 = 100_000;
/// Accounts a server may hold; ids are below this.
pub const ACCOUNTS_MAX: u32 = 100_000;
/// People a server may hold; ids are below this.
pub const USERS_MAX: u32 = 10_000;
/// Devices a server may hold; ids are below this.
pub const DEVICES_MAX: u32 = 100_000;
/// Credentials a server may hold; ids are below this.
pub const CREDENTIALS_MAX: u32 = 100_000;
/// Desks a server may hold; ids are below this.
pub const DESKS_MAX: u16 = 1_000;
/// Longest account, desk and symbol code, in characters.
pub const CODE_CHARS_MAX: usize = 16;
/// Longest name or other text of set-up, in characters.
pub const SETUP_TEXT_CHARS_MAX: usize = 80;
/// Longest text a venue gives with a reason, in characters.
pub const VENUE_TEXT_CHARS_MAX: usize = 120;
/// Largest money a point of price and unit of quantity of a listing.
pub const MULTIPLIER_MAX: u32 = 10_000;
/// Highest price any order, execution or listing may carry (ten million): beyond it amounts stop being meaningful.
pub const PRICE_MAX: Price = Price(10_000_000_000_000_000);
