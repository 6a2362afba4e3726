//! Fixed-point numbers of the desk: price, quantity and money; it must never hold or produce a float.
//!
//! Scales (they stay): [`Price`] 1e-9 of the currency, [`Qty`] 1e-6 of a unit, [`Money`] 1e-4 of the currency.
//! Intermediates are `i128`; every operation is checked; rounding is half to even (IEEE 754-2008, 4.3.1).

use alloc::string::String;
use core::fmt;

use minicbor::{Decode, Encode};

/// A price in 1e-9 of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Price(#[n(0)] pub i64);

/// A quantity in 1e-6 of a unit (share, contract); signed where it is a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Qty(#[n(0)] pub i64);

/// An amount of money in 1e-4 of its currency, signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Money(#[n(0)] pub i64);

/// Why a typed number was refused; nothing is ever guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// Nothing was given.
    Empty,
    /// A character other than digits, one leading minus and one point.
    NotANumber,
    /// A comma, space, exponent or plus sign: refused because readers disagree on what it means.
    Ambiguous,
    /// More decimals than the scale holds.
    TooPrecise,
    /// Beyond what 64 bits hold at this scale.
    OutOfRange,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no number was given",
            Self::NotANumber => "not a number",
            Self::Ambiguous => "write digits and one point only: no comma, space, exponent or plus sign",
            Self::TooPrecise => "more decimals than can be kept",
            Self::OutOfRange => "out of range",
        })
    }
}

impl core::error::Error for NumberError {}

/// An amount left the range its type can hold; a command that causes it is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("amount out of range")
    }
}

impl core::error::Error for Overflow {}

/// Divides half to even; `None` when `divisor` is zero or the quotient overflows.
#[must_use]
pub const fn div_half_even(dividend: i128, divisor: i128) -> Option<i128> {
    let (Some(quotient), Some(remainder)) = (dividend.checked_div(divisor), dividend.checked_rem(divisor)) else {
        return None;
    };
    let twice = match remainder.unsigned_abs().checked_mul(2) {
        Some(twice) => twice,
        None => return None,
    };
    let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    let size = divisor.unsigned_abs();
    if twice > size || (twice == size && quotient & 1 == 1) { quotient.checked_add(away) } else { Some(quotient) }
}

fn narrow(value: Option<i128>) -> Result<i64, Overflow> {
    value.and_then(|v| i64::try_from(v).ok()).ok_or(Overflow)
}

/// Reads `[-]digits[.digits]` at `decimals` decimal places; `1`, `1.`, `.5` and `-3.25` are numbers.
fn parse_fixed(text: &str, decimals: u32) -> Result<i64, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    if text.bytes().any(|b| matches!(b, b',' | b' ' | b'\t' | b'e' | b'E' | b'+' | b'_' | b'\'')) {
        return Err(NumberError::Ambiguous);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumberError::NotANumber);
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    let significant = fraction.trim_end_matches('0');
    let places = u32::try_from(significant.len()).map_err(|_| NumberError::TooPrecise)?;
    let missing = decimals.checked_sub(places).ok_or(NumberError::TooPrecise)?;
    let mut value: i64 = 0;
    for digit in whole.bytes().chain(significant.bytes()) {
        let step = i64::from(digit.wrapping_sub(b'0'));
        // Counting below zero lets i64::MIN be read too.
        value = value.checked_mul(10).and_then(|v| v.checked_sub(step)).ok_or(NumberError::OutOfRange)?;
    }
    value = 10_i64.checked_pow(missing).and_then(|p| value.checked_mul(p)).ok_or(NumberError::OutOfRange)?;
    if negative { Ok(value) } else { value.checked_neg().ok_or(NumberError::OutOfRange) }
}

/// Writes `value` at scale 10^-`scale` with at least `shown` decimals and no trailing zero beyond them.
fn write_fixed(f: &mut fmt::Formatter<'_>, value: i64, scale: u32, shown: u32) -> fmt::Result {
    let unit = 10_u64.pow(scale);
    let size = value.unsigned_abs();
    let whole = size.checked_div(unit).unwrap_or(0);
    let mut fraction = size.checked_rem(unit).unwrap_or(0);
    let mut places = scale;
    while places > shown && fraction.is_multiple_of(10) {
        fraction /= 10;
        places = places.saturating_sub(1);
    }
    if value < 0 {
        f.write_str("-")?;
    }
    if places == 0 {
        return write!(f, "{whole}");
    }
    let width = usize::try_from(places).unwrap_or(0);
    write!(f, "{whole}.{fraction:0width$}")
}

