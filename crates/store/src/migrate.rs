//! The schema, one folder of portable SQL; applied in order, each file in one transaction, guarded by its checksum.

use frontdesk_kernel::{Timestamp, scope::Server};
use sha2::{Digest, Sha256};

use crate::{Db, Error, Result, Tx, db::Inner, query::row, work};

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// By number. Numbers may have gaps: what counts is which are applied.
static ALL: &[Migration] = &[
    Migration { version: 1, name: "main_job", sql: include_str!("../migrations/0001_main_job.sql") },
    Migration { version: 2, name: "console", sql: include_str!("../migrations/0002_console.sql") },
    Migration { version: 3, name: "access", sql: include_str!("../migrations/0003_access.sql") },
    Migration { version: 4, name: "inbox", sql: include_str!("../migrations/0004_inbox.sql") },
    Migration { version: 5, name: "agents", sql: include_str!("../migrations/0005_agents.sql") },
    Migration { version: 6, name: "calendar", sql: include_str!("../migrations/0006_calendar.sql") },
    Migration { version: 7, name: "contacts", sql: include_str!("../migrations/0007_contacts.sql") },
    Migration { version: 8, name: "tools", sql: include_str!("../migrations/0008_tools.sql") },
    Migration { version: 9, name: "webchat", sql: include_str!("../migrations/0009_webchat.sql") },
    Migration { version: 10, name: "business", sql: include_str!("../migrations/0010_business.sql") },
    Migration { version: 11, name: "actions", sql: include_str!("../migrations/0011_actions.sql") },
    Migration { version: 12, name: "tokens", sql: include_str!("../migrations/0012_tokens.sql") },
    Migration { version: 13, name: "payments", sql: include_str!("../migrations/0013_payments.sql") },
    Migration { version: 14, name: "mcp", sql: include_str!("../migrations/0014_mcp.sql") },
    Migration { version: 15, name: "tool_auth", sql: include_str!("../migrations/0015_tool_auth.sql") },
    Migration { version: 16, name: "sessions", sql: include_str!("../migrations/0016_sessions.sql") },
    Migration { version: 17, name: "search_positions", sql: include_str!("../migrations/0017_search_positions.sql") },
    Migration { version: 18, name: "credit_orders", sql: include_str!("../migrations/0018_credit_orders.sql") },
    Migration { version: 19, name: "credit_order_names", sql: include_str!("../migrations/0019_credit_order_names.sql") },
    Migration { version: 20, name: "mcp_changed", sql: include_str!("../migrations/0020_mcp_changed.sql") },
    Migration { version: 21, name: "reports", sql: include_str!("../migrations/0021_reports.sql") },
    Migration { version: 22, name: "member_numbers", sql: include_str!("../migrations/0022_member_numbers.sql") },
    Migration { version: 23, name: "payment_looks", sql: include_str!("../migrations/0023_payment_looks.sql") },
    Migration { version: 24, name: "mcp_consent", sql: include_str!("../migrations/0024_mcp_consent.sql") },
    Migration { version: 25, name: "member_numbers_mended", sql: include_str!("../migrations/0025_member_numbers_mended.sql") },
    Migration { version: 26, name: "mailbox", sql: include_str!("../migrations/0026_mailbox.sql") },
    Migration {
        version: 27,
        name: "appointments of contact",
        sql: include_str!("../migrations/0027_appointments_of_contact.sql"),
    },
    Migration { version: 28, name: "audit_seals", sql: include_str!("../migrations/0028_audit_seals.sql") },
    Migration { version: 29, name: "fewer_indexes", sql: include_str!("../migrations/0029_fewer_indexes.sql") },
    Migration { version: 30, name: "heard", sql: include_str!("../migrations/0030_heard.sql") },
    Migration { version: 31, name: "mail_of_tenant", sql: include_str!("../migrations/0031_mail_of_tenant.sql") },
];

/// The text of every migration, in order.
pub fn sources() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|m| m.sql)
}

/// Tables that no tenant owns, each with its reason.
pub const SHARED_TABLES: &[(&str, &str)] = &[
    ("meta", "facts about this installation"),
    ("relay", "hints from process to process; they serve all tenants and watchers pick their own"),
    ("node", "processes serve all tenants"),
    ("person", "one person may work for several tenants; membership is per tenant"),
    ("session", "a person signs in to the server, then chooses a tenant"),
    ("password_reset", "a person's way back in, whichever tenants they work for"),
    ("throttle", "who tries to sign in is nobody yet"),
    ("challenge", "who is signing in is of no tenant yet"),
    ("totp", "a person's second factor"),
    ("recovery_code", "a person's second factor"),
    ("passkey", "a person's key"),
    ("identity", "whom an identity provider means"),
    ("mail", "mail of ours, mostly to people who belong to no tenant yet"),
    ("mailbox", "answers to mail of ours, before it is known whose"),
    ("route", "asked before the tenant is known"),
    ("stray", "belongs to nobody we know"),
    ("migration", "the schema itself"),
];

/// A migration and when it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub version: i64,
    pub name: String,
    pub applied_at: Option<Timestamp>,
}

struct Known {
    version: i64,
    checksum: String,
    applied_at: Timestamp,
}

