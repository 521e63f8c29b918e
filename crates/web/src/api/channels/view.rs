//! How a channel is shown: its state in words, never its secrets.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    ids::{AgentId, ChannelId, LocationId},
    ports::channel::About,
};
use frontdesk_store::channels::Channel;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{Web, kit::Time};

/// How a channel is doing.
#[derive(Serialize, ToSchema, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChannelState {
    /// It works, as far as is known.
    Active,
    /// Messages are recorded instead of sent.
    Mock,
    /// Connected, and nothing was heard of the vendor yet.
    Waiting,
    /// Stopped until a person mends it.
    Stopped,
    Off,
}

/// A connected account.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelView {
    id: ChannelId,
    /// `whatsapp`, `webchat`, `api` …
    kind: String,
    kind_name: &'static str,
    /// The vendor's own name of the account.
    account: String,
    name: String,
    state: ChannelState,
    /// Why it is stopped.
    stopped_reason: Option<String>,
    mock: bool,
    active: bool,
    agent: Option<AgentId>,
    /// The branch that it answers for; every one without it.
    location: Option<LocationId>,
    #[schema(value_type = BTreeMap<String, String>)]
    settings: Map<String, Value>,
    /// Names of secrets, and whether each is set.
    secrets: BTreeMap<&'static str, bool>,
    /// Secrets that were made because none were given; in the answer that made them and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) new_secrets: Option<BTreeMap<String, String>>,
    last_error: Option<String>,
    last_error_at: Option<Time>,
    /// The vendor's last news of a message of ours.
    last_echo_at: Option<Time>,
    /// Where the vendor delivers to.
    webhook_url: Option<String>,
    /// The vendor's handshake succeeded.
    verified_at: Option<Time>,
    /// The last webhook that came in, to within ten seconds.
    webhook_at: Option<Time>,
    /// Why the last refused one was refused.
    webhook_problem: Option<String>,
    webhook_problem_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

impl ChannelView {
    pub(super) fn of(web: &Web, c: Channel) -> ChannelView {
        let about = web.desk.channel(&c.kind).map(|channel| channel.about());
        let has_webhook = about.is_some_and(|a| a.settings.iter().any(|s| s.key == "verify_token"));
        let mock = c.mock || (web.desk.settings.mock_mode && about.is_some_and(|a| !a.settings.is_empty() && !a.hosted));
        let state = match (c.active, &c.paused_reason) {
            (false, _) => ChannelState::Off,
            (true, Some(_)) => ChannelState::Stopped,
            (true, None) if mock && has_webhook => ChannelState::Mock,
            (true, None) if has_webhook && c.webhook_at.is_none() && c.last_echo_at.is_none() => ChannelState::Waiting,
            (true, None) => ChannelState::Active,
        };
        let secrets = about.map(|a| a.settings).unwrap_or_default().iter().filter(|s| s.secret);
        ChannelView {
            new_secrets: None,
            secrets: secrets.map(|s| (s.key, c.secrets.contains_key(s.key))).collect(),
            kind_name: about.map_or("", |a| a.name),
            webhook_url: has_webhook.then(|| format!("{}/webhooks/{}", web.public_origin.as_deref().unwrap_or_default(), c.kind)),
            id: c.id,
            kind: c.kind,
            account: c.account,
            name: c.name,
            state,
            stopped_reason: c.paused_reason,
            mock,
            active: c.active,
            agent: c.agent,
            location: c.location,
            settings: c.settings,
            last_error: c.last_error,
            last_error_at: c.last_error_at.map(Time::from),
            last_echo_at: c.last_echo_at.map(Time::from),
            verified_at: c.verified_at.map(Time::from),
            webhook_at: c.webhook_at.map(Time::from),
            webhook_problem: c.webhook_problem,
            webhook_problem_at: c.webhook_problem_at.map(Time::from),
            created_at: c.created_at.into(),
            updated_at: c.updated_at.into(),
        }
    }
}

/// A kind of channel, and what connecting one takes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kind {
    key: &'static str,
    name: &'static str,
    settings: Vec<SettingView>,
    /// It takes files from contacts.
    media_in: bool,
    /// Hours after a contact's last message in which anything may be written; `null` = always.
    window_hours: Option<u64>,
    /// Longest text of one message.
    text_limit: usize,
    buttons: usize,
    list_rows: usize,
}

/// Something to fill in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingView {
    key: &'static str,
    label: &'static str,
    help: &'static str,
    secret: bool,
    required: bool,
}

impl Kind {
    pub(super) fn of(a: &'static About) -> Kind {
        let settings = a.settings.iter().map(|s| SettingView {
            key: s.key,
            label: s.label,
            help: s.help,
            secret: s.secret,
            required: s.required,
        });
        Kind {
            key: a.key,
            name: a.name,
            settings: settings.collect(),
            media_in: a.media_in,
            window_hours: a.window.map(|w| w.as_secs() / 3600),
            text_limit: a.limits.text,
            buttons: a.limits.buttons,
            list_rows: a.limits.list_rows,
        }
    }
}
