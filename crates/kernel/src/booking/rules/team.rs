//! What the team may do that customers may not, days off, and branches.

use jiff::civil::DateTime;
use uuid::Uuid;

use super::*;
use crate::{
    booking::{Absence, Busy, TimeRange, free_slots},
    ids::LocationId,
    location::Location,
    profile::{AppointmentRules, Profile},
};

fn profile(max_concurrent: u32) -> Profile {
    let mut profile: Profile = serde_json::from_str(
        r#"{"hours":{"monday":[{"open":"09:00","close":"12:00"},{"open":"13:00","close":"18:00"}]},
            "holidays":[{"date":"2026-12-07","name":"Puente"}]}"#,
    )
    .unwrap();
    profile.appointments =
        AppointmentRules { max_concurrent, min_advance_hours: 24, max_advance_days: 30, ..profile.appointments };
    profile
}

fn person(n: u128, branch: Option<u128>) -> Staff {
    Staff {
        id: StaffId::from_uuid(Uuid::from_u128(n)),
        name: format!("staff {n}"),
        specialties: Vec::new(),
        services: Vec::new(),
        hours: None,
        away: Vec::new(),
        location: branch.map(|n| LocationId::from_uuid(Uuid::from_u128(n))),
        active: true,
    }
}

fn branch(n: u128, zone: Option<&str>) -> Location {
    Location {
        id: LocationId::from_uuid(Uuid::from_u128(n)),
        name: format!("branch {n}"),
        address: String::new(),
        phone: String::new(),
        time_zone: zone.map(str::to_owned),
        active: true,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn at(local: &str) -> Timestamp {
    let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    Timestamp::from_local(local.parse::<DateTime>().unwrap(), &zone).unwrap()
}

/// In Bogotá on Saturday 2026-11-21 at 10:05.
fn calendar<'a>(profile: &'a Profile, staff: &'a [Staff], busy: &'a [Busy], by: By) -> Calendar<'a> {
    let zone = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    Calendar { zone, profile, staff, busy, now: at("2026-11-21T10:05"), location: None, by }
}

fn verdict(result: &Result<Placement, Refusal>) -> String {
    match result {
        Ok(_) => "yes".to_owned(),
        Err(refusal) => format!("{refusal:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn the_team_needs_no_notice_and_outside_hours_only_what_is_possible() {
    let profile = profile(2);
    let team = [person(1, None)];
    let taken =
        [Busy { staff: Some(team[0].id.clone()), location: None, from: at("2026-11-23T10:00"), to: at("2026-11-23T11:00") }];
    for (start, customer, staff, outside) in [
        ("2026-11-23T09:00", "yes", "yes", "yes"),
        ("2026-11-16T09:00", "Past", "yes", "yes"),
        ("2026-11-21T11:00", "TooSoon", "ClosedDay", "yes"),
        ("2027-06-07T09:00", "TooFar", "yes", "yes"),
        ("2026-11-23T20:00", "OutsideHours", "OutsideHours", "yes"),
        ("2026-11-23T12:00", "CrossesBreak", "CrossesBreak", "yes"),
        ("2026-12-07T09:00", "ClosedDay", "ClosedDay", "yes"),
        ("2026-11-23T10:30", "StaffUnavailable", "StaffUnavailable", "StaffUnavailable"),
    ] {
        for (by, expected) in [(By::Customer, customer), (By::Team, staff), (By::TeamOutsideHours, outside)] {
            let wish = Wish { service: None, staff: Some(&team[0]), start: at(start) };
            assert_eq!(verdict(&check(&calendar(&profile, &team, &taken, by), wish)), expected, "{start} {by:?}");
        }
    }
}

#[test]
fn nobody_is_booked_while_they_are_away() {
    let profile = profile(2);
    let mut team = [person(1, None), person(2, None)];
    team[0].away = vec![Absence { from: at("2026-11-23T10:00"), to: at("2026-11-23T11:00"), reason: "dentist".into() }];
    let ask = |who: Option<usize>, start: &str, by: By| {
        let wish = Wish { service: None, staff: who.map(|i| &team[i]), start: at(start) };
        check(&calendar(&profile, &team, &[], by), wish)
    };
    for (start, expected) in [("09:00", "yes"), ("09:30", "StaffUnavailable"), ("10:30", "StaffUnavailable"), ("11:00", "yes")] {
        assert_eq!(verdict(&ask(Some(0), &format!("2026-11-23T{start}"), By::Customer)), expected, "{start}");
    }
    assert_eq!(ask(None, "2026-11-23T10:00", By::Customer).unwrap().staff, Some(team[1].id.clone()), "somebody else");
    assert_eq!(verdict(&ask(Some(0), "2026-11-23T10:00", By::Team)), "StaffUnavailable");
    assert_eq!(verdict(&ask(Some(0), "2026-11-23T10:00", By::TeamOutsideHours)), "yes");

    team[1].away = vec![Absence { from: at("2026-11-23T00:00"), to: at("2026-11-24T00:00"), reason: String::new() }];
    let calendar = calendar(&profile, &team, &[], By::Customer);
    let date = "2026-11-23".parse().unwrap();
    assert_eq!(free_slots(&calendar, None, Some(&team[1]), date, TimeRange::All, 99).unwrap(), []);
    let free = free_slots(&calendar, None, None, date, TimeRange::Morning, 99).unwrap();
    assert_eq!(free, ["2026-11-23T09:00", "2026-11-23T11:00"].map(at));
}

#[test]
fn a_branch_has_its_own_people_places_and_clock() {
    let profile = profile(1);
    let (north, south) = (branch(1, None), branch(2, Some("America/New_York")));
    let team = [person(1, Some(1)), person(2, Some(2))];
    let wish = Wish { service: None, staff: None, start: at("2026-11-23T10:00") };
    let here = |busy, location| calendar(&profile, &team, busy, By::Customer).at(Some(location)).unwrap();
    let taken =
        [Busy { staff: None, location: Some(north.id.clone()), from: at("2026-11-23T10:00"), to: at("2026-11-23T11:00") }];
    assert_eq!(verdict(&check(&here(&taken, &north), wish)), "Full");
    let placed = check(&here(&taken, &south), wish).unwrap();
    assert_eq!((placed.staff, placed.location), (Some(team[1].id.clone()), Some(south.id.clone())));
    let anywhere = check(&calendar(&profile, &team, &taken, By::Customer), Wish { staff: Some(&team[1]), ..wish }).unwrap();
    assert_eq!(anywhere.location, Some(south.id.clone()), "where the person works");
    let elsewhere = Wish { staff: Some(&team[0]), ..wish };
    assert_eq!(verdict(&check(&here(&[], &south), elsewhere)), "StaffUnavailable");
    let nobody = branch(3, None);
    assert_eq!(verdict(&check(&here(&[], &nobody), wish)), "StaffDoesNotGiveService");

    // 09:00 in New York is 09:00 in Bogotá in winter, but not in summer.
    let date = "2026-11-23".parse().unwrap();
    let free = free_slots(&here(&[], &south), None, None, date, TimeRange::Morning, 1).unwrap();
    assert_eq!(free, [at("2026-11-23T09:00")]);
    assert!(calendar(&profile, &team, &[], By::Customer).at(Some(&branch(4, Some("Mars/Olympus")))).is_err());
}
