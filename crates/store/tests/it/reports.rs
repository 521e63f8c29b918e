//! Reports are kept as they were made and listed for those who may see them.

use frontdesk_kernel::{Timestamp, ids::*};
use frontdesk_store::{reports, reports::Report};

use crate::harness::*;

pub(crate) fn report(name: &str, now: Timestamp, covers: &[&str]) -> Report {
    Report {
        id: id(name),
        analysis: "messages".into(),
        title: "Messages – ñandú".into(),
        need: "stats:read".into(),
        covers: covers.iter().map(id).collect(),
        sheet: "{\"series\":[]}".into(),
        made_by: "usr_ana".into(),
        turn: Some(id("1")),
        created_at: now,
    }
}

db_test!(a_report_is_kept_once_under_its_id_and_is_the_businesss_own, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (first, again) = (keep(report("1", at(0), &[])), keep(Report { title: "another".into(), ..report("1", at(5), &[]) }));
    assert!(change!(db, &a.scope, tx => reports::insert(tx, &a.scope, first)));
    assert!(!change!(db, &a.scope, tx => reports::insert(tx, &a.scope, again)));
    assert_eq!(look!(db, &a.scope, tx => reports::get(tx, &a.scope, &first.id)).as_ref(), Some(first));
    assert_eq!(look!(db, &b.scope, tx => reports::get(tx, &b.scope, &first.id)), None);
    assert!(!change!(db, &b.scope, tx => reports::delete(tx, &b.scope, &first.id)));
    assert!(change!(db, &a.scope, tx => reports::delete(tx, &a.scope, &first.id)));
    assert!(!change!(db, &a.scope, tx => reports::delete(tx, &a.scope, &first.id)));
});

db_test!(a_list_comes_in_pages_newest_first_without_what_may_not_be_seen, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for n in 0..7i64 {
        let covers: &[&str] = [&[][..], &["north"], &["north", "south"]][n as usize % 3];
        let kept = keep(report(&n.to_string(), at(n / 2), covers));
        change!(db, &a.scope, tx => reports::insert(tx, &a.scope, kept));
    }
    let page =
        async |locations: Option<&'static [LocationId]>, after: Option<(Timestamp, ReportId)>, limit: u32| -> Vec<Report> {
            look!(db, &a.scope, tx => reports::list(tx, &a.scope, move |r| r.is_within(locations), after, limit))
        };
    let names = |page: &[Report]| page.iter().map(|r| r.id.as_str()[4..].to_owned()).collect::<String>();
    let first = page(None, None, 3).await;
    let last = first.last().map(|r| (r.created_at, r.id.clone()));
    assert_eq!((names(&first), names(&page(None, last, 9).await)), ("654".into(), "3210".into()));
    let (north, south, both): (&[LocationId], &[LocationId], &[LocationId]) =
        (keep([id("north")]), keep([id("south")]), keep([id("north"), id("south")]));
    // What is about everything is for those who see everything.
    assert_eq!(names(&page(Some(north), None, 1).await), "4");
    assert_eq!(names(&page(Some(north), None, 9).await), "41");
    assert_eq!(names(&page(Some(south), None, 9).await), "");
    assert_eq!(names(&page(Some(both), None, 9).await), "5421");
    assert!(look!(db, &b.scope, tx => reports::list(tx, &b.scope, |_| true, None, 9)).is_empty());
});
