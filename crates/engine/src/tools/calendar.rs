//! What the calendar tools share: reading arguments, the calendar on one snapshot, saying appointments.

use frontdesk_kernel::{
    Timestamp,
    booking::{self, Appointment, Busy, Calendar, Match, Service, Staff},
    ids::LocationId,
    location::Location,
};
use frontdesk_store::{Asked, Result, Tx, calendar, locations};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use serde_json::{Value, json};

use super::ToolContext;

pub(super) fn text<'a>(arguments: &'a Value, key: &str) -> Option<&'a str> {
    arguments.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty())
}

/// The service that is meant; with only one service none needs to be named. The error is for the model to ask with.
pub(super) fn service<'a>(context: &'a ToolContext, arguments: &Value) -> Result<Option<&'a Service>, String> {
    let services = &context.view.services;
    let Some(words) = text(arguments, "service") else {
        return Ok(if let [only] = services.as_slice() { Some(only) } else { None });
    };
    match booking::find_service(services, words) {
        Match::One(service) => Ok(Some(service)),
        Match::Several(some) => {
            let names: Vec<_> = some.iter().map(|s| s.name.as_str()).collect();
            Err(context.say("¿Cuál de estos servicios? ", "Which of these services? ") + &names.join(", "))
        }
        Match::None if services.is_empty() => Ok(None),
        Match::None => {
            let names: Vec<_> = services.iter().map(|s| s.name.as_str()).collect();
            Err(context.say("No tenemos ese servicio. Ofrecemos: ", "We do not offer that service. We offer: ")
                + &names.join(", "))
        }
    }
}

pub(super) fn staff<'a>(context: &'a ToolContext, arguments: &Value) -> Result<Option<&'a Staff>, String> {
    let Some(words) = text(arguments, "staff") else { return Ok(None) };
    match booking::find_staff(&context.view.staff, words) {
        Match::One(person) => Ok(Some(person)),
        Match::Several(some) => {
            let names: Vec<_> = some.iter().map(|s| s.name.as_str()).collect();
            Err(context.say("¿Con quién? ", "With whom? ") + &names.join(", "))
        }
        Match::None => {
            let names: Vec<_> = context.view.staff.iter().map(|s| s.name.as_str()).collect();
            Err(context.say("No conozco a esa persona. En el equipo están: ", "I do not know that person. The team is: ")
                + &names.join(", "))
        }
    }
}

/// The branch that is meant: the one that is named, that of the person wanted, the one this channel answers for. With several and no hint
/// the customer is asked; `None` is a business without branches.
pub(super) async fn branch<'a>(
    tx: &mut Tx,
    context: &'a ToolContext,
    arguments: &Value,
    staff: Option<&Staff>,
) -> Result<Result<Option<&'a Location>, String>> {
    let all = &context.view.locations;
    let names = || all.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(words) = text(arguments, "location").filter(|_| !all.is_empty()) {
        return Ok(match booking::find_location(all, words) {
            Match::One(branch) => Ok(Some(branch)),
            _ => Err(context.say("¿En cuál de nuestras sedes? ", "At which of our branches? ") + &names()),
        });
    }
    if all.is_empty() {
        return Ok(Ok(None));
    }
    let here = match staff.and_then(|s| s.location.clone()) {
        Some(theirs) => Some(theirs),
        None => locations::of_channel(tx, &context.scope, &context.conversation.channel).await?,
    };
    let found = here.and_then(|id| all.iter().find(|l| l.id == id));
    Ok(match (found, all.as_slice()) {
        (Some(branch), _) | (None, [branch]) => Ok(Some(branch)),
        (None, _) => Err(context.say("¿En cuál de nuestras sedes? ", "At which of our branches? ") + &names()),
    })
}

/// The clock of a branch; without one, that of the business.
pub(super) fn zone(context: &ToolContext, branch: Option<&LocationId>) -> TimeZone {
    let branch = branch.and_then(|id| context.view.locations.iter().find(|l| l.id == *id));
    let own = branch.and_then(|l| TimeZone::get(l.time_zone.as_deref()?).ok());
    own.unwrap_or_else(|| context.view.tenant.zone())
}

/// `YYYY-MM-DDTHH:MM`, local time of the branch. An offset, if the model adds one, is not accepted silently.
pub(super) fn local_time(
    context: &ToolContext,
    branch: Option<&Location>,
    arguments: &Value,
    key: &str,
) -> Result<Timestamp, String> {
    let said = text(arguments, key).unwrap_or_default();
    let time = said.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
    let local: Option<DateTime> = said.parse().ok().filter(|_| !time.contains(['Z', 'z', '+', '-', '[']));
    let zone = zone(context, branch.map(|l| &l.id));
    local.and_then(|local| Timestamp::from_local(local, &zone)).ok_or_else(|| {
        format!("`{key}` must be a local date and time as YYYY-MM-DDTHH:MM without an offset, for example 2026-11-23T10:00; got `{said}`.")
    })
}

pub(super) fn date(arguments: &Value, key: &str) -> Result<Option<Date>, String> {
    let Some(said) = text(arguments, key) else { return Ok(None) };
    said.parse().map(Some).map_err(|_| format!("`{key}` must be a date as YYYY-MM-DD; got `{said}`."))
}

