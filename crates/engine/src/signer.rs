//! Our own words that come back to us through strangers: cursors, links, tokens. A forged one is not ours.

use frontdesk_kernel::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Signs with a key derived from the installation's own.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    pub fn new(key: &Secret) -> Signer {
        let mut derived = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).expect("HMAC takes keys of any length");
        derived.update(b"frontdesk signer 1");
        Signer(Hmac::new_from_slice(&derived.finalize().into_bytes()).expect("HMAC takes keys of any length"))
    }

    /// 32 bytes over what it is for and what it says. `purpose` keeps a signature from being used for something else.
    pub fn sign(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        self.mac(purpose, text).finalize().into_bytes().into()
    }

    /// In constant time; a shortened signature of at least 16 bytes is fine.
    pub fn verify(&self, purpose: &str, text: &[u8], signature: &[u8]) -> bool {
        signature.len() >= 16 && self.mac(purpose, text).verify_truncated_left(signature).is_ok()
    }

    fn mac(&self, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_purpose_text_and_key_only() {
        let signer = Signer::new(&Secret::new("k"));
        let signature = signer.sign("cursor", b"text");
        assert!(signer.verify("cursor", b"text", &signature) && signer.verify("cursor", b"text", &signature[..16]));
        for (purpose, text, signature) in [
            ("cursor", &b"texT"[..], &signature[..]),
            ("curso", b"rtext", &signature),
            ("cursor", b"text", &signature[..15]),
            ("cursor", b"text", b""),
        ] {
            assert!(!signer.verify(purpose, text, signature), "{purpose}");
        }
        assert!(!Signer::new(&Secret::new("other")).verify("cursor", b"text", &signature));
    }
}
