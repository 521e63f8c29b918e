//! What comes at the same time is asked about together, and kept as if one had come after another.

use frontdesk_kernel::{contact::AddressKind, ports::channel::Address};
use frontdesk_store::{
    Db, contacts, inbound,
    inbound::{Arrival, Moved, Received},
    messages, work,
};

use super::turn_follows;
use crate::harness::*;

db_test!(messages_that_are_asked_about_together_are_kept_as_if_one_came_after_another, |db| async {
    let a = shop(&db, "a").await;
    let known = a.hears(&db, "57300", at(0)).await;
    // Two numbers of one person.
    let (person, number) = (keep(a.contact_in(&db, known).await), keep(phone("57301")));
    assert!(change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, person, number, at(0))));
    let from = ["57300", "57302", "57301", "57300", "57302", "57303", "57300"];
    let arrivals =
        keep(from.iter().enumerate().map(|(n, from)| a.text(from, n, &format!("message {n}"), at(1000))).collect::<Vec<_>>());
    let again = keep(a.text("57303", 5, "message 5", at(1000)));
    let told = keep(
        db.write(
            &a.scope,
            work!(tx => {
                let mut asked = Vec::new();
                for arrival in arrivals.iter().chain([again]) {
                    asked.push((arrival, inbound::ask(tx, &a.scope, arrival).await?));
                }
                let (mut moved, mut told) = (Moved::default(), Vec::new());
                for (arrival, asked) in asked {
                    told.push(inbound::receive_asked(tx, &a.scope, arrival, asked, &mut moved).await?);
                }
                Ok(told)
            }),
        )
        .await
        .unwrap(),
    );
    assert_eq!(told.last(), Some(&Received::Duplicate));
    let threads: Vec<_> = told
        .iter()
        .filter_map(|told| if let Received::New { conversation, silent: None, .. } = told { Some(conversation) } else { None })
        .collect();
    assert_eq!(threads.len(), 7, "{told:?}");
    for (n, same_as) in [(0, 0), (1, 1), (2, 0), (3, 0), (4, 1), (5, 5), (6, 0)] {
        assert_eq!(threads[n], threads[same_as], "message {n}");
    }
    assert_eq!(threads[0], known);
    for (thread, messages) in [(threads[0], 5), (threads[1], 2), (threads[5], 1)] {
        let lane = look!(db, &a.scope, tx => messages::of_lane(tx, &a.scope, thread, 1, 10));
        assert_eq!(lane.len(), messages, "each has a place of its own");
        let used = format!("SELECT budget_used AS n FROM conversation WHERE id = '{thread}'");
        assert_eq!(count(&db, &used).await, messages as i64, "each was counted");
    }
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 3);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM conversation").await, 3);
});

db_test!(a_stranger_who_writes_twice_at_once_is_one_contact_whatever_the_vendor_calls_them, |db| async {
    let a = shop(&db, "a").await;
    let bsuid = |value: &str| Address { kind: AddressKind::Bsuid, value: value.into() };
    let from =
        [vec![phone("57300")], vec![bsuid("US.1"), phone("57300")], vec![bsuid("US.2"), phone("57300")], vec![bsuid("US.1")]];
    let arrivals = keep(
        from.into_iter()
            .enumerate()
            .map(|(n, addresses)| {
                let mut arrival = a.text("", n, "hola", at(0));
                (arrival.inbound.addresses, arrival.rules.per_hour) = (addresses, 3);
                arrival
            })
            .collect::<Vec<_>>(),
    );
    let told = db
        .write(
            &a.scope,
            work!(tx => {
                let (mut asked, mut moved, mut told) = (Vec::new(), Moved::default(), Vec::new());
                for arrival in arrivals {
                    asked.push(inbound::ask(tx, &a.scope, arrival).await?);
                }
                for (arrival, asked) in arrivals.iter().zip(asked) {
                    told.push(inbound::receive_asked(tx, &a.scope, arrival, asked, &mut moved).await?);
                }
                Ok(told)
            }),
        )
        .await
        .unwrap();
    assert!(told[..3].iter().all(turn_follows), "{told:?}");
    assert!(matches!(told[3], Received::Muted { .. }), "the fourth of an hour: {told:?}");
    for (table, rows) in [("contact", 1), ("conversation", 1), ("contact_address", 3), ("message", 4), ("task", 1)] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, rows, "{table}");
    }
});

db_test!(what_was_asked_is_asked_again_only_where_it_may_have_changed, |db| async {
    let a = shop(&db, "a").await;
    for known in ["57300", "57301"] {
        a.hears(&db, known, at(0)).await;
    }
    // The thread is looked for again; where there are several writers, its lane is locked for it too.
    let thread = if db.engine_name() == "sqlite" { 1 } else { 2 };
    let alone = keep([a.text("57300", "alone", "hola", at(1000))]);
    let known = a.cost_of(&db, alone).await[0];
    let stranger = keep([a.text("57302", "stranger", "hola", at(1000))]);
    let opened = a.cost_of(&db, stranger).await[0];
    for (n, (from, costs)) in [
        (vec!["57300", "57301"], vec![known, known]),
        (vec!["57300", "57300"], vec![known, known + thread]),
        (vec!["57303", "57300"], vec![opened, known]),
        // Who was a stranger when it was asked is looked for once more, and their thread is opened once more, which changes nothing.
        (vec!["57304", "57304"], vec![opened, known + 2 + thread]),
    ]
    .into_iter()
    .enumerate()
    {
        let together = from.iter().enumerate().map(|(of, from)| a.text(from, format!("{n}-{of}"), "hola", at(2000)));
        let together = keep(together.collect::<Vec<_>>());
        assert_eq!(a.cost_of(&db, together).await, costs, "{from:?}");
    }
});

impl Shop {
    /// Statements for each of those that come together.
    async fn cost_of(&'static self, db: &Db, arrivals: &'static [Arrival]) -> Vec<u64> {
        db.write(
            &self.scope,
            work!(tx => {
                let (mut asked, mut moved, mut costs) = (Vec::new(), Moved::default(), Vec::new());
                for arrival in arrivals {
                    let before = tx.statements();
                    asked.push(inbound::ask(tx, &self.scope, arrival).await?);
                    costs.push(tx.statements() - before);
                }
                for ((arrival, asked), cost) in arrivals.iter().zip(asked).zip(&mut costs) {
                    let before = tx.statements();
                    inbound::receive_asked(tx, &self.scope, arrival, asked, &mut moved).await?;
                    *cost += tx.statements() - before;
                }
                Ok(costs)
            }),
        )
        .await
        .unwrap()
    }
}