/// Every migration of this binary, applied or not. A database that is newer than the binary is refused.
pub async fn status(db: &Db) -> Result<Vec<Applied>> {
    let known = db
        .write(
            &Server,
            work!(tx => {
                prepare(tx).await?;
                known(tx).await
            }),
        )
        .await?;
    refuse_strangers(&known)?;
    Ok(ALL
        .iter()
        .map(|m| Applied {
            version: m.version,
            name: m.name.to_owned(),
            applied_at: known.iter().find(|k| k.version == m.version).map(|k| k.applied_at),
        })
        .collect())
}

/// Applies what is missing; returns it.
pub async fn run(db: &Db, now: Timestamp) -> Result<Vec<Applied>> {
    let applied = db
        .write(
            &Server,
            work!(tx => {
                tx.only_one_migrates().await?;
                prepare(tx).await?;
                let known = known(tx).await?;
                refuse_strangers(&known)?;
                let mut applied = Vec::new();
                for m in ALL.iter().filter(|m| known.iter().all(|k| k.version != m.version)) {
                    for statement in statements(m.sql) {
                        tx.query(statement).execute().await?;
                    }
                    tx.query("INSERT INTO migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)")
                        .bind(m.version).bind(m.name).bind(checksum(m.sql)).bind(now)
                        .execute().await?;
                    applied.push(Applied { version: m.version, name: m.name.to_owned(), applied_at: Some(now) });
                }
                if !applied.is_empty() {
                    tx.secure_tables().await?;
                }
                Ok(applied)
            }),
        )
        .await?;
    Ok(applied)
}

async fn prepare(tx: &mut Tx) -> Result<()> {
    tx.query(
        "CREATE TABLE IF NOT EXISTS migration (
            version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )
    .execute()
    .await
    .map(drop)
}

async fn known(tx: &mut Tx) -> Result<Vec<Known>> {
    tx.query("SELECT version, checksum, applied_at FROM migration ORDER BY version")
        .all(row!(Known { version, checksum, applied_at }))
        .await
}

fn refuse_strangers(known: &[Known]) -> Result<()> {
    for k in known {
        match ALL.iter().find(|m| m.version == k.version) {
            None => {
                return Err(Error::Refused(format!(
                    "the database has schema version {}, newer than this binary ({}): install the newer frontdesk",
                    k.version,
                    ALL.iter().map(|m| m.version).max().unwrap_or(0)
                )));
            }
            Some(m) if checksum(m.sql) != k.checksum => {
                return Err(Error::Refused(format!(
                    "migration {} was applied with other contents: use the frontdesk that made it",
                    m.name
                )));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn checksum(sql: &str) -> String {
    Sha256::digest(sql.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// Statements end with `;` at the end of a line; the files hold no functions or triggers.
fn statements(sql: &'static str) -> impl Iterator<Item = &'static str> {
    sql.split(";\n").map(str::trim).filter(|s| s.lines().any(|l| !l.trim().is_empty() && !l.trim_start().starts_with("--")))
}

impl Tx {
    /// Whether it is written down here what was applied.
    async fn is_prepared(&mut self) -> Result<bool> {
        let sqlite = "SELECT COUNT(*) AS tables FROM sqlite_master WHERE type = 'table' AND name = 'migration'";
        let postgres = "SELECT COUNT(to_regclass('migration')) AS tables";
        Ok(self.query_each(sqlite, postgres).one(|row| row.get::<i64>("tables")).await? > 0)
    }

    /// Two nodes that start at once: the second waits for the first.
    async fn only_one_migrates(&mut self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(_) => Ok(()),
            Inner::Postgres(_) => self.query("SELECT pg_advisory_xact_lock(4201966)").execute().await.map(drop),
        }
    }

    /// Row-level security on every table that has a tenant: a unit of work sees its tenant's rows, `*` sees all.
    async fn secure_tables(&mut self) -> Result<()> {
        if matches!(self.inner, Inner::Sqlite(_)) {
            return Ok(());
        }
        let tables = self
            .query(
                "SELECT c.table_name::text AS name FROM information_schema.columns c
                  WHERE c.table_schema = current_schema() AND c.column_name = 'tenant'
                    AND NOT EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = current_schema() AND p.tablename = c.table_name)",
            )
            .all(|row| row.get::<String>("name"))
            .await?;
        for table in tables {
            let mine = "current_setting('frontdesk.tenant', true) IN (tenant, '*')";
            for statement in [
                format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
                format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
                format!("CREATE POLICY tenant_rows ON {table} USING ({mine}) WITH CHECK ({mine})"),
            ] {
                self.query(&statement).execute().await?;
            }
        }
        Ok(())
    }
}

/// Whether every migration of this binary is applied; only reads.
pub async fn applied(db: &Db) -> Result<bool> {
    let found = db.read(&Server, work!(tx => known(tx).await)).await;
    // A database in which nothing was made yet answers with an error: it lacks everything.
    if matches!(found, Err(Error::Broken(_))) && !db.read(&Server, work!(tx => tx.is_prepared().await)).await? {
        return Ok(false);
    }
    let known = found?;
    refuse_strangers(&known)?;
    Ok(ALL.iter().all(|m| known.iter().any(|k| k.version == m.version)))
}
