//! One log entry: fourteen fields around an event's body, in the one encoding that is hashed and kept for ever.
//!
//! It must not know what an event does, and must never renumber or reorder a field: old entries decode for ever.
//!
//! `[version, sequence, time, actor, device, session, source, kind, kind version, object, outcome, reason, correlation, body]`
//! as a deterministic CBOR array (RFC 8949, 4.2.1). `actor` is a user id, or -1 engine, -2 venue, -3 operator; absent
//! fields are null; `object` is `[kind, id]`; `body` is the event's own array.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder};

use crate::cbor::Out;
use crate::event::{Event, EventError};
use crate::ids::{ConnectionId, CorrelationId, DeviceId, Sequence, SessionId, UserId};
use crate::limits::ENTRY_BYTES_MAX;
use crate::time::Timestamp;

/// Version of the entry format.
pub const ENTRY_VERSION: u8 = 1;
/// Fields of the array.
const FIELDS: u64 = 14;

/// Who caused an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The engine itself: timers.
    Engine,
    /// The venue.
    Venue,
    /// Whoever runs the server: set-up, start, stop.
    Operator,
    /// A person.
    User(UserId),
}

impl<C> Encode<C> for Actor {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.i64(match self {
            Self::Engine => -1,
            Self::Venue => -2,
            Self::Operator => -3,
            Self::User(user) => i64::from(user.0),
        })?
        .ok()
    }
}

impl<'b, C> Decode<'b, C> for Actor {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        match d.i64()? {
            -1 => Ok(Self::Engine),
            -2 => Ok(Self::Venue),
            -3 => Ok(Self::Operator),
            user => u32::try_from(user)
                .map(|user| Self::User(UserId(user)))
                .map_err(|_| minicbor::decode::Error::message("actor")),
        }
    }
}

/// Where an entry comes from: the same for every entry of one decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// On which device.
    pub device: Option<DeviceId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// Over which connection.
    pub source: Option<ConnectionId>,
    /// What a person may quote.
    pub correlation: CorrelationId,
}

impl Origin {
    /// Of an actor without device, session or connection.
    #[must_use]
    pub const fn of(actor: Actor, correlation: CorrelationId) -> Self {
        Self { actor, device: None, session: None, source: None, correlation }
    }
}

/// Place, time and origin of an entry: all the fold needs besides the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Place in the log.
    pub sequence: Sequence,
    /// When it was decided.
    pub time: Timestamp,
    /// From where.
    pub origin: Origin,
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// Which kind of thing.
    pub kind: ObjectKind,
    /// Its number.
    pub id: u64,
}

/// Kinds of [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum ObjectKind {
    /// An order.
    #[n(0)]
    Order,
    /// An account.
    #[n(1)]
    Account,
    /// A listing.
    #[n(2)]
    Instrument,
    /// A person.
    #[n(3)]
    User,
    /// A device.
    #[n(4)]
    Device,
    /// A session.
    #[n(5)]
    Session,
    /// A desk.
    #[n(6)]
    Desk,
    /// A credential.
    #[n(7)]
    Credential,
    /// A command waiting for its proof.
    #[n(8)]
    Pending,
    /// A connection.
    #[n(9)]
    Connection,
}

/// How an entry ended, in the audit's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryOutcome {
    /// As wished.
    #[n(0)]
    Ok,
    /// Our no to an order or a question.
    #[n(1)]
    Denied,
    /// Either's no to an amend or cancel.
    #[n(2)]
    Refused,
    /// A sign-in or proof that failed, or the venue's no.
    #[n(3)]
    Failed,
    /// Recorded though it surprises.
    #[n(4)]
    Flagged,
}

impl EntryOutcome {
    /// `ok`, `denied`, `refused`, `failed`, `flagged`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Flagged => "flagged",
        }
    }
}

/// One entry, decoded but for its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place, time, origin.
    pub head: Head,
    /// Number of the event's kind.
    pub kind: u16,
    /// Version of that kind.
    pub kind_version: u8,
    /// What it is about.
    pub object: Option<Object>,
    /// How it ended.
    pub outcome: EntryOutcome,
    /// Code behind the outcome.
    pub reason: Option<Cow<'static, str>>,
    /// The event's own array.
    pub body: Vec<u8>,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryError {
    /// Longer than `ENTRY_BYTES_MAX`.
    TooLong,
    /// Not an array of fourteen fields of the right types, or not its one encoding.
    Malformed,
    /// An entry version this code does not know.
    UnknownVersion,
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "entry too long",
            Self::Malformed => "malformed entry",
            Self::UnknownVersion => "unknown entry version",
        })
    }
}

impl core::error::Error for EntryError {}

