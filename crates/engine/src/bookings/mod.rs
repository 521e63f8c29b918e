//! Appointments that people of the business make and change: by the customers' rules, under the same lock, so that people and bot never
//! give one time away twice.

mod notice;

use std::time::Duration;

use frontdesk_kernel::{
    Scope, Timestamp,
    booking::{self, Appointment, Busy, By, Calendar, Placement, Refusal, Service, Staff, TimeRange, Wish},
    ids::*,
    location::Location,
    profile::Profile,
    tenant::Tenant,
};
use frontdesk_store::{Error, Result, Tx, calendar, locations, tenants};

pub use self::notice::{Mute, News, announce};

/// Free times that a refusal offers.
const OFFERED: usize = 6;
/// How many days on they are looked for.
const DAYS_ON: usize = 14;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Nobody's appointment is longer.
pub const LONGEST_MINUTES: u32 = 24 * 60;

/// The lists that a booking is checked against, read in its own transaction.
pub struct Book {
    pub scope: Scope,
    pub tenant: Tenant,
    pub services: Vec<Service>,
    pub staff: Vec<Staff>,
    pub locations: Vec<Location>,
    pub now: Timestamp,
}

/// An appointment as a person wants it.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub service: Option<ServiceId>,
    pub staff: Option<StaffId>,
    pub location: Option<LocationId>,
    pub starts_at: Timestamp,
    /// `None`: as long as the service takes.
    pub minutes: Option<u32>,
    /// Closed hours and days off do not matter.
    pub outside_hours: bool,
}

/// Why it cannot be.
#[derive(Debug, Clone)]
pub enum No {
    /// There is no such thing in this business: the member of the request that names it.
    Unknown { path: &'static str },
    /// It would be outside opening hours or while the person is off; whoever insists may do it.
    OutsideHours { refusal: Refusal, free: Vec<Timestamp> },
    /// Somebody has that time already.
    Taken { refusal: Refusal, in_the_way: Vec<Appointment>, free: Vec<Timestamp> },
    /// A rule that nobody may pass.
    Never(Refusal),
}

/// What a wish names.
type Named<'b> = (Option<Service>, Option<&'b Staff>, Option<&'b Location>);

impl Book {
    /// Reads the lists; for changes, take `calendar::lock` first.
    pub async fn open(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<Book> {
        let gone = || Error::Broken("a request of a business that is gone".into());
        Ok(Book {
            scope: scope.clone(),
            tenant: tenants::get(tx, scope).await?.ok_or_else(gone)?,
            services: calendar::all_services(tx, scope).await?.into_iter().map(|l| l.item).collect(),
            staff: calendar::all_staff(tx, scope).await?.into_iter().map(|l| l.item).collect(),
            locations: locations::all(tx, scope).await?,
            now,
        })
    }

    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.services.iter().find(|s| s.id == *id)
    }

    pub fn person(&self, id: &StaffId) -> Option<&Staff> {
        self.staff.iter().find(|s| s.id == *id)
    }

    pub fn location(&self, id: &LocationId) -> Option<&Location> {
        self.locations.iter().find(|l| l.id == *id)
    }

    /// Where an appointment is: at its own branch, else at that of its person.
    pub fn place_of<'a>(&'a self, a: &'a Appointment) -> Option<&'a LocationId> {
        a.location.as_ref().or_else(|| self.person(a.staff.as_ref()?)?.location.as_ref())
    }

    /// The clock of a branch; without one, that of the business.
    pub fn zone(&self, location: Option<&LocationId>) -> jiff::tz::TimeZone {
        let own = location.and_then(|id| jiff::tz::TimeZone::get(self.location(id)?.time_zone.as_deref()?).ok());
        own.unwrap_or_else(|| self.tenant.zone())
    }

    /// Where a wish goes, without regard to one appointment (the one that moves).
    pub async fn place(&self, tx: &mut Tx, wanted: &Wanted, without: Option<&AppointmentId>) -> Result<Result<Placement, No>> {
        let (mut service, staff, location) = match self.named(wanted) {
            Ok(named) => named,
            Err(path) => return Ok(Err(No::Unknown { path })),
        };
        let mut profile = self.tenant.profile.clone();
        if let Some(minutes) = wanted.minutes {
            profile.appointments.default_duration_minutes = minutes;
            service = service.map(|s| Service { duration_minutes: minutes, ..s });
        }
        let until = wanted.starts_at.plus(DAY * (DAYS_ON as u32 + 3));
        let mut taken = calendar::blocking(tx, &self.scope, wanted.starts_at.minus(DAY * 2), until).await?;
        taken.retain(|a| without != Some(&a.id));
        let busy: Vec<Busy> = taken.iter().map(|a| self.busy(a)).collect();
        let by = if wanted.outside_hours { By::TeamOutsideHours } else { By::Team };
        let open = match self.calendar(&profile, location, &busy) {
            Ok(open) => open.asked_by(by),
            Err(refusal) => return Ok(Err(No::Never(refusal))),
        };
        let wish = Wish { service: service.as_ref(), staff, start: wanted.starts_at };
        Ok(booking::check(&open, wish).map_err(|refusal| self.why(&open, wish, refusal, &taken)))
    }

