//! One business.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::TenantId, language::Language, ledger::Accounting, profile::Profile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    /// `salon`, `barberia`, `clinic`, `restaurant` …: chooses icons and titles, nothing else.
    pub business_type: String,
    /// IANA zone name.
    pub time_zone: String,
    /// BCP 47 tag (`es-CO`).
    pub language: String,
    /// ISO 4217.
    pub currency: String,
    pub profile: Profile,
    pub settings: TenantSettings,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Tenant {
    /// The zone, or UTC when the name is unknown (validated on every write, so only a shrunken tz database gets there).
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
    pub fn speaks(&self) -> Language {
        Language::of(&self.language)
    }
}

/// A tenant's own values; what is absent comes from the server's configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    pub burst_wait_ms: Option<u64>,
    pub burst_max_ms: Option<u64>,
    pub history_limit: Option<u32>,
    pub turn_timeout_s: Option<u64>,
    /// Model tokens (input + output) that one turn may use.
    pub turn_token_budget: Option<u64>,
    /// Model tokens that the tenant may use in 24 hours; at the limit people answer.
    pub daily_token_budget: Option<u64>,
    /// Messages from one contact in an hour before the bot falls silent and a person is told.
    pub contact_messages_per_hour: Option<u32>,
    /// Business credit: off until it is switched on.
    #[serde(skip_serializing_if = "Accounting::is_untouched")]
    pub tokens: Box<Accounting>,
}
