//! Business credit: nobody spends what is not there, nothing is entered twice, and the ledger's sums are the account.

use frontdesk_kernel::{
    Timestamp,
    ids::*,
    ledger::{Blocked, Ceilings, Day},
    scope::Server,
};
use frontdesk_store::{
    Db, contacts, merges,
    tokens::{
        account::{self, Account, Credit},
        alerts, entries,
        entries::Filter,
        holds::{self, Ask, Reserved},
        spent,
    },
    work,
};

use crate::harness::*;

pub(crate) fn day(text: &str) -> &'static Day {
    keep(Day { day: text.to_owned(), month: text[..7].to_owned() })
}

pub(crate) fn ask(name: &str, tokens: i64) -> Ask {
    Ask {
        name: name.to_owned(),
        action: "sms".into(),
        tokens,
        micros: 0,
        window_ends: None,
        contact: None,
        campaign: None,
        channel: None,
        conversation: None,
        turn: None,
    }
}

const NO_CEILINGS: &Ceilings = &Ceilings { day: None, contact_day: None, campaign: None, month: None, money_day: None };

pub(crate) async fn reserve(db: &Db, shop: &'static Shop, ask: Ask, ceilings: &Ceilings, ms: i64) -> Reserved {
    let ceilings = *ceilings;
    db.write(&shop.scope, work!(tx => holds::reserve(tx, &shop.scope, &ask, &ceilings, day("2026-11-25"), at(ms)).await))
        .await
        .unwrap()
}

async fn try_reserve(db: &Db, shop: &'static Shop, name: &str, tokens: i64) -> bool {
    matches!(reserve(db, shop, ask(name, tokens), NO_CEILINGS, 0).await, Reserved::Yes { .. })
}

pub(crate) async fn top_up(db: &Db, shop: &'static Shop, once: &str, tokens: i64) -> Option<Account> {
    let credit = keep(Credit { once: once.to_owned(), tokens, note: Some("cash".into()), by: "usr_ana".into() });
    change!(db, &shop.scope, tx => account::credit(tx, &shop.scope, credit, day("2026-11-25"), at(0)))
}

/// `(balance, reserved)`, which are the ledger's sums at every time.
pub(crate) async fn account(db: &Db, shop: &'static Shop) -> (i64, i64) {
    let found = look!(db, &shop.scope, tx => account::get(tx, &shop.scope)).unwrap();
    let sums = look!(db, &shop.scope, tx => entries::sums(tx, &shop.scope));
    assert_eq!((found.balance, found.reserved), sums, "the books are wrong");
    let tenant = shop.scope.tenant();
    let held = format!("SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) AS n FROM token_hold WHERE tenant = '{tenant}'");
    assert_eq!(count(db, &held).await, found.reserved, "what is held is not what is reserved");
    let entries = format!("SELECT COUNT(*) AS n FROM token_entry WHERE tenant = '{tenant}'");
    assert_eq!(count(db, &entries).await, found.last, "an entry is missing");
    sums
}

/// At least one row in each table of the accounts.
pub(crate) async fn spend(db: &Db, shop: &'static Shop, conversation: &'static ConversationId) {
    top_up(db, shop, "grant/first", 100).await.unwrap();
    let contact = shop.contact_in(db, conversation).await;
    for name in ["send/1", "send/2"] {
        let ask = Ask { conversation: Some(conversation.clone()), contact: Some(contact.clone()), ..ask(name, 45) };
        let ask = Ask { window_ends: Some(at(86_400_000)), action: name.replace('/', "_"), ..ask };
        assert!(matches!(reserve(db, shop, ask, NO_CEILINGS, 0).await, Reserved::Yes { .. }));
    }
    assert!(change!(db, &shop.scope, tx => holds::commit(tx, &shop.scope, "send/1", None, at(1))));
}

