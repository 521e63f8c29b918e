//! Files out and in.

use frontdesk_kernel::{
    ErrorKind, Retry,
    message::{Media, MediaKind},
    ports::{
        channel::MediaBytes,
        http::{Auth, Method},
    },
};
use sha2::{Digest, Sha256};

use super::*;
use crate::hex;

fn file(kind: MediaKind) -> Media {
    Media {
        kind,
        vendor_ref: None,
        url: Some("https://x.co/f".into()),
        stored: None,
        mime: None,
        sha256: None,
        file_name: Some("carta.pdf".into()),
        caption: Some("*Mire*".into()),
        transcript: None,
        problem: None,
    }
}

fn inbound(sha256: Option<&str>) -> Media {
    Media { vendor_ref: Some("2621233374848975".into()), sha256: sha256.map(str::to_owned), ..file(MediaKind::Image) }
}

fn bytes(body: &'static [u8]) -> Result<Response, HttpError> {
    Ok(Response { status: 200, headers: vec![("content-type".into(), "x/y".into())], body: Bytes::from_static(body) })
}

fn about(extra: &Value) -> Result<Response, HttpError> {
    let mut about = json!({"id": "2621233374848975", "messaging_product": "whatsapp", "url": "https://cdn.example/f?x=1", "mime_type": "image/jpeg"});
    about.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    answer(200, &about)
}

#[tokio::test]
async fn bytes_are_uploaded_first_and_sent_by_their_id() {
    let vendor = Vendor::answering([answer(200, &json!({"id": "4490709327384033"})), accepted()]);
    let media =
        MediaBytes { mime: "application/pdf".into(), file_name: Some("carta.pdf".into()), bytes: Bytes::from_static(b"%PDF") };
    let message = Outbound { media: Some(media), ..outbound(Part::Media(file(MediaKind::Document))) };
    WhatsApp.send(&vendor, &account(), &message).await.unwrap();
    let [upload, send] = &vendor.asked()[..] else { panic!("not two requests") };
    assert_eq!(upload.url, "https://graph.example/v23.0/106540352242922/media");
    let Body::Multipart(parts) = &upload.body else { panic!("not multipart") };
    let shown: Vec<_> = parts.iter().map(|p| (p.name, p.file_name.as_deref(), p.content_type.as_deref(), &p.bytes[..])).collect();
    assert_eq!(
        shown,
        [("messaging_product", None, None, &b"whatsapp"[..]), ("file", Some("carta.pdf"), Some("application/pdf"), &b"%PDF"[..])]
    );
    assert_eq!(sent_json(send)["document"], json!({"id": "4490709327384033", "caption": "*Mire*", "filename": "carta.pdf"}));
}

#[tokio::test]
async fn a_lost_upload_has_sent_nothing() {
    let media = MediaBytes { mime: "image/png".into(), file_name: None, bytes: Bytes::from_static(b"x") };
    let message = Outbound { media: Some(media), ..outbound(Part::Media(file(MediaKind::Image))) };
    for outcome in [Err(HttpError::Timeout("60 s".into())), answer(502, &Value::Null), answer(200, &json!({}))] {
        let vendor = Vendor::answering([outcome, accepted()]);
        let error = WhatsApp.send(&vendor, &account(), &message).await.unwrap_err();
        assert_eq!((error.retry, vendor.asked().len()), (Retry::Later, 1), "{error}");
    }
}

#[tokio::test]
async fn a_file_at_an_address_is_linked_with_only_what_its_kind_allows() {
    let link = "https://x.co/f";
    for (kind, name, expected) in [
        (MediaKind::Image, "image", json!({"link": link, "caption": "*Mire*"})),
        (MediaKind::Video, "video", json!({"link": link, "caption": "*Mire*"})),
        (MediaKind::Document, "document", json!({"link": link, "caption": "*Mire*", "filename": "carta.pdf"})),
        (MediaKind::Audio, "audio", json!({"link": link})),
        (MediaKind::Voice, "audio", json!({"link": link})),
        (MediaKind::Sticker, "sticker", json!({"link": link})),
    ] {
        let vendor = Vendor::answering([accepted()]);
        WhatsApp.send(&vendor, &account(), &outbound(Part::Media(file(kind)))).await.unwrap();
        let body = sent_json(&vendor.asked()[0]);
        assert_eq!((&body["type"], &body[name]), (&json!(name), &expected));
    }
    let nowhere = Media { url: Some("file:///etc/passwd".into()), ..file(MediaKind::Image) };
    let error = WhatsApp.send(&Vendor::answering([]), &account(), &outbound(Part::Media(nowhere))).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Rejected, Retry::Never));
}

