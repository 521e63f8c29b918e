//! Passwords: Argon2id, 19 MiB, two passes.

use anyhow::{Result, anyhow};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};

use crate::random;

/// Shorter ones are refused.
pub(crate) const SHORTEST: usize = 10;

pub(crate) fn hash(password: &str) -> Result<String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| anyhow!("{e}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = random::bytes::<16>();
    argon2.hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|e| anyhow!("{e}"))
}