    /// The calendar of a branch with these busy times, as customers see it.
    pub fn calendar<'a>(
        &'a self,
        profile: &'a Profile,
        location: Option<&Location>,
        busy: &'a [Busy],
    ) -> Result<Calendar<'a>, Refusal> {
        let open = Calendar::of(&self.tenant, &self.staff, busy, self.now)?.at(location)?;
        Ok(Calendar { profile, ..open })
    }

    pub fn busy(&self, a: &Appointment) -> Busy {
        Busy { staff: a.staff.clone(), location: self.place_of(a).cloned(), from: a.blocked_from, to: a.blocked_to }
    }

    /// The things that a wish names; the branch of the person where none is named.
    fn named(&self, wanted: &Wanted) -> Result<Named<'_>, &'static str> {
        let service = match &wanted.service {
            Some(id) => Some(self.service(id).ok_or("service")?.clone()),
            None => None,
        };
        let staff = match &wanted.staff {
            Some(id) => Some(self.person(id).ok_or("staff")?),
            None => None,
        };
        let location = match &wanted.location {
            Some(id) => Some(self.location(id).ok_or("location")?),
            None => staff.and_then(|s| self.location(s.location.as_ref()?)),
        };
        Ok((service, staff, location))
    }

    fn why(&self, open: &Calendar<'_>, wish: Wish<'_>, refusal: Refusal, taken: &[Appointment]) -> No {
        let forced = booking::check(&open.clone().asked_by(By::TeamOutsideHours), wish);
        let free = || self.nearest(open, wish);
        match forced {
            Ok(_) => No::OutsideHours { refusal, free: free() },
            Err(Refusal::Full | Refusal::StaffUnavailable { .. }) => {
                let in_the_way = in_the_way(open, wish, taken);
                if in_the_way.is_empty() {
                    return No::Never(refusal);
                }
                No::Taken { refusal, in_the_way, free: free() }
            }
            Err(never) => No::Never(never),
        }
    }

    /// Free times nearest to the wished one: of its day, else of the next days.
    fn nearest(&self, open: &Calendar<'_>, wish: Wish<'_>) -> Vec<Timestamp> {
        let open = open.clone().asked_by(By::Team);
        let mut date = open.date_of(wish.start).max(open.today());
        let mut found: Vec<Timestamp> = Vec::new();
        for _ in 0..DAYS_ON {
            let day = booking::free_slots(&open, wish.service, wish.staff, date, TimeRange::All, usize::MAX).unwrap_or_default();
            found.extend(day.into_iter().filter(|at| *at >= self.now));
            let Ok(next) = date.tomorrow() else { break };
            if found.len() >= OFFERED {
                break;
            }
            date = next;
        }
        found.sort_by_key(|at| at.0.abs_diff(wish.start.0));
        found.truncate(OFFERED);
        found.sort();
        found
    }
}

/// The appointments that take the wished time: of the wished person, or of everybody.
fn in_the_way(open: &Calendar<'_>, wish: Wish<'_>, taken: &[Appointment]) -> Vec<Appointment> {
    let minutes = |m: u32| Duration::from_secs(u64::from(m) * 60);
    let (length, before, after) = match wish.service {
        Some(s) => (s.duration_minutes, s.buffer_before_minutes, s.buffer_after_minutes),
        None => (open.profile.appointments.default_duration_minutes, 0, 0),
    };
    let (from, to) = (wish.start.minus(minutes(before)), wish.start.plus(minutes(length) + minutes(after)));
    let overlapping = || taken.iter().filter(|a| a.blocked_from < to && from < a.blocked_to);
    let of_person: Vec<Appointment> =
        overlapping().filter(|a| wish.staff.is_some_and(|s| a.staff.as_ref() == Some(&s.id))).cloned().collect();
    if of_person.is_empty() { overlapping().cloned().collect() } else { of_person }
}
