//! From the venue to the inbox and the price board, waiting where there is no room; it must lose no fact.

use tokio::sync::mpsc;
use turret_engine::Input;

use super::inbox::Inbox;
use super::limits::VENUE_EVENTS_MAX;
use crate::quotes::QuoteHub;
use crate::venue::VenueEvent;

/// Runs until the link is dropped or the sequencer is gone.
pub fn run(mut events: mpsc::Receiver<VenueEvent>, inbox: &Inbox, quotes: &QuoteHub) {
    let mut taken = Vec::with_capacity(VENUE_EVENTS_MAX);
    while events.blocking_recv_many(&mut taken, VENUE_EVENTS_MAX) > 0 {
        for event in taken.drain(..) {
            let put = match event {
                VenueEvent::Report(report) => inbox.fact(Input::Venue(report)),
                VenueEvent::Link(up) => inbox.fact(Input::VenueLink(up)),
                VenueEvent::Quote(picture) => {
                    quotes.publish(picture);
                    Ok(())
                }
                VenueEvent::Trade(trade) => {
                    quotes.trade(trade);
                    Ok(())
                }
                VenueEvent::DataSource(name) => {
                    quotes.set_data_source(name);
                    Ok(())
                }
            };
            if put.is_err() {
                return;
            }
        }
    }
}
