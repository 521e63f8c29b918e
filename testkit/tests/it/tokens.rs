//! Business credit: what is done is paid for, once; what cannot be paid for is not done, and nobody is left without a word.

mod races;

use std::{collections::BTreeMap, time::Duration};

use frontdesk_engine::tokens::fees;
use frontdesk_kernel::{
    agent::ModelChoice,
    ids::ContactId,
    language::Line,
    ledger::{Accounting, Day, Price},
    turn::{GiveUp, Step},
};
use frontdesk_store::{
    tokens::{
        account::{self, Credit},
        entries, spent,
    },
    work,
};
use frontdesk_testkit::{
    desk::{Business, Shop, TestDesk},
    fakes::{GraphFault, ModelFault},
    story,
};
use serde_json::json;

use crate::people::{ANA, LUZ, SECOND, text};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A business that keeps accounts.
pub(crate) fn paying<'d>(desk: &'d TestDesk, change: impl FnOnce(&mut Accounting)) -> Business<'d> {
    let mut accounting = Accounting { enabled: true, ..Accounting::default() };
    change(&mut accounting);
    desk.business("Luna").openai().tenant(|t| *t.settings.tokens = accounting)
}

pub(crate) async fn top_up(shop: &Shop<'_>, tokens: i64) {
    let credit = Credit { once: format!("grant/{}", shop.desk.number()), tokens, note: None, by: String::new() };
    let (s, now) = (shop.scope.clone(), shop.desk.now());
    let day = Day { day: "2026-01-01".into(), month: "2026-01".into() };
    let done = shop.desk.engine.db.write(&shop.scope, work!(tx => account::credit(tx, &s, &credit, &day, now).await)).await;
    assert!(done.unwrap().is_some());
}

/// `(balance, reserved)`; the ledger's sums are the same at every time.
pub(crate) async fn credit(shop: &Shop<'_>) -> (i64, i64) {
    let s = shop.scope.clone();
    let read = shop.desk.engine.db.read(
        &shop.scope,
        work!(tx => {
            let account = account::get(tx, &s).await?;
            Ok((account.map_or((0, 0), |a| (a.balance, a.reserved)), entries::sums(tx, &s).await?))
        }),
    );
    let (account, sums) = read.await.unwrap();
    assert_eq!(account, sums, "the books are wrong");
    account
}

async fn change(shop: &Shop<'_>, change: impl FnOnce(&mut Accounting)) {
    shop.desk.advance(SECOND);
    let now = shop.desk.now();
    shop.change_tenant(|t| {
        change(&mut t.settings.tokens);
        t.updated_at = now;
    })
    .await;
}

story!(a_business_that_keeps_no_accounts_pays_nothing, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola");
    fees::charge(&desk.engine).await.unwrap();
    let s = shop.scope.clone();
    let account = desk.engine.db.read(&shop.scope, work!(tx => account::get(tx, &s).await)).await.unwrap();
    assert_eq!(account, None);
    assert!(shop.effects(ANA).await.iter().all(|e| e.hold.is_none()));
});

story!(each_answer_and_each_days_conversation_is_paid_for, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    top_up(&shop, 100).await;
    shop.talk(ANA, "hola").await;
    assert_eq!(credit(&shop).await, (89, 0));
    shop.talk(ANA, "¿y mañana?").await;
    assert_eq!(credit(&shop).await, (88, 0), "the conversation is paid for already");
    shop.talk(LUZ, "hola").await;
    assert_eq!(credit(&shop).await, (77, 0));
    desk.advance(HOUR * 25);
    shop.talk(ANA, "hola otra vez").await;
    assert_eq!(credit(&shop).await, (66, 0));
});

story!(a_businesss_own_costs_are_what_it_pays, |desk| async {
    let own = BTreeMap::from([("whatsapp_conversation".to_owned(), 3), ("internal_model_call".to_owned(), 0)]);
    let shop = paying(desk, |a| a.costs = own).open().await;
    top_up(&shop, 3).await;
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola");
    assert_eq!(credit(&shop).await, (0, 0));
    assert_eq!(shop.talk(ANA, "sigue").await, "echo: sigue", "nothing of it costs anything today");
    assert_eq!(shop.talk(LUZ, "hola").await, text(Line::OutOfSteps));
});

story!(without_tokens_the_contact_is_told_once_and_a_person_takes_over, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    assert_eq!(shop.talk(ANA, "hola").await, text(Line::OutOfSteps));
    assert_eq!(shop.talk(ANA, "¿hola?").await, "", "not twice");
    assert_eq!(desk.openai.asked().len(), 0, "no model was asked");
    let tasks = shop.open_tasks().await;
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks[0].title, "the bot could not answer (there are not enough tokens left: top up): please take over");
    assert_eq!(shop.turns().await[0].outcome.as_deref(), Some("Credit"));
    assert_eq!(credit(&shop).await, (0, 0), "our own line costs nothing");
    top_up(&shop, 11).await;
    assert!(shop.talk(ANA, "¿ahora?").await.ends_with("¿ahora?"));
    assert_eq!(credit(&shop).await, (0, 0));
});

