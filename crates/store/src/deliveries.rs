//! How far a message came, to a customer or to a member of the team: it only moves up.

use frontdesk_kernel::{
    Scope,
    ids::{ConversationId, EffectId, MessageId},
    message::Delivery,
};

use crate::{Asked, Result, Tx, db::Inner};

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
    let stays = stays(news);
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
    format!(
        "UPDATE {table} SET delivery = {IS}, vendor_id = COALESCE(vendor_id, $5),
                failure = CASE WHEN {IS} = 'failed' THEN COALESCE($6, failure) END
          WHERE tenant = $1 AND id = $2"
    )
}

/// What the message is now: `$3` is what `stays` says, `$4` the news.
const IS: &str = "CASE WHEN $3 LIKE '%,' || delivery || ',%' THEN delivery ELSE $4 END";

/// What the news does not change: `,sent,read,`.
fn stays(news: Delivery) -> String {
    let stays: String = Delivery::ALL.iter().filter(|was| was.after(news) == **was).flat_map(|was| [",", was.as_str()]).collect();
    stays + ","
}

/// News of a send that the vendor accepted under this id, about a customer's message: it moves up and remembers what it has heard. No
/// answer: it is news of another kind, or was heard before.
pub(crate) fn ask_usual(
    tx: &mut Tx,
    scope: &Scope,
    effect: &EffectId,
    news: Delivery,
    vendor_id: &str,
) -> Result<Asked<(ConversationId, MessageId)>> {
    let sql = format!(
        "UPDATE message SET delivery = {IS}, failure = CASE WHEN {IS} = 'failed' THEN failure END, heard = heard | $6
          WHERE tenant = $1 AND vendor_id = $5 AND (heard & $6) = 0
            AND id = (SELECT message FROM effect WHERE tenant = $1 AND id = $2 AND state = 'succeeded' AND vendor_id = $5)
         RETURNING conversation, id"
    );
    tx.query(&sql)
        .bind(scope.tenant())
        .bind(effect)
        .bind(stays(news))
        .bind(news)
        .bind(vendor_id)
        .bind(bit(news))
        .ask(|row| Ok((row.get("conversation")?, row.get("id")?)))
}

/// Whether the message has heard this news under this id, or has another id by now: it was sent anew, and this says nothing of that.
pub(crate) fn ask_heard(tx: &mut Tx, scope: &Scope, message: &MessageId, news: Delivery, vendor_id: &str) -> Result<Asked<bool>> {
    tx.query("SELECT ((heard & $3) <> 0 OR COALESCE(vendor_id, '') <> $4) AS heard FROM message WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(message)
        .bind(bit(news))
        .bind(vendor_id)
        .ask(|row| row.get("heard"))
}

/// The message will know this news again.
pub(crate) async fn remember(tx: &mut Tx, scope: &Scope, message: &MessageId, news: Delivery, vendor_id: &str) -> Result<()> {
    tx.query("UPDATE message SET heard = heard | $3 WHERE tenant = $1 AND id = $2 AND vendor_id = $4")
        .bind(scope.tenant())
        .bind(message)
        .bind(bit(news))
        .bind(vendor_id)
        .put()
        .await
}

/// Its place in `message.heard`.
fn bit(news: Delivery) -> i64 {
    match news {
        Delivery::Queued => 1,
        Delivery::Sending => 2,
        Delivery::Unknown => 4,
        Delivery::Sent => 8,
        Delivery::Delivered => 16,
        Delivery::Read => 32,
        Delivery::Played => 64,
        Delivery::Failed => 128,
    }
}
