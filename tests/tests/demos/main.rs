//! Whole demos, each a desk of processes of its own, driven from outside. Most of their time they wait for the next code, so
//! more of them go on at once than there are processors.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Demos at once, unless it is said otherwise.
const AT_ONCE: usize = 4;

/// What a file has tried.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn all() -> Vec<libtest_mimic::Trial> {
            vec![$(libtest_mimic::Trial::test(concat!(module_path!(), "::", stringify!($name)), || {
                $name();
                Ok(())
            })),*]
        }
    };
}

mod audit_rows;
mod bulk_demo;
#[cfg(target_os = "linux")]
mod demo_process;
mod demo_run;
mod first_ten_minutes;
mod linear_on_a_pipe;
#[cfg(target_os = "linux")]
mod nothing_left;
mod proof_pack;
mod recreated;
mod roles_demo;
mod screen_on_a_terminal;
mod script_demo;
mod security_keys_demo;
mod siem;
mod two_people;
mod witnesses;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    libtest_mimic::run(&arguments, all()).exit_code()
}

fn all() -> Vec<Trial> {
    [
        audit_rows::all(),
        bulk_demo::all(),
        #[cfg(target_os = "linux")]
        demo_process::all(),
        first_ten_minutes::all(),
        linear_on_a_pipe::all(),
        #[cfg(target_os = "linux")]
        nothing_left::all(),
        proof_pack::all(),
        recreated::all(),
        roles_demo::all(),
        screen_on_a_terminal::all(),
        script_demo::all(),
        security_keys_demo::all(),
        siem::all(),
        two_people::all(),
        witnesses::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
