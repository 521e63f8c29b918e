//! What a visitor says and reads.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_engine::{
    events::Event,
    visitors::{self, Heard, Said},
};
use frontdesk_kernel::{ids::MediaId, message::Part};
use frontdesk_store::{feed, work};
use serde::Deserialize;
use serde_json::json;

use super::{
    files,
    guest::Guest,
    pace::{MESSAGES, MESSAGES_OF_ADDRESS, READS},
    shown::shown,
};
use crate::{
    Web,
    kit::{Body, Problem, Query},
};

/// In characters.
pub(super) const LONGEST_TEXT: usize = 4000;
const LONGEST_CHOICE: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// What comes after this number.
    after: Option<i64>,
    /// What comes before it; neither: the latest.
    before: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn list(State(web): State<Web>, guest: Guest, Query(page): Query<Page>) -> Result<Response, Problem> {
    guest.pace(&web, READS, None)?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::field("limit", "from 1 to 100"));
    }
    if page.after.is_some() && page.before.is_some() {
        return Err(Problem::field("after", "give either `after` or `before`"));
    }
    if page.after.is_some_and(|n| n < 0) || page.before.is_some_and(|n| n < 0) {
        return Err(Problem::field(if page.after.is_some() { "after" } else { "before" }, "is not a number of a message"));
    }
    let Some(conversation) = guest.conversation.clone() else {
        return Ok(Json(json!({ "messages": [], "head": 0, "more": false })).into_response());
    };
    let (s, after, before) = (guest.scope.clone(), page.after, page.before.unwrap_or(i64::MAX));
    let (mut found, head) = web
        .desk
        .db
        .read(
            &guest.scope,
            work!(tx => {
                let found = match after {
                    Some(seq) => feed::after(tx, &s, &conversation, seq, limit + 1).await?,
                    None => feed::before(tx, &s, &conversation, before, limit + 1).await?,
                };
                Ok((found, feed::head(tx, &s, &conversation).await?))
            }),
        )
        .await?;
    let more = found.len() > limit as usize;
    if more {
        // The one too many is at the far end.
        drop(if after.is_some() { found.pop() } else { Some(found.remove(0)) });
    }
    let messages: Vec<_> = found.iter().map(shown).collect();
    Ok(Json(json!({ "messages": messages, "head": head, "more": more })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Writing {
    /// The browser's own: sending it again is harmless.
    id: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    choice: Option<Choice>,
    #[serde(default)]
    files: Vec<MediaId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    id: String,
    title: String,
}

pub(super) async fn say(State(web): State<Web>, guest: Guest, Body(writing): Body<Writing>) -> Result<Response, Problem> {
    guest.pace(&web, MESSAGES, Some(MESSAGES_OF_ADDRESS))?;
    let said = writing.read()?;
    match visitors::say(&web.desk, &guest.line, &guest.visitor, said).await? {
        Heard::Kept { seq, message, at, repeated } => {
            let status = if repeated { StatusCode::OK } else { StatusCode::CREATED };
            let body = json!({ "seq": seq, "id": message, "at": at.to_string(), "repeated": repeated });
            Ok((status, Json(body)).into_response())
        }
        Heard::NoSuchFile(file) => {
            Err(Problem::field("files", format!("there is no file {file} of yours that waits to be sent")))
        }
    }
}

impl Writing {
    fn read(self) -> Result<Said, Problem> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !(8..=64).contains(&self.id.len()) || !self.id.bytes().all(plain) {
            return Err(Problem::field("id", "8 to 64 letters, digits, - or _"));
        }
        if self.files.len() > files::AT_ONCE {
            return Err(Problem::field("files", format!("at most {} at once", files::AT_ONCE)));
        }
        if (1..self.files.len()).any(|i| self.files[..i].contains(&self.files[i])) {
            return Err(Problem::field("files", "the same file twice"));
        }
        let mut parts = Vec::new();
        if let Some(text) = self.text.filter(|text| !text.trim().is_empty()) {
            if text.chars().count() > LONGEST_TEXT {
                return Err(Problem::field("text", format!("at most {LONGEST_TEXT} characters")));
            }
            parts.push(Part::Text { text });
        }
        if let Some(Choice { id, title }) = self.choice {
            let fits = |text: &str| (1..=LONGEST_CHOICE).contains(&text.chars().count());
            if !fits(&id) || !fits(title.trim()) {
                return Err(Problem::field("choice", format!("id and title: 1 to {LONGEST_CHOICE} characters")));
            }
            parts.push(Part::Choice { id, title });
        }
        if parts.is_empty() && self.files.is_empty() {
            return Err(Problem::invalid("Say something: `text`, `choice` or `files`."));
        }
        Ok(Said { id: self.id, parts, files: self.files })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    seq: i64,
}

/// The visitor has the chat open and has read up to here.
pub(super) async fn seen(State(web): State<Web>, guest: Guest, Body(seen): Body<Seen>) -> Result<StatusCode, Problem> {
    guest.pace(&web, READS, None)?;
    let Some(conversation) = guest.conversation else { return Ok(StatusCode::NO_CONTENT) };
    let (s, c) = (guest.scope.clone(), conversation.clone());
    let read = web.desk.db.write(&guest.scope, work!(tx => feed::seen(tx, &s, &c, seen.seq).await)).await?;
    if read > 0 {
        let event = Event::new("conversation.changed", conversation.as_str()).within(&conversation);
        web.desk.events.tell(guest.scope.tenant(), event);
    }
    Ok(StatusCode::NO_CONTENT)
}
