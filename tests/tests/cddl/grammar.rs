//! Reads CDDL and judges values by it; anything it does not understand is an error, never skipped.

use std::collections::BTreeMap;

use super::value::Value;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    Uint,
    Int,
    Bool,
    Null,
    Literal(u64),
    Text(usize, usize),
    Bytes(Option<usize>),
    /// A byte string holding one item of a type.
    Embedded(Box<Ty>),
    Array(Vec<Entry>),
    /// Key, may be absent, type.
    Map(Vec<(u64, bool, Ty)>),
    Choice(Vec<Ty>),
    /// Named numbers.
    Numbers(Vec<u64>),
    Rule(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Occurs {
    Once,
    Maybe,
    Often,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub occurs: Occurs,
    pub ty: Ty,
}

pub(crate) struct Grammar {
    pub rules: BTreeMap<String, Ty>,
}

impl Grammar {
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader { tokens: tokens(text), at: 0 };
        let mut rules = BTreeMap::new();
        while let Some(name) = reader.next() {
            reader.expect("=");
            let ty = reader.ty();
            assert!(rules.insert(name.clone(), ty).is_none(), "two rules are called {name}");
        }
        Self { rules }
    }

    pub(crate) fn rule(&self, name: &str) -> &Ty {
        self.rules.get(name).unwrap_or_else(|| panic!("no rule {name}"))
    }

    pub(crate) fn allows(&self, ty: &Ty, value: &Value) -> bool {
        match (ty, value) {
            (Ty::Rule(name), _) => self.allows(self.rule(name), value),
            (Ty::Choice(options), _) => options.iter().any(|option| self.allows(option, value)),
            (Ty::Uint, Value::Uint(_))
            | (Ty::Int, Value::Uint(_) | Value::Negative(_))
            | (Ty::Bool, Value::Bool(_))
            | (Ty::Null, Value::Null) => true,
            (Ty::Literal(want), Value::Uint(n)) => want == n,
            (Ty::Numbers(all), Value::Uint(n)) => all.contains(n),
            (Ty::Text(min, max), Value::Text(text)) => (*min..=*max).contains(&text.len()),
            (Ty::Bytes(size), Value::Bytes(bytes)) => size.is_none_or(|size| size == bytes.len()),
            (Ty::Embedded(inner), Value::Bytes(bytes)) => self.allows(inner, &Value::from_bytes(bytes)),
            (Ty::Array(entries), Value::Array(items)) => self.allows_items(entries, items),
            (Ty::Map(keys), Value::Map(pairs)) => {
                pairs.iter().all(|(key, item)| keys.iter().any(|(k, _, ty)| k == key && self.allows(ty, item)))
                    && keys.iter().all(|(k, absent, _)| *absent || pairs.iter().any(|(key, _)| key == k))
            }
            _ => false,
        }
    }

    fn allows_items(&self, entries: &[Entry], items: &[Value]) -> bool {
        let Some((entry, others)) = entries.split_first() else { return items.is_empty() };
        let one = || items.split_first().filter(|(first, _)| self.allows(&entry.ty, first)).map(|(_, rest)| rest);
        match entry.occurs {
            Occurs::Once => one().is_some_and(|rest| self.allows_items(others, rest)),
            Occurs::Maybe => {
                one().is_some_and(|rest| self.allows_items(others, rest)) || self.allows_items(others, items)
            }
            Occurs::Often => {
                one().is_some_and(|rest| self.allows_items(entries, rest)) || self.allows_items(others, items)
            }
        }
    }
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<&str> {
        self.tokens.get(self.at + ahead).map(String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn expect(&mut self, want: &str) {
        let found = self.next();
        assert_eq!(found.as_deref(), Some(want), "near {:?}", self.tokens.get(self.at.saturating_sub(6)..self.at));
    }

    fn take(&mut self, want: &str) -> bool {
        let there = self.peek(0) == Some(want);
        self.at += usize::from(there);
        there
    }

    fn number(&mut self) -> u64 {
        self.next().and_then(|token| token.parse().ok()).expect("a number")
    }

    fn ty(&mut self) -> Ty {
        let mut options = vec![self.single()];
        while self.take("/") {
            options.push(self.single());
        }
        if options.len() == 1 { options.remove(0) } else { Ty::Choice(options) }
    }

    fn single(&mut self) -> Ty {
        let token = self.next().expect("a type");
        match token.as_str() {
            "uint" => Ty::Uint,
            "int" => Ty::Int,
            "bool" => Ty::Bool,
            "null" => Ty::Null,
            "tstr" => self.text(),
            "bstr" if self.take(".size") => Ty::Bytes(Some(self.number() as usize)),
            "bstr" if self.take(".cbor") => Ty::Embedded(Box::new(self.single())),
            "bstr" => Ty::Bytes(None),
            "[" => self.array(),
            "{" => self.map(),
            "&" => self.numbers(),
            name if name.starts_with(|c: char| c.is_ascii_digit()) => Ty::Literal(name.parse().unwrap()),
            name if name.starts_with(|c: char| c.is_ascii_lowercase()) => Ty::Rule(name.to_owned()),
            other => panic!("not understood: {other}"),
        }
    }

    fn text(&mut self) -> Ty {
        if !self.take(".size") {
            return Ty::Text(0, usize::MAX);
        }
        if !self.take("(") {
            let size = self.number() as usize;
            return Ty::Text(size, size);
        }
        let min = self.number() as usize;
        self.expect("..");
        let max = self.number() as usize;
        self.expect(")");
        Ty::Text(min, max)
    }

    fn array(&mut self) -> Ty {
        let mut entries = Vec::new();
        while !self.take("]") {
            let occurs = if self.take("?") {
                Occurs::Maybe
            } else if self.take("*") {
                Occurs::Often
            } else {
                Occurs::Once
            };
            if self.peek(1) == Some(":") {
                self.at += 2;
            }
            entries.push(Entry { occurs, ty: self.ty() });
            self.take(",");
        }
        Ty::Array(entries)
    }

    fn map(&mut self) -> Ty {
        let mut keys = Vec::new();
        while !self.take("}") {
            let absent = self.take("?");
            let key = self.number();
            self.expect("=>");
            keys.push((key, absent, self.ty()));
            self.take(",");
        }
        Ty::Map(keys)
    }

    fn numbers(&mut self) -> Ty {
        self.expect("(");
        let mut all = Vec::new();
        while !self.take(")") {
            self.next();
            self.expect(":");
            all.push(self.number());
            self.take(",");
        }
        Ty::Numbers(all)
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut rest = line.split(';').next().unwrap_or_default().trim_start();
        while !rest.is_empty() {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let length = ["=>", "..", ".size", ".cbor"]
                .into_iter()
                .find(|symbol| rest.starts_with(symbol))
                .map_or_else(|| rest.find(|c| !word(c)).unwrap_or(rest.len()).max(1), str::len);
            let (token, after) = rest.split_at(length);
            out.push(token.to_owned());
            rest = after.trim_start();
        }
    }
    out
}
