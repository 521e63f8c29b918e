//! The answer: who brings it is held against who was asked, its code is exchanged, and what is given for it is kept before anything else. Then
//! the server is asked for its tools.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope,
    effect::backoff,
    ids::{McpServerId, TenantId},
    scope::Server as OfServer,
};
use frontdesk_store::{
    Result, audit, challenges,
    mcp::{self, Kept},
    mcp_grants::{self, Grant},
    work,
};
use serde_json::Value;

use super::{
    super::{Server, keep},
    Begun, Brought, KIND, Unfinished, client_secret, door,
    exchange::Failed,
    give_back, sealed_tokens, tell,
};
use crate::{Desk, access::tokens, desk::Pause, grants::is_error_word};

/// Of writing what is given only once.
pub(super) const TRIES: u32 = 8;
/// Between two of them, at most.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

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

/// `server`: whose way back it came by.
pub async fn finish(
    desk: &Arc<Desk>,
    begun: Begun,
    server: &McpServerId,
    brought: Brought,
    entry: audit::Entry,
) -> Result<std::result::Result<McpServerId, Unfinished>> {
    // Before anything else of the answer is believed (RFC 9207). Who does not name itself is known by the way back, which is each server's own.
    let named = brought.issuer.as_ref().map_or(!begun.names_itself, |issuer| *issuer == begun.giver.issuer);
    if !named || begun.server != *server {
        return Ok(Err(Unfinished::OfAnother));
    }
    let code = match (brought.code, brought.error.as_deref()) {
        (_, Some("access_denied")) => return Ok(Err(Unfinished::Denied)),
        (_, Some(word)) => return Ok(Err(Unfinished::Told(Some(word.to_owned()).filter(|word| is_error_word(word))))),
        (Some(code), None) if !code.is_empty() && code.len() <= 4096 => code,
        _ => return Ok(Err(Unfinished::Told(None))),
    };
    // A code is good once: what comes for it is kept also when the person has closed the page.
    let working = desk.clone();
    let done = desk.tasks.spawn(async move { exchanged(&working, begun, &code, entry).await });
    done.await.unwrap_or_else(|_| Ok(Err(Unfinished::NotTaken("It was not finished.".to_owned()))))
}

async fn exchanged(
    desk: &Arc<Desk>,
    begun: Begun,
    code: &str,
    entry: audit::Entry,
) -> Result<std::result::Result<McpServerId, Unfinished>> {
    let scope = Scope::of(begun.tenant.clone());
    let Some(kept) = still(desk, &scope, &begun).await? else { return Ok(Err(Unfinished::Changed)) };
    let mut grant = Grant {
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
        failures: 0,
        retry_at: None,
        refused_at: None,
    };
    let secret = client_secret(desk, &scope, &Server::open(desk, &scope, kept.clone()), &grant);
    let fresh = match door(&grant, secret.as_ref()).redeem(desk, code, &begun.verifier, &begun.redirect).await {
        Ok(fresh) => fresh,
        Err(Failed::Told(word)) => return Ok(Err(Unfinished::NotTaken(format!("It refused ({word}).")))),
        Err(Failed::Not(none)) => return Ok(Err(Unfinished::NotTaken(none.words().to_owned()))),
    };
    grant.sealed = Some(sealed_tokens(desk, &scope, &grant.server, &fresh.tokens));
    grant.expires_at = fresh.until;
    if let Some(given) = fresh.scope {
        grant.scope = given;
    }
    let (begun, grant) = (Arc::new(begun), Arc::new(grant));
    // What is written may be there although the database says nothing: then it is not given back.
    let Some(before) = surely(desk.pause.as_ref(), || put(desk, &scope, &begun, &grant, entry.clone())).await? else {
        give_back(desk, &scope, kept, (*grant).clone());
        return Ok(Err(Unfinished::Changed));
    };
    tell(desk, &scope, &begun.server);
    // For whoever gave both, to take back the old access may be to take back the consent (RFC 7009, 2.1).
    let of_another = |before: &Grant| before.giver.issuer != grant.giver.issuer || before.client.id != grant.client.id;
    if let Some(before) = before.filter(of_another) {
        give_back(desk, &scope, kept, before);
    }
    keep::refresh(desk, &scope, &begun.server).await?;
    Ok(Ok(begun.server.clone()))
}

/// Instead of what was there before, which is told. `None`: the server is another one by now.
async fn put(
    desk: &Desk,
    scope: &Scope,
    begun: &Arc<Begun>,
    grant: &Arc<Grant>,
    mut entry: audit::Entry,
) -> Result<Option<Option<Grant>>> {
    let (s, begun, grant) = (scope.clone(), begun.clone(), grant.clone());
    let done = desk.db.write(
        scope,
        work!(tx => {
            if !mcp::lock(tx, &s, &grant.server).await?.is_some_and(|there| begun.is_of(&there)) {
                return Ok(None);
            }
            let before = mcp_grants::get(tx, &s, &grant.server).await?;
            if before.as_ref().is_some_and(|before| before.sealed == grant.sealed) {
                // It was written, and we were not told.
                return Ok(Some(None));
            }
            if let Some(before) = before.as_ref().filter(|before| before.sealed.is_some()) {
                entry.detail["replaces"] = before.giver.issuer.as_str().into();
            }
            mcp_grants::put(tx, &s, &grant).await?;
            audit::write(tx, &s, &entry).await?;
            Ok(Some(before))
        }),
    );
    done.await
}

/// What is given only once is written as soon as the database is there again.
pub(super) async fn surely<T, F: Future<Output = Result<T>>>(pause: &dyn Pause, write: impl Fn() -> F) -> Result<T> {
    for tries in 1..TRIES {
        match write().await {
            Err(e) if e.may_retry() => {
                tracing::warn!(error = %e, tries, "access that was given cannot be kept yet");
                pause.pause(backoff(tries, 0.5).min(LONGEST_PAUSE)).await;
            }
            done => return done,
        }
    }
    write().await
}

/// The server, if it is the one that was consented to.
async fn still(desk: &Desk, scope: &Scope, begun: &Begun) -> Result<Option<Kept>> {
    let (s, id) = (scope.clone(), begun.server.clone());
    let kept = desk.db.read(scope, work!(tx => mcp::server(tx, &s, &id).await)).await?;
    Ok(kept.filter(|kept| begun.is_of(kept)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use frontdesk_store::Error;

    use super::*;

    struct AtOnce(AtomicU32);

    #[async_trait::async_trait]
    impl Pause for AtOnce {
        async fn pause(&self, _: Duration) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn what_is_given_once_is_written_when_the_database_is_there_again() {
        let away = || Error::Unavailable("away".into());
        for (failures, error, pauses, written) in [
            (0, away(), 0, true),
            (3, away(), 3, true),
            (7, away(), 7, true),
            (8, away(), 7, false),
            (1, Error::Broken("a bug".into()), 0, false),
        ] {
            let (times, pause) = (AtomicU32::new(0), AtOnce(AtomicU32::new(0)));
            let shown = format!("{failures} {error:?}");
            let write = || {
                let fails = times.fetch_add(1, Ordering::Relaxed) < failures;
                std::future::ready(if fails { Err(error.clone()) } else { Ok(()) })
            };
            assert_eq!(surely(&pause, write).await.is_ok(), written, "{shown}");
            assert_eq!(pause.0.into_inner(), pauses, "{shown}");
        }
    }
}
