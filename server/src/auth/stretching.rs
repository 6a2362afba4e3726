//! Passwords are stretched behind everybody who trades: on threads of their own, of less weight; it must bound nothing.

use tokio::sync::oneshot;

/// How far they step back (nice, 0 to 19): a tenth of the weight of the order path, so that a crowd at the door is hardly felt
/// behind it, and still let in while everything else is busy.
#[cfg(target_os = "linux")]
const STEPS_BACK: i32 = 10;

/// Does the work there; `None` when no thread could be had, or it panicked.
pub(super) async fn stretched<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("turret-stretch".to_owned());
    thread
        .spawn(move || {
            step_back();
            // Whoever asked may be gone.
            let _ = done.send(work());
        })
        .ok()?;
    result.await.ok()
}

/// Where the system does not let it, it is as heavy as everybody.
#[cfg(target_os = "linux")]
fn step_back() {
    // The number of a thread is a process id to the scheduler.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), STEPS_BACK);
}

#[cfg(not(target_os = "linux"))]
const fn step_back() {}
