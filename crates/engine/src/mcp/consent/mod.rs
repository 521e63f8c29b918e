//! Access to a server of tools that a person consents to (OAuth authorization code with PKCE): asked for, taken up once by the browser that
//! asked, kept sealed, used for that server only, given back.

mod ask;
mod discover;
mod exchange;
mod renew;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret,
    ids::{McpServerId, SessionId, TenantId, UserId},
    mcp::McpAuth,
    oauth::{Client, Giver},
    scope::Server as OfServer,
};
use frontdesk_store::{
    Result, audit, challenges,
    mcp::{self, Kept},
    mcp_grants::{self, Grant},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::ask::{CannotAsk, begin, description};
use self::exchange::{Door, Failed, Tokens};
pub(super) use self::renew::token;
use super::{Server, keep, watch};
use crate::{Desk, access::tokens, admin, events::Event, grants::is_error_word};

/// Where browsers come back to.
pub const CALLBACK: &str = "/oauth/mcp/callback";
/// Where whoever gives access may read who we are.
pub const CLIENT: &str = "/oauth/mcp/client.json";
const CLIENT_NAME: &str = "frontdesk";
const KIND: &str = "mcp_consent";
/// From the question to the answer.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A question that somebody went to answer.
#[derive(Serialize, Deserialize)]
pub struct Begun {
    pub tenant: TenantId,
    pub server: McpServerId,
    pub person: UserId,
    pub session: SessionId,
    /// The server as it was: another one is not what was consented to.
    url: String,
    auth: McpAuth,
    resource: String,
    scope: String,
    giver: Giver,
    names_itself: bool,
    client: Client,
    client_sealed: Option<String>,
    redirect: String,
    verifier: String,
}

impl Begun {
    /// Who was asked for access.
    pub fn issuer(&self) -> &str {
        &self.giver.issuer
    }
}

/// What the browser brings back.
#[derive(Debug, Default)]
pub struct Brought {
    pub code: Option<String>,
    pub issuer: Option<String>,
    pub error: Option<String>,
}

/// Why there is no access.
#[derive(Debug)]
pub enum Unfinished {
    /// The server was changed or removed meanwhile.
    Changed,
    /// The person, or who gives access, said no.
    Denied,
    /// With this word of RFC 6749, where it was one.
    Told(Option<String>),
    /// The answer is not of whom was asked.
    OfAnother,
    /// The code was not taken; in words.
    NotTaken(String),
}

/// The question that belongs to a state; it is answered once. `None`: not one of ours, answered, or too old.
pub async fn take_up(desk: &Desk, state: &str) -> Result<Option<Begun>> {
    let (hash, now) = (tokens::hash(state), desk.now());
    let found = desk.db.write(&OfServer, work!(tx => challenges::take(tx, &OfServer, &hash, KIND, now).await)).await?;
    Ok(found.and_then(|challenge| {
        let detail: Value = serde_json::from_str(&challenge.detail).ok()?;
        let tenant = TenantId::parse(detail["tenant"].as_str()?).ok()?;
        let opened = desk.vault.open(&Scope::of(tenant), KIND, detail["sealed"].as_str()?).ok()?;
        serde_json::from_str(opened.reveal()).ok()
    }))
}

/// The answer: a code is exchanged, what is given for it is kept, and the server is asked for its tools.
pub async fn finish(
    desk: &Arc<Desk>,
    begun: Begun,
    brought: Brought,
    entry: audit::Entry,
) -> Result<std::result::Result<McpServerId, Unfinished>> {
    // Before anything else of the answer is believed (RFC 9207).
    if brought.issuer.as_ref().map_or(begun.names_itself, |issuer| *issuer != begun.giver.issuer) {
        return Ok(Err(Unfinished::OfAnother));
    }
    let code = match (brought.code, brought.error.as_deref()) {
        (_, Some("access_denied")) => return Ok(Err(Unfinished::Denied)),
        (_, Some(word)) => return Ok(Err(Unfinished::Told(Some(word.to_owned()).filter(|word| is_error_word(word))))),
        (Some(code), None) if !code.is_empty() && code.len() <= 4096 => code,
        _ => return Ok(Err(Unfinished::Told(None))),
    };
    let scope = Scope::of(begun.tenant.clone());
    let Some(server) = still(desk, &scope, &begun).await? else { return Ok(Err(Unfinished::Changed)) };
    let grant = Grant {
        server: begun.server.clone(),
        url: begun.url.clone(),
        resource: begun.resource.clone(),
        giver: begun.giver.clone(),
        client: begun.client.clone(),
        client_sealed: begun.client_sealed.clone(),
        scope: begun.scope.clone(),
        sealed: None,
        expires_at: None,
        problem: None,
        person: begun.person.clone(),
        connected_at: desk.now(),
    };
    let secret = client_secret(desk, &scope, &server, &grant);
    let door = door(&grant, secret.as_ref());
    let fresh = match door.redeem(desk, &code, &begun.verifier, &begun.redirect).await {
        Ok(fresh) => fresh,
        Err(Failed::Refused(word)) => return Ok(Err(Unfinished::NotTaken(format!("It refused ({word}).")))),
        Err(Failed::Not(none)) => return Ok(Err(Unfinished::NotTaken(none.words().to_owned()))),
    };
    let given = fresh.scope.filter(|scope| scope.len() <= 2_000 && !scope.chars().any(char::is_control));
    let kept = Grant {
        sealed: Some(sealed_tokens(desk, &scope, &grant.server, &fresh.tokens)),
        expires_at: fresh.until,
        scope: given.unwrap_or_else(|| grant.scope.clone()),
        ..grant.clone()
    };
    let (s, url, auth) = (scope.clone(), begun.url.clone(), begun.auth.clone());
    let put = desk.db.write(
        &scope,
        work!(tx => {
            let there = mcp::server(tx, &s, &kept.server).await?;
            let same = there.is_some_and(|there| there.server.url == url && there.server.auth == auth);
            if same {
                mcp_grants::put(tx, &s, &kept).await?;
                audit::write(tx, &s, &entry).await?;
            }
            Ok(same)
        }),
    );
    if !put.await? {
        door.give_back(desk, &fresh.tokens).await;
        return Ok(Err(Unfinished::Changed));
    }
    tell(desk, &scope, &begun.server);
    keep::refresh(desk, &scope, &begun.server).await?;
    Ok(Ok(begun.server))
}

/// The server, if it is the one that was consented to.
async fn still(desk: &Desk, scope: &Scope, begun: &Begun) -> Result<Option<Server>> {
    let (s, id) = (scope.clone(), begun.server.clone());
    let kept = desk.db.read(scope, work!(tx => mcp::server(tx, &s, &id).await)).await?;
    let same = kept.filter(|kept| kept.server.url == begun.url && kept.server.auth == begun.auth);
    Ok(same.map(|kept| Server::open(desk, scope, kept)))
}

/// Nobody has the access any more; who gave it is told so.
pub async fn end(desk: &Desk, scope: &Scope, kept: Kept, entry: audit::Entry) -> Result<()> {
    let (s, id, now, again) = (scope.clone(), kept.server.id.clone(), desk.now(), watch::after_failure(desk));
    let ended = desk.db.write(
        scope,
        work!(tx => {
            let grant = mcp_grants::take(tx, &s, &id).await?;
            if grant.is_some() {
                mcp::failed(tx, &s, &id, renew::NOT_CONNECTED, now, again).await?;
                audit::write(tx, &s, &entry).await?;
            }
            Ok(grant)
        }),
    );
    if let Some(grant) = ended.await? {
        tell(desk, scope, &grant.server);
        give_back(desk, scope, kept, &grant).await;
    }
    Ok(())
}

/// Access that was dropped from our rows is given back, as far as that is possible.
pub async fn give_back(desk: &Desk, scope: &Scope, kept: Kept, grant: &Grant) {
    let Some(tokens) = tokens_of(desk, scope, grant) else { return };
    let secret = client_secret(desk, scope, &Server::open(desk, scope, kept), grant);
    door(grant, secret.as_ref()).give_back(desk, &tokens).await;
}

fn tell(desk: &Desk, scope: &Scope, server: &McpServerId) {
    desk.directory.invalidate();
    desk.events.tell(scope.tenant(), Event::new("tool.changed", server.as_str()));
}

fn door<'d>(grant: &'d Grant, secret: Option<&'d Secret>) -> Door<'d> {
    Door { giver: &grant.giver, client: &grant.client, secret, resource: &grant.resource }
}

/// Ours, where we registered ourselves; else the one that was entered with the client id.
fn client_secret(desk: &Desk, scope: &Scope, server: &Server, grant: &Grant) -> Option<Secret> {
    if grant.client.registered_for.is_none() {
        return server.secret.clone();
    }
    let sealed = grant.client_sealed.as_ref()?;
    desk.vault.open(scope, &client_field(&grant.server), sealed).ok()
}

fn tokens_of(desk: &Desk, scope: &Scope, grant: &Grant) -> Option<Tokens> {
    match desk.vault.open(scope, &tokens_field(&grant.server), grant.sealed.as_ref()?) {
        Ok(text) => Tokens::read(&text),
        Err(e) => {
            tracing::error!(tenant = %scope.tenant(), server = %grant.server, error = %e, "access cannot be opened");
            None
        }
    }
}

fn sealed_tokens(desk: &Desk, scope: &Scope, server: &McpServerId, tokens: &Tokens) -> String {
    admin::seal(desk, scope, &tokens_field(server), &tokens.written())
}

fn tokens_field(server: &McpServerId) -> String {
    format!("mcp/{server}/tokens")
}

fn client_field(server: &McpServerId) -> String {
    format!("mcp/{server}/client")
}

fn shown(address: &str) -> String {
    super::clean::line(address, 200)
}
