//! Reading from a file descriptor this process was started with; it must close none of them and show nothing it reads.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::credentials::CREDENTIALS_BYTES_MAX;

/// The first line, read byte by byte so that what follows it stays for others.
pub(super) fn first_line(descriptor: u32) -> io::Result<Zeroizing<String>> {
    let limit = u64::try_from(CREDENTIALS_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    // Room for the longest line, so that growing leaves no unwiped copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(CREDENTIALS_BYTES_MAX.saturating_add(1)));
    BufReader::with_capacity(1, open(descriptor)?).take(limit).read_until(b'\n', &mut bytes)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Comes when the other end is closed; what arrives before is thrown away.
pub(super) fn closing(descriptor: u32) -> io::Result<oneshot::Receiver<()>> {
    let mut file = open(descriptor)?;
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
        let mut discarded = [0_u8; 256];
        while file.read(&mut discarded).is_ok_and(|read| read > 0) {}
        // Nobody may be left to hear it.
        let _ = sender.send(());
    })?;
    Ok(receiver)
}

fn open(descriptor: u32) -> io::Result<File> {
    File::open(format!("/dev/fd/{descriptor}"))
}
