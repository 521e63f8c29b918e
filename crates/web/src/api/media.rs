//! Files of conversations: shown where they cannot do anything, downloaded otherwise; uploads for replies.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontdesk_kernel::ids::*;
use frontdesk_store::{
    media::{self, About, File},
    work,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Limits, Web,
    kit::{Caller, Created, Path, Problem, Query, limits},
};

pub(crate) mod kinds;

/// A file opens in a place of its own, where nothing runs.
const POLICY: &str = "default-src 'none'; sandbox";
const FOR_EVER: &str = "private, max-age=31536000, immutable";
const LONGEST_NAME: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(upload)).routes(routes!(show))
}

/// The bytes of a file.
///
/// Pictures, sound and video are shown inline when they are what they say; everything else is a download.
#[utoipa::path(get, path = "/media/{id}", tag = "media", params(("id" = MediaId, Path)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = String),
              (status = 206, description = "A piece of it, when a `Range` was asked for", content_type = "application/octet-stream", body = String),
              (status = 304, description = "The file has not changed; it never does")))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<MediaId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.require("media:read")?;
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let about = web.desk.db.read(&caller.scope, work!(tx => media::about(tx, &s, &wanted).await)).await?;
    let about = about.ok_or_else(|| Problem::not_found("file"))?;
    let tag = format!("\"{}\"", about.sha256);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|t| t.trim() == tag)) {
        return Ok(
            (StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::CACHE_CONTROL, FOR_EVER.to_owned())]).into_response()
        );
    }
    let s = caller.scope.clone();
    let file = web.desk.db.read(&caller.scope, work!(tx => media::get(tx, &s, &id).await)).await?;
    let file = file.ok_or_else(|| Problem::not_found("file"))?;
    Ok(served(file, &tag, headers.get(header::RANGE).and_then(|v| v.to_str().ok())))
}

fn served(file: File, tag: &str, range: Option<&str>) -> Response {
    let inline = kinds::is_shown(&file.mime, &file.bytes);
    let mime = if inline { file.mime.as_str() } else { "application/octet-stream" };
    let (disposition, size) = (disposition(inline, file.file_name.as_deref(), &file.mime), file.bytes.len());
    let bytes = Bytes::from(file.bytes);
    let (status, bytes, part) = match range.map(|r| piece(r, size)) {
        Some(Some((from, to))) => {
            (StatusCode::PARTIAL_CONTENT, bytes.slice(from..to), Some(format!("bytes {from}-{}/{size}", to - 1)))
        }
        Some(None) => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(format!("bytes */{size}"))),
        None => (StatusCode::OK, bytes, None),
    };
    let mut response = (status, Body::from(bytes)).into_response();
    let mut set = |name: header::HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, mime);
    set(header::CONTENT_DISPOSITION, &disposition);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::CACHE_CONTROL, FOR_EVER);
    set(header::ETAG, tag);
    set(header::ACCEPT_RANGES, "bytes");
    if let Some(part) = part {
        set(header::CONTENT_RANGE, &part);
    }
    response
}

/// One range, as players ask for; several are answered with nothing.
fn piece(range: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from.trim(), to.trim()) {
        ("", last) => (size.checked_sub(last.parse::<usize>().ok()?.min(size))?, size),
        (from, "") => (from.parse().ok()?, size),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.saturating_add(1).min(size)),
    };
    (from < to).then_some((from, to))
}

/// The name as it was given, without what a name must not hold, and once more in plain ASCII.
fn disposition(inline: bool, name: Option<&str>, mime: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let name: String =
        name.unwrap_or_default().chars().filter(|c| !c.is_control() && !"/\\\"<>:|?*".contains(*c)).take(LONGEST_NAME).collect();
    let name = match name.trim().trim_matches('.') {
        "" => format!("file.{}", kinds::extension(mime)),
        name => name.to_owned(),
    };
    let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-._~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaView {
    /// Give it as `stored` of a `media` part.
    id: MediaId,
    mime: String,
    file_name: Option<String>,
    size: i64,
    /// How it is sent: `image`, `audio`, `video` or `document`.
    kind: &'static str,
}

impl From<About> for MediaView {
    fn from(a: About) -> MediaView {
        MediaView { kind: kinds::sent_as(&a.mime), id: a.id, mime: a.mime, file_name: a.file_name, size: a.size }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Upload {
    #[param(max_length = 200)]
    file_name: Option<String>,
}

/// Uploads a file for a reply: the body is the file itself, `Content-Type` says what it is.
#[utoipa::path(post, path = "/media", tag = "media", params(Upload),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = MediaView)))]
pub(crate) async fn upload(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<Upload>,
    headers: HeaderMap,
    body: Body,
) -> Result<Created<MediaView>, Problem> {
    caller.require("media:write")?;
    let declared = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mime = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !kinds::can_be_sent(&mime) {
        let detail = format!("Content-Type: `{mime}` cannot be sent; send a picture, sound, a video, a document or plain text.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
    }
    if q.file_name.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
        return Err(Problem::field("file_name", format!("one line of at most {LONGEST_NAME} characters")));
    }
    let settings = &web.desk.settings;
    let most = match kinds::sent_as(&mime) {
        "image" => settings.max_image_bytes,
        "audio" => settings.max_audio_bytes,
        "video" => settings.max_video_bytes,
        _ => settings.max_document_bytes,
    };
    let bytes = limits::read(&headers, body, &Limits { body_bytes: most, inflated_bytes: most, ..web.limits }).await?;
    if bytes.is_empty() {
        return Err(Problem::invalid("The file is empty."));
    }
    if !kinds::is_what_it_says(&mime, &bytes) {
        return Err(Problem::invalid(format!("The file is not `{mime}`: its contents are something else.")));
    }
    let sha256 = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
    let file =
        File { id: web.desk.id(), sha256, mime, file_name: q.file_name, bytes: bytes.to_vec(), created_at: web.desk.now() };
    let (s, id) = (caller.scope.clone(), file.id.clone());
    let stored = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                media::insert(tx, &s, &file).await?;
                media::about(tx, &s, &file.id).await
            }),
        )
        .await?;
    let stored = stored.ok_or_else(Problem::internal)?;
    Ok(Created::at(format!("/api/v1/media/{id}"), stored.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header_and_a_page_is_a_download() {
        let html = disposition(kinds::is_shown("text/html", b"<script>"), Some("a\"\r\nx: y/../é.html"), "text/html");
        assert_eq!(html, "attachment; filename=\"ax y.._.html\"; filename*=UTF-8''ax%20y..%C3%A9.html");
        assert_eq!(disposition(true, None, "image/png"), "inline; filename=\"file.png\"; filename*=UTF-8''file.png");
    }

    #[test]
    fn a_range_is_within_the_file() {
        for (range, found) in [
            ("bytes=0-", Some((0, 10))),
            ("bytes=2-4", Some((2, 5))),
            ("bytes=-3", Some((7, 10))),
            ("bytes=5-99", Some((5, 10))),
            ("bytes=10-", None),
            ("bytes=4-2", None),
            ("bytes=0-1,4-5", None),
            ("lines=1-", None),
        ] {
            assert_eq!(piece(range, 10), found, "{range}");
        }
    }
}
