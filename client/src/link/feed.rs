//! What the server pushes: the feed on its stream, quotes as datagrams; it must hold back nobody but itself.

use quinn::{Connection, RecvStream};
use tokio::sync::mpsc;
use turret_shared::view::QuoteView;
use turret_shared::wire::decode_frame;
use turret_shared::wire::feed::{FeedItem, FeedMessage};

use super::event::LinkEvent;
use super::frames::FrameReader;
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
        tokio::select! {
            () = feed(current, &memory, &events) => {}
            next = connection.accept_uni() => match next {
                Ok(next) => stream = Some(next),
                Err(_) => return,
            },
        }
    }
}

async fn feed(stream: RecvStream, memory: &Memory, events: &mpsc::Sender<LinkEvent>) {
    let mut frames = FrameReader::new(stream);
    let mut whole = true;
    while let Ok(Some(message)) = frames.next::<FeedMessage>().await {
        let (through, rights) = (message.through, message.rights);
        for item in &message.items {
            match item {
                FeedItem::SnapshotBegin | FeedItem::Gap => whole = false,
                FeedItem::SnapshotEnd => whole = true,
                _ => {}
            }
        }
        if events.send(LinkEvent::Feed(message)).await.is_err() {
            return;
        }
        if whole {
            memory.applied(through, rights);
        } else {
            memory.begun_afresh();
        }
    }
}

/// Reads quotes; one that finds no room is dropped, for a newer one follows within a second.
pub(super) async fn quotes(connection: Connection, events: mpsc::Sender<LinkEvent>) {
    while let Ok(datagram) = connection.read_datagram().await {
        let Ok(picture) = decode_frame::<QuoteView>(&datagram) else { continue };
        if let Err(mpsc::error::TrySendError::Closed(_)) = events.try_send(LinkEvent::Quote(picture)) {
            return;
        }
    }
}
