//! One device enrolling: code and key, factors, the wait for the issuer, the certificate; it must tell every refusal in one way.

use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, Incoming, RecvStream, SendStream, VarInt};
use turret_certs::DevicePublic;
use turret_shared::event::ops::EnrolFault;
use turret_shared::ids::{CodeId, DeviceId, UserId};
use turret_shared::limits::{FRAME_BYTES_MAX_UNAUTHENTICATED, UNAUTHENTICATED_S_MAX};
use turret_shared::password::PasswordFault;
use turret_shared::secret::{EnrolSecret, SecretText};
use turret_shared::time::NS_PER_S;
use turret_shared::wire::enrol::{EnrolReply, EnrolRequest, Enrolled, FactorFault};
use turret_shared::wire::{FrameError, decode_frame, put_frame};
use zeroize::Zeroizing;

use super::claim::{Claim, Factors, Seed, claim};
use super::door::Enrolling;
use super::judged::{Standing, judge, needs_factors, standing};
use super::limits::{BUSY_RETRY_S, FACTOR_TRIES_MAX, KEPT_S_MAX, LOOK_MS};
use crate::auth::{base32, matched_step};
use crate::guard::Fault;
use crate::guard::faults::Stage;
use crate::net::admission::{first_stream, handshake};
use crate::net::contain::contain;
use crate::net::conversation::{Leave, word};
use crate::net::frames::FrameBuffer;
use crate::net::limits::{GOODBYE_MS_MAX, READ_BYTES_MAX, WRITE_S_MAX};
use crate::net::renewal;
use crate::net::shared::Shared;

struct Talk {
    shared: Arc<Shared>,
    enrolling: Arc<Enrolling>,
    connection: Connection,
    send: SendStream,
    recv: RecvStream,
    frames: FrameBuffer,
    out: Zeroizing<Vec<u8>>,
}

/// Serves one validated attempt until it is over.
pub(super) async fn serve(shared: &Arc<Shared>, enrolling: Arc<Enrolling>, incoming: Incoming) {
    let Some(connection) = handshake(shared, incoming).await else { return };
    let talk = {
        let (shared, connection) = (Arc::clone(shared), connection.clone());
        async move {
            let (send, recv) = match first_stream(&connection).await {
                Ok(streams) => streams,
                Err(leave) => return leave,
            };
            // Room for what holds a secret: growing would leave unwiped copies behind.
            let out = Zeroizing::new(Vec::with_capacity(FRAME_BYTES_MAX_UNAUTHENTICATED));
            let frames = FrameBuffer::default();
            Talk { shared, enrolling, connection, send, recv, frames, out }.hold().await
        }
    };
    let code = match contain(talk).await {
        Ok(leave) => leave.code(),
        Err(_) => {
            shared.panicked();
            Leave::Fallen.code()
        }
    };
    connection.close(VarInt::from_u32(code.code()), b"");
}

impl Talk {
    async fn hold(mut self) -> Leave {
        let leave = self.enrol().await.err().unwrap_or(Leave::Done);
        if self.flush().await.is_ok() && self.send.finish().is_ok() {
            let _ = tokio::time::timeout(Duration::from_millis(GOODBYE_MS_MAX), self.send.stopped()).await;
        }
        leave
    }

    async fn enrol(&mut self) -> Result<(), Leave> {
        let EnrolRequest::Open { secret, key } = self.frame(UNAUTHENTICATED_S_MAX).await? else {
            return Err(self.bad(Stage::Sequence, "enrol_unopened"));
        };
        let Ok(public) = DevicePublic::of_request(&key) else { return Err(self.bad(Stage::Frame, "enrol_key")) };
        let Some((code, user, standing)) = self.opened(secret, &public).await? else { return Ok(()) };
        if standing == Standing::Fresh && !self.fresh(code, user, &public).await? {
            return Ok(());
        }
        self.wait(code, user, &public).await
    }

