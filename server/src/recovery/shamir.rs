//! Shamir's secret sharing of 32 bytes over GF(2^8) (Shamir 1979; the field of FIPS 197): no branch and no table by a secret.
//!
//! It must know nothing of how a share is written down.

use turret_shared::secret::SecretKey;
use zeroize::Zeroizing;

use crate::random::{Random, RandomError, array};

/// A point of the 32 polynomials.
pub(super) struct Point {
    /// Never 0: there the secret is.
    pub(super) x: u8,
    pub(super) y: SecretKey,
}

/// `shares` points, of which any `threshold` give the secret and fewer tell nothing of it.
pub(super) fn split(secret: &SecretKey, threshold: u8, shares: u8, random: Random) -> Result<Vec<Point>, RandomError> {
    // Highest power first; the constant is the secret.
    let mut coefficients = Zeroizing::new(Vec::with_capacity(usize::from(threshold)));
    for _ in 1..threshold {
        coefficients.push(array::<32>(random)?);
    }
    coefficients.push(*secret.expose());
    let at = |x: u8| {
        let mut y = Zeroizing::new([0u8; 32]);
        for coefficient in coefficients.iter() {
            for (sum, term) in y.iter_mut().zip(coefficient) {
                *sum = mul(*sum, x) ^ term;
            }
        }
        Point { x, y: SecretKey::new(*y) }
    };
    Ok((1..=shares).map(at).collect())
}

/// What these points, each another, were split from; of too few, or of points of another secret, it is another.
pub(super) fn combine(points: &[Point]) -> SecretKey {
    let mut secret = Zeroizing::new([0u8; 32]);
    for (place, point) in points.iter().enumerate() {
        // Lagrange's basis polynomial of this point, at 0.
        let mut basis = 1;
        for (_, other) in points.iter().enumerate().filter(|(other, _)| *other != place) {
            basis = mul(basis, mul(other.x, inverse(other.x ^ point.x)));
        }
        for (sum, y) in secret.iter_mut().zip(point.y.expose()) {
            *sum ^= mul(basis, *y);
        }
    }
    SecretKey::new(*secret)
}

/// The product modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2).
fn mul(a: u8, b: u8) -> u8 {
    let (mut power, mut product) = (a, 0u8);
    for bit in 0..8 {
        product ^= power & 0u8.wrapping_sub(b >> bit & 1);
        power = (power << 1) ^ (0x1b & 0u8.wrapping_sub(power >> 7));
    }
    product
}

/// a^254: 1/a, and 0 of 0.
fn inverse(a: u8) -> u8 {
    let (mut power, mut product) = (a, 1);
    for _ in 1..8 {
        power = mul(power, power);
        product = mul(product, power);
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::system;

    #[test]
    fn the_field_is_that_of_fips_197() {
        assert_eq!((mul(0x57, 0x83), mul(0x57, 0x13), mul(0x57, 0x02)), (0xc1, 0xfe, 0xae));
        assert_eq!((inverse(0x53), inverse(1), inverse(0)), (0xca, 1, 0));
        assert!((1..=255).all(|a| mul(a, inverse(a)) == 1));
    }

    /// Every coefficient is 1.
    fn ones(bytes: &mut [u8]) -> Result<(), RandomError> {
        bytes.fill(1);
        Ok(())
    }

    #[test]
    fn points_are_those_worked_out_by_hand() {
        let secret = SecretKey::new([0x42; 32]);
        // s + x: 42^01, 42^02, 42^03.
        let line: Vec<u8> = split(&secret, 2, 3, ones).unwrap().iter().map(|point| point.y.expose()[0]).collect();
        assert_eq!(line, [0x43, 0x40, 0x41]);
        // s + x + x^2, with 2*2 = 4, 3*3 = 5, 4*4 = 10: 42^01^01, 42^02^04, 42^03^05, 42^04^10.
        let curve: Vec<u8> = split(&secret, 3, 4, ones).unwrap().iter().map(|point| point.y.expose()[31]).collect();
        assert_eq!(curve, [0x42, 0x44, 0x44, 0x56]);
    }

    #[test]
    fn any_threshold_of_the_points_gives_the_secret_and_one_fewer_does_not() {
        let secret = SecretKey::new(array(system).unwrap());
        for (threshold, shares) in [(2u8, 2u8), (2, 3), (3, 5), (5, 5)] {
            let points = split(&secret, threshold, shares, system).unwrap();
            for chosen in 0u32..1 << shares {
                let picked: Vec<Point> = points
                    .iter()
                    .filter(|point| chosen >> (point.x - 1) & 1 == 1)
                    .map(|point| Point { x: point.x, y: point.y.clone() })
                    .collect();
                let found = combine(&picked).expose() == secret.expose();
                assert_eq!(found, picked.len() >= usize::from(threshold), "{threshold} of {shares}: {chosen:b}");
            }
        }
    }
}
