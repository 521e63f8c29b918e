//! When a request is one that was made before.

use uuid::Uuid;

use super::*;
use crate::ids::{AppointmentId, ServiceId};

fn service() -> Service {
    Service {
        id: ServiceId::from_uuid(Uuid::from_u128(1)),
        name: "cut".into(),
        duration_minutes: 30,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        price: None,
        description: String::new(),
        active: true,
    }
}

fn staff(n: u128) -> Staff {
    Staff {
        id: StaffId::from_uuid(Uuid::from_u128(n)),
        name: format!("staff {n}"),
        specialties: Vec::new(),
        services: Vec::new(),
        hours: None,
        away: Vec::new(),
        location: None,
        active: true,
    }
}

#[test]
fn a_second_request_of_the_same_contact_for_the_same_time_is_the_first_one_again() {
    let (anna, bert) = (ContactId::from_uuid(Uuid::from_u128(1)), ContactId::from_uuid(Uuid::from_u128(2)));
    let start = Timestamp(1_000);
    let held = Appointment {
        id: AppointmentId::from_uuid(Uuid::from_u128(1)),
        contact: anna.clone(),
        service: None,
        title: "cut".into(),
        staff: None,
        starts_at: start,
        ends_at: Timestamp(2_000),
        blocked_from: start,
        blocked_to: Timestamp(2_000),
        status: AppointmentStatus::Confirmed,
        notes: String::new(),
        location: None,
        reason: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    };
    let wish = Wish { service: None, staff: None, start };
    assert!(is_duplicate(&held, &anna, wish));
    assert!(!is_duplicate(&held, &bert, wish));
    assert!(!is_duplicate(&held, &anna, Wish { start: Timestamp(1_001), ..wish }));
    assert!(!is_duplicate(&Appointment { status: AppointmentStatus::Cancelled, ..held.clone() }, &anna, wish));
    // What is wished for counts, too: another service, or another person by name, is another appointment.
    let (cut, laura, rosa) = (service(), staff(1), staff(2));
    let with = Appointment { service: Some(cut.id.clone()), staff: Some(laura.id.clone()), ..held };
    for (service, staff, again) in
        [(Some(&cut), None, true), (Some(&cut), Some(&laura), true), (Some(&cut), Some(&rosa), false), (None, None, false)]
    {
        assert_eq!(is_duplicate(&with, &anna, Wish { service, staff, start }), again, "{:?}", staff.map(|s| &s.name));
    }
}
