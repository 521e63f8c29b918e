//! Secrets at rest: XChaCha20-Poly1305 under the installation's key; tenant and field are bound in, so a sealed text moved to another
//! row does not open.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use frontdesk_kernel::{Scope, Secret};
use sha2::{Digest, Sha256};

/// The installation's key. `key_id` names it inside sealed texts, so that a wrong key is recognised.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    key_id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Sealed {
    #[error("sealed with another key (id {0}): start with the SECRET_KEY that was in use then")]
    OtherKey(String),
    #[error("the sealed value is damaged or belongs to another row")]
    Damaged,
}

impl Vault {
    /// Any text is a key: it is hashed to 256 bits.
    pub fn new(key: &Secret) -> Vault {
        let bytes = Sha256::digest(key.reveal().as_bytes());
        let id = Sha256::digest(bytes).iter().take(4).map(|b| format!("{b:02x}")).collect();
        Vault { cipher: XChaCha20Poly1305::new(&bytes), key_id: id }
    }

    /// `v1.<key id>.<nonce and text, base64>`. The nonce is random, from the caller.
    pub fn seal(&self, scope: &Scope, field: &str, secret: &Secret, nonce: [u8; 24]) -> String {
        self.seal_for(scope.tenant().as_str(), field, secret, nonce)
    }

    pub fn open(&self, scope: &Scope, field: &str, sealed: &str) -> Result<Secret, Sealed> {
        self.open_for(scope.tenant().as_str(), field, sealed)
    }

    /// The same for what belongs to a person or to the server: `owner` is the id of its row.
    pub fn seal_for(&self, owner: &str, field: &str, secret: &Secret, nonce: [u8; 24]) -> String {
        let place = format!("{owner}/{field}");
        let payload = Payload { msg: secret.reveal().as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        format!("v1.{}.{}", self.key_id, BASE64_STANDARD_NO_PAD.encode(bytes))
    }

    pub fn open_for(&self, owner: &str, field: &str, sealed: &str) -> Result<Secret, Sealed> {
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(id), Some(text), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(Sealed::Damaged);
        };
        if id != self.key_id {
            return Err(Sealed::OtherKey(id.to_owned()));
        }
        let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| Sealed::Damaged)?;
        let (nonce, sealed) = bytes.split_at_checked(24).ok_or(Sealed::Damaged)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| Sealed::Damaged)?;
        let place = format!("{owner}/{field}");
        let opened = self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: place.as_bytes() });
        let text = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Sealed::Damaged)?;
        Ok(Secret::new(text))
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::ids::TenantId;

    use super::*;

    #[test]
    fn a_secret_opens_only_in_its_own_place_with_its_own_key() {
        let (a, b) = (Scope::of(TenantId::parse("tnt_a").unwrap()), Scope::of(TenantId::parse("tnt_b").unwrap()));
        let vault = Vault::new(&Secret::new("one"));
        let sealed = vault.seal(&a, "channel/1/app_secret", &Secret::new("s3cret"), [7; 24]);
        assert!(!sealed.contains("s3cret"));
        assert_eq!(vault.open(&a, "channel/1/app_secret", &sealed).unwrap().reveal(), "s3cret");
        assert_eq!(vault.open(&b, "channel/1/app_secret", &sealed), Err(Sealed::Damaged));
        assert_eq!(vault.open(&a, "channel/2/app_secret", &sealed), Err(Sealed::Damaged));
        assert!(matches!(Vault::new(&Secret::new("two")).open(&a, "channel/1/app_secret", &sealed), Err(Sealed::OtherKey(_))));
        assert_eq!(vault.open(&a, "x", "rubbish"), Err(Sealed::Damaged));
    }
}
