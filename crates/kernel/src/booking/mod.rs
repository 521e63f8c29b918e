//! Appointments: services, staff, and which times are free.

mod calendar;
mod hours;
mod matching;
mod refusal;
mod rules;
mod say;
mod slots;

use serde::{Deserialize, Serialize};

pub use self::{
    calendar::{Busy, By, Calendar, Placement, Wish},
    matching::{Match, find_location, find_service, find_staff, normalise},
    refusal::Refusal,
    rules::{blocked, check, is_duplicate},
    say::{say_day, say_hours, say_time, say_when},
    slots::{TimeRange, free_slots, next_open_day},
};
use crate::{Timestamp, ids::*, money::Money, profile::Hours};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub id: ServiceId,
    pub name: String,
    pub duration_minutes: u32,
    /// Kept free before and after (preparation, cleaning).
    #[serde(default)]
    pub buffer_before_minutes: u32,
    #[serde(default)]
    pub buffer_after_minutes: u32,
    #[serde(default)]
    pub price: Option<Money>,
    #[serde(default)]
    pub description: String,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub id: StaffId,
    pub name: String,
    #[serde(default)]
    pub specialties: Vec<String>,
    /// Services they give; empty = all.
    #[serde(default)]
    pub services: Vec<ServiceId>,
    /// Their own hours; `None` = the business's.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// Days off, holidays, appointments of their own.
    #[serde(default)]
    pub away: Vec<Absence>,
    /// The branch they work at; `None` = any.
    #[serde(default)]
    pub location: Option<LocationId>,
    pub active: bool,
}

/// `[from, to)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    pub from: Timestamp,
    pub to: Timestamp,
    #[serde(default)]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    Confirmed,
    Cancelled,
    NoShow,
    Completed,
}

impl AppointmentStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            AppointmentStatus::Confirmed => "confirmed",
            AppointmentStatus::Cancelled => "cancelled",
            AppointmentStatus::NoShow => "no_show",
            AppointmentStatus::Completed => "completed",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "confirmed" => AppointmentStatus::Confirmed,
            "cancelled" => AppointmentStatus::Cancelled,
            "no_show" => AppointmentStatus::NoShow,
            "completed" => AppointmentStatus::Completed,
            _ => return None,
        })
    }
}

impl Staff {
    /// Whether they are off at any moment of `[from, to)`.
    pub fn is_away(&self, from: Timestamp, to: Timestamp) -> bool {
        self.away.iter().any(|a| a.from < to && from < a.to)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub id: AppointmentId,
    pub contact: ContactId,
    pub service: Option<ServiceId>,
    /// As booked, in words; survives the service's deletion.
    pub title: String,
    pub staff: Option<StaffId>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// With buffers: what nobody else may use of the same staff member or place.
    pub blocked_from: Timestamp,
    pub blocked_to: Timestamp,
    pub status: AppointmentStatus,
    pub notes: String,
    /// The branch it is at.
    #[serde(default)]
    pub location: Option<LocationId>,
    /// Why it was cancelled.
    #[serde(default)]
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
