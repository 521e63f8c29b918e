//! Media before the model: files are fetched with the account's token, capped, stored; voice is transcribed. What fails is told, not hidden.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    agent::ModelChoice,
    effect::backoff,
    ids::*,
    message::{Media, MediaKind, Message, Part},
    ports::{channel::MediaBytes, model::Content},
};
use frontdesk_store::{Result, lanes, lanes::Claim, media, messages, work};
use sha2::{Digest, Sha256};

use super::gather::Gathered;
use crate::{Desk, models};

const TRIES: u32 = 2;

/// Fetches and transcribes what this turn's messages hold, beginning with the one at `from`. Returns the images, by the index of their message.
pub(super) async fn to_media(
    desk: &Desk,
    claim: &Claim,
    g: &mut Gathered,
    chain: &[ModelChoice],
    from: usize,
) -> Result<Vec<(usize, Content)>> {
    let wants_images = chain.first().and_then(|c| desk.vendor(&c.vendor)).is_some_and(|v| v.model.about().images);
    let mut images = Vec::new();
    for i in from..g.incoming.len() {
        let mut fetched = g.incoming[i].parts.clone();
        let mut files = Vec::new();
        let mut changed = false;
        for part in &mut fetched {
            let Part::Media(m) = part else { continue };
            let Some(bytes) = obtain(desk, g, m, &mut files).await? else {
                changed = true;
                continue;
            };
            changed |= !files.is_empty();
            if matches!(m.kind, MediaKind::Voice | MediaKind::Audio) && m.transcript.is_none() && m.problem.is_none() {
                changed = true;
                match models::transcribe(desk, &g.view, chain, bytes.bytes.clone(), &bytes.mime).await {
                    Ok(text) => m.transcript = Some(text),
                    Err(e) => m.problem = Some(format!("could not be transcribed: {}", e.kind_in_words())),
                }
            }
            if wants_images && matches!(m.kind, MediaKind::Image | MediaKind::Sticker) && bytes.mime.starts_with("image/") {
                images.push((i, Content::Image { mime: bytes.mime, bytes: bytes.bytes }));
            }
        }
        let kept = if changed { store(desk, claim, g, i, fetched, files).await? } else { None };
        if let Some(parts) = kept {
            if !parts.iter().any(|part| matches!(part, Part::Media(_))) {
                images.retain(|(of, _)| *of != i);
            }
            g.incoming[i].parts = parts;
        }
    }
    Ok(images)
}

/// The bytes of a file: from our store, else from the vendor (then also in `files`, to be stored). `None`: it cannot be had, and why is noted.
async fn obtain(desk: &Desk, g: &Gathered, m: &mut Media, files: &mut Vec<media::File>) -> Result<Option<MediaBytes>> {
    if let Some(id) = m.stored.clone() {
        let s = g.scope.clone();
        let file = desk.db.read(&g.scope, work!(tx => media::get(tx, &s, &id).await)).await?;
        return Ok(file.map(|f| MediaBytes { mime: f.mime, file_name: f.file_name, bytes: Bytes::from(f.bytes) }));
    }
    if m.problem.is_some() {
        return Ok(None);
    }
    match fetch(desk, g, m).await {
        Ok(bytes) => {
            let sha256 = Sha256::digest(&bytes.bytes).iter().map(|b| format!("{b:02x}")).collect();
            let id: MediaId = desk.id();
            files.push(media::File {
                id: id.clone(),
                sha256,
                mime: bytes.mime.clone(),
                file_name: bytes.file_name.clone().or_else(|| m.file_name.clone()),
                bytes: bytes.bytes.to_vec(),
                created_at: desk.now(),
            });
            m.stored = Some(id);
            m.mime.get_or_insert_with(|| bytes.mime.clone());
            Ok(Some(bytes))
        }
        Err(e) => {
            tracing::warn!(error = %e, "a received file could not be fetched");
            m.problem = Some(format!("could not be downloaded: {}", e.kind_in_words()));
            Ok(None)
        }
    }
}

async fn fetch(desk: &Desk, g: &Gathered, m: &Media) -> std::result::Result<MediaBytes, ConnectorError> {
    let unsupported =
        || ConnectorError::new("frontdesk", "fetch_media", ErrorKind::Unsupported, Retry::Never, "no files on this channel");
    let channel = desk.channel(&g.line.channel.kind).filter(|c| c.about().media_in).ok_or_else(unsupported)?;
    if desk.settings.mock_mode || g.line.channel.mock {
        return Err(unsupported());
    }
    let max = match m.kind {
        MediaKind::Image | MediaKind::Sticker => desk.settings.max_image_bytes,
        MediaKind::Audio | MediaKind::Voice => desk.settings.max_audio_bytes,
        MediaKind::Video => desk.settings.max_video_bytes,
        MediaKind::Document => desk.settings.max_document_bytes,
    };
    for attempt in 1.. {
        let wait = match channel.fetch_media(desk.http.as_ref(), &g.line.account, m, max).await {
            Ok(bytes) => return Ok(bytes),
            Err(e) if attempt >= TRIES || e.retry == Retry::Never => return Err(e),
            Err(e) => match e.retry {
                Retry::After(d) => d.min(Duration::from_secs(5)),
                _ => backoff(attempt, 0.0),
            },
        };
        desk.pause.pause(wait).await;
    }
    Err(unsupported())
}

/// Keeps what was fetched for the files that a message still has: it may have been edited or deleted meanwhile. Its parts, as they are now.
async fn store(
    desk: &Desk,
    claim: &Claim,
    g: &Gathered,
    i: usize,
    fetched: Vec<Part>,
    files: Vec<media::File>,
) -> Result<Option<Vec<Part>>> {
    let (s, c, id, asked) = (g.scope.clone(), claim.clone(), g.incoming[i].id.clone(), g.incoming[i].parts.clone());
    desk.db
        .write(
            &g.scope,
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                let Some(Message { mut parts, .. }) = messages::get(tx, &s, &id).await? else { return Ok(None) };
                for part in &mut parts {
                    carry_over(part, &asked, &fetched);
                }
                for file in &files {
                    if holds(&parts, &file.id) {
                        media::insert(tx, &s, file).await?;
                    }
                }
                messages::set_parts(tx, &s, &id, &parts).await?;
                Ok(Some(parts))
            }),
        )
        .await
}

/// What was fetched for this very file.
fn carry_over(part: &mut Part, asked: &[Part], fetched: &[Part]) {
    let Part::Media(now) = part else { return };
    for both in asked.iter().zip(fetched) {
        let (Part::Media(before), Part::Media(after)) = both else { continue };
        if (&before.vendor_ref, &before.url, &before.stored) == (&now.vendor_ref, &now.url, &now.stored) {
            let Media { stored, mime, transcript, problem, .. } = after.clone();
            (now.stored, now.mime, now.transcript, now.problem) = (stored, mime, transcript, problem);
            return;
        }
    }
}

fn holds(parts: &[Part], file: &MediaId) -> bool {
    parts.iter().any(|part| matches!(part, Part::Media(media) if media.stored.as_ref() == Some(file)))
}
