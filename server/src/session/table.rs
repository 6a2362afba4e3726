//! Every live session, whether a connection carries it just now or not; it must not end one by itself, only say what is due.

use std::collections::BTreeMap;

use turret_engine::Session;
use turret_shared::ids::{ConnectionId, CredentialId, DeviceId, SessionId, UserId};
use turret_shared::secret::SessionToken;
use turret_shared::time::{NS_PER_S, Timestamp};
use turret_shared::wire::control::SessionEnd;

use super::deadlines::Deadlines;
use super::token::TokenHash;

/// Live sessions at once; beyond it nobody signs in.
pub const SESSIONS_MAX: usize = 4_096;

/// The end of a session is asked for again when it is not durable after this, in nanoseconds.
const END_AGAIN_NS: u64 = 5_000_000_000;

/// Ends kept of sessions whose start was not told here yet: starts and ends of one commit come over different ways.
const ENDS_AHEAD_MAX: usize = 256;

/// One live session.
#[derive(Debug)]
pub struct Live {
    /// Who.
    pub user: UserId,
    /// On which device; a token from any other is misuse.
    pub device: DeviceId,
    /// The credential its proofs come from.
    pub credential: CredentialId,
    /// Of its token.
    pub token: TokenHash,
    /// A script's.
    pub script: bool,
    /// When it ends by itself.
    pub deadlines: Deadlines,
    /// Which connection carries it.
    pub carrier: Option<ConnectionId>,
    /// When its end was last asked for.
    pub end_asked_ns: Option<u64>,
}

/// A session goes on over another connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// The credential its proofs come from.
    pub credential: CredentialId,
    /// A script's.
    pub script: bool,
    /// The connection that carried it until now, if it has not gone yet.
    pub superseded: Option<ConnectionId>,
}

/// Why a token resumes nothing; the client is told no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeRefused {
    /// Nobody's token, or that of a session that has ended.
    Unknown,
    /// The token of a live session, shown by another device: that session must end and the device be locked.
    OtherDevice {
        /// The session whose token it is.
        session: SessionId,
        /// Its rightful user.
        user: UserId,
    },
}

/// Every live session, and how the last one of each user ended.
#[derive(Debug, Default)]
pub struct SessionTable {
    live: BTreeMap<SessionId, Live>,
    last_ends: BTreeMap<UserId, SessionEnd>,
    ends_ahead: BTreeMap<SessionId, SessionEnd>,
}

