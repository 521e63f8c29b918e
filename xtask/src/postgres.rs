//! A throw-away PostgreSQL for tests, crash runs and benchmarks: found or installed, started on a free port, gone with its owner.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{rig, shell};

/// The oldest release that the product supports.
const OLDEST: u32 = 15;

/// A running server with the database `frontdesk_test`. Dropping it stops the server and removes its data.
pub(crate) struct Cluster {
    port: u16,
    data: PathBuf,
    _sweeper: Sweeper,
}

impl Cluster {
    /// `durable`: with fsync, for crash runs and benchmarks; without it tests are faster.
    pub(crate) fn start(durable: bool) -> Result<Cluster> {
        let server = Server::find_or_install()?;
        let port = rig::free_port()?;
        let data = server.new_folder(port)?;
        let sweeper = Sweeper::start(&server, &data)?;
        shell::read(server.command("initdb").arg("-D").arg(&data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]))?;
        let settings = data.join("postgresql.conf");
        fs::OpenOptions::new()
            .append(true)
            .open(&settings)
            .and_then(|mut file| file.write_all(configuration(port, durable).as_bytes()))
            .with_context(|| format!("cannot write {}", settings.display()))?;
        let log = data.join("server.log");
        shell::read(server.command("pg_ctl").arg("-D").arg(&data).arg("-l").arg(&log).args(["-w", "-t", "60", "start"]))
            .with_context(|| format!("PostgreSQL did not start; its log:\n{}", fs::read_to_string(&log).unwrap_or_default()))?;
        let cluster = Cluster { port, data, _sweeper: sweeper };
        // No superuser: row-level security would not bind it, and the tests would prove nothing.
        server.sql(
            port,
            "postgres",
            &["CREATE ROLE frontdesk LOGIN CREATEDB", "CREATE DATABASE frontdesk_test OWNER frontdesk"],
        )?;
        eprintln!("PostgreSQL: {} at 127.0.0.1:{port}{}", server.version, if durable { "" } else { ", without fsync" });
        Ok(cluster)
    }

    pub(crate) fn url(&self) -> String {
        self.url_of("frontdesk_test")
    }

    /// A further database, empty.
    pub(crate) fn database(&self, name: &str) -> Result<String> {
        Server::find_or_install()?.sql(self.port, "postgres", &[&format!("CREATE DATABASE {name} OWNER frontdesk")])?;
        Ok(self.url_of(name))
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// It dies at once: no goodbye to clients, nothing is flushed.
    pub(crate) fn crash(&self) -> Result<()> {
        let server = Server::find_or_install()?;
        shell::read(server.command("pg_ctl").arg("-D").arg(&self.data).args(["-w", "-m", "immediate", "stop"])).map(drop)
    }

    /// After a crash: it recovers what was committed.
    pub(crate) fn start_again(&self) -> Result<()> {
        let (server, log) = (Server::find_or_install()?, self.data.join("server.log"));
        let mut start = server.command("pg_ctl");
        start.arg("-D").arg(&self.data).arg("-l").arg(log).args(["-w", "-t", "60", "start"]);
        shell::read(&mut start).map(drop)
    }

    /// Statements of its owner.
    pub(crate) fn tell(&self, statements: &[&str]) -> Result<()> {
        Server::find_or_install()?.sql(self.port, "postgres", statements)
    }

    fn url_of(&self, name: &str) -> String {
        format!("postgres://frontdesk@127.0.0.1:{}/{name}", self.port)
    }
}

fn configuration(port: u16, durable: bool) -> String {
    let mut text = format!(
        "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 64MB\n"
    );
    if !durable {
        text.push_str("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n");
    }
    text
}

/// The programs of one installed PostgreSQL.
struct Server {
    programs: PathBuf,
    version: String,
    /// Who runs it when we are root, which PostgreSQL refuses to be.
    user: Option<&'static str>,
}

impl Server {
    fn find_or_install() -> Result<Server> {
        let root = shell::read(Command::new("id").arg("-u"))?.trim() == "0";
        let found = find().or_else(|| {
            let can_install = root && shell::read(Command::new("apt-get").arg("--version")).is_ok();
            can_install.then(install).and_then(|done| done.map_err(|error| eprintln!("{error:#}")).ok()).and_then(|()| find())
        });
        let Some((programs, version)) = found else {
            bail!(
                "no PostgreSQL server ({OLDEST} or newer) found. Install one (Debian, Ubuntu: `apt-get install postgresql`) \
                 or name a database of yours, owned by a role that is no superuser, in FRONTDESK_TEST_POSTGRES"
            );
        };
        if root && shell::read(Command::new("id").args(["-u", "postgres"])).is_err() {
            bail!("PostgreSQL does not run as root and there is no user `postgres`: add one, or run this as another user");
        }
        Ok(Server { programs, version, user: root.then_some("postgres") })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = match self.user {
            Some(user) => as_user(user),
            None => Command::new("env"),
        };
        command.arg(self.programs.join(program)).current_dir("/");
        command
    }

