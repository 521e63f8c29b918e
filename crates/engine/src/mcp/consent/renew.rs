//! The token that a call goes out with. It is renewed before it ends, or once when it is refused, by one of all who want it; when it cannot
//! be renewed, it is dropped and people are asked to consent again.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret,
    ids::{AuditId, TaskId},
    mcp::{McpAuth, McpServer},
};
use frontdesk_store::{Result, audit, mcp, mcp_grants, mcp_grants::Grant, tasks, work};
use serde_json::json;

use super::{
    client_secret, door,
    exchange::{Failed, Tokens},
    sealed_tokens, tokens_of,
};
use crate::{
    Desk,
    events::Event,
    grants::NoToken,
    mcp::{Server, watch},
};

/// Longer than the question takes.
const CLAIM: Duration = Duration::from_secs(25);
/// While another process renews.
const STEP: Duration = Duration::from_millis(250);

pub(super) const NOT_CONNECTED: &str = "The server is not set up: a person of the team has to consent to the access (Connect).";
const ELSEWHERE: &str = "The access is being renewed: try again.";

/// A token that is good now. `refused`: the server does not take this one.
pub(in crate::mcp) async fn token(
    desk: &Arc<Desk>,
    scope: &Scope,
    server: &Server,
    refused: Option<&Secret>,
    patience: Duration,
) -> std::result::Result<Secret, NoToken> {
    match renewed(desk, scope, server, refused, patience).await {
        Ok(answer) => answer,
        Err(e) => {
            tracing::error!(tenant = %scope.tenant(), server = %server.server.id, error = %e, "access could not be read");
            Err(NoToken::Unavailable("The access could not be looked up: try again.".to_owned()))
        }
    }
}

async fn renewed(
    desk: &Arc<Desk>,
    scope: &Scope,
    server: &Server,
    refused: Option<&Secret>,
    patience: Duration,
) -> Result<std::result::Result<Secret, NoToken>> {
    if let Standing::Good(token) = look(desk, scope, server, refused).await? {
        return Ok(Ok(token));
    }
    let unavailable = || Ok(Err(NoToken::Unavailable(ELSEWHERE.to_owned())));
    let alone = desk.grants.alone(scope.tenant(), server.server.id.as_str());
    let Ok(_alone) = tokio::time::timeout(patience, alone.lock_owned()).await else { return unavailable() };
    for _ in 0..=(patience.as_millis() / STEP.as_millis()) {
        let old = match look(desk, scope, server, refused).await? {
            Standing::Good(token) => return Ok(Ok(token)),
            Standing::None(why) => return Ok(Err(NoToken::Refused(why))),
            Standing::Old(old) => old,
        };
        let (s, id, sealed, now) = (scope.clone(), server.server.id.clone(), old.sealed.clone(), desk.now());
        let claimed =
            desk.db.write(scope, work!(tx => mcp_grants::claim(tx, &s, &id, &sealed, now, now.plus(CLAIM)).await)).await?;
        if claimed {
            // What was given in exchange is stored also when nobody waits for it any more.
            let (desk, scope, server) = (desk.clone(), scope.clone(), server.clone());
            let task = desk.clone().tasks.spawn(async move { renew(&desk, &scope, &server, *old).await });
            return task.await.unwrap_or_else(|_| unavailable());
        }
        desk.pause.pause(STEP).await;
    }
    unavailable()
}

/// How the access to a server stands.
enum Standing {
    Good(Secret),
    Old(Box<Old>),
    None(String),
}

struct Old {
    grant: Grant,
    sealed: String,
    tokens: Tokens,
}

async fn look(desk: &Desk, scope: &Scope, server: &Server, refused: Option<&Secret>) -> Result<Standing> {
    let (s, id) = (scope.clone(), server.server.id.clone());
    let found = desk.db.read(scope, work!(tx => mcp_grants::get(tx, &s, &id).await)).await?;
    let none = |why: &str| Ok(Standing::None(why.to_owned()));
    let Some(grant) = found.filter(|grant| is_for(grant, &server.server)) else { return none(NOT_CONNECTED) };
    let Some(sealed) = grant.sealed.clone() else { return none(grant.problem.as_deref().unwrap_or(NOT_CONNECTED)) };
    let Some(tokens) = tokens_of(desk, scope, &grant) else { return none(NOT_CONNECTED) };
    let fresh = grant.expires_at.is_none_or(|until| desk.now() < until);
    match fresh && refused != Some(&tokens.access) {
        true => Ok(Standing::Good(tokens.access)),
        false => Ok(Standing::Old(Box::new(Old { grant, sealed, tokens }))),
    }
}

