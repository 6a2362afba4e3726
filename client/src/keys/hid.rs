//! CTAP over USB HID (CTAP 2.1, 11.2): messages in reports of 64 bytes on a channel of one's own; it must know no operating system.

use super::{Carrier, KeyError, MESSAGE_BYTES_MAX};

/// Bytes of a report.
pub const REPORT_BYTES: usize = 64;
/// A key that works says so every 100 ms; silent for this long, it is gone, in milliseconds.
const SILENT_MS_MAX: u32 = 3_000;
/// Reports looked at for one answer, "still working" among them: about two minutes.
const REPORTS_MAX: usize = 1_500;
const BROADCAST: [u8; 4] = [0xFF; 4];
const INIT: u8 = 0x86;
const CBOR: u8 = 0x90;
const KEEPALIVE: u8 = 0xBB;
const ERROR: u8 = 0xBF;
const CANCEL: u8 = 0x91;
/// It waits to be touched.
const WANTS_TOUCH: u8 = 2;
/// Bytes of a message in its first report, and in each after.
const FIRST_BYTES: usize = REPORT_BYTES - 7;
const NEXT_BYTES: usize = REPORT_BYTES - 5;

/// Reports to and from one device.
pub trait Reports {
    /// Sends one.
    ///
    /// # Errors
    /// [`KeyError::Gone`].
    fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError>;

    /// The next one.
    ///
    /// # Errors
    /// [`KeyError::Gone`], also when none comes in time.
    fn receive(&mut self, within_ms: u32) -> Result<[u8; REPORT_BYTES], KeyError>;
}

impl Reports for Box<dyn Reports> {
    fn send(&mut self, report: &[u8; REPORT_BYTES]) -> Result<(), KeyError> {
        (**self).send(report)
    }

    fn receive(&mut self, within_ms: u32) -> Result<[u8; REPORT_BYTES], KeyError> {
        (**self).receive(within_ms)
    }
}

/// A channel to a device.
pub struct Channel<R, T> {
    reports: R,
    channel: [u8; 4],
    /// Called when the device waits to be touched; false gives the touch up.
    touch: T,
}

impl<R: Reports, T: FnMut() -> bool> Channel<R, T> {
    /// Asks for a channel; `nonce` is drawn for this.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(reports: R, nonce: [u8; 8], touch: T) -> Result<Self, KeyError> {
        let mut this = Self { reports, channel: BROADCAST, touch };
        this.put(INIT, &nonce)?;
        for _ in 0..REPORTS_MAX {
            let answer = this.take(INIT)?;
            // Others may open channels at the same time: theirs have another nonce.
            if let Some(rest) = answer.strip_prefix(&nonce) {
                this.channel = *rest.first_chunk::<4>().ok_or(KeyError::Malformed)?;
                return Ok(this);
            }
        }
        Err(KeyError::Gone)
    }

    fn put(&mut self, command: u8, message: &[u8]) -> Result<(), KeyError> {
        let length = u16::try_from(message.len()).ok().filter(|_| message.len() <= MESSAGE_BYTES_MAX);
        let [high, low] = length.ok_or(KeyError::Malformed)?.to_be_bytes();
        let (first, rest) = message.split_at(message.len().min(FIRST_BYTES));
        self.reports.send(&report(self.channel, &[command, high, low], first))?;
        for (sequence, part) in (0_u8..=0x7F).zip(rest.chunks(NEXT_BYTES)) {
            self.reports.send(&report(self.channel, &[sequence], part))?;
        }
        Ok(())
    }

    /// The whole answer to a command.
    fn take(&mut self, command: u8) -> Result<Vec<u8>, KeyError> {
        for _ in 0..REPORTS_MAX {
            let report = self.reports.receive(SILENT_MS_MAX)?;
            let Some((head, rest)) = report.split_first_chunk::<7>() else { return Err(KeyError::Malformed) };
            let [a, b, c, d, of, high, low] = *head;
            if [a, b, c, d] != self.channel {
                continue;
            }
            match of {
                KEEPALIVE if rest.is_empty() => {}
                KEEPALIVE => {
                    if rest.first() == Some(&WANTS_TOUCH) && !(self.touch)() {
                        // The device answers that it was cancelled, and waits no more.
                        self.put(CANCEL, &[])?;
                    }
                }
                ERROR => return Err(KeyError::Gone),
                _ if of == command => return self.rest(usize::from(u16::from_be_bytes([high, low])), rest),
                _ => return Err(KeyError::Malformed),
            }
        }
        Err(KeyError::NotTouched)
    }

    fn rest(&mut self, length: usize, first: &[u8]) -> Result<Vec<u8>, KeyError> {
        if length > MESSAGE_BYTES_MAX {
            return Err(KeyError::Malformed);
        }
        let mut message = first.to_vec();
        let mut sequence = 0_u8;
        while message.len() < length {
            let report = self.reports.receive(SILENT_MS_MAX)?;
            let Some((head, rest)) = report.split_first_chunk::<5>() else { return Err(KeyError::Malformed) };
            let [a, b, c, d, at] = *head;
            if [a, b, c, d] != self.channel {
                continue;
            }
            if at != sequence {
                return Err(KeyError::Malformed);
            }
            sequence = sequence.saturating_add(1);
            message.extend_from_slice(rest);
        }
        message.truncate(length);
        Ok(message)
    }
}

impl<R: Reports, T: FnMut() -> bool> Carrier for Channel<R, T> {
    fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.put(CBOR, message)?;
        self.take(CBOR)
    }
}

/// A report, filled up with zeros.
fn report(channel: [u8; 4], head: &[u8], part: &[u8]) -> [u8; REPORT_BYTES] {
    let mut report = [0_u8; REPORT_BYTES];
    let all = channel.iter().chain(head).chain(part);
    report.iter_mut().zip(all).for_each(|(to, byte)| *to = *byte);
    report
}