db_test!(a_balance_for_k_lets_exactly_k_of_many_at_once_through, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for shop in [a, b] {
        top_up(&db, shop, "grant/1", 7 * 10 + 9).await;
    }
    let everybody = (0..40).flat_map(|n| [(a, n), (b, n)]).map(|(shop, n)| {
        let db = db.clone();
        async move {
            let name = format!("send/{n}");
            match reserve(&db, shop, ask(&name, 10), NO_CEILINGS, n).await {
                Reserved::Yes { hold, .. } => {
                    let hold = keep(hold);
                    assert!(change!(db, &shop.scope, tx => holds::commit(tx, &shop.scope, hold, None, at(n))));
                    u64::from(std::ptr::eq(shop, a))
                }
                Reserved::No(why) => {
                    assert_eq!(why, Blocked::Balance);
                    100
                }
            }
        }
    });
    let told = at_once(everybody.collect::<Vec<_>>()).await;
    let (of_a, of_b) = (told.iter().filter(|n| **n == 1).count(), told.iter().filter(|n| **n == 0).count());
    assert_eq!((of_a, of_b), (7, 7));
    assert_eq!((account(&db, a).await, account(&db, b).await), ((9, 0), (9, 0)));
});

db_test!(two_hundred_at_once_never_pass_a_ceiling, |db| async {
    let a = shop(&db, "a").await;
    top_up(&db, a, "grant/1", 1_000_000).await;
    let ceilings = Ceilings { day: Some(100), ..Ceilings::default() };
    let everybody = (0..200).map(|n| {
        let db = db.clone();
        async move { matches!(reserve(&db, a, ask(&format!("send/{n}"), 3), &ceilings, n).await, Reserved::Yes { .. }) }
    });
    let through = at_once(everybody.collect::<Vec<_>>()).await.into_iter().filter(|through| *through).count();
    assert_eq!(through, 33);
    assert_eq!(account(&db, a).await, (1_000_000, 99));
});

db_test!(the_same_thing_is_entered_once, |db| async {
    let a = shop(&db, "a").await;
    assert!(top_up(&db, a, "grant/1", 100).await.is_some());
    assert!(top_up(&db, a, "grant/1", 100).await.is_none(), "the same top-up");
    for _ in 0..3 {
        assert!(try_reserve(&db, a, "send/1", 60).await);
    }
    assert_eq!(account(&db, a).await, (100, 60));
    assert!(!try_reserve(&db, a, "send/2", 60).await, "not enough is free");
    let commit = || async { change!(db, &a.scope, tx => holds::commit(tx, &a.scope, "send/1", None, at(1))) };
    assert!(commit().await && !commit().await);
    assert!(!change!(db, &a.scope, tx => holds::release(tx, &a.scope, "send/1", at(1))), "spent is spent");
    assert_eq!(account(&db, a).await, (40, 0));
    assert!(try_reserve(&db, a, "send/1", 60).await, "whoever comes late has it already, and pays nothing");
    assert_eq!(account(&db, a).await, (40, 0));
    assert!(try_reserve(&db, a, "send/3", 40).await);
    assert!(change!(db, &a.scope, tx => holds::release(tx, &a.scope, "send/3", at(1))));
    assert!(!change!(db, &a.scope, tx => holds::release(tx, &a.scope, "send/3", at(1))));
    assert_eq!(account(&db, a).await, (40, 0));
    assert!(top_up(&db, a, "adjust/1", -15).await.is_some());
    let after = change!(db, &a.scope, tx => account::lock(tx, &a.scope, at(2)));
    assert_eq!((after.balance, after.grants, after.topped), (25, 1, 100), "a correction is no top-up");
});

