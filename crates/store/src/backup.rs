//! Backup and restore: every row of every table as one line of JSON, from one consistent snapshot, while running. The same file restores
//! into SQLite or PostgreSQL. A restored installation starts paused.

use std::io::{BufRead, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use frontdesk_kernel::{Timestamp, scope::Server};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Db, Error, Result, Tx,
    db::Inner,
    meta, migrate,
    query::{Column, Param, Row},
    work,
};

const FORMAT: &str = "frontdesk backup 1";
const PAGE: u32 = 500;
/// Made anew from the messages after a restore, or of no use then.
pub const DERIVED: &[&str] = &["search_due", "search_chunk", "search_word", "relay"];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Int,
    Bool,
    Bytes,
}

struct Table {
    name: &'static str,
    /// In the order of the schema; the primary key's columns come first in `key`.
    columns: Vec<(&'static str, Kind)>,
    key: Vec<&'static str>,
}

/// The tables of the schema, read from the migrations themselves: there is no second list to forget.
fn schema() -> Vec<Table> {
    let mut tables = Vec::new();
    for statement in migrate::sources().flat_map(|sql| sql.split(";\n")) {
        if let Some((_, rest)) = statement.split_once("CREATE TABLE ") {
            tables.extend(created(rest));
        } else if let Some((_, rest)) = statement.split_once("ALTER TABLE ") {
            altered(rest, &mut tables);
        }
    }
    tables
}

/// `name ADD COLUMN …` or `name DROP COLUMN …`.
fn altered(rest: &'static str, tables: &mut [Table]) {
    let Some((name, change)) = rest.split_once(' ') else { return };
    let Some(table) = tables.iter_mut().find(|t| t.name == name) else { return };
    if let Some(column) = change.strip_prefix("ADD COLUMN ") {
        table.columns.extend(column_of(column));
    } else if let Some(dropped) = change.strip_prefix("DROP COLUMN ") {
        table.columns.retain(|(column, _)| *column != dropped.trim().trim_end_matches(';'));
    }
}

/// `name (` and a line for each column and for the key.
fn created(rest: &'static str) -> Option<Table> {
    let (name, body) = rest.split_once(" (\n")?;
    let mut table = Table { name: name.trim(), columns: Vec::new(), key: Vec::new() };
    for line in body.lines() {
        let line = line.trim().trim_end_matches(',');
        if let Some(key) = line.strip_prefix("PRIMARY KEY (") {
            table.key = key.trim_end_matches(')').split(", ").collect();
        } else if let Some((column, kind)) = column_of(line) {
            if line.ends_with("PRIMARY KEY") {
                table.key = vec![column];
            }
            table.columns.push((column, kind));
        }
    }
    Some(table)
}

/// `name TYPE …`.
fn column_of(line: &'static str) -> Option<(&'static str, Kind)> {
    let mut words = line.split_whitespace();
    let (column, kind) = (words.next()?, words.next()?);
    let kind = match kind {
        "TEXT" => Kind::Text,
        "BIGINT" => Kind::Int,
        "BOOLEAN" => Kind::Bool,
        "BYTEA" => Kind::Bytes,
        _ => return None,
    };
    Some((column, kind))
}

/// Names of all tables.
pub fn tables() -> impl Iterator<Item = &'static str> {
    schema().into_iter().map(|t| t.name)
}

/// Whether a table belongs to tenants.
pub fn has_tenant(table: &str) -> bool {
    schema().iter().any(|t| t.name == table && t.columns.iter().any(|(c, _)| *c == "tenant"))
}

/// The primary key of a table, in order.
pub fn key_of(table: &str) -> Vec<&'static str> {
    schema().into_iter().find(|t| t.name == table).map(|t| t.key).unwrap_or_default()
}

