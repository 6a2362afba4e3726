//! Why one end closes a connection, as the QUIC application code both know; it must say nothing of a cause inside.

/// Application close codes (RFC 9000, 19.19). Never renumbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// Nothing is wrong: the client leaves, or the session ended and said so.
    Done,
    /// This device is not let in, whatever the reason.
    DeviceRefused,
    /// Bytes that are no frame, or a frame out of turn.
    BadFrame,
    /// Hello, sign-in or the rest of a frame did not come in time, or our answers were not read.
    TooSlow,
    /// A budget of connections, handshakes, streams or messages is used up.
    TooMuch,
    /// No protocol or client version both take.
    Version,
    /// The server stops: come back.
    Stopping,
    /// Our fault; the correlation id was sent before, where there was time.
    Internal,
    /// The session goes on over a newer connection.
    Resumed,
    /// A code this end does not know.
    Unknown,
}

impl CloseCode {
    /// Every code that is sent.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::DeviceRefused,
        Self::BadFrame,
        Self::TooSlow,
        Self::TooMuch,
        Self::Version,
        Self::Stopping,
        Self::Internal,
        Self::Resumed,
    ];

    /// On the wire.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::Done => 0,
            Self::DeviceRefused => 1,
            Self::BadFrame => 2,
            Self::TooSlow => 3,
            Self::TooMuch => 4,
            Self::Version => 5,
            Self::Stopping => 6,
            Self::Internal | Self::Unknown => 7,
            Self::Resumed => 8,
        }
    }

    /// From the wire.
    #[must_use]
    pub fn from_code(code: u64) -> Self {
        Self::ALL.into_iter().find(|known| u64::from(known.code()) == code).unwrap_or(Self::Unknown)
    }

    /// One short sentence for a person.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Done => "connection closed",
            Self::DeviceRefused => "this device is not let in",
            Self::BadFrame => "the server did not understand",
            Self::TooSlow => "too slow",
            Self::TooMuch => "too much at once; try again later",
            Self::Version => "this client is too old or too new for the server",
            Self::Stopping => "the server is stopping",
            Self::Internal | Self::Unknown => "something went wrong",
            Self::Resumed => "the session goes on elsewhere",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for close in CloseCode::ALL {
            assert_eq!(CloseCode::from_code(u64::from(close.code())), close);
        }
        assert_eq!(CloseCode::from_code(99), CloseCode::Unknown);
    }
}
