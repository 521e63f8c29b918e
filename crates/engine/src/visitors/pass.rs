//! A visitor's pass: what a browser shows to be known again. Signed by us and stored nowhere.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use frontdesk_kernel::{Timestamp, ids::ChannelId};
use serde::{Deserialize, Serialize};

use super::Visitor;
use crate::{Desk, directory::Line};

const PURPOSE: &str = "visitor";
/// A browser is known for half a year after its last visit.
pub(super) const OF_A_BROWSER: Duration = Duration::from_secs(182 * 24 * 3600);
/// A user of the site is proven again by each page.
pub(super) const OF_A_USER: Duration = Duration::from_secs(24 * 3600);

#[derive(Serialize, Deserialize)]
struct Claims {
    c: ChannelId,
    a: String,
    #[serde(default)]
    u: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    x: i64,
}

/// `fdv1.<who>.<signature>`.
pub fn issue(desk: &Desk, visitor: &Visitor) -> String {
    let v = visitor.clone();
    let claims = Claims { c: v.channel, a: v.address, u: v.identified, n: v.name, e: v.email, x: v.expires_at.0 };
    let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(desk.signer.sign(PURPOSE, body.as_bytes()));
    format!("fdv1.{body}.{signature}")
}

/// Who a pass of this channel names, unless it is forged or has run out.
pub fn read(desk: &Desk, line: &Line, pass: &str) -> Option<Visitor> {
    let (body, signature) = pass.strip_prefix("fdv1.")?.split_once('.')?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok().filter(|s| s.len() == 32)?;
    if !desk.signer.verify(PURPOSE, body.as_bytes(), &signature) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    let expires_at = Timestamp(claims.x);
    (claims.c == line.channel.id && desk.now() < expires_at).then_some(Visitor {
        channel: claims.c,
        address: claims.a,
        identified: claims.u,
        name: claims.n,
        email: claims.e,
        expires_at,
    })
}