db_test!(each_ceiling_is_held_and_what_came_to_nothing_does_not_count, |db| async {
    let a = shop(&db, "a").await;
    top_up(&db, a, "grant/1", 1000).await;
    let (ana, eve): (ContactId, ContactId) = (id("ana"), id("eve"));
    let c = Ceilings::default();
    let to = |name: &str, contact: &ContactId| Ask {
        contact: Some(contact.clone()),
        campaign: Some("spring".into()),
        ..ask(name, 10)
    };
    for (name, contact) in [("send/1", &ana), ("send/2", &ana), ("send/3", &eve)] {
        reserve(&db, a, Ask { micros: 500, ..to(name, contact) }, &c, 0).await;
    }
    for (ceilings, contact, refused) in [
        (Ceilings { day: Some(39), ..c }, &ana, Some(Blocked::Day)),
        (Ceilings { contact_day: Some(29), ..c }, &ana, Some(Blocked::ContactDay)),
        (Ceilings { contact_day: Some(20), ..c }, &eve, None),
        (Ceilings { campaign: Some(49), ..c }, &eve, Some(Blocked::Campaign)),
        (Ceilings { month: Some(49), ..c }, &eve, Some(Blocked::Month)),
        (Ceilings { money_day: Some(1999), ..c }, &eve, Some(Blocked::MoneyDay)),
    ] {
        let name = format!("send/{refused:?}");
        let told = reserve(&db, a, Ask { micros: 500, ..to(&name, contact) }, &ceilings, 0).await;
        assert_eq!(if let Reserved::No(why) = told { Some(why) } else { None }, refused);
    }
    assert!(change!(db, &a.scope, tx => holds::release(tx, &a.scope, "send/1", at(1))));
    assert!(change!(db, &a.scope, tx => holds::commit(tx, &a.scope, "send/2", Some(80), at(1))));
    let (ana, spring) = (keep(ana), "spring");
    let s = look!(db, &a.scope, tx => spent::so_far(tx, &a.scope, day("2026-11-25"), Some(ana), Some(spring)));
    assert_eq!((s.day, s.contact_day, s.campaign, s.month, s.money_day), (30, 10, 30, 30, 1080), "what it really cost");
    let other = look!(db, &a.scope, tx => spent::so_far(tx, &a.scope, day("2026-11-26"), Some(ana), None));
    assert_eq!((other.day, other.contact_day, other.campaign, other.month), (0, 0, 0, 30));
    assert_eq!(
        change!(db, &Server, tx => spent::forget_before(tx, &Server, at(100))),
        4,
        "two contacts' day, the day, the month"
    );
    let s = look!(db, &a.scope, tx => spent::so_far(tx, &a.scope, day("2026-11-25"), Some(ana), Some(spring)));
    assert_eq!((s.day, s.campaign), (0, 30));
});

db_test!(somebody_is_told_once_at_four_fifths_and_once_at_the_end, |db| async {
    let a = shop(&db, "a").await;
    top_up(&db, a, "grant/1", 100).await;
    let ceilings = Ceilings { day: Some(50), ..Ceilings::default() };
    let mut told = Vec::new();
    for (name, tokens) in [("1", 39), ("2", 1), ("3", 1), ("4", 9), ("5", 0)] {
        match reserve(&db, a, ask(name, tokens), &ceilings, 0).await {
            Reserved::Yes { alerts, .. } => told.push(alerts.into_iter().map(|a| a.name).collect::<Vec<_>>().join(" ")),
            Reserved::No(why) => panic!("{why}"),
        }
    }
    assert_eq!(told, ["", "day/2026-11-25/80", "", "day/2026-11-25/100", ""]);
    let Reserved::Yes { alerts, .. } = reserve(&db, a, ask("6", 50), NO_CEILINGS, 0).await else { panic!("50 are left") };
    assert_eq!(alerts.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["credit/1/80", "credit/1/100"]);
    let again = keep(alerts[0].clone());
    assert!(!change!(db, &a.scope, tx => alerts::is_news(tx, &a.scope, again, at(1))));
    top_up(&db, a, "grant/2", 10).await;
    let Reserved::Yes { alerts, .. } = reserve(&db, a, ask("7", 8), NO_CEILINGS, 0).await else { panic!("10 are left") };
    assert_eq!(alerts.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["credit/2/80"], "told anew after a top-up");
});