story!(an_answer_that_cannot_be_paid_for_is_not_sent, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    top_up(&shop, 5).await;
    assert_eq!(shop.talk(ANA, "hola").await, text(Line::OutOfSteps));
    assert_eq!(credit(&shop).await, (4, 0), "the model answered, the message was not sent");
    let turns = shop.turns().await;
    assert_eq!((turns[0].state.as_str(), turns[0].outcome.as_deref()), ("handed_off", Some("Credit")));
    let journal = shop.journal(&turns[0].id).await;
    assert!(matches!(journal.last(), Some(Step::Finished { gave_up: Some(GiveUp::Credit), .. })), "{journal:?}");
    assert!(shop.open_tasks().await[0].title.contains("was not sent (there are not enough tokens left: top up)"));
});

story!(what_never_left_and_calls_that_never_came_back_are_not_paid_for, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    top_up(&shop, 100).await;
    desk.graph.faults().push(GraphFault::VendorError(131_026));
    shop.say(ANA, "hola").await;
    desk.answer().await;
    assert_eq!(credit(&shop).await, (99, 0), "the message failed for good");
    desk.openai.faults().always(ModelFault::Status(401));
    assert_eq!(shop.talk(LUZ, "hola").await, text(Line::Trouble));
    assert_eq!(credit(&shop).await, (99, 0), "nobody answered, and our own line costs nothing");
    desk.openai.faults().clear();
});

story!(many_at_once_never_spend_more_than_there_is, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    top_up(&shop, 40).await;
    let people: Vec<_> = (0..12).map(|n| format!("5730044400{n:02}")).collect();
    for person in &people {
        shop.say(person, "hola").await;
    }
    desk.answer().await;
    let answered = people.iter().filter(|p| shop.replies(p) == ["echo: hola"]).count() as i64;
    let told = people.iter().filter(|p| shop.replies(p) == [text(Line::OutOfSteps)]).count();
    assert_eq!(answered as usize + told, people.len(), "nobody is left without a word");
    let calls = desk.openai.asked().len() as i64;
    assert_eq!(credit(&shop).await, (40 - calls - 10 * answered, 0));
    assert!((2..=3).contains(&answered), "{answered}");
});

story!(ceilings_of_a_day_and_of_a_contact_stop_the_bot_until_tomorrow, |desk| async {
    let shop = paying(desk, |a| {
        a.ceilings.contact_day = Some(12);
        a.ceilings.day = Some(23);
    })
    .open()
    .await;
    top_up(&shop, 1000).await;
    assert_eq!(shop.talk(ANA, "uno").await, "echo: uno");
    assert_eq!(shop.talk(ANA, "dos").await, "echo: dos");
    assert_eq!(shop.talk(ANA, "tres").await, text(Line::OutOfSteps), "12 tokens are spent on her");
    assert!(shop.open_tasks().await.iter().any(|t| t.title.contains("for this contact")));
    assert_eq!(shop.talk(LUZ, "uno").await, "echo: uno", "23 are spent in all");
    assert_eq!(shop.talk(LUZ, "dos").await, text(Line::OutOfSteps));
    let titles: Vec<_> = shop.open_tasks().await.into_iter().filter(|t| t.kind == "tokens_alert").map(|t| t.title).collect();
    assert_eq!(titles, ["80 % of today's ceiling of tokens is used", "100 % of today's ceiling of tokens is used"]);
    assert_eq!(credit(&shop).await, (1000 - 23, 0));
    desk.advance(DAY);
    assert_eq!(shop.talk(ANA, "hoy").await, "echo: hoy");
});

story!(near_a_ceiling_whoever_is_cheaper_answers, |desk| async {
    let price = |n| Price { input: n, cached: n, output: n };
    let shop = paying(desk, |a| {
        a.ceilings.day = Some(30);
        a.prices = BTreeMap::from([("gpt-4o".into(), price(9_000_000)), ("gpt-4o-mini".into(), price(100_000))]);
    })
    .models(&["openai/gpt-4o", "openai/gpt-4o-mini"])
    .open()
    .await;
    top_up(&shop, 1000).await;
    let asked = || desk.openai.asked().last().unwrap()["model"].clone();
    shop.talk(ANA, "uno").await;
    shop.talk(LUZ, "uno").await;
    assert_eq!(asked(), "gpt-4o");
    shop.talk(ANA, "dos").await;
    shop.talk(ANA, "tres").await;
    assert_eq!(asked(), "gpt-4o", "24 of 30 are spent after it");
    shop.talk(ANA, "cuatro").await;
    assert_eq!(asked(), "gpt-4o-mini");
    let named = ModelChoice { vendor: "openai".into(), model: "gpt-4.1-nano".into(), base_url: None };
    change(&shop, |a| a.cheaper_model = Some(named)).await;
    shop.talk(ANA, "cinco").await;
    assert_eq!(asked(), "gpt-4.1-nano");
});

