//! What vendors deliver: verified over the raw bytes, read, stored once, then acknowledged. Nothing else happens in the request.

mod changes;
pub mod door;
mod items;
mod seen;
mod statuses;
mod strays;
mod together;

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Secret,
    ids::TenantId,
    ports::channel::{Channel, Event, Handshake, RawRequest},
};
use frontdesk_store::{Result, channels::Knock};

pub(crate) use self::items::{incoming, take_in};
pub use self::together::Together;
use self::{
    items::{Item, item},
    seen::Seen,
};
use crate::{
    Desk, crash,
    directory::{Line, Lines},
    knocks,
};

/// What a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// Everything is durable. `duplicate`: there were messages and all of them were known.
    Stored {
        duplicate: bool,
    },
    Forged,
    Malformed(String),
    /// Not an event of this channel.
    Foreign,
}

/// The vendor's set-up handshake.
pub async fn handshake(desk: &Arc<Desk>, channel: &dyn Channel, raw: &RawRequest) -> Result<Handshake> {
    let (kind, lines) = (channel.about().key, desk.directory.lines(desk).await?);
    let answer = channel.handshake(raw, &lines.secrets(kind, "verify_token"));
    if matches!(answer, Handshake::Answer(_)) {
        let theirs = |l: &&Arc<Line>| {
            let token = l.account.secret("verify_token").cloned();
            token.is_some_and(|t| matches!(channel.handshake(raw, &[t]), Handshake::Answer(_)))
        };
        for line in lines.all().filter(|l| l.channel.kind == kind).filter(theirs) {
            knocks::note(desk, line, Knock::Handshake);
        }
    }
    Ok(answer)
}

pub async fn accept(desk: &Arc<Desk>, channel: &'static dyn Channel, raw: &RawRequest) -> Result<Accepted> {
    let kind = channel.about().key;
    let lines = desk.directory.lines(desk).await?;
    let signer = lines.secrets(kind, "app_secret").into_iter().find(|secret| channel.verify(raw, secret).is_ok());
    if signer.is_none() && !desk.settings.mock_mode {
        metrics::counter!("frontdesk_webhook_forged_total", "channel" => kind).increment(1);
        // What nobody signed is not read, so it is nobody's: those who still wait for their first webhook are told.
        for line in lines.all().filter(|l| l.channel.kind == kind && l.channel.webhook_at.is_none()) {
            knocks::note(
                desk,
                line,
                Knock::Refused("a webhook came whose signature fits no app secret here: correct the app secret"),
            );
        }
        return Ok(Accepted::Forged);
    }
    let events = match channel.receive(raw) {
        Ok(events) => events,
        Err(e) if e.kind == frontdesk_kernel::ErrorKind::Unsupported => return Ok(Accepted::Foreign),
        Err(e) => return Ok(Accepted::Malformed(e.detail)),
    };
    if let Some(event) = events.iter().find(|event| !signed_by_its_owner(desk, &lines, kind, event, signer.as_ref())) {
        metrics::counter!("frontdesk_webhook_forged_total", "channel" => kind).increment(1);
        if let Some(line) = lines.at(kind, &event.account) {
            knocks::note(
                desk,
                line,
                Knock::Refused("a webhook for this account was signed by another app: correct the app secret"),
            );
        }
        return Ok(Accepted::Forged);
    }
    for line in events.iter().filter_map(|event| lines.at(kind, &event.account)).take(1) {
        knocks::note(desk, line, Knock::Webhook);
    }
    store(desk, kind, &lines, signer.as_ref(), events).await
}

/// A valid signature of one tenant's app says nothing about another tenant's account. For a line to try things with, which needs no app of
/// its own, those of its business's other lines sign.
fn signed_by_its_owner(desk: &Desk, lines: &Lines, kind: &str, event: &Event, signer: Option<&Secret>) -> bool {
    let Some(line) = lines.at(kind, &event.account) else { return true };
    let own = app_secret(line);
    let by_another_of_theirs = || lines.all().filter(|l| l.tenant == line.tenant).any(|l| app_secret(l) == signer);
    desk.settings.mock_mode || own == signer || (line.channel.mock && own.is_none() && by_another_of_theirs())
}

fn app_secret(line: &Line) -> Option<&Secret> {
    line.account.secret("app_secret").filter(|secret| !secret.is_empty())
}

async fn store(
    desk: &Arc<Desk>,
    kind: &'static str,
    lines: &Lines,
    signer: Option<&Secret>,
    events: Vec<Event>,
) -> Result<Accepted> {
    let now = desk.now();
    let mut by_tenant: BTreeMap<TenantId, Vec<Item>> = BTreeMap::new();
    let mut strays = Vec::new();
    for event in events {
        match lines.at(kind, &event.account) {
            Some(line) => by_tenant.entry(line.tenant.clone()).or_default().push(item(desk, line, signer, event, now).await?),
            None => strays.push(event),
        }
    }
    let mut seen = Seen::default();
    for (tenant, items) in by_tenant {
        seen.merge(together::store(desk, kind, Scope::of(tenant), Arc::new(items), now).await?);
    }
    if !strays.is_empty() {
        strays::keep(desk, kind, strays, now).await?;
    }
    crash::point("T1 committed");
    let duplicate = seen.messages == 0 && seen.duplicates > 0;
    committed(desk, kind, seen);
    Ok(Accepted::Stored { duplicate })
}

/// What is durable now is counted and told, and wakes who goes on with it.
fn committed(desk: &Desk, kind: &'static str, mut seen: Seen) {
    if seen.settled > 0 {
        crash::point("T8 committed");
    }
    seen.count(kind);
    std::mem::take(&mut seen.news).tell(&desk.events);
    if seen.turns > 0 {
        desk.wake.lanes.notify_one();
    }
    if seen.settled + seen.muted + seen.answers > 0 {
        desk.wake.outbox.notify_one();
    }
}
