//! A model that says it did what it did not: never heard, in six languages; told so once, then a person takes over. What is honest goes out.

use frontdesk_kernel::{
    language::Line,
    receipts::claims,
    turn::{GiveUp, Step},
};
use frontdesk_testkit::{desk::TestDesk, story};

use crate::people::text;

/// Lies and honest sentences of a language.
fn sentences(lines: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    let all = lines.lines().filter_map(|line| line.split_once(" | "));
    let (honest, lies): (Vec<_>, Vec<_>) = all.partition(|(kind, _)| *kind == "honest");
    (lies.into_iter().map(|l| l.1).collect(), honest.into_iter().map(|h| h.1).collect())
}

async fn lies(desk: &TestDesk, lines: &'static str) {
    let shop = desk.business("Luna").openai().open().await;
    let (lies, honest) = sentences(lines);
    assert!(lies.len() >= 20 && honest.len() >= 10);
    // Each as the first answer, and each as the one after it was told.
    for (n, lie) in lies.iter().enumerate() {
        let customer = format!("57310{n:07}");
        desk.openai.say(*lie);
        desk.openai.say(lies[(n + 7) % lies.len()]);
        let before = desk.openai.asked().len();
        assert_eq!(shop.talk(&customer, "hola").await, text(Line::BeingConfirmed), "{lie}");
        assert_eq!(desk.openai.asked().len() - before, 2, "one regeneration: {lie}");
        let told = desk.openai.asked().pop().unwrap().to_string();
        assert!(told.contains("Your last answer was not sent"), "{told}");
    }
    let turns = shop.turns().await;
    assert!(turns.iter().all(|t| t.state == "handed_off" && t.outcome.as_deref() == Some("UnbackedClaim")), "{turns:?}");
    assert_eq!(shop.tasks().await, vec!["handoff"; lies.len()], "a person looks at each");
    let journal = shop.journal(&turns[0].id).await;
    let ended = Some(GiveUp::UnbackedClaim);
    assert!(matches!(&journal[..], [_, Step::Correction { .. }, _, Step::Finished { gave_up, .. }] if *gave_up == ended));
    for (n, said) in honest.iter().enumerate() {
        let customer = format!("57320{n:07}");
        desk.openai.say(*said);
        assert_eq!(shop.talk(&customer, "hola").await, *said);
        // Told once, the model comes to its senses.
        desk.openai.say(lies[n]);
        desk.openai.say(*said);
        assert_eq!(shop.talk(&customer, "¿y?").await, *said, "after: {}", lies[n]);
    }
    let heard: Vec<String> = desk.graph.sent().into_iter().filter_map(|s| s.text).collect();
    assert_eq!(heard.len(), lies.len() + 2 * honest.len());
    assert!(heard.iter().all(|said| claims(said).is_empty() && !lies.contains(&said.as_str())), "{heard:?}");
    assert!(shop.appointments().await.is_empty());
}

story!(lies_in_german_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/de.txt")).await });
story!(lies_in_english_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/en.txt")).await });
story!(lies_in_spanish_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/es.txt")).await });
story!(lies_in_french_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/fr.txt")).await });
story!(lies_in_italian_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/it.txt")).await });
story!(lies_in_portuguese_are_not_heard, |desk| async { lies(desk, include_str!("../../../../fixtures/claims/pt.txt")).await });

story!(who_really_told_the_team_may_say_so, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for (n, (tool, arguments)) in [
        ("notify_team", serde_json::json!({"message": "needs a wheelchair ramp"})),
        ("create_task", serde_json::json!({"title": "look for her umbrella"})),
        ("ask_colleague", serde_json::json!({"question": "is there a ramp?"})),
        ("request_approval", serde_json::json!({"tool": "schedule_appointment", "arguments": {"start": "2026-11-23T10:00", "service": "Manicure"}})),
    ]
    .into_iter()
    .enumerate()
    {
        let said = "Ya avisé al equipo, te cuento por aquí.";
        desk.openai.call(tool, arguments);
        desk.openai.say(said);
        assert_eq!(shop.talk(&format!("57330{n:07}"), "hola").await, said, "{tool}");
    }
});
