//! `frontdesk doctor`: is everything there that is needed, and what to do about the rest.

use std::path::{Path, PathBuf};

use anyhow::Result;
use frontdesk_engine::checkup::{self, Depth, Finding, Level};
use frontdesk_kernel::{Clock, Secret, Timestamp};
use frontdesk_store::{Db, durable};
use serde_json::{Value, json};

use super::running;
use crate::{
    app::{self, App, Refuse},
    client::Client,
    clock::SystemClock,
    config::{Config, Overrides},
    random, seed,
    terminal::{lines_of, say},
};

const EXAMPLES: &str = "Exit code: 0 = no problem, 1 = a problem, 78 = the configuration cannot be read.";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// One JSON document
    #[arg(long)]
    json: bool,
    /// Ask no vendor
    #[arg(long)]
    offline: bool,
    /// Folder for database and keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// 1 January 2026: before it, no machine's clock is right.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000);
const MIB: u64 = 1 << 20;

/// `false`: there is a problem.
pub(crate) async fn run(args: Doctor, overrides: Overrides) -> Result<bool> {
    let (config, mut found) = match Config::read(Overrides { data_dir: args.data_dir, ..overrides }) {
        Ok((config, warnings)) => {
            let warned =
                warnings.iter().map(|w| Finding::warning("configuration", format!("{}: {}", w.place, w.what), w.fix.as_str()));
            (config, warned.collect::<Vec<_>>())
        }
        Err(e) => {
            let wrong =
                e.problems().map(|p| Finding::problem("configuration", format!("{}: {}", p.place, p.what), p.fix.as_str()));
            show(&wrong.collect::<Vec<_>>(), args.json);
            return Err(e.into());
        }
    };
    let unused = |name: &String| {
        Finding::warning("configuration", format!("{name} is set and has no effect yet"), "leave it or remove it")
    };
    found.extend(config.not_yet_used.iter().map(unused));
    if found.is_empty() {
        found.push(Finding::ok("configuration", "read without a complaint"));
    }
    found.extend(surroundings(&config));
    found.extend(inside(&config, args.offline).await);
    Ok(show(&found, args.json))
}

/// Says whether all is well.
fn show(found: &[Finding], as_json: bool) -> bool {
    let well = found.iter().all(|f| f.level != Level::Problem);
    if as_json {
        say(&format!("{:#}", json!({ "ok": well, "checks": found })));
        return well;
    }
    let width = found.iter().map(|f| f.check.chars().count()).max().unwrap_or(0);
    for f in found {
        let mark = match f.level {
            Level::Ok => "ok      ",
            Level::Warning => "warning ",
            Level::Problem => "PROBLEM ",
        };
        let todo = f.todo.as_ref().map_or(String::new(), |todo| format!(": {todo}"));
        let line = lines_of(&format!("{mark}{:<width$}  {}{todo}", f.check, f.says)).collect::<Vec<_>>().join(" ");
        say(&line);
    }
    well
}

/// What can be said without the database.
fn surroundings(config: &Config) -> Vec<Finding> {
    let folder = &config.data_dir;
    let mut found = vec![writable(folder)];
    found.extend(disk(folder));
    let now = SystemClock.now();
    found.push(if now < EARLIEST {
        Finding::problem(
            "clock",
            format!("this machine says it is {now}"),
            "set its clock: appointments and signatures depend on it",
        )
    } else {
        Finding::ok("clock", now.to_string())
    });
    found.extend(config.owner.refused().map(|why| {
        Finding::warning(
            "first login",
            format!("WEB_UI_PASSWORD opens nothing: {why}"),
            "choose another, or take both names away",
        )
    }));
    let key = folder.join("secret.key");
    found.push(match (&config.security.encryption_key, key.exists()) {
        (Some(_), _) => Finding::ok("secret key", "from the configuration"),
        (None, true) => Finding::ok("secret key", format!("{}; keep a copy in another place", key.display())),
        (None, false) => Finding::ok("secret key", format!("the first start makes {}", key.display())),
    });
    found.push(match &config.server.public_base_url {
        Some(url) => Finding::ok("public address", format!("the webhook is {url}/webhook")),
        None => {
            let todo = "set PUBLIC_BASE_URL to the https address at which WhatsApp reaches this server";
            Finding::warning("public address", "PUBLIC_BASE_URL is not set", todo)
        }
    });
    found
}

fn writable(folder: &Path) -> Finding {
    if !folder.exists() {
        return Finding::ok("data folder", format!("the first start makes {}", folder.display()));
    }
    let probe = folder.join(format!(".probe-{}", random::text(8)));
    match durable::write(&probe, "").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Finding::ok("data folder", folder.display().to_string()),
        Err(e) => {
            let says = format!("cannot write {}: {e}", probe.display());
            Finding::problem("data folder", says, "let the user that runs frontdesk write there")
        }
    }
}

