//! How far a message came, to a customer or to a member of the team: it only moves up.

use frontdesk_kernel::{Scope, ids::MessageId, message::Delivery};

use crate::{Result, Tx, db::Inner};

/// The vendor's news of a message, in whichever table it is: the delivery only moves up, and of one that is not there nothing is kept. One
/// statement for each table, so that two pieces of news at once do not take each other back; on PostgreSQL one for both.
pub async fn advance(
    tx: &mut Tx,
    scope: &Scope,
    id: &MessageId,
    news: Delivery,
    vendor_id: Option<&str>,
    failure: Option<&str>,
) -> Result<()> {
    // What the news does not change: `,sent,read,`.
    let stays: String = Delivery::ALL.iter().filter(|was| was.after(news) == **was).flat_map(|was| [",", was.as_str()]).collect();
    let stays = stays + ",";
    let (of_member, of_thread) = (update("member_message"), update("message"));
    let statements = match tx.inner {
        Inner::Sqlite(_) => vec![of_member, of_thread],
        Inner::Postgres(_) => vec![format!("WITH of_member AS ({of_member}) {of_thread}")],
    };
    for sql in &statements {
        tx.query(sql).bind(scope.tenant()).bind(id).bind(stays.as_str()).bind(news).bind(vendor_id).bind(failure).put().await?;
    }
    Ok(())
}

fn update(table: &str) -> String {
    let is = "CASE WHEN $3 LIKE '%,' || delivery || ',%' THEN delivery ELSE $4 END";
    format!(
        "UPDATE {table} SET delivery = {is}, vendor_id = COALESCE(vendor_id, $5),
                failure = CASE WHEN {is} = 'failed' THEN COALESCE($6, failure) END
          WHERE tenant = $1 AND id = $2"
    )
}
