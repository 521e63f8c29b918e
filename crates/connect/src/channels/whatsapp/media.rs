//! Files: uploaded before they are sent, downloaded by the id in a message.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    message::Media,
    ports::{
        channel::{Account, MediaBytes},
        http::{Body, Http, Method, Part},
    },
};
use sha2::{Digest, Sha256};

use super::{content::digest, errors::repeatable, graph::Graph, json};

/// Files take longer than words.
const TRANSFER: Duration = Duration::from_secs(60);

/// The vendor's id of the uploaded file. An upload that got lost harms nobody, so its outcome is never unknown.
pub(super) async fn upload(graph: &Graph<'_>, account: &Account, file: &MediaBytes) -> Result<String, ConnectorError> {
    let mut request = graph.request(Method::Post, &account.account, "/media")?;
    request.timeout = TRANSFER;
    request.gap = TRANSFER;
    request.body = Body::Multipart(vec![
        Part { name: "messaging_product", file_name: None, content_type: None, bytes: Bytes::from_static(b"whatsapp") },
        Part {
            name: "file",
            file_name: Some(file.file_name.clone().unwrap_or_else(|| "file".to_owned())),
            content_type: Some(file.mime.clone()),
            bytes: file.bytes.clone(),
        },
    ]);
    let answer = graph.ask(request).await?;
    json::id(&answer, "id").ok_or_else(|| graph.error(ErrorKind::Malformed, Retry::Later, "uploaded without an id"))
}

pub(super) async fn fetch(
    http: &dyn Http,
    account: &Account,
    media: &Media,
    max_bytes: usize,
) -> Result<MediaBytes, ConnectorError> {
    let graph = Graph::open(http, account, "fetch_media")?;
    let failed = |kind, retry, detail| graph.error(kind, retry, detail);
    let too_large = || failed(ErrorKind::TooLarge, Retry::Never, "the file is larger than allowed");
    let id = media.vendor_ref.as_deref().ok_or_else(|| failed(ErrorKind::NotFound, Retry::Never, "the file has no vendor id"))?;

    let about = graph.ask(graph.request(Method::Get, id, "")?).await?;
    if json::integer(&about, "file_size").is_some_and(|size| size > i64::try_from(max_bytes).unwrap_or(i64::MAX)) {
        return Err(too_large());
    }
    let url = json::text(&about, "url").ok_or_else(|| failed(ErrorKind::Malformed, Retry::Later, "the file has no address"))?;

    let mut request = graph.download(&url)?;
    request.timeout = TRANSFER;
    request.max_bytes = max_bytes;
    let response = graph.call(request).await.map_err(download_failed)?;
    if response.body.len() > max_bytes {
        return Err(too_large());
    }
    let stated = json::text(&about, "sha256").as_deref().and_then(digest).or_else(|| media.sha256.as_deref().and_then(digest));
    if stated.is_some_and(|stated| Sha256::digest(&response.body)[..] != stated) {
        return Err(failed(ErrorKind::Malformed, Retry::Later, "the file arrived damaged: its SHA-256 differs"));
    }
    let mime = json::text(&about, "mime_type").or_else(|| media.mime.clone());
    let mime = mime.or_else(|| response.header("content-type").map(str::to_owned));
    Ok(MediaBytes {
        mime: mime.unwrap_or_else(|| "application/octet-stream".to_owned()),
        file_name: media.file_name.clone(),
        bytes: response.body,
    })
}

/// The address lives five minutes: asking for the file again gives a new one. A file too large once is too large for ever.
fn download_failed(mut error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::NotFound => error.retry = Retry::Later,
        ErrorKind::TooLarge => error.retry = Retry::Never,
        _ => {}
    }
    repeatable(error)
}
