//! Why an entry of the log looks odd: a small table of known crossings and surprises; it must explain, never accuse.

use turret_shared::time::{NS_PER_MS, NS_PER_S};
use turret_shared::view::AuditView;

/// An answer of the venue that took longer than this is worth a word, in nanoseconds.
const SLOW_NS: i64 = 2 * NS_PER_S;

/// What the reason or kind of an entry says by itself.
const KNOWN: &[(&str, &str)] = &[
    ("late", "The venue told of this after the order had ended here: it is booked all the same."),
    ("overfill", "More was executed than was ordered: the venue's fact stands and is flagged."),
    ("beyond_limit", "Executed at a worse price than the limit: the venue's fact stands and is flagged."),
    (
        "cum_qty_differs",
        "The venue's total differs from the sum of its executions: one of them is missing or came twice.",
    ),
    ("gap", "Reports before this one are missing: the venue counts its own, and a number was left out."),
    ("unasked", "Nobody here asked for this: the venue did it by itself."),
    ("no_such_request", "It answers a request that was answered before or is unknown: often the same answer twice."),
    ("stale_reference", "It names an execution that is not the latest of its trade."),
    ("no_answer", "The venue gave no answer within 2 s: it was asked, nothing was sent again."),
    ("link_lost", "The link to the venue was lost while its answer was due: it was asked, nothing was sent again."),
    ("never_arrived", "The venue never had it: nothing of it works there."),
    ("bust", "The execution never was: position, average and order are as without it; its row stays, struck."),
    ("correct", "The execution was otherwise than first told: figures follow the corrected one."),
    ("restated", "The venue changed the order by itself."),
    ("unmatched_fact", "A report of the venue that fits nothing recorded here."),
    (
        "access_denied",
        "Somebody asked for what they may not, or for what is not theirs; they were told no more than that.",
    ),
    ("clock_step", "The clock jumped: codes do not count until somebody says that the time is right."),
    ("token", "A session's token was shown by another device: the session ended and the device was locked."),
    ("code_spent", "A code was given that was used before: each works once."),
    ("probing", "Five refused reads within a minute end a session."),
];

/// Requests to the venue and the facts that answer each.
const ANSWERS: &[(&str, &[&str])] = &[
    ("order_new", &["venue_new", "venue_rejected", "trade"]),
    ("amend", &["replaced", "cancel_rejected"]),
    ("cancel", &["canceled", "cancel_rejected"]),
];

/// The latest request before `at` that nothing had answered by then.
fn open_request<'r>(rows: &'r [AuditView], at: usize, action: &str) -> Option<&'r AuditView> {
    let (_, answers) = ANSWERS.iter().find(|(request, _)| *request == action)?;
    let earlier = rows.get(..at)?.iter().rev();
    earlier
        .take_while(|row| !answers.contains(&row.action.as_str()))
        .find(|row| row.action == action && row.outcome == "ok")
}

/// Why the entry looks odd, in sentences; nothing for one that does not. `timeline` rows are one order's, oldest first.
#[must_use]
pub fn why(rows: &[AuditView], at: usize, timeline: bool) -> Vec<String> {
    let Some(row) = rows.get(at) else { return Vec::new() };
    let mut said: Vec<String> = KNOWN
        .iter()
        .filter(|(word, _)| row.reason == *word || row.action == *word)
        .map(|(_, sentence)| (*sentence).to_owned())
        .collect();
    if !timeline {
        return said;
    }
    if row.action == "trade" {
        if open_request(rows, at, "amend").is_some() {
            said.push(
                "This fill crossed the amend: until Replaced the old ClOrdID, quantity and price hold (FIX).".into(),
            );
        }
        if open_request(rows, at, "cancel").is_some() {
            said.push("This fill crossed the cancel: an order may fill until the venue has answered.".into());
        }
    }
    let answered = ANSWERS.iter().filter(|(_, answers)| answers.contains(&row.action.as_str()));
    let waited = answered.filter_map(|(request, _)| open_request(rows, at, request)).map(|of| row.time.since(of.time));
    if let Some(ns) = waited.min().filter(|ns| *ns > SLOW_NS) {
        let ms = ns / NS_PER_MS;
        said.push(format!(
            "The venue took {}.{:03} s to answer: longer than the 2 s after which it is asked.",
            ms / 1_000,
            ms % 1_000
        ));
    }
    said
}

#[cfg(test)]
mod tests {
    use turret_shared::ids::{CorrelationId, Sequence};
    use turret_shared::time::Timestamp;

    use super::*;

    /// Rows of an order: milliseconds, action, reason.
    fn rows(of: &[(i64, &str, &str)]) -> Vec<AuditView> {
        let row = |(ms, action, reason): &(i64, &str, &str)| AuditView {
            sequence: Sequence(u64::try_from(*ms).unwrap()),
            time: Timestamp(ms * NS_PER_MS),
            who: "venue".into(),
            action: (*action).into(),
            object: String::new(),
            outcome: "ok".into(),
            reason: (*reason).into(),
            detail: String::new(),
            correlation: CorrelationId::default(),
            session: None,
            order_id: None,
            leaf: Vec::new(),
            cl_ord_id: None,
        };
        of.iter().map(row).collect()
    }

    #[test]
    fn a_story_without_surprises_is_not_odd() {
        let rows = rows(&[
            (0, "order_new", ""),
            (8, "venue_new", ""),
            (400, "trade", ""),
            (900, "amend", ""),
            (905, "replaced", ""),
            (1_000, "trade", ""),
            (9_000, "cancel", ""),
            (9_004, "canceled", ""),
        ]);
        for at in 0..rows.len() {
            assert_eq!(why(&rows, at, true), Vec::<String>::new(), "{}", rows[at].action);
        }
    }

    #[test]
    fn crossings_slow_answers_and_surprises_are_told() {
        let rows = rows(&[
            (0, "order_new", ""),
            (3_100, "venue_new", ""),
            (4_000, "amend", ""),
            (4_001, "trade", ""),
            (4_005, "replaced", ""),
            (5_000, "cancel", ""),
            (5_001, "trade", ""),
            (5_004, "canceled", ""),
            (6_000, "trade", "late"),
            (7_000, "bust", ""),
        ]);
        let told = |at: usize| why(&rows, at, true).join(" ");
        assert!(told(1).contains("3.100 s"), "{}", told(1));
        assert!(told(3).contains("crossed the amend") && !told(3).contains("cancel:"), "{}", told(3));
        assert!(told(6).contains("crossed the cancel") && !told(6).contains("amend"), "{}", told(6));
        assert!(told(8).contains("after the order had ended"), "{}", told(8));
        assert!(told(9).contains("never was"), "{}", told(9));
        let odd: Vec<usize> = (0..rows.len()).filter(|at| !told(*at).is_empty()).collect();
        assert_eq!(odd, [1, 3, 6, 8, 9]);
        // Among entries of many orders only what one says by itself is told.
        assert!(why(&rows, 3, false).is_empty() && !why(&rows, 8, false).is_empty());
    }
}
