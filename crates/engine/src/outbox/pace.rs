//! When a message may go: the contact's window, the account's pace, the pair's pace.

use std::{collections::HashMap, time::Duration};

use frontdesk_kernel::{Scope, Timestamp, ids::*, message::Part};
use frontdesk_store::{Result, Tx, effects, messages::ToSend, pace};

use crate::{Desk, directory::Line};

/// Free text may go only for a while after the contact's last message.
pub(super) fn window_closed(desk: &Desk, line: &Line, send: &ToSend, now: Timestamp) -> bool {
    if matches!(send.message.parts.first(), Some(Part::Template { .. })) {
        return false;
    }
    window_is_closed(desk, line, send.last_inbound_at, now)
}

/// Whether only a template may go now to a contact who wrote last at this time.
pub fn window_is_closed(desk: &Desk, line: &Line, last_inbound_at: Option<Timestamp>, now: Timestamp) -> bool {
    let window = desk.channel(&line.channel.kind).and_then(|c| c.about().window);
    window.is_some_and(|window| last_inbound_at.is_none_or(|at| now.since(at) >= window))
}

/// The account's pace and the pair's pace. `Some` = not before then.
#[expect(clippy::too_many_arguments, reason = "two paces of one send")]
pub(super) async fn pace(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    line: &Line,
    effect: &effects::Effect,
    pair_tat: Timestamp,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Ok(None) };
    let limits = channel.about().limits;
    let per_second = desk.settings.messages_per_second.filter(|_| limits.per_second > 0).unwrap_or(limits.per_second);
    let burst = desk.settings.pair_burst.filter(|_| limits.pair_burst > 0).unwrap_or(limits.pair_burst);
    let interval = desk.settings.pair_interval.unwrap_or(limits.pair_interval);
    let mut pair = None;
    if burst > 0 {
        match pace::gcra(pair_tat, now, interval, burst) {
            Ok(tat) => pair = Some(tat),
            Err(wait) => return Ok(Some(wait)),
        }
    }
    if per_second > 0 {
        let tat = match paces.get(&effect.channel) {
            Some(tat) => *tat,
            None => pace::account_pace(tx, scope, &effect.channel).await?,
        };
        match pace::gcra(tat, now, Duration::from_secs(1) / per_second, per_second) {
            Ok(tat) => {
                paces.insert(effect.channel.clone(), tat);
                pace::set_account_pace(tx, scope, &effect.channel, tat).await?;
            }
            Err(wait) => return Ok(Some(wait)),
        }
    }
    if let Some(tat) = pair {
        pace::set_pair_pace(tx, scope, &effect.conversation, tat).await?;
    }
    Ok(None)
}