db_test!(a_month_is_charged_once_in_its_order_also_into_debt, |db| async {
    let a = shop(&db, "a").await;
    let fee = |month: &'static str, next: &'static str| {
        let db = db.clone();
        async move { change!(db, &a.scope, tx => account::fee(tx, &a.scope, month, next, 200, day("2027-01-05"), at(5))).is_some() }
    };
    assert!(!fee("2026-11", "2026-12").await, "nothing is due before accounts are kept");
    change!(db, &a.scope, tx => account::pay_from(tx, &a.scope, "2026-11", at(0)));
    let nodes = at_once((0..8).map(|_| fee("2026-11", "2026-12")).collect::<Vec<_>>()).await;
    assert_eq!(nodes.into_iter().filter(|done| *done).count(), 1, "eight nodes, one fee");
    assert!(!fee("2027-01", "2027-02").await, "December comes first");
    assert!(fee("2026-12", "2027-01").await && fee("2027-01", "2027-02").await && !fee("2027-01", "2027-02").await);
    assert_eq!(account(&db, a).await, (-600, 0));
    change!(db, &a.scope, tx => account::pay_from(tx, &a.scope, "2026-11", at(0)));
    assert!(!fee("2026-11", "2026-12").await, "the past is not charged again");
    assert!(!try_reserve(&db, a, "send/1", 1).await, "nothing goes on credit");
    assert!(try_reserve(&db, a, "send/2", 0).await, "but what costs nothing goes on");
    let found = look!(db, &a.scope, tx => account::get(tx, &a.scope)).unwrap();
    assert_eq!(found.fee_from.as_deref(), Some("2027-02"));
});

db_test!(what_a_turn_did_not_use_is_free_again, |db| async {
    let a = shop(&db, "a").await;
    top_up(&db, a, "grant/1", 10).await;
    for name in ["model/trn_1/0", "model/trn_1/2", "send/eff_1"] {
        reserve(&db, a, Ask { turn: Some("trn_1".into()), ..ask(name, 1) }, NO_CEILINGS, 0).await;
    }
    reserve(&db, a, Ask { turn: Some("trn_2".into()), ..ask("model/trn_2/0", 1) }, NO_CEILINGS, 0).await;
    change!(db, &a.scope, tx => holds::commit(tx, &a.scope, "model/trn_1/0", None, at(1)));
    change!(db, &a.scope, tx => holds::release_calls(tx, &a.scope, "trn_1", at(1)));
    assert_eq!(account(&db, a).await, (9, 2), "the other turn's call and the send are still held");
    assert!(look!(db, &Server, tx => holds::stale_calls(tx, &Server, at(0), 9)).is_empty(), "it is not that old");
    let stale = look!(db, &Server, tx => holds::stale_calls(tx, &Server, at(1), 9));
    assert_eq!(stale, [(a.scope.tenant().clone(), "model/trn_2/0".to_owned())], "no such turn runs");
});

