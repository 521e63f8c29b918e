//! The built-in calendar.

use frontdesk_kernel::{
    Timestamp,
    booking::{Appointment, AppointmentStatus, Service, Staff},
    ids::ContactId,
    profile::Hours,
};
use frontdesk_store::{Db, calendar, calendar::Listed, work};

use tokio::task::JoinSet;

use crate::harness::*;

const HALF_HOUR: i64 = 1_800_000;

fn items<T>(listed: Vec<Listed<T>>) -> Vec<T> {
    listed.into_iter().map(|l| l.item).collect()
}

async fn book(db: &Db, a: &'static Shop, contact: &ContactId, slot: i64) -> &'static Appointment {
    let appointment = keep(appointment(contact, at(slot * HALF_HOUR)));
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, appointment, None));
    appointment
}

/// Which appointments stand in the way of these half hours.
async fn blocking(db: &Db, a: &'static Shop, from: i64, to: i64) -> Vec<Appointment> {
    look!(db, &a.scope, tx => calendar::blocking(tx, &a.scope, at(from * HALF_HOUR), at(to * HALF_HOUR)))
}

db_test!(services_and_staff_are_shown_in_the_owners_order_while_they_are_active, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    for (name, position) in [("wash", 3), ("cut", 1), ("colour", 2)] {
        let (service, staff) = (keep(service(name)), keep(staff(name)));
        change!(db, &a.scope, tx => calendar::put_service(tx, &a.scope, service, position, at(0)));
        change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, staff, position, at(0)));
    }
    assert_eq!(look!(db, &a.scope, tx => calendar::services(tx, &a.scope)), ["cut", "colour", "wash"].map(service));
    assert_eq!(look!(db, &a.scope, tx => calendar::staff(tx, &a.scope)), ["cut", "colour", "wash"].map(staff));
    assert!(look!(db, &b.scope, tx => calendar::services(tx, &b.scope)).is_empty());

    let changed = keep(Service { price: None, duration_minutes: 90, ..service("wash") });
    change!(db, &a.scope, tx => calendar::put_service(tx, &a.scope, changed, 0, at(0)));
    let hidden = keep(Service { active: false, ..service("cut") });
    change!(db, &a.scope, tx => calendar::put_service(tx, &a.scope, hidden, 1, at(0)));
    assert_eq!(look!(db, &a.scope, tx => calendar::services(tx, &a.scope)), [changed.clone(), service("colour")]);
    assert_eq!(
        items(look!(db, &a.scope, tx => calendar::all_services(tx, &a.scope))),
        [changed.clone(), hidden.clone(), service("colour")]
    );

    let hours: Hours = serde_json::from_str(r#"{"monday":[{"open":"09:00","close":"12:00"}]}"#).unwrap();
    let changed = keep(Staff { hours: Some(hours), services: Vec::new(), ..staff("wash") });
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, changed, 0, at(0)));
    let hidden = keep(Staff { active: false, ..staff("cut") });
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, hidden, 1, at(0)));
    assert_eq!(look!(db, &a.scope, tx => calendar::staff(tx, &a.scope)), [changed.clone(), staff("colour")]);
    assert_eq!(
        items(look!(db, &a.scope, tx => calendar::all_staff(tx, &a.scope))),
        [changed.clone(), hidden.clone(), staff("colour")]
    );
});

db_test!(an_appointment_blocks_its_time_with_buffers_and_touching_is_not_overlapping, |db| async {
    let a = shop(&db, "a").await;
    let mut written = appointment(&id("maria"), at(4 * HALF_HOUR));
    written.blocked_from = at(3 * HALF_HOUR);
    written.blocked_to = at(6 * HALF_HOUR);
    let written = keep(written);
    let turn = keep(id("t1"));
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, written, Some(turn)));
    for (from, to, blocks) in [(0, 3, false), (0, 4, true), (3, 4, true), (4, 5, true), (5, 9, true), (6, 9, false), (0, 9, true)]
    {
        let expected: &[Appointment] = if blocks { std::slice::from_ref(written) } else { &[] };
        assert_eq!(blocking(&db, a, from, to).await, expected, "{from} to {to}");
    }
});

