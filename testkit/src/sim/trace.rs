//! Everything that can be observed, in the order in which it happened, as one hash; on demand as text.

use std::{
    io::{self, Write as _},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sha2::{Digest, Sha256};

pub(super) struct Trace {
    sum: Mutex<Sha256>,
    shown: bool,
}

impl Trace {
    pub(super) fn new(shown: bool) -> Trace {
        Trace { sum: Mutex::new(Sha256::new()), shown }
    }

    pub(super) fn note(&self, at: Duration, what: std::fmt::Arguments<'_>) {
        let line = format!("{:>9.3} {what}", at.as_secs_f64());
        if self.shown {
            let _ = writeln!(io::stdout(), "{line}");
        }
        self.add(&line);
    }

    /// Counts, and is never shown: a row of the database.
    pub(super) fn add(&self, line: &str) {
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.update(line.as_bytes());
        sum.update(b"\n");
    }

    pub(super) fn hash(&self) -> String {
        let sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner).clone();
        sum.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
