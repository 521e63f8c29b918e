//! Which tasks somebody sees who works at some locations only.

use frontdesk_kernel::ids::{ConversationId, TaskId};
use frontdesk_store::{
    tasks::{self, Seen},
    work,
};

use crate::{
    Web,
    api::conversations::{channels_of, located},
    kit::{Caller, Problem},
};

/// `None`: all of them.
pub(crate) async fn by(web: &Web, caller: &Caller) -> Result<Option<Seen>, Problem> {
    let Some(locations) = caller.locations() else { return Ok(None) };
    let channels = channels_of(web, caller).await?.unwrap_or_default();
    Ok(Some(Seen { channels, locations: locations.to_vec(), person: caller.person().cloned() }))
}

/// One that the caller may not see is not there.
pub(super) async fn check(web: &Web, caller: &Caller, id: &TaskId) -> Result<(), Problem> {
    let Some(seen) = by(web, caller).await? else { return Ok(()) };
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let there = web.desk.db.read(&caller.scope, work!(tx => tasks::is_seen(tx, &s, &wanted, &seen).await)).await?;
    if there { Ok(()) } else { Err(Problem::not_found("task")) }
}

/// Nor is a conversation that a task is to be about.
pub(super) async fn check_conversation(web: &Web, caller: &Caller, id: Option<&ConversationId>) -> Result<(), Problem> {
    let Some(id) = id.filter(|_| caller.locations().is_some()) else { return Ok(()) };
    match located(web, caller, id).await {
        Ok(_) => Ok(()),
        Err(why) if why.is_ours() => Err(why),
        Err(_) => Err(Problem::field("conversation", "there is no such conversation")),
    }
}
