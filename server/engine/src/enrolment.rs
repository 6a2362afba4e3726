//! Enrolments under way: a code, the device shown with it, the issuer's word; it must know no secret and no name.

use alloc::string::String;

use minicbor::{Decode, Encode};
use turret_shared::digest::Digest;
use turret_shared::event::Event;
use turret_shared::event::setup::{BootstrapOpened, CodeMade, DeviceClaimed};
use turret_shared::ids::{CodeId, CredentialId, DeviceId, UserId};
use turret_shared::limits::ENROL_S_MAX;
use turret_shared::time::{NS_PER_S, Timestamp};

use crate::access::AccessView;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Enrolment {
    /// Whose device it will be.
    #[n(0)]
    pub user: UserId,
    /// Who made the code.
    #[n(1)]
    pub by: UserId,
    /// Void after this.
    #[n(2)]
    pub expires: Timestamp,
    /// The issuer let the device in: it may come for its certificate.
    #[n(3)]
    pub confirmed: bool,
    /// The device that was shown with the code.
    #[n(4)]
    pub claim: Option<Claim>,
}

/// A device shown with a code.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Claim {
    /// Its number.
    #[n(0)]
    pub device: DeviceId,
    /// SHA-256 of its public key.
    #[n(1)]
    pub key: Digest,
    /// What its holder reads out.
    #[n(2)]
    pub letters: String,
    /// Password and authenticator chosen with it.
    #[n(3)]
    pub factors: Option<(CredentialId, CredentialId)>,
}

impl Enrolment {
    /// When it came to where it stands: each step has the same time from then.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.expires.after_ns(until(Timestamp(0)).0.saturating_neg())
    }
}

/// [`ENROL_S_MAX`] from now.
pub(crate) fn until(now: Timestamp) -> Timestamp {
    now.after_ns(i64::try_from(ENROL_S_MAX).unwrap_or(i64::MAX).saturating_mul(NS_PER_S))
}

impl AccessView {
    /// What is under way with a code, if its time is not over.
    #[must_use]
    pub fn enrolment(&self, code: CodeId, now: Timestamp) -> Option<&Enrolment> {
        self.enrolments.get(&code).filter(|known| known.expires >= now)
    }

    /// All that is under way.
    pub fn enrolments(&self, now: Timestamp) -> impl Iterator<Item = (CodeId, &Enrolment)> {
        self.enrolments.iter().filter(move |(_, known)| known.expires >= now).map(|(code, known)| (*code, known))
    }

    /// The device with this number that waits for its issuer.
    #[must_use]
    pub fn waiting(&self, device: DeviceId, now: Timestamp) -> Option<(CodeId, &Enrolment, &Claim)> {
        self.enrolments(now).filter(|(_, known)| !known.confirmed).find_map(|(code, known)| {
            known.claim.as_ref().filter(|claim| claim.device == device).map(|claim| (code, known, claim))
        })
    }

    /// The highest number a device was ever shown or registered under: a word on a number is a word on one key for ever.
    #[must_use]
    pub const fn highest_device(&self) -> DeviceId {
        self.highest_device
    }

    pub(crate) fn evolve_enrolments(&mut self, time: Timestamp, event: &Event) {
        match event {
            Event::CodeMade(e) => self.code_made(e),
            Event::BootstrapOpened(e) => self.bootstrap_opened(e),
            Event::BootstrapClosed(_) => self.bootstrap = None,
            Event::DeviceClaimed(e) => self.device_claimed(e),
            Event::EnrolmentJudged(e) if e.confirmed => {
                if let (Some(known), Some(waiting)) = (self.enrolments.get(&e.code), self.bootstrap.as_mut()) {
                    waiting.retain(|user| *user != known.user);
                }
                if let Some(known) = self.enrolments.get_mut(&e.code) {
                    known.confirmed = true;
                    // However late the word came, its holder has the whole time to come for the certificate.
                    known.expires = until(time);
                }
            }
            Event::EnrolmentJudged(e) => {
                self.enrolments.remove(&e.code);
            }
            _ => {}
        }
    }

    /// The codes of the first people are nobody's but their own: there is no issuer yet.
    fn bootstrap_opened(&mut self, e: &BootstrapOpened) {
        for (code, user) in &e.codes {
            let known = Enrolment { user: *user, by: *user, expires: e.expires, confirmed: false, claim: None };
            self.enrolments.insert(*code, known);
        }
        self.bootstrap = Some(e.codes.iter().map(|(_, user)| *user).collect());
    }

    /// True until a new deployment's first people have all enrolled.
    #[must_use]
    pub const fn is_bootstrapping(&self) -> bool {
        self.bootstrap.is_some()
    }

    fn code_made(&mut self, e: &CodeMade) {
        // Every code is made for the same time: what was over when this one was made is forgotten.
        let made = e.expires.after_ns(until(Timestamp(0)).0.saturating_neg());
        self.enrolments.retain(|_, known| known.expires >= made && (known.user != e.user || known.confirmed));
        let known = Enrolment { user: e.user, by: e.by, expires: e.expires, confirmed: false, claim: None };
        self.enrolments.insert(e.code, known);
    }

    fn device_claimed(&mut self, e: &DeviceClaimed) {
        self.highest_device = self.highest_device.max(e.device);
        let Some(known) = self.enrolments.get_mut(&e.code) else { return };
        known.expires = e.expires;
        let factors = e.factors.map(|(password, totp, _)| (password, totp));
        known.claim = Some(Claim { device: e.device, key: e.key, letters: e.letters.clone(), factors });
    }
}
