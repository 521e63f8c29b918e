//! The agent server's contract: somebody of the team talks with the agent, which acts for them and may do no more than they may. The same
//! routes stand under `/agent` too, where the predecessor's clients ask.

mod process;
mod sessions;

use axum::http::{HeaderMap, StatusCode};
use frontdesk_kernel::{ids::UserId, scope::Server};
use frontdesk_store::{
    people::{self, Member},
    work,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Actor, Caller, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(process::process))
        .routes(routes!(sessions::of_person))
        .routes(routes!(sessions::show))
        .routes(routes!(sessions::messages))
}

/// The business of the path is the caller's. The same answer whether there is no such business or it is somebody else's.
pub(crate) fn same_business(caller: &Caller, named: &str) -> Result<(), Problem> {
    if caller.scope.tenant().as_str() == named {
        return Ok(());
    }
    let detail = "The business in the path is not the one that this key is for, or not the one that `x-tenant-id` names.";
    Err(Problem::forbidden("tenant_mismatch", detail))
}

/// Whom the agent is to act for. A person may only be themselves; a key needs the scope to speak for others.
async fn acted_for(web: &Web, caller: &Caller, headers: &HeaderMap) -> Result<Member, Problem> {
    let named = headers.get("x-user-id").and_then(|v| v.to_str().ok()).map(str::trim).filter(|v| !v.is_empty());
    let wanted = match (named, &caller.actor) {
        (None, Actor::Person(id)) => id.to_string(),
        (None, Actor::Key(_) | Actor::Operator) => {
            let detail = "Send `x-user-id`: the id or the e-mail address of the member for whom the agent acts.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "user_required", detail));
        }
        (Some(named), _) => named.to_owned(),
    };
    let member = member(web, caller, &wanted).await?;
    if caller.person().is_none() {
        caller.require("delegation:use")?;
    } else if caller.person() != member.as_ref().map(|m| &m.person) {
        return Err(Problem::forbidden(
            "not_yourself",
            "Who is signed in speaks for themselves; a key with `delegation:use` may speak for others.",
        ));
    }
    member.filter(|m| m.active).ok_or_else(|| {
        Problem::forbidden(
            "unknown_user",
            "`x-user-id` names nobody who works at this business, or somebody whose account is off: nothing was done.",
        )
    })
}

/// By id or e-mail address.
async fn member(web: &Web, caller: &Caller, wanted: &str) -> Result<Option<Member>, Problem> {
    let (s, wanted) = (caller.scope.clone(), wanted.to_owned());
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => match UserId::parse(&wanted) {
                Ok(id) => people::member_of(tx, &s, &id).await,
                Err(_) => match people::by_email(tx, &Server, &wanted.to_lowercase()).await? {
                    Some(person) => people::member_of(tx, &s, &person.id).await,
                    None => Ok(None),
                },
            }),
        )
        .await?;
    Ok(found)
}

/// A person in a path: somebody who may read conversations may read theirs.
async fn person_of(web: &Web, caller: &Caller, wanted: &str) -> Result<UserId, Problem> {
    member(web, caller, wanted).await?.map(|m| m.person).ok_or_else(|| Problem::not_found("member"))
}
