//! Files of contacts on their way in.

use frontdesk_kernel::{contact::Contact, ids::ImportId, scope::Server};
use frontdesk_store::{contacts, imports, imports::Tally};

use crate::harness::*;

db_test!(a_stretch_of_rows_is_taken_in_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (file, id): (_, &ImportId) = (keep(import(&id("i"))), keep(id("i")));
    change!(db, &a.scope, tx => imports::insert(tx, &a.scope, file, b"name"));
    assert_eq!(look!(db, &a.scope, tx => imports::get(tx, &a.scope, id)).as_ref(), Some(file));
    assert_eq!(look!(db, &b.scope, tx => imports::get(tx, &b.scope, id)), None);
    assert_eq!(look!(db, &a.scope, tx => imports::content(tx, &a.scope, id)).as_deref(), Some(&b"name"[..]));
    assert!(!change!(db, &a.scope, tx => imports::advance(tx, &a.scope, id, 0, 2, at(1))), "nobody has started it");
    assert!(!change!(db, &b.scope, tx => imports::start(tx, &b.scope, id, "{}", at(1))), "another tenant's");
    assert!(change!(db, &a.scope, tx => imports::start(tx, &a.scope, id, "{}", at(1))));
    assert!(!change!(db, &a.scope, tx => imports::start(tx, &a.scope, id, "{}", at(1))), "it runs");
    let runners = (0..4).map(|_| {
        let db = db.clone();
        async move { change!(db, &a.scope, tx => imports::advance(tx, &a.scope, id, 0, 2, at(2))) }
    });
    assert_eq!(at_once(runners).await.into_iter().filter(|won| *won).count(), 1);
    let tally = Tally { created: 1, updated: 2, skipped: 3, failed: 4 };
    change!(db, &a.scope, tx => imports::count(tx, &a.scope, id, tally));
    assert_eq!(change!(db, &Server, tx => imports::stalled(tx, &Server, at(2), 9)), []);
    assert_eq!(change!(db, &Server, tx => imports::stalled(tx, &Server, at(3), 9)), [(a.scope.tenant().clone(), id.clone())]);
    assert!(change!(db, &a.scope, tx => imports::finish(tx, &a.scope, id, "done", None, at(4))));
    assert!(!change!(db, &a.scope, tx => imports::finish(tx, &a.scope, id, "failed", Some("x"), at(5))));
    let over = look!(db, &a.scope, tx => imports::get(tx, &a.scope, id)).unwrap();
    assert_eq!((over.created, over.updated, over.skipped, over.failed, over.next_row), (1, 2, 3, 4, 2));
    assert_eq!((over.state.as_str(), over.problem), ("done", None));
    assert_eq!(look!(db, &a.scope, tx => imports::content(tx, &a.scope, id)), None, "the file is not kept");
});

db_test!(imports_and_their_problems_come_in_pages_and_go_with_age, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..3 {
        let file = keep(imports::Import { created_at: at(n), ..import(&id(format!("i{n}"))) });
        change!(db, &a.scope, tx => imports::insert(tx, &a.scope, file, b"x"));
    }
    let page = look!(db, &a.scope, tx => imports::list(tx, &a.scope, None, 2));
    let last = keep((page[1].created_at, page[1].id.clone()));
    let rest = look!(db, &a.scope, tx => imports::list(tx, &a.scope, Some(last), 2));
    let ids: Vec<_> = page.iter().chain(&rest).map(|i| i.id.to_string()).collect();
    assert_eq!(ids, ["imp_i2", "imp_i1", "imp_i0"]);
    let first: &ImportId = keep(id("i0"));
    for line in [2, 3, 9] {
        let problem = keep(row_problem(line));
        change!(db, &a.scope, tx => imports::note_problem(tx, &a.scope, first, problem));
    }
    let page = look!(db, &a.scope, tx => imports::problems(tx, &a.scope, first, 2, 5));
    assert_eq!(page, [row_problem(3), row_problem(9)]);
    assert_eq!(change!(db, &Server, tx => imports::forget_before(tx, &Server, at(1))), 1);
    assert!(look!(db, &a.scope, tx => imports::problems(tx, &a.scope, first, 0, 5)).is_empty());
});

db_test!(who_is_erased_is_gone_from_files_and_their_problems_too, |db| async {
    let a = shop(&db, "a").await;
    let contact = keep(Contact { name: Some("Íñigo Ruiz".into()), ..Contact::stranger(id("inigo"), at(0)) });
    let number = keep(phone("573001234567"));
    change!(db, &a.scope, tx => contacts::insert(tx, &a.scope, contact));
    change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, &contact.id, number, at(0)));
    let (theirs, others) = (keep(import(&id("theirs"))), keep(import(&id("others"))));
    change!(db, &a.scope, tx => imports::insert(tx, &a.scope, theirs, "x,300 123-45.67".as_bytes()));
    change!(db, &a.scope, tx => imports::insert(tx, &a.scope, others, "Ana,1".as_bytes()));
    for (line, cells) in [(1, r#"["INIGO RUIZ","?"]"#), (2, r#"["?","+57 (300) 1234567"]"#), (3, r#"["Ana","12"]"#)] {
        let problem = keep(imports::Problem { cells: cells.into(), ..row_problem(line) });
        change!(db, &a.scope, tx => imports::note_problem(tx, &a.scope, &others.id, problem));
    }
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, &contact.id)));
    let left = look!(db, &a.scope, tx => imports::problems(tx, &a.scope, &others.id, 0, 9));
    assert_eq!(left.iter().map(|p| p.cells.as_str()).collect::<Vec<_>>(), ["[]", "[]", r#"["Ana","12"]"#]);
    assert_eq!(look!(db, &a.scope, tx => imports::content(tx, &a.scope, &theirs.id)), None);
    assert_eq!(look!(db, &a.scope, tx => imports::get(tx, &a.scope, &theirs.id)).unwrap().state, "canceled");
    assert!(look!(db, &a.scope, tx => imports::content(tx, &a.scope, &others.id)).is_some());
});
