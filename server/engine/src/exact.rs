//! Exact amounts in 1e-15 of a currency (price x quantity x multiplier) on 128 bits; it must never round unasked.

use minicbor::{Decode, Encode};
use turret_shared::money::{Money, Price, Qty, div_half_even};

/// Exact units in one unit of [`Money`].
pub(crate) const PER_MONEY: i128 = 100_000_000_000;

/// An exact amount, in 1e-15 of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Exact(pub(crate) i128);

impl Exact {
    pub(crate) const ZERO: Self = Self(0);

    /// `price x qty x multiplier`. Limits on each keep it far inside 128 bits; beyond, it stops at the end.
    pub(crate) const fn product(price: Price, qty: Qty, multiplier: u32) -> Self {
        // Two 64-bit numbers always fit.
        let both = (price.0 as i128).wrapping_mul(qty.0 as i128);
        Self(if multiplier == 1 { both } else { both.saturating_mul(multiplier as i128) })
    }

    pub(crate) const fn from_money(money: Money) -> Self {
        // 64 bits and 37 always fit.
        Self((money.0 as i128).wrapping_mul(PER_MONEY))
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub(crate) const fn twice(self) -> Self {
        Self(self.0.saturating_mul(2))
    }

    pub(crate) const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// This much of it: `part / whole`, toward zero, for 0 <= part <= whole and whole above zero.
    pub(crate) fn share(self, part: i64, whole: i64) -> Self {
        let (part, whole) = (i128::from(part), i128::from(whole));
        // Split so that nothing leaves 128 bits: (q + r/whole) x part.
        let (Some(quotient), Some(rest)) = (self.0.checked_div(whole), self.0.checked_rem(whole)) else {
            return Self::ZERO;
        };
        let small = rest.saturating_mul(part).checked_div(whole).unwrap_or(0);
        Self(quotient.saturating_mul(part).saturating_add(small))
    }

    /// Nearest, half to even, stopping at the ends.
    pub(crate) fn to_money(self) -> Money {
        Money(clamp(div_half_even(self.0, PER_MONEY).unwrap_or(0)))
    }

    /// Toward minus infinity: what is surely there.
    pub(crate) const fn to_money_floor(self) -> Money {
        Money(clamp(self.0.div_euclid(PER_MONEY)))
    }

    /// Toward plus infinity: what is needed at most.
    pub(crate) const fn to_money_ceiling(self) -> Money {
        Money(clamp(self.0.saturating_neg().div_euclid(PER_MONEY).saturating_neg()))
    }

    /// Price for one unit of `qty`, half to even; `None` for none.
    pub(crate) fn per_unit(self, qty: i64, multiplier: u32) -> Option<Price> {
        let units = i128::from(qty).checked_mul(i128::from(multiplier))?;
        div_half_even(self.0, units).and_then(|p| i64::try_from(p).ok()).map(Price)
    }
}

/// Stops at the ends of 64 bits.
pub(crate) const fn clamp(value: i128) -> i64 {
    if value > i64::MAX as i128 {
        i64::MAX
    } else if value < i64::MIN as i128 {
        i64::MIN
    } else {
        value as i64
    }
}

impl<C> Encode<C> for Exact {
    /// A plain integer where it fits 64 bits, else sixteen bytes, big end first.
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match i64::try_from(self.0) {
            Ok(small) => e.i64(small)?.ok(),
            Err(_) => e.bytes(&self.0.to_be_bytes())?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Exact {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        if d.datatype()? == minicbor::data::Type::Bytes {
            let bytes = d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("exact amount"))?;
            return Ok(Self(i128::from_be_bytes(bytes)));
        }
        d.i64().map(|small| Self(small.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_neither_overflows_nor_drifts() {
        let big = Exact(90_000_000_000_000_000_000_000_000_000_000_000);
        assert_eq!(big.share(i64::MAX, i64::MAX), big);
        assert_eq!(Exact(10).share(1, 3), Exact(3));
        assert_eq!(Exact(-10).share(1, 3), Exact(-3));
        assert_eq!(Exact(7).share(0, 3), Exact(0));
    }

    #[test]
    fn money_is_rounded_as_asked() {
        let half = PER_MONEY / 2;
        assert_eq!(Exact(half).to_money(), Money(0));
        assert_eq!(Exact(half + PER_MONEY).to_money(), Money(2));
        assert_eq!(Exact(1).to_money_ceiling(), Money(1));
        assert_eq!(Exact(-1).to_money_floor(), Money(-1));
        assert_eq!(Exact(i128::MAX).to_money(), Money(i64::MAX));
    }
}
