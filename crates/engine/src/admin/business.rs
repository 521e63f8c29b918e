//! What every new business begins with: a default agent, an `api` channel, usual opening hours.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Id, Ids, Scope, Timestamp,
    agent::{Agent, AgentSpec},
    ids::TenantId,
    profile::{Day, Hours, Span},
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, agents, channels, tenants};
use jiff::civil::time;

/// A business that can be talked to: tenant, default agent, `api` channel.
pub async fn open(tx: &mut Tx, ids: &dyn Ids, tenant: &Tenant, agent_name: &str, now: Timestamp) -> Result<()> {
    let scope = Scope::of(tenant.id.clone());
    let agent =
        Agent { id: Id::new(ids, now), name: agent_name.to_owned(), is_default: true, version: 1, spec: AgentSpec::default() };
    tenants::insert(tx, &scope, tenant).await?;
    agents::insert(tx, &scope, &agent, now).await?;
    let channel = channel(ids, &tenant.id, "api", tenant.id.as_str(), &tenant.name, now);
    channels::insert(tx, &scope, &channel).await.map(drop)
}

/// A channel that nothing is known of yet.
pub fn channel(ids: &dyn Ids, tenant: &TenantId, kind: &str, account: &str, name: &str, now: Timestamp) -> channels::Channel {
    channels::Channel {
        id: Id::new(ids, now),
        tenant: tenant.clone(),
        kind: kind.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
        settings: serde_json::Map::new(),
        secrets: BTreeMap::new(),
        agent: None,
        location: None,
        mock: false,
        active: true,
        paused_reason: None,
        last_error: None,
        last_error_at: None,
        last_echo_at: None,
        verified_at: None,
        webhook_at: None,
        webhook_problem: None,
        webhook_problem_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Monday to Friday 9 to 19, Saturday 9 to 18: what a new business has until it says otherwise.
pub fn usual_hours() -> Hours {
    let span = |close| vec![Span { open: time(9, 0, 0, 0), close: time(close, 0, 0, 0) }];
    let mut hours: BTreeMap<Day, Vec<Span>> = Day::ALL[..5].iter().map(|day| (*day, span(19))).collect();
    hours.insert(Day::Saturday, span(18));
    Hours(hours)
}
