//! Our own text that a vendor gives back with its statuses: `v1.<effect>.<attempt>.<mac>`. A forged one names nothing.

use frontdesk_kernel::{Secret, ids::EffectId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub struct EchoKey(Hmac<Sha256>);

impl EchoKey {
    pub fn new(key: &Secret) -> EchoKey {
        let mut derived = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).expect("HMAC takes keys of any length");
        derived.update(b"frontdesk echo 1");
        let derived = derived.finalize().into_bytes();
        EchoKey(Hmac::new_from_slice(&derived).expect("HMAC takes keys of any length"))
    }

    pub fn sign(&self, effect: &EffectId, attempt: u32) -> String {
        format!("v1.{effect}.{attempt}.{}", self.mac(effect, attempt))
    }

    /// The effect and attempt that a genuine echo names.
    pub fn read(&self, echo: &str) -> Option<(EffectId, u32)> {
        let mut parts = echo.split('.');
        let (Some("v1"), Some(effect), Some(attempt), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let (effect, attempt) = (EffectId::parse(effect).ok()?, attempt.parse().ok()?);
        (self.mac(&effect, attempt) == mac).then_some((effect, attempt))
    }

    fn mac(&self, effect: &EffectId, attempt: u32) -> String {
        let mut mac = self.0.clone();
        mac.update(effect.as_str().as_bytes());
        mac.update(&attempt.to_be_bytes());
        mac.finalize().into_bytes().iter().take(12).map(|b| format!("{b:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_echo_is_read() {
        let key = EchoKey::new(&Secret::new("k"));
        let effect = EffectId::parse("eff_1").unwrap();
        let echo = key.sign(&effect, 2);
        assert_eq!(key.read(&echo), Some((effect.clone(), 2)));
        assert_eq!(EchoKey::new(&Secret::new("other")).read(&echo), None);
        for forged in
            [echo.replace(".2.", ".3."), echo.replace("eff_1", "eff_2"), String::new(), "v1.eff_1.2".into(), format!("{echo}.x")]
        {
            assert_eq!(key.read(&forged), None, "{forged}");
        }
    }
}
