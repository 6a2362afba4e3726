//! Rows cut into answers that each fit a frame; it must drop none.

use turret_shared::ids::Sequence;
use turret_shared::view::OrderView;
use turret_shared::wire::query::{Answer, AnswerBody};

use crate::sequencer::limits::MESSAGE_BYTES_MAX;

/// Rough bytes of a row without long texts.
pub(super) const ROW_BYTES: usize = 320;
/// Bytes of a bar, at most.
pub(super) const BAR_BYTES: usize = 64;
/// Rough bytes of an account's code.
pub(super) const CODE_BYTES: usize = 64;
/// Rough bytes of an alert with what was done with it.
pub(super) const ALERT_BYTES: usize = 800;
/// Rough bytes of one rule of a denial.
const RULE_BYTES: usize = 160;

/// One answer in one frame.
pub(super) fn one(through: Sequence, body: AnswerBody) -> Vec<Answer> {
    vec![Answer { more: false, through, body }]
}

/// Rows in as many frames as they need, at least one.
pub(super) fn many<T>(
    through: Sequence,
    rows: Vec<T>,
    size: impl Fn(&T) -> usize,
    body: impl Fn(Vec<T>) -> AnswerBody,
) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut part = Vec::new();
    let mut bytes = 0_usize;
    for row in rows {
        let row_bytes = size(&row);
        if !part.is_empty() && bytes.saturating_add(row_bytes) > MESSAGE_BYTES_MAX {
            answers.push(Answer { more: true, through, body: body(std::mem::take(&mut part)) });
            bytes = 0;
        }
        bytes = bytes.saturating_add(row_bytes);
        part.push(row);
    }
    answers.push(Answer { more: false, through, body: body(part) });
    answers
}

/// Rough bytes of an order's row.
pub(super) fn order_bytes(order: &OrderView) -> usize {
    let denial = order
        .denial
        .as_ref()
        .map_or(0, |denial| denial.text.len().saturating_add(denial.rules.len().saturating_mul(RULE_BYTES)));
    ROW_BYTES.saturating_add(order.text.len()).saturating_add(order.note.len()).saturating_add(denial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_some_frame_and_the_last_says_so() {
        let rows: Vec<u32> = (0..1_000).collect();
        let answers = many(
            Sequence(7),
            rows,
            |_| 1_000,
            |part| AnswerBody::Error { correlation: turret_shared::ids::CorrelationId(part.len() as u64) },
        );
        assert!(answers.len() > 10);
        assert_eq!(answers.iter().filter(|answer| !answer.more).count(), 1);
        assert!(answers.last().is_some_and(|answer| !answer.more));
        let count: u64 = answers
            .iter()
            .map(|answer| match answer.body {
                AnswerBody::Error { correlation } => correlation.0,
                _ => 0,
            })
            .sum();
        assert_eq!(count, 1_000);
        let none = many(Sequence(7), Vec::<u32>::new(), |_| 1, |_| AnswerBody::Users(Vec::new()));
        assert_eq!(none.len(), 1);
    }
}