story!(a_ceiling_of_money_holds_and_a_model_without_a_price_is_not_asked, |desk| async {
    let shop = paying(desk, |a| a.ceilings.money_day = Some(1_000_000)).open().await;
    top_up(&shop, 1000).await;
    assert_eq!(shop.talk(ANA, "hola").await, text(Line::OutOfSteps), "nobody knows what this model costs");
    assert!(shop.open_tasks().await[0].title.contains("the price of this model is not known"));
    assert_eq!(desk.openai.asked().len(), 0);
    // Each answer is paid for with a dollar and a half; the estimate of the first call fits.
    let price = Price { input: 10_000_000, cached: 10_000_000, output: 1_000_000 };
    change(&shop, |a| a.prices = BTreeMap::from([("gpt-4o-mini".into(), price)])).await;
    assert_eq!(shop.talk(LUZ, "hola").await, "echo: hola");
    let s = shop.scope.clone();
    let today = Day::at(desk.now(), &jiff::tz::TimeZone::get("America/Bogota").unwrap());
    let spent = desk
        .engine
        .db
        .read(&shop.scope, work!(tx => spent::so_far(tx, &s, &today, None::<&ContactId>, None).await))
        .await
        .unwrap();
    let billed: i64 = usage(&shop).await.into_iter().flatten().sum();
    assert!(billed > 0);
    assert_eq!(spent.money_day, billed, "what was held is what it really cost");
    change(&shop, |a| a.ceilings.money_day = Some(billed)).await;
    assert_eq!(shop.talk(LUZ, "¿y?").await, text(Line::OutOfSteps));
    assert!(shop.open_tasks().await.iter().any(|t| t.title.contains("today's ceiling of money")));
});

/// What each model call cost, in the order of the turns.
async fn usage(shop: &Shop<'_>) -> Vec<Option<i64>> {
    let mut found = Vec::new();
    for turn in shop.turns().await {
        for step in shop.journal(&turn.id).await {
            if let Step::Model { usage, .. } = step {
                found.push(usage.cost_micros);
            }
        }
    }
    found
}

story!(a_tool_with_a_cost_is_paid_for_when_it_works_and_refused_when_it_cannot_be, |desk| async {
    let costs = BTreeMap::from([
        ("tool:business_info".to_owned(), 7),
        ("whatsapp_conversation".to_owned(), 0),
        ("internal_model_call".to_owned(), 0),
    ]);
    let shop = paying(desk, |a| a.costs = costs).open().await;
    top_up(&shop, 10).await;
    desk.openai.call("business_info", json!({"topic": "hours"}));
    assert!(shop.talk(ANA, "¿horario?").await.starts_with("done: "));
    assert_eq!(credit(&shop).await, (3, 0));
    desk.openai.call("business_info", json!({"topic": "nonsense"}));
    shop.talk(ANA, "¿horario?").await;
    assert_eq!(credit(&shop).await, (3, 0));
    desk.openai.call("business_info", json!({"topic": "hours"}));
    shop.talk(ANA, "¿horario?").await;
    assert_eq!(credit(&shop).await, (3, 0));
    let turns = shop.turns().await;
    let journal = shop.journal(&turns[2].id).await;
    let refused =
        journal.iter().any(|s| matches!(s, Step::Tools { results } if results[0].data["why"] == "balance" && !results[0].ok));
    assert!(refused, "{journal:?}");
});

story!(the_monthly_fee_is_charged_once_a_month_also_for_months_without_a_server, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    top_up(&shop, 500).await;
    let charge = || async { fees::charge(&desk.engine).await.unwrap() };
    assert_eq!((charge().await, charge().await), (0, 0), "the month in which it begins is free");
    desk.advance(DAY * 31);
    assert_eq!((charge().await, charge().await), (1, 0));
    assert_eq!(credit(&shop).await, (300, 0));
    desk.advance(DAY * 61);
    let nodes = tokio::join!(charge(), charge(), charge());
    assert_eq!(nodes.0 + nodes.1 + nodes.2, 2, "two months passed, three nodes woke up");
    assert_eq!(credit(&shop).await, (-100, 0), "into debt");
    assert!(shop.tasks().await.contains(&"tokens_debt".to_owned()));
    assert_eq!(shop.talk(ANA, "hola").await, text(Line::OutOfSteps));
    change(&shop, |a| a.enabled = false).await;
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola", "nothing is counted any more");
    desk.advance(DAY * 31);
    assert_eq!(charge().await, 0);
});