/// Writes everything but live nodes; `progress` is told rows written so far. Returns the number of rows.
pub async fn write<W>(db: &Db, mut out: W, now: Timestamp, mut progress: impl FnMut(u64) + Send + 'static) -> Result<u64>
where
    W: Write + Send + 'static,
{
    db.read(
        &Server,
        work!(tx => {
            let mut sum = Sha256::new();
            line(&mut out, &mut sum, &json!({ "format": FORMAT, "at": now.0 }))?;
            let mut rows = 0;
            for table in schema().iter().filter(|t| t.name != "node" && !DERIVED.contains(&t.name)) {
                let mut after: Option<Vec<Value>> = None;
                loop {
                    let page = page(tx, table, after.as_deref()).await?;
                    let Some(last) = page.last() else { break };
                    after = Some(table.key.iter().map(|k| last[*k].clone()).collect());
                    let full = page.len() == PAGE as usize;
                    for row in &page {
                        line(&mut out, &mut sum, &json!({ "table": table.name, "row": row }))?;
                    }
                    rows += page.len() as u64;
                    progress(rows);
                    if !full {
                        break;
                    }
                }
            }
            let all = hex(&sum);
            line(&mut out, &mut sum, &json!({ "end": rows, "sha256": all }))?;
            out.flush().map_err(io)?;
            Ok(rows)
        }),
    )
    .await
}

async fn page(tx: &mut Tx, table: &Table, after: Option<&[Value]>) -> Result<Vec<Map<String, Value>>> {
    let columns: Vec<&str> = table.columns.iter().map(|(c, _)| *c).collect();
    let key = table.key.join(", ");
    let from = match after {
        None => String::new(),
        Some(_) => format!("WHERE ({key}) > ({})", (1..=table.key.len()).map(|i| format!("${i}")).collect::<Vec<_>>().join(", ")),
    };
    let sql = format!("SELECT {} FROM {} {from} ORDER BY {key} LIMIT {PAGE}", columns.join(", "), table.name);
    let mut query = tx.query(&sql);
    for (value, column) in after.into_iter().flatten().zip(&table.key) {
        let kind = table.columns.iter().find(|(name, _)| name == column).map_or(Kind::Text, |(_, kind)| *kind);
        query = query.bind_param(param(value, kind));
    }
    let kinds: Vec<(&'static str, Kind)> = table.columns.clone();
    query.all_with(move |row| read(row, &kinds)).await
}

fn read(row: &Row<'_>, columns: &[(&'static str, Kind)]) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (column, kind) in columns {
        let value = match kind {
            Kind::Text => <Option<String>>::read(row, column)?.map(Value::from),
            Kind::Int => <Option<i64>>::read(row, column)?.map(Value::from),
            Kind::Bool => <Option<bool>>::read(row, column)?.map(Value::from),
            Kind::Bytes => <Option<Vec<u8>>>::read(row, column)?.map(|b| Value::from(BASE64_STANDARD.encode(b))),
        };
        out.insert((*column).to_owned(), value.unwrap_or(Value::Null));
    }
    Ok(out)
}

fn param(value: &Value, kind: Kind) -> Param<'static> {
    use std::borrow::Cow;
    match (value, kind) {
        (Value::String(s), Kind::Bytes) => Param::Bytes(Cow::Owned(BASE64_STANDARD.decode(s).unwrap_or_default())),
        (Value::String(s), _) => Param::Text(Cow::Owned(s.clone())),
        (Value::Number(n), _) => Param::Int(n.as_i64().unwrap_or_default()),
        (Value::Bool(b), _) => Param::Bool(*b),
        (_, Kind::Text) => Param::Null(crate::query::Kind::Text),
        (_, Kind::Int) => Param::Null(crate::query::Kind::Int),
        (_, Kind::Bool) => Param::Null(crate::query::Kind::Bool),
        (_, Kind::Bytes) => Param::Null(crate::query::Kind::Bytes),
    }
}

