//! Is everything that is connected in order? Asks the database and, when allowed, every channel and model, without sending anything.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Scope, Secret,
    agent::ModelChoice,
    ports::channel::{Account, Channel},
    scope::Server,
};
use frontdesk_store::{Db, Error, Result, backup, db, meta, migrate, tenants, work};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::{
    Desk, audit_chain,
    directory::{Line, View},
    models, upkeep,
};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `database`, `channel WhatsApp` …
    pub check: String,
    pub level: Level,
    pub says: String,
    /// What a person should do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Ok,
    Warning,
    Problem,
}

/// What may be looked at.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Vendors may be asked.
    pub network: bool,
    /// Nobody else has the database open: its file may be read as a whole.
    pub whole_file: bool,
}

/// A vendor that says nothing for this long is a problem of its own.
const PATIENCE: Duration = Duration::from_secs(15);
const AT_ONCE: usize = 8;

impl Finding {
    pub fn ok(check: impl Into<String>, says: impl Into<String>) -> Finding {
        Finding { check: check.into(), level: Level::Ok, says: says.into(), todo: None }
    }
    pub fn warning(check: impl Into<String>, says: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding { level: Level::Warning, todo: Some(todo.into()), ..Finding::ok(check, says) }
    }
    pub fn problem(check: impl Into<String>, says: impl Into<String>, todo: impl Into<String>) -> Finding {
        Finding { level: Level::Problem, todo: Some(todo.into()), ..Finding::ok(check, says) }
    }
}

/// The database alone. Says whether its schema is complete: nothing else can be asked before it is.
pub async fn database(db: &Db, depth: Depth) -> (Vec<Finding>, bool) {
    let version = match db.engine_version().await {
        Ok(version) => version,
        Err(e) => {
            return (vec![Finding::problem("database", e.to_string(), "start the database, or correct DATABASE_URL")], false);
        }
    };
    let mut found = vec![Finding::ok("database", version)];
    let complete = match migrate::applied(db).await {
        Ok(true) => true,
        Ok(false) => {
            found.push(Finding::problem("schema", "migrations are missing", "run `frontdesk migrate`"));
            false
        }
        Err(e) => {
            let todo = match e {
                Error::Refused(_) => "run the frontdesk that fits this database, or name another database",
                _ => "start the database, or correct DATABASE_URL",
            };
            found.push(Finding::problem("schema", e.to_string(), todo));
            false
        }
    };
    if complete {
        found.push(Finding::ok("schema", "every migration is applied"));
    }
    if depth.whole_file {
        match backup::integrity(db, false).await {
            Ok(said) if said == "ok" => {}
            Ok(said) => found.push(Finding::problem(
                "integrity",
                said,
                "the database file is damaged: restore the last backup into a new one",
            )),
            Err(e) => found.push(Finding::problem(
                "integrity",
                e.to_string(),
                "the database file cannot be read: restore the last backup",
            )),
        }
    }
    match db::skips_row_security(db).await {
        Ok(true) => found.push(Finding::warning(
            "row security",
            "this PostgreSQL role is a superuser or bypasses row-level security",
            "connect as an ordinary role, so that the database itself keeps businesses apart",
        )),
        Ok(false) => {}
        Err(e) => found.push(Finding::warning("row security", e.to_string(), "look whether this role may read pg_roles")),
    }
    (found, complete)
}

