//! What a running server keeps in memory: routes, accounts with their credentials opened, and each tenant's view. Reread when the
//! database says that something changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    agent::Agent,
    booking::{Service, Staff},
    ids::*,
    location::Location,
    ports::channel::Account,
    scope::Server,
    tenant::Tenant,
};
use frontdesk_store::{Result, agents, calendar, channels, http_tools, locations, mcp, tenants, tills, work};

use crate::{
    Desk,
    payments::{Till, open_till},
    tools::OwnTools,
};

const CHECK_EVERY: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Directory(Mutex<State>);

#[derive(Default)]
struct State {
    generation: (i64, i64),
    checked_at: Option<Timestamp>,
    lines: Option<Arc<Lines>>,
    tenants: HashMap<TenantId, Arc<View>>,
    tills: Option<Arc<[Arc<Till>]>>,
}

/// Every connected account of every tenant.
pub struct Lines {
    by_account: HashMap<(String, String), Arc<Line>>,
    by_id: HashMap<ChannelId, Arc<Line>>,
}

/// A connected account, ready for use.
pub struct Line {
    pub tenant: TenantId,
    pub channel: channels::Channel,
    pub account: Account,
}

/// A tenant with what a turn needs of it.
pub struct View {
    pub tenant: Tenant,
    pub services: Vec<Service>,
    pub staff: Vec<Staff>,
    /// The branches that are open for business.
    pub locations: Vec<Location>,
    pub agents: Vec<Agent>,
    pub model_keys: HashMap<String, Secret>,
    /// Tools that the business brought along.
    pub tools: OwnTools,
    /// Through which it takes payments.
    pub till: Option<Arc<Till>>,
}

impl Lines {
    pub fn at(&self, kind: &str, account: &str) -> Option<&Arc<Line>> {
        self.by_account.get(&(kind.to_owned(), account.to_owned()))
    }
    pub fn get(&self, id: &ChannelId) -> Option<&Arc<Line>> {
        self.by_id.get(id)
    }
    /// Distinct values of a secret over all accounts of a kind.
    pub fn secrets(&self, kind: &str, key: &str) -> Vec<Secret> {
        let mut found: Vec<Secret> = Vec::new();
        for line in self.by_id.values().filter(|l| l.channel.kind == kind) {
            if let Some(secret) = line.account.secret(key)
                && !secret.is_empty()
                && !found.contains(secret)
            {
                found.push(secret.clone());
            }
        }
        found
    }
    pub fn all(&self) -> impl Iterator<Item = &Arc<Line>> {
        self.by_id.values()
    }
}

impl View {
    /// The agent of a conversation: its own, else the channel's, else the default one, else any.
    pub fn agent(&self, wanted: [Option<&AgentId>; 2]) -> Option<&Agent> {
        let named = wanted.into_iter().flatten().find_map(|id| self.agents.iter().find(|a| a.id == *id));
        named.or_else(|| self.agents.iter().find(|a| a.is_default)).or_else(|| self.agents.first())
    }
}

