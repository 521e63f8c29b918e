//! Who answers, when, and as whom: bursts, people, agents, history.

mod liar;

use std::time::Duration;

use frontdesk_engine::workers;
use frontdesk_kernel::{
    agent::{Agent, AgentSpec, ModelChoice},
    conversation::Mode,
    language::Line,
    turn::Step,
};
use frontdesk_store::{agents, conversations, work};
use frontdesk_testkit::{
    desk::{BURST, Setup, Shop, TestDesk},
    fakes::ModelFault,
    story,
};
use serde_json::json;

use crate::people::{ANA, LUZ, SECOND, text};

fn model_waits() -> Setup {
    Setup::new().model_patience(SECOND * 5, SECOND * 8)
}

/// The model is asked about ANA's message and does not answer for a while.
async fn while_the_model_thinks(desk: &TestDesk, shop: &Shop<'_>, said: &str) {
    desk.openai.faults().push(ModelFault::StallBeforeFirstToken(Duration::from_millis(400)));
    let before = desk.openai.asked().len();
    shop.say(ANA, said).await;
    desk.advance(BURST);
    desk.begin().await;
    desk.until("the model is asked", || desk.openai.asked().len() > before).await;
}

// --- when

story!(a_lane_that_somebody_holds_is_not_asked_for_without_a_pause, |desk| async {
    // One writer at a time is SQLite's nature.
    if desk.engine.db.engine_name() == "sqlite" {
        return;
    }
    let shop = desk.business("Luna").open().await;
    shop.say(ANA, "hola").await;
    desk.advance(BURST);
    let again = shop.while_held(ANA, workers::claim_turns(&desk.engine)).await.unwrap();
    assert!(again.is_some_and(|at| at > desk.engine.now()), "{again:?}");
    desk.answer().await;
    assert_eq!(shop.replies(ANA).len(), 1);
});

story!(messages_in_quick_succession_are_one_turn, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for (pause, said) in [(0, "hola"), (1000, "quería"), (1000, "preguntar algo")] {
        desk.advance(Duration::from_millis(pause));
        shop.say(ANA, said).await;
        desk.settle().await;
    }
    desk.advance(Duration::from_millis(1499));
    desk.settle().await;
    assert!(shop.replies(ANA).is_empty(), "the burst is not over yet");
    desk.advance(Duration::from_millis(1));
    desk.settle().await;
    assert_eq!(shop.replies(ANA), ["echo: hola\nquería\npreguntar algo"]);
    assert_eq!(shop.turns().await.len(), 1);
});

story!(a_burst_never_lasts_longer_than_its_cap, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for i in 0..12 {
        assert_eq!(shop.replies(ANA).len(), usize::from(i > 7), "after {i} s");
        shop.say(ANA, &i.to_string()).await;
        desk.settle().await;
        desk.advance(SECOND);
        desk.settle().await;
    }
    desk.answer().await;
    assert_eq!(shop.replies(ANA), ["echo: 0\n1\n2\n3\n4\n5\n6\n7", "echo: 8\n9\n10\n11"]);
});

story!(without_a_burst_wait_each_message_is_its_own_turn, |desk| async {
    let shop = desk.business("Luna").openai().tenant(|t| t.settings.burst_wait_ms = Some(0)).open().await;
    for said in ["uno", "dos", "tres"] {
        shop.say(ANA, said).await;
    }
    desk.settle().await;
    assert_eq!(shop.replies(ANA), ["echo: uno", "echo: dos", "echo: tres"]);
    assert_eq!(shop.turns().await.len(), 3);
});

story!(a_newer_message_joins_the_running_turn, model_waits(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    while_the_model_thinks(desk, &shop, "quiero manicure").await;
    shop.say(ANA, "perdón, pedicure").await;
    desk.answer().await;
    assert_eq!(shop.replies(ANA).len(), 1, "{:?}", shop.replies(ANA));
    assert!(shop.replies(ANA)[0].contains("perdón, pedicure"));
    let turns = shop.turns().await;
    assert_eq!(turns.len(), 1);
    assert!(shop.journal(&turns[0].id).await.iter().any(|s| matches!(s, Step::More { .. })));
    let last = desk.openai.asked().pop().unwrap().to_string();
    assert!(last.contains("quiero manicure") && last.contains("perdón, pedicure") && !last.contains("echo:"), "{last}");
});

story!(a_newer_message_does_not_join_a_turn_that_has_acted, model_waits(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "Manicure"}));
    shop.say(ANA, "manicure el lunes a las 10").await;
    desk.openai.faults().push(ModelFault::StallBeforeFirstToken(Duration::ZERO));
    desk.openai.faults().push(ModelFault::StallBeforeFirstToken(Duration::from_millis(400)));
    desk.advance(BURST);
    desk.begin().await;
    desk.until("the model is asked again", || desk.openai.asked().len() == 2).await;
    shop.say(ANA, "gracias").await;
    desk.answer().await;
    let replies = shop.replies(ANA);
    assert_eq!((replies.len(), shop.turns().await.len()), (2, 2), "{replies:?}");
    assert!(replies[0].contains("✅ Tu cita está agendada") && replies[1] == "echo: gracias", "{replies:?}");
});

