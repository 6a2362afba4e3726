//! Vectors made by another implementation (pyca/cryptography), and one refusal for each fault there is; it must sign with
//! nothing but keys of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::digest::Digest;
use crate::ids::UserId;

const CHALLENGE: &str = "e0da8c0d12486be321fd3ae658f2d33f09fb320f9dd9cba46a53c684fcec78b7";
const CLIENT_DATA: &str = r#"{"type":"webauthn.get","challenge":"4NqMDRJIa-Mh_TrmWPLTPwn7Mg-d2cukalPGhPzseLc","origin":"https://desk.turret.example","crossOrigin":false}"#;
const CHANNEL: &str = "418dfb5d8129906e833e91b38e1c657b8ce16baafd6baa000a87cab2f1b81676";
const ES256_X: &str = "f9ebe464147cc102d92324d099d927c1a50e42d57a08a116ffec0a29819d8c65";
const ES256_Y: &str = "70baf7d12888902a6a0c1d67add103123c859ab69bf8e9431c9384930d4b7eee";
const ES256_SIGNATURE: &str = "3045022100c12fc78a4160ba072065cc4ba30e2a8f7b4f41f39167f281b198991b67e4a46e02201fe08edfcda968887f1dac65f58659dad31d90de9b26d3a3b608a0859a3ad5e4";
const EDDSA_KEY: &str = "79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664";
const EDDSA_SIGNATURE: &str = "4fd7d68819ed88a089724c2cf6042f1d6889907e0bbf1c2ba4c5ba0761365d04fe0af51e94c2fbc3c948e4430fff98007167231295b3761e537256bc03c54100";
const ORIGIN: &str = "turret.example/desk";
/// Present and verified.
const UP_UV: u8 = 0x05;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn intent() -> Intent<'static> {
    let exporter = core::array::from_fn(|at| u8::try_from(at).unwrap());
    Intent {
        purpose: Purpose::Command,
        origin: ORIGIN,
        user: UserId(7),
        credential: &[0x11; 16],
        nonce: [0x22; 32],
        channel: channel(&exporter),
        command: command_digest(b"BUY 100 AAPL", None),
    }
}

fn es256_bytes() -> Vec<u8> {
    unhex(&format!("a5010203262001215820{ES256_X}225820{ES256_Y}"))
}

fn key() -> PublicKey {
    PublicKey::read(&es256_bytes()).unwrap().0
}

fn secret() -> SigningKey {
    let mut scalar = [0_u8; 32];
    scalar[16..].copy_from_slice(&unhex("1234567890abcdef1234567890abcdef"));
    SigningKey::from_slice(&scalar).unwrap()
}

fn data(party: &str, flags: u8, counter: u32) -> Vec<u8> {
    let mut data = Sha256::digest(party.as_bytes()).to_vec();
    data.push(flags);
    data.extend_from_slice(&counter.to_be_bytes());
    data
}

fn sign(auth_data: Vec<u8>, intent: &Intent<'_>) -> Assertion {
    let mut message = auth_data.clone();
    message.extend_from_slice(&intent.client_data_hash().0);
    let signature: Signature = secret().sign(&message);
    Assertion { auth_data, signature: signature.to_der().as_bytes().to_vec() }
}

fn good() -> Assertion {
    sign(data("desk.turret.example", UP_UV, 42), &intent())
}

#[test]
fn the_construction_is_what_another_implementation_makes_of_it() {
    let intent = intent();
    assert_eq!(format!("{}", intent.channel), CHANNEL);
    assert_eq!(format!("{}", intent.challenge()), CHALLENGE);
    assert_eq!(client_data(&intent), CLIENT_DATA);
    assert_eq!(relying_party("load"), "load");
    assert_eq!(relying_party("a.b/c/d"), "d.c.a.b");
}

#[test]
fn signatures_of_another_implementation_verify() {
    let auth_data = data("desk.turret.example", UP_UV, 42);
    let es256 = Assertion { auth_data: auth_data.clone(), signature: unhex(ES256_SIGNATURE) };
    assert_eq!(verify(&intent(), &key(), &es256), Ok(42));
    let bytes = unhex(&format!("a4010103272006215820{EDDSA_KEY}"));
    let (ed, rest) = PublicKey::read(&bytes).unwrap();
    assert!(rest.is_empty());
    let eddsa = Assertion { auth_data, signature: unhex(EDDSA_SIGNATURE) };
    assert_eq!(verify(&intent(), &ed, &eddsa), Ok(42));
    assert_eq!(verify(&intent(), &ed, &es256), Err(AssertionFault::SignatureForm));
    let mut other = eddsa;
    other.signature[3] ^= 1;
    assert_eq!(verify(&intent(), &ed, &other), Err(AssertionFault::Signature));
}

