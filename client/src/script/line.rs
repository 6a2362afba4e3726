//! A line cut into words and `name=value` pairs; it must know no verb.

/// Longest line, in bytes.
pub(super) const LINE_BYTES_MAX: usize = 16 * 1024;

/// A line's parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Words before the first pair.
    pub(super) words: Vec<String>,
    /// Pairs, each name once, in the order written.
    pub(super) pairs: Vec<(String, String)>,
}

/// Why a line cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CutError {
    /// Beyond [`LINE_BYTES_MAX`].
    TooLong,
    /// A quotation mark that nothing closes, or something right behind the closing one.
    Quotes,
    /// A word after a pair.
    StrayWord(String),
    /// A name written twice.
    Repeated(String),
    /// Nothing before an equals sign.
    NoName,
}

impl std::fmt::Display for CutError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong => write!(f, "a line holds at most {LINE_BYTES_MAX} bytes"),
            Self::Quotes => f.write_str("quotation marks do not match: text=\"like this\", with \\\" and \\\\ inside"),
            Self::StrayWord(word) => {
                write!(
                    f,
                    "`{word}` stands alone; a value with a space in it is a text in quotation marks, never a number"
                )
            }
            Self::Repeated(name) => write!(f, "`{name}` is given twice"),
            Self::NoName => f.write_str("an equals sign without a name before it"),
        }
    }
}

/// Cuts a line; `None` for an empty one or a remark (`#` first).
pub(super) fn cut(line: &str) -> Result<Option<Parts>, CutError> {
    if line.len() > LINE_BYTES_MAX {
        return Err(CutError::TooLong);
    }
    let mut rest = line.trim_matches([' ', '\t', '\r', '\n']);
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(None);
    }
    let mut parts = Parts::default();
    while !rest.is_empty() {
        let end = rest.find([' ', '\t', '=']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        if let Some(value) = behind.strip_prefix('=') {
            if name.is_empty() {
                return Err(CutError::NoName);
            }
            if parts.pairs.iter().any(|(known, _)| known == name) {
                return Err(CutError::Repeated(name.to_owned()));
            }
            let (value, left) = take_value(value)?;
            parts.pairs.push((name.to_owned(), value));
            rest = left;
        } else {
            if !parts.pairs.is_empty() {
                return Err(CutError::StrayWord(name.to_owned()));
            }
            parts.words.push(name.to_owned());
            rest = behind;
        }
        rest = rest.trim_start_matches([' ', '\t']);
    }
    Ok(Some(parts))
}

/// A value and what is behind it; one in quotation marks may hold anything.
fn take_value(text: &str) -> Result<(String, &str), CutError> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return if value.contains('"') { Err(CutError::Quotes) } else { Ok((value.to_owned(), rest)) };
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                let rest = quoted.get(at.saturating_add(1)..).unwrap_or_default();
                let apart = rest.is_empty() || rest.starts_with([' ', '\t']);
                return if apart { Ok((value, rest)) } else { Err(CutError::Quotes) };
            }
            '\\' => match chars.next() {
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                _ => return Err(CutError::Quotes),
            },
            other => value.push(other),
        }
    }
    Err(CutError::Quotes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> (Vec<String>, Vec<(String, String)>) {
        let parts = cut(line).unwrap().unwrap();
        (parts.words, parts.pairs)
    }

    #[test]
    fn cuts_words_and_pairs() {
        let (words, pairs) = parts("  order new account=A1001\tqty=100 text=\"a \\\"b\\\" \\\\ = c\" ");
        assert_eq!(words, ["order", "new"]);
        assert_eq!(pairs[0], ("account".to_owned(), "A1001".to_owned()));
        assert_eq!(pairs[2], ("text".to_owned(), "a \"b\" \\ = c".to_owned()));
        assert_eq!(cut("# remark"), Ok(None));
        assert_eq!(cut("   "), Ok(None));
        assert_eq!(parts("order show id=").1[0].1, "");
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        assert_eq!(cut("a qty=1 000"), Err(CutError::StrayWord("000".to_owned())));
        assert_eq!(cut("a qty=1 qty=2"), Err(CutError::Repeated("qty".to_owned())));
        assert_eq!(cut("a =1"), Err(CutError::NoName));
        for line in ["a text=\"open", "a text=\"x\"y", "a text=x\"y", "a text=\"\\n\""] {
            assert_eq!(cut(line), Err(CutError::Quotes), "{line}");
        }
        assert_eq!(cut(&"x".repeat(LINE_BYTES_MAX + 1)), Err(CutError::TooLong));
    }
}
