//! The ceiling as a process of its own: frames in, one writer thread, frames out when durable; also a plain echo.
//!
//! It must do nothing the product's path could not do: no early answer, no skipped flush.

use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use quinn::{Endpoint, RecvStream, SendStream};
use tokio::sync::mpsc;

use super::pipeline::Ceiling;
use super::sizes::{self, Sizes};

/// ALPN of the yardsticks.
pub const ALPN: &[u8] = b"turret-yardstick/1";
/// First byte of a stream that wants durability.
pub const DURABLE: u8 = 1;
/// First byte of a stream that wants an echo only.
pub const ECHO: u8 = 2;
/// Most orders in one commit.
const BATCH_MAX: usize = 512;
/// Requests that may wait for the writer.
const QUEUE_MAX: usize = 1_024;

/// Serves until standard input closes; prints `listening ADDR` when ready.
///
/// # Errors
/// Whatever stands in the way of listening.
pub async fn serve(config: quinn::ServerConfig, folder: PathBuf) -> std::io::Result<()> {
    let mut large = quinn::EndpointConfig::default();
    turret_certs::transport::take_large(&mut large);
    let socket = std::net::UdpSocket::bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let endpoint = Endpoint::new(large, Some(config), socket, std::sync::Arc::new(quinn::TokioRuntime))?;
    {
        let mut out = std::io::stdout().lock();
        writeln!(out, "listening {}", endpoint.local_addr()?)?;
        out.flush()?;
    }
    let sizes = sizes::of_one_order();
    let (orders, waiting) = sync_channel::<usize>(QUEUE_MAX);
    let (durable, mut acknowledged) = mpsc::unbounded_channel::<usize>();
    let ceiling = Ceiling::create(&folder, sizes).map_err(std::io::Error::other)?;
    let writer = thread::spawn(move || write(ceiling, &waiting, &durable));
    while let Some(incoming) = endpoint.accept().await {
        let Ok(connection) = incoming.await else { continue };
        while let Ok((send, mut recv)) = connection.accept_bi().await {
            let mut kind = [0_u8; 1];
            if recv.read_exact(&mut kind).await.is_err() {
                break;
            }
            match kind {
                [DURABLE] => durable_stream(send, recv, sizes, &orders, &mut acknowledged).await,
                _ => echo(send, recv).await,
            }
        }
    }
    drop(orders);
    let _ = writer.join();
    Ok(())
}

/// The one writer: commits whatever queued while the last commit ran.
fn write(mut ceiling: Ceiling, waiting: &Receiver<usize>, durable: &mpsc::UnboundedSender<usize>) {
    let mut owed = 0_usize;
    while let Ok(first) = waiting.recv() {
        let mut batch = first;
        while batch < BATCH_MAX {
            let Ok(more) = waiting.try_recv() else { break };
            batch += more;
        }
        if ceiling.commit(batch, owed).is_err() || durable.send(batch).is_err() {
            return;
        }
        // The venue acknowledges what was routed: its rows come with a later batch.
        owed = batch;
    }
}

async fn durable_stream(
    mut send: SendStream,
    mut recv: RecvStream,
    sizes: Sizes,
    orders: &SyncSender<usize>,
    acknowledged: &mut mpsc::UnboundedReceiver<usize>,
) {
    let reading = async {
        let mut buffer = vec![0_u8; 64 * 1024];
        let mut partial = 0_usize;
        while let Ok(Some(read)) = recv.read(&mut buffer).await {
            partial += read;
            let whole = partial / sizes.request;
            partial %= sizes.request;
            if whole > 0 && orders.send(whole).is_err() {
                return;
            }
        }
    };
    let writing = async {
        while let Some(mut count) = acknowledged.recv().await {
            while let Ok(more) = acknowledged.try_recv() {
                count += more;
            }
            if send.write_all(&vec![0x5b; count * sizes.answer]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! { () = reading => {}, () = writing => {} }
}

async fn echo(mut send: SendStream, mut recv: RecvStream) {
    let mut buffer = vec![0_u8; 64 * 1024];
    while let Ok(Some(read)) = recv.read(&mut buffer).await {
        if send.write_all(buffer.get(..read).unwrap_or_default()).await.is_err() {
            return;
        }
    }
}
