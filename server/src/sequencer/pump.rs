//! From the venue to the inbox and the price board, waiting where there is no room; it must lose no fact.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use turret_engine::Input;

use super::inbox::Inbox;
use super::limits::VENUE_EVENTS_MAX;
use crate::quotes::QuoteHub;
use crate::venue::VenueEvent;

/// Runs until the link is dropped or the sequencer is gone.
pub fn run(mut events: mpsc::Receiver<VenueEvent>, inbox: &Inbox, quotes: &QuoteHub) {
    let mut taken = Vec::with_capacity(VENUE_EVENTS_MAX);
    let mut facts = VecDeque::new();
    while events.blocking_recv_many(&mut taken, VENUE_EVENTS_MAX) > 0 {
        for event in taken.drain(..) {
            match event {
                VenueEvent::Reports(reports) => facts.extend(reports.into_iter().map(Input::Venue)),
                VenueEvent::Link(up) => facts.push_back(Input::VenueLink(up)),
                VenueEvent::Quote(picture) => quotes.publish(picture),
                VenueEvent::Trade(trade) => quotes.trade(trade),
                VenueEvent::DataSource(name) => quotes.set_data_source(name),
            }
        }
        if inbox.facts(&mut facts).is_err() {
            return;
        }
    }
}