impl SessionTable {
    /// True when no further session fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.live.len() >= SESSIONS_MAX
    }

    /// A session began, or was found live in the log after a restart. `Some` when its end was told before: it is over.
    #[must_use]
    pub fn began(&mut self, session: SessionId, live: Live) -> Option<SessionEnd> {
        let Some(reason) = self.ends_ahead.remove(&session) else {
            self.live.insert(session, live);
            return None;
        };
        self.last_ends.insert(live.user, reason);
        Some(reason)
    }

    /// One session.
    #[must_use]
    pub fn get(&self, session: SessionId) -> Option<&Live> {
        self.live.get(&session)
    }

    /// Takes a token shown by a device. Every session's hash is compared, so that time tells nothing.
    ///
    /// # Errors
    /// [`ResumeRefused`].
    pub fn resume(
        &mut self,
        token: &SessionToken,
        device: DeviceId,
        carrier: ConnectionId,
        now_ns: u64,
    ) -> Result<Resumed, ResumeRefused> {
        let shown = TokenHash::of(token);
        let mut found = None;
        for (id, live) in &mut self.live {
            if live.token.is(&shown) {
                found = Some((*id, live));
            }
        }
        let Some((session, live)) = found else { return Err(ResumeRefused::Unknown) };
        if live.device != device {
            return Err(ResumeRefused::OtherDevice { session, user: live.user });
        }
        if live.deadlines.end(now_ns).is_some() {
            return Err(ResumeRefused::Unknown);
        }
        let superseded = live.carrier.replace(carrier);
        let Live { user, credential, script, .. } = *live;
        Ok(Resumed { session, user, credential, script, superseded })
    }

    /// A person did something.
    pub fn touch(&mut self, session: SessionId, now_ns: u64) {
        if let Some(live) = self.live.get_mut(&session) {
            live.deadlines.touch(now_ns);
        }
    }

    /// Seconds left until idle and absolute end.
    #[must_use]
    pub fn left_s(&self, session: SessionId, now_ns: u64) -> Option<(u32, u32)> {
        self.live.get(&session).map(|live| live.deadlines.left_s(now_ns))
    }

    /// The connection went away; the session lives on, unless another connection carries it already.
    pub fn let_go(&mut self, session: SessionId, connection: ConnectionId) {
        if let Some(live) = self.live.get_mut(&session) {
            live.carrier = live.carrier.filter(|carrier| *carrier != connection);
        }
    }

    /// Sessions whose time is over and whose end has not just been asked for.
    pub fn due(&mut self, now_ns: u64) -> Vec<(SessionId, SessionEnd)> {
        let mut due = Vec::new();
        for (id, live) in &mut self.live {
            let Some(end) = live.deadlines.end(now_ns) else { continue };
            let asked = live.end_asked_ns.is_some_and(|at| now_ns.saturating_sub(at) < END_AGAIN_NS);
            if !asked {
                live.end_asked_ns = Some(now_ns);
                due.push((*id, end));
            }
        }
        due
    }

    /// The end of a session is durable.
    pub fn ended(&mut self, session: SessionId, reason: SessionEnd) -> Option<Live> {
        let Some(live) = self.live.remove(&session) else {
            // Ids only grow: the lowest is the one that waited longest.
            if self.ends_ahead.len() >= ENDS_AHEAD_MAX {
                self.ends_ahead.pop_first();
            }
            self.ends_ahead.insert(session, reason);
            return None;
        };
        self.last_ends.insert(live.user, reason);
        Some(live)
    }

    /// Takes up a session found live in the log after a restart: its idle time counts from its last durable act.
    pub fn recorded(&mut self, id: SessionId, session: &Session, wall: Timestamp, now_ns: u64) {
        let seconds = |since: Timestamp| u64::try_from(wall.since(since).max(0) / NS_PER_S).unwrap_or(0);
        let live = Live {
            user: session.user,
            device: session.device,
            credential: session.credential,
            token: TokenHash::recorded(session.token),
            script: session.script,
            deadlines: Deadlines::since(now_ns, seconds(session.started), seconds(session.acted)),
            carrier: None,
            end_asked_ns: None,
        };
        // No end was told before the log was read.
        let _ = self.began(id, live);
    }

    /// How the user's last session ended, as far as this process knows.
    #[must_use]
    pub fn last_end(&self, user: UserId) -> Option<SessionEnd> {
        self.last_ends.get(&user).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: [u8; 32] = [3; 32];

    fn table() -> SessionTable {
        let mut table = SessionTable::default();
        for n in 1..=3_u8 {
            let live = Live {
                user: UserId(u32::from(n)),
                device: DeviceId(u32::from(n)),
                credential: CredentialId(1),
                token: TokenHash::of(&SessionToken::new([n; 32])),
                script: false,
                deadlines: Deadlines::starting(0),
                carrier: Some(ConnectionId(u64::from(n))),
                end_asked_ns: None,
            };
            assert_eq!(table.began(SessionId(u64::from(n)), live), None);
        }
        table
    }

    #[test]
    fn an_end_told_before_its_start_leaves_no_session_behind() {
        let mut table = table();
        let live = table.ended(SessionId(3), SessionEnd::Idle).unwrap();
        let (user, token) = (live.user, SessionToken::new(TOKEN));
        assert!(table.ended(SessionId(9), SessionEnd::Replaced).is_none());
        assert_eq!(table.began(SessionId(9), live), Some(SessionEnd::Replaced));
        assert!(table.get(SessionId(9)).is_none());
        assert_eq!(table.last_end(user), Some(SessionEnd::Replaced));
        assert_eq!(table.resume(&token, DeviceId(3), ConnectionId(8), 0), Err(ResumeRefused::Unknown));
        // Ends that never find a start do not pile up.
        for id in 10..10_000 {
            table.ended(SessionId(id), SessionEnd::Idle);
        }
        assert_eq!(table.ends_ahead.len(), ENDS_AHEAD_MAX);
    }

    #[test]
    fn a_token_works_on_its_own_device_and_while_its_session_lives() {
        let token = SessionToken::new(TOKEN);
        let mut table = table();
        let resumed = table.resume(&token, DeviceId(3), ConnectionId(9), 0).unwrap();
        assert_eq!((resumed.session, resumed.superseded), (SessionId(3), Some(ConnectionId(3))));
        // The old connection going away afterwards takes nothing with it.
        table.let_go(SessionId(3), ConnectionId(3));
        assert_eq!(table.get(SessionId(3)).unwrap().carrier, Some(ConnectionId(9)));
        let misused = table.resume(&token, DeviceId(2), ConnectionId(8), 0);
        assert_eq!(misused, Err(ResumeRefused::OtherDevice { session: SessionId(3), user: UserId(3) }));
        let stranger = SessionToken::new([9; 32]);
        assert_eq!(table.resume(&stranger, DeviceId(3), ConnectionId(8), 0), Err(ResumeRefused::Unknown));
        let late = 16 * 60 * 1_000_000_000;
        assert_eq!(table.resume(&token, DeviceId(3), ConnectionId(8), late), Err(ResumeRefused::Unknown));
        assert_eq!(table.due(late).len(), 3);
        assert!(table.due(late).is_empty(), "asked for once");
        assert_eq!(table.due(late + END_AGAIN_NS).len(), 3);
        table.ended(SessionId(3), SessionEnd::Idle);
        assert_eq!(table.last_end(UserId(3)), Some(SessionEnd::Idle));
        assert_eq!(table.resume(&token, DeviceId(3), ConnectionId(8), 0), Err(ResumeRefused::Unknown));
    }
}
