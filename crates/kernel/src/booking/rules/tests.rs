//! Stories about availability, and a random one that must never overbook.

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};
use uuid::Uuid;

use super::*;
use crate::{
    booking::{Busy, By, TimeRange, free_slots, next_open_day},
    ids::ServiceId,
    profile::{AppointmentRules, Hours, Profile},
};

/// Monday to Friday 09:00-12:00 and 13:30-18:00, Saturday from 09:30, Friday until midnight; no notice needed.
fn profile() -> Profile {
    serde_json::from_str(
        r#"{"hours":{
            "monday":[{"open":"09:00","close":"12:00"},{"open":"13:30","close":"18:00"}],
            "tuesday":[{"open":"09:00","close":"12:00"},{"open":"13:30","close":"18:00"}],
            "friday":[{"open":"20:00","close":"23:59"}],
            "saturday":[{"open":"09:30","close":"13:00"}]},
            "holidays":[{"date":"2026-12-07","name":"Puente"},{"date":"2026-12-08","hours":[{"open":"10:00","close":"11:00"}]}],
            "appointments":{"min_advance_hours":0,"slot_minutes":30,"max_advance_days":30}}"#,
    )
    .unwrap()
}

fn service(n: u128, minutes: u32, before: u32, after: u32) -> Service {
    Service {
        id: ServiceId::from_uuid(Uuid::from_u128(n)),
        name: format!("service {n}"),
        duration_minutes: minutes,
        buffer_before_minutes: before,
        buffer_after_minutes: after,
        price: None,
        description: String::new(),
        active: true,
    }
}

fn staff(n: u128, services: &[&Service], hours: Option<&str>) -> Staff {
    Staff {
        id: StaffId::from_uuid(Uuid::from_u128(n)),
        name: format!("staff {n}"),
        specialties: Vec::new(),
        services: services.iter().map(|s| s.id.clone()).collect(),
        hours: hours.map(|json| serde_json::from_str::<Hours>(json).unwrap()),
        away: Vec::new(),
        location: None,
        active: true,
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(zone: &TimeZone, local: &str) -> Timestamp {
    Timestamp::from_local(local.parse::<DateTime>().unwrap(), zone).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn busy(zone: &TimeZone, who: Option<&Staff>, from: &str, to: &str) -> Busy {
    Busy { staff: who.map(|s| s.id.clone()), location: None, from: at(zone, from), to: at(zone, to) }
}

/// A calendar in Bogotá at Saturday 2026-11-21 10:05.
fn bogota<'a>(profile: &'a Profile, staff: &'a [Staff], busy: &'a [Busy]) -> Calendar<'a> {
    let zone = zone("America/Bogota");
    open(&zone, profile, staff, busy, at(&zone, "2026-11-21T10:05"))
}

/// As a customer sees it.
fn open<'a>(zone: &TimeZone, profile: &'a Profile, staff: &'a [Staff], busy: &'a [Busy], now: Timestamp) -> Calendar<'a> {
    Calendar { zone: zone.clone(), profile, staff, busy, now, location: None, by: By::Customer }
}