#[tokio::test]
async fn a_received_file_is_found_by_its_id_downloaded_with_the_token_and_checked() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let hash = Sha256::digest(b"JPEG");
    for stated in [
        json!({"sha256": hex::encode(&hash), "file_size": "4"}),
        json!({"sha256": STANDARD.encode(hash), "file_size": 4}),
        json!({"sha256": "<HASH>"}),
    ] {
        let vendor = Vendor::answering([about(&stated), bytes(b"JPEG")]);
        let fetched = WhatsApp.fetch_media(&vendor, &account(), &inbound(None), 4).await.unwrap();
        assert_eq!(
            (fetched.mime.as_str(), &fetched.bytes[..], fetched.file_name.as_deref()),
            ("image/jpeg", &b"JPEG"[..], Some("carta.pdf"))
        );
        let [ask, download] = &vendor.asked()[..] else { panic!("not two requests") };
        assert_eq!((ask.method, ask.url.as_str()), (Method::Get, "https://graph.example/v23.0/2621233374848975"));
        assert_eq!((download.url.as_str(), download.max_bytes), ("https://cdn.example/f?x=1", 4));
        assert!(matches!(&download.auth, Auth::Bearer(token) if token.reveal() == TOKEN));
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_damaged_or_gone_is_an_error_that_says_so() {
    let wrong = json!({"sha256": "00".repeat(32)});
    let none = json!({});
    let own_hash = "00".repeat(32);
    let cases = [
        ("announced too large", vec![about(&json!({"file_size": "5"}))], None, ErrorKind::TooLarge, Retry::Never),
        (
            "larger than announced",
            vec![about(&json!({"file_size": 4})), Err(HttpError::TooLarge(4))],
            None,
            ErrorKind::TooLarge,
            Retry::Never,
        ),
        ("not cut by the host", vec![about(&none), bytes(b"12345")], None, ErrorKind::TooLarge, Retry::Never),
        ("damaged", vec![about(&wrong), bytes(b"1234")], None, ErrorKind::Malformed, Retry::Later),
        (
            "other than in the message",
            vec![about(&none), bytes(b"1234")],
            Some(own_hash.as_str()),
            ErrorKind::Malformed,
            Retry::Later,
        ),
        ("expired address", vec![about(&none), answer(404, &Value::Null)], None, ErrorKind::NotFound, Retry::Later),
        (
            "connection lost",
            vec![about(&none), Err(HttpError::Broken("reset".into()))],
            None,
            ErrorKind::Unavailable,
            Retry::Later,
        ),
        (
            "unknown id",
            vec![answer(404, &json!({"error": {"code": 100, "message": "x"}}))],
            None,
            ErrorKind::NotFound,
            Retry::Never,
        ),
        ("no address", vec![answer(200, &json!({"id": "1"}))], None, ErrorKind::Malformed, Retry::Later),
        ("address in the clear", vec![about(&json!({"url": "http://cdn.example/f"}))], None, ErrorKind::Malformed, Retry::Never),
        (
            "address like ours",
            vec![about(&json!({"url": "http://graph.example.evil/f"}))],
            None,
            ErrorKind::Malformed,
            Retry::Never,
        ),
    ];
    for (name, answers, sha256, kind, retry) in cases {
        let error = WhatsApp.fetch_media(&Vendor::answering(answers), &account(), &inbound(sha256), 4).await.unwrap_err();
        assert_eq!((error.kind, error.retry, error.operation), (kind, retry, "fetch_media"), "{name}: {error}");
    }
    let vendor = Vendor::answering([about(&json!({"url": "http://127.0.0.1:9/media"})), bytes(b"JPEG")]);
    let mut local = account();
    local.base_url = "http://127.0.0.1:9".into();
    assert!(WhatsApp.fetch_media(&vendor, &local, &inbound(None), 4).await.is_ok(), "a fake on this machine needs no TLS");
}
