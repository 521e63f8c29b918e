//! Guessing is slowed down by account and by address; nobody locks the owner out by guessing.
//!
//! An attempt is counted before it is judged, so that many at once count too. Counted are: the pair of account and address (or known
//! device), the address alone, and the account alone. Only pair and address are ever blocked: whoever comes from elsewhere gets their
//! try. A much-tried account leaves fewer tries to each address.

use std::{net::IpAddr, time::Duration};

use frontdesk_kernel::{Timestamp, ids::UserId, scope::Server};
use frontdesk_store::{Tx, throttle, work};

use super::{Answer, Refusal, Visitor, device, tokens};
use crate::Desk;

/// Failures are forgotten when there were none for so long.
const WINDOW: Duration = Duration::from_secs(3600);
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Tries that cost no waiting.
const FREE: i64 = 5;
const FREE_OF_ADDRESS: i64 = 30;
/// So many failures on an account leave one free try to each address.
const MUCH_TRIED: i64 = 60;

/// An attempt under way, by what it is counted.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    account: String,
    /// Absent for a known device: what others do from its address does not hold it up.
    address: Option<String>,
    pair: String,
}

impl Attempt {
    /// `kind` keeps passwords and codes apart.
    pub(super) fn at(desk: &Desk, kind: &str, account: &str, person: Option<&UserId>, visitor: &Visitor) -> Attempt {
        let known = visitor.mark.as_deref().zip(person).and_then(|(mark, person)| device::read(&desk.signer, mark, person));
        let address = network(&visitor.address);
        let from = known.map_or_else(|| format!("address {address}"), |device| format!("device {device}"));
        Attempt {
            account: tokens::hash(&format!("{kind} account {account}")),
            address: known.is_none().then(|| tokens::hash(&format!("{kind} address {address}"))),
            pair: tokens::hash(&format!("{kind} {account} {from}")),
        }
    }
}

/// Counts the attempt; `TooMany` when it may not even be tried.
pub(super) async fn begin(desk: &Desk, attempt: &Attempt) -> Answer<()> {
    let (a, now) = (attempt.clone(), desk.now());
    let from = now.minus(WINDOW);
    let wait = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let tried = throttle::count(tx, &Server, &a.account, from, now).await?.failures;
                let free = if tried > MUCH_TRIED { 1 } else { FREE };
                let mut wait = Duration::ZERO;
                for (subject, free) in a.address.iter().map(|s| (s, FREE_OF_ADDRESS)).chain([(&a.pair, free)]) {
                    wait = wait.max(count(tx, subject, free, from, now).await?);
                }
                if wait > Duration::ZERO {
                    for subject in a.address.iter().chain([&a.account, &a.pair]) {
                        throttle::pardon(tx, &Server, subject).await?;
                    }
                }
                Ok(wait)
            }),
        )
        .await?;
    if wait > Duration::ZERO {
        metrics::counter!("frontdesk_sign_ins_throttled_total").increment(1);
        return Err(Refusal::TooMany(wait));
    }
    Ok(())
}

/// How long it is blocked from before; else this attempt may block the next.
async fn count(tx: &mut Tx, subject: &str, free: i64, from: Timestamp, now: Timestamp) -> frontdesk_store::Result<Duration> {
    let record = throttle::count(tx, &Server, subject, from, now).await?;
    if record.blocked_until > now {
        return Ok(record.blocked_until.since(now));
    }
    if record.failures >= free {
        let doublings = u32::try_from(record.failures - free).unwrap_or(u32::MAX).min(10);
        let wait = Duration::from_secs(1 << doublings).min(LONGEST);
        throttle::block(tx, &Server, subject, now.plus(wait)).await?;
    }
    Ok(Duration::ZERO)
}

/// It was right: it does not count, and the pair starts anew.
pub(super) async fn succeeded(tx: &mut Tx, attempt: &Attempt) -> frontdesk_store::Result<()> {
    for subject in attempt.address.iter().chain([&attempt.account]) {
        throttle::pardon(tx, &Server, subject).await?;
    }
    throttle::clear(tx, &Server, &attempt.pair).await.map(drop)
}

/// What an address is counted as, wherever tries or requests are counted: IPv6 hosts own whole /64 networks.
pub fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6.segments()[..4].iter().map(|s| format!("{s:x}:")).collect(),
    }
}

fn network(address: &str) -> String {
    address.parse().map_or_else(|_| address.to_owned(), neighbourhood)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_counted_by_its_network() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::9"), network("2001:db8:1:3::9"));
    }
}
