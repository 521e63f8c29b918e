//! `frontdesk doctor`: is everything there that is needed, and what to do about the rest.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use frontdesk_engine::{Desk, directory::Line, models, settings::Settings};
use frontdesk_kernel::{Clock, agent::ModelChoice, scope::Server as Everyone};
use frontdesk_store::{Db, backup, meta, migrate, tenants, work};
use serde_json::json;

use crate::{
    app::{self, App, Refuse},
    clock::SystemClock,
    config::{Config, Overrides},
    local::Local,
    terminal::say,
};

#[derive(clap::Args, Debug)]
pub(crate) struct Doctor {
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// Ask no vendor
    #[arg(long)]
    offline: bool,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Ok,
    Warning,
    Problem,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Problem => "problem",
        }
    }
}

struct Check {
    what: String,
    state: State,
    text: String,
}

#[derive(Default)]
struct Report(Vec<Check>);

impl Report {
    fn add(&mut self, what: impl Into<String>, state: State, text: impl Into<String>) {
        self.0.push(Check { what: what.into(), state, text: text.into() });
    }

    fn show(&self, as_json: bool) -> bool {
        let well = self.0.iter().all(|c| c.state != State::Problem);
        if as_json {
            let checks: Vec<_> = self.0.iter().map(|c| json!({ "check": c.what, "state": c.state.as_str(), "text": c.text })).collect();
            say(&format!("{:#}", json!({ "ok": well, "checks": checks })));
            return well;
        }
        for c in &self.0 {
            let mark = match c.state {
                State::Ok => "✓",
                State::Warning => "!",
                State::Problem => "✗",
            };
            say(&format!("{mark} {:<14} {}", c.what, c.text));
        }
        well
    }
}

pub(crate) async fn run(args: Doctor, overrides: Overrides) -> Result<bool> {
    let mut report = Report::default();
    let config = match Config::read(Overrides { data_dir: args.data_dir, ..overrides }) {
        Ok((config, warnings)) => {
            warnings.iter().for_each(|w| report.add("configuration", State::Warning, w.to_string()));
            config
        }
        Err(e) => {
            e.problems().for_each(|p| report.add("configuration", State::Problem, p.to_string()));
            report.show(args.json);
            return Err(e.into());
        }
    };
    for name in &config.not_yet_used {
        report.add("configuration", State::Warning, format!("{name} is set and has no effect yet"));
    }
    if report.0.is_empty() {
        report.add("configuration", State::Ok, "read without a complaint");
    }
    surroundings(&config, &mut report);
    match app::open_db(&config).await {
        Ok(db) => inside(config, db, args.offline, &mut report).await?,
        Err(e) if e.is::<Refuse>() && Local::find(std::slice::from_ref(&config.data_dir), None).is_some() => {
            report.add("database", State::Ok, "in use by the running server; stop it for a full check");
        }
        Err(e) => report.add("database", State::Problem, format!("{e:#}")),
    }
    Ok(report.show(args.json))
}

/// What can be said without the database.
fn surroundings(config: &Config, report: &mut Report) {
    let probe = config.data_dir.join(".probe");
    match app::write_private(&probe, "").map(|()| std::fs::remove_file(&probe)) {
        Ok(_) => report.add("data folder", State::Ok, config.data_dir.display().to_string()),
        Err(e) => report.add("data folder", State::Problem, format!("{e:#}: give the user that runs frontdesk the right to write there")),
    }
    let now = SystemClock.now();
    if now.0 < 1_767_225_600_000 {
        report.add("clock", State::Problem, format!("this machine says it is {now}: set its clock"));
    } else {
        report.add("clock", State::Ok, now.to_string());
    }
    let key = config.data_dir.join("secret.key");
    match (&config.security.encryption_key, key.exists()) {
        (Some(_), _) => report.add("secret key", State::Ok, "from the configuration"),
        (None, true) => report.add("secret key", State::Ok, format!("{}; keep a copy in another place", key.display())),
        (None, false) => report.add("secret key", State::Warning, format!("the first start makes {}", key.display())),
    }
    match &config.server.public_base_url {
        Some(url) => report.add("public address", State::Ok, format!("webhook: {url}/webhook")),
        None => report.add("public address", State::Warning, "PUBLIC_BASE_URL is not set: WhatsApp needs an https address that reaches this server"),
    }
}

