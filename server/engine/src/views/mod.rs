//! Rows for the screens and answers for the wire, made from the state under the asker's rights; it must change nothing.
//!
//! Each question checks function and object itself: what is not visible answers as what is not there. The order's text and
//! people's names lie in the vault: whoever has it fills those fields in.

use alloc::vec::Vec;

use turret_shared::ids::Sequence;
use turret_shared::wire::control::{Accepted, CodeMade, Outcome};

use crate::{State, Verdict};

mod approvals;
mod bulk;
mod house;
mod keys;
mod largest;
mod limits;
mod own;
mod people;
mod person;
mod preview;
mod questions;
mod rows;

pub use approvals::approvals;
pub use bulk::{bulk, bulk_now};
pub use house::house;
pub use keys::{fill_keys, order_keys, position_keys};
pub use limits::{limit_table, limits, policies};
pub use own::{label, own};
pub use people::{devices, people, sessions};
pub use person::{account_codes, person};
pub use preview::preview;
pub use questions::{accounts, fill, fills, has_been, instruments, order, orders, permitted, positions, quotable};
pub use rows::{account_row, fill_row, order_row, position_row, trading};

/// The wire's answer for a verdict, as the state is after the decision's events. `receipt` gives the entry that records an
/// order and its leaf hash; for a command that came again it is asked for the order's last entry.
pub fn outcome(state: &State, verdict: &Verdict, receipt: &dyn Fn(Sequence) -> Vec<u8>) -> Outcome {
    match verdict {
        Verdict::Order { order, exec_type } => match order_row(state, *order) {
            Some(mut row) => {
                row.exec_type = exec_type.unwrap_or(row.exec_type);
                let sequence = row.sequence;
                Outcome::Order(Accepted { order: row, sequence, leaf: receipt(sequence) }.into())
            }
            None => Outcome::Busy,
        },
        Verdict::Denied(denial) => Outcome::Denied(denial.clone()),
        Verdict::Refused(refusal) => Outcome::Refused(refusal.clone()),
        Verdict::StepUp { pending, expires, reason } => {
            Outcome::StepUp { pending: *pending, expires: *expires, reason: reason.clone(), sign: None }
        }
        Verdict::CancelAll { requested, already } => Outcome::CancelAll { requested: *requested, already: *already },
        Verdict::Proof(verdicts) => {
            Outcome::Proof(verdicts.iter().map(|verdict| outcome(state, verdict, receipt)).collect())
        }
        Verdict::ProofRefused { spent, next_code_s } => {
            Outcome::ProofRefused { spent: *spent, next_code_s: *next_code_s }
        }
        Verdict::Sim => Outcome::Sim,
        Verdict::Managed => Outcome::Managed,
        Verdict::CodeMade { code, user, expires } => {
            Outcome::CodeMade(CodeMade { code: *code, user: *user, expires: *expires, text: None, port: 0 }.into())
        }
        Verdict::ApprovalAsked { approval, expires } => Outcome::ApprovalAsked(*approval, *expires),
        Verdict::PasswordChanged => Outcome::PasswordChanged { cache: None },
        Verdict::KeyRegistered(credential) => Outcome::KeyRegistered { credential: *credential },
    }
}
