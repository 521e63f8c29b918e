//! The audit log as a chain: whoever changes, removes or slips in an entry behind our back breaks it, unless they have the installation's
//! key as well. What they take off its end is missed by whoever noted the end elsewhere: it is logged with every sealing.

use std::time::Duration;

use frontdesk_kernel::{Scope, Timestamp, ids::TenantId, scope::Server};
use frontdesk_store::{Error, Result, audit_seals, audit_seals::Link, work};

use crate::Desk;

const PURPOSE: &str = "audit chain";
/// Transactions that began before may still commit with an earlier time; they come later in the chain, and that is all.
const SETTLED: Duration = Duration::from_secs(10);
const PIECE: u32 = 500;

/// How the chain of one business stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Entries that are sealed and as they were.
    pub whole: i64,
    /// The last of these seals; empty when there is none.
    pub end: String,
    /// The first entry that is not what was sealed, and what is wrong with it.
    pub broken: Option<String>,
}

/// Seals what is not sealed yet. Returns how many entries.
pub async fn seal(desk: &Desk) -> Result<u64> {
    let before = desk.now().minus(SETTLED);
    let tenants = desk.db.read(&Server, work!(tx => audit_seals::waiting(tx, &Server, before, PIECE).await)).await?;
    let mut sealed = 0;
    for tenant in tenants {
        let scope = Scope::of(tenant);
        loop {
            match piece(desk, &scope, before).await {
                Ok(0) => break,
                Ok(n) => sealed += n,
                // Another node seals the same entries.
                Err(Error::Conflict(_)) => break,
                Err(e) => return Err(e),
            }
        }
    }
    Ok(sealed)
}

async fn piece(desk: &Desk, scope: &Scope, before: Timestamp) -> Result<u64> {
    let (s, signer) = (scope.clone(), desk.signer.clone());
    let seal = move |tenant: &TenantId, n: i64, last: &str, link: &Link| hex(&signer.sign(PURPOSE, &said(tenant, n, last, link)));
    let (n, end, sealed) = desk
        .db
        .write(
            scope,
            work!(tx => {
                let last = audit_seals::last(tx, &s).await?;
                let (mut n, mut end) = last.map_or((0, String::new()), |l| (l.n.unwrap_or(0), l.seal.unwrap_or_default()));
                let mut sealed = 0;
                for link in audit_seals::unsealed(tx, &s, before, PIECE).await? {
                    let seal = seal(s.tenant(), n + 1, &end, &link);
                    if audit_seals::seal(tx, &s, &link.id, n + 1, &seal).await? {
                        (n, end, sealed) = (n + 1, seal, sealed + 1);
                    }
                }
                Ok((n, end, sealed))
            }),
        )
        .await?;
    if sealed > 0 {
        tracing::info!(tenant = %scope.tenant(), n, end, "the audit log was sealed up to here");
    }
    Ok(sealed)
}

/// Reads the chain from its beginning.
pub async fn check(desk: &Desk, scope: &Scope) -> Result<Chain> {
    let mut chain = Chain { whole: 0, end: String::new(), broken: None };
    loop {
        let (s, from) = (scope.clone(), chain.whole);
        let links = desk.db.read(scope, work!(tx => audit_seals::after(tx, &s, from, PIECE).await)).await?;
        if links.is_empty() {
            return Ok(chain);
        }
        for link in links {
            let n = chain.whole + 1;
            if link.n != Some(n) {
                chain.broken = Some(format!("entry {n} is missing before {}", link.id));
                return Ok(chain);
            }
            let seal = hex(&desk.signer.sign(PURPOSE, &said(scope.tenant(), n, &chain.end, &link)));
            if link.seal.as_deref() != Some(&seal) {
                chain.broken = Some(format!("entry {n} ({}) is not what was sealed", link.id));
                return Ok(chain);
            }
            (chain.whole, chain.end) = (n, seal);
        }
    }
}

/// Every part with its length, so that nothing can move from one to the next.
fn said(tenant: &TenantId, n: i64, last: &str, link: &Link) -> Vec<u8> {
    let numbers = [n.to_string(), link.at.to_string()];
    let parts = [
        tenant.as_str(),
        &numbers[0],
        last,
        &link.id,
        &link.actor_kind,
        &link.actor,
        &link.action,
        &link.subject,
        &link.detail,
        &numbers[1],
    ];
    parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes())).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
