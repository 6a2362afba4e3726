//! First packets of strangers, as many as one likes, and what they cost a server; it must hold no handshake to its end.

use std::io;
use std::net::UdpSocket;
use std::time::Duration;

use quinn::Endpoint;

/// A first packet is in the kernel's hands at once; this only ends a hang.
const CAPTURE_S_MAX: u64 = 10;
/// Longest packet looked at, in bytes.
const PACKET_BYTES_MAX: usize = 2_048;

/// The first datagrams of `count` connection attempts, each of another client: they name no address, so they may be sent from
/// anywhere, to anyone.
///
/// # Errors
/// When there is no socket, or an attempt sends nothing.
pub async fn captured(config: &quinn::ClientConfig, name: &str, count: usize) -> io::Result<Vec<Vec<u8>>> {
    let catcher = UdpSocket::bind("127.0.0.1:0")?;
    catcher.set_read_timeout(Some(Duration::from_secs(CAPTURE_S_MAX)))?;
    let address = catcher.local_addr()?;
    let endpoint = Endpoint::client("127.0.0.1:0".parse().map_err(io::Error::other)?)?;
    let mut packets = Vec::with_capacity(count);
    for _ in 0..count {
        let connecting = endpoint.connect_with(config.clone(), address, name).map_err(io::Error::other)?;
        let heard = catcher.try_clone()?;
        let first = tokio::task::spawn_blocking(move || receive(&heard)).await.map_err(io::Error::other)??;
        packets.push(first);
        drop(connecting);
        // Whatever else that attempt sent belongs to no later one.
        catcher.set_nonblocking(true)?;
        let mut rest = [0; PACKET_BYTES_MAX];
        while catcher.recv(&mut rest).is_ok() {}
        catcher.set_nonblocking(false)?;
    }
    Ok(packets)
}

/// The next datagram that opens a connection: a long header of type Initial (RFC 9000, 17.2.2).
fn receive(socket: &UdpSocket) -> io::Result<Vec<u8>> {
    let mut packet = vec![0; PACKET_BYTES_MAX];
    loop {
        let length = socket.recv(&mut packet)?;
        if packet.first().is_some_and(|first| first & 0xf0 == 0xc0) {
            packet.truncate(length);
            return Ok(packet);
        }
    }
}

/// Kibibytes of memory a process has now (Linux; nothing elsewhere).
#[must_use]
pub fn resident_kib(id: u32) -> u64 {
    status_kib(id, "VmRSS:")
}

/// Kibibytes of memory a process has had at most (Linux; nothing elsewhere).
#[must_use]
pub fn most_resident_kib(id: u32) -> u64 {
    status_kib(id, "VmHWM:")
}

fn status_kib(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
