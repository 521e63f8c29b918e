//! Who writes what and when, and what is said later to what waits; the same seed plans the same.

use std::{fs::OpenOptions, io, io::Write as _, time::Duration};

use jiff::{ToSpan, civil::Weekday, tz::TimeZone};
use serde_json::{Value, json};

use crate::{Arguments, seconds};

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) token: String,
    pub(crate) from: String,
    pub(crate) text: String,
    /// Since the beginning.
    pub(crate) at: Duration,
    pub(crate) repeated: bool,
    pub(crate) waits: Option<Waits>,
}

/// What a message asks for is not done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waits {
    pub(crate) what: What,
    pub(crate) says: Says,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Something in the house, which the team decides about.
    Task,
    /// Something of another house, which the team decides about.
    Pay,
    /// Something that the customer is asked about.
    Offer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Yes,
    No,
    /// No, without a reason.
    Silent,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            What::Task => "task",
            What::Pay => "pay",
            What::Offer => "offer",
        }
    }
}

impl Says {
    fn as_str(self) -> &'static str {
        match self {
            Says::Yes => "yes",
            Says::No => "no",
            Says::Silent => "silent",
        }
    }
}

/// Message `i` comes from customer `i mod customers`.
pub(crate) fn plan(arguments: &Arguments) -> io::Result<Vec<Vec<Message>>> {
    let mut random = Random(arguments.seed);
    let slots = slots(arguments.slots);
    let gap = Duration::from_millis(arguments.over_ms) / u32::try_from(arguments.messages.max(1)).unwrap_or(u32::MAX);
    let mut by_customer = vec![Vec::new(); arguments.customers.max(1)];
    let is_nth = |i: usize, every: usize| every > 0 && i % every == every - 1;
    let (mut others, mut asked) = (0, 0);
    for i in 0..arguments.messages {
        let customer = i % by_customer.len();
        let number = arguments.first + customer;
        let token = format!("c{number}-m{}", i / by_customer.len());
        let from = format!("57300{number:07}");
        let start = is_nth(i, arguments.book_every).then(|| slots[random.below(slots.len())].clone());
        others += usize::from(start.is_none());
        let rings = start.is_none() && is_nth(others - 1, arguments.ring_every);
        let waits = (start.is_none() && !rings && is_nth(i + 1, arguments.wait_every)).then(|| {
            asked += 1;
            waits(asked - 1)
        });
        let text = match (&start, waits) {
            (Some(start), _) => format!("una cita ref:{token} book:{start}"),
            (None, Some(waits)) => format!("una cosa ref:{token} {}:{token}", waits.what.as_str()),
            (None, None) if rings => format!("una vez ref:{token} ring:{token}"),
            (None, None) => format!("hola ref:{token}"),
        };
        let mut line = json!({ "token": token, "from": from, "start": start, "rings": rings });
        if let Some(waits) = waits {
            line["waits"] = waits.what.as_str().into();
            line["says"] = waits.says.as_str().into();
        }
        write_down(arguments, &line)?;
        let repeated = random.share() < arguments.repeated;
        by_customer[customer].push(Message { token, from, text, at: gap * i as u32, repeated, waits });
    }
    Ok(by_customer)
}

/// Each kind in turn; most are wanted.
fn waits(n: usize) -> Waits {
    let what = [What::Task, What::Pay, What::Offer][n % 3];
    let says = match (n / 3) % 4 {
        1 => Says::No,
        2 if what != What::Offer => Says::Silent,
        _ => Says::Yes,
    };
    Waits { what, says }
}

/// One line of the plan, before it is acted upon.
pub(crate) fn write_down(arguments: &Arguments, line: &Value) -> io::Result<()> {
    let Some(path) = &arguments.plan else { return Ok(()) };
    OpenOptions::new().create(true).append(true).open(path)?.write_all(format!("{line}\n").as_bytes())
}

/// Local starts of appointments, from Monday to Friday, the day after tomorrow at the soonest.
fn slots(wanted: usize) -> Vec<String> {
    let zone = TimeZone::get("America/Bogota").unwrap_or(TimeZone::UTC);
    let today = jiff::Timestamp::from_second(seconds()).unwrap_or_default().to_zoned(zone).date();
    let days = (2..).map(|n: i64| today.saturating_add(n.days()));
    let working = days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    working.flat_map(|day| (9..18).map(move |hour| format!("{day}T{hour:02}:00"))).take(wanted.max(1)).collect()
}

/// splitmix64: the same seed gives the same run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn share(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn planned(line: &str) -> Vec<Vec<Message>> {
        let fixed =
            ["load", "--url", "http://127.0.0.1:9", "--account", "1", "--app-secret", "s", "--key", "fd_1", "--sent", "sent"];
        plan(&Arguments::parse_from(fixed.into_iter().chain(line.split_whitespace()))).unwrap()
    }

    #[test]
    fn the_same_seed_plans_the_same_messages_each_with_a_token_of_its_own() {
        let line = "--messages 20 --customers 3 --first 5 --over-ms 2000 --book-every 4 --wait-every 2 --repeated 0.5 --seed 9";
        let ringing = planned(&format!("{line} --ring-every 5")).concat();
        assert_eq!(ringing.iter().filter(|m| m.text.contains("ring:")).count(), 3);
        assert!(ringing.iter().all(|m| !m.text.contains("ring:") || m.waits.is_none() && !m.text.contains("book:")));
        let (all, again) = (planned(line).concat(), planned(line).concat());
        let shown = |messages: &[Message]| messages.iter().map(|m| (m.text.clone(), m.repeated)).collect::<Vec<_>>();
        assert_eq!(shown(&all), shown(&again));
        let tokens: std::collections::BTreeSet<_> = all.iter().map(|m| &m.token).collect();
        assert_eq!((tokens.len(), all.iter().filter(|m| m.text.contains("book:")).count()), (20, 5));
        assert!(
            all[0].token == "c5-m0"
                && all[0].from == "573000000005"
                && all[0].at.is_zero()
                && all[1].at == Duration::from_millis(300)
        );
        let waiting: Vec<_> = all.iter().filter_map(|m| Some((m.text.split_once(' ')?.1, m.waits?))).collect();
        assert_eq!(waiting.len(), 10, "{waiting:?}");
        for (text, waits) in &waiting {
            assert!(text.contains(&format!(" {}:c", waits.what.as_str())), "{text}");
        }
        assert!([Says::Yes, Says::No, Says::Silent].iter().all(|says| waiting.iter().any(|(_, w)| w.says == *says)));
    }

    #[test]
    fn appointments_are_asked_for_on_working_days_in_opening_hours() {
        let slots = slots(30);
        assert_eq!(slots.len(), 30);
        for slot in slots {
            let start: jiff::civil::DateTime = slot.parse().unwrap();
            assert!((9..18).contains(&start.hour()) && !matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday), "{slot}");
        }
    }
}
