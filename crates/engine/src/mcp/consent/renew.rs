//! The token that a call goes out with. It is renewed before it ends, or once when it is refused, by one of all who want it; when it cannot
//! be renewed, it is dropped and people are asked to consent again.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{Scope, Secret, Timestamp};
use frontdesk_store::{
    Result, mcp,
    mcp_grants::{self, Grant},
    work,
};

use super::{
    answer::surely,
    client_secret, door,
    exchange::Tokens,
    is_for, sealed_tokens, tokens_of,
    trouble::{NOT_CONNECTED, NOT_TAKEN, Trouble, tell_once},
};
use crate::{Desk, grants::NoToken, mcp::Server};

/// Longer than the question takes, and writing the answer down when the database is away for a while (`surely`).
const CLAIM: Duration = Duration::from_secs(5 * 60);
/// While another process renews.
const STEP: Duration = Duration::from_millis(250);
/// What a server refuses although it is as good as new is not renewed for it more often.
const PATIENCE_WITH_SERVERS: Duration = Duration::from_secs(3600);
/// Between renewals that come to nothing: at first, and at most.
const SHORTEST_RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_secs(15 * 60);

const ELSEWHERE: &str = "The access is being renewed: try again.";

/// A token that is good now, as far as we know.
#[derive(Clone)]
pub(in crate::mcp) struct Granted {
    pub(in crate::mcp) token: Secret,
    /// The server did not take the last ones.
    pub(in crate::mcp) doubted: bool,
}

type Answer = std::result::Result<Granted, NoToken>;

fn unavailable() -> Answer {
    Err(NoToken::Unavailable(ELSEWHERE.to_owned()))
}

/// Within `patience`, all in all. `refused`: the server does not take this one.
pub(in crate::mcp) async fn token(
    desk: &Arc<Desk>,
    scope: &Scope,
    server: &Server,
    refused: Option<&Secret>,
    patience: Duration,
) -> Answer {
    match tokio::time::timeout(patience, renewed(desk, scope, server, refused, patience)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(e)) => {
            tracing::error!(tenant = %scope.tenant(), server = %server.server.id, error = %e, "access could not be read");
            Err(NoToken::Unavailable("The access could not be looked up: try again.".to_owned()))
        }
        Err(_) => unavailable(),
    }
}

async fn renewed(
    desk: &Arc<Desk>,
    scope: &Scope,
    server: &Server,
    refused: Option<&Secret>,
    patience: Duration,
) -> Result<Answer> {
    if let Standing::Is(answer) = look(desk, scope, server, refused).await? {
        return Ok(answer);
    }
    let _alone = desk.grants.alone(scope.tenant(), server.server.id.as_str()).lock_owned().await;
    for _ in 0..=(patience.as_millis() / STEP.as_millis()) {
        let old = match look(desk, scope, server, refused).await? {
            Standing::Is(answer) => return Ok(answer),
            Standing::Old(old) => old,
        };
        // What was given in exchange is stored also when nobody waits for it any more.
        let (working, scope, server) = (desk.clone(), scope.clone(), server.clone());
        let task = desk.tasks.spawn(async move {
            match claim(&working, &scope, &old).await? {
                true => renew(&working, &scope, &server, *old).await.map(Some),
                false => Ok(None),
            }
        });
        if let Some(answer) = task.await.unwrap_or_else(|_| Ok(Some(unavailable())))? {
            return Ok(answer);
        }
        desk.pause.pause(STEP).await;
    }
    Ok(unavailable())
}

/// How the access to a server stands.
enum Standing {
    Is(Answer),
    Old(Box<Old>),
}

/// Tokens that are to be exchanged.
struct Old {
    grant: Grant,
    sealed: String,
    tokens: Tokens,
    /// They have not ended yet: the server refused them.
    early: bool,
}

async fn look(desk: &Desk, scope: &Scope, server: &Server, refused: Option<&Secret>) -> Result<Standing> {
    let (s, id, now) = (scope.clone(), server.server.id.clone(), desk.now());
    let found = desk.db.read(scope, work!(tx => mcp_grants::get(tx, &s, &id).await)).await?;
    let none = |why: &str| Ok(Standing::Is(Err(NoToken::Refused(why.to_owned()))));
    let Some(grant) = found.filter(|grant| is_for(grant, &server.server)) else { return none(NOT_CONNECTED) };
    let Some(sealed) = grant.sealed.clone() else { return none(grant.problem.as_deref().unwrap_or(NOT_CONNECTED)) };
    let Some(tokens) = tokens_of(desk, scope, &grant) else { return none(NOT_CONNECTED) };
    let early = grant.expires_at.is_none_or(|until| now < until);
    if early && refused != Some(&tokens.access) {
        return Ok(Standing::Is(Ok(Granted { token: tokens.access, doubted: grant.refused_at.is_some() })));
    }
    if early && grant.refused_at.is_some_and(|at| now < at.plus(PATIENCE_WITH_SERVERS)) {
        return none(NOT_TAKEN);
    }
    if grant.retry_at.is_some_and(|at| now < at) {
        let why = grant.problem.unwrap_or_else(|| ELSEWHERE.to_owned());
        return Ok(Standing::Is(Err(NoToken::Unavailable(why))));
    }
    Ok(Standing::Old(Box::new(Old { grant, sealed, tokens, early })))
}