/// `yes`, or the name of the refusal.
fn verdict(result: &Result<Placement, Refusal>) -> String {
    match result {
        Ok(_) => "yes".to_owned(),
        Err(refusal) => format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

fn clock(calendar: &Calendar<'_>, starts: &[Timestamp]) -> Vec<String> {
    starts.iter().map(|t| t.in_zone(&calendar.zone).strftime("%H:%M").to_string()).collect()
}

#[test]
fn an_appointment_lies_within_one_opening() {
    let profile = profile();
    let calendar = bogota(&profile, &[], &[]);
    let hour = service(1, 60, 15, 15);
    for (start, expected) in [
        ("2026-11-23T09:00", "yes"),
        ("2026-11-23T11:00", "yes"),
        ("2026-11-23T11:30", "CrossesBreak"),
        ("2026-11-23T12:30", "CrossesBreak"),
        ("2026-11-23T13:00", "CrossesBreak"),
        ("2026-11-23T13:30", "yes"),
        ("2026-11-23T17:00", "yes"),
        ("2026-11-23T17:01", "OutsideHours"),
        ("2026-11-23T08:30", "OutsideHours"),
        ("2026-11-23T20:00", "OutsideHours"),
        ("2026-11-25T10:00", "ClosedDay"),
        ("2026-12-07T10:00", "ClosedDay"),
        ("2026-12-08T10:00", "yes"),
        ("2026-12-08T10:30", "OutsideHours"),
        ("2026-11-27T23:00", "yes"),
        ("2026-11-27T23:01", "OutsideHours"),
        ("2026-11-21T10:00", "Past"),
        ("2026-11-21T10:05", "yes"),
        ("2026-12-22T10:00", "TooFar"),
    ] {
        let wish = Wish { service: Some(&hour), staff: None, start: at(&calendar.zone, start) };
        assert_eq!(verdict(&check(&calendar, wish)), expected, "{start}");
    }
    let wish = Wish { service: None, staff: None, start: at(&calendar.zone, "2026-12-07T10:00") };
    assert_eq!(check(&calendar, wish), Err(Refusal::ClosedDay { date: day("2026-12-07"), reason: Some("Puente".into()) }));
}

#[test]
fn hours_that_meet_at_midnight_are_one_opening() {
    let mut profile = profile();
    profile.hours =
        serde_json::from_str(r#"{"friday":[{"open":"20:00","close":"23:59"}],"saturday":[{"open":"00:00","close":"02:00"}]}"#)
            .unwrap();
    let calendar = bogota(&profile, &[], &[]);
    let wish = |start| Wish { service: None, staff: None, start: at(&calendar.zone, start) };
    assert_eq!(verdict(&check(&calendar, wish("2026-11-27T23:30"))), "yes");
    assert_eq!(verdict(&check(&calendar, wish("2026-11-28T01:30"))), "OutsideHours");
}

#[test]
fn notice_and_horizon_are_kept() {
    let mut profile = profile();
    profile.appointments = AppointmentRules { min_advance_hours: 48, max_advance_days: 10, ..profile.appointments };
    let calendar = bogota(&profile, &[], &[]);
    let wish = |start| Wish { service: None, staff: None, start: at(&calendar.zone, start) };
    let earliest = at(&calendar.zone, "2026-11-23T10:05");
    assert_eq!(check(&calendar, wish("2026-11-23T10:00")), Err(Refusal::TooSoon { min_advance_hours: 48, earliest }));
    assert_eq!(verdict(&check(&calendar, wish("2026-11-23T10:30"))), "yes");
    assert_eq!(verdict(&check(&calendar, wish("2026-12-01T10:30"))), "TooFar");
    let free = free_slots(&calendar, None, None, day("2026-11-23"), TimeRange::Morning, 9).unwrap();
    assert_eq!(clock(&calendar, &free), ["10:30", "11:00"]);
}

#[test]
fn no_instant_holds_more_than_the_capacity() {
    let mut profile = profile();
    let zone = zone("America/Bogota");
    // Two that follow one another count once; two at the same time count twice.
    let taken = [
        busy(&zone, None, "2026-11-23T09:00", "2026-11-23T09:30"),
        busy(&zone, None, "2026-11-23T09:30", "2026-11-23T10:00"),
        busy(&zone, None, "2026-11-23T14:00", "2026-11-23T15:00"),
        busy(&zone, None, "2026-11-23T14:30", "2026-11-23T15:30"),
    ];
    for (max_concurrent, start, expected) in [
        (1, "2026-11-23T09:00", "Full"),
        (1, "2026-11-23T10:00", "yes"),
        (2, "2026-11-23T09:00", "yes"),
        (2, "2026-11-23T14:00", "Full"),
        (2, "2026-11-23T15:00", "yes"),
        (2, "2026-11-23T13:30", "yes"),
        (2, "2026-11-23T13:31", "Full"),
        (3, "2026-11-23T14:00", "yes"),
        (0, "2026-11-24T09:00", "Full"),
    ] {
        profile.appointments.max_concurrent = max_concurrent;
        let calendar = bogota(&profile, &[], &taken);
        let wish = Wish { service: None, staff: None, start: at(&zone, start) };
        assert_eq!(verdict(&check(&calendar, wish)), expected, "{max_concurrent} at {start}");
    }
}

#[test]
fn buffers_keep_time_free_around_an_appointment_and_may_leave_the_hours() {
    let profile = profile();
    let zone = zone("America/Bogota");
    let taken = [busy(&zone, None, "2026-11-23T10:00", "2026-11-23T11:00")];
    let calendar = bogota(&profile, &[], &taken);
    let buffered = service(1, 30, 30, 30);
    for (start, expected) in [("09:00", "yes"), ("09:30", "Full"), ("11:00", "Full"), ("11:30", "yes")] {
        let start = at(&zone, &format!("2026-11-23T{start}"));
        let result = check(&calendar, Wish { service: Some(&buffered), staff: None, start });
        assert_eq!(verdict(&result), expected, "{start}");
        if let Ok(p) = result {
            let minutes = |a: Timestamp, b: Timestamp| b.since(a).as_secs() / 60;
            assert_eq!([minutes(p.blocked_from, p.starts_at), minutes(p.ends_at, p.blocked_to)], [30, 30]);
        }
    }
}

#[test]
fn staff_work_their_own_hours_give_their_services_and_serve_one_at_a_time() {
    let mut profile = profile();
    profile.appointments.max_concurrent = 3;
    let zone = zone("America/Bogota");
    let (cut, colour) = (service(1, 60, 0, 0), service(2, 60, 0, 0));
    let team = [
        staff(1, &[&cut], Some(r#"{"monday":[{"open":"08:00","close":"11:00"}]}"#)),
        staff(2, &[], None),
        Staff { active: false, ..staff(3, &[], None) },
    ];
    let taken = [busy(&zone, Some(&team[1]), "2026-11-23T09:00", "2026-11-23T10:00")];
    let calendar = bogota(&profile, &team, &taken);
    for (what, who, start, expected) in [
        (&cut, Some(0), "2026-11-23T09:00", "yes"),
        (&cut, Some(0), "2026-11-23T08:00", "OutsideHours"),
        (&cut, Some(0), "2026-11-23T10:30", "StaffUnavailable"),
        (&cut, Some(0), "2026-11-24T09:00", "StaffUnavailable"),
        (&colour, Some(0), "2026-11-23T09:00", "StaffDoesNotGiveService"),
        (&cut, Some(1), "2026-11-23T09:30", "StaffUnavailable"),
        (&cut, Some(1), "2026-11-23T10:00", "yes"),
        (&cut, Some(2), "2026-11-23T10:00", "StaffUnavailable"),
        (&cut, None, "2026-11-23T09:00", "yes"),
        (&colour, None, "2026-11-23T09:00", "Full"),
    ] {
        let wish = Wish { service: Some(what), staff: who.map(|i: usize| &team[i]), start: at(&zone, start) };
        assert_eq!(verdict(&check(&calendar, wish)), expected, "{} {who:?} {start}", what.name);
    }
}

#[test]
fn without_a_preference_the_least_busy_free_person_is_chosen() {
    let mut profile = profile();
    profile.appointments.max_concurrent = 9;
    let zone = zone("America/Bogota");
    let team = [staff(1, &[], None), staff(2, &[], None), staff(3, &[], None)];
    let chosen = |taken: &[Busy]| {
        let calendar = bogota(&profile, &team, taken);
        let wish = Wish { service: None, staff: None, start: at(&zone, "2026-11-23T09:00") };
        check(&calendar, wish).map(|p| p.staff.unwrap())
    };
    let early = |who: usize| busy(&zone, Some(&team[who]), "2026-11-23T09:00", "2026-11-23T10:00");
    let late = |who: usize| busy(&zone, Some(&team[who]), "2026-11-23T16:00", "2026-11-23T17:00");
    assert_eq!(chosen(&[]), Ok(team[0].id.clone()));
    assert_eq!(chosen(&[late(0)]), Ok(team[1].id.clone()));
    assert_eq!(chosen(&[late(0), early(1), late(2)]), Ok(team[0].id.clone()));
    assert_eq!(chosen(&[early(0), early(1), early(2)]), Err(Refusal::Full));
}

#[test]
fn nobody_for_a_service_is_a_refusal_and_so_is_nonsense() {
    let mut profile = profile();
    let (cut, colour) = (service(1, 60, 0, 0), service(2, 60, 0, 0));
    let team = [staff(1, &[&cut], None)];
    let start = at(&zone("America/Bogota"), "2026-11-23T09:00");
    let ask = |profile: &Profile, service: &Service| {
        verdict(&check(&bogota(profile, &team, &[]), Wish { service: Some(service), staff: None, start }))
    };
    assert_eq!(ask(&profile, &colour), "StaffDoesNotGiveService");
    assert_eq!(ask(&profile, &service(1, 0, 0, 0)), "Unreadable");
    assert_eq!(ask(&profile, &Service { active: false, ..cut.clone() }), "NotOffered");
    let ever = check(&bogota(&profile, &team, &[]), Wish { service: None, staff: None, start: Timestamp::NEVER });
    assert_eq!(verdict(&ever), "TooFar");
    profile.appointments.slot_minutes = 0;
    let free = free_slots(&bogota(&profile, &team, &[]), None, None, day("2026-11-23"), TimeRange::All, 9);
    assert_eq!(free, Err(Refusal::Unreadable { what: "slot_minutes" }));
}

#[test]
fn free_times_stand_on_the_grid_of_each_opening() {
    let profile = profile();
    let zone = zone("America/Bogota");
    let taken = [busy(&zone, None, "2026-11-23T10:00", "2026-11-23T10:20")];
    let calendar = bogota(&profile, &[], &taken);
    let (half, hour) = (service(1, 30, 0, 0), service(2, 60, 0, 0));
    for (what, date, range, limit, expected) in [
        (&hour, "2026-11-23", TimeRange::Morning, 9, vec!["09:00", "10:30", "11:00"]),
        (&hour, "2026-11-23", TimeRange::Afternoon, 3, vec!["13:30", "14:00", "14:30"]),
        (&hour, "2026-11-23", TimeRange::Evening, 9, vec!["17:00"]),
        (&half, "2026-11-23", TimeRange::Morning, 9, vec!["09:00", "09:30", "10:30", "11:00", "11:30"]),
        (&hour, "2026-11-28", TimeRange::All, 9, vec!["09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]),
        (&hour, "2026-11-21", TimeRange::All, 9, vec!["10:30", "11:00", "11:30", "12:00"]),
        (&hour, "2026-11-27", TimeRange::All, 9, vec!["20:00", "20:30", "21:00", "21:30", "22:00", "22:30", "23:00"]),
    ] {
        let free = free_slots(&calendar, Some(what), None, day(date), range, limit).unwrap();
        assert_eq!(clock(&calendar, &free), expected, "{} {date} {range:?}", what.name);
    }
    for (date, expected) in [("2026-11-20", "Past"), ("2026-11-25", "ClosedDay"), ("2026-12-25", "TooFar")] {
        let refusal = free_slots(&calendar, None, None, day(date), TimeRange::All, 9).unwrap_err();
        assert!(format!("{refusal:?}").starts_with(expected), "{date}: {refusal:?}");
    }
}

#[test]
fn days_on_which_the_clock_changes_offer_each_real_time_once() {
    let mut profile = profile();
    profile.hours = serde_json::from_str(r#"{"sunday":[{"open":"01:00","close":"04:00"}]}"#).unwrap();
    let half = service(1, 30, 0, 0);
    for (name, date, expected) in [
        ("Europe/Paris", "2026-03-29", vec!["01:00", "01:30", "03:00", "03:30"]),
        ("Europe/Paris", "2026-10-25", vec!["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
        ("America/New_York", "2026-03-08", vec!["01:00", "01:30", "03:00", "03:30"]),
        ("America/New_York", "2026-11-01", vec!["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ] {
        let zone = zone(name);
        let now = at(&zone, &format!("{date}T00:30"));
        let calendar = open(&zone, &profile, &[], &[], now);
        let free = free_slots(&calendar, Some(&half), None, day(date), TimeRange::All, 99).unwrap();
        assert_eq!(clock(&calendar, &free), expected, "{name} {date}");
        assert!(free.windows(2).all(|pair| pair[0] < pair[1]), "{name} {date}");
    }
}

#[test]
fn the_next_open_day_skips_closed_days_holidays_and_ends_at_the_horizon() {
    let profile = profile();
    let calendar = bogota(&profile, &[], &[]);
    for (from, expected) in [
        ("2026-11-01", Some("2026-11-21")),
        ("2026-11-22", Some("2026-11-23")),
        ("2026-11-25", Some("2026-11-27")),
        ("2026-12-06", Some("2026-12-08")),
        ("2026-12-22", None),
    ] {
        assert_eq!(next_open_day(&calendar, day(from)), expected.map(day), "{from}");
    }
}

/// A small linear congruential generator: the same story in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[test]
fn booking_every_free_time_never_exceeds_the_capacity_nor_doubles_a_person() {
    let mut dice = Dice(7);
    let mut booked = 0;
    for round in 0..25 {
        let zone = zone(["America/Bogota", "Europe/Paris", "America/New_York"][dice.below(3) as usize]);
        let date = day(["2026-11-23", "2026-03-29", "2026-10-25", "2026-11-01", "2026-03-08"][dice.below(5) as usize]);
        let mut profile = profile();
        let noon = 8 + dice.below(5);
        profile.hours = serde_json::from_str(&format!(
            r#"{{"sunday":[{{"open":"00:30","close":"04:10"}},{{"open":"{noon:02}:15","close":"23:59"}}],
                 "monday":[{{"open":"07:45","close":"{noon:02}:50"}},{{"open":"14:00","close":"21:20"}}]}}"#
        ))
        .unwrap();
        profile.appointments.max_concurrent = 1 + dice.below(3) as u32;
        profile.appointments.slot_minutes = [10, 25, 30, 45][dice.below(4) as usize];
        let team: Vec<Staff> = (0..dice.below(4)).map(|n| staff(n.into(), &[], None)).collect();
        let services: Vec<Service> =
            (0..3).map(|n| service(n, 15 + dice.below(80) as u32, dice.below(20) as u32, dice.below(20) as u32)).collect();
        let now = at(&zone, &format!("{date}T00:00"));
        let mut taken: Vec<Busy> = Vec::new();
        for attempt in 0..60 {
            let wanted = &services[dice.below(3) as usize];
            let calendar = open(&zone, &profile, &team, &taken, now);
            let free = free_slots(&calendar, Some(wanted), None, date, TimeRange::All, usize::MAX).unwrap();
            let Some(start) = free.get(dice.below(free.len().max(1) as u64) as usize) else { continue };
            let p = check(&calendar, Wish { service: Some(wanted), staff: None, start: *start })
                .unwrap_or_else(|refusal| panic!("round {round}, attempt {attempt}: offered and refused: {refusal:?}"));
            assert_eq!(p.staff.is_some(), !team.is_empty());
            taken.push(Busy { staff: p.staff, location: p.location, from: p.blocked_from, to: p.blocked_to });
            booked += 1;
        }
        for b in &taken {
            let at_once = taken.iter().filter(|o| o.from <= b.from && b.from < o.to).count();
            assert!(at_once <= profile.appointments.max_concurrent as usize, "round {round}: {at_once} at once");
            let same_person = |o: &&Busy| o.staff.is_some() && o.staff == b.staff && o.overlaps(b.from, b.to);
            assert!(taken.iter().filter(same_person).count() <= 1, "round {round}: one person twice");
        }
    }
    assert!(booked > 200, "only {booked}: the story is too short to prove anything");
}
