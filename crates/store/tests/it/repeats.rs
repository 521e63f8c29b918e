//! Requests that name themselves are carried out once.

use frontdesk_kernel::scope::Server;
use frontdesk_store::repeats::{self, Kept};

use crate::harness::*;

db_test!(the_first_request_takes_the_key_and_its_answer_is_kept, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    assert_eq!(change!(db, &a.scope, tx => repeats::claim(tx, &a.scope, "key_1", "k", "hash", at(0))), None);
    let running = change!(db, &a.scope, tx => repeats::claim(tx, &a.scope, "key_1", "k", "other", at(1))).unwrap();
    assert_eq!((running.request.as_str(), running.answer, running.at), ("hash", None, at(0)));
    for (scope, actor, name) in [(&b.scope, "key_1", "k"), (&a.scope, "key_2", "k"), (&a.scope, "key_1", "l")] {
        assert_eq!(change!(db, scope, tx => repeats::claim(tx, scope, actor, name, "hash", at(0))), None, "{actor} {name}");
    }
    let answer = keep(Kept { status: 201, content_type: "application/json".into(), body: b"{}".to_vec() });
    change!(db, &a.scope, tx => repeats::keep(tx, &a.scope, "key_1", "k", answer));
    change!(db, &a.scope, tx => repeats::release(tx, &a.scope, "key_1", "k"));
    let known = change!(db, &a.scope, tx => repeats::claim(tx, &a.scope, "key_1", "k", "hash", at(2))).unwrap();
    assert_eq!(known.answer.as_ref(), Some(answer), "an answered key is not released");

    change!(db, &a.scope, tx => repeats::release(tx, &a.scope, "key_1", "l"));
    assert_eq!(change!(db, &a.scope, tx => repeats::claim(tx, &a.scope, "key_1", "l", "hash", at(9))), None);
    assert_eq!(change!(db, &Server, tx => repeats::forget(tx, &Server, at(9))), 3);
});
