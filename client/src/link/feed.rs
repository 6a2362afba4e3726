//! What the server pushes: the feed on its stream, quotes as datagrams; it must hold back nobody but itself.

use std::time::Duration;

use quinn::{Connection, RecvStream, VarInt};
use tokio::sync::mpsc;
use turret_shared::view::QuoteView;
use turret_shared::wire::decode_frame;
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::event::LinkEvent;
use super::frames::FrameReader;
use super::limits::FEED_NEXT_MS_MAX;
use super::memory::Memory;

/// Reads feed streams as they come; a new one replaces the one before, which the server has given up.
pub(super) async fn feeds(connection: Connection, memory: Memory, events: mpsc::Sender<LinkEvent>) {
    let mut stream: Option<RecvStream> = None;
    loop {
        let Some(current) = stream.take() else {
            match connection.accept_uni().await {
                Ok(next) => stream = Some(next),
                Err(_) => return,
            }
            continue;
        };
        let next = tokio::select! {
            ended = feed(current, &memory, &events) => match ended {
                Ended::Unheard => return,
                Ended::Stream => {
                    let limit = Duration::from_millis(FEED_NEXT_MS_MAX);
                    match tokio::time::timeout(limit, connection.accept_uni()).await {
                        Ok(next) => next,
                        Err(_) => {
                            // Up without a feed would show what was for what is. The session goes on over another one.
                            connection.close(VarInt::from_u32(0), b"");
                            return;
                        }
                    }
                }
            },
            next = connection.accept_uni() => next,
        };
        match next {
            Ok(next) => stream = Some(next),
            Err(_) => return,
        }
    }
}

/// Why a feed is read no further.
enum Ended {
    /// Nobody listens any more.
    Unheard,
    /// The stream is at its end, is gone, or carries what is no frame.
    Stream,
}

async fn feed(stream: RecvStream, memory: &Memory, events: &mpsc::Sender<LinkEvent>) -> Ended {
    let mut frames = FrameReader::new(stream);
    let mut standing = Standing::default();
    while let Ok(Some(message)) = frames.next::<FeedMessage>().await {
        standing.take(&message);
        let (through, rights) = (message.through, message.rights);
        if events.send(LinkEvent::Feed(message)).await.is_err() {
            return Ended::Unheard;
        }
        if standing.is_whole() {
            memory.applied(through, rights);
        } else {
            memory.begun_afresh();
        }
    }
    Ended::Stream
}

/// Whether what was told so far is something to go on from.
#[derive(Debug, Default)]
struct Standing {
    in_snapshot: bool,
    /// An account was taken away, and what goes with it is not told to its end: the right may come back meanwhile, and
    /// nobody would send the account's rows again.
    purged: bool,
}

impl Standing {
    fn take(&mut self, message: &FeedMessage) {
        for item in &message.items {
            match item {
                FeedItem::SnapshotBegin | FeedItem::Gap => *self = Self { in_snapshot: true, purged: false },
                FeedItem::SnapshotEnd => self.in_snapshot = false,
                FeedItem::Purge(_) => self.purged = true,
                _ => {}
            }
        }
        // Only the last message of several says it.
        self.purged &= message.rights.is_none();
    }

    const fn is_whole(&self) -> bool {
        !self.in_snapshot && !self.purged
    }
}

/// Reads quotes; whoever shows them takes the latest of each when a frame is due.
pub(super) async fn quotes(connection: Connection, memory: Memory, events: mpsc::Sender<LinkEvent>) {
    let pictures = memory.pictures();
    while let Ok(datagram) = connection.read_datagram().await {
        let Ok(picture) = decode_frame::<QuoteView>(&datagram) else { continue };
        if !pictures.put(picture) {
            continue;
        }
        match events.try_send(LinkEvent::Pictures) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => pictures.untold(),
            Err(mpsc::error::TrySendError::Closed(_)) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use turret_shared::ids::{AccountId, EntitlementVersion, Sequence};

    use super::*;

    #[test]
    fn half_a_snapshot_and_half_a_loss_of_rights_are_nothing_to_go_on_from() {
        let mut standing = Standing::default();
        let mut after = |items: Vec<FeedItem>, rights: Option<u64>| {
            standing.take(&FeedMessage { through: Sequence(1), items, rights: rights.map(EntitlementVersion) });
            standing.is_whole()
        };
        assert!(after(vec![], None));
        assert!(!after(vec![FeedItem::Gap, FeedItem::SnapshotBegin], None));
        assert!(!after(vec![FeedItem::VenueLink(true)], None));
        assert!(after(vec![FeedItem::SnapshotEnd], Some(1)));
        assert!(!after(vec![FeedItem::Purge(AccountId(1))], None));
        assert!(!after(vec![FeedItem::VenueLink(true)], None));
        assert!(after(vec![FeedItem::VenueLink(true)], Some(2)));
        assert!(after(vec![FeedItem::Purge(AccountId(1))], Some(3)));
    }
}
