//! Hints from node to node.

use frontdesk_kernel::{ids::NodeId, scope::Server};
use frontdesk_store::{relay, relay::Batch};

use crate::harness::*;

db_test!(a_node_hears_the_others_not_itself, |db| async {
    let (a, b): (&NodeId, &NodeId) = (keep(id("a")), keep(id("b")));
    let batch = |node: &NodeId, n| keep(Batch { node: node.clone(), n, hints: format!("[{n}]") });
    let (first, second, own) = (batch(a, 1), batch(a, 2), batch(b, 1));
    for batch in [first, second, own] {
        change!(db, &Server, tx => relay::tell(tx, &Server, batch, at(0)));
    }
    let mut heard = look!(db, &Server, tx => relay::heard(tx, &Server, b, 10, at(1000)));
    heard.sort_by_key(|batch| batch.n);
    assert_eq!(heard, [first.clone(), second.clone()]);
    assert_eq!(look!(db, &Server, tx => relay::heard(tx, &Server, a, 10, at(1000))), std::slice::from_ref(own));
});
