//! Many at once at the end of the credit: k actions are paid for and k are done, a ceiling holds, a month is paid for once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use frontdesk_engine::tokens::fees;
use frontdesk_kernel::{
    ids::ContactId,
    language::Line,
    ledger::{Day, Price},
};
use frontdesk_store::{
    tokens::{entries, entries::Filter, spent},
    work,
};
use frontdesk_testkit::{desk::Shop, fakes::Reply, story};
use serde_json::json;

use crate::{
    people::{ANA, SECOND, text},
    tokens::{credit, paying, top_up},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// All of them write at the same moment.
async fn crowd(shop: &Shop<'_>, count: usize) -> Vec<String> {
    let people: Vec<_> = (0..count).map(|n| format!("57311{n:07}")).collect();
    futures_util::future::join_all(people.iter().map(|person| shop.say(person, "hola"))).await;
    shop.desk.answer().await;
    // A number sends so many messages in a second and no more.
    shop.desk.pass(SECOND * 6, SECOND).await;
    people
}

/// Of today: what was spent and is held.
async fn today(shop: &Shop<'_>) -> frontdesk_kernel::ledger::Spent {
    let s = shop.scope.clone();
    let day = Day::at(shop.desk.now(), &jiff::tz::TimeZone::get("America/Bogota").unwrap());
    shop.desk.engine.db.read(&shop.scope, work!(tx => spent::so_far(tx, &s, &day, None::<&ContactId>, None).await)).await.unwrap()
}

story!(two_hundred_turns_at_once_never_pass_the_ceiling_of_a_day, |desk| async {
    let ceiling = 300;
    let shop = paying(desk, |a| a.ceilings.day = Some(ceiling)).open().await;
    top_up(&shop, 1_000_000).await;
    let people = crowd(&shop, 200).await;
    let answered = people.iter().filter(|p| shop.replies(p) == ["echo: hola"]).count() as i64;
    let told = people.iter().filter(|p| shop.replies(p) == [text(Line::OutOfSteps)]).count() as i64;
    assert_eq!(answered + told, 200, "nobody is left without a word");
    let (spent, calls) = (today(&shop).await.day, desk.openai.asked().len() as i64);
    // What one turn reserves at once is a message of eleven; less than that is left.
    assert!((ceiling - 11..=ceiling).contains(&spent), "{spent}");
    assert_eq!((spent, credit(&shop).await), (calls + 10 * answered, (1_000_000 - spent, 0)));
    let lines = fees_and(&shop, None).await;
    let (mut at_once, mut most) = (0, 0);
    for line in lines.iter().rev().filter(|l| l.kind != "grant") {
        at_once += line.held - line.tokens;
        most = most.max(at_once);
    }
    assert!(most <= ceiling, "at no moment more than {ceiling} were spent and held: {most}");
});

story!(two_hundred_turns_at_once_never_pass_the_ceiling_of_money_by_more_than_one_call, |desk| async {
    let price = Price { input: 10_000_000, cached: 10_000_000, output: 1_000_000 };
    let ceiling = 2_000_000;
    let shop = paying(desk, |a| {
        a.ceilings.money_day = Some(ceiling);
        a.prices = BTreeMap::from([("gpt-4o-mini".into(), price)]);
    })
    .open()
    .await;
    top_up(&shop, 1_000_000).await;
    crowd(&shop, 200).await;
    let mut costs = Vec::new();
    for turn in shop.turns().await {
        for step in shop.journal(&turn.id).await {
            if let frontdesk_kernel::turn::Step::Model { usage, .. } = step {
                costs.push(usage.cost_micros.unwrap());
            }
        }
    }
    let (billed, dearest) = (costs.iter().sum::<i64>(), costs.iter().max().copied().unwrap());
    assert_eq!(today(&shop).await.money_day, billed, "what is counted is what was billed");
    assert!(costs.len() > 1 && billed <= ceiling + dearest, "{billed} of {ceiling}, one call {dearest}");
});

story!(credit_for_k_actions_lets_k_of_many_at_once_be_done, |desk| async {
    let costs = BTreeMap::from([
        ("tool:create_task".to_owned(), 10),
        ("whatsapp_conversation".to_owned(), 0),
        ("internal_model_call".to_owned(), 0),
    ]);
    let shop = paying(desk, |a| a.costs = costs).open().await;
    top_up(&shop, 7 * 10 + 9).await;
    desk.openai.brain(|request| {
        let last = request["messages"].as_array().unwrap().last().unwrap().clone();
        match last["role"].as_str() {
            Some("tool") => Reply::text("vale"),
            _ => {
                Reply::call("create_task", json!({"title": "call back"})).and_call("create_task", json!({"title": "write back"}))
            }
        }
    });
    let people = crowd(&shop, 60).await;
    assert!(people.iter().all(|p| shop.replies(p) == ["vale"]));
    let done = shop.tasks().await.iter().filter(|kind| *kind == "todo").count();
    assert_eq!((done, credit(&shop).await), (7, (9, 0)), "seven are paid for, seven are done");
});

/// The ledger, latest first.
async fn fees_and(shop: &Shop<'_>, kind: Option<&str>) -> Vec<entries::Entry> {
    let (s, filter) = (shop.scope.clone(), Filter { kind: kind.map(str::to_owned), ..Filter::default() });
    let read = shop.desk.engine.db.read(&shop.scope, work!(tx => entries::page(tx, &s, &filter, None, 100_000).await));
    read.await.unwrap()
}

story!(a_month_is_paid_for_once_across_restarts_and_two_nodes, |desk| async {
    let shop = paying(desk, |a| a.costs.insert("monthly_fee".into(), 7).map_or((), drop)).open().await;
    let sol = desk.business("Sol").openai().open().await;
    top_up(&shop, 1000).await;
    let charge = || async { fees::charge(&desk.engine).await.unwrap() };
    charge().await;
    let mut charged = 0;
    // Fourteen months: in some every node looks often, some pass without a server, in some both nodes start at the same moment.
    for looks in [1, 3, 0, 2, 0, 0, 5, 1, 2, 4, 1, 0, 2, 2] {
        desk.advance(DAY * 31);
        for _ in 0..looks {
            // A restart forgets everything but the database.
            desk.engine.directory.invalidate();
            let (one, other) = tokio::join!(charge(), charge());
            charged += one + other;
        }
    }
    let lines = fees_and(&shop, Some("fee")).await;
    let months: BTreeSet<_> = lines.iter().map(|l| l.note.clone().unwrap()).collect();
    assert_eq!((lines.len(), months.len()), (charged, charged), "{months:?}");
    let (first, last) = (months.first().unwrap().as_str(), months.last().unwrap().as_str());
    assert_eq!(frontdesk_kernel::ledger::months(first, last).len(), charged, "none is left out: {months:?}");
    assert_eq!(credit(&shop).await, (1000 - 7 * charged as i64, 0));
    assert!((13..=15).contains(&charged), "{charged}");
    assert_eq!(sol.talk(ANA, "hola").await, "echo: hola");
    assert!(fees_and(&sol, None).await.is_empty(), "who keeps no accounts pays nothing");
});
