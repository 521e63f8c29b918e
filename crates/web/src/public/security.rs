//! `/.well-known/security.txt` (RFC 9116): whom to tell about a weakness of this installation.

use std::time::Duration;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_kernel::Timestamp;
use jiff::tz::TimeZone;

use crate::{Web, nothing_here};

/// Whoever runs the server says so anew by running it; whoever keeps a copy asks again in time.
const GOOD_FOR: Duration = Duration::from_secs(180 * 24 * 3600);

pub(crate) async fn show(State(web): State<Web>) -> Response {
    let Some(contact) = &web.security_contact else { return nothing_here().into_response() };
    let text = text(contact, web.public_origin.as_deref(), web.desk.now());
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn text(contact: &str, origin: Option<&str>, now: Timestamp) -> String {
    let ends = now.plus(GOOD_FOR).in_zone(&TimeZone::UTC).date();
    let mut text = format!("Contact: {contact}\nExpires: {ends}T00:00:00Z\nPreferred-Languages: en, es\n");
    if let Some(origin) = origin {
        text.push_str(&format!("Canonical: {origin}/.well-known/security.txt\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_contact_and_ends_within_a_year() {
        let now = Timestamp(1_795_273_500_000);
        assert_eq!(
            text("mailto:a@desk.example", Some("https://desk.example"), now),
            "Contact: mailto:a@desk.example\nExpires: 2027-05-20T00:00:00Z\nPreferred-Languages: en, es\n\
             Canonical: https://desk.example/.well-known/security.txt\n"
        );
        assert!(!text("https://desk.example/report", None, now).contains("Canonical"));
    }
}
