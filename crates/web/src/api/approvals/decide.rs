//! Yes, no, other arguments, an answer. The first word counts.

use axum::{extract::State, http::StatusCode};
use frontdesk_engine::approvals::{self, Refusal, Said, Signature, Word};
use frontdesk_kernel::ids::*;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{one, shown, view::ApprovalView};
use crate::{
    Web,
    kit::{Body, Caller, Found, Path, Problem},
};

const LONGEST_NOTE: usize = 2000;
const LARGEST_ARGUMENTS: usize = 64 * 1024;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalYes)]
pub(crate) struct Yes {
    /// Of the arguments that you saw; others are refused with `changed`.
    args_hash: String,
    /// What the agent should know; it may tell the customer.
    #[serde(default)]
    #[schema(nullable = false, max_length = 2000)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalNo)]
pub(crate) struct No {
    /// What the agent should know; it may tell the customer.
    #[serde(default)]
    #[schema(nullable = false, max_length = 2000)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalEdit)]
pub(crate) struct Edit {
    /// All of them, as the tool takes them.
    #[schema(value_type = Object)]
    arguments: Value,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApprovalAnswer)]
pub(crate) struct Answer {
    /// What the agent reads.
    #[schema(min_length = 1, max_length = 2000)]
    answer: String,
}

/// Says yes to exactly these arguments: they are carried out once, in the next turn of the conversation
///
/// Saying it again changes nothing. `changed`: the arguments are others than those with this hash. `decided`: somebody said no, or it is
/// over. Whoever the agent acts for cannot say yes to their own request.
#[utoipa::path(post, path = "/approvals/{id}/approve", tag = "approvals", params(("id" = ApprovalId, Path)), request_body = Yes,
    responses((status = 200, body = ApprovalView)))]
pub(crate) async fn approve(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ApprovalId>,
    Body(yes): Body<Yes>,
) -> Result<Found<ApprovalView>, Problem> {
    caller.require("approval:decide")?;
    say(&web, &caller, &id, Word::Yes { hash: yes.args_hash }, note(yes.note)?).await
}

/// Says no: nothing is done, and the customer is told
#[utoipa::path(post, path = "/approvals/{id}/reject", tag = "approvals", params(("id" = ApprovalId, Path)), request_body = No,
    responses((status = 200, body = ApprovalView)))]
pub(crate) async fn reject(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ApprovalId>,
    Body(no): Body<No>,
) -> Result<Found<ApprovalView>, Problem> {
    caller.require("approval:decide")?;
    say(&web, &caller, &id, Word::No, note(no.note)?).await
}

/// Changes what would be done, before anybody says yes to it
///
/// The new arguments must be what the tool takes. It still waits: approve it with the new hash.
#[utoipa::path(post, path = "/approvals/{id}/edit", tag = "approvals", params(("id" = ApprovalId, Path)), request_body = Edit,
    responses((status = 200, body = ApprovalView)))]
pub(crate) async fn edit(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ApprovalId>,
    Body(change): Body<Edit>,
) -> Result<Found<ApprovalView>, Problem> {
    caller.require("approval:decide")?;
    let mut listed = one(&web, &caller, &id).await?;
    if !change.arguments.is_object() {
        return Err(Problem::field("arguments", "is not an object"));
    }
    if change.arguments.to_string().len() > LARGEST_ARGUMENTS {
        return Err(Problem::field("arguments", "larger than 64 KB"));
    }
    let edited = approvals::edit(&web.desk, &caller.scope, &id, change.arguments, &signature(&caller)).await?;
    listed.approval = edited.map_err(problem)?;
    shown(&web, &caller, listed).await
}

/// Answers a question of the agent; it goes on with the answer
#[utoipa::path(post, path = "/approvals/{id}/answer", tag = "approvals", params(("id" = ApprovalId, Path)), request_body = Answer,
    responses((status = 200, body = ApprovalView)))]
pub(crate) async fn answer(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ApprovalId>,
    Body(said): Body<Answer>,
) -> Result<Found<ApprovalView>, Problem> {
    caller.require("approval:answer")?;
    let text = note(Some(said.answer))?.ok_or_else(|| Problem::field("answer", "is empty"))?;
    say(&web, &caller, &id, Word::Answer, Some(text)).await
}

async fn say(
    web: &Web,
    caller: &Caller,
    id: &ApprovalId,
    word: Word,
    note: Option<String>,
) -> Result<Found<ApprovalView>, Problem> {
    let mut listed = one(web, caller, id).await?;
    let said = approvals::say(&web.desk, &caller.scope, id, word, note, &signature(caller)).await?;
    let Said { approval, .. } = said.map_err(problem)?;
    listed.approval = approval;
    shown(web, caller, listed).await
}

fn signature(caller: &Caller) -> Signature {
    Signature { kind: caller.actor.kind(), id: caller.actor.id().to_owned(), by_way_of: "api" }
}

/// Trimmed; an empty one is none.
pub(crate) fn note(note: Option<String>) -> Result<Option<String>, Problem> {
    let note = note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    match &note {
        Some(n) if n.chars().count() > LONGEST_NOTE => Err(Problem::field("note", "longer than 2000 characters")),
        _ => Ok(note),
    }
}

fn problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Missing => Problem::not_found("approval"),
        Refusal::Own => Problem::forbidden("own_request", "The agent acts for you here: somebody else must decide."),
        Refusal::Changed => {
            Problem::conflict("changed", "The arguments were changed since you saw them: look at them, then decide.")
        }
        Refusal::Decided(is) => {
            let detail = format!("It was decided already: {}.", is.state.as_str());
            Problem::conflict("decided", detail).with("state", is.state.as_str())
        }
        Refusal::Expired => Problem::conflict("expired", "Its time is over: it will not be done."),
        Refusal::NotAsked(why) => Problem::new(StatusCode::CONFLICT, "not_asked", why),
        Refusal::Misfit(why) => Problem::field("arguments", why),
    }
}
