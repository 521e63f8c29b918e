//! Administration: what a person changes about businesses, people, keys, channels, agents and contacts. The command line does it through
//! these functions, itself or through the running server.

pub mod agent;
pub mod business;
pub mod catalogue;
pub mod channel;
pub(crate) mod check;
pub mod contact;
pub mod key;
pub mod tenant;
pub mod token;
pub mod user;

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{Scope, Secret, ids::TenantId, scope::Server, tenant::Tenant};
use frontdesk_store::{Error, Result, Tx, audit, tenants, work};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Desk;

/// What is asked, and of which business (id or exact name). It goes over the wire to a server on the same machine, never further.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(default)]
    pub tenant: Option<String>,
    pub action: Action,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Tenant(tenant::Action),
    User(user::Action),
    Key(key::Action),
    Channel(channel::Action),
    Agent(agent::Action),
    Contact(contact::Action),
    Token(token::Action),
}

/// New values of secrets by name; `None` removes one.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub BTreeMap<String, Option<Secret>>);

/// Does what is asked and tells what is there now. `Error::Refused` says in words what is wrong; nothing was changed then.
pub async fn execute(desk: &Arc<Desk>, request: Request) -> Result<Value> {
    execute_for(desk, request, None).await
}

/// The same for somebody: changes of businesses and channels are written down with who made them (`subject` is filled in).
pub async fn execute_for(desk: &Arc<Desk>, request: Request, by: Option<audit::Entry>) -> Result<Value> {
    let named = request.tenant.as_deref();
    let answer = match request.action {
        Action::Tenant(action) => Box::pin(tenant::execute(desk, named, action, by)).await,
        Action::User(action) => user::execute(desk, named, action).await,
        Action::Key(action) => key::execute(desk, &one(desk, named).await?, action).await,
        Action::Channel(action) => channel::execute(desk, &one(desk, named).await?, action, by).await,
        Action::Agent(action) => agent::execute(desk, &one(desk, named).await?, action).await,
        Action::Contact(action) => contact::execute(desk, &one(desk, named).await?, action).await,
        Action::Token(action) => token::execute(desk, &one(desk, named).await?, action).await,
    };
    desk.directory.invalidate();
    answer
}

/// The business that new installations begin with.
pub const DEFAULT_TENANT: &str = "tnt_default";

/// The named business; without a name the only one, or else the default one.
async fn one(desk: &Desk, named: Option<&str>) -> Result<Tenant> {
    let mut all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let Some(named) = named else {
        let default = all.iter().position(|t| t.id.as_str() == DEFAULT_TENANT);
        return match (all.len(), default) {
            (0, _) => Err(refused("there is no business yet: `frontdesk tenant create --name NAME` makes one")),
            (1, _) => Ok(all.remove(0)),
            (_, Some(default)) => Ok(all.remove(default)),
            _ => Err(refused(format!("there are several businesses: choose one with --tenant ({})", names(&all)))),
        };
    };
    let found: Vec<usize> = (0..all.len()).filter(|i| all[*i].id.as_str() == named || all[*i].name == named).collect();
    match found[..] {
        [i] => Ok(all.swap_remove(i)),
        [] if all.is_empty() => {
            Err(refused(format!("there is no business `{named}`, nor any other: `frontdesk tenant create` makes one")))
        }
        [] => Err(refused(format!("there is no business `{named}`; there are {}", names(&all)))),
        _ => Err(refused(format!("several businesses are called `{named}`: name one by its id ({})", names(&all)))),
    }
}

fn names(tenants: &[Tenant]) -> String {
    let mut shown: Vec<String> = tenants.iter().take(10).map(|t| format!("{} = {}", t.id, t.name)).collect();
    if tenants.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// Writes down who changed it, in the transaction of the change.
async fn write_down(tx: &mut Tx, scope: &Scope, by: &Option<audit::Entry>, subject: &str) -> Result<()> {
    match by {
        Some(entry) => audit::write(tx, scope, &audit::Entry { subject: subject.to_owned(), ..entry.clone() }).await,
        None => Ok(()),
    }
}

fn scope(tenant: &TenantId) -> Scope {
    Scope::of(tenant.clone())
}

/// The business's own rule was broken: the words are for the person who asked.
fn refused(why: impl Into<String>) -> Error {
    Error::Refused(why.into())
}

/// Seals a secret for its place.
pub(crate) fn seal(desk: &Desk, scope: &Scope, field: &str, secret: &Secret) -> String {
    let mut nonce = [0; 24];
    nonce.copy_from_slice(&fresh(desk)[..24]);
    desk.vault.seal(scope, field, secret, nonce)
}

/// A secret that nobody has yet.
fn fresh_secret(desk: &Desk) -> Secret {
    let text: String = fresh(desk).iter().map(|b| format!("{b:02x}")).collect();
    Secret::new(text)
}

/// From fresh ids: each has 74 random bits, so two together never repeat and cannot be guessed.
pub(crate) fn fresh(desk: &Desk) -> [u8; 32] {
    let mut fresh = Sha256::new();
    fresh.update(desk.ids.uuid(desk.now()).as_bytes());
    fresh.update(desk.ids.uuid(desk.now()).as_bytes());
    fresh.finalize().into()
}

impl Serialize for Secrets {
    /// In clear: the one way a secret typed at the terminal reaches the server beside it.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.0.len()))?;
        for (name, secret) in &self.0 {
            map.serialize_entry(name, &secret.as_ref().map(Secret::reveal))?;
        }
        map.end()
    }
}
