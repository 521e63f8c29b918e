//! Tokens that a link, a cookie or a caller carries: 256 random bits; we keep their hash only.

use frontdesk_kernel::random::{self, Random};
use sha2::{Digest, Sha256};

/// Letters of a new token.
const LENGTH: usize = 44;

pub fn make(random: &dyn Random) -> String {
    random::text(random, LENGTH)
}

/// How it is stored and looked up: SHA-256, hex.
pub fn hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
