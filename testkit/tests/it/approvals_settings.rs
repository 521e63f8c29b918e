//! How long requests wait, when others are reminded, and what the agent may do where it acts for nobody: the business's own to say.

use std::time::Duration;

use frontdesk_kernel::{approval::State, language::Line};
use frontdesk_testkit::{desk::Setup, story};
use serde_json::{Value, json};

use crate::{
    approvals::{asks_first, audited, book, booked, only},
    people::ANA,
};

const SETTINGS: &str = "/api/v1/settings";

story!(requests_wait_as_long_as_the_business_says_and_who_may_decide_is_reminded_once, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.hire("ana", "admin").await;
    shop.hire("sara", "staff").await;
    let key = shop.key(&["*"]).await;
    let set = desk.patch_as(&key, SETTINGS, &json!({"approval_minutes": 30, "escalation_minutes": 10})).await;
    let shown = set.json();
    assert_eq!((set.status, &shown["approval_minutes"]), (200, &json!({"own": 30, "server": 1380})), "{}", set.text);
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto con el equipo.");
    shop.talk(ANA, "manicure el lunes a las 10").await;
    let asked = only(&shop).await;
    assert_eq!(asked.expires_at.since(asked.created_at), Duration::from_secs(30 * 60));
    desk.send_mail().await;
    assert_eq!(desk.smtp.received().len(), 1);

    desk.advance(Duration::from_secs(9 * 60));
    desk.settle().await;
    desk.send_mail().await;
    assert_eq!(desk.smtp.received().len(), 1, "too early");
    desk.advance(Duration::from_secs(60));
    desk.settle().await;
    desk.settle().await;
    desk.send_mail().await;
    let mails = desk.smtp.received();
    assert_eq!(mails.len(), 2, "once, and to nobody who may not decide");
    let said = mails[1].plain();
    assert_eq!((mails[1].to.as_str(), said.contains("/a/tnt_")), ("ana@luna.example", true), "{said}");
    assert!(said.contains("Agendar una cita") && !said.contains("Manicure"), "what waits is named, its values are not: {said}");
    assert!(shop.tasks().await.contains(&"approval_overdue".to_owned()));

    desk.advance(Duration::from_secs(20 * 60));
    desk.settle().await;
    assert_eq!((only(&shop).await.state, booked(&shop).await), (State::Expired, 0));
    assert_eq!(shop.replies(ANA).last().unwrap(), Line::NoDecision.text(frontdesk_kernel::language::Language::Spanish));
});

story!(nobody_is_reminded_where_the_business_says_so, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.hire("ana", "admin").await;
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.patch_as(&key, SETTINGS, &json!({"escalation_minutes": 0})).await.status, 200);
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto con el equipo.");
    shop.talk(ANA, "manicure el lunes a las 10").await;
    let asked = only(&shop).await;
    assert_eq!(asked.escalate_at, None);
    assert!(shop.tasks().await.contains(&"approval".to_owned()), "the team is told all the same");
    desk.advance(Duration::from_secs(5 * 3600));
    desk.settle().await;
    desk.send_mail().await;
    assert_eq!((desk.smtp.received().len(), only(&shop).await.state), (1, State::Pending));
});

story!(an_agent_that_acts_for_nobody_may_what_the_business_lets_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let set = desk.patch_as(&key, SETTINGS, &json!({"agent_role": "viewer"})).await;
    assert_eq!((set.status, &set.json()["agent_role"]), (200, &json!("viewer")), "{}", set.text);
    book(desk);
    desk.openai.say("No puedo.");
    shop.talk(ANA, "manicure el lunes a las 10").await;
    assert_eq!((booked(&shop).await, audited(&shop, "action.").await), (0, vec!["action.refused".to_owned()]));
    let back = desk.patch_as(&key, SETTINGS, &json!({"agent_role": null})).await;
    assert_eq!((back.status, &back.json()["agent_role"]), (200, &Value::Null));
    book(desk);
    desk.openai.say("Listo, agendada.");
    shop.talk(ANA, "manicure el lunes a las 10").await;
    assert_eq!(booked(&shop).await, 1);

    for (wrong, part) in [
        (json!({"agent_role": "owner"}), "agent_role"),
        (json!({"agent_role": "king"}), "agent_role"),
        (json!({"agent_role": 1}), "invalid"),
        (json!({"approval_minutes": 4}), "approval_minutes: from 5 to 10080"),
        (json!({"approval_minutes": 10_081}), "approval_minutes"),
        (json!({"approval_minutes": -1}), "approval_minutes"),
        (json!({"approval_minutes": 30, "escalation_minutes": 30}), "less than the 30 minutes"),
        (json!({"escalation_minutes": 10_080}), "escalation_minutes"),
    ] {
        let refused = desk.patch_as(&key, SETTINGS, &wrong).await;
        assert!(refused.status == 422 && refused.text.contains(part), "{wrong}: {}", refused.text);
    }
    let staff = shop.key(&["settings:read"]).await;
    assert_eq!(desk.patch_as(&staff, SETTINGS, &json!({"agent_role": "admin"})).await.status, 403);
    assert_eq!(audited(&shop, "settings.").await.len(), 2);
});
