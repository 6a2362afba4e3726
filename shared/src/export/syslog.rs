//! A line of an export as a syslog message (RFC 5424) in the octet-counted frame of its TLS transport (RFC 5425); it must add
//! nothing that the line does not say.

use alloc::format;
use alloc::string::String;

use super::fact::{Fact, Severity};

/// `log audit`.
const FACILITY: u8 = 13;
/// Version of the protocol.
const VERSION: u8 = 1;
/// Who says it.
const APP_NAME: &str = "turretd";
/// Longest host name a header takes, in bytes.
const HOST_BYTES_MAX: usize = 255;
/// Longest message identifier, in bytes.
const ID_BYTES_MAX: usize = 32;
/// Where the decimals of a second end that a header takes: `2026-03-12T14:31:40.123456`.
const TIME_BYTES: usize = 26;

/// The severities of the protocol.
const fn severity(fact: Severity) -> u8 {
    match fact {
        Severity::High => 1,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Informational => 6,
    }
}

/// A word of the header: printable ASCII without spaces, `-` for none.
fn word(text: &str, bytes_max: usize) -> String {
    let kept: String = text.chars().filter(char::is_ascii_graphic).take(bytes_max).collect();
    if kept.is_empty() { "-".into() } else { kept }
}

/// Length, space, message.
pub(super) fn frame(fact: &Fact<'_>, line: &str) -> String {
    let priority = u16::from(FACILITY) * 8 + u16::from(severity(fact.severity()));
    let time = fact.time.get(..TIME_BYTES).unwrap_or("1970-01-01T00:00:00");
    let (host, id) = (word(fact.log, HOST_BYTES_MAX), word(&fact.action, ID_BYTES_MAX));
    // No process, no structured data: the line has the log's place and hash.
    let message = format!("<{priority}>{VERSION} {time}Z {host} {APP_NAME} - {id} - {line}");
    format!("{} {message}", message.len())
}