/// Appends the entry of `event` to `out`: what the sequencer calls for each event.
pub fn write(head: &Head, event: &Event, out: &mut Vec<u8>) {
    let mut e = Encoder::new(Out(out));
    // Writing to a Vec cannot fail.
    let _ = write_head(&mut e, head, event.kind(), event.version());
    let _ = write_meaning(&mut e, head, event.object(head), event.outcome(), event.reason().as_deref());
    event.encode_body(e.into_writer().0);
}

/// The bytes of one entry.
#[must_use]
pub fn to_bytes(head: &Head, event: &Event) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(head, event, &mut out);
    out
}

type Written = Result<(), minicbor::encode::Error<core::convert::Infallible>>;

fn write_head(e: &mut Encoder<Out<'_>>, head: &Head, kind: u16, kind_version: u8) -> Written {
    let origin = &head.origin;
    e.array(FIELDS)?.u8(ENTRY_VERSION)?.u64(head.sequence.0)?.i64(head.time.0)?;
    e.encode(origin.actor)?.encode(origin.device)?.encode(origin.session)?.encode(origin.source)?;
    e.u16(kind)?.u8(kind_version)?.ok()
}

fn write_meaning(
    e: &mut Encoder<Out<'_>>,
    head: &Head,
    object: Option<Object>,
    outcome: EntryOutcome,
    reason: Option<&str>,
) -> Written {
    match object {
        Some(object) => e.array(2)?.encode(object.kind)?.u64(object.id)?,
        None => e.null()?,
    };
    e.encode(outcome)?.encode(reason)?.u64(head.origin.correlation.0)?.ok()
}

impl Entry {
    /// The entry of an event.
    #[must_use]
    pub fn record(head: &Head, event: &Event) -> Self {
        let mut body = Vec::with_capacity(128);
        event.encode_body(&mut body);
        Self {
            head: *head,
            kind: event.kind(),
            kind_version: event.version(),
            object: event.object(head),
            outcome: event.outcome(),
            reason: event.reason(),
            body,
        }
    }

    /// The one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len().saturating_add(64));
        let mut e = Encoder::new(Out(&mut out));
        // Writing to a Vec cannot fail.
        let _ = write_head(&mut e, &self.head, self.kind, self.kind_version);
        let _ = write_meaning(&mut e, &self.head, self.object, self.outcome, self.reason.as_deref());
        out.extend_from_slice(&self.body);
        out
    }

    /// Decodes and insists on the one encoding of the thirteen fields before the body.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(EntryError::TooLong);
        }
        let mut d = Decoder::new(bytes);
        let entry = read(&mut d, bytes)?;
        if d.position() == bytes.len() && entry.to_bytes() == bytes { Ok(entry) } else { Err(EntryError::Malformed) }
    }

    /// The event in the body.
    ///
    /// # Errors
    /// [`EventError`] for a kind or version this code does not know, or a body not of its shape.
    pub fn event(&self) -> Result<Event, EventError> {
        Event::decode_body(self.kind, self.kind_version, &self.body)
    }
}

fn read(d: &mut Decoder<'_>, bytes: &[u8]) -> Result<Entry, EntryError> {
    if d.array().ok().flatten() != Some(FIELDS) {
        return Err(EntryError::Malformed);
    }
    if d.u8().map_err(|_| EntryError::Malformed)? != ENTRY_VERSION {
        return Err(EntryError::UnknownVersion);
    }
    read_fields(d, bytes).map_err(|_| EntryError::Malformed)
}

fn read_fields(d: &mut Decoder<'_>, bytes: &[u8]) -> Result<Entry, minicbor::decode::Error> {
    let (sequence, time) = (Sequence(d.u64()?), Timestamp(d.i64()?));
    let (actor, device, session, source) = (d.decode()?, d.decode()?, d.decode()?, d.decode()?);
    let (kind, kind_version) = (d.u16()?, d.u8()?);
    let object = read_object(d)?;
    let outcome = d.decode()?;
    let reason = d.decode::<Option<&str>>()?.map(|text| Cow::Owned(text.into()));
    let correlation = CorrelationId(d.u64()?);
    let start = d.position();
    d.skip()?;
    let body = bytes.get(start..d.position()).unwrap_or_default().to_vec();
    let origin = Origin { actor, device, session, source, correlation };
    Ok(Entry { head: Head { sequence, time, origin }, kind, kind_version, object, outcome, reason, body })
}

fn read_object(d: &mut Decoder<'_>) -> Result<Option<Object>, minicbor::decode::Error> {
    if d.datatype()? == minicbor::data::Type::Null {
        d.null()?;
        return Ok(None);
    }
    if d.array()? != Some(2) {
        return Err(minicbor::decode::Error::message("object"));
    }
    Ok(Some(Object { kind: d.decode()?, id: d.u64()? }))
}
