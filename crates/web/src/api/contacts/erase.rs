//! A contact is erased, with all that is known of them.

use axum::extract::State;
use frontdesk_engine::{contacts::change, news::News};
use frontdesk_kernel::ids::ContactId;
use frontdesk_store::{audit, work};
use serde_json::json;

use crate::{
    Web,
    kit::{Caller, Deleted, Path, Problem},
};

/// Erases a contact.
///
/// Conversations, files, appointments, tasks and traces go with them; it cannot be undone. What stays is a line in the audit log with a
/// keyed hash of each address, which only shows that somebody was erased.
#[utoipa::path(delete, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), responses((status = 204)))]
pub(crate) async fn erase(State(web): State<Web>, caller: Caller, Path(id): Path<ContactId>) -> Result<Deleted, Problem> {
    caller.require("contact:erase")?;
    let mut entry = caller.entry(&web, "contact.erase", id.as_str(), json!({}));
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let erased = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let mut news = News::default();
                let Some(proof) = change::erase(tx, &s, &wanted, &mut news).await? else { return Ok(None) };
                entry.detail = json!({ "proof": proof });
                audit::write(tx, &s, &entry).await?;
                Ok(Some(news))
            }),
        )
        .await?;
    erased.ok_or_else(|| Problem::not_found("contact"))?.tell(&web.desk.events);
    change::tell(&web.desk, &caller.scope, &[&id]);
    Ok(Deleted)
}
