//! T8: the vendor's news of what we sent. It settles effects whose answer was lost and shows on the message.

use frontdesk_kernel::{Scope, Timestamp, effect::State, ids::*, message::Delivery, ports::channel::StatusUpdate};

use crate::{Asked, Result, Tx, deliveries, effects, messages};

/// What a status meant to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Seen before, or about a send that its message has left behind.
    Repeated,
    /// Nothing of ours has this id.
    Stranger,
    /// Shows on the message; nothing waited for it.
    Shown,
    /// An effect whose answer was lost, or still on its way, is settled by it.
    Settled,
    /// A second vendor id for one effect: the contact got it twice.
    Doubled,
}

/// What the news was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub effect: EffectId,
    pub conversation: ConversationId,
    pub message: MessageId,
}

/// `effect` is named by the echo's verified token, where there was one.
pub async fn hear(
    tx: &mut Tx,
    scope: &Scope,
    channel: &ChannelId,
    status: &StatusUpdate,
    effect: Option<&EffectId>,
    now: Timestamp,
) -> Result<Heard> {
    hear_about(tx, scope, Some(channel), status, effect, None, now).await.map(|(heard, _)| heard)
}

/// Nearly all news: of a send that the vendor accepted under this id, of a customer's message, heard for the first time and no failure.
/// It costs one statement, because the message itself remembers what it heard; a row is kept of everything else.
#[must_use = "news that nobody heard"]
pub struct Usual(Option<Asked<(ConversationId, MessageId)>>);

impl Usual {
    async fn answer(self, tx: &mut Tx) -> Result<Option<(ConversationId, MessageId)>> {
        match self.0 {
            Some(asked) => asked.optional(tx).await,
            None => Ok(None),
        }
    }
}

/// For `hear_about`, so that several are one round trip.
pub fn ask_usual(tx: &mut Tx, scope: &Scope, status: &StatusUpdate, effect: &EffectId) -> Result<Usual> {
    if status.delivery == Delivery::Failed {
        return Ok(Usual(None));
    }
    deliveries::ask_usual(tx, scope, effect, status.delivery, &status.vendor_id).map(|asked| Usual(Some(asked)))
}

/// The same as `hear`, and what it was about when it was news. `alive`: the channel of which it is a sign of life, repeated or
/// not, unless one was kept a moment ago. `asked`: what `ask_usual` said to this effect, if it was asked.
pub async fn hear_about(
    tx: &mut Tx,
    scope: &Scope,
    mut alive: Option<&ChannelId>,
    status: &StatusUpdate,
    effect: Option<&EffectId>,
    asked: Option<Usual>,
    now: Timestamp,
) -> Result<(Heard, Option<About>)> {
    let named = match effect {
        Some(effect) => Some(effect.clone()),
        None => match messages::by_vendor_id(tx, scope, &status.vendor_id).await? {
            Some(message) => effects::of_message(tx, scope, &message.id).await?.map(|effect| effect.id),
            None => None,
        },
    };
    if let Some(effect) = &named {
        let usual = asked.map_or_else(|| ask_usual(tx, scope, status, effect), Ok)?;
        sign_of_life(tx, scope, alive.take(), now).await?;
        if let Some((conversation, message)) = usual.answer(tx).await? {
            return Ok((Heard::Shown, Some(About { effect: effect.clone(), conversation, message })));
        }
    }
    let new = tx
        .query(
            "INSERT INTO echo (tenant, vendor_id, status, effect, reason, at)
             VALUES ($1, $2, $3, (SELECT id FROM effect WHERE tenant = $1 AND id = $4), $5, $6)
             ON CONFLICT (tenant, vendor_id, status) DO NOTHING RETURNING status",
        )
        .bind(scope.tenant())
        .bind(status.vendor_id.as_str())
        .bind(status.delivery)
        .bind(named.as_ref())
        .bind(status.reason.as_deref())
        .bind(now)
        .ask(|row| row.get::<Delivery>("status"))?;
    let effect = named.as_ref().map(|id| effects::ask(tx, scope, id)).transpose()?;
    if new.optional(tx).await?.is_none() {
        return Ok((Heard::Repeated, None));
    }
    let effect = match effect {
        Some(effect) => effect.optional(tx).await?,
        None => None,
    };
    if let Some(effect) = &effect
        && is_repeated(tx, scope, effect, status).await?
    {
        return Ok((Heard::Repeated, None));
    }
    sign_of_life(tx, scope, alive, now).await?;
    let Some(effect) = effect else { return Ok((Heard::Stranger, None)) };
    let settled = settle(tx, scope, &effect, status, now).await?;
    let failed = status.delivery == Delivery::Failed;
    if settled || (failed && effect.state == State::Succeeded) {
        let state = if failed { State::Failed } else { State::Succeeded };
        effects::settle_hold(tx, scope, &effect, effect.hold.as_deref(), state, now).await?;
    }
    deliveries::advance(tx, scope, &effect.message, status.delivery, Some(&status.vendor_id), status.reason.as_deref()).await?;
    deliveries::remember(tx, scope, &effect.message, status.delivery, &status.vendor_id).await?;
    let doubled = effect.vendor_id.as_deref().is_some_and(|known| known != status.vendor_id);
    let heard = match (doubled, settled) {
        (true, _) => Heard::Doubled,
        (false, true) => Heard::Settled,
        (false, false) => Heard::Shown,
    };
    Ok((heard, Some(About { effect: effect.id, conversation: effect.conversation, message: effect.message })))
}

