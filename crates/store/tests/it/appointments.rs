//! Appointments as people run them.

use frontdesk_kernel::{
    booking::{Absence, Appointment, AppointmentStatus, Staff},
    contact::Contact,
    ids::*,
};
use frontdesk_store::{
    Db,
    appointments::{self, Filter, Needed},
    calendar, contacts, locations,
};

use crate::harness::*;

const HOUR: i64 = 3_600_000;

async fn book(db: &Db, a: &'static Shop, change: impl FnOnce(&mut Appointment)) -> &'static Appointment {
    let mut written = appointment(&id("maria"), at(0));
    change(&mut written);
    let written = keep(written);
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, written, None));
    written
}

async fn found(db: &Db, a: &'static Shop, filter: Filter) -> Vec<AppointmentId> {
    let filter = keep(filter);
    look!(db, &a.scope, tx => appointments::list(tx, &a.scope, filter, None, 50)).into_iter().map(|e| e.appointment.id).collect()
}

fn day() -> Filter {
    Filter { from: at(0), to: at(24 * HOUR), ..Filter::default() }
}

fn starts(a: &mut Appointment, hour: i64, hours: i64) {
    (a.starts_at, a.ends_at) = (at(hour * HOUR), at((hour + hours) * HOUR));
    (a.blocked_from, a.blocked_to) = (a.starts_at, a.ends_at);
}

db_test!(a_range_finds_what_touches_it_page_by_page, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let contact = keep(Contact {
        id: id("maria"),
        name: Some("María".into()),
        facts: Default::default(),
        language: None,
        note: None,
        created_at: at(0),
        updated_at: at(0),
    });
    change!(db, &a.scope, tx => contacts::insert(tx, &a.scope, contact));
    let into = book(&db, a, |x| starts(x, -2, 3)).await;
    let first = book(&db, a, |x| starts(x, 1, 1)).await;
    let second = book(&db, a, |x| starts(x, 1, 2)).await;
    book(&db, a, |x| starts(x, -2, 2)).await;
    book(&db, a, |x| starts(x, 24, 1)).await;
    book(&db, b, |x| starts(x, 1, 1)).await;
    assert_eq!(found(&db, a, day()).await, [into, first, second].map(|x| x.id.clone()));

    let filter: &Filter = keep(day());
    let page = look!(db, &a.scope, tx => appointments::list(tx, &a.scope, filter, None, 2));
    assert_eq!(page[0].contact_name.as_deref(), Some("María"));
    assert!(!page[0].by_bot && !page[0].undoable);
    let last = keep((page[1].appointment.starts_at, page[1].appointment.id.clone()));
    let rest = look!(db, &a.scope, tx => appointments::list(tx, &a.scope, filter, Some(last), 2));
    assert_eq!(rest.into_iter().map(|e| e.appointment.id).collect::<Vec<_>>(), std::slice::from_ref(&second.id));
});

db_test!(each_filter_narrows_and_a_persons_branch_counts_where_the_appointment_names_none, |db| async {
    let a = shop(&db, "a").await;
    let (north, south): (LocationId, LocationId) = (id("north"), id("south"));
    let ana = keep(Staff { location: Some(north.clone()), ..staff("ana") });
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, ana, 0, at(0)));
    let with_ana = book(&db, a, |x| starts(x, 1, 1)).await;
    let elsewhere = book(&db, a, |x| {
        starts(x, 2, 1);
        x.location = Some(south.clone());
        x.staff = None;
        x.service = None;
        x.contact = id("jose");
        x.status = AppointmentStatus::Cancelled;
    })
    .await;
    let nowhere = book(&db, a, |x| {
        starts(x, 3, 1);
        x.staff = None;
    })
    .await;
    let ids = |some: &[&Appointment]| some.iter().map(|x| x.id.clone()).collect::<Vec<_>>();
    for (what, filter, expected) in [
        ("staff", Filter { staff: Some(id("ana")), ..day() }, ids(&[with_ana])),
        ("service", Filter { service: Some(id("cut")), ..day() }, ids(&[with_ana, nowhere])),
        ("contact", Filter { contact: Some(id("jose")), ..day() }, ids(&[elsewhere])),
        ("status", Filter { status: Some(AppointmentStatus::Cancelled), ..day() }, ids(&[elsewhere])),
        ("location", Filter { location: Some(north.clone()), ..day() }, ids(&[with_ana])),
        ("seen", Filter { seen_at: Some(vec![north.clone()]), ..day() }, ids(&[with_ana, nowhere])),
        ("seen", Filter { seen_at: Some(vec![north.clone(), south.clone()]), ..day() }, ids(&[with_ana, elsewhere, nowhere])),
        ("all", Filter { staff: Some(id("ana")), location: Some(south), ..day() }, vec![]),
    ] {
        assert_eq!(found(&db, a, filter).await, expected, "{what}");
    }
});