db_test!(cancelled_and_past_appointments_block_nothing_and_cannot_be_moved, |db| async {
    let a = shop(&db, "a").await;
    let maria: &ContactId = keep(id("maria"));
    for status in [AppointmentStatus::Cancelled, AppointmentStatus::NoShow, AppointmentStatus::Completed] {
        let booked = book(&db, a, maria, 4).await;
        assert!(change!(db, &a.scope, tx => calendar::set_status(tx, &a.scope, &booked.id, status, at(7))));
        assert!(!change!(db, &a.scope, tx => calendar::set_status(tx, &a.scope, &booked.id, status, at(8))), "once");
        assert!(!change!(db, &a.scope, tx => calendar::reschedule(tx, &a.scope, booked)));
        assert!(blocking(&db, a, 0, 9).await.is_empty(), "{status:?}");
        let now = look!(db, &a.scope, tx => calendar::own(tx, &a.scope, maria, &booked.id)).unwrap();
        assert_eq!(now, Appointment { status, updated_at: at(7), ..booked.clone() });
    }
});

db_test!(a_moved_appointment_blocks_its_new_time_only, |db| async {
    let a = shop(&db, "a").await;
    let maria: &ContactId = keep(id("maria"));
    let booked = book(&db, a, maria, 2).await;
    let moved =
        keep(Appointment { id: booked.id.clone(), staff: None, updated_at: at(9), ..appointment(maria, at(6 * HALF_HOUR)) });
    assert!(change!(db, &a.scope, tx => calendar::reschedule(tx, &a.scope, moved)));
    assert!(blocking(&db, a, 2, 3).await.is_empty());
    assert_eq!(blocking(&db, a, 6, 7).await, vec![moved.clone()]);
});

db_test!(a_contact_sees_their_own_appointments_that_are_still_to_come, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    let (maria, jose): (&ContactId, &ContactId) = (keep(id("maria")), keep(id("jose")));
    let (late, soon, of_jose) = (book(&db, a, maria, 5).await, book(&db, a, maria, 2).await, book(&db, a, jose, 3).await);
    let upcoming = |now: Timestamp| {
        let db = db.clone();
        async move { look!(db, &a.scope, tx => calendar::upcoming_of(tx, &a.scope, maria, now)) }
    };
    assert_eq!(upcoming(at(0)).await, [soon.clone(), late.clone()]);
    assert_eq!(upcoming(at(3 * HALF_HOUR - 1)).await, [soon.clone(), late.clone()], "until it has ended");
    assert_eq!(upcoming(at(3 * HALF_HOUR)).await, vec![late.clone()]);
    assert_eq!(look!(db, &a.scope, tx => calendar::own(tx, &a.scope, maria, &soon.id)).as_ref(), Some(soon));
    assert_eq!(look!(db, &a.scope, tx => calendar::own(tx, &a.scope, maria, &of_jose.id)), None, "somebody else's");
    assert_eq!(look!(db, &b.scope, tx => calendar::own(tx, &b.scope, maria, &soon.id)), None, "another tenant's");
    let between = look!(db, &a.scope, tx => calendar::between(tx, &a.scope, at(2 * HALF_HOUR), at(5 * HALF_HOUR)));
    assert_eq!(between, [soon.clone(), of_jose.clone()]);
});

/// Takes the time when nobody has it: check and insert, as a tool does. `whole`: nobody else changes anything of the calendar meanwhile.
async fn book_if_free(db: Db, a: &'static Shop, wanted: Appointment, whole: bool) -> bool {
    db.write(
        &a.scope,
        work!(tx => {
            if whole {
                calendar::lock(tx, &a.scope).await?;
            } else {
                calendar::lock_time(tx, &a.scope, wanted.blocked_from, wanted.blocked_to).await?;
            }
            let free = calendar::blocking(tx, &a.scope, wanted.blocked_from, wanted.blocked_to).await?.is_empty();
            if free {
                calendar::insert(tx, &a.scope, &wanted, None).await?;
            }
            Ok(free)
        }),
    )
    .await
    .unwrap()
}

