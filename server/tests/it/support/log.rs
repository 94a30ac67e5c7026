//! Everything that the tests of this process log, at the finest level that an operator can ask for.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use server::config::{Log, LogFormat};
use server::telemetry;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static CAPTURE: Once = Once::new();

/// From now on; the first call counts.
pub(super) fn capture() {
    CAPTURE.call_once(|| {
        let log = Log { filter: "trace".to_owned(), format: LogFormat::Json };
        tracing::subscriber::set_global_default(telemetry::subscriber(&log, || Lines)).expect("no other subscriber");
    });
}

/// From now on, what this thread logs goes through another filter; until the answer is dropped.
pub(crate) fn filtered(filter: &str) -> tracing::subscriber::DefaultGuard {
    let log = Log { filter: filter.to_owned(), format: LogFormat::Json };
    tracing::subscriber::set_default(telemetry::subscriber(&log, || Lines))
}

/// All lines until now.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LINES.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
