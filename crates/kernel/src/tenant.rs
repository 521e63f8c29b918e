//! One business.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{TenantId, UserId},
    language::Language,
    ledger::Accounting,
    member::Role,
    profile::Profile,
};

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
    /// What the agent may do where it acts for nobody; absent: what staff may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_role: Option<Role>,
    /// How long a request waits for a yes or a no.
    pub approval_minutes: Option<u32>,
    /// After how long without one others are told; 0: never.
    pub escalation_minutes: Option<u32>,
    /// To whom a request goes, one after another, when nobody has decided; empty: to everybody who may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escalate_to: Vec<UserId>,
    /// What may be sent about a request to members who have not written lately.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_template: Option<Box<ApprovalTemplate>>,
    /// Business credit: off until it is switched on.
    #[serde(skip_serializing_if = "Accounting::is_untouched")]
    pub tokens: Box<Accounting>,
}

/// A template of the business's own. Its places are: what is asked, for which customer, and the code to answer with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalTemplate {
    pub name: String,
    pub language: String,
}

impl ApprovalTemplate {
    /// Places in its body.
    pub const PLACES: usize = 3;
}

/// Nobody remembers later what it was about; and some channels let us write to a customer for a day after their last message only, so the
/// outcome comes within it.
pub const APPROVAL_MINUTES: u32 = 23 * 60;
pub const ESCALATION_MINUTES: u32 = 60;
/// What the agent may be at most: who owns the business is nobody's machine.
pub const AGENT_ROLES: [Role; 3] = [Role::Viewer, Role::Staff, Role::Admin];

impl TenantSettings {
    pub fn agent_role(&self) -> Role {
        self.agent_role.unwrap_or(Role::Staff)
    }
    /// How long a request waits.
    pub fn approval_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.approval_minutes.unwrap_or(APPROVAL_MINUTES)) * 60)
    }
    /// When others are told, if ever: before it is over, or it would help nobody.
    pub fn escalation_time(&self) -> Option<Duration> {
        let after = Duration::from_secs(u64::from(self.escalation_minutes.unwrap_or(ESCALATION_MINUTES)) * 60);
        (!after.is_zero() && after < self.approval_time()).then_some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_wait_as_long_as_the_business_says_and_others_are_told_before() {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        for (approval, escalation, waits, told) in [
            (None, None, 1380, Some(60)),
            (Some(30), None, 30, None),
            (Some(30), Some(10), 30, Some(10)),
            (Some(30), Some(30), 30, None),
            (None, Some(0), 1380, None),
        ] {
            let own = TenantSettings { approval_minutes: approval, escalation_minutes: escalation, ..TenantSettings::default() };
            assert_eq!((own.approval_time(), own.escalation_time()), (minutes(waits), told.map(minutes)));
        }
        assert_eq!(TenantSettings::default().agent_role(), Role::Staff);
    }
}
