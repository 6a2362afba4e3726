//! JSON written on one line; it must never let a character through that ends a line or moves a cursor.

use alloc::string::String;
use core::fmt::{Display, Write};

use crate::text::is_hostile;

/// An object being written.
pub(super) struct Json {
    out: String,
    first: bool,
}

impl Json {
    /// An object that `fill` fills.
    pub(super) fn of(fill: impl FnOnce(&mut Self)) -> String {
        let mut json = Self { out: String::from("{"), first: true };
        fill(&mut json);
        json.out.push('}');
        json.out
    }

    fn key(&mut self, name: &str) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        quoted(name, &mut self.out);
        self.out.push(':');
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        quoted(value, &mut self.out);
    }

    /// A text that may be absent.
    pub(super) fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn number(&mut self, name: &str, value: impl Display) {
        self.key(name);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }

    pub(super) fn texts(&mut self, name: &str, values: &[&str]) {
        self.key(name);
        self.out.push('[');
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            quoted(value, &mut self.out);
        }
        self.out.push(']');
    }

    /// An object under a name.
    pub(super) fn under(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.key(name);
        self.out.push('{');
        self.first = true;
        fill(self);
        self.out.push('}');
        self.first = false;
    }

    /// A list of one object under a name.
    pub(super) fn one(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.key(name);
        self.out.push_str("[{");
        self.first = true;
        fill(self);
        self.out.push_str("}]");
        self.first = false;
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if is_hostile(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