    /// What the code is worth; `None` after a refusal.
    async fn opened(
        &mut self,
        secret: EnrolSecret,
        public: &DevicePublic,
    ) -> Result<Option<(CodeId, UserId, Standing)>, Leave> {
        let address = self.connection.remote_address().ip();
        let vault = Arc::clone(self.shared.auth.vault());
        let Ok(Ok(known)) = tokio::task::spawn_blocking(move || vault.code_of(&secret)).await else {
            self.put(&EnrolReply::Busy { retry_after_s: BUSY_RETRY_S });
            return Ok(None);
        };
        match judge(known, &self.shared.access.now(), &public.digest, self.shared.clock.wall()) {
            Ok(found) => {
                self.enrolling.tries().cleared(address);
                Ok(Some(found))
            }
            Err(_) if self.enrolling.tries().wait_s(address, self.shared.now_ns()) > 0 => {
                // A good code waits for nobody's bad ones; of these only one a while is told why, and counted as more.
                let wait_s = self.enrolling.tries().wait_s(address, self.shared.now_ns());
                self.refuse(None, EnrolFault::Throttled, wait_s);
                Ok(None)
            }
            Err((user, fault)) => {
                let fresh = self.shared.fresh_correlation();
                let wait_s = self.enrolling.tries().failed(address, self.shared.now_ns(), fresh);
                self.refuse(user, fault, wait_s);
                Ok(None)
            }
        }
    }

    fn refuse(&mut self, user: Option<UserId>, fault: EnrolFault, retry_after_s: u32) {
        let address = self.connection.remote_address().ip();
        let correlation = self.enrolling.tries().row(address, self.shared.fresh_correlation());
        self.shared.fault_in_row(correlation, Fault::Enrol(user, fault));
        self.put(&EnrolReply::Refused { correlation, retry_after_s });
    }

    /// An unused code: factors if they are wanted, then the claim. False when that did not come about.
    async fn fresh(&mut self, code: CodeId, user: UserId, public: &DevicePublic) -> Result<bool, Leave> {
        let seed = if needs_factors(&self.shared.access.now(), user) {
            let Ok(seed) = crate::random::array(self.shared.random) else {
                self.put(&EnrolReply::Busy { retry_after_s: BUSY_RETRY_S });
                return Ok(false);
            };
            Some(Seed::new(seed))
        } else {
            None
        };
        let authenticator = seed.as_ref().map(|seed| SecretText::new(base32(seed.as_slice())));
        let (login, origin) = (self.shared.names.login(user), self.shared.deployment.origin.clone());
        self.put(&EnrolReply::Known { login, origin, authenticator });
        self.flush().await?;
        let factors = match seed {
            None => None,
            Some(seed) => match self.factors(code, user, seed).await? {
                Some(factors) => Some(factors),
                None => return Ok(false),
            },
        };
        let (shared, enrolling) = (Arc::clone(&self.shared), Arc::clone(&self.enrolling));
        let (public, connection) = (public.clone(), self.connection.clone());
        let wanted = Claim { code, user, public, factors, connection };
        // Not a part of the connection: begun, it is brought to its end, or the vault might hold what the log does not say.
        let claimed = tokio::spawn(claim(shared, enrolling, wanted)).await.unwrap_or(false);
        if !claimed {
            self.put(&EnrolReply::Busy { retry_after_s: BUSY_RETRY_S });
        }
        Ok(claimed)
    }

