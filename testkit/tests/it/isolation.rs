//! Two businesses with the same customers never see each other's data.

use frontdesk_testkit::{
    desk::{Engine, Setup, Shop, TestDesk, tell},
    story,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::people::{ANA, LUZ};

/// What a customer may do in a random script.
#[derive(Debug, Clone, Copy)]
enum Act {
    Say(u8),
    Book(u8),
    Cancel,
    List,
}

fn acts() -> impl Strategy<Value = Vec<(bool, bool, Act)>> {
    let act = prop_oneof![(0..5u8).prop_map(Act::Say), (9..17u8).prop_map(Act::Book), Just(Act::Cancel), Just(Act::List),];
    prop::collection::vec((any::<bool>(), any::<bool>(), act), 1..8)
}

/// Everything that a business shows of itself, without ids and times of day.
async fn shown(shop: &Shop<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for customer in [ANA, LUZ] {
        all.extend(shop.replies(customer));
        if shop.contact(customer).await.is_some() {
            all.extend(shop.incoming(customer).await);
        }
    }
    all.extend(frontdesk_testkit::desk::appointments_of(&shop.appointments().await).iter().map(|a| format!("{a:?}")));
    all.iter().map(|text| without_ids(text)).collect()
}

/// `[apt_0199…]` is another one in every run.
fn without_ids(text: &str) -> String {
    text.split_inclusive('[').map(|piece| piece.split_once("apt_").map_or(piece, |(before, _)| before)).collect()
}

fn words(act: Act) -> String {
    match act {
        Act::Say(n) => format!("mensaje {n}"),
        Act::Book(hour) => format!("quiero manicure mañana a las {hour}:00, soy Ana"),
        Act::Cancel => "cancela mi cita".to_owned(),
        Act::List => "¿qué citas tengo?".to_owned(),
    }
}

/// Plays the acts of Luna, and those of Sol in between when `both`; what Luna shows must not depend on Sol.
async fn play(desk: &TestDesk, script: &[(bool, bool, Act)], both: bool) -> Vec<String> {
    let luna = desk.business("Luna").open().await;
    let sol = desk.business("Sol").open().await;
    for (of_luna, by_ana, act) in script {
        let customer = if *by_ana { ANA } else { LUZ };
        if *of_luna {
            luna.say(customer, &words(*act)).await;
        } else if both {
            sol.say(customer, &words(*act)).await;
        }
        desk.answer().await;
        desk.advance(std::time::Duration::from_secs(5));
    }
    shown(&luna).await
}

fn nothing_of_sol_shows_at_luna(engine: Engine, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let run = runner.run(&acts(), |script| {
        let [without, with] = [false, true].map(|both| {
            let script = script.clone();
            tell(engine, Setup::new(), |desk| Box::pin(async move { play(desk, &script, both).await }))
        });
        prop_assert_eq!(without, with);
        Ok(())
    });
    run.unwrap();
}

mod what_one_business_shows_does_not_depend_on_the_other {
    use super::*;

    #[test]
    fn sqlite() {
        nothing_of_sol_shows_at_luna(Engine::Sqlite, 6);
    }

    #[test]
    fn postgres() {
        nothing_of_sol_shows_at_luna(Engine::Postgres, 3);
    }
}

story!(the_same_customer_is_a_stranger_to_the_other_business, |desk| async {
    let luna = desk.business("Luna").openai().open().await;
    let sol = desk.business("Sol").openai().open().await;
    luna.talk(ANA, "soy alérgica al tinte").await;
    luna.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    let asked = desk.openai.asked().len();
    sol.talk(ANA, "hola").await;
    let request = desk.openai.asked()[asked].to_string();
    assert!(!request.contains("tinte") && !request.contains("Manicure con") && !request.contains("Luna"), "{request}");
    assert_ne!(luna.contact(ANA).await, sol.contact(ANA).await);
    assert!(sol.appointments().await.is_empty());
    sol.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    assert_eq!(
        (luna.appointments().await.len(), sol.appointments().await.len()),
        (1, 1),
        "the slot is free at the other business"
    );
});

story!(the_same_message_id_at_two_numbers_is_two_messages, |desk| async {
    let luna = desk.business("Luna").open().await;
    let sol = desk.business("Sol").open().await;
    for shop in [&luna, &sol] {
        let body = frontdesk_testkit::fakes::inbound_text(&shop.account, ANA, "wamid.same", "hola");
        assert_eq!(shop.deliver(body).await.json(), serde_json::json!({"status": "ok"}));
    }
    desk.answer().await;
    assert_eq!((luna.replies(ANA).len(), sol.replies(ANA).len()), (1, 1));
});

story!(ids_of_the_other_business_do_not_exist, |desk| async {
    let luna = desk.business("Luna").with_api().open().await;
    let sol = desk.business("Sol").with_api().open().await;
    let wamid = luna.say(ANA, "hola").await;
    desk.answer().await;
    let (ours, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let (conversation, turn) = (luna.conversation(ANA).await.id, luna.turns().await[0].id.clone());
    for path in [
        format!("/api/v1/conversations/{conversation}/messages"),
        format!("/api/v1/turns/{turn}"),
        format!("/api/v1/inbound/{wamid}"),
    ] {
        assert_eq!(desk.get_as(&ours, &path).await.status, 200, "{path}");
        let refused = desk.get_as(&theirs, &path).await;
        let unknown = desk.get_as(&theirs, &path.replace("_01", "_00").replace("in.", "out.")).await;
        assert_eq!((refused.status, refused.text), (404, unknown.text), "{path}: no difference to what does not exist");
    }
    let said =
        desk.post_as(&theirs, &format!("/api/v1/conversations/{conversation}/messages"), &serde_json::json!({"text": "x"})).await;
    assert_eq!(said.status, 404);
    let listed = desk.get_as(&theirs, "/api/v1/conversations").await.json();
    assert_eq!(listed["items"], serde_json::json!([]));
    assert_eq!(luna.incoming(ANA).await, ["hola"]);
});

story!(what_became_of_a_message_at_another_location_is_not_told, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let vera = shop.hire("vera", "viewer").await;
    let mut branches = Vec::new();
    for name in ["Norte", "Sur"] {
        let made = desk.post_as(&key, "/api/v1/locations", &serde_json::json!({ "name": name })).await;
        assert_eq!(made.status, 201, "{}", made.text);
        branches.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    shop.change_channel(|c| c.location = Some(frontdesk_kernel::ids::LocationId::parse(&branches[0]).unwrap())).await;
    let wamid = shop.say(ANA, "hola").await;
    desk.answer().await;
    for (branch, status) in [(&branches[0], 200), (&branches[1], 404)] {
        let limited = serde_json::json!({ "locations": [branch] });
        let changed = desk.patch_as(&key, &format!("/api/v1/members/{vera}"), &limited).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let browser = desk.browser();
        assert_eq!(browser.sign_in("vera@luna.example", frontdesk_testkit::desk::PASSWORD).await.status, 201);
        for path in [format!("/api/v1/inbound/{wamid}"), format!("/api/v1/conversations/{}", shop.conversation(ANA).await.id)] {
            assert_eq!(browser.get(&path).await.status, status, "{path}");
        }
    }
});