macro_rules! fixed {
    ($name:ident, $scale:literal, $shown:literal) => {
        impl $name {
            /// Decimal places of the scale.
            pub const DECIMALS: u32 = $scale;
            /// One whole unit.
            pub const ONE: Self = Self(10_i64.pow($scale));
            /// Nothing.
            pub const ZERO: Self = Self(0);

            /// Reads a plain decimal; see [`NumberError`] for what is refused.
            ///
            /// # Errors
            /// The reason the text is not such a number.
            pub fn parse(text: &str) -> Result<Self, NumberError> {
                parse_fixed(text, $scale).map(Self)
            }

            /// Sum.
            ///
            /// # Errors
            /// [`Overflow`] beyond 64 bits.
            pub fn plus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_add(other.0).map(Self).ok_or(Overflow)
            }

            /// Difference.
            ///
            /// # Errors
            /// [`Overflow`] beyond 64 bits.
            pub fn minus(self, other: Self) -> Result<Self, Overflow> {
                self.0.checked_sub(other.0).map(Self).ok_or(Overflow)
            }

            /// True for exactly zero.
            #[must_use]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// True below zero.
            #[must_use]
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }

            /// True above zero.
            #[must_use]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }
        }

        impl fmt::Display for $name {
            /// Plain decimal, as short as exactness allows; a precision asks for that many decimals at least.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let shown = f.precision().and_then(|p| u32::try_from(p).ok()).unwrap_or($shown).min($scale);
                write_fixed(f, self.0, $scale, shown)
            }
        }
    };
}

fixed!(Price, 9, 2);
fixed!(Qty, 6, 0);
fixed!(Money, 4, 2);

impl Price {
    /// `price x quantity x multiplier`, half to even to 1e-4.
    ///
    /// # Errors
    /// [`Overflow`] beyond what [`Money`] holds.
    pub fn notional(self, qty: Qty, multiplier: u32) -> Result<Money, Overflow> {
        // 1e-9 x 1e-6 = 1e-15; money is 1e-4.
        const SCALE: i128 = 100_000_000_000;
        let product =
            i128::from(self.0).checked_mul(i128::from(qty.0)).and_then(|p| p.checked_mul(i128::from(multiplier)));
        narrow(product.and_then(|p| div_half_even(p, SCALE))).map(Money)
    }

    /// Whole ticks from zero, or `None` off the grid or for a tick of zero or less.
    #[must_use]
    pub fn ticks(self, tick: Self) -> Option<i64> {
        if tick.0 <= 0 || self.0.checked_rem(tick.0)? != 0 {
            return None;
        }
        self.0.checked_div(tick.0)
    }
}

impl Qty {
    /// A whole number of units.
    ///
    /// # Errors
    /// [`Overflow`] beyond 64 bits.
    pub fn whole(units: i64) -> Result<Self, Overflow> {
        units.checked_mul(Self::ONE.0).map(Self).ok_or(Overflow)
    }

    /// True when this is a whole multiple of `lot` (and `lot` is above zero).
    #[must_use]
    pub fn is_multiple_of(self, lot: Self) -> bool {
        lot.0 > 0 && self.0.checked_rem(lot.0) == Some(0)
    }

    /// The smaller of two.
    #[must_use]
    pub fn at_most(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}

/// A currency, three capital letters (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// Reads three capital letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<C> Encode<C> for Currency {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(self.as_str())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Currency {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::parse(d.str()?).ok_or_else(|| minicbor::decode::Error::message("currency"))
    }
}

/// Renders with thousands separators, for a person: `12345.60` becomes `12,345.60`.
#[must_use]
pub fn grouped(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (at, ch) in whole.chars().enumerate() {
        if at > 0 && whole.len().saturating_sub(at) % 3 == 0 {
            out.push(',');
        }
        out.push(ch);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn reads_and_writes_plain_decimals() {
        for (text, want) in [
            ("189.50", 189_500_000_000),
            (".5", 500_000_000),
            ("-3.25", -3_250_000_000),
            ("7", 7_000_000_000),
            ("1.", 1_000_000_000),
        ] {
            assert_eq!(Price::parse(text), Ok(Price(want)), "{text}");
        }
        assert_eq!(Price::parse("189.5").map(|p| p.to_string()), Ok("189.50".to_string()));
        assert_eq!(Price(1).to_string(), "0.000000001");
        assert_eq!(Qty::parse("100").map(|q| q.to_string()), Ok("100".to_string()));
        assert_eq!(Money(-3_235_200).to_string(), "-323.52");
        assert_eq!(grouped("-1234567.89"), "-1,234,567.89");
    }

    #[test]
    fn refuses_what_readers_disagree_on() {
        for text in ["1,000", "1 000", "1e3", "+5", "189,50", "1_000"] {
            assert_eq!(Price::parse(text), Err(NumberError::Ambiguous), "{text}");
        }
        for text in ["", "-", ".", "abc", "1.2.3", "--1", "０"] {
            assert!(Price::parse(text).is_err(), "{text}");
        }
        assert_eq!(Qty::parse("0.0000001"), Err(NumberError::TooPrecise));
        assert_eq!(Price::parse("99999999999"), Err(NumberError::OutOfRange));
    }

    #[test]
    fn rounds_half_to_even() {
        assert_eq!(div_half_even(5, 2), Some(2));
        assert_eq!(div_half_even(7, 2), Some(4));
        assert_eq!(div_half_even(-5, 2), Some(-2));
        assert_eq!(div_half_even(-7, 2), Some(-4));
        assert_eq!(div_half_even(1, 0), None);
    }

    #[test]
    fn notional_is_exact_or_an_overflow() {
        let price = Price::parse("189.50").unwrap_or_default();
        let qty = Qty::parse("500").unwrap_or_default();
        assert_eq!(price.notional(qty, 1).map(|m| m.to_string()), Ok("94750.00".to_string()));
        assert_eq!(Price(i64::MAX).notional(Qty(i64::MAX), 1), Err(Overflow));
    }
}