db_test!(a_change_keeps_what_was_until_the_customer_changes_it_too, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let was = book(&db, a, |x| starts(x, 1, 1)).await;
    let mut is = Appointment {
        notes: "window seat".into(),
        location: Some(id("north")),
        reason: Some("rain".into()),
        updated_at: at(7),
        ..was.clone()
    };
    starts(&mut is, 5, 2);
    let is = keep(is);
    assert!(!change!(db, &b.scope, tx => appointments::change(tx, &b.scope, is, Some(was))), "not theirs");
    assert!(change!(db, &a.scope, tx => appointments::change(tx, &a.scope, is, Some(was))));
    let entry = look!(db, &a.scope, tx => appointments::get(tx, &a.scope, &was.id)).unwrap();
    assert_eq!((entry.appointment, entry.undoable), (is.clone(), true));
    assert_eq!(look!(db, &a.scope, tx => appointments::before(tx, &a.scope, &was.id)).as_ref(), Some(was));
    assert_eq!(look!(db, &b.scope, tx => appointments::before(tx, &b.scope, &was.id)), None);
    assert_eq!(look!(db, &b.scope, tx => appointments::get(tx, &b.scope, &was.id)), None);

    assert!(change!(db, &a.scope, tx => calendar::reschedule(tx, &a.scope, is)));
    assert_eq!(look!(db, &a.scope, tx => appointments::before(tx, &a.scope, &was.id)), None, "the customer moved it");
});

db_test!(what_coming_appointments_need_is_counted, |db| async {
    let a = shop(&db, "a").await;
    for (hour, status) in [
        (1, AppointmentStatus::Confirmed),
        (2, AppointmentStatus::Confirmed),
        (3, AppointmentStatus::Cancelled),
        (-5, AppointmentStatus::Confirmed),
    ] {
        book(&db, a, |x| {
            starts(x, hour, 1);
            x.status = status;
            x.location = Some(id("north"));
        })
        .await;
    }
    let (cut, ana, north): (&ServiceId, &StaffId, &LocationId) = (keep(id("cut")), keep(id("ana")), keep(id("north")));
    let other: &StaffId = keep(id("luz"));
    for (needed, expected) in
        [(Needed::Service(cut), 2), (Needed::Staff(ana), 2), (Needed::Location(north), 2), (Needed::Staff(other), 0)]
    {
        assert_eq!(look!(db, &a.scope, tx => appointments::upcoming(tx, &a.scope, needed, at(0))), expected, "{needed:?}");
    }
});

db_test!(absences_and_branches_of_staff_are_kept_and_the_lists_say_when_they_changed, |db| async {
    let a = shop(&db, "a").await;
    let away = vec![Absence { from: at(1), to: at(2), reason: "dentist".into() }];
    let ana = keep(Staff { away, location: Some(id("north")), ..staff("ana") });
    let before = look!(db, &frontdesk_kernel::scope::Server, tx => frontdesk_store::agents::latest_change(tx, &frontdesk_kernel::scope::Server));
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, ana, 3, at(9)));
    let listed = look!(db, &a.scope, tx => calendar::all_staff(tx, &a.scope));
    assert_eq!((&listed[0].item, listed[0].position, listed[0].updated_at), (ana, 3, at(9)));
    let after = look!(db, &frontdesk_kernel::scope::Server, tx => frontdesk_store::agents::latest_change(tx, &frontdesk_kernel::scope::Server));
    assert_ne!(before, after, "running servers see it");
    let cut = keep(service("cut"));
    change!(db, &a.scope, tx => calendar::put_service(tx, &a.scope, cut, 0, at(9)));
    let b = shop(&db, "b").await;
    assert!(!change!(db, &b.scope, tx => calendar::delete_service(tx, &b.scope, &cut.id)));
    assert!(!change!(db, &b.scope, tx => calendar::delete_staff(tx, &b.scope, &ana.id)));
    assert!(change!(db, &a.scope, tx => calendar::delete_service(tx, &a.scope, &cut.id)));
    assert!(change!(db, &a.scope, tx => calendar::delete_staff(tx, &a.scope, &ana.id)));
    assert!(look!(db, &a.scope, tx => calendar::all_staff(tx, &a.scope)).is_empty());
    assert_eq!(look!(db, &a.scope, tx => locations::all(tx, &a.scope)), []);
});
