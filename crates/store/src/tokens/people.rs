//! What the ledger knows of contacts when one is erased or becomes part of another. Its lines name conversations, which go over whole.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use super::holds;
use crate::{Result, Tx};

/// The amounts stay, whom they were for is forgotten. What was reserved for them is free again.
pub(crate) async fn forget(tx: &mut Tx, scope: &Scope, contact: &ContactId) -> Result<()> {
    let theirs = "conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND contact = $2)";
    let held = tx
        .query(&format!("SELECT name, at FROM token_hold WHERE tenant = $1 AND (contact = $2 OR {theirs})"))
        .bind(scope.tenant())
        .bind(contact)
        .all(|row| Ok((row.get::<String>("name")?, row.get::<Timestamp>("at")?)))
        .await?;
    for (name, at) in held {
        holds::release(tx, scope, &name, at).await?;
    }
    for statement in [
        format!("DELETE FROM token_window WHERE tenant = $1 AND {theirs}"),
        "DELETE FROM token_spent WHERE tenant = $1 AND contact = $2".to_owned(),
        format!("UPDATE token_entry SET conversation = NULL, turn = NULL, once = 'erased/' || n WHERE tenant = $1 AND {theirs}"),
    ] {
        tx.query(&statement).bind(scope.tenant()).bind(contact).put().await?;
    }
    Ok(())
}

/// What one contact was sent today counts for the other, who they are now.
pub(crate) async fn join(tx: &mut Tx, scope: &Scope, from: &ContactId, to: &ContactId) -> Result<()> {
    for statement in [
        "INSERT INTO token_spent (tenant, span, contact, tokens, micros, at)
         SELECT tenant, span, $3, tokens, micros, at FROM token_spent WHERE tenant = $1 AND contact = $2
         ON CONFLICT (tenant, span, contact) DO UPDATE
         SET tokens = token_spent.tokens + excluded.tokens, micros = token_spent.micros + excluded.micros",
        "UPDATE token_hold SET contact = $3 WHERE tenant = $1 AND contact = $2",
    ] {
        tx.query(statement).bind(scope.tenant()).bind(from).bind(to).put().await?;
    }
    tx.query("DELETE FROM token_spent WHERE tenant = $1 AND contact = $2").bind(scope.tenant()).bind(from).put().await
}
