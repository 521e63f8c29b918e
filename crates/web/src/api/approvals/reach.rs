//! Who may decide, and how a request reaches each of them now.

use axum::extract::State;
use frontdesk_engine::approvals::reach;
use frontdesk_kernel::{approval::Reach, ids::*, member::Role};
use frontdesk_store::{member_numbers, people, work};
use serde::Serialize;
use utoipa::ToSchema;

use super::business;
use crate::{
    Web,
    kit::{Caller, Found, Problem},
};

const MOST: u32 = 200;

/// Somebody who may decide.
#[derive(Serialize, ToSchema)]
#[schema(as = Decider)]
pub(crate) struct DeciderView {
    id: UserId,
    name: String,
    role: Role,
    /// Also yes or no; else only answers to questions.
    decides: bool,
    /// A mail with a link of their own goes to them.
    by_mail: bool,
    /// What goes to their number.
    by_number: Reach,
}

/// All of them, in the order of their coming.
#[derive(Serialize, ToSchema)]
#[schema(as = Deciders)]
pub(crate) struct Deciders {
    items: Vec<DeciderView>,
}

/// Who may decide or answer, and how a request reaches each of them now
#[utoipa::path(get, path = "/approvals/deciders", tag = "approvals", operation_id = "deciders", responses((status = 200, body = Deciders)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Deciders>, Problem> {
    caller.require("approval:read")?;
    let view = business(&web, &caller).await?;
    let lines = web.desk.directory.lines(&web.desk).await?;
    let (desk, s, by_mail) = (web.desk.clone(), caller.scope.clone(), web.desk.access.mailer.is_some());
    let items = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let numbers = member_numbers::all(tx, &s).await?;
                let mut found = Vec::new();
                for member in people::team(tx, &s, None, MOST).await? {
                    if !member.active || !member.role.allows("approval:answer") {
                        continue;
                    }
                    let number = numbers.iter().find(|n| n.person == member.person);
                    let (by_number, _) = reach(&desk, &lines, &view.tenant, number);
                    let decides = member.role.allows("approval:decide");
                    found.push(DeciderView { id: member.person, name: member.name, role: member.role, decides, by_mail, by_number });
                }
                Ok(found)
            }),
        )
        .await?;
    Ok(Found(Deciders { items }))
}
