//! Conversations: the inbox's list, one of them whole, and who answers in it.

mod change;
mod list;
mod notes;
pub(crate) mod view;

use frontdesk_kernel::ids::{ChannelId, ConversationId};
use frontdesk_store::{
    threads::{self, Sessions, Thread},
    work,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::counts))
        .routes(routes!(view::show, change::change))
        .routes(routes!(change::take_over))
        .routes(routes!(notes::list, notes::create))
        .routes(routes!(notes::update, notes::delete))
}

/// Channels whose conversations the caller may see; `None` = all.
pub(crate) async fn channels_of(web: &Web, caller: &Caller) -> Result<Option<Vec<ChannelId>>, Problem> {
    let Some(locations) = caller.locations() else { return Ok(None) };
    let (s, locations) = (caller.scope.clone(), locations.to_vec());
    Ok(Some(web.desk.db.read(&caller.scope, work!(tx => threads::channels_in(tx, &s, &locations).await)).await?))
}

/// Whose sessions with the agent the caller may read: their own, and all of them for whoever may have it act for anybody. The agent may
/// have told there whatever that member may know.
pub(crate) fn sessions_of(caller: &Caller) -> Sessions {
    match caller.person() {
        _ if caller.operator || (caller.locations().is_none() && caller.may("delegation:use")) => Sessions::Everybodys,
        Some(person) => Sessions::Of(person.clone()),
        None => Sessions::Nobodys,
    }
}

/// A conversation that the caller may read; one of another business or location, or somebody else's session, is not there.
pub(crate) async fn seen_by(web: &Web, caller: &Caller, id: &ConversationId) -> Result<Thread, Problem> {
    let thread = located(web, caller, id).await?;
    if sessions_of(caller).hold(thread.conversation.acts_for.as_ref()) {
        Ok(thread)
    } else {
        Err(Problem::not_found("conversation"))
    }
}

/// A conversation at a place of the caller's, whoever's it is: to decide about what waits in it, not to read it.
pub(crate) async fn located(web: &Web, caller: &Caller, id: &ConversationId) -> Result<Thread, Problem> {
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => threads::get(tx, &s, &wanted).await)).await?;
    let thread = found.ok_or_else(|| Problem::not_found("conversation"))?;
    match channels_of(web, caller).await? {
        Some(channels) if !channels.contains(&thread.conversation.channel) => Err(Problem::not_found("conversation")),
        _ => Ok(thread),
    }
}
