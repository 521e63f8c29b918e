//! Two contacts become one, and are parted again.

use axum::extract::State;
use frontdesk_engine::contacts::change;
use frontdesk_kernel::{
    contact::{Clash, together},
    ids::ContactId,
};
use frontdesk_store::{
    audit, contacts,
    merges::{self, Belongings},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{show, views::ContactDetail};
use crate::{
    Web,
    kit::{Body, Caller, Found, Path, Problem, Query},
};

/// Whose values are kept where the two disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prefer {
    /// Those of the contact that stays.
    #[default]
    This,
    /// Those of the one that becomes part of it.
    Other,
}

/// Who becomes part of this contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeWith {
    other: ContactId,
    #[serde(default)]
    prefer: Prefer,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MergeQuery {
    other: ContactId,
    #[serde(default)]
    prefer: Prefer,
}

/// Something that two contacts say differently.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClashView {
    /// `name`, `language` or the name of a fact.
    what: String,
    kept: String,
    dropped: String,
}

impl From<Clash> for ClashView {
    fn from(c: Clash) -> ClashView {
        ClashView { what: c.what, kept: c.kept, dropped: c.dropped }
    }
}

/// What goes over from one contact to the other.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Moves {
    addresses: i64,
    /// They stay whole: each address keeps its own conversation on a channel.
    conversations: i64,
    messages: i64,
    appointments: i64,
    tasks: i64,
}

impl From<Belongings> for Moves {
    fn from(b: Belongings) -> Moves {
        Moves {
            addresses: b.addresses,
            conversations: b.conversations,
            messages: b.messages,
            appointments: b.appointments,
            tasks: b.tasks,
        }
    }
}

/// What a merge would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergePreview {
    /// The name afterwards.
    name: Option<String>,
    /// Where the two disagree, and what would be kept.
    clashes: Vec<ClashView>,
    /// What goes over.
    moves: Moves,
    /// Days in which it can be undone.
    undo_days: u32,
}

fn undo_days() -> u32 {
    (frontdesk_engine::upkeep::PARTABLE.as_secs() / 86_400) as u32
}

/// What it would mean to merge another contact into this one.
#[utoipa::path(get, path = "/contacts/{id}/merge-preview", tag = "contacts", params(("id" = ContactId, Path), MergeQuery), responses((status = 200, body = MergePreview)))]
pub(crate) async fn preview(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
    Query(q): Query<MergeQuery>,
) -> Result<Found<MergePreview>, Problem> {
    caller.require("contact:read")?;
    different(&id, &q.other, "other")?;
    let s = caller.scope.clone();
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let (one, other) = (contacts::get(tx, &s, &id).await?, contacts::get(tx, &s, &q.other).await?);
                let Some((one, other)) = one.zip(other) else { return Ok(None) };
                let moves = merges::belongings(tx, &s, &other.id).await?;
                let (merged, clashes) = together(&one, &other, q.prefer == Prefer::Other);
                Ok(Some((merged.name, clashes, moves)))
            }),
        )
        .await?;
    let (name, clashes, moves) = found.ok_or_else(|| Problem::not_found("contact"))?;
    Ok(Found(MergePreview {
        name,
        clashes: clashes.into_iter().map(ClashView::from).collect(),
        moves: moves.into(),
        undo_days: undo_days(),
    }))
}

fn different(one: &ContactId, other: &ContactId, path: &str) -> Result<(), Problem> {
    if one == other {
        return Err(Problem::field(path, "name another contact than this one"));
    }
    Ok(())
}

/// Merges another contact into this one.
///
/// Addresses, conversations, appointments, tasks and tags go over. What only one knows is kept, and so are both notes; where the two
/// disagree, `prefer` says whose values stay. It can be undone for 30 days.
#[utoipa::path(post, path = "/contacts/{id}/merge", tag = "contacts", params(("id" = ContactId, Path)), request_body = MergeWith, responses((status = 200, body = ContactDetail)))]
pub(crate) async fn merge(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
    Body(with): Body<MergeWith>,
) -> Result<Found<ContactDetail>, Problem> {
    caller.require("contact:write")?;
    different(&id, &with.other, "other")?;
    let entry = caller.entry(&web, "contact.merge", id.as_str(), json!({ "other": with.other }));
    let (s, c, survivor, other, now) = (caller.scope.clone(), caller.clone(), id.clone(), with.other.clone(), web.desk.now());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let (one, two) = (contacts::get(tx, &s, &survivor).await?, contacts::get(tx, &s, &other).await?);
                let Some((one, _)) = one.zip(two) else { return Ok(Err(Problem::not_found("contact"))) };
                if let Err(stale) = c.if_match(one.updated_at) {
                    return Ok(Err(stale));
                }
                merges::merge(tx, &s, &survivor, &other, with.prefer == Prefer::Other, now).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    change::tell(&web.desk, &caller.scope, &[&id, &with.other]);
    show::detail(&web, &caller, &id).await
}

/// The contact that is to be itself again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartFrom {
    other: ContactId,
}

/// Undoes a merge.
///
/// The other contact gets back what it brought, as far as it is still there. What was written about the merged contact since stays here.
#[utoipa::path(post, path = "/contacts/{id}/unmerge", tag = "contacts", params(("id" = ContactId, Path)), request_body = PartFrom, responses((status = 200, body = ContactDetail)))]
pub(crate) async fn part(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
    Body(from): Body<PartFrom>,
) -> Result<Found<ContactDetail>, Problem> {
    caller.require("contact:write")?;
    let entry = caller.entry(&web, "contact.unmerge", id.as_str(), json!({ "other": from.other }));
    let (s, survivor, other, now) = (caller.scope.clone(), id.clone(), from.other.clone(), web.desk.now());
    let parted = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                match merges::of_other(tx, &s, &other).await? {
                    Some(merge) if merge.survivor == survivor => {}
                    _ => return Ok(false),
                }
                if merges::undo(tx, &s, &other, now).await?.is_none() {
                    return Ok(false);
                }
                audit::write(tx, &s, &entry).await?;
                Ok(true)
            }),
        )
        .await?;
    if !parted {
        return Err(Problem::not_found("merge"));
    }
    change::tell(&web.desk, &caller.scope, &[&id, &from.other]);
    show::detail(&web, &caller, &id).await
}
