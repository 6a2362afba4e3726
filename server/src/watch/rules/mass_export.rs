//! Mass export: one person who reads the log by the thousand; it must not know what they read.

use turret_shared::entry::Head;
use turret_shared::event::Event;
use turret_shared::event::alert::AlertRule;
use turret_shared::ids::UserId;

use super::{Finding, Rule, person};
use crate::watch::tally::{Tally, reaches};
use crate::watch::thresholds::Thresholds;

const WINDOW_S: i64 = 600;

pub(super) struct MassExport(Tally<UserId>);

impl Default for MassExport {
    fn default() -> Self {
        Self(Tally::new(WINDOW_S))
    }
}

impl Rule for MassExport {
    fn see(&mut self, head: &Head, event: &Event, thresholds: &Thresholds) -> Option<Finding> {
        let Event::AuditRead(read) = event else { return None };
        let user = person(head)?;
        let (figure, threshold) = (self.0.add(user, head.time, read.rows), thresholds.mass_export_rows);
        let (rule, device) = (AlertRule::MassExport, head.origin.device);
        reaches(figure, threshold).then_some(Finding { rule, user: Some(user), device, figure, threshold })
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::digest::Digest;
    use turret_shared::event::ops::AuditRead;

    use super::super::facts::Log;
    use super::*;

    #[test]
    fn pages_add_up() {
        let page = Event::AuditRead(AuditRead { filter: Digest([0; 32]), rows: 500 });
        let mut log = Log::<MassExport>::new();
        let found: Vec<i64> = (0..45).filter(|n| log.of(*n, 5, &page).is_some()).collect();
        assert_eq!(found.first(), Some(&39));
        assert_eq!(log.of(2_000, 5, &page), None);
    }
}