#[test]
fn one_made_for_anything_else_is_refused() {
    let shown = good();
    assert_eq!(verify(&intent(), &key(), &shown), Ok(42));
    let other_channel = channel(&[9; 32]);
    let changed: [(&str, Intent<'_>); 8] = [
        ("purpose", Intent { purpose: Purpose::SignIn, ..intent() }),
        ("approval", Intent { purpose: Purpose::Approval, ..intent() }),
        ("log", Intent { origin: "desk/turret.example", ..intent() }),
        ("person", Intent { user: UserId(8), ..intent() }),
        ("credential", Intent { credential: &[0x12; 16], ..intent() }),
        ("nonce", Intent { nonce: [0x23; 32], ..intent() }),
        ("exporter", Intent { channel: other_channel, ..intent() }),
        ("command", Intent { command: command_digest(b"BUY 101 AAPL", None), ..intent() }),
    ];
    for (what, intent) in changed {
        let wanted = if what == "log" { AssertionFault::OtherParty } else { AssertionFault::Signature };
        assert_eq!(verify(&intent, &key(), &shown), Err(wanted), "{what}");
    }
}

#[test]
fn fields_cannot_be_moved_across_their_borders() {
    let one = Intent { origin: "ab", credential: b"c", ..intent() };
    let other = Intent { origin: "a", credential: b"bc", ..intent() };
    assert_ne!(one.challenge(), other.challenge());
    let commitment = Digest([5; 32]);
    assert_ne!(command_digest(b"x", Some(&commitment)), command_digest(b"x", None));
}

#[test]
fn threat_03_no_touch_no_verification_another_party_and_copyable_keys_are_refused() {
    let party = "desk.turret.example";
    let cases = [
        (data(party, 0x04, 42), AssertionFault::NotPresent),
        (data(party, 0x01, 42), AssertionFault::NotVerified),
        (data("turret.example", UP_UV, 42), AssertionFault::OtherParty),
        (data(party, UP_UV | 0x08, 42), AssertionFault::Copyable),
        (data(party, UP_UV | 0x18, 42), AssertionFault::Copyable),
        (data(party, UP_UV | 0x02, 42), AssertionFault::Extra),
        (data(party, UP_UV | 0x80, 42), AssertionFault::Extra),
        (data(party, UP_UV | 0x40, 42), AssertionFault::Extra),
    ];
    for (auth_data, fault) in cases {
        assert_eq!(verify(&intent(), &key(), &sign(auth_data, &intent())), Err(fault));
    }
}

#[test]
fn bytes_too_few_or_too_many_are_refused_though_they_are_signed() {
    let whole = data("desk.turret.example", UP_UV, 42);
    for length in 0..whole.len() {
        let cut = sign(whole[..length].to_vec(), &intent());
        assert_eq!(verify(&intent(), &key(), &cut), Err(AssertionFault::Malformed), "{length}");
    }
    let mut more = whole.clone();
    more.push(0);
    assert_eq!(verify(&intent(), &key(), &sign(more.clone(), &intent())), Err(AssertionFault::Extra));
    more.resize(AUTH_DATA_BYTES_MAX + 1, 0);
    assert_eq!(verify(&intent(), &key(), &sign(more, &intent())), Err(AssertionFault::TooLong));
    let long = Assertion { signature: vec![0; SIGNATURE_BYTES_MAX + 1], ..good() };
    assert_eq!(verify(&intent(), &key(), &long), Err(AssertionFault::TooLong));
    let id = [0; CREDENTIAL_ID_BYTES_MAX + 1];
    assert_eq!(verify(&Intent { credential: &id, ..intent() }, &key(), &good()), Err(AssertionFault::TooLong));
}

#[test]
fn only_canonical_signatures_and_keys_are_taken() {
    let mut trailing = good();
    trailing.signature.push(0);
    assert_eq!(verify(&intent(), &key(), &trailing), Err(AssertionFault::SignatureForm));
    // The same numbers with a needless zero before the first.
    let mut padded = good();
    let length = padded.signature[3];
    padded.signature[1] += 1;
    padded.signature[3] = length + 1;
    padded.signature.insert(4, 0);
    assert_eq!(verify(&intent(), &key(), &padded), Err(AssertionFault::SignatureForm));
    let read = |bytes: &[u8]| PublicKey::read(bytes).map(|_| ());
    let canonical = es256_bytes();
    assert_eq!(read(&canonical), Ok(()));
    let mut off_curve = canonical.clone();
    off_curve[76] ^= 1;
    // {3: -7, 1: 2, ...}: the same members in another order.
    let mut reordered = canonical.clone();
    reordered[1..5].copy_from_slice(&[0x03, 0x26, 0x01, 0x02]);
    let mut rs256 = canonical.clone();
    rs256[4] = 0x38;
    let weak = unhex(&format!("a4010103272006215820{}", "00".repeat(32)));
    for bad in [&off_curve[..], &reordered, &rs256, &canonical[..76], &weak, &[]] {
        assert_eq!(read(bad), Err(AssertionFault::Key));
    }
}

#[test]
fn threat_03_a_counter_that_stands_or_goes_back_is_refused() {
    let cases = [
        (0, 1, true, Ok(())),
        (41, 42, true, Ok(())),
        (42, 42, true, Err(AssertionFault::Counter)),
        (42, 41, true, Err(AssertionFault::Counter)),
        (42, 0, true, Err(AssertionFault::Counter)),
        (0, 0, true, Ok(())),
        (0, 0, false, Err(AssertionFault::Counter)),
    ];
    for (kept, shown, uncounted, wanted) in cases {
        assert_eq!(judge_counter(kept, shown, uncounted), wanted, "{kept} {shown} {uncounted}");
    }
}

/// A registration of the key above, attested by itself.
fn registration(intent: &Intent<'_>) -> Registration {
    let mut auth_data = data("desk.turret.example", 0x45, 3);
    auth_data.extend_from_slice(&[0xAA; 16]);
    auth_data.extend_from_slice(&[0, 16]);
    auth_data.extend_from_slice(&[0x11; 16]);
    auth_data.extend_from_slice(&es256_bytes());
    let Assertion { signature, .. } = sign(auth_data.clone(), intent);
    let mut statement = vec![0xA2];
    statement.extend_from_slice(b"\x63alg\x26\x63sig\x58");
    statement.push(u8::try_from(signature.len()).unwrap());
    statement.extend_from_slice(&signature);
    Registration { auth_data, format: String::from("packed"), statement }
}

fn registering() -> Intent<'static> {
    Intent { purpose: Purpose::Register, credential: &[], command: command_digest(&[], None), ..intent() }
}

