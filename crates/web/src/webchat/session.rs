//! What a page needs to show the chat, and the visitor's way in.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use frontdesk_engine::visitors::{self, Identity};
use serde::Deserialize;
use serde_json::json;

use super::{
    files,
    guest::Passerby,
    messages::LONGEST_TEXT,
    pace::{READS, SESSIONS_OF_ADDRESS},
};
use crate::{
    Web,
    kit::{Body, Problem},
};

const COLOR: &str = "#0f766e";

/// How the chat looks here. The same for everybody, so it may be kept for a minute.
pub(super) async fn about(State(web): State<Web>, passerby: Passerby) -> Result<Response, Problem> {
    passerby.paces.take_of_address(READS, passerby.address, web.desk.now())?;
    let line = &passerby.line;
    let view = web.desk.directory.tenant(&web.desk, &line.tenant).await?.ok_or_else(|| Problem::not_found("web chat"))?;
    let setting = |key: &str| line.account.setting(key).map(str::trim).filter(|text| !text.is_empty());
    let body = json!({
        "title": setting("title").unwrap_or(&view.tenant.name),
        "color": setting("color").unwrap_or(COLOR),
        "greeting": setting("greeting"),
        "language": view.tenant.language,
        "text_limit": LONGEST_TEXT,
        "file_limit": files::LARGEST,
        "files_at_once": files::AT_ONCE,
        "file_types": files::TYPES,
    });
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(body)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entering {
    /// The pass of an earlier visit.
    #[serde(default)]
    pass: Option<String>,
    #[serde(default)]
    identity: Option<Proof>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    user_id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    hash: String,
}

pub(super) async fn enter(
    State(web): State<Web>,
    passerby: Passerby,
    Body(entering): Body<Entering>,
) -> Result<Response, Problem> {
    passerby.paces.take_of_address(SESSIONS_OF_ADDRESS, passerby.address, web.desk.now())?;
    let line = &passerby.line;
    let proven = match entering.identity {
        None => None,
        Some(proof) => {
            let identity = proof.read()?;
            if !identity.proven(line) {
                let detail = "The identity's hash is not the HMAC-SHA256 of user_id under this channel's identity secret.";
                return Err(Problem::forbidden("identity_refused", detail));
            }
            Some(identity)
        }
    };
    let before = entering.pass.and_then(|pass| visitors::read(&web.desk, line, &pass));
    let visitor = visitors::enter(&web.desk, line, before.clone(), proven).await?;
    let body = json!({
        "pass": visitors::issue(&web.desk, &visitor),
        "expires_at": visitor.expires_at.to_string(),
        "identified": visitor.identified,
        "resumed": before.is_some_and(|b| b.address == visitor.address),
    });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

impl Proof {
    fn read(self) -> Result<Identity, Problem> {
        let name = short("identity.name", self.name, 80)?;
        let email = short("identity.email", self.email, 254)?;
        if email.as_ref().is_some_and(|e| !e.contains('@') || e.contains(char::is_whitespace)) {
            return Err(Problem::field("identity.email", "is not an e-mail address"));
        }
        let user_id = short("identity.user_id", Some(self.user_id), 128)?;
        let user_id = user_id.ok_or_else(|| Problem::field("identity.user_id", "is empty"))?;
        Ok(Identity { user_id, name, email, hash: self.hash })
    }
}

/// One line; an empty one is none.
fn short(path: &str, text: Option<String>, longest: usize) -> Result<Option<String>, Problem> {
    let Some(text) = text else { return Ok(None) };
    if text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(Problem::field(path, format!("write one line of at most {longest} characters")));
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}