/// What is taken around these days, without one appointment (the one that moves).
pub(super) async fn busy(
    tx: &mut Tx,
    context: &ToolContext,
    from: Timestamp,
    to: Timestamp,
    without: Option<&Appointment>,
) -> Result<Vec<Busy>> {
    let taken = ask_taken(tx, context, from, to)?.all(tx).await?;
    Ok(without_own(taken, without))
}

/// What is taken around this time, to be read later.
pub(super) fn ask_taken(tx: &mut Tx, context: &ToolContext, from: Timestamp, to: Timestamp) -> Result<Asked<Appointment>> {
    let day = std::time::Duration::from_secs(24 * 3600);
    calendar::ask_blocking(tx, &context.scope, from.minus(day), to.plus(day))
}

pub(super) fn without_own(taken: Vec<Appointment>, without: Option<&Appointment>) -> Vec<Busy> {
    taken
        .into_iter()
        .filter(|a| without.is_none_or(|w| w.id != a.id))
        .map(|a| Busy { staff: a.staff, location: a.location, from: a.blocked_from, to: a.blocked_to })
        .collect()
}

pub(super) fn on<'a>(context: &'a ToolContext, branch: Option<&Location>, busy: &'a [Busy]) -> Result<Calendar<'a>, String> {
    Calendar::of(&context.view.tenant, &context.view.staff, busy, context.now)
        .and_then(|calendar| calendar.at(branch))
        .map_err(|refusal| refusal.sentence(context.language(), &context.view.tenant.zone()))
}

/// A refusal in words, with free times of the same day where there are any.
pub(super) fn refuse(
    context: &ToolContext,
    calendar: &Calendar<'_>,
    refusal: &booking::Refusal,
    wish: booking::Wish<'_>,
) -> String {
    let mut said = refusal.sentence(context.language(), &calendar.zone);
    let day = calendar.date_of(wish.start);
    let free = booking::free_slots(calendar, wish.service, wish.staff, day, booking::TimeRange::All, 8).unwrap_or_default();
    if !free.is_empty() {
        let times: Vec<_> = free.iter().map(|at| booking::say_time(at.in_zone(&calendar.zone).time())).collect();
        said.push_str(&context.say("\nHoras libres ese día: ", "\nFree times that day: "));
        said.push_str(&times.join(", "));
    }
    said
}

/// The contact's own upcoming appointment that is meant: by id, by words of the service, by `latest`, or the only one.
pub(super) async fn own_appointment(
    tx: &mut Tx,
    context: &ToolContext,
    arguments: &Value,
) -> Result<Result<Appointment, String>> {
    let upcoming = calendar::upcoming_of(tx, &context.scope, &context.contact.id, context.now).await?;
    Ok(choose(context, upcoming, text(arguments, "appointment")))
}

fn choose(context: &ToolContext, mut upcoming: Vec<Appointment>, words: Option<&str>) -> Result<Appointment, String> {
    if upcoming.is_empty() {
        return Err(context.say("No tienes citas próximas.", "You have no upcoming appointments."));
    }
    let wanted = words.map(booking::normalise).unwrap_or_default();
    if matches!(wanted.as_str(), "latest" | "last" | "ultima" | "la ultima") {
        return upcoming.into_iter().max_by_key(|a| a.created_at).ok_or_else(String::new);
    }
    if !wanted.is_empty() {
        let words = words.unwrap_or_default();
        upcoming.retain(|a| a.id.as_str() == words || booking::normalise(&a.title).contains(&wanted));
    }
    match upcoming.len() {
        1 => upcoming.pop().ok_or_else(String::new),
        0 => Err(context.say("No encontré esa cita entre las tuyas.", "I did not find that appointment among yours.")),
        _ => {
            let which = context.say("¿Cuál de tus citas?\n", "Which of your appointments?\n");
            Err(which + &upcoming.iter().map(|a| line(context, a)).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// `• Corte – lunes 23 de noviembre a las 10:00 AM (con Laura) [apt_…]`
pub(super) fn line(context: &ToolContext, a: &Appointment) -> String {
    let with = with_whom(context, a).map(|who| format!(" ({who})")).unwrap_or_default();
    format!("• {} – {}{with} [{}]", a.title, when(context, a), a.id)
}

pub(super) fn with_whom(context: &ToolContext, a: &Appointment) -> Option<String> {
    let person = context.view.staff.iter().find(|s| Some(&s.id) == a.staff.as_ref())?;
    Some(format!("{} {}", context.say("con", "with"), person.name))
}

pub(super) fn when(context: &ToolContext, a: &Appointment) -> String {
    booking::say_when(a.starts_at, &zone(context, a.location.as_ref()), context.language())
}

pub(super) fn as_data(context: &ToolContext, a: &Appointment) -> Value {
    let zone = zone(context, a.location.as_ref());
    json!({ "appointment": {
        "id": a.id, "title": a.title, "staff": a.staff, "status": a.status.as_str(),
        "start": a.starts_at.in_zone(&zone).strftime("%Y-%m-%dT%H:%M").to_string(),
        "end": a.ends_at.in_zone(&zone).strftime("%Y-%m-%dT%H:%M").to_string(),
    }})
}