/// Free space where the data are; nothing where `df` does not tell.
fn disk(folder: &Path) -> Option<Finding> {
    let there = folder.ancestors().find(|f| f.exists()).unwrap_or(Path::new("."));
    let output = std::process::Command::new("df").arg("-Pk").arg(there).env("LC_ALL", "C").output().ok()?;
    let free = free_kib(&String::from_utf8_lossy(&output.stdout))? * 1024;
    let says = format!("{} MiB free", free / MIB);
    Some(match free {
        free if free < 100 * MIB => Finding::problem("disk", says, "make room: without it nothing can be received"),
        free if free < 1024 * MIB => Finding::warning("disk", says, "make room soon"),
        _ => Finding::ok("disk", says),
    })
}

/// The fourth column of POSIX `df -Pk`.
fn free_kib(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// The database and all that is connected: by ourselves, or by the server that has it open.
async fn inside(config: &Config, offline: bool) -> Vec<Finding> {
    let server = running::beside(config).await.ok().flatten();
    let mut found = Vec::new();
    match &server {
        Some(server) => found.push(ready(server).await),
        None => found.push(Finding::ok("server", "not running")),
    }
    if config.database.file().is_some_and(|database| !database.exists()) {
        found.push(Finding::ok("database", format!("the first start makes {}", config.database.shown())));
        found.extend(rehearse(config, offline).await);
        return found;
    }
    let opened = app::open_db(config).await;
    match (opened, server) {
        (Ok(db), server) => found.extend(by_ourselves(config, db, offline, server.is_none()).await),
        (Err(e), Some(server)) if e.is::<Refuse>() => found.extend(by_the_server(&server, offline).await),
        (Err(e), _) if e.is::<Refuse>() => {
            // A file is refused while another process has it open; a server that is too old, or named wrongly.
            let todo = match config.database.file() {
                Some(_) => "end that process",
                None => "use PostgreSQL 15 or newer, or correct DATABASE_URL",
            };
            found.push(Finding::problem("database", e.to_string(), todo));
        }
        (Err(e), _) => found.push(Finding::problem("database", format!("{e:#}"), "start the database, or correct DATABASE_URL")),
    }
    found
}

async fn ready(server: &Client) -> Finding {
    let says = |state: &str| format!("{} is {state}", server.url());
    match server.ask("/ready").await {
        Ok((200, _)) => Finding::ok("server", says("ready")),
        Ok((_, why)) => Finding::problem(
            "server",
            says("not ready"),
            lines_of(why["database"].as_str().unwrap_or("see its log")).collect::<String>(),
        ),
        Err(e) => Finding::problem("server", format!("{e:#}"), "see its log"),
    }
}

async fn by_the_server(server: &Client, offline: bool) -> Vec<Finding> {
    let answer = server.get(&format!("/api/v1/checkup?offline={offline}")).await;
    match answer.and_then(|checks: Value| Ok(serde_json::from_value(checks)?)) {
        Ok(found) => found,
        Err(e) => vec![Finding::problem("server", format!("{e:#}"), "see its log")],
    }
}

async fn by_ourselves(config: &Config, db: Db, offline: bool, alone: bool) -> Vec<Finding> {
    let depth = Depth { network: !offline, whole_file: alone };
    let (mut found, complete) = checkup::database(&db, depth).await;
    db.close().await;
    drop(db);
    if complete {
        found.extend(connections(App::open(config.clone(), false).await, depth).await);
    }
    found
}

/// Before the first start: what it would make, made elsewhere and looked at.
async fn rehearse(config: &Config, offline: bool) -> Vec<Finding> {
    let folder = std::env::temp_dir().join(format!("frontdesk-doctor-{}", random::text(12)));
    let mut rehearsed = Config { data_dir: folder.clone(), ..config.clone() };
    rehearsed.database.url = Secret::new(format!("sqlite:{}", folder.join("frontdesk.db").display()));
    let app = match App::open(rehearsed, true).await {
        Ok(app) => seed::default_tenant(&app).await.map(|()| app),
        Err(e) => Err(e),
    };
    let found = connections(app, Depth { network: !offline, whole_file: false }).await;
    // It lies in the folder for such things: if it stays, nothing is broken.
    let _ = std::fs::remove_dir_all(&folder);
    found
}

async fn connections(app: Result<App>, depth: Depth) -> Vec<Finding> {
    let looked = async {
        let desk = app?.desk()?;
        let found = checkup::connections(&desk, depth).await;
        let on_record = checkup::audit_log(&desk).await;
        desk.db.close().await;
        anyhow::Ok(found?.into_iter().chain(on_record?).collect())
    };
    looked.await.unwrap_or_else(|e| {
        vec![Finding::problem("installation", format!("{e:#}"), "mend it, then run `frontdesk doctor` again")]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_as_posix_writes_it() {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000 400 600 40% /data with space\n";
        assert_eq!(free_kib(df), Some(600));
        assert_eq!(free_kib("df: nothing"), None);
    }

    #[test]
    fn only_a_problem_is_no_health() {
        assert!(show(&[Finding::ok("a", "b"), Finding::warning("a", "b", "c")], true));
        assert!(!show(&[Finding::ok("a", "b"), Finding::problem("a", "b", "c")], false));
    }
}
