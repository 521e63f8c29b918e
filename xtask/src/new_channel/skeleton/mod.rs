//! SKELETON: translates between its API and ours, nothing else. Not connected yet.
#![doc = include_str!("README.md")]

mod inbound;
mod outbound;
mod settings;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    effect::Class,
    message::Media,
    ports::{
        channel::{About, Account, Channel, Event, Forged, Handshake, Limits, MediaBytes, Outbound, RawRequest, Receipt},
        http::Http,
    },
};

/// The connector. It holds no state: accounts and requests are given to it.
#[derive(Debug)]
pub(crate) struct Skeleton;

static ABOUT: About = About {
    key: "skeleton",
    name: "SKELETON",
    // The careful values; the provider's documentation has the real ones.
    limits: Limits {
        text: 1000,
        buttons: 0,
        button_title: 0,
        list_rows: 0,
        caption: 0,
        per_second: 1,
        pair_burst: 0,
        pair_interval: Duration::ZERO,
    },
    // Neither a key nor an echo is known, so a send whose answer is lost goes to a person.
    send_class: Class::C,
    window: None,
    cost: None,
    settings: settings::ALL,
    media_in: false,
    read_receipts: false,
    hosted: false,
    reaches_numbers: false,
    own_secrets: &[],
};

#[async_trait]
impl Channel for Skeleton {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn handshake(&self, _raw: &RawRequest, _tokens: &[Secret]) -> Handshake {
        Handshake::Refused
    }

    fn verify(&self, raw: &RawRequest, secret: &Secret) -> Result<(), Forged> {
        inbound::verify(raw, secret)
    }

    fn receive(&self, raw: &RawRequest) -> Result<Vec<Event>, ConnectorError> {
        inbound::receive(raw)
    }

    fn format(&self, markdown: &str) -> String {
        outbound::format(markdown)
    }

    async fn send(&self, _http: &dyn Http, account: &Account, _message: &Outbound) -> Result<Receipt, ConnectorError> {
        outbound::send(account)
    }

    async fn mark_read(&self, _: &dyn Http, _: &Account, _vendor_id: &str, _typing: bool) -> Result<(), ConnectorError> {
        Err(not_connected("mark_read"))
    }

    async fn fetch_media(
        &self,
        _http: &dyn Http,
        _account: &Account,
        _media: &Media,
        _max_bytes: usize,
    ) -> Result<MediaBytes, ConnectorError> {
        Err(not_connected("fetch_media"))
    }

    async fn check(&self, _http: &dyn Http, account: &Account) -> Result<String, ConnectorError> {
        settings::token(account, "check")?;
        Err(not_connected("check"))
    }
}

fn not_connected(operation: &'static str) -> ConnectorError {
    ConnectorError::new(ABOUT.key, operation, ErrorKind::Unsupported, Retry::Never, "not connected yet")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use frontdesk_kernel::{
        contact::AddressKind,
        message::{MediaKind, Part},
        ports::{
            channel::Address,
            http::{HttpError, Request, Response, Streaming},
        },
    };

    use super::*;

    /// A network on which nothing may happen.
    struct NoNetwork;

    #[async_trait]
    impl Http for NoNetwork {
        async fn send(&self, request: Request) -> Result<Response, HttpError> {
            Err(HttpError::Refused(request.url))
        }
        async fn stream(&self, request: Request) -> Result<Streaming, HttpError> {
            Err(HttpError::Refused(request.url))
        }
    }

    fn account(token: Option<&str>) -> Account {
        Account {
            account: "1".to_owned(),
            settings: serde_json::Map::new(),
            secrets: token.map(|t| ("token".to_owned(), Secret::new(t))).into_iter().collect::<BTreeMap<_, _>>(),
            base_url: "http://127.0.0.1:9".to_owned(),
            version: String::new(),
        }
    }

    fn raw(body: &'static str) -> RawRequest {
        RawRequest { query: String::new(), headers: Vec::new(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn nothing_comes_in_before_it_is_connected() {
        let request = raw(r#"{"events":[]}"#);
        assert_eq!(Skeleton.handshake(&request, &[Secret::new("x")]), Handshake::Refused);
        assert_eq!(Skeleton.verify(&request, &Secret::new("x")), Err(Forged));
        assert_eq!(Skeleton.receive(&request).unwrap_err().kind, ErrorKind::Unsupported);
        assert_eq!(Skeleton.receive(&raw("{")).unwrap_err().kind, ErrorKind::Malformed);
    }

    #[tokio::test]
    async fn nothing_goes_out_before_it_is_connected() {
        let message = Outbound {
            to: Address { kind: AddressKind::Phone, value: "15550001".to_owned() },
            part: Part::Text { text: Skeleton.format("*hello*") },
            quotes: None,
            echo: "e".to_owned(),
            media: None,
        };
        let media = Media {
            kind: MediaKind::Image,
            vendor_ref: Some("1".to_owned()),
            url: None,
            stored: None,
            mime: None,
            sha256: None,
            file_name: None,
            caption: None,
            transcript: None,
            problem: None,
        };
        let (ready, empty) = (account(Some("secret")), account(None));
        let kinds = [
            Skeleton.send(&NoNetwork, &ready, &message).await.map(drop),
            Skeleton.check(&NoNetwork, &ready).await.map(drop),
            Skeleton.mark_read(&NoNetwork, &ready, "1", true).await,
            Skeleton.fetch_media(&NoNetwork, &ready, &media, 1).await.map(drop),
        ];
        assert!(kinds.iter().all(|result| result.as_ref().unwrap_err().kind == ErrorKind::Unsupported), "{kinds:?}");
        assert_eq!(Skeleton.send(&NoNetwork, &empty, &message).await.unwrap_err().kind, ErrorKind::Unauthorized);
        assert_eq!(Skeleton.check(&NoNetwork, &empty).await.unwrap_err().kind, ErrorKind::Unauthorized);
    }

    #[test]
    fn it_says_what_it_is_and_needs() {
        let about = Skeleton.about();
        assert_eq!((about.key, about.name), ("skeleton", "SKELETON"));
        assert!(about.settings.iter().any(|setting| setting.secret && setting.required));
    }
}
