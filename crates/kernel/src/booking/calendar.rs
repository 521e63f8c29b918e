//! What the availability rules look at, and what is asked of them.

use jiff::{civil::Date, tz::TimeZone};

use super::{Refusal, Service, Staff};
use crate::{
    Timestamp,
    ids::{LocationId, StaffId},
    location::Location,
    profile::Profile,
    tenant::Tenant,
};

/// Time that is taken: an appointment with its buffers, or an entry of an external calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// `None` takes a place of the business, but nobody's time.
    pub staff: Option<StaffId>,
    /// Whose places it takes; `None` takes one of every location.
    pub location: Option<LocationId>,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Who asks: customers are held to every rule, the team to what can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    #[default]
    Customer,
    /// No notice, no horizon; services that are not offered any more may go on.
    Team,
    /// Also when the business is closed or the person is off. Nobody is ever in two places at once.
    TeamOutsideHours,
}

/// The state of one business at one moment.
#[derive(Debug, Clone)]
pub struct Calendar<'a> {
    pub zone: TimeZone,
    pub profile: &'a Profile,
    pub staff: &'a [Staff],
    /// Everything that touches the days in question; the order does not matter.
    pub busy: &'a [Busy],
    pub now: Timestamp,
    /// The branch it is looked at for; `None` = wherever the staff are.
    pub location: Option<LocationId>,
    pub by: By,
}

/// An appointment as somebody wants it.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// `None`: the default duration, no buffers.
    pub service: Option<&'a Service>,
    /// `None`: anybody who gives the service.
    pub staff: Option<&'a Staff>,
    pub start: Timestamp,
}

/// Where an accepted wish goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub blocked_from: Timestamp,
    pub blocked_to: Timestamp,
    pub staff: Option<StaffId>,
    pub location: Option<LocationId>,
}

impl<'a> Calendar<'a> {
    /// Refuses a tenant whose time zone is unknown here: wrong hours are worse than none.
    pub fn of(tenant: &'a Tenant, staff: &'a [Staff], busy: &'a [Busy], now: Timestamp) -> Result<Self, Refusal> {
        let zone = TimeZone::get(&tenant.time_zone).map_err(|_| Refusal::Unreadable { what: "time_zone" })?;
        Ok(Calendar { zone, profile: &tenant.profile, staff, busy, now, location: None, by: By::Customer })
    }

    /// The same at one branch, in its own time zone if it has one.
    pub fn at(self, location: Option<&Location>) -> Result<Self, Refusal> {
        let Some(location) = location else { return Ok(self) };
        let zone = match &location.time_zone {
            Some(name) => TimeZone::get(name).map_err(|_| Refusal::Unreadable { what: "time_zone" })?,
            None => self.zone,
        };
        Ok(Calendar { zone, location: Some(location.id.clone()), ..self })
    }

    #[must_use]
    pub fn asked_by(self, by: By) -> Self {
        Calendar { by, ..self }
    }

    /// Who works at the branch, if it is looked at for one.
    pub(super) fn works_here(&self, staff: &Staff) -> bool {
        self.location.is_none() || staff.location.is_none() || staff.location == self.location
    }

    /// The local date of an instant.
    pub fn date_of(&self, at: Timestamp) -> Date {
        at.in_zone(&self.zone).date()
    }

    pub fn today(&self) -> Date {
        self.date_of(self.now)
    }
}

impl Busy {
    pub(super) fn overlaps(&self, from: Timestamp, to: Timestamp) -> bool {
        self.from < to && from < self.to
    }

    /// Whether it takes a place of this branch.
    pub(super) fn is_at(&self, location: Option<&LocationId>) -> bool {
        self.location.is_none() || location.is_none() || self.location.as_ref() == location
    }
}
