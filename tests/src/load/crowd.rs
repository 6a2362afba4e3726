//! A crowd that gives passwords at once; it must take nothing from who is measured that it would not take from elsewhere.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use tokio::task::JoinSet;
use turret_client::credentials::Credentials;
use turret_shared::secret::SecretText;

use super::ceiling_client::Broken;
use super::line::Knock;

/// People at the door at once, as far as there are devices for them.
const CROWD: usize = 200;
/// Of one device: as many as the server lets it have, less one.
const OF_A_DEVICE: usize = 31;
/// How far its own work steps back (nice): two hundred workstations have processors of their own, and these run on the two
/// that are measured.
const STEPS_BACK: i32 = 19;

/// What became of them.
pub(super) struct Answered {
    /// Told that the password is wrong.
    pub(super) looked_at: u32,
    /// Told that the server is busy.
    pub(super) busy: u32,
}

/// People on their way to the door, on a thread of their own.
pub(super) struct Crowd {
    /// How many.
    pub(super) count: usize,
    thread: JoinHandle<Result<Answered, String>>,
}

impl Crowd {
    /// Sends them off.
    pub(super) fn gather(people: &[Credentials], server: SocketAddr) -> Result<Self, Broken> {
        let each = people.iter().cycle().take(CROWD.min(people.len() * OF_A_DEVICE));
        let who: Vec<Credentials> = each.cloned().collect();
        let count = who.len();
        let thread = std::thread::Builder::new().name("crowd".to_owned()).spawn(move || {
            rustix::process::setpriority_process(Some(rustix::thread::gettid()), STEPS_BACK)
                .map_err(|e| e.to_string())?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(|error| error.to_string())?.block_on(knock(who, server))
        })?;
        Ok(Self { count, thread })
    }

    /// Waits until everybody was answered.
    pub(super) fn end(self) -> Result<Answered, Broken> {
        Ok(self.thread.join().map_err(|_| "the crowd fell")??)
    }
}

async fn knock(who: Vec<Credentials>, server: SocketAddr) -> Result<Answered, String> {
    let mut under_way = JoinSet::new();
    for (n, who) in who.into_iter().enumerate() {
        under_way.spawn(async move {
            let mut knock = Knock::at(&who, server).await.map_err(|error| error.to_string())?;
            let wrong = SecretText::new(format!("not the password {n}"));
            knock.password(&who.user, wrong).await.map_err(|error| error.to_string())
        });
    }
    let mut answered = Answered { looked_at: 0, busy: 0 };
    while let Some(one) = under_way.join_next().await {
        if one.map_err(|error| error.to_string())?? {
            answered.looked_at += 1;
        } else {
            answered.busy += 1;
        }
    }
    Ok(answered)
}