/// What the message remembers has no row here. News of its first send says nothing of one that was sent anew.
async fn is_repeated(tx: &mut Tx, scope: &Scope, effect: &effects::Effect, status: &StatusUpdate) -> Result<bool> {
    if status.delivery == Delivery::Failed || effect.vendor_id.as_deref() != Some(status.vendor_id.as_str()) {
        return Ok(false);
    }
    let heard = deliveries::ask_heard(tx, scope, &effect.message, status.delivery, &status.vendor_id)?;
    Ok(heard.optional(tx).await? == Some(true))
}

/// Four times a second at most.
async fn sign_of_life(tx: &mut Tx, scope: &Scope, channel: Option<&ChannelId>, now: Timestamp) -> Result<()> {
    let Some(channel) = channel else { return Ok(()) };
    tx.query("UPDATE channel SET last_echo_at = $3 WHERE tenant = $1 AND id = $2 AND COALESCE(last_echo_at, 0) < $3 - 250")
        .bind(scope.tenant())
        .bind(channel)
        .bind(now)
        .put()
        .await
}

/// News proves that the vendor has it: an effect that waits for its answer, or for a resend, is done.
async fn settle(tx: &mut Tx, scope: &Scope, effect: &effects::Effect, status: &StatusUpdate, now: Timestamp) -> Result<bool> {
    if effect.state.is_final() {
        return Ok(false);
    }
    let state = if status.delivery == Delivery::Failed { "failed" } else { "succeeded" };
    tx.query(
        "UPDATE effect SET state = $3, owner = NULL, vendor_id = COALESCE(vendor_id, $4), unknown_since = NULL, updated_at = $5,
                problem = CASE WHEN $3 = 'failed' THEN $6 ELSE problem END
          WHERE tenant = $1 AND id = $2 AND attempts > 0 AND state IN ('pending', 'sending', 'unknown', 'review')",
    )
    .bind(scope.tenant())
    .bind(&effect.id)
    .bind(state)
    .bind(status.vendor_id.as_str())
    .bind(now)
    .bind(status.reason.as_deref())
    .execute()
    .await
    .map(|n| n > 0)
}

/// Effects that were sent under more than one vendor id: `(effect, how many)`.
pub async fn doubled(tx: &mut Tx, scope: &Scope) -> Result<Vec<(EffectId, i64)>> {
    tx.query(
        "SELECT effect, COUNT(DISTINCT vendor_id) AS n
           FROM (SELECT effect, vendor_id FROM echo WHERE tenant = $1 AND effect IS NOT NULL
                 UNION
                 SELECT e.id AS effect, e.vendor_id FROM effect e
                  WHERE e.tenant = $1 AND e.vendor_id IS NOT NULL
                    AND EXISTS (SELECT 1 FROM echo o WHERE o.tenant = e.tenant AND o.effect = e.id)) AS known
          GROUP BY effect HAVING COUNT(DISTINCT vendor_id) > 1 ORDER BY effect",
    )
    .bind(scope.tenant())
    .all(|row| Ok((row.get("effect")?, row.get("n")?)))
    .await
}
