//! Files that visitors send and see. What a file is, its first bytes say; what its sender says is not believed.

use axum::{
    Json,
    body::Body as Raw,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontdesk_kernel::ids::MediaId;
use frontdesk_store::{
    media,
    uploads::{self, Upload},
    work,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    guest::Guest,
    pace::{FILES, FILES_OF_ADDRESS, READS},
    sniff::{self, Found},
};
use crate::{
    Limits, Web,
    kit::{Path, Problem, limits},
};

pub(super) const LARGEST: usize = 10 << 20;
/// In one message.
pub(super) const AT_ONCE: usize = 5;
/// What a page's file chooser offers.
pub(super) const TYPES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"];
const LONGEST_NAME: usize = 120;

pub(super) async fn upload(State(web): State<Web>, guest: Guest, headers: HeaderMap, body: Raw) -> Result<Response, Problem> {
    guest.pace(&web, FILES, Some(FILES_OF_ADDRESS))?;
    let large = Limits { body_bytes: LARGEST, inflated_bytes: LARGEST, body_timeout: web.limits.body_timeout * 6, ..web.limits };
    let bytes = limits::read(&headers, body, &large).await?;
    let Found { mime, image } = sniff::sniff(&bytes).map_err(|why| why.problem())?;
    let name = headers.get("x-file-name").and_then(|v| v.to_str().ok()).map(decoded).and_then(|name| plain_name(&name));
    let (id, now): (MediaId, _) = (web.desk.id(), web.desk.now());
    let size = bytes.len();
    let file = media::File {
        id: id.clone(),
        sha256: Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect(),
        mime: mime.to_owned(),
        file_name: name.clone(),
        bytes: bytes.to_vec(),
        created_at: now,
    };
    let upload = Upload {
        media: id.clone(),
        channel: guest.line.channel.id.clone(),
        visitor: guest.visitor.address.clone(),
        mime: mime.to_owned(),
        file_name: name.clone(),
        created_at: now,
    };
    let s = guest.scope.clone();
    web.desk
        .db
        .write(
            &guest.scope,
            work!(tx => {
                media::insert(tx, &s, &file).await?;
                uploads::insert(tx, &s, &upload).await
            }),
        )
        .await?;
    let body = json!({ "id": id, "mime": mime, "name": name, "size": size, "image": image });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Only what was shown in the visitor's own conversation, or what the visitor has just uploaded.
pub(super) async fn show(
    State(web): State<Web>,
    guest: Guest,
    Path((_, id)): Path<(String, MediaId)>,
) -> Result<Response, Problem> {
    guest.pace(&web, READS, None)?;
    let (s, visitor, conversation) = (guest.scope.clone(), guest.visitor.clone(), guest.conversation.clone());
    let file = web
        .desk
        .db
        .read(
            &guest.scope,
            work!(tx => {
                let mut mine = uploads::of_visitor(tx, &s, &visitor.channel, &visitor.address, &id).await?.is_some();
                if let Some(conversation) = &conversation && !mine {
                    mine = frontdesk_store::feed::shows(tx, &s, conversation, &id).await?;
                }
                if mine { media::get(tx, &s, &id).await } else { Ok(None) }
            }),
        )
        .await?;
    let file = file.ok_or_else(|| Problem::not_found("file"))?;
    // The team may have sent what no browser should open here.
    let (mime, image) = sniff::sniff(&file.bytes).map_or(("application/octet-stream", false), |found| (found.mime, found.image));
    let kind = if image { "inline" } else { "attachment" };
    let name = file.file_name.as_deref().map(encoded).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{kind}; filename*=UTF-8''{name}")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

/// Percent-encoded UTF-8, as headers carry it.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The last piece of a path, without what confuses people and file systems.
fn plain_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of text hide a file's real ending.
    let hidden =
        |c: &char| c.is_control() || matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = last.chars().filter(|c| !hidden(c)).take(LONGEST_NAME).collect();
    let name = name.trim().trim_start_matches('.').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_is_its_last_piece_in_plain_characters() {
        for (header, name) in [
            ("foto%20de%20Ana.png", Some("foto de Ana.png")),
            ("%C3%B1.pdf", Some("ñ.pdf")),
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Users\\ana\\cita.pdf", Some("cita.pdf")),
            ("a%00b%0d%0aX: y.txt", Some("abX: y.txt")),
            ("evil%E2%80%AEgnp.exe", Some("evilgnp.exe")),
            ("...", None),
            ("%", Some("%")),
            ("", None),
        ] {
            assert_eq!(plain_name(&decoded(header)).as_deref(), name, "{header}");
        }
        assert_eq!(plain_name(&"a".repeat(300)).unwrap().len(), LONGEST_NAME);
        assert_eq!(encoded("ñ a\"\r\n.pdf"), "%C3%B1%20a%22%0D%0A.pdf");
    }
}
