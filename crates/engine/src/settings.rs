//! What the engine needs to know, as values; the binary fills it from the configuration.

use std::{collections::BTreeMap, time::Duration};

use frontdesk_kernel::{Secret, agent::ModelChoice, ports::model::CallLimits, turn::Limits};

use crate::tokens::checkout::Sale;

#[derive(Debug, Clone)]
pub struct Settings {
    pub burst_wait: Duration,
    pub burst_max: Duration,
    pub history_limit: u32,
    /// One run of a turn, from claim to answer.
    pub turn_timeout: Duration,
    pub limits: Limits,
    pub daily_token_budget: u64,
    /// Turns at the same time on this node.
    pub concurrency: usize,
    /// Runs of a turn before it is given up.
    pub max_attempts: i64,
    pub contact_messages_per_hour: u32,
    /// How long people answer after a handoff before the bot is back on duty.
    pub human_for: Duration,
    /// The bot answers at all (AI_AUTOREPLY).
    pub autoreply: bool,

    /// Signatures are not checked and outgoing channel calls are recorded instead of sent.
    pub mock_mode: bool,
    /// Base URL and version of each channel vendor's API, by channel key.
    pub vendors: BTreeMap<&'static str, VendorApi>,
    /// Per account and second; `None` = the channel's own limit, 0 = none.
    pub messages_per_second: Option<u32>,
    pub pair_burst: Option<u32>,
    pub pair_interval: Option<Duration>,
    /// How long an echo may take before an unknown send is looked at.
    pub unknown_window: Duration,
    pub mark_read: bool,
    pub typing: bool,

    /// The chain of models where the agent names none.
    pub models: Vec<ModelChoice>,
    pub model_servers: BTreeMap<String, ModelServer>,
    pub call_limits: CallLimits,
    /// Vendor whose transcription is used for voice notes; `None` = the first of the chain that can.
    pub transcription: Option<String>,
    /// For everything that is said to a server of tools, from greeting to answer.
    pub server_patience: Duration,
    /// Micro-dollars per million tokens, by model.
    pub prices: BTreeMap<String, Price>,
    /// On which terms credit is sold here; `None`: it is not.
    pub credit_sale: Option<Sale>,

    pub max_image_bytes: usize,
    pub max_audio_bytes: usize,
    pub max_video_bytes: usize,
    pub max_document_bytes: usize,

    /// Where the business's own records are kept.
    pub api_server: Option<ApiServer>,
}

/// A REST server of the operator's: `GET /things`, `GET /things/{id}`, `POST /things`, `PATCH /things/{id}`, `DELETE /things/{id}`, with
/// `x-tenant-id` and `x-user-id`.
#[derive(Debug, Clone)]
pub struct ApiServer {
    pub url: String,
    /// Sent as a bearer token.
    pub key: Option<Secret>,
}

#[derive(Debug, Clone)]
pub struct VendorApi {
    pub base_url: String,
    pub version: String,
}

/// The server's own access to a model vendor.
#[derive(Debug, Clone, Default)]
pub struct ModelServer {
    pub base_url: Option<String>,
    pub key: Option<Secret>,
    pub organization: Option<String>,
    pub project: Option<String>,
}

pub use frontdesk_kernel::ledger::Price;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            burst_wait: Duration::from_millis(1500),
            burst_max: Duration::from_secs(8),
            history_limit: 10,
            turn_timeout: Duration::from_secs(120),
            limits: Limits::default(),
            daily_token_budget: 0,
            concurrency: 1024,
            max_attempts: 10,
            contact_messages_per_hour: 600,
            human_for: Duration::from_secs(12 * 3600),
            autoreply: true,
            mock_mode: false,
            vendors: BTreeMap::new(),
            messages_per_second: None,
            pair_burst: None,
            pair_interval: None,
            unknown_window: Duration::from_secs(60),
            mark_read: true,
            typing: true,
            models: vec![ModelChoice { vendor: "scripted".into(), model: "scripted".into(), base_url: None }],
            model_servers: BTreeMap::new(),
            call_limits: CallLimits::default(),
            transcription: None,
            server_patience: Duration::from_secs(15),
            prices: BTreeMap::new(),
            credit_sale: None,
            max_image_bytes: 5 << 20,
            max_audio_bytes: 16 << 20,
            max_video_bytes: 16 << 20,
            max_document_bytes: 25 << 20,
            api_server: None,
        }
    }
}
