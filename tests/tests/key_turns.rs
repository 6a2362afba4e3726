//! One turn with a key after another, against a real key's firmware at a socket: found, PIN, touch, given up, late; it must use no
//! server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use turret_client::clock;
use turret_client::keys::{Hand, KeyError, Plugged, SIMULATED_PIN, Said, Turn};
use turret_shared::assertion::{Intent, PublicKey, Purpose, command_digest, verify};
use turret_shared::ids::{CredentialId, UserId};
use turret_shared::secret::SecretText;
use turret_shared::wire::keys::KeyName;
use turret_tests::simulated_key::plug_in;

const ORIGIN: &str = "turret.example/desk";

fn intent<'a>(purpose: Purpose, credential: &'a [u8]) -> Intent<'a> {
    let channel = turret_shared::assertion::channel(&[2; 32]);
    let command = command_digest(b"what she reads", None);
    Intent { purpose, origin: ORIGIN, user: UserId(7), credential, nonce: [1; 32], channel, command }
}

/// A turn with the key at a socket, what is done about it, and what it waited for.
fn turn(socket: &Path, within: Duration) -> (Turn, Sender<Hand>, Receiver<Said>) {
    let (hand, hands) = channel();
    let (told, said) = channel();
    let says = Box::new(move |one: Said| {
        // Nobody may be left to hear it.
        let _ = told.send(one);
    });
    let plugged = Plugged::Simulated(socket.to_path_buf());
    (Turn { plugged, says, hands, until: clock::instant() + within }, hand, said)
}

/// The same with the fingers that do everything right.
fn willing(socket: &Path) -> Turn {
    let (turn, hand, _) = turn(socket, Duration::from_secs(60));
    for one in [Hand::Pin(SecretText::new(SIMULATED_PIN.into())), Hand::Touch] {
        hand.send(one).unwrap();
    }
    // Whoever lets go gives up.
    std::mem::forget(hand);
    turn
}

fn registered(socket: &Path) -> (KeyName, PublicKey) {
    let made = willing(socket).register(intent(Purpose::Register, &[]), &[]).expect("a credential");
    let (new, _) = made.verify(&intent(Purpose::Register, &[])).expect("made for this");
    (KeyName { credential: CredentialId(9), id: new.id.to_vec(), suspended: false }, new.key)
}

fn signs(turn: &Turn, keys: &[KeyName]) -> Result<CredentialId, KeyError> {
    turn.sign(ORIGIN, keys, |id| intent(Purpose::Command, id)).map(|(credential, _)| credential)
}

#[test]
fn threat_03_a_suspended_another_and_an_unregistered_key_sign_nothing_and_say_so() {
    let temp = tempfile::tempdir().unwrap();
    let socket = temp.path().join("key");
    assert_eq!(
        signs(&willing(&socket), &[KeyName { credential: CredentialId(1), id: vec![1], suspended: false }]),
        Err(KeyError::None)
    );
    plug_in(&socket, None).unwrap();
    let (name, key) = registered(&socket);
    let (credential, assertion) = willing(&socket)
        .sign(ORIGIN, std::slice::from_ref(&name), |id| intent(Purpose::Command, id))
        .expect("it signs");
    assert_eq!(credential, name.credential);
    assert!(verify(&intent(Purpose::Command, &name.id), &key, &assertion).is_ok());
    assert!(verify(&intent(Purpose::SignIn, &name.id), &key, &assertion).is_err(), "for nothing else");
    assert_eq!(signs(&willing(&socket), &[]), Err(KeyError::Unregistered));
    let other = KeyName { credential: CredentialId(2), id: vec![8; 64], suspended: false };
    assert_eq!(signs(&willing(&socket), &[other]), Err(KeyError::NotThisKey));
    let suspended = KeyName { suspended: true, ..name.clone() };
    assert_eq!(signs(&willing(&socket), &[suspended]), Err(KeyError::Suspended));
    let known = willing(&socket).register(intent(Purpose::Register, &[]), &[name]);
    assert_eq!(known.err(), Some(KeyError::Known));
}

#[test]
fn a_turn_asks_again_for_a_wrong_pin_and_ends_when_given_up_or_late() {
    let temp = tempfile::tempdir().unwrap();
    let socket = temp.path().join("key");
    plug_in(&socket, None).unwrap();
    let (name, _) = registered(&socket);
    let (turned, hand, said) = turn(&socket, Duration::from_secs(60));
    for one in [
        // Before its time it touches nothing.
        Hand::Touch,
        Hand::Pin(SecretText::new("1357".into())),
        Hand::Pin(SecretText::new(SIMULATED_PIN.into())),
        Hand::Touch,
    ] {
        hand.send(one).unwrap();
    }
    assert_eq!(signs(&turned, std::slice::from_ref(&name)), Ok(name.credential));
    let said: Vec<Said> = said.try_iter().collect();
    let [Said::Pin { tries, wrong: false }, Said::Pin { tries: left, wrong: true }, Said::Touch] = said[..] else {
        panic!("{said:?}")
    };
    assert_eq!(left, tries - 1);

    let (turned, hand, _) = turn(&socket, Duration::from_secs(60));
    drop(hand);
    assert_eq!(signs(&turned, std::slice::from_ref(&name)), Err(KeyError::GivenUp));
    let (turned, hand, said) = turn(&socket, Duration::from_millis(300));
    hand.send(Hand::Pin(SecretText::new(SIMULATED_PIN.into()))).unwrap();
    assert_eq!(signs(&turned, &[name]), Err(KeyError::NotTouched), "nobody touched it");
    assert_eq!(said.try_iter().last(), Some(Said::Touch));
}