/// What is in the database: the pause, what waits for people, channels, models.
pub async fn connections(desk: &Arc<Desk>, depth: Depth) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    if let Some(why) = desk.db.read(&Server, work!(tx => meta::get(tx, &Server, meta::PAUSED).await)).await? {
        let todo = "nothing is answered or sent until `frontdesk resume`";
        found.push(Finding::warning("paused", why, todo));
    }
    let b = upkeep::backlog(desk).await?;
    if b.review > 0 {
        let says = format!("{} messages wait for a decision: it is not known whether they arrived", b.review);
        found.push(Finding::warning("outbox", says, "look at the conversations' open tasks"));
    }
    if b.strays > 0 {
        let says = format!("{} messages came for accounts that nobody here owns", b.strays);
        found.push(Finding::warning(
            "strays",
            says,
            "connect the account with `frontdesk channel create`, or take the webhook off it",
        ));
    }
    if let Some(mailer) = desk.access.mailer.as_ref().filter(|_| depth.network) {
        let todo = "correct SMTP_URL: invitations and new passwords wait until it works";
        found.push(match tokio::time::timeout(PATIENCE, mailer.check()).await {
            Ok(Ok(says)) => Finding::ok("mail", says),
            Ok(Err(e)) => Finding::problem("mail", e.to_string(), todo),
            Err(_) => Finding::problem("mail", format!("the mail server says nothing within {PATIENCE:?}"), todo),
        });
    }
    if let Some(mailbox) = desk.access.mailbox.as_ref().filter(|_| depth.network) {
        let todo = "correct IMAP_URL: requests can be decided in the console and by link meanwhile, answers by mail wait";
        found.push(match tokio::time::timeout(PATIENCE, mailbox.check()).await {
            Ok(Ok(says)) => Finding::ok("mailbox", says),
            Ok(Err(e)) => Finding::problem("mailbox", e.to_string(), todo),
            Err(_) => Finding::problem("mailbox", format!("the mail server says nothing within {PATIENCE:?}"), todo),
        });
    }
    let all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    if all.is_empty() {
        found.push(Finding::warning(
            "business",
            "there is none yet",
            "`frontdesk serve` makes the first one; `frontdesk tenant create` makes others",
        ));
    }
    let mut views = Vec::new();
    for tenant in &all {
        views.extend(desk.directory.tenant(desk, &tenant.id).await?);
    }
    let lines = desk.directory.lines(desk).await?;
    let mut lines: Vec<Arc<Line>> = lines.all().cloned().collect();
    lines.sort_by(|a, b| {
        (&a.tenant, &a.channel.created_at, &a.channel.id).cmp(&(&b.tenant, &b.channel.created_at, &b.channel.id))
    });
    if !all.is_empty() && lines.iter().all(|line| line.channel.kind == "api") {
        let todo = "set ACCESS_TOKEN, PHONE_NUMBER_ID, APP_SECRET and VERIFY_TOKEN, or `frontdesk channel create`";
        found.push(Finding::warning("channels", "no messaging account is connected", todo));
    }
    let several = all.len() > 1;
    found.extend(
        stream::iter(lines).map(|line| channel(desk, line, &views, several, depth)).buffered(AT_ONCE).collect::<Vec<_>>().await,
    );
    let asked = choices(desk, &views);
    found.extend(stream::iter(asked).map(|asked| model(desk, asked, depth)).buffered(AT_ONCE).collect::<Vec<_>>().await);
    Ok(found)
}

/// Whether somebody changed the audit log behind the server's back. Reads all of it.
pub async fn audit_log(desk: &Desk) -> Result<Vec<Finding>> {
    let all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let (mut found, mut whole) = (Vec::new(), 0);
    for tenant in all {
        let chain = audit_chain::check(desk, &Scope::of(tenant.id.clone())).await?;
        whole += chain.whole;
        if let Some(broken) = chain.broken {
            let todo = "the database was changed without the server: look who could, and compare with the last backup";
            found.push(Finding::problem("audit log", format!("{}: {broken}", tenant.id), todo));
        }
    }
    if found.is_empty() && whole > 0 {
        found.push(Finding::ok("audit log", format!("{whole} entries are as they were sealed")));
    }
    Ok(found)
}

/// One account, as it is asked for from the console.
pub async fn one_channel(desk: &Arc<Desk>, line: Arc<Line>) -> Finding {
    channel(desk, line, &[], false, Depth { network: true, whole_file: false }).await
}

/// Credentials that are not stored yet.
pub async fn credentials(desk: &Desk, connector: &'static dyn Channel, account: &Account) -> Finding {
    let about = connector.about();
    match patiently(connector.check(desk.http.as_ref(), account), about.key).await {
        Ok(said) => Finding::ok(about.name, said),
        Err(e) => failed(about.name.to_owned(), &e, "look at the account's id and its credentials"),
    }
}