/// `false`: somebody else exchanges them. Where nothing can be exchanged, nobody keeps others from saying so.
async fn claim(desk: &Desk, scope: &Scope, old: &Old) -> Result<bool> {
    if old.tokens.refresh.is_none() {
        return Ok(true);
    }
    let (s, id, sealed, now) = (scope.clone(), old.grant.server.clone(), old.sealed.clone(), desk.now());
    desk.db.write(scope, work!(tx => mcp_grants::claim(tx, &s, &id, &sealed, now, now.plus(CLAIM)).await)).await
}

async fn renew(desk: &Desk, scope: &Scope, server: &Server, old: Old) -> Result<Answer> {
    let Old { grant, sealed, tokens, early } = old;
    let Some(refresh) = &tokens.refresh else {
        // One refusal may be a fault over there.
        let trouble = if early && grant.refused_at.is_none() { Trouble::NotTaken } else { Trouble::Ended(None) };
        return none(desk, scope, server, &sealed, &trouble).await;
    };
    // What turns have in memory may be older than the secret.
    let (s, id) = (scope.clone(), grant.server.clone());
    let Some(kept) = desk.db.read(scope, work!(tx => mcp::server(tx, &s, &id).await)).await? else { return Ok(unavailable()) };
    let secret = client_secret(desk, scope, &Server::open(desk, scope, kept), &grant);
    let door = door(&grant, secret.as_ref());
    let fresh = match door.renew(desk, refresh).await {
        Ok(fresh) => fresh,
        Err(failed) => {
            let why = failed.words();
            let trouble = match failed.end() {
                Some(word) => Trouble::Ended(Some(word)),
                None => Trouble::NotRenewed { why: &why, retry_at: retry_at(desk.now(), grant.failures) },
            };
            return none(desk, scope, server, &sealed, &trouble).await;
        }
    };
    // Who does not give a new one leaves the old one good.
    let tokens = Tokens { refresh: fresh.tokens.refresh.or(tokens.refresh), ..fresh.tokens };
    let new = sealed_tokens(desk, scope, &grant.server, &tokens);
    let (id, until) = (&grant.server, fresh.until);
    let put = surely(desk.pause.as_ref(), || {
        let (s, id, sealed, new) = (scope.clone(), id.clone(), sealed.clone(), new.clone());
        desk.db.write(scope, work!(tx => mcp_grants::renewed(tx, &s, &id, &sealed, &new, until).await))
    });
    if put.await? {
        return Ok(Ok(Granted { token: tokens.access, doubted: grant.refused_at.is_some() }));
    }
    // It was disconnected, or connected anew, while we asked.
    door.give_back(desk, &tokens).await;
    Ok(unavailable())
}

/// The answer where there is no token, after people were told.
async fn none(desk: &Desk, scope: &Scope, server: &Server, sealed: &str, trouble: &Trouble<'_>) -> Result<Answer> {
    let Some(problem) = tell_once(desk, scope, server, sealed, trouble).await? else { return Ok(unavailable()) };
    Ok(Err(match trouble {
        Trouble::NotRenewed { .. } => NoToken::Unavailable(problem),
        Trouble::Ended(_) | Trouble::NotTaken => NoToken::Refused(problem),
    }))
}

/// After so many failures before this one.
fn retry_at(now: Timestamp, failures: i64) -> Timestamp {
    now.plus(SHORTEST_RETRY.saturating_mul(1 << failures.clamp(0, 10)).min(LONGEST_RETRY))
}

/// The server does not take what was given just now: people are told, once. Why, in words; `None`: it is another token by now.
pub(in crate::mcp) async fn not_taken(desk: &Desk, scope: &Scope, server: &Server, token: &Secret) -> Result<Option<String>> {
    let (s, id) = (scope.clone(), server.server.id.clone());
    let found = desk.db.read(scope, work!(tx => mcp_grants::get(tx, &s, &id).await)).await?;
    let Some(grant) = found.filter(|grant| tokens_of(desk, scope, grant).is_some_and(|tokens| tokens.access == *token)) else {
        return Ok(None);
    };
    let Some(sealed) = grant.sealed else { return Ok(None) };
    tell_once(desk, scope, server, &sealed, &Trouble::NotTaken).await
}

/// The server takes what is given again. What it answered counts whether or not that can be written down.
pub(in crate::mcp) async fn accepted(desk: &Desk, scope: &Scope, server: &Server) {
    let (s, id) = (scope.clone(), server.server.id.clone());
    if let Err(e) = desk.db.write(scope, work!(tx => mcp_grants::accepted(tx, &s, &id).await)).await {
        tracing::warn!(tenant = %scope.tenant(), server = %server.server.id, error = %e, "that a server takes its access again is not kept");
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::effect::backoff;

    use super::{
        super::answer::{LONGEST_PAUSE, TRIES},
        *,
    };

    #[test]
    fn a_claim_outlasts_the_exchange_and_the_writing_down() {
        // A connection to the database is waited for as long; the exchange takes no longer either.
        let step = Duration::from_secs(10);
        let pauses: Duration = (1..TRIES).map(|tries| backoff(tries, 1.0).min(LONGEST_PAUSE)).sum();
        assert!(step + pauses + step * TRIES < CLAIM);
    }

    #[test]
    fn who_fails_is_asked_less_and_less_often() {
        let waits = [0, 1, 2, 3, 6, 7, 50].map(|failures| retry_at(Timestamp(0), failures).0 / 1000);
        assert_eq!(waits, [10, 20, 40, 80, 640, 900, 900]);
        assert!(LONGEST_RETRY < PATIENCE_WITH_SERVERS);
    }
}