#[test]
fn a_registration_says_its_credential_and_how_far_it_is_attested() {
    let intent = registering();
    assert!(client_data(&intent).starts_with(r#"{"type":"webauthn.create","#));
    let made = registration(&intent);
    let (new, attested) = made.verify(&intent).unwrap();
    assert_eq!((new.counter, new.aaguid, new.id, attested), (3, [0xAA; 16], &[0x11; 16][..], Attested::Itself));
    assert_eq!((new.key, new.key_bytes), (key(), &es256_bytes()[..]));
    let none = Registration { format: String::from("none"), statement: vec![0xA0], ..made.clone() };
    assert_eq!(none.verify(&intent).map(|(_, attested)| attested), Ok(Attested::Not));
    // {"alg": -7, "sig": h'00', "x5c": [h'01']}
    let statement = b"\xA3\x63alg\x26\x63sig\x41\x00\x63x5c\x81\x41\x01".to_vec();
    let maker = Registration { statement, ..made };
    assert_eq!(maker.verify(&intent).map(|(_, attested)| attested), Ok(Attested::Maker));
}

#[test]
fn registrations_that_are_not_whole_or_not_for_this_are_refused() {
    let intent = registering();
    let made = registration(&intent);
    let fault = |made: &Registration, intent: &Intent<'_>| made.verify(intent).map(|_| ()).unwrap_err();
    let elsewhere = Intent { nonce: [1; 32], ..registering() };
    assert_eq!(fault(&made, &elsewhere), AssertionFault::Attestation);
    for length in 37..made.auth_data.len() {
        let cut = Registration { auth_data: made.auth_data[..length].to_vec(), ..made.clone() };
        let fault = fault(&cut, &intent);
        assert!(matches!(fault, AssertionFault::Malformed | AssertionFault::Key), "{length}: {fault:?}");
    }
    let mut more = made.clone();
    more.auth_data.push(0);
    assert_eq!(fault(&more, &intent), AssertionFault::Extra);
    let mut bare = made.clone();
    bare.auth_data[32] = UP_UV;
    assert_eq!(fault(&bare, &intent), AssertionFault::Malformed);
    let mut unverified = made.clone();
    unverified.auth_data[32] = 0x41;
    assert_eq!(fault(&unverified, &intent), AssertionFault::NotVerified);
    for (format, statement) in [("tpm", vec![0xA0]), ("none", vec![0xA1, 0, 0]), ("packed", vec![0xA0])] {
        let odd = Registration { format: format.into(), statement, ..made.clone() };
        assert_eq!(fault(&odd, &intent), AssertionFault::Attestation, "{format}");
    }
    let mut trailing = made.clone();
    trailing.statement.push(0);
    assert_eq!(fault(&trailing, &intent), AssertionFault::Attestation);
    let long = Registration { statement: vec![0; STATEMENT_BYTES_MAX + 1], ..made };
    assert_eq!(fault(&long, &intent), AssertionFault::TooLong);
}