db_test!(the_ledger_is_read_by_pages_and_by_days, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    top_up(&db, a, "grant/1", 100).await;
    for n in 0..5 {
        let name = keep(format!("send/{n}"));
        reserve(&db, a, Ask { channel: Some(a.channel.clone()), ..ask(name, n) }, NO_CEILINGS, n).await;
        if n % 2 == 0 {
            change!(db, &a.scope, tx => holds::commit(tx, &a.scope, name, None, at(n)));
        } else {
            change!(db, &a.scope, tx => holds::release(tx, &a.scope, name, at(n)));
        }
    }
    let all = keep(Filter::default());
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = look!(db, &a.scope, tx => entries::page(tx, &a.scope, all, before, 4));
        let Some(last) = page.last() else { break };
        before = Some(last.n);
        seen.extend(page.into_iter().map(|e| e.n));
    }
    assert_eq!(seen, (1..=11).rev().collect::<Vec<_>>());
    for (filter, expected) in [
        (Filter { kind: Some("commit".into()), ..Filter::default() }, 3),
        (Filter { action: Some("sms".into()), ..Filter::default() }, 10),
        (Filter { from: Some("2026-11-25".into()), to: Some("2026-11-25".into()), ..Filter::default() }, 11),
        (Filter { from: Some("2026-11-26".into()), ..Filter::default() }, 0),
        (Filter { to: Some("2026-11-24".into()), ..Filter::default() }, 0),
    ] {
        let filter = keep(filter);
        assert_eq!(look!(db, &a.scope, tx => entries::page(tx, &a.scope, filter, None, 50)).len(), expected, "{filter:?}");
    }
    let used = look!(db, &a.scope, tx => entries::usage(tx, &a.scope, "2026-11-01", "2026-11-30"));
    assert_eq!(used.len(), 1);
    assert_eq!((used[0].day.as_str(), used[0].action.as_str(), used[0].tokens, used[0].times), ("2026-11-25", "sms", 6, 3));
    assert!(look!(db, &b.scope, tx => entries::page(tx, &b.scope, all, None, 50)).is_empty());
    assert!(look!(db, &b.scope, tx => entries::usage(tx, &b.scope, "2026-11-01", "2026-11-30")).is_empty());
    assert_eq!(look!(db, &b.scope, tx => entries::sums(tx, &b.scope)), (0, 0));
    let turn: &TurnId = keep(id("nothing"));
    assert_eq!(look!(db, &b.scope, tx => entries::of_turn(tx, &b.scope, turn)), 0);
});

db_test!(whom_it_was_for_is_forgotten_and_the_amounts_stay, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    spend(&db, a, conversation).await;
    assert_eq!(account(&db, a).await, (55, 45));
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact)));
    assert_eq!(account(&db, a).await, (55, 0), "what was reserved for them is free again");
    let mentions = format!(
        "SELECT (SELECT COUNT(*) FROM token_entry WHERE conversation = '{conversation}' OR once LIKE 'commit/%')
              + (SELECT COUNT(*) FROM token_spent WHERE contact = '{contact}')
              + (SELECT COUNT(*) FROM token_window) + (SELECT COUNT(*) FROM token_hold) AS n"
    );
    assert_eq!(count(&db, &mentions).await, 0);
});

db_test!(two_who_become_one_have_one_ceiling, |db| async {
    let a = shop(&db, "a").await;
    let mut people = Vec::new();
    top_up(&db, a, "grant/1", 1000).await;
    for number in ["57300", "57301"] {
        let conversation = a.hears(&db, number, at(0)).await;
        let contact = a.contact_in(&db, conversation).await;
        let ask = Ask { contact: Some(contact.clone()), conversation: Some(conversation.clone()), ..ask(number, 10) };
        reserve(&db, a, ask, NO_CEILINGS, 0).await;
        people.push(keep(contact));
    }
    let (one, other) = (people[0], people[1]);
    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, other, false, at(1)));
    let spent_by = |who: &'static ContactId| {
        let db = db.clone();
        async move { look!(db, &a.scope, tx => spent::so_far(tx, &a.scope, day("2026-11-25"), Some(who), None)).contact_day }
    };
    assert_eq!((spent_by(one).await, spent_by(other).await), (20, 0));
    assert!(change!(db, &a.scope, tx => holds::release(tx, &a.scope, "57301", at(2))));
    assert_eq!((spent_by(one).await, spent_by(other).await), (10, 0));
    assert_eq!(account(&db, a).await, (1000, 10));
});

/// The clock plays no part in what is entered.
#[test]
fn an_account_says_what_is_free() {
    let account = Account { balance: 5, reserved: 7, topped: 0, grants: 0, last: 0, fee_from: None, updated_at: Timestamp(0) };
    assert_eq!(account.available(), -2);
}
