//! What the availability rules look at, and what is asked of them.

use jiff::{civil::Date, tz::TimeZone};

use super::{Refusal, Service, Staff};
use crate::{Timestamp, ids::StaffId, profile::Profile, tenant::Tenant};

/// Time that is taken: an appointment with its buffers, or an entry of an external calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// `None` takes a place of the business, but nobody's time.
    pub staff: Option<StaffId>,
    pub from: Timestamp,
    pub to: Timestamp,
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
}

impl<'a> Calendar<'a> {
    /// Refuses a tenant whose time zone is unknown here: wrong hours are worse than none.
    pub fn of(tenant: &'a Tenant, staff: &'a [Staff], busy: &'a [Busy], now: Timestamp) -> Result<Self, Refusal> {
        let zone = TimeZone::get(&tenant.time_zone).map_err(|_| Refusal::Unreadable { what: "time_zone" })?;
        Ok(Calendar { zone, profile: &tenant.profile, staff, busy, now })
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
}
