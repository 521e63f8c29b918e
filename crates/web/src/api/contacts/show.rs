//! One contact.

use axum::extract::State;
use frontdesk_engine::contacts::{
    duplicates::{self, Suspect},
    export,
};
use frontdesk_kernel::{Scope, Timestamp, ids::ContactId};
use frontdesk_store::{Result, Tx, contact_history, contacts, merges, tasks, work};
use serde::Serialize;
use utoipa::ToSchema;

use super::views::{Around, ContactDetail, ContactView, MergedView};
use crate::{
    Web,
    api::tasks::seen,
    kit::{Caller, Found, Path, Problem},
};

/// Lines of each kind that are shown.
const LINES: u32 = 100;

/// A contact with conversations, appointments and tasks.
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), responses((status = 200, body = ContactDetail)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
) -> std::result::Result<Found<ContactDetail>, Problem> {
    caller.require("contact:read")?;
    detail(&web, &caller, &id).await
}

/// What every change answers with, too.
pub(super) async fn detail(web: &Web, caller: &Caller, id: &ContactId) -> std::result::Result<Found<ContactDetail>, Problem> {
    let (s, wanted, seen) = (caller.scope.clone(), id.clone(), seen::by(web, caller).await?);
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                match look(tx, &s, &wanted, seen).await? {
                    Some(found) => Ok(Ok(found)),
                    None => Ok(Err(merges::of_other(tx, &s, &wanted).await?)),
                }
            }),
        )
        .await?;
    let (whole, mut around) = found.map_err(|merged| match merged {
        Some(m) => Problem::gone("merged", format!("This contact became part of {}.", m.survivor)),
        None => Problem::not_found("contact"),
    })?;
    if !caller.may("conversation:read") {
        around.threads.clear();
    }
    if !caller.may("booking:read") {
        around.visits.clear();
    }
    if !caller.may("task:read") {
        around.tasks.clear();
    }
    around.threads.retain(|t| caller.sees(t.location.as_ref()));
    around.visits.retain(|v| caller.sees(v.location.as_ref()));
    let updated_at: Timestamp = whole.contact.updated_at;
    Ok(Found::tagged(ContactDetail::of(whole, around), updated_at))
}

async fn look(tx: &mut Tx, scope: &Scope, id: &ContactId, seen: Option<tasks::Seen>) -> Result<Option<(export::Whole, Around)>> {
    let Some(contact) = contacts::get(tx, scope, id).await? else { return Ok(None) };
    let whole = export::whole(tx, scope, vec![contact]).await?.into_iter().next();
    let filter = tasks::Filter { contact: Some(id.clone()), seen, ..tasks::Filter::default() };
    let around = Around {
        threads: contact_history::threads(tx, scope, id, LINES).await?,
        visits: contact_history::visits(tx, scope, id, LINES).await?,
        tasks: tasks::list(tx, scope, &filter, None, LINES).await?,
        merged: merges::into(tx, scope, id)
            .await?
            .into_iter()
            .map(|m| MergedView { other: m.other, merged_at: m.merged_at.into() })
            .collect(),
    };
    Ok(whole.map(|whole| (whole, around)))
}

/// Somebody who may be the same person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SuspectView {
    contact: ContactView,
    /// `phone`, `email` or `name`: what they have in common.
    why: &'static str,
}

/// Who may be the same person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suspects {
    duplicates: Vec<SuspectView>,
}

/// Contacts who may be the same person as this one.
#[utoipa::path(get, path = "/contacts/{id}/duplicates", tag = "contacts", params(("id" = ContactId, Path)), responses((status = 200, body = Suspects)))]
pub(crate) async fn duplicates(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
) -> std::result::Result<Found<Suspects>, Problem> {
    caller.require("contact:read")?;
    let s = caller.scope.clone();
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let Some(contact) = contacts::get(tx, &s, &id).await? else { return Ok(None) };
                let (whys, same): (Vec<_>, Vec<_>) =
                    duplicates::of(tx, &s, &contact).await?.into_iter().map(|Suspect { contact, why }| (why, contact)).unzip();
                let whole = export::whole(tx, &s, same).await?;
                Ok(Some(whys.into_iter().zip(whole).collect::<Vec<_>>()))
            }),
        )
        .await?
        .ok_or_else(|| Problem::not_found("contact"))?;
    let duplicates = found.into_iter().map(|(why, whole)| SuspectView { contact: whole.into(), why }).collect();
    Ok(Found(Suspects { duplicates }))
}