async fn channel(desk: &Arc<Desk>, line: Arc<Line>, views: &[Arc<View>], several: bool, depth: Depth) -> Finding {
    let c = &line.channel;
    let of = views.iter().find(|v| v.tenant.id == line.tenant).filter(|_| several);
    let check = format!("channel {}{}", c.name, of.map_or(String::new(), |v| format!(" of {}", v.tenant.name)));
    let Some(connector) = desk.channel(&c.kind) else {
        return Finding::problem(
            check,
            format!("this frontdesk has no channel `{}`", c.kind),
            "install the version that made it",
        );
    };
    if !c.active {
        return Finding::ok(check, "switched off");
    }
    if line.account.secrets.len() < c.secrets.len() {
        let todo = "put back the encryption key (secret.key) that this installation was made with, or give the secrets again";
        return Finding::problem(check, "its secrets cannot be opened with this encryption key", todo);
    }
    if let Some(why) = &c.paused_reason {
        let todo = format!("mend it, then `frontdesk channel update {} --resume`", c.id);
        return Finding::problem(check, format!("stopped: {why}"), todo);
    }
    if c.mock || (desk.settings.mock_mode && !connector.about().settings.is_empty()) {
        return Finding::ok(check, "mock: messages are recorded instead of sent");
    }
    let last = c
        .last_error
        .as_ref()
        .map(|e| format!("last error {}: {e}", c.last_error_at.map_or("once".to_owned(), |at| at.to_string())));
    if !depth.network {
        return match last {
            Some(last) => Finding::warning(check, last, "run `frontdesk doctor` without --offline"),
            None => Finding::ok(check, "not asked (--offline)"),
        };
    }
    match patiently(connector.check(desk.http.as_ref(), &line.account), connector.about().key).await {
        Ok(said) => Finding::ok(check, last.map_or(said.clone(), |last| format!("{said} ({last})"))),
        Err(e) => failed(check, &e, "correct its credentials with `frontdesk channel update`"),
    }
}

/// A model as somebody is answered by it.
struct Asked {
    check: String,
    choice: ModelChoice,
    view: Option<Arc<View>>,
}

/// Every model that is in use, once for each key it is called with.
fn choices(desk: &Desk, views: &[Arc<View>]) -> Vec<Asked> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    let mut add = |choice: &ModelChoice, view: Option<&Arc<View>>| {
        let own = view.filter(|v| v.model_keys.contains_key(&choice.vendor));
        let key = (choice.vendor.clone(), choice.model.clone(), choice.base_url.clone(), own.map(|v| v.tenant.id.clone()));
        if seen.insert(key) {
            let of = own.map_or(String::new(), |v| format!(" with the key of {}", v.tenant.name));
            out.push(Asked {
                check: format!("model {}/{}{of}", choice.vendor, choice.model),
                choice: choice.clone(),
                view: own.cloned(),
            });
        }
    };
    desk.settings.models.iter().for_each(|choice| add(choice, None));
    for view in views {
        for choice in view.agents.iter().flat_map(|agent| models::chain(desk, &agent.spec)) {
            add(choice, Some(view));
        }
    }
    out
}

async fn model(desk: &Arc<Desk>, asked: Asked, depth: Depth) -> Finding {
    let none = std::collections::HashMap::<String, Secret>::new();
    let keys = asked.view.as_ref().map_or(&none, |v| &v.model_keys);
    let (vendor, endpoint) = match models::endpoint(desk, keys, &asked.choice) {
        Ok(found) => found,
        Err(why) => return Finding::problem(asked.check, why, "set the vendor's key, or choose another model for the agent"),
    };
    if !vendor.model.about().is_ai {
        let todo = "set the key of a model vendor in .env (the README lists them), or give the agent another model";
        return Finding::warning(asked.check, "rules answer, not an AI", todo);
    }
    if !depth.network {
        return Finding::ok(asked.check, "not asked (--offline)");
    }
    match patiently(vendor.model.check(desk.http.as_ref(), &endpoint, &asked.choice.model), vendor.key).await {
        Ok(said) => Finding::ok(asked.check, said),
        Err(e) => failed(asked.check, &e, "correct its key, or name a model that it offers"),
    }
}

async fn patiently(
    asked: impl Future<Output = Result<String, ConnectorError>>,
    who: &'static str,
) -> Result<String, ConnectorError> {
    let silent =
        || ConnectorError::new(who, "check", ErrorKind::Timeout, frontdesk_kernel::Retry::Later, "no answer within 15 s");
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(silent()))
}

fn failed(check: String, e: &ConnectorError, todo: &str) -> Finding {
    match e.kind {
        ErrorKind::Timeout | ErrorKind::Unavailable => {
            Finding::problem(check, e.to_string(), "look whether this machine reaches the vendor; try again")
        }
        ErrorKind::RateLimited => Finding::warning(check, e.to_string(), "try again later"),
        ErrorKind::Quota => Finding::problem(check, e.to_string(), "pay or raise the limit at the vendor"),
        _ => Finding::problem(check, e.to_string(), todo),
    }
}
