//! A list that grows without moving what is in it; it must be read and appended only, like the log it comes from.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Items in one chunk.
const CHUNK: usize = 4_096;

/// A list in chunks.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    length: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), length: 0 }
    }
}

impl<T> Chunks<T> {
    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.chunks.get_mut(at / CHUNK)?.get_mut(at % CHUNK)
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(item),
            None => {
                // The first chunk grows as it is needed, for most lists stay small.
                let mut chunk = Vec::with_capacity(if self.chunks.is_empty() { 0 } else { CHUNK });
                chunk.push(item);
                self.chunks.push(chunk);
            }
        }
        self.length = self.length.saturating_add(1);
    }

    /// The place of an item in a list whose items grow. Most wanted are recent: it looks back from the end in growing
    /// steps, then between the last two.
    pub(crate) fn search(&self, compare: impl Fn(&T) -> Ordering) -> Option<usize> {
        let is = |at: usize, wanted: Ordering| self.get(at).is_some_and(|item| compare(item) == wanted);
        let (mut step, mut high) = (1_usize, self.length);
        let mut low = high.saturating_sub(step);
        while low > 0 && is(low, Ordering::Greater) {
            high = low;
            step = step.saturating_mul(4);
            low = low.saturating_sub(step);
        }
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            if is(middle, Ordering::Greater) {
                high = middle;
            } else {
                low = middle;
            }
        }
        is(low, Ordering::Equal).then_some(low)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

impl<T> FromIterator<T> for Chunks<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

impl<C, T: minicbor::Encode<C>> minicbor::Encode<C> for Chunks<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(u64::try_from(self.length).unwrap_or(u64::MAX))?;
        self.iter().try_for_each(|item| item.encode(e, ctx))
    }
}

impl<'b, C, T: minicbor::Decode<'b, C>> minicbor::Decode<'b, C> for Chunks<T> {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, minicbor::decode::Error> {
        let mut list = Self::default();
        for _ in 0..length(d)? {
            list.push(T::decode(d, ctx)?);
        }
        Ok(list)
    }
}

/// The head of a list of any length.
pub(crate) fn length(d: &mut minicbor::Decoder<'_>) -> Result<u64, minicbor::decode::Error> {
    d.array()?.ok_or_else(|| minicbor::decode::Error::message("length"))
}
