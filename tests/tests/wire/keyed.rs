//! People who hold security keys, by frames of their own: registering, asked to sign, signing; it must leave what is signed to
//! the product's own construction.

use turret_client::keys::{KeyCeremony, NewWanted, SignWanted, command_signed};
use turret_shared::assertion::{Assertion, Registration};
use turret_shared::command::{Command, NewOrder, Verb};
use turret_shared::ids::{ClOrdId, CredentialId, PendingId, UserId};
use turret_shared::money::Qty;
use turret_shared::order::{OrdType, Side, TimeInForce};
use turret_shared::secret::SecretText;
use turret_shared::wire::control::{ClientFrame, Outcome, ServerFrame};
use turret_shared::wire::keys::{KeyAsked, SignAsked};
use turret_shared::wire::query::{AnswerBody, Ask};

use super::client::{Control, command};
use super::house::House;
use super::token::{PIN, Token, drawn};

pub(crate) const LOGIN: &str = "ann.lee";

/// Somebody at one connection, Ann unless said otherwise, with their key at hand.
pub(crate) struct Holder<'a> {
    pub(crate) house: &'a House,
    pub(crate) login: &'static str,
    pub(crate) control: Control,
    pub(crate) origin: String,
    pub(crate) user: UserId,
    pub(crate) requests: u64,
}

impl<'a> Holder<'a> {
    pub(crate) async fn hello(house: &'a House) -> Self {
        Self::hello_as(house, LOGIN).await
    }

    pub(crate) async fn hello_as(house: &'a House, login: &'static str) -> Self {
        let (control, welcome) = Control::hello(&house.person(login), house.address).await;
        Self { house, login, control, origin: welcome.origin, user: UserId(0), requests: 1_000_000 }
    }

    /// Ann, in by her code.
    pub(crate) async fn by_code(house: &'a House) -> Self {
        Self::by_code_as(house, LOGIN).await
    }

    pub(crate) async fn by_code_as(house: &'a House, login: &'static str) -> Self {
        let mut one = Self::hello_as(house, login).await;
        let person = house.person(login);
        let code = person.code_of(house.clock.step());
        let ServerFrame::SignedIn(signed_in) = one.control.factors(login, &person.password, &code).await else {
            panic!("in")
        };
        one.user = signed_in.user.user;
        one
    }

    /// Ann's password was taken; the key is asked for.
    pub(crate) async fn asked_for_key(house: &'a House) -> (Self, KeyAsked) {
        let mut one = Self::hello(house).await;
        let password = SecretText::new(house.person(LOGIN).password);
        one.control.say(&ClientFrame::Password { login: LOGIN.into(), password }).await;
        assert!(matches!(one.control.hear().await, ServerFrame::CodeWanted));
        one.control.say(&ClientFrame::KeyWanted).await;
        let ServerFrame::KeyAsked(asked) = one.control.hear().await else { panic!("asked") };
        one.user = asked.user;
        (one, *asked)
    }

    pub(crate) fn ceremony(&self) -> KeyCeremony {
        KeyCeremony::on(&self.control.connection, &self.origin, self.user).expect("a channel")
    }

    pub(crate) async fn ask(&mut self, frame: impl FnOnce(u64) -> ClientFrame) -> Outcome {
        self.requests += 1;
        let request = self.requests;
        self.control.say(&frame(request)).await;
        self.control.outcome(request).await
    }

    pub(crate) async fn offer(&mut self) -> KeyAsked {
        let Outcome::KeyOffer(offer) = self.ask(|request| ClientFrame::KeyOffered { request }).await else {
            panic!("an offer")
        };
        *offer
    }

    /// Makes a credential on a key and registers it with the next code.
    pub(crate) async fn register(&mut self, token: &mut Token) -> Outcome {
        let offer = self.offer().await;
        let known: Vec<&[u8]> = offer.keys.iter().map(|key| key.id.as_slice()).collect();
        let ceremony = self.ceremony();
        let wanted = NewWanted { intent: ceremony.register(offer.nonce), known: &known };
        let registration = token.register(&wanted, PIN, &drawn()).expect("a credential");
        self.house.clock.advance_s(30);
        let code = SecretText::new(self.house.person(self.login).code_of(self.house.clock.step()));
        self.new_key(code, registration).await
    }

    pub(crate) async fn new_key(&mut self, code: SecretText, registration: Registration) -> Outcome {
        let password = SecretText::new(self.house.person(self.login).password);
        self.ask(|request| ClientFrame::NewKey { request, code, registration, password }).await
    }

    /// A bid for so many MSFT at its reference: over the threshold from some 300 on.
    pub(crate) async fn bid(&mut self, name: &str, units: i64, text: &str) -> Command {
        let AnswerBody::Instruments(listings) = self.control.ask(Ask::Instruments).await.remove(0).body else {
            panic!("listings")
        };
        let listing = listings.into_iter().find(|one| one.symbol == "MSFT").unwrap();
        let mut command = command(Verb::OrderNew(NewOrder {
            cl_ord_id: ClOrdId::new(name).unwrap(),
            account: "A1001".into(),
            symbol: listing.symbol,
            side: Side::Buy,
            qty: Qty::whole(units).unwrap(),
            ord_type: OrdType::Limit,
            price: Some(listing.reference),
            stop_px: None,
            tif: TimeInForce::Day,
            confirmed: true,
            text: text.into(),
            saw: None,
        }));
        command.expires = command.expires.after_ns(3_600_000_000_000);
        command
    }

    pub(crate) async fn send(&mut self, command: &Command) -> (PendingId, SignAsked) {
        let request = self.control.command_bytes(command.to_bytes()).await;
        match self.control.outcome(request).await {
            Outcome::StepUp { pending, sign: Some(sign), .. } => (pending, *sign),
            other => panic!("a signature is asked for, not {other:?}"),
        }
    }

    pub(crate) async fn give(&mut self, pending: PendingId, credential: CredentialId, assertion: Assertion) -> Outcome {
        self.ask(|request| ClientFrame::Signed { request, pending, credential, assertion }).await
    }
}

pub(crate) fn registered(outcome: &Outcome) -> CredentialId {
    match outcome {
        Outcome::KeyRegistered { credential } => *credential,
        other => panic!("registered, not {other:?}"),
    }
}

/// What a key says to an order that was sent.
pub(crate) fn sign(one: &Holder<'_>, token: &mut Token, command: &Command, asked: &SignAsked) -> Assertion {
    let digest = command_signed(command, asked.text.as_ref()).expect("what is signed");
    let ceremony = one.ceremony();
    let intent = ceremony.command(&command.verb, asked.nonce, &asked.keys[0].id, digest);
    token.sign(&SignWanted { intent }, PIN, &drawn()).expect("a signature")
}

pub(crate) fn is_taken(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Proof(outcomes) if matches!(outcomes[..], [Outcome::Order(_)]))
}

pub(crate) fn is_refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::ProofRefused { spent: false, .. })
}
