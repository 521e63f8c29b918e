//! Where administration happens: in the database itself, or through the server that has it open.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use frontdesk_connect::http::{AddressPolicy, Egress, EgressSettings};
use frontdesk_engine::{
    Desk,
    admin::{self, Action, Request},
};
use frontdesk_kernel::{
    Secret,
    ports::http::{self, Auth, Body, Http, Method},
};
use frontdesk_store::{Error, migrate};
use serde_json::Value;

use crate::{
    app::{self, App, Refuse},
    config::{Config, Overrides},
    local::Local,
};

/// What every command of administration takes.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Common {
    /// One JSON document instead of text for people
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The business, by id or exact name (default: the only one)
    #[arg(long, global = true, value_name = "BUSINESS")]
    pub(crate) tenant: Option<String>,
    /// Folder for database and keys
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// An installation, ready to be asked.
pub(crate) struct Place {
    tenant: Option<String>,
    way: Way,
}

enum Way {
    Server { http: Egress, local: Local },
    Database(Arc<Desk>),
}

impl Place {
    pub(crate) async fn open(common: &Common, overrides: Overrides) -> Result<Place> {
        let data_dir = common.data_dir.clone().or(overrides.data_dir);
        let config = crate::read(Overrides { data_dir, ..overrides })?;
        let way = find(config).await?;
        Ok(Place { tenant: common.tenant.clone(), way })
    }

    /// Asks about another business than `--tenant` says.
    pub(crate) fn about(self, tenant: Option<String>) -> Place {
        Place { tenant: tenant.or(self.tenant), ..self }
    }

    pub(crate) async fn ask(&self, action: Action) -> Result<Value> {
        let request = Request { tenant: self.tenant.clone(), action };
        match &self.way {
            Way::Server { http, local } => ask_server(http, local, &request).await,
            Way::Database(desk) => {
                let answer = Box::pin(admin::execute(desk, request)).await;
                desk.db.close().await;
                answer.map_err(|e| match e {
                    Error::Refused(why) => anyhow!(why),
                    e => e.into(),
                })
            }
        }
    }
}

/// The database, or the server that has it open. (Its lock is surer than the server's own note, which a killed one leaves behind.)
async fn find(config: Config) -> Result<Way> {
    let db = match app::open_db(&config).await {
        Ok(db) => db,
        Err(locked) if locked.is::<Refuse>() => {
            let local = Local::find(std::slice::from_ref(&config.data_dir), None).ok_or(locked)?;
            let allow_private = AddressPolicy::Allow(vec![local.url.clone()]);
            return Ok(Way::Server { http: Egress::new(EgressSettings { allow_private, ..EgressSettings::default() })?, local });
        }
        Err(e) => return Err(e),
    };
    let fresh = migrate::status(&db).await?.iter().all(|m| m.applied_at.is_none());
    db.close().await;
    drop(db);
    // A new installation may begin with any command; an older schema is changed only when it is asked for.
    Ok(Way::Database(App::open(config, fresh).await?.desk()?))
}

async fn ask_server(http: &Egress, local: &Local, request: &Request) -> Result<Value> {
    let body = Body::Json(Bytes::from(serde_json::to_vec(request)?));
    let asked = http::Request {
        auth: Auth::Bearer(Secret::new(local.key.as_str())),
        body,
        max_bytes: 64 << 20,
        ..http::Request::new(Method::Post, format!("{}/api/v1/admin", local.url))
    };
    let answer = http.send(asked).await.with_context(|| format!("the server at {} did not answer; try again", local.url))?;
    let value: Value =
        serde_json::from_slice(&answer.body).with_context(|| format!("the server at {} gave no JSON", local.url))?;
    match (answer.status, value["detail"].as_str()) {
        (200, _) => Ok(value),
        (422, Some(why)) => Err(anyhow!("{why}")),
        (status, why) => Err(anyhow!("the server at {} answered {status}: {}", local.url, why.unwrap_or("no reason given"))),
    }
}
