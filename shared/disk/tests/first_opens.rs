//! Threads that open a process's first encrypted files at once all get them; alone in its file, as a process begins once.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Barrier;
use std::time::Duration;

use turret_disk::cipher;
use turret_shared::secret::SecretKey;

const THREADS: usize = 16;

#[test]
fn threads_that_open_the_first_files_at_once_all_get_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let ready = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        let opens: Vec<_> = (0..THREADS)
            .map(|n| {
                let (ready, path) = (&ready, folder.path().join(format!("{n}.db")));
                scope.spawn(move || {
                    ready.wait();
                    cipher::create(&path, &SecretKey::new([1; 32]), Duration::ZERO).map(drop)
                })
            })
            .collect();
        for open in opens {
            open.join().expect("it ended").expect("it opened");
        }
    });
}
