//! How much one visitor and one address may ask of us.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use frontdesk_engine::access::neighbourhood;
use frontdesk_kernel::Timestamp;
use frontdesk_store::pace::gcra;

use crate::kit::Problem;

/// One each so long, after so many at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    what: &'static str,
    every: Duration,
    burst: u32,
}

impl Pace {
    const fn new(what: &'static str, every_ms: u64, burst: u32) -> Pace {
        Pace { what, every: Duration::from_millis(every_ms), burst }
    }
}

pub(super) const SESSIONS_OF_ADDRESS: Pace = Pace::new("session", 2_000, 60);
pub(super) const READS: Pace = Pace::new("read", 250, 60);
pub(super) const MESSAGES: Pace = Pace::new("message", 2_000, 12);
pub(super) const MESSAGES_OF_ADDRESS: Pace = Pace::new("message", 500, 60);
pub(super) const FILES: Pace = Pace::new("file", 20_000, 10);
pub(super) const FILES_OF_ADDRESS: Pace = Pace::new("file", 5_000, 30);
pub(super) const STREAMS: Pace = Pace::new("stream", 2_000, 20);
/// Open at the same time: tabs and devices.
const OPEN_STREAMS: u32 = 6;
/// Forgotten ones are swept out when there are more.
const MANY: usize = 20_000;

#[derive(Default)]
pub(super) struct Paces {
    kept: Mutex<HashMap<(&'static str, String), Timestamp>>,
    streams: Mutex<HashMap<String, u32>>,
}

impl Paces {
    pub(super) fn take(&self, pace: Pace, who: &str, now: Timestamp) -> Result<(), Problem> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() > MANY {
            kept.retain(|_, paid| *paid > now);
        }
        let paid = kept.entry((pace.what, who.to_owned())).or_default();
        match gcra(*paid, now, pace.every, pace.burst) {
            Ok(next) => {
                *paid = next;
                Ok(())
            }
            Err(allowed_at) => {
                metrics::counter!("frontdesk_webchat_refused_total", "what" => pace.what).increment(1);
                let seconds = allowed_at.since(now).as_millis().div_ceil(1000) as u64;
                Err(Problem::too_many(format!("Too many of these ({}): wait a moment.", pace.what), seconds))
            }
        }
    }

    /// For one address of the network; an unknown one is not counted.
    pub(super) fn take_of_address(&self, pace: Pace, address: Option<IpAddr>, now: Timestamp) -> Result<(), Problem> {
        address.map_or(Ok(()), |address| self.take(pace, &neighbourhood(address), now))
    }

    /// One more stream of this visitor, until the ticket is dropped.
    pub(super) fn stream(self: &Arc<Self>, who: &str) -> Result<Ticket, Problem> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(who.to_owned()).or_default();
        if *open >= OPEN_STREAMS {
            return Err(Problem::too_many("This chat is open in too many places at once.", 30));
        }
        *open += 1;
        Ok(Ticket { paces: self.clone(), who: who.to_owned() })
    }
}

pub(super) struct Ticket {
    paces: Arc<Paces>,
    who: String,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut streams = self.paces.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.who) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_visitor_is_held_up_and_others_are_not() {
        let (paces, now) = (Paces::default(), Timestamp(1_000_000));
        let slow = Pace::new("test", 2_000, 3);
        assert_eq!((0..10).filter(|_| paces.take(slow, "a", now).is_ok()).count(), 3);
        assert!(paces.take(slow, "b", now).is_ok());
        assert!(paces.take(slow, "a", now.plus(Duration::from_secs(2))).is_ok());
    }

    #[test]
    fn streams_are_counted_while_they_are_open() {
        let paces = Arc::new(Paces::default());
        let mut open: Vec<Ticket> = (0..OPEN_STREAMS).filter_map(|_| paces.stream("a").ok()).collect();
        assert!(open.len() == OPEN_STREAMS as usize && paces.stream("a").is_err() && paces.stream("b").is_ok());
        open.pop();
        assert!(paces.stream("a").is_ok());
    }

    #[test]
    fn one_house_of_ipv6_is_one_address() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
