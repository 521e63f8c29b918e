//! Access to a server of tools that a person consents to (OAuth authorization code with PKCE): asked for, taken up once by the browser that
//! asked, kept sealed, used for that server only, given back.

mod address;
mod answer;
mod ask;
mod challenge;
mod discover;
mod exchange;
mod renew;
mod trouble;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret,
    ids::{McpServerId, SessionId, TenantId, UserId},
    mcp::{McpAuth, McpServer},
    oauth::{Client, Giver},
};
use frontdesk_store::{
    Result, audit,
    mcp::{self, Kept},
    mcp_grants::{self, Grant},
    work,
};
use serde::{Deserialize, Serialize};

use self::exchange::{Door, Tokens};
pub use self::{
    answer::{finish, take_up},
    ask::{CannotAsk, begin, description},
};
pub(super) use self::{
    renew::{Granted, accepted, not_taken, token},
    trouble::NOT_CONNECTED,
};
use super::{Server, watch};
use crate::{Desk, admin, events::Event};

/// Where browsers come back to, with the server's id behind it: an answer that was meant for one server's question is none for another's.
pub const CALLBACK: &str = "/oauth/mcp/callback";
/// Where whoever gives access may read who we are, with the server's id behind it.
pub const CLIENT: &str = "/oauth/mcp/client";
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
    /// The client's secret as it is sealed: it was for this giver, another one is not.
    secret: Option<String>,
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
    /// Whether this is the server that was consented to, and what it proves itself with is for whoever was asked.
    fn is_of(&self, kept: &Kept) -> bool {
        let same = kept.server.url == self.url && kept.server.auth == self.auth && kept.sealed == self.secret;
        same && (kept.sealed.is_none() || kept.sealed_for.as_ref() == Some(&self.giver.issuer))
    }

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
    /// The answer is not of whom was asked, or belongs to another question.
    OfAnother,
    /// The code was not taken; in words.
    NotTaken(String),
}

/// Where browsers come back to from questions about this server.
pub fn way_back(desk: &Desk, server: &McpServerId) -> String {
    format!("{}{CALLBACK}/{server}", desk.access.public_url())
}

/// Nobody has the access any more; who gave it is told so.
pub async fn end(desk: &Arc<Desk>, scope: &Scope, kept: Kept, entry: audit::Entry) -> Result<()> {
    let (s, id, now, again) = (scope.clone(), kept.server.id.clone(), desk.now(), watch::after_failure(desk));
    let ended = desk.db.write(
        scope,
        work!(tx => {
            mcp::lock(tx, &s, &id).await?;
            let grant = mcp_grants::take(tx, &s, &id).await?;
            if grant.is_some() {
                mcp::failed(tx, &s, &id, NOT_CONNECTED, now, again).await?;
                audit::write(tx, &s, &entry).await?;
            }
            Ok(grant)
        }),
    );
    if let Some(grant) = ended.await? {
        tell(desk, scope, &grant.server);
        give_back(desk, scope, kept, grant);
    }
    Ok(())
}

/// Access that was dropped from our rows is given back, as far as that is possible, whether or not anybody waits for it.
pub fn give_back(desk: &Arc<Desk>, scope: &Scope, kept: Kept, grant: Grant) {
    let Some(tokens) = tokens_of(desk, scope, &grant) else { return };
    let secret = client_secret(desk, scope, &Server::open(desk, scope, kept), &grant);
    let working = desk.clone();
    desk.tasks.spawn(async move { door(&grant, secret.as_ref()).give_back(&working, &tokens).await });
}

/// Whether there is access, and it is for this server as it is now.
pub fn stands(grant: &Grant, server: &McpServer) -> bool {
    grant.sealed.is_some() && is_for(grant, server)
}

/// A token goes to whom it was given for, as whom it was given to.
fn is_for(grant: &Grant, server: &McpServer) -> bool {
    let McpAuth::AuthorizationCode(wanted) = &server.auth else { return false };
    let same_client =
        if wanted.client_id.is_empty() { grant.client.registered_for.is_some() } else { grant.client.id == wanted.client_id };
    grant.url == server.url && same_client
}

fn tell(desk: &Desk, scope: &Scope, server: &McpServerId) {
    desk.directory.invalidate();
    desk.events.tell(scope.tenant(), Event::new("tool.changed", server.as_str()));
}

fn door<'d>(grant: &'d Grant, secret: Option<&'d Secret>) -> Door<'d> {
    Door { giver: &grant.giver, client: &grant.client, secret, resource: &grant.resource }
}

/// Ours, where we registered ourselves; else the one that was entered with the client id, for whom it was first used with.
fn client_secret(desk: &Desk, scope: &Scope, server: &Server, grant: &Grant) -> Option<Secret> {
    if grant.client.registered_for.is_none() {
        return server.secret.clone().filter(|_| server.sealed_for.as_ref() == Some(&grant.giver.issuer));
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
