//! Is a wished appointment possible, and with whom? Whatever cannot be read is refused.

use std::time::Duration;

use jiff::civil::Date;

use super::{
    Appointment, AppointmentStatus, By, Calendar, Placement, Refusal, Service, Staff, Wish,
    hours::{as_span, instant, is_open, open_on, time_of},
};
use crate::{
    Timestamp,
    ids::{ContactId, StaffId},
    profile::Profile,
};

/// Where the wish goes, or why it cannot be. Appointments may touch; they may not overlap beyond the business's capacity.
pub fn check(calendar: &Calendar<'_>, wish: Wish<'_>) -> Result<Placement, Refusal> {
    let mut placement = place(calendar, wish)?;
    let givers = givers(calendar, wish.service, wish.staff)?;
    within_reach(calendar, placement.starts_at)?;
    within_hours(calendar, placement.starts_at, placement.ends_at)?;

    let can = |s: &Staff| works(calendar, s, &placement) && is_free(calendar, s, &placement);
    let chosen = match wish.staff {
        Some(asked) if can(asked) => Some(asked),
        Some(asked) => return Err(Refusal::StaffUnavailable { name: asked.name.clone() }),
        None if givers.is_empty() => None,
        None => {
            let date = calendar.date_of(placement.starts_at);
            let first = givers.into_iter().filter(|s| can(s)).min_by_key(|s| load(calendar, &s.id, date));
            Some(first.ok_or(Refusal::Full)?)
        }
    };
    placement.location = calendar.location.clone().or_else(|| chosen.and_then(|s| s.location.clone()));
    placement.staff = chosen.map(|s| s.id.clone());
    if most_at_once(calendar, &placement) >= calendar.profile.appointments.max_concurrent as usize {
        return Err(Refusal::Full);
    }
    Ok(placement)
}

/// The same contact already holds this time for the same thing: a second request for it is the first one again. Another service, or another
/// person by name, is another appointment: for the daughter.
pub fn is_duplicate(existing: &Appointment, contact: &ContactId, wish: Wish<'_>) -> bool {
    existing.status == AppointmentStatus::Confirmed
        && existing.contact == *contact
        && existing.starts_at == wish.start
        && existing.service.as_ref() == wish.service.map(|s| &s.id)
        && wish.staff.is_none_or(|s| existing.staff.as_ref() == Some(&s.id))
}

/// The refusals that hold for every time of a day.
pub(super) fn check_day(
    calendar: &Calendar<'_>,
    service: Option<&Service>,
    staff: Option<&Staff>,
    date: Date,
) -> Result<(), Refusal> {
    givers(calendar, service, staff)?;
    if date < calendar.today() && calendar.by == By::Customer {
        return Err(Refusal::Past);
    }
    if date > calendar.date_of(horizon(calendar)) && calendar.by == By::Customer {
        return Err(too_far(calendar));
    }
    if open_on(calendar, date, None).is_empty() {
        return Err(closed(calendar, date));
    }
    match staff {
        Some(asked) if calendar.by != By::TeamOutsideHours && open_on(calendar, date, staff).is_empty() => {
            Err(Refusal::StaffUnavailable { name: asked.name.clone() })
        }
        _ => Ok(()),
    }
}

/// The last instant at which an appointment may start.
pub(super) fn horizon(calendar: &Calendar<'_>) -> Timestamp {
    calendar.now.plus(Duration::from_secs(u64::from(calendar.profile.appointments.max_advance_days) * 24 * 3600))
}

/// With its buffers, whoever gives it: nobody else's time is taken by it.
pub fn blocked(profile: &Profile, wish: Wish<'_>) -> (Timestamp, Timestamp) {
    let (length, before, after) = lengths(profile, wish);
    let minutes = |m: u32| Duration::from_secs(u64::from(m) * 60);
    (wish.start.minus(minutes(before)), wish.start.plus(minutes(length)).plus(minutes(after)))
}

/// Minutes: of the appointment itself, before and after.
fn lengths(profile: &Profile, wish: Wish<'_>) -> (u32, u32, u32) {
    match wish.service {
        Some(s) => (s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes),
        None => (profile.appointments.default_duration_minutes, 0, 0),
    }
}

fn place(calendar: &Calendar<'_>, wish: Wish<'_>) -> Result<Placement, Refusal> {
    let (length, ..) = lengths(calendar.profile, wish);
    if length == 0 {
        return Err(Refusal::Unreadable { what: "duration" });
    }
    let (blocked_from, blocked_to) = blocked(calendar.profile, wish);
    Ok(Placement {
        starts_at: wish.start,
        ends_at: wish.start.plus(Duration::from_secs(u64::from(length) * 60)),
        blocked_from,
        blocked_to,
        staff: None,
        location: None,
    })
}