// --- who

story!(a_customer_who_asks_for_a_person_gets_one_for_twelve_hours, |desk| async {
    let shop = desk.business("Luna").open().await;
    let reply = shop.talk(ANA, "quiero hablar con una persona").await;
    assert_eq!(reply, text(Line::HandedOver));
    assert_eq!((shop.conversation(ANA).await.mode, shop.tasks().await), (Mode::Human, vec!["handoff".to_owned()]));
    for _ in 0..3 {
        desk.pass(SECOND * 3 * 3600, SECOND * 3600).await;
        assert_eq!(shop.talk(ANA, "¿sigue ahí?").await, "");
    }
    desk.pass(SECOND * 4 * 3600, SECOND * 3600).await;
    assert_eq!(shop.conversation(ANA).await.mode, Mode::Bot);
    assert!(shop.talk(ANA, "hola").await.contains("¡Hola!"));
    assert_eq!(shop.incoming(ANA).await.len(), 5, "nothing was lost meanwhile");
});

story!(a_person_who_takes_over_in_the_middle_of_a_turn_wins, model_waits(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    while_the_model_thinks(desk, &shop, "hola").await;
    shop.set_mode(ANA, Mode::Human).await;
    desk.answer().await;
    assert!(shop.replies(ANA).is_empty());
    assert_eq!(shop.turns().await[0].state, "suppressed");
    assert_eq!(shop.talk(ANA, "¿hola?").await, "");
    shop.set_mode(ANA, Mode::Bot).await;
    assert!(shop.talk(ANA, "¿y ahora?").await.starts_with("echo: "));
});

story!(the_model_is_not_asked_again_for_what_a_person_answers, model_waits(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    while_the_model_thinks(desk, &shop, "hola").await;
    shop.set_mode(ANA, Mode::Human).await;
    shop.say(ANA, "¿hay alguien?").await;
    desk.answer().await;
    assert!(shop.replies(ANA).is_empty());
    assert_eq!(desk.openai.asked().len(), 1, "nobody gets what it would say");
    assert!(shop.turns().await.iter().all(|turn| turn.state == "suppressed"));
    shop.set_mode(ANA, Mode::Bot).await;
    assert!(shop.talk(ANA, "¿y ahora?").await.starts_with("echo: "));
});

story!(nothing_is_booked_or_cancelled_behind_the_back_of_who_took_over, model_waits(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "Manicure"}));
    assert!(shop.talk(ANA, "manicure el lunes a las 10").await.contains("✅"));
    let booked = shop.appointments().await;
    for (tool, arguments) in [
        ("cancel_appointment", json!({})),
        ("schedule_appointment", json!({"start": "2026-11-24T10:00", "service": "Manicure"})),
        ("handoff_to_human", json!({"reason": "she asks for a person"})),
    ] {
        let (turns, tasks, said) = (shop.turns().await.len(), shop.tasks().await.len(), shop.replies(ANA).len());
        desk.openai.call(tool, arguments);
        while_the_model_thinks(desk, &shop, "mejor el martes").await;
        shop.set_mode(ANA, Mode::Human).await;
        desk.answer().await;
        assert_eq!(shop.appointments().await, booked, "{tool}");
        assert_eq!((shop.turns().await[turns].state.as_str(), shop.tasks().await.len()), ("suppressed", tasks), "{tool}");
        assert_eq!(shop.replies(ANA).len(), said, "{tool}");
        shop.set_mode(ANA, Mode::Bot).await;
    }
    desk.openai.call("cancel_appointment", json!({}));
    assert!(shop.talk(ANA, "cancela, por favor").await.contains("cancelada"), "as long as nobody else answers");
});

story!(a_paused_bot_comes_back_by_itself, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.talk(ANA, "hola").await;
    shop.set_mode(ANA, Mode::Paused(desk.now().plus(SECOND * 600))).await;
    assert_eq!(shop.talk(ANA, "uno").await, "");
    desk.advance(SECOND * 600);
    assert_eq!(shop.talk(ANA, "dos").await, "echo: uno\ndos");
    shop.set_mode(ANA, Mode::Closed).await;
    assert_eq!(shop.talk(ANA, "tres").await, "echo: tres");
});

story!(a_business_or_channel_that_is_switched_off_listens_in_silence, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.change_tenant(|t| t.active = false).await;
    assert_eq!(shop.talk(ANA, "uno").await, "");
    shop.change_tenant(|t| t.active = true).await;
    shop.change_channel(|c| c.active = false).await;
    assert_eq!(shop.talk(ANA, "dos").await, "");
    shop.change_channel(|c| c.active = true).await;
    shop.say(ANA, "tres").await;
    shop.change_tenant(|t| t.active = false).await;
    desk.answer().await;
    assert_eq!((shop.replies(ANA).len(), shop.turns().await[0].state.as_str()), (0, "suppressed"));
    shop.change_tenant(|t| t.active = true).await;
    assert_eq!(shop.talk(ANA, "cuatro").await, "echo: uno\ndos\ntres\ncuatro", "and it knows what was said meanwhile");
    assert_eq!(shop.incoming(ANA).await, ["uno", "dos", "tres", "cuatro"]);
});

