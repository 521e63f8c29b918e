//! Members' own numbers, on which requests for approval reach them. Each proves theirs with a code that only they see.

use axum::extract::State;
use frontdesk_engine::approvals::numbers::{self, Refused};
use frontdesk_kernel::{Timestamp, ids::*};
use frontdesk_store::{
    member_numbers::{self, MemberNumber},
    people, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::members::giver;
use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Path, Problem, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, claim, forget)).routes(routes!(claim_for, forget_for))
}

/// A number of somebody else's, as far as the caller may see it.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberNumber)]
pub(super) struct NumberView {
    /// Absent for those who do not look after the team.
    number: Option<String>,
    /// It is certainly theirs: its code came from it, and an answer not too long ago.
    confirmed: bool,
}

impl NumberView {
    pub(super) fn of(caller: &Caller, n: &MemberNumber, now: Timestamp) -> NumberView {
        let shown = caller.may("member:write") || caller.person() == Some(&n.person);
        NumberView { number: shown.then(|| written(&n.number)), confirmed: n.counts(now) }
    }
}

fn written(digits: &str) -> String {
    format!("+{digits}")
}

/// My own number here.
#[derive(Serialize, ToSchema)]
#[schema(as = MyNumber)]
struct MyNumber {
    number: Option<String>,
    /// Requests reach me there, and my answers from there count.
    confirmed: bool,
    confirmed_at: Option<Time>,
    /// To be proven in its place; until then `number` counts.
    next: Option<String>,
    /// Send exactly this from `next`, else from `number`, to one of `send_to`.
    code: Option<String>,
    code_until: Option<Time>,
    send_to: Vec<Door>,
}

/// Where the business receives messages from numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = NumberDoor)]
struct Door {
    channel: ChannelId,
    name: String,
    /// As the business wrote it; absent when it did not.
    number: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNumber)]
struct NewNumber {
    /// With the country's code: `+57 300 111 2233`.
    number: String,
}

/// My number, its state, and the code that proves it
#[utoipa::path(get, path = "/account/number", tag = "account", operation_id = "my_number", responses((status = 200, body = MyNumber)))]
async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<MyNumber>, Problem> {
    let person = person(&caller)?;
    told(&web, &caller, &person).await
}

/// Says which number is mine; it counts once its code came from it
///
/// Requests that I may decide about then reach me there, and I answer from there. Saying it again makes a new code.
#[utoipa::path(put, path = "/account/number", tag = "account", operation_id = "claim_my_number", request_body = NewNumber,
    responses((status = 200, body = MyNumber)))]
async fn claim(State(web): State<Web>, caller: Caller, Body(new): Body<NewNumber>) -> Result<Found<MyNumber>, Problem> {
    let person = person(&caller)?;
    take(&web, &caller, &person, &new.number).await?;
    told(&web, &caller, &person).await
}

/// Forgets my number: nothing more goes there or counts from there
#[utoipa::path(delete, path = "/account/number", tag = "account", operation_id = "forget_my_number", responses((status = 204)))]
async fn forget(State(web): State<Web>, caller: Caller) -> Result<Deleted, Problem> {
    let person = person(&caller)?;
    drop_it(&web, &caller, &person).await
}

/// Says which number is a member's; they prove it with a code that only they see
#[utoipa::path(put, path = "/members/{id}/number", tag = "team", operation_id = "claim_number", params(("id" = UserId, Path)),
    request_body = NewNumber, responses((status = 200, body = NumberView)))]
async fn claim_for(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(new): Body<NewNumber>,
) -> Result<Found<NumberView>, Problem> {
    touching(&web, &caller, &id).await?;
    let claimed = take(&web, &caller, &id, &new.number).await?;
    Ok(Found(NumberView::of(&caller, &claimed, web.desk.now())))
}