/// What the database knows, and whoever can be asked about it.
async fn inside(config: Config, db: Db, offline: bool, report: &mut Report) -> Result<()> {
    report.add("database", State::Ok, format!("{} at {}", db.engine_version().await?, config.database.shown()));
    let missing = migrate::status(&db).await?.iter().filter(|m| m.applied_at.is_none()).count();
    if missing > 0 {
        report.add("schema", State::Warning, format!("{missing} migrations are missing: `frontdesk migrate`, or start the server"));
        db.close().await;
        return Ok(());
    }
    match backup::integrity(&db).await?.as_str() {
        "ok" => report.add("schema", State::Ok, "up to date"),
        damage => report.add("schema", State::Problem, format!("the database file is damaged: {damage}; restore a backup")),
    }
    if frontdesk_store::db::skips_row_security(&db).await? {
        report.add("row security", State::Warning, "this PostgreSQL role is a superuser or bypasses row-level security: connect as an ordinary role");
    }
    db.close().await;
    drop(db);
    let app = App::open(config, false).await?;
    let desk = app.desk()?;
    if let Some(why) = desk.db.read(&Everyone, work!(tx => meta::get(tx, &Everyone, meta::PAUSED).await)).await? {
        report.add("paused", State::Warning, format!("{why}: `frontdesk resume` when you are sure"));
    }
    let businesses = desk.db.read(&Everyone, work!(tx => tenants::list(tx, &Everyone).await)).await?;
    if businesses.is_empty() {
        report.add("businesses", State::Warning, "none yet: the first start makes one, or `frontdesk tenant create`");
    } else {
        report.add("businesses", State::Ok, format!("{}", businesses.len()));
    }
    channels(&desk, offline, report).await?;
    chain(&desk, offline, report).await?;
    desk.db.close().await;
    Ok(())
}

async fn channels(desk: &Arc<Desk>, offline: bool, report: &mut Report) -> Result<()> {
    let lines = desk.directory.lines(desk).await?;
    let mut outside: Vec<&Arc<Line>> = lines.all().filter(|l| l.channel.kind != "api").collect();
    outside.sort_by_key(|l| (&l.tenant, &l.channel.account));
    if outside.is_empty() {
        report.add("whatsapp", State::Warning, "not connected: ACCESS_TOKEN, PHONE_NUMBER_ID, APP_SECRET and VERIFY_TOKEN in .env, or `frontdesk channel create`");
    }
    for line in outside {
        let what = format!("{} {}", line.channel.kind, line.channel.account);
        if let Some(why) = &line.channel.paused_reason {
            report.add(what, State::Problem, format!("stopped: {why}; mend it, then `frontdesk channel update {} --resume`", line.channel.id));
        } else if !line.channel.active {
            report.add(what, State::Warning, "switched off");
        } else if line.channel.mock || desk.settings.mock_mode {
            report.add(what, State::Warning, "mock mode: nothing is really sent");
        } else if offline {
            report.add(what, State::Ok, "connected; not asked");
        } else if let Some(channel) = desk.channel(&line.channel.kind) {
            let asked = tokio::time::timeout(Duration::from_secs(15), channel.check(desk.http.as_ref(), &line.account)).await;
            match asked {
                Ok(Ok(said)) => report.add(what, State::Ok, said),
                Ok(Err(e)) => report.add(what, State::Problem, e.to_string()),
                Err(_) => report.add(what, State::Problem, "no answer in 15 s: is the vendor reachable from here?"),
            }
        }
    }
    Ok(())
}

/// The models that answer where an agent names none.
async fn chain(desk: &Arc<Desk>, offline: bool, report: &mut Report) -> Result<()> {
    let Settings { models, .. } = &desk.settings;
    let first = desk.db.read(&Everyone, work!(tx => tenants::list(tx, &Everyone).await)).await?.into_iter().next();
    let Some(tenant) = first else { return Ok(()) };
    let Some(view) = desk.directory.tenant(desk, &tenant.id).await? else { return Ok(()) };
    for choice @ ModelChoice { vendor, model, .. } in models {
        let what = format!("model {vendor}");
        match models::endpoint(desk, &view.model_keys, choice) {
            Err(why) => report.add(what, State::Problem, format!("{why}: set it in .env or with `frontdesk agent key`")),
            Ok((vendor, _)) if !vendor.model.about().is_ai => {
                report.add(what, State::Warning, "rules, not an AI: set OPENAI_API_KEY, GEMINI_API_KEY or OPENROUTER_API_KEY");
            }
            Ok(_) if offline => report.add(what, State::Ok, format!("{model}; not asked")),
            Ok((vendor, endpoint)) => {
                match tokio::time::timeout(Duration::from_secs(15), vendor.model.check(desk.http.as_ref(), &endpoint, model)).await {
                    Ok(Ok(said)) => report.add(what, State::Ok, said),
                    Ok(Err(e)) => report.add(what, State::Problem, e.to_string()),
                    Err(_) => report.add(what, State::Problem, "no answer in 15 s: is the vendor reachable from here?"),
                }
            }
        }
    }
    Ok(())
}
