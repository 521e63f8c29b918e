//! The pace of accounts and of pairs of people (GCRA), kept in the database so that all nodes share it.

use std::time::Duration;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{ChannelId, ConversationId},
};

use crate::{Result, Tx};

/// The pace of an account (GCRA): the theoretical arrival time kept per channel.
pub async fn account_pace(tx: &mut Tx, scope: &Scope, channel: &ChannelId) -> Result<Timestamp> {
    tx.query_each(
        "SELECT tat FROM pace WHERE tenant = $1 AND channel = $2",
        "SELECT tat FROM pace WHERE tenant = $1 AND channel = $2 FOR UPDATE",
    )
    .bind(scope.tenant())
    .bind(channel)
    .optional(|row| row.get("tat"))
    .await
    .map(Option::unwrap_or_default)
}

pub async fn set_account_pace(tx: &mut Tx, scope: &Scope, channel: &ChannelId, tat: Timestamp) -> Result<()> {
    tx.query("INSERT INTO pace (tenant, channel, tat) VALUES ($1, $2, $3) ON CONFLICT (tenant, channel) DO UPDATE SET tat = excluded.tat")
        .bind(scope.tenant()).bind(channel).bind(tat)
        .put()
        .await
}

pub async fn set_pair_pace(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, tat: Timestamp) -> Result<()> {
    tx.query("UPDATE lane SET pair_tat = $3 WHERE tenant = $1 AND conversation = $2")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(tat)
        .put()
        .await
}

/// GCRA: may one more go now at `interval` with `burst`? The new arrival time, or when to ask again.
pub fn gcra(tat: Timestamp, now: Timestamp, interval: Duration, burst: u32) -> Result<Timestamp, Timestamp> {
    let tolerance = interval * burst.saturating_sub(1);
    let allowed_at = tat.minus(tolerance);
    if allowed_at > now { Err(allowed_at) } else { Ok(tat.max(now).plus(interval)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_at_once_and_then_the_slow_pace_begins() {
        let interval = Duration::from_secs(6);
        let mut tat = Timestamp(0);
        let now = Timestamp(1_000_000);
        for _ in 0..45 {
            tat = gcra(tat, now, interval, 45).unwrap();
        }
        let wait = gcra(tat, now, interval, 45).unwrap_err();
        assert_eq!(wait.since(now), interval);
        assert!(gcra(tat, wait, interval, 45).is_ok());
    }
}