db_test!(of_many_who_want_the_last_free_place_at_once_one_gets_it, |db| async {
    let a = shop(&db, "a").await;
    // From the second round on all connections are open, and the bookers really meet.
    for slot in 0..6 {
        let bookers = (0..12).map(|n| book_if_free(db.clone(), a, appointment(&id(n), at(slot * HALF_HOUR)), n % 4 == 0));
        let booked = at_once(bookers).await;
        assert_eq!(booked.iter().filter(|booked| **booked).count(), 1, "slot {slot}");
        assert_eq!(blocking(&db, a, slot, slot + 1).await.len(), 1, "slot {slot}");
    }
});

db_test!(about_midnight_one_gets_it_too, |db| async {
    const DAY: i64 = 48 * HALF_HOUR;
    let a = shop(&db, "a").await;
    for round in 1..6 {
        // Each wants another share of two days (UTC); all want the same minutes among them.
        let midnight = (at(0).0.div_euclid(DAY) + round) * DAY;
        let wanted = |n: i64| appointment(&id(n), Timestamp(midnight - HALF_HOUR + n * HALF_HOUR / 12));
        let booked = at_once((0..12).map(|n| book_if_free(db.clone(), a, wanted(n), false))).await;
        assert_eq!(booked.iter().filter(|booked| **booked).count(), 1, "round {round}");
    }
});

/// How many wait for a lock of the calendar.
async fn who_wait(db: &Db) -> i64 {
    count(db, "SELECT COUNT(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").await
}

#[test]
fn those_who_want_other_days_do_not_wait_and_those_who_change_all_of_it_do() {
    let Some(home) = Home::postgres() else { return };
    at_home(Some(home), |db| async move {
        let a = shop(&db, "a").await;
        let day = |n: i64| (at(n * 48 * HALF_HOUR), at(n * 48 * HALF_HOUR + HALF_HOUR));
        let inner = db.clone();
        let (today, tomorrow) = (day(0), day(1));
        let waiting = db
            .write(
                &a.scope,
                work!(tx => {
                    calendar::lock_time(tx, &a.scope, today.0, today.1).await?;
                    calendar::blocking(tx, &a.scope, today.0, today.1).await?;
                    // In the middle of it, on other connections.
                    change!(inner, &a.scope, tx => calendar::share(tx, &a.scope));
                    change!(inner, &a.scope, tx => calendar::lock_time(tx, &a.scope, tomorrow.0, tomorrow.1));
                    let mut waiting = JoinSet::new();
                    for (n, whole) in [(1, false), (2, true)] {
                        waiting.spawn(book_if_free(inner.clone(), a, appointment(&id(n), today.0), whole));
                        while who_wait(&inner).await < n {}
                    }
                    calendar::insert(tx, &a.scope, &appointment(&id(0), today.0), None).await?;
                    Ok(waiting)
                }),
            )
            .await
            .unwrap();
        assert_eq!(waiting.join_all().await, [false, false], "whoever waited sees what was booked meanwhile");
    });
}

db_test!(calendars_of_two_tenants_do_not_wait_for_each_other, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    if db.engine_name() == "sqlite" {
        return; // One writer: everybody waits for everybody, for microseconds.
    }
    let inner = db.clone();
    db.write(
        &a.scope,
        work!(tx => {
            calendar::lock(tx, &a.scope).await?;
            calendar::blocking(tx, &a.scope, at(0), at(1)).await?;
            // In the middle of the first tenant's booking, on another connection.
            change!(inner, &b.scope, tx => calendar::lock(tx, &b.scope));
            Ok(())
        }),
    )
    .await
    .unwrap();
});
