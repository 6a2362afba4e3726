//! Wakes the loop when the wall clock was set or the machine slept, so that nobody has to look; it must tell no time.

use tokio::sync::mpsc;

/// Tells of jumps, where there is a kernel that does.
pub(super) struct Turned(Option<mpsc::Receiver<()>>);

impl Turned {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        Self(kernel::jumps())
    }

    /// True when a jump will be told.
    pub(super) const fn tells(&self) -> bool {
        self.0.is_some()
    }

    /// Returns after a jump.
    pub(super) async fn wait(&mut self) {
        if let Some(jumps) = &mut self.0
            && jumps.recv().await.is_some()
        {
            return;
        }
        self.0 = None;
        std::future::pending().await
    }
}

#[cfg(target_os = "linux")]
mod kernel {
    use std::os::fd::OwnedFd;

    use rustix::io::Errno;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::sync::mpsc;

    /// The timer itself never comes: only its being cancelled says something (timerfd_create(2), `TFD_TIMER_CANCEL_ON_SET`).
    const NEVER_S: i64 = 1 << 40;

    /// A timer on the wall clock, which the kernel cancels when that clock jumps; a resume from sleep is such a jump.
    pub(super) fn jumps() -> Option<mpsc::Receiver<()>> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::CLOEXEC).ok()?;
        arm(&timer).ok()?;
        let (sender, jumps) = mpsc::channel(1);
        let listener = std::thread::Builder::new().name("clock".to_owned());
        let listening = listener.spawn(move || {
            loop {
                match rustix::io::read(&timer, &mut [0; 8]) {
                    Err(Errno::INTR) => continue,
                    Ok(_) | Err(Errno::CANCELED) => {}
                    Err(_) => return,
                }
                if arm(&timer).is_err() || sender.blocking_send(()).is_err() {
                    return;
                }
            }
        });
        listening.ok().map(|_| jumps)
    }

    fn arm(timer: &OwnedFd) -> rustix::io::Result<()> {
        let never = Timespec { tv_sec: NEVER_S, tv_nsec: 0 };
        let value = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: never };
        timerfd_settime(timer, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &value).map(drop)
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    /// No kernel that tells is known here.
    pub(super) fn jumps() -> Option<tokio::sync::mpsc::Receiver<()>> {
        None
    }
}
