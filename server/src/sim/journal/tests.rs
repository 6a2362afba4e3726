//! What was written is found again, under its key only.

use turret_shared::ids::{InstrumentId, OrderId};
use turret_shared::money::{Price, Qty};
use turret_shared::secret::SecretKey;
use turret_shared::time::Timestamp;
use turret_shared::venue::{Report, ReportKind, VenueClOrdId, VenueExecId};
use turret_shared::wire::put_frame;
use turret_shared::wire::venue::VenueFrame;

use super::read::split_frame;
use super::{Commit, Journal, JournalError};
use crate::sim::exchange::{Life, MemberOrder, Phase};

fn trade(sequence: u64, order: u64) -> Report {
    let id = VenueClOrdId { order: OrderId(order), revision: 0 };
    let exec = VenueExecId(sequence);
    let kind = ReportKind::Trade { id, exec, qty: Qty(5), price: Price(7), removed: true, cum_qty: Qty(5) };
    Report { sequence, time: Timestamp(1), kind }
}

fn write(journal: &mut Journal, sequences: std::ops::RangeInclusive<u64>, orders: Vec<&MemberOrder>) {
    let mut frames = Vec::new();
    for sequence in sequences.clone() {
        put_frame(&VenueFrame::Report(trade(sequence, sequence * 256)), &mut frames).unwrap();
    }
    let range = Some((*sequences.start(), *sequences.end()));
    journal.write(&Commit { range, frames: &frames, orders, ..Commit::default() }).unwrap();
}

#[test]
fn reports_orders_and_phase_survive_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let key = SecretKey::new([7; 32]);
    let (mut journal, restored) = Journal::open(&path, &key).unwrap();
    assert_eq!(restored.sequence, 0);
    let working = MemberOrder { life: Life::Working, seen: vec![0, 2], ..MemberOrder::absent(OrderId(256)) };
    let ended = MemberOrder { life: Life::Ended, ..MemberOrder::absent(OrderId(512)) };
    write(&mut journal, 1..=3, vec![&working, &ended]);
    write(&mut journal, 4..=4, vec![]);
    let phase = Phase { closed: true, halted: vec![InstrumentId(3)] };
    journal.write(&Commit { phase: Some(phase.clone()), ..Commit::default() }).unwrap();
    drop(journal);

    assert!(matches!(Journal::open(&path, &SecretKey::new([8; 32])), Err(JournalError::Open(_))));
    let (journal, restored) = Journal::open(&path, &key).unwrap();
    assert_eq!((restored.sequence, restored.newest, restored.phase), (4, Some(OrderId(512)), phase));
    assert_eq!(restored.open, [working]);
    assert_eq!(journal.order(OrderId(512)).unwrap(), Some(ended));
    assert_eq!(journal.order(OrderId(1)).unwrap(), None);
    assert_eq!(journal.execution(VenueExecId(2)).unwrap().map(|e| (e.order, e.qty)), Some((OrderId(512), Qty(5))));
    assert_eq!(journal.execution(VenueExecId(9)).unwrap(), None);
}

#[test]
fn reports_are_replayed_from_any_sequence() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(&folder.path().join("journal.db"), &SecretKey::new([7; 32])).unwrap();
    write(&mut journal, 1..=3, vec![]);
    write(&mut journal, 4..=4, vec![]);
    write(&mut journal, 5..=9, vec![]);
    for after in 0..=9 {
        let (mut at, mut heard) = (after, Vec::new());
        loop {
            let page = journal.reports_after(at, 1).unwrap();
            let mut rest = page.frames.as_slice();
            while let Some((frame, behind)) = split_frame(rest).unwrap() {
                rest = behind;
                if let VenueFrame::Report(report) = frame
                    && report.sequence > after
                {
                    heard.push(report.sequence);
                }
            }
            if page.last == at {
                break;
            }
            at = page.last;
        }
        assert_eq!(heard, (after + 1..=9).collect::<Vec<_>>());
    }
}
