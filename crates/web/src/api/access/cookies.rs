//! What the browser keeps: the session, the mark of the device, and the state of a sign-in under way. No script reads them.

use axum::{
    http::{HeaderValue, header::SET_COOKIE},
    response::Response,
};
use frontdesk_engine::access::enter::{IDLE, Opened};

use crate::Web;

const YEAR: u64 = 365 * 24 * 3600;
const MINUTES: u64 = 10 * 60;

/// The name of the device's mark.
pub(super) fn device(web: &Web) -> &'static str {
    if web.is_https() { "__Host-frontdesk-device" } else { "frontdesk-device" }
}

/// The name of what ties a single sign-on to the browser that began it.
pub(super) fn state(web: &Web) -> &'static str {
    if web.is_https() { "__Host-frontdesk-sso" } else { "frontdesk-sso" }
}

/// Signed in: a new session and the device's mark.
pub(super) fn signed_in(web: &Web, mut response: Response, opened: &Opened) -> Response {
    put(web, &mut response, web.cookie_name(), &opened.token, IDLE.as_secs());
    put(web, &mut response, device(web), &opened.mark, YEAR);
    response
}

pub(super) fn signed_out(web: &Web, mut response: Response) -> Response {
    put(web, &mut response, web.cookie_name(), "", 0);
    response
}

pub(super) fn with_state(web: &Web, mut response: Response, value: &str) -> Response {
    put(web, &mut response, state(web), value, if value.is_empty() { 0 } else { MINUTES });
    response
}

/// `Lax`: a link to us from elsewhere finds us signed in; a form from elsewhere does not.
fn put(web: &Web, response: &mut Response, name: &str, value: &str, seconds: u64) {
    let secure = if web.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    // Tokens and marks are letters, digits, dots and underscores.
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