story!(without_autoreply_everything_is_kept_and_nothing_answered, Setup::new().with(|s| s.autoreply = false), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    assert_eq!(shop.talk(ANA, "hola").await, "");
    assert_eq!(shop.incoming(ANA).await, ["hola"]);
});

// --- as whom

story!(each_business_has_its_own_voice_model_and_key, |desk| async {
    let luna =
        desk.business("Luna").openai().model_key("openai", "sk-of-luna").agent(|a| a.spec.prompt = "Eres la voz de Luna.".into());
    let luna = luna.open().await;
    let sol = desk.business("Sol").models(&["gemini/gemini-2.5-flash"]).agent(|a| a.spec.prompt = "Eres la voz de Sol.".into());
    let sol = sol.open().await;
    luna.say(ANA, "hola").await;
    sol.say(ANA, "hola").await;
    desk.answer().await;
    assert_eq!((luna.replies(ANA).len(), sol.replies(ANA).len()), (1, 1));
    let (to_openai, to_gemini) = (desk.openai.requests(), desk.gemini.requests());
    assert_eq!((to_openai.len(), to_gemini.len()), (1, 1));
    assert_eq!(to_openai[0].header("authorization"), Some("Bearer sk-of-luna"));
    assert_eq!(to_gemini[0].header("x-goog-api-key"), Some("AIza-of-the-server"));
    assert!(to_gemini[0].path.contains("gemini-2.5-flash"));
    for (request, own, other) in [(&to_openai[0], "Luna", "Sol"), (&to_gemini[0], "Sol", "Luna")] {
        let said = request.json().to_string();
        assert!(said.contains(&format!("la voz de {own}")) && !said.contains(other), "{said}");
    }
    let tokens: Vec<_> = desk.graph.requests().iter().filter_map(|r| r.header("authorization").map(str::to_owned)).collect();
    assert!(tokens.contains(&"Bearer token-of-Luna".to_owned()) && tokens.contains(&"Bearer token-of-Sol".to_owned()));
});

story!(a_channel_and_a_conversation_may_have_an_agent_of_their_own, |desk| async {
    let shop = desk.business("Luna").openai().agent(|a| a.spec.prompt = "Eres la usual.".into()).open().await;
    let mut named = Vec::new();
    for name in ["de tintes", "de novias"] {
        let models = vec![ModelChoice { vendor: "openai".into(), model: "gpt-4o-mini".into(), base_url: None }];
        let spec = AgentSpec {
            prompt: format!("Eres la {name}."),
            models,
            tools: Some(vec!["business_info".into()]),
            ..AgentSpec::default()
        };
        let agent = Agent { id: desk.engine.id(), name: name.into(), is_default: false, version: 1, spec };
        let (scope, now) = (shop.scope.clone(), desk.now());
        named.push(agent.id.clone());
        desk.engine.db.write(&shop.scope, work!(tx => agents::insert(tx, &scope, &agent, now).await)).await.unwrap();
    }
    let system = || desk.openai.asked().pop().unwrap()["messages"][0]["content"].to_string();
    shop.talk(ANA, "hola").await;
    assert!(system().contains("Eres la usual."));
    shop.change_channel(|c| c.agent = Some(named[0].clone())).await;
    shop.talk(ANA, "hola").await;
    assert!(system().contains("Eres la de tintes."));
    assert_eq!(desk.openai.asked().pop().unwrap()["tools"].as_array().unwrap().len(), 1);
    let (scope, id, agent) = (shop.scope.clone(), shop.conversation(ANA).await.id, named[1].clone());
    let set = desk.engine.db.write(&shop.scope, work!(tx => conversations::set_agent(tx, &scope, &id, Some(&agent)).await));
    assert!(set.await.unwrap());
    shop.talk(ANA, "hola").await;
    assert!(system().contains("Eres la de novias."));
    shop.talk(LUZ, "hola").await;
    assert!(system().contains("Eres la de tintes."));
});

story!(an_agent_calls_only_the_tools_it_was_given, |desk| async {
    let shop = desk.business("Luna").openai().agent(|a| a.spec.tools = Some(vec!["business_info".into()])).open().await;
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "Manicure"}));
    let reply = shop.talk(ANA, "book").await;
    assert!(reply.contains("There is no tool `schedule_appointment` here"), "{reply}");
    assert!(shop.appointments().await.is_empty());
});

story!(the_model_sees_as_much_history_as_it_should, |desk| async {
    let shop = desk.business("Luna").openai().tenant(|t| t.settings.history_limit = Some(4)).open().await;
    for i in 0..5 {
        shop.talk(ANA, &format!("mensaje {i}")).await;
        desk.advance(SECOND * 60);
    }
    let asked = desk.openai.asked().pop().unwrap();
    let roles: Vec<_> = asked["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap().to_owned()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user", "assistant", "user"]);
    let text = asked.to_string();
    assert!(text.contains("mensaje 2") && text.contains("echo: mensaje 3") && !text.contains("mensaje 1"), "{text}");
});
