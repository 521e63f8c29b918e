//! The inbox's list and its counters.

use axum::extract::State;
use frontdesk_kernel::{Timestamp, ids::*, search};
use frontdesk_store::{
    threads::{self, Assigned, Filter},
    work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    channels_of, sessions_of,
    view::{ConversationItem, items},
};
use crate::{
    Web,
    kit::{Caller, Found, Page, Problem, Query},
};

/// Longest search, in characters.
const LONGEST: usize = 256;
/// Counters stop there: "99+" needs no exact number.
const MOST_COUNTED: u32 = 1000;

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateName {
    Bot,
    Human,
    /// A person must answer and the last word is the contact's.
    Waiting,
    Paused,
    Closed,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
    /// Who answers.
    #[param(inline)]
    state: Option<StateName>,
    /// `me`, `none` or a person's id.
    assignee: Option<String>,
    channel: Option<ChannelId>,
    /// Channels of this location.
    location: Option<LocationId>,
    contact: Option<ContactId>,
    unread: Option<bool>,
    snoozed: Option<bool>,
    /// Beginnings of the contact's name or number.
    q: Option<String>,
}

/// Conversations, the latest first.
///
/// Pages stay whole while messages come in: a conversation that moves up is not shown twice.
#[utoipa::path(get, path = "/conversations", tag = "conversations", params(List), responses((status = 200, body = Page<ConversationItem>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<ConversationItem>>, Problem> {
    caller.require("conversation:read")?;
    let window = web.window::<(Timestamp, ConversationId)>(&caller, "conversations", q.cursor.as_deref(), q.limit)?;
    let filter = filter(&web, &caller, &q).await?;
    let s = caller.scope.clone();
    let (after, limit) = (window.after, window.limit);
    let found =
        web.desk.db.read(&caller.scope, work!(tx => threads::list(tx, &s, &filter, after.as_ref(), limit + 1).await)).await?;
    let page = web.page(&caller, "conversations", limit, found, |t| (t.conversation.last_message_at, t.conversation.id.clone()));
    Ok(Found(Page { items: items(&web, page.items).await?, next: page.next }))
}

async fn filter(web: &Web, caller: &Caller, q: &List) -> Result<Filter, Problem> {
    let assigned = match q.assignee.as_deref() {
        None => None,
        Some("none") => Some(Assigned::Nobody),
        Some("me") => Some(Assigned::To(me(caller)?)),
        Some(id) => Some(Assigned::To(
            UserId::parse(id).map_err(|_| Problem::field("assignee", "`me`, `none` or a person's id, `usr_…`"))?,
        )),
    };
    let words = match q.q.as_deref().map(str::trim) {
        None | Some("") => Vec::new(),
        Some(text) if text.chars().count() > LONGEST => return Err(Problem::field("q", format!("at most {LONGEST} characters"))),
        Some(text) => {
            let words = search::wanted(text);
            if words.is_empty() {
                return Err(Problem::field("q", "there is no word in it"));
            }
            words
        }
    };
    let mut channels = channels_of(web, caller).await?;
    if let Some(location) = &q.location {
        if !caller.sees(Some(location)) {
            return Err(Problem::not_found("location"));
        }
        let (s, location) = (caller.scope.clone(), location.clone());
        let there = web.desk.db.read(&caller.scope, work!(tx => threads::channels_at(tx, &s, &location).await)).await?;
        channels = Some(there);
    }
    if let Some(channel) = &q.channel {
        let seen = channels.as_ref().is_none_or(|seen| seen.contains(channel));
        channels = Some(if seen { vec![channel.clone()] } else { Vec::new() });
    }
    Ok(Filter {
        state: q.state.map(|state| match state {
            StateName::Bot => threads::State::Bot,
            StateName::Human => threads::State::Human,
            StateName::Waiting => threads::State::Waiting,
            StateName::Paused => threads::State::Paused,
            StateName::Closed => threads::State::Closed,
        }),
        assigned,
        channels,
        sessions: sessions_of(caller),
        unread: q.unread,
        snoozed: q.snoozed,
        contact: q.contact.clone(),
        words,
    })
}

pub(super) fn me(caller: &Caller) -> Result<UserId, Problem> {
    caller.person().cloned().ok_or_else(|| Problem::field("assignee", "`me` is a person who is signed in; you use a key"))
}

/// What the inbox shows beside its filters; counted up to 1000.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    waiting: i64,
    unread: i64,
    /// Assigned to you.
    mine: i64,
}

/// How many wait for a person, are unread, are yours.
#[utoipa::path(get, path = "/conversations/counts", tag = "conversations", responses((status = 200, body = Counts)))]
pub(crate) async fn counts(State(web): State<Web>, caller: Caller) -> Result<Found<Counts>, Problem> {
    caller.require("conversation:read")?;
    let channels = channels_of(&web, &caller).await?;
    let (s, person, sessions) = (caller.scope.clone(), caller.person().cloned(), sessions_of(&caller));
    let n = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => threads::counts(tx, &s, channels.as_deref(), &sessions, person.as_ref(), MOST_COUNTED).await),
        )
        .await?;
    Ok(Found(Counts { waiting: n.waiting, unread: n.unread, mine: n.mine }))
}
