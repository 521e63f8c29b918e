//! What vendors were heard to do at our door, noted for whoever connects a channel and watches. Off the request's way, and not often.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::{Scope, Timestamp, ids::ChannelId};
use frontdesk_store::{
    channels::{self, Knock},
    work,
};

use crate::{Desk, directory::Line, events::Event};

/// The same news of one channel is written at most once in so long.
const SELDOM: Duration = Duration::from_secs(10);

/// News of a message is a sign of life that is written this often.
const LIVELY: Duration = Duration::from_millis(250);

/// When what was noted last.
#[derive(Default)]
pub struct Knocks(Mutex<HashMap<(ChannelId, &'static str), Timestamp>>);

impl Knocks {
    /// Whether the line's last sign of life is to be written anew. One that is lost with its transaction is followed by others.
    pub(crate) fn is_sign_of_life(&self, channel: &ChannelId, now: Timestamp) -> bool {
        self.is_news(channel, "life", LIVELY, now)
    }

    fn is_news(&self, channel: &ChannelId, what: &'static str, once_in: Duration, now: Timestamp) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match noted.get(&(channel.clone(), what)) {
            Some(at) if now.since(*at) < once_in => false,
            _ => {
                noted.insert((channel.clone(), what), now);
                true
            }
        }
    }
}

/// Notes it in the background.
pub(crate) fn note(desk: &Arc<Desk>, line: &Arc<Line>, knock: Knock) {
    let what = match &knock {
        Knock::Handshake => "handshake",
        Knock::Webhook => "webhook",
        Knock::Refused(_) => "refused",
    };
    let now = desk.now();
    if !desk.knocks.is_news(&line.channel.id, what, SELDOM, now) {
        return;
    }
    let (d, line) = (desk.clone(), line.clone());
    desk.tasks.spawn(async move {
        let scope = Scope::of(line.tenant.clone());
        let (s, id) = (scope.clone(), line.channel.id.clone());
        match d.db.write(&scope, work!(tx => channels::note(tx, &s, &id, &knock, now).await)).await {
            Ok(()) => d.events.tell(&line.tenant, Event::new("channel.changed", line.channel.id.as_str())),
            Err(e) => tracing::debug!(error = %e, "a channel's news could not be noted"),
        }
    });
}
