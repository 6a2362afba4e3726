//! What a session is told unasked, message by message; it must not wait for ever.

use quinn::RecvStream;
use turret_shared::ids::Sequence;
use turret_shared::wire::control::ClientFrame;
use turret_shared::wire::decode_frame;
use turret_shared::wire::feed::FeedMessage;

use super::PATIENCE;
use super::client::Control;

/// The feed, from what is had already.
pub(crate) async fn start(control: &mut Control, have: Option<Sequence>) -> RecvStream {
    control.say(&ClientFrame::FeedStart { have, rights: None }).await;
    opened(control).await
}

/// The feed that was asked for.
pub(crate) async fn opened(control: &Control) -> RecvStream {
    tokio::time::timeout(PATIENCE, control.connection.accept_uni()).await.expect("a feed").unwrap()
}

/// Its next message.
pub(crate) async fn next(feed: &mut RecvStream) -> FeedMessage {
    heard(feed).await.expect("a feed that goes on")
}

/// Its next message; `None` once it has ended.
pub(crate) async fn heard(feed: &mut RecvStream) -> Option<FeedMessage> {
    let read = async {
        let mut prefix = [0; 4];
        feed.read_exact(&mut prefix).await.ok()?;
        let mut body = vec![0; u32::from_be_bytes(prefix) as usize];
        feed.read_exact(&mut body).await.unwrap();
        Some(decode_frame(&body).unwrap())
    };
    tokio::time::timeout(PATIENCE, read).await.expect("a feed message")
}
