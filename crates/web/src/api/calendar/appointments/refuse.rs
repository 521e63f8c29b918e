//! Why an appointment cannot be, as a problem: with what is in the way and the nearest free times.

use frontdesk_engine::bookings::{Book, Mute, No};
use frontdesk_kernel::{Timestamp, booking::Refusal};
use serde_json::{Value, json};

use crate::kit::{Caller, Problem};

pub(super) fn problem(book: &Book, caller: &Caller, no: No) -> Problem {
    let language = book.tenant.speaks();
    let zone = book.tenant.zone();
    let words = |refusal: &Refusal| refusal.sentence(language, &zone);
    match no {
        No::Unknown { path } => Problem::field(path, format!("there is no such {path}")),
        No::OutsideHours { refusal, free } => {
            Problem::conflict("outside_hours", words(&refusal)).with("free", times(&free)).with("force", "outside_hours")
        }
        No::Taken { refusal, in_the_way, free } => {
            let shown: Vec<Value> = in_the_way
                .iter()
                .filter(|a| caller.sees(book.place_of(a)))
                .map(|a| {
                    json!({
                        "id": a.id, "title": a.title, "staff": a.staff,
                        "starts_at": a.starts_at.to_string(), "ends_at": a.ends_at.to_string(),
                    })
                })
                .collect();
            Problem::conflict("taken", words(&refusal)).with("in_the_way", shown).with("free", times(&free))
        }
        No::Never(refusal @ Refusal::StaffDoesNotGiveService { .. }) => Problem::field("staff", words(&refusal)),
        No::Never(refusal) => Problem::conflict("not_possible", words(&refusal)),
    }
}

fn times(free: &[Timestamp]) -> Value {
    free.iter().map(Timestamp::to_string).collect::<Vec<_>>().into()
}

/// The change was not made, because the customer was to be told of it.
pub(super) fn mute(why: Mute) -> Problem {
    let code = match why {
        Mute::NoConversation => "no_conversation",
        Mute::ChannelOff => "channel_off",
        Mute::WindowClosed => "window_closed",
        Mute::NoCredit(_) => "no_credit",
    };
    Problem::conflict(code, format!("Nothing was changed, because the customer cannot be told: {why}."))
}
