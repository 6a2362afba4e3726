//! Every ClOrdID that was used, by whom and for what; it must forget none, for a name means one command for ever.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decoder, Encoder};
use turret_shared::digest::Digest;
use turret_shared::ids::{ClOrdId, UserId};

use super::chunks::Chunks;
use super::hashing::{Index, Key};
use super::packed::{Packer, Unpacker};
use super::position::NONE;

/// What a ClOrdID was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Used {
    /// An order, or a request about one: its place.
    Order(u32),
    /// A mass cancel, with what was answered.
    CancelAll(u32, u32),
}

/// A ClOrdID that was used.
#[derive(Debug, Clone, Copy)]
struct Name {
    /// The first half of the command's digest: the same command comes with the same.
    half: (u64, u64),
    /// Where its letters lie, and in the last byte how many.
    letters: u64,
    /// By whom.
    user: UserId,
    /// The order's place, or `NONE` for a mass cancel.
    order: u32,
}

impl Name {
    const fn start(&self) -> u64 {
        self.letters.wrapping_shr(8)
    }

    const fn length(&self) -> u8 {
        (self.letters & 0xff) as u8
    }
}

/// What is known of a ClOrdID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    half: (u64, u64),
    /// For what.
    pub(crate) used: Used,
}

impl Known {
    /// The same command again?
    pub(crate) fn is_command(&self, digest: &Digest) -> bool {
        self.half == half_of(digest)
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    key: Key,
    list: Chunks<Name>,
    letters: Vec<u8>,
    /// What a mass cancel was answered, by its name's place.
    mass: BTreeMap<u32, (u32, u32)>,
    index: Index,
}

impl Names {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, ..Self::default() }
    }

    /// The ClOrdID as typed.
    pub(crate) fn cl_ord_id(&self, place: u32) -> Option<ClOrdId> {
        let text = letters_of(&self.letters, self.at(place)?);
        core::str::from_utf8(text).ok().and_then(|text| ClOrdId::new(text).ok())
    }

    /// What a person used the name for before.
    pub(crate) fn used(&self, user: UserId, id: &ClOrdId) -> Option<Known> {
        let text = id.as_bytes();
        let same = |place: u32| {
            self.at(place).is_some_and(|name| name.user == user && letters_of(&self.letters, name) == text)
        };
        let place = self.index.find(self.key.near_text(user.0.into(), text), same)?;
        self.at(place).map(|name| Known { half: name.half, used: self.used_for(place, name) })
    }

    /// Records a name, to be found from now on; its place.
    pub(crate) fn record(&mut self, user: UserId, id: &ClOrdId, used: Used, digest: &Digest) -> u32 {
        let text = id.as_bytes();
        let place = u32::try_from(self.list.len()).unwrap_or(NONE);
        let start = u64::try_from(self.letters.len()).unwrap_or(u64::MAX);
        let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
        self.letters.extend_from_slice(text);
        let order = self.order_of(place, used);
        self.list.push(Name { half: half_of(digest), letters: letters_at(start, length), user, order });
        self.index.insert(self.key.near_text(user.0.into(), text), place);
        place
    }

    fn at(&self, place: u32) -> Option<&Name> {
        self.list.get(usize::try_from(place).ok()?)
    }

    fn used_for(&self, place: u32, name: &Name) -> Used {
        match self.mass.get(&place) {
            Some((requested, already)) if name.order == NONE => Used::CancelAll(*requested, *already),
            _ => Used::Order(name.order),
        }
    }

    fn order_of(&mut self, place: u32, used: Used) -> u32 {
        match used {
            Used::Order(order) => order,
            Used::CancelAll(requested, already) => {
                self.mass.insert(place, (requested, already));
                NONE
            }
        }
    }

    /// The list, then the letters.
    pub(crate) fn write<W: minicbor::encode::Write>(
        &self,
        e: &mut Encoder<W>,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(u64::try_from(self.list.len()).unwrap_or(u64::MAX))?;
        for (place, name) in (0_u32..).zip(self.list.iter()) {
            let mut packer = Packer::new();
            packer.array(5).unsigned(name.user.0).unsigned(name.start()).unsigned(name.length()).array(2);
            match self.used_for(place, name) {
                Used::Order(order) => packer.unsigned(0_u8).array(1).unsigned(order),
                Used::CancelAll(requested, already) => {
                    packer.unsigned(1_u8).array(2).unsigned(requested).unsigned(already)
                }
            };
            packer.array(2).unsigned(name.half.0).unsigned(name.half.1);
            packer.write(e)?;
        }
        e.bytes(&self.letters)?.ok()
    }

    /// What [`Names::write`] wrote.
    pub(crate) fn read(key: Key, d: &mut Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        let mut names = Self::new(key);
        for place in 0..u32::try_from(super::chunks::length(d)?).unwrap_or(NONE) {
            let (name, used) = Unpacker::read(d, unpack)?;
            let order = names.order_of(place, used);
            names.list.push(Name { order, ..name });
        }
        names.letters = d.bytes()?.to_vec();
        let Self { list, letters, index, .. } = &mut names;
        index.reserve(list.len());
        for (place, name) in (0_u32..).zip(list.iter()) {
            index.insert(key.near_text(name.user.0.into(), letters_of(letters, name)), place);
        }
        Ok(names)
    }
}

fn unpack(u: &mut Unpacker<'_>) -> Option<(Name, Used)> {
    u.array(5)?;
    let (user, start, length) = (UserId(u.unsigned()?), u.unsigned()?, u.unsigned()?);
    u.array(2)?;
    let used = match u.unsigned::<u8>()? {
        0 => {
            u.array(1)?;
            Used::Order(u.unsigned()?)
        }
        1 => {
            u.array(2)?;
            Used::CancelAll(u.unsigned()?, u.unsigned()?)
        }
        _ => return None,
    };
    u.array(2)?;
    let half = (u.unsigned()?, u.unsigned()?);
    Some((Name { half, letters: letters_at(start, length), user, order: NONE }, used))
}

/// Sixteen bytes of a digest.
fn half_of(digest: &Digest) -> (u64, u64) {
    let (parts, _) = digest.0.as_chunks::<8>();
    let part = |at: usize| parts.get(at).map_or(0, |bytes| u64::from_be_bytes(*bytes));
    (part(0), part(1))
}

const fn letters_at(start: u64, length: u8) -> u64 {
    start.wrapping_shl(8) | length as u64
}

fn letters_of<'a>(letters: &'a [u8], name: &Name) -> &'a [u8] {
    usize::try_from(name.start())
        .ok()
        .and_then(|start| letters.get(start..start.saturating_add(name.length().into())))
        .unwrap_or_default()
}
