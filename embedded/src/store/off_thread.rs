//! Ends that are work for the disk: kept away from the threads that answer requests.

use super::{StoreError, blocking};

/// A value whose end removes files. Dropped wherever, it ends on one of the runtime's threads for blocking work.
#[derive(Debug)]
pub(crate) struct OffThread<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> OffThread<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// The value itself, for one who is about to end it in the right place.
    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect("it is there until it is taken by value")
    }

    /// Ends it now: nothing of it is left when this returns.
    pub(crate) async fn discard(self) {
        let value = self.into_inner();
        let ended = blocking(move || {
            drop(value);
            Ok::<_, StoreError>(())
        });
        if let Err(error) = ended.await {
            tracing::debug!(%error, "what is left is swept at the next start");
        }
    }
}

impl<T: Send + 'static> Drop for OffThread<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            run(move || drop(value));
        }
    }
}

/// Runs blocking work that nobody waits for: here only where there is no runtime.
pub(super) fn run(work: impl FnOnce() + Send + 'static) {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(work)),
        Err(_) => work(),
    }
}