/// A token goes to whom it was given for, as whom it was given to.
fn is_for(grant: &Grant, server: &McpServer) -> bool {
    let McpAuth::AuthorizationCode(wanted) = &server.auth else { return false };
    let same_client =
        if wanted.client_id.is_empty() { grant.client.registered_for.is_some() } else { grant.client.id == wanted.client_id };
    grant.url == server.url && same_client
}

async fn renew(desk: &Desk, scope: &Scope, server: &Server, old: Old) -> Result<std::result::Result<Secret, NoToken>> {
    let Old { grant, sealed, tokens } = old;
    let Some(refresh) = &tokens.refresh else { return lapse(desk, scope, server, &sealed, None).await };
    let secret = client_secret(desk, scope, server, &grant);
    let door = door(&grant, secret.as_ref());
    let fresh = match door.renew(desk, refresh).await {
        Ok(fresh) => fresh,
        Err(Failed::Refused(word)) => return lapse(desk, scope, server, &sealed, Some(&word)).await,
        Err(Failed::Not(none)) => {
            let (s, id) = (scope.clone(), grant.server.clone());
            desk.db.write(scope, work!(tx => mcp_grants::release(tx, &s, &id, &sealed).await)).await?;
            return Ok(Err(none));
        }
    };
    // Who does not give a new one leaves the old one good.
    let tokens = Tokens { refresh: fresh.tokens.refresh.or(tokens.refresh), ..fresh.tokens };
    let new = sealed_tokens(desk, scope, &grant.server, &tokens);
    let (s, id, until) = (scope.clone(), grant.server.clone(), fresh.until);
    if desk.db.write(scope, work!(tx => mcp_grants::renewed(tx, &s, &id, &sealed, &new, until).await)).await? {
        return Ok(Ok(tokens.access));
    }
    // It was disconnected, or connected anew, while we asked.
    door.give_back(desk, &tokens).await;
    Ok(Err(NoToken::Unavailable(ELSEWHERE.to_owned())))
}

/// Nothing is left to try: people are told, once.
async fn lapse(
    desk: &Desk,
    scope: &Scope,
    server: &Server,
    sealed: &str,
    word: Option<&str>,
) -> Result<std::result::Result<Secret, NoToken>> {
    let problem = match word {
        Some(word) => format!("The access has ended and was not renewed ({word}): a person of the team has to connect it again."),
        None => "The access has ended and cannot be renewed: a person of the team has to connect it again.".to_owned(),
    };
    let s = server.server.clone();
    tracing::warn!(tenant = %scope.tenant(), server = %s.id, "access to a server of tools has ended");
    let (task, trail): (TaskId, AuditId) = (desk.id(), desk.id());
    let title = format!("connect {} again: its access has ended", if s.title.is_empty() { &s.name } else { &s.title });
    let entry = audit::Entry {
        id: trail,
        actor_kind: "server".into(),
        actor: String::new(),
        action: "mcp_server.access_ended".into(),
        subject: s.id.to_string(),
        detail: json!({ "name": s.name, "reason": word.unwrap_or("expired") }),
        at: desk.now(),
    };
    let (scoped, id, now, said, sealed, opened) =
        (scope.clone(), s.id.clone(), desk.now(), problem.clone(), sealed.to_owned(), task.clone());
    let again = watch::after_failure(desk);
    let ended = desk.db.write(
        scope,
        work!(tx => {
            let ended = mcp_grants::lapse(tx, &scoped, &id, &sealed, &said).await?;
            if ended {
                mcp::failed(tx, &scoped, &id, &said, now, again).await?;
                tasks::open(tx, &scoped, &opened, "access_ended", &title, None, None, now).await?;
                audit::write(tx, &scoped, &entry).await?;
            }
            Ok(ended)
        }),
    );
    if !ended.await? {
        return Ok(Err(NoToken::Unavailable(ELSEWHERE.to_owned())));
    }
    desk.events.tell(scope.tenant(), Event::new("tool.changed", s.id.as_str()));
    desk.events.tell(scope.tenant(), Event::new("task.changed", task.as_str()));
    Ok(Err(NoToken::Refused(problem)))
}