/// Forgets a member's number
#[utoipa::path(delete, path = "/members/{id}/number", tag = "team", operation_id = "forget_number", params(("id" = UserId, Path)),
    responses((status = 204)))]
async fn forget_for(State(web): State<Web>, caller: Caller, Path(id): Path<UserId>) -> Result<Deleted, Problem> {
    touching(&web, &caller, &id).await?;
    drop_it(&web, &caller, &id).await
}

fn person(caller: &Caller) -> Result<UserId, Problem> {
    let why = "A number is a person's: sign in to say which is yours.";
    caller.person().cloned().ok_or_else(|| Problem::forbidden("not_a_person", why))
}

/// Only who is at least what the member is has to do with their number.
async fn touching(web: &Web, caller: &Caller, id: &UserId) -> Result<(), Problem> {
    caller.require("member:write")?;
    let (s, person) = (caller.scope.clone(), id.clone());
    let member = web.desk.db.read(&caller.scope, work!(tx => people::member_of(tx, &s, &person).await)).await?;
    let member = member.ok_or_else(|| Problem::not_found("member"))?;
    Ok(giver(caller).may_touch(member.role)?)
}

async fn take(web: &Web, caller: &Caller, person: &UserId, number: &str) -> Result<MemberNumber, Problem> {
    // Which number is nobody's business but theirs.
    let entry = caller.entry(web, "member_number.claim", person.as_str(), json!({}));
    let claimed = numbers::claim(&web.desk, &caller.scope, person, number, entry).await?;
    claimed.map_err(|refused| match refused {
        Refused::NoMember => Problem::not_found("member"),
        Refused::NotANumber => {
            Problem::field("number", "is no telephone number: write it with the country's code, such as +57 300 111 2233")
        }
        Refused::Ours => Problem::field("number", "is where the business itself is reached"),
        Refused::Taken => Problem::conflict("number_taken", "Somebody else here has proven that this number is theirs."),
        Refused::NoChannel => {
            Problem::conflict("no_channel", "No channel of this business sends messages to numbers: connect one first.")
        }
    })
}

async fn drop_it(web: &Web, caller: &Caller, person: &UserId) -> Result<Deleted, Problem> {
    let entry = caller.entry(web, "member_number.forget", person.as_str(), json!({}));
    let (s, id) = (caller.scope.clone(), person.clone());
    let had = web.desk.db.write(&caller.scope, work!(tx => numbers::forget(tx, &s, &id, &entry).await)).await?;
    if !had {
        return Err(Problem::not_found("number"));
    }
    web.desk.events.tell(caller.scope.tenant(), frontdesk_engine::events::Event::new("member.changed", person.as_str()));
    Ok(Deleted)
}

async fn told(web: &Web, caller: &Caller, person: &UserId) -> Result<Found<MyNumber>, Problem> {
    let (s, id) = (caller.scope.clone(), person.clone());
    let mine = web.desk.db.read(&caller.scope, work!(tx => member_numbers::get(tx, &s, &id).await)).await?;
    let doors = numbers::doors(&web.desk, &caller.scope).await?;
    let now = web.desk.now();
    let code = mine.as_ref().filter(|n| n.code_until.is_some_and(|until| now < until));
    Ok(Found(MyNumber {
        number: mine.as_ref().map(|n| written(&n.number)),
        confirmed: mine.as_ref().is_some_and(|n| n.counts(now)),
        confirmed_at: mine.as_ref().filter(|n| n.counts(now)).and_then(|n| n.confirmed_at).map(Time),
        next: mine.as_ref().and_then(|n| n.next.as_deref()).map(written),
        code: code.and_then(|n| n.code.clone()),
        code_until: code.and_then(|n| n.code_until).map(Time),
        send_to: doors
            .iter()
            .map(|line| Door {
                channel: line.channel.id.clone(),
                name: line.channel.name.clone(),
                number: line.account.setting("display_phone_number").map(str::to_owned),
            })
            .collect(),
    }))
}
