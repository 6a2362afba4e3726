//! Values made from a grammar: each alternative of a rule, as short and as long as it may be.

use super::grammar::{Grammar, Occurs, Ty};
use super::value::Value;

/// Nesting at which lists stay empty and choices take what ends.
const DEPTH_MAX: usize = 8;

impl Grammar {
    /// For every alternative of the rule: with everything optional left out, and with everything in.
    pub(crate) fn samples(&self, rule: &str) -> Vec<Value> {
        let ty = self.rule(rule);
        let alternatives = match ty {
            Ty::Choice(options) => options.clone(),
            Ty::Numbers(all) => all.iter().map(|n| Ty::Literal(*n)).collect(),
            other => vec![other.clone()],
        };
        alternatives.iter().flat_map(|ty| [false, true].map(|full| self.sample(ty, full, 0))).collect()
    }

    fn sample(&self, ty: &Ty, full: bool, depth: usize) -> Value {
        match ty {
            Ty::Rule(name) => self.sample(self.rule(name), full, depth + 1),
            // Present rather than null where there is the choice, and the first of several.
            Ty::Choice(options) => self.sample(&options[0], full, depth + 1),
            Ty::Numbers(all) => Value::Uint(if full { *all.last().unwrap() } else { all[0] }),
            Ty::Literal(n) => Value::Uint(*n),
            Ty::Uint => Value::Uint(u64::from(full)),
            Ty::Int if full => Value::Negative(-1),
            Ty::Int => Value::Uint(0),
            Ty::Bool => Value::Bool(full),
            Ty::Null => Value::Null,
            Ty::Text(min, max) => Value::Text("A".repeat(if full { (*max).min(3).max(*min) } else { *min })),
            Ty::Bytes(size) => Value::Bytes(vec![u8::from(full); size.unwrap_or(usize::from(full))]),
            Ty::Embedded(inner) => Value::Bytes(self.sample(inner, full, depth + 1).to_bytes()),
            Ty::Map(keys) => Value::Map(
                keys.iter()
                    .filter(|(_, absent, _)| !absent || full)
                    .map(|(key, _, ty)| (*key, self.sample(ty, full, depth + 1)))
                    .collect(),
            ),
            Ty::Array(entries) => {
                let mut items = Vec::new();
                for entry in entries {
                    let there = match entry.occurs {
                        Occurs::Once => true,
                        Occurs::Maybe => full,
                        Occurs::Often => full && depth < DEPTH_MAX,
                    };
                    let nullable = matches!(&entry.ty, Ty::Choice(options) if options.contains(&Ty::Null));
                    match (there, entry.occurs, nullable && !full) {
                        (true, _, true) => items.push(Value::Null),
                        (true, _, false) => items.push(self.sample(&entry.ty, full, depth + 1)),
                        (false, ..) => {}
                    }
                }
                Value::Array(items)
            }
        }
    }
}