impl Directory {
    /// Forgets everything: the next look rereads.
    pub fn invalidate(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    pub async fn lines(&self, desk: &Desk) -> Result<Arc<Lines>> {
        self.refresh(desk).await?;
        if let Some(lines) = self.0.lock().unwrap_or_else(PoisonError::into_inner).lines.clone() {
            return Ok(lines);
        }
        let rows = desk.db.read(&Server, work!(tx => channels::all(tx, &Server).await)).await?;
        let mut lines = Lines { by_account: HashMap::new(), by_id: HashMap::new() };
        for row in rows {
            let line = Arc::new(open_line(desk, row));
            lines.by_account.insert((line.channel.kind.clone(), line.channel.account.clone()), line.clone());
            lines.by_id.insert(line.channel.id.clone(), line);
        }
        let lines = Arc::new(lines);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lines = Some(lines.clone());
        Ok(lines)
    }

    /// A tenant's view; `None` when there is no such tenant.
    pub async fn tenant(&self, desk: &Desk, id: &TenantId) -> Result<Option<Arc<View>>> {
        self.refresh(desk).await?;
        if let Some(view) = self.0.lock().unwrap_or_else(PoisonError::into_inner).tenants.get(id) {
            return Ok(Some(view.clone()));
        }
        let scope = Scope::of(id.clone());
        let s = scope.clone();
        let found = desk
            .db
            .read(
                &scope,
                work!(tx => {
                    let Some(tenant) = tenants::get(tx, &s).await? else { return Ok(None) };
                    let services = calendar::services(tx, &s).await?;
                    let staff = calendar::staff(tx, &s).await?;
                    let locations = locations::all(tx, &s).await?.into_iter().filter(|l| l.active).collect();
                    let agents = agents::list(tx, &s).await?;
                    let keys = agents::model_keys(tx, &s).await?;
                    let own = (http_tools::list(tx, &s).await?, http_tools::secrets(tx, &s).await?);
                    let servers = mcp::servers(tx, &s).await?;
                    let approved = if servers.is_empty() { Vec::new() } else { mcp::approved(tx, &s).await? };
                    let remote = (servers, approved);
                    let till = tills::get(tx, &s).await?;
                    Ok(Some((tenant, services, staff, locations, agents, keys, (own, remote), till)))
                }),
            )
            .await?;
        let Some((tenant, services, staff, locations, agents, keys, (own, remote), till)) = found else { return Ok(None) };
        let till = till.and_then(|row| open_till(desk, row));
        let offered = desk.toolbox.offered(till.is_some(), desk.settings.api_server.is_some());
        let tools = OwnTools::open(desk, &scope, own.0, own.1).offering(offered).with_servers(desk, &scope, remote.0, remote.1);
        let mut model_keys = HashMap::new();
        for (vendor, sealed) in keys {
            match desk.vault.open(&scope, &format!("model_key/{vendor}"), &sealed) {
                Ok(secret) => drop(model_keys.insert(vendor, secret)),
                Err(e) => tracing::error!(tenant = %id, vendor, error = %e, "a model key cannot be opened"),
            }
        }
        let view = Arc::new(View { tenant, services, staff, locations, agents, model_keys, tools, till });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tenants.insert(id.clone(), view.clone());
        Ok(Some(view))
    }

    /// Where every business takes payments.
    pub async fn tills(&self, desk: &Desk) -> Result<Arc<[Arc<Till>]>> {
        self.refresh(desk).await?;
        if let Some(tills) = self.0.lock().unwrap_or_else(PoisonError::into_inner).tills.clone() {
            return Ok(tills);
        }
        let rows = desk.db.read(&Server, work!(tx => tills::all(tx, &Server).await)).await?;
        let tills: Arc<[Arc<Till>]> = rows.into_iter().filter_map(|row| open_till(desk, row)).collect();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tills = Some(tills.clone());
        Ok(tills)
    }

    /// At most once a second: has anything changed?
    async fn refresh(&self, desk: &Desk) -> Result<()> {
        let now = desk.now();
        {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.checked_at.is_some_and(|at| now >= at && now.since(at) < CHECK_EVERY) {
                return Ok(());
            }
            state.checked_at = Some(now);
        }
        let generation = desk.db.read(&Server, work!(tx => agents::latest_change(tx, &Server).await)).await?;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.generation != generation {
            *state = State { generation, checked_at: Some(now), ..State::default() };
        }
        Ok(())
    }
}

/// A channel with its secrets opened; a secret that cannot be opened is left out.
pub fn open_line(desk: &Desk, row: channels::Channel) -> Line {
    let scope = Scope::of(row.tenant.clone());
    let mut secrets = std::collections::BTreeMap::new();
    for (key, sealed) in &row.secrets {
        match desk.vault.open(&scope, &format!("channel/{}/{key}", row.id), sealed) {
            Ok(secret) => drop(secrets.insert(key.clone(), secret)),
            Err(e) => tracing::error!(channel = %row.id, key, error = %e, "a channel's secret cannot be opened"),
        }
    }
    let api = desk.settings.vendors.get(row.kind.as_str());
    let account = Account {
        account: row.account.clone(),
        settings: row.settings.clone(),
        secrets,
        base_url: api.map(|a| a.base_url.clone()).unwrap_or_default(),
        version: api.map(|a| a.version.clone()).unwrap_or_default(),
    };
    Line { tenant: row.tenant.clone(), channel: row, account }
}
