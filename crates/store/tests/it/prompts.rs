//! The library of prompts.

use frontdesk_store::{
    prompts::{self, Changed, Prompt},
    work,
};

use crate::harness::*;

async fn named(db: &frontdesk_store::Db, shop: &'static Shop, name: &str) -> Prompt {
    let content = format!("Eres {name}, ñandú.");
    let prompt = keep(Prompt { id: fresh(), name: name.to_owned(), content, ..prompt("any") });
    change!(db, &shop.scope, tx => prompts::insert(tx, &shop.scope, prompt)).unwrap()
}

db_test!(a_prompt_is_found_by_id_number_and_name, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (first, second, other) = (named(&db, a, "Day").await, named(&db, a, "Night").await, named(&db, b, "Day").await);
    assert_eq!((first.number, second.number, other.number), (1, 2, 1));
    let (first, id) = (keep(first), keep(second.id.clone()));
    assert_eq!(look!(db, &a.scope, tx => prompts::get(tx, &a.scope, &first.id)).as_ref(), Some(first));
    assert_eq!(look!(db, &a.scope, tx => prompts::by_number(tx, &a.scope, 2)), Some(second.clone()));
    assert_eq!(look!(db, &a.scope, tx => prompts::by_name(tx, &a.scope, "Day")).as_ref(), Some(first));
    assert_eq!(look!(db, &b.scope, tx => prompts::get(tx, &b.scope, &first.id)), None, "another business does not see it");
    assert_eq!(look!(db, &b.scope, tx => prompts::by_number(tx, &b.scope, 2)), None);

    // A number is not given again when its prompt is gone.
    assert!(change!(db, &a.scope, tx => prompts::delete(tx, &a.scope, id)));
    assert!(!change!(db, &a.scope, tx => prompts::delete(tx, &a.scope, id)));
    assert!(!change!(db, &b.scope, tx => prompts::delete(tx, &b.scope, &first.id)));
    assert_eq!(named(&db, a, "Evening").await.number, 3);
});

db_test!(a_name_is_given_once, |db| async {
    let a = shop(&db, "a").await;
    let (day, night) = (named(&db, a, "Day").await, keep(named(&db, a, "Night").await));
    let again = keep(Prompt { id: fresh(), ..prompt("Day") });
    assert_eq!(change!(db, &a.scope, tx => prompts::insert(tx, &a.scope, again)), None);

    let renamed = keep(Prompt { name: "Day".into(), updated_at: at(5), ..night.clone() });
    assert_eq!(change!(db, &a.scope, tx => prompts::update(tx, &a.scope, renamed, at(0))), Changed::NameTaken);
    let renamed = keep(Prompt { name: "Late".into(), metadata: None, updated_at: at(5), ..night.clone() });
    assert_eq!(change!(db, &a.scope, tx => prompts::update(tx, &a.scope, renamed, at(0))), Changed::Kept);
    assert_eq!(change!(db, &a.scope, tx => prompts::update(tx, &a.scope, renamed, at(0))), Changed::Stale);
    assert_eq!(look!(db, &a.scope, tx => prompts::get(tx, &a.scope, &night.id)).as_ref(), Some(renamed));
    assert_eq!(look!(db, &a.scope, tx => prompts::by_name(tx, &a.scope, "Day")), Some(day));
});

db_test!(of_several_who_want_one_name_one_gets_it_and_the_others_are_told, |db| async {
    let a = shop(&db, "a").await;
    let wishes = (0..6).map(|_| {
        let (db, wish) = (db.clone(), keep(Prompt { id: fresh(), ..prompt("Day") }));
        async move { change!(db, &a.scope, tx => prompts::insert(tx, &a.scope, wish)).is_some() }
    });
    assert_eq!(at_once(wishes).await.into_iter().filter(|got| *got).count(), 1);

    let mut both = Vec::new();
    for name in ["One", "Two", "Three", "Four"] {
        both.push(named(&db, a, name).await);
    }
    let renames = both.into_iter().map(|p| {
        let (db, renamed) = (db.clone(), keep(Prompt { name: "Wanted".into(), updated_at: at(9), ..p }));
        async move { db.write(&a.scope, work!(tx => prompts::update(tx, &a.scope, renamed, at(0)).await)).await }
    });
    let ended = at_once(renames).await;
    assert_eq!(ended.iter().filter(|e| matches!(e, Ok(Changed::Kept))).count(), 1, "{ended:?}");
    assert!(
        ended.iter().all(|e| match e {
            Ok(changed) => *changed != Changed::Stale,
            Err(e) => prompts::is_name_taken(e),
        }),
        "{ended:?}"
    );
});

db_test!(the_library_is_searched_and_read_page_by_page, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    named(&db, b, "Bar").await;
    for name in ["Zoo", "Bar", "100 % sure", "Ana_1"] {
        named(&db, a, name).await;
    }
    let found = |words: Option<&'static str>, after: Option<&'static str>, limit: u32| {
        let db = db.clone();
        async move {
            let found = look!(db, &a.scope, tx => prompts::list(tx, &a.scope, words, after, limit));
            found.into_iter().map(|p| p.name).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(None, None, 9).await, ["100 % sure", "Ana_1", "Bar", "Zoo"]);
    assert_eq!(found(None, Some("Ana_1"), 1).await, ["Bar"]);
    assert_eq!(found(Some("ERES BAR"), None, 9).await, ["Bar"]);
    assert_eq!(found(Some("%"), None, 9).await, ["100 % sure"]);
    assert_eq!(found(Some("_"), None, 9).await, ["Ana_1"]);
    assert_eq!(found(Some("\\"), None, 9).await, Vec::<String>::new());
    let numbered = look!(db, &a.scope, tx => prompts::numbered(tx, &a.scope, 1, 2));
    assert_eq!(numbered.into_iter().map(|p| p.name).collect::<Vec<_>>(), ["Bar", "100 % sure"]);
});
