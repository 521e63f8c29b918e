//! One node reads a mailbox at a time, and nothing in it twice.

use frontdesk_kernel::{ports::mailbox::Place, scope::Server};
use frontdesk_store::mailbox::{self, Turn};

use crate::harness::*;

db_test!(a_mailbox_is_read_by_one_node_and_each_mail_of_it_once, |db| async {
    let take = async |now, until| change!(db, &Server, tx => mailbox::take(tx, &Server, "desk", at(now), at(until)));
    assert_eq!(take(0, 10).await, Some(Turn { place: None }));
    assert_eq!(take(9, 20).await, None, "another node has it");
    let place = |validity, last| Place { validity, last };
    let advance = async |from, to| change!(db, &Server, tx => mailbox::advance(tx, &Server, "desk", from, to));
    let steps = [
        (None, (7, 3), true),
        (None, (7, 4), false),
        (Some((7, 3)), (7, 3), false),
        (Some((7, 3)), (7, 2), false),
        (Some((7, 3)), (7, 9), true),
        (Some((7, 9)), (8, 1), true),
        (Some((7, 9)), (7, 12), false),
        (Some((8, 1)), (8, 1), false),
    ];
    for (from, to, moved) in steps {
        let from = from.map(|(validity, last)| place(validity, last));
        assert_eq!(advance(from, place(to.0, to.1)).await, moved, "{from:?} {to:?}");
    }
    change!(db, &Server, tx => mailbox::give_back(tx, &Server, "desk", at(9)));
    assert_eq!(take(9, 20).await, Some(Turn { place: Some(place(8, 1)) }));
    assert_eq!(take(20, 30).await, Some(Turn { place: Some(place(8, 1)) }), "who died with it gives it back");
    let other = change!(db, &Server, tx => mailbox::take(tx, &Server, "another", at(0), at(1)));
    assert_eq!(other, Some(Turn { place: None }));
});
