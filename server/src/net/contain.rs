//! Keeps a panic where it happened: it ends one task and is told as a value; it must swallow nothing else.

use tokio::task::JoinSet;

/// The task panicked (or its runtime went away under it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Panicked;

/// Runs a future as a task of its own; dropping this ends the task.
///
/// # Errors
/// [`Panicked`].
pub(super) async fn contain<F>(future: F) -> Result<F::Output, Panicked>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let mut tasks = JoinSet::new();
    tasks.spawn(future);
    match tasks.join_next().await {
        Some(Ok(output)) => Ok(output),
        Some(Err(_)) | None => Err(Panicked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_value_to_the_others() {
        async fn falls() -> u32 {
            panic!("a planted fault")
        }
        assert_eq!(contain(falls()).await, Err(Panicked));
        assert_eq!(contain(async { 7 }).await, Ok(7));
    }
}