/// Who may be chosen; empty when the business keeps no staff list.
fn givers<'a>(calendar: &Calendar<'a>, service: Option<&Service>, asked: Option<&Staff>) -> Result<Vec<&'a Staff>, Refusal> {
    if let Some(inactive) = service.filter(|s| !s.active && calendar.by == By::Customer) {
        return Err(Refusal::NotOffered { service: inactive.name.clone() });
    }
    let gives = |s: &Staff| s.services.is_empty() || service.is_none_or(|wanted| s.services.contains(&wanted.id));
    let not_given = |staff: Option<&Staff>| Refusal::StaffDoesNotGiveService {
        staff: staff.map(|s| s.name.clone()),
        service: service.map(|s| s.name.clone()).unwrap_or_default(),
    };
    match asked {
        Some(s) if !s.active || !calendar.works_here(s) => return Err(Refusal::StaffUnavailable { name: s.name.clone() }),
        Some(s) if !gives(s) => return Err(not_given(asked)),
        Some(_) => return Ok(Vec::new()),
        None => {}
    }
    let mut active = calendar.staff.iter().filter(|s| s.active).peekable();
    let no_staff_list = active.peek().is_none();
    let givers: Vec<&Staff> = active.filter(|s| calendar.works_here(s) && gives(s)).collect();
    if givers.is_empty() && !no_staff_list { Err(not_given(None)) } else { Ok(givers) }
}

fn within_reach(calendar: &Calendar<'_>, start: Timestamp) -> Result<(), Refusal> {
    if calendar.by != By::Customer {
        return Ok(());
    }
    let min_advance_hours = calendar.profile.appointments.min_advance_hours;
    let earliest = calendar.now.plus(Duration::from_secs(u64::from(min_advance_hours) * 3600));
    if start < calendar.now {
        Err(Refusal::Past)
    } else if start < earliest {
        Err(Refusal::TooSoon { min_advance_hours, earliest })
    } else if start > horizon(calendar) {
        Err(too_far(calendar))
    } else {
        Ok(())
    }
}

fn within_hours(calendar: &Calendar<'_>, start: Timestamp, end: Timestamp) -> Result<(), Refusal> {
    if calendar.by == By::TeamOutsideHours || is_open(calendar, start, end, None) {
        return Ok(());
    }
    let date = calendar.date_of(start);
    let opens = open_on(calendar, date, None);
    if opens.is_empty() {
        return Err(closed(calendar, date));
    }
    let at = |minute| instant(date, minute, &calendar.zone);
    let is_crossed = |from: i32, to: i32| at(from).is_some_and(|from| from < end) && at(to).is_some_and(|to| start < to);
    let crossed = opens
        .windows(2)
        .find(|pair| is_crossed(pair[0].to, pair[1].from) && at(pair[0].from).is_some_and(|opening| opening <= start));
    Err(match crossed {
        Some(pair) => Refusal::CrossesBreak { from: time_of(pair[0].to), to: time_of(pair[1].from) },
        None => Refusal::OutsideHours { date, open: opens.into_iter().map(as_span).collect() },
    })
}

/// Is the person at work all the while?
fn works(calendar: &Calendar<'_>, staff: &Staff, p: &Placement) -> bool {
    calendar.by == By::TeamOutsideHours
        || (is_open(calendar, p.starts_at, p.ends_at, Some(staff)) && !staff.is_away(p.starts_at, p.ends_at))
}

fn is_free(calendar: &Calendar<'_>, staff: &Staff, p: &Placement) -> bool {
    !calendar.busy.iter().any(|b| b.staff.as_ref() == Some(&staff.id) && b.overlaps(p.blocked_from, p.blocked_to))
}

/// Appointments of one person on one local day.
fn load(calendar: &Calendar<'_>, staff: &StaffId, date: Date) -> usize {
    calendar.busy.iter().filter(|b| b.staff.as_ref() == Some(staff) && calendar.date_of(b.from) == date).count()
}

/// The most that happens at any one instant of the blocked time. It changes only where something begins.
fn most_at_once(calendar: &Calendar<'_>, p: &Placement) -> usize {
    let there: Vec<_> =
        calendar.busy.iter().filter(|b| b.is_at(p.location.as_ref()) && b.overlaps(p.blocked_from, p.blocked_to)).collect();
    let beginnings = there.iter().map(|b| b.from.max(p.blocked_from));
    beginnings.map(|at| there.iter().filter(|b| b.from <= at && at < b.to).count()).max().unwrap_or(0)
}

fn closed(calendar: &Calendar<'_>, date: Date) -> Refusal {
    let holiday = calendar.profile.holidays.iter().find(|h| h.date == date);
    Refusal::ClosedDay { date, reason: holiday.map(|h| h.name.trim().to_owned()).filter(|name| !name.is_empty()) }
}

fn too_far(calendar: &Calendar<'_>) -> Refusal {
    Refusal::TooFar { max_advance_days: calendar.profile.appointments.max_advance_days, latest: horizon(calendar) }
}

#[cfg(test)]
mod again;
#[cfg(test)]
mod team;
#[cfg(test)]
mod tests;