    /// A password that may be one, and a code that shows that the authenticator works; as long as the code lives, no longer.
    async fn factors(&mut self, of: CodeId, user: UserId, seed: Seed) -> Result<Option<Factors>, Leave> {
        for _ in 0..FACTOR_TRIES_MAX {
            let now = self.shared.clock.wall();
            let left_ns = self.shared.access.now().enrolment(of, now).map_or(0, |known| known.expires.since(now));
            let left_s = u64::try_from(left_ns / NS_PER_S).unwrap_or(0);
            if left_s == 0 {
                self.put(&EnrolReply::Ended);
                return Ok(None);
            }
            let EnrolRequest::Factors { password, code } = self.frame(left_s).await? else {
                return Err(self.bad(Stage::Sequence, "enrol_factors"));
            };
            let now_s = u64::try_from(self.shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
            let judged = self.shared.judge_password(user, &password);
            let fault = match (judged, matched_step(&seed, code.expose(), now_s)) {
                (Err(PasswordFault::Common), _) => FactorFault::Common,
                (Err(_), _) => FactorFault::Password,
                (Ok(()), None) => FactorFault::Code,
                (Ok(()), Some(step)) => return Ok(Some(Factors { password, seed, step })),
            };
            self.put(&EnrolReply::FactorsRefused(fault));
            self.flush().await?;
        }
        self.refuse(Some(user), EnrolFault::Factors, BUSY_RETRY_S);
        Ok(None)
    }

    /// Until the issuer has spoken, or the time is over.
    async fn wait(&mut self, code: CodeId, user: UserId, public: &DevicePublic) -> Result<(), Leave> {
        let mut access = self.shared.access.clone();
        let mut is_told = false;
        loop {
            let (view, now) = (access.now(), self.shared.clock.wall());
            match standing(&view, code, &public.digest, now) {
                Some(Standing::Confirmed(device)) => return self.certify(code, user, device, public).await,
                Some(Standing::Waiting) => {
                    if !is_told {
                        let left_ns = view.enrolment(code, now).map_or(0, |known| known.expires.since(now));
                        let left_s = u32::try_from(left_ns / NS_PER_S).unwrap_or(0);
                        self.put(&EnrolReply::Pending { left_s });
                        self.flush().await?;
                        is_told = true;
                    }
                }
                Some(Standing::Fresh) | None => {
                    self.put(&EnrolReply::Ended);
                    return Ok(());
                }
            }
            tokio::select! {
                view = access.changed() => if view.is_none() {
                    return Err(Leave::Stopping);
                },
                chunk = self.recv.read_chunk(READ_BYTES_MAX, true) => return Err(match chunk {
                    Ok(Some(_)) => self.bad(Stage::Sequence, "enrol_waiting"),
                    Ok(None) | Err(_) => Leave::Gone,
                }),
                // Time passes without a change.
                () = tokio::time::sleep(Duration::from_millis(LOOK_MS)) => {}
            }
        }
    }

    async fn certify(
        &mut self,
        code: CodeId,
        user: UserId,
        device: DeviceId,
        public: &DevicePublic,
    ) -> Result<(), Leave> {
        let now_s = u64::try_from(self.shared.clock.wall().0 / NS_PER_S).unwrap_or(0);
        let Some(certificate) = renewal::certify(&self.enrolling.authority, device, public.clone(), now_s).await else {
            self.put(&EnrolReply::Busy { retry_after_s: BUSY_RETRY_S });
            return Ok(());
        };
        let (login, port) = (self.shared.names.login(user), self.enrolling.port);
        let environment = self.shared.deployment.environment;
        let authority = self.enrolling.authority.certificate_pem().to_owned();
        let enrolled = Enrolled { certificate, device, login, environment, port, authority };
        self.put(&EnrolReply::Enrolled(Box::new(enrolled)));
        self.flush().await?;
        match self.frame(KEPT_S_MAX).await? {
            EnrolRequest::Kept => {
                self.enrolling.keep(code);
                Ok(())
            }
            _ => Err(self.bad(Stage::Sequence, "enrol_kept")),
        }
    }

    /// The next frame: small, and whole within the time.
    async fn frame(&mut self, s_max: u64) -> Result<EnrolRequest, Leave> {
        let read = tokio::time::timeout(Duration::from_secs(s_max), self.whole_frame());
        read.await.map_err(|_| Leave::TooSlow)?
    }

    async fn whole_frame(&mut self) -> Result<EnrolRequest, Leave> {
        loop {
            match self.frames.next(FRAME_BYTES_MAX_UNAUTHENTICATED) {
                Ok(Some(body)) => {
                    let decoded: Result<EnrolRequest, FrameError> = decode_frame(body);
                    // A code or a password was in it.
                    self.frames.wipe_taken();
                    return decoded.map_err(|error| self.bad(Stage::Frame, word(error)));
                }
                Ok(None) => {}
                Err(error) => return Err(self.bad(Stage::Frame, word(error))),
            }
            match self.recv.read_chunk(READ_BYTES_MAX, true).await {
                Ok(Some(chunk)) => self.frames.push(&chunk.bytes),
                Ok(None) | Err(_) => return Err(Leave::Gone),
            }
        }
    }

    fn bad(&self, stage: Stage, what: &'static str) -> Leave {
        self.shared.fault(None, Fault::BadInput(stage, what));
        Leave::Bad
    }

    fn put(&mut self, reply: &EnrolReply) {
        if put_frame(reply, &mut self.out).is_err() {
            tracing::error!("an answer was longer than a frame and is lost");
        }
    }

    async fn flush(&mut self) -> Result<(), Leave> {
        if self.out.is_empty() {
            return Ok(());
        }
        let writing = self.send.write_all(&self.out);
        let written = tokio::time::timeout(Duration::from_secs(WRITE_S_MAX), writing).await;
        // The seed of an authenticator may be among it.
        zeroize::Zeroize::zeroize(&mut self.out);
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Leave::Gone),
            Err(_) => Err(Leave::TooSlow),
        }
    }
}
