//! Is this Stripe? `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>…]` over the time and the raw body.

use std::time::Duration;

use frontdesk_kernel::{
    Secret, Timestamp,
    ports::channel::{Forged, RawRequest},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hex;

/// Older or later reports are not believed: somebody may have kept one.
const TOLERANCE: Duration = Duration::from_secs(300);
/// Signatures that one header may hold; more is no header of Stripe's.
const MOST: usize = 16;

pub(super) fn verify(raw: &RawRequest, secrets: &[Secret], now: Timestamp) -> Result<(), Forged> {
    let header = raw.header("stripe-signature").ok_or(Forged)?;
    let mut time = None;
    let mut stated = Vec::new();
    for (name, value) in header.split(',').filter_map(|piece| piece.trim().split_once('=')) {
        match name {
            "t" if time.is_some() => return Err(Forged),
            "t" => time = Some(value),
            "v1" => stated.push(hex::decode(value).ok_or(Forged)?),
            _ => {}
        }
    }
    let time = time.ok_or(Forged)?;
    let signed_at = time.parse::<i64>().ok().and_then(|s| s.checked_mul(1000)).map(Timestamp).ok_or(Forged)?;
    let apart = now.0.abs_diff(signed_at.0);
    if u128::from(apart) > TOLERANCE.as_millis() || stated.len() > MOST {
        return Err(Forged);
    }
    for secret in secrets.iter().filter(|s| !s.is_empty()) {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).map_err(|_| Forged)?;
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(&raw.body);
        if stated.iter().any(|s| mac.clone().verify_slice(s).is_ok()) {
            return Ok(());
        }
    }
    Err(Forged)
}