    /// An empty folder that the server's user owns: below `target` where that user can get there, else in the system's temporary folder.
    fn new_folder(&self, port: u16) -> Result<PathBuf> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
        for parent in [std::path::absolute(target)?.join("postgres-test"), std::env::temp_dir().join("frontdesk-postgres-test")] {
            fs::create_dir_all(&parent).with_context(|| format!("cannot create {}", parent.display()))?;
            if let Some(user) = self.user
                && shell::read(as_user(user).arg("test").arg("-x").arg(&parent).current_dir("/")).is_err()
            {
                continue;
            }
            let folder = parent.join(port.to_string());
            // What a killed run left behind; its port was free, so nothing runs there.
            shell::read(Command::new("rm").arg("-rf").arg(&folder))?;
            shell::read(
                Command::new("install")
                    .args(["-d", "-m", "700"])
                    .args(self.user.map(|user| format!("--owner={user}")))
                    .arg(&folder),
            )?;
            return Ok(folder);
        }
        bail!("the user {} can enter neither target/ nor the temporary folder", self.user.unwrap_or("running this"))
    }

    fn sql(&self, port: u16, database: &str, statements: &[&str]) -> Result<()> {
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", database, "-p"]);
        command.arg(port.to_string()).args(statements.iter().flat_map(|statement| ["-c", statement]));
        shell::read(&mut command).map(drop)
    }
}

/// Stops the server and removes its folder when we let go of the pipe, which also happens when we are interrupted or killed.
struct Sweeper(Child);

impl Sweeper {
    fn start(server: &Server, data: &Path) -> Result<Sweeper> {
        let sweep = r#"trap '' HUP INT TERM; read -r _; data=$1; shift; "$@" -D "$data" -m immediate stop; rm -rf "$data""#;
        let stop = server.command("pg_ctl");
        let child = Command::new("sh")
            .args(["-c", sweep, "sh"])
            .arg(data)
            .arg(stop.get_program())
            .args(stop.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start `sh`")?;
        Ok(Sweeper(child))
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            eprintln!("the test PostgreSQL may still be running: {error}");
        }
    }
}

fn as_user(user: &str) -> Command {
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]);
    command
}

/// The folder of the first new enough installation (the one in PATH is asked first), and its version.
fn find() -> Option<(PathBuf, String)> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&in_path)
        .filter_map(|folder| Some(folder.join("initdb").canonicalize().ok()?.parent()?.to_owned()))
        .collect::<Vec<_>>();
    let mut of_debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    of_debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    in_path.into_iter().chain(of_debian.into_iter().map(|(_, folder)| folder)).find_map(|folder| {
        let complete = ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|program| folder.join(program).is_file());
        let version = complete.then(|| shell::read(Command::new(folder.join("postgres")).arg("--version")).ok())??;
        let version = version.trim().trim_start_matches("postgres (PostgreSQL) ").to_owned();
        (major(&version)? >= OLDEST).then_some((folder, version))
    })
}

/// `15.18 (Debian 15.18-0+deb12u1)` is 15, `19beta1` is 19.
fn major(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn install() -> Result<()> {
    eprintln!("PostgreSQL: not found, installing it");
    shell::run(Command::new("apt-get").arg("update").stdin(Stdio::null()))?;
    let mut command = Command::new("apt-get");
    command.args(["install", "-y", "--no-install-recommends", "postgresql"]).env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(command.stdin(Stdio::null()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_known_by_its_first_number() {
        for (text, expected) in [("15.18 (Debian 15.18-0+deb12u1)", Some(15)), ("19beta1", Some(19)), ("unknown", None)] {
            assert_eq!(major(text), expected, "{text}");
        }
    }

    #[test]
    fn only_a_server_for_tests_gives_up_durability() {
        assert!(configuration(5000, false).contains("fsync = off"));
        assert!(!configuration(5000, true).contains("off"));
        assert!(configuration(5000, true).contains("port = 5000\n"));
    }

    #[test]
    fn a_cluster_answers_its_plain_owner_and_is_gone_when_dropped() {
        if find().is_none() {
            assert!(std::env::var_os("CI").is_none(), "CI has a PostgreSQL");
            eprintln!("SKIPPED: no PostgreSQL server found");
            return;
        }
        let cluster = Cluster::start(true).unwrap();
        let server = Server::find_or_install().unwrap();
        let ask = |what: &str| shell::read(server.command("psql").args(["-X", "-A", "-t", "-c", what]).arg(cluster.url()));
        assert_eq!(ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").unwrap(), "f\n");
        assert_eq!(ask("SHOW fsync").unwrap(), "on\n");
        let port = cluster.port;
        drop(cluster);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