/// Fills an empty, migrated database in one transaction. What was being sent is unknown now, and the installation is paused.
pub async fn restore<R>(db: &Db, input: R, now: Timestamp, mut progress: impl FnMut(u64) + Send + 'static) -> Result<u64>
where
    R: BufRead + Send + 'static,
{
    db.write(&Server, work!(tx => {
        refuse_unless_empty(tx).await?;
        let schema = schema();
        let mut lines = input.lines();
        let mut sum = Sha256::new();
        let head = next(&mut lines, &mut sum)?;
        if head["format"] != FORMAT {
            return Err(Error::Refused("this is not a frontdesk backup, or one of a newer version".into()));
        }
        let mut rows = 0;
        loop {
            let before = hex(&sum);
            let entry = next(&mut lines, &mut sum)?;
            if let Some(end) = entry.get("end") {
                if end.as_u64() != Some(rows) {
                    return Err(Error::Refused(format!("the backup is damaged: it says {end} rows and holds {rows}")));
                }
                if entry["sha256"] != before {
                    return Err(Error::Refused("the backup is damaged: its contents are not those that were written".into()));
                }
                break;
            }
            let table = schema.iter().find(|t| t.name == entry["table"]).ok_or_else(|| {
                Error::Refused(format!("the backup has a table {} that this frontdesk does not know", entry["table"]))
            })?;
            insert(tx, table, &entry["row"]).await?;
            rows += 1;
            if rows % 500 == 0 {
                progress(rows);
            }
        }
        tx.query("INSERT INTO search_due (tenant, message) SELECT tenant, id FROM message WHERE TRUE ON CONFLICT (tenant, message) DO NOTHING")
            .put().await?;
        tx.query("UPDATE lane SET owner = NULL, epoch = epoch + 1 WHERE owner IS NOT NULL").put().await?;
        tx.query("UPDATE effect SET state = CASE class WHEN 'A' THEN 'pending' WHEN 'B' THEN 'unknown' ELSE 'review' END,
                         owner = NULL, unknown_since = CASE class WHEN 'B' THEN $1 END WHERE state = 'sending'")
            .bind(now).put().await?;
        meta::set(tx, &Server, meta::PAUSED, &format!("restored from a backup of {}", Timestamp(head["at"].as_i64().unwrap_or(0)))).await?;
        progress(rows);
        Ok(rows)
    }))
    .await
}

async fn refuse_unless_empty(tx: &mut Tx) -> Result<()> {
    let tenants = tx.query("SELECT COUNT(*) AS n FROM tenant").one(|row| row.get::<i64>("n")).await?;
    if tenants > 0 {
        return Err(Error::Refused(format!("the database is not empty ({tenants} tenants): restore into a new one")));
    }
    for table in tables().filter(|t| *t != "node" && !has_tenant(t)) {
        tx.query(&format!("DELETE FROM {table}")).put().await?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, table: &Table, row: &Value) -> Result<()> {
    // A backup of an older frontdesk lacks newer columns: the database fills them.
    let columns: Vec<_> = table.columns.iter().filter(|(column, _)| row.get(column).is_some()).collect();
    let names: Vec<&str> = columns.iter().map(|(c, _)| *c).collect();
    let marks: Vec<String> = (1..=names.len()).map(|i| format!("${i}")).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), marks.join(", "));
    let mut query = tx.query(&sql);
    for (column, kind) in columns {
        query = query.bind_param(param(&row[*column], *kind));
    }
    query.execute().await.map(drop)
}

fn next(lines: &mut impl Iterator<Item = std::io::Result<String>>, sum: &mut Sha256) -> Result<Value> {
    let line = lines.next().ok_or_else(|| Error::Refused("the backup ends too early: it is damaged".into()))?.map_err(io)?;
    sum.update(&line);
    sum.update(b"\n");
    serde_json::from_str(&line).map_err(|e| Error::Refused(format!("the backup is damaged: {e}")))
}

fn line(out: &mut impl Write, sum: &mut Sha256, value: &Value) -> Result<()> {
    let line = format!("{value}\n");
    sum.update(&line);
    out.write_all(line.as_bytes()).map_err(io)
}

/// The checksum of the lines so far.
fn hex(sum: &Sha256) -> String {
    sum.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn io(e: std::io::Error) -> Error {
    Error::Unavailable(format!("backup file: {e}"))
}

/// SQLite's own check of the file; `ok` on PostgreSQL, which has none. `indexes`: whether they hold what their tables do, too, which takes
/// much longer.
pub async fn integrity(db: &Db, indexes: bool) -> Result<String> {
    db.read(
        &Server,
        work!(tx => {
            let found: Vec<String> = match (&tx.inner, indexes) {
                (Inner::Sqlite(_), false) => tx.query("PRAGMA quick_check").all(|row| row.get("quick_check")).await?,
                (Inner::Sqlite(_), true) => tx.query("PRAGMA integrity_check").all(|row| row.get("integrity_check")).await?,
                (Inner::Postgres(_), _) => vec!["ok".into()],
            };
            Ok(found.join("; "))
        }),
    )
    .await
}
