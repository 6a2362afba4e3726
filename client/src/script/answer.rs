//! One answer as one line of JSON in which no control, direction or invisible character survives; it must know no order.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use turret_shared::ids::CorrelationId;
use turret_shared::text::is_hostile;

/// One answer under construction; `ok` is always its first field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer(Map<String, Value>);

impl Answer {
    pub(super) fn ok() -> Self {
        Self::new(true)
    }

    pub(super) fn not_ok() -> Self {
        Self::new(false)
    }

    fn new(ok: bool) -> Self {
        Self(Map::from_iter([("ok".to_owned(), Value::Bool(ok))]))
    }

    /// A failure that is neither a denial nor a refusal; `correlation` where the server has one to quote.
    pub(super) fn error(code: &str, text: &str, correlation: Option<CorrelationId>) -> Self {
        let correlation = correlation.map_or(Value::Null, |id| Value::String(id.to_string()));
        Self::not_ok().with("error", json!({ "correlation_id": correlation, "code": code, "text": text }))
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// All fields of `row`, beside what is there.
    pub(super) fn with_row(mut self, row: Map<String, Value>) -> Self {
        self.0.extend(row);
        self
    }

    pub(super) fn is_ok(&self) -> bool {
        self.0.get("ok").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> String {
        harmless(&Value::Object(self.0.clone()).to_string())
    }
}

/// JSON in which what is hostile is written `\uXXXX` (only strings can hold it, so the meaning stays).
fn harmless(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hostile(c) {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hostile_reaches_the_terminal_and_the_meaning_stays() {
        let bad = "\u{1b}[2J\u{9b}31m\u{7}\u{202e}\u{200b}\u{feff}\u{e0041}\u{7f}\n\"\\é東";
        let answer = Answer::ok().with("text", bad);
        let line = answer.line();
        assert!(!line.chars().any(is_hostile), "{line}");
        assert!(line.starts_with("{\"ok\":true,"));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["text"], bad);
    }

    #[test]
    fn an_error_names_what_can_be_quoted() {
        let answer = Answer::error("server", "no", Some(CorrelationId::from_bits(7)));
        assert!(!answer.is_ok());
        assert_eq!(answer.into_value()["error"]["correlation_id"], "0000-0000-0007");
    }
}
