//! Models and their faults: fallback, breaker, waiting, and every way in which an answer can be bad.

use std::time::Duration;

use frontdesk_kernel::language::Line;
use frontdesk_testkit::{
    desk::{BURST, Setup, Shop, TestDesk},
    fakes::{FakeModel, ModelFault},
    story,
};
use serde_json::json;

use crate::people::{ANA, SECOND, text};

/// A model may keep us waiting for so long, in real time.
fn impatient() -> Setup {
    Setup::new().model_patience(Duration::from_millis(150), SECOND * 2)
}

story!(the_next_model_answers_when_the_first_cannot, |desk| async {
    let shop = desk.business("Luna").models(&["openai/gpt-4o-mini", "gemini/gemini-2.5-flash"]).open().await;
    for fault in [
        ModelFault::Status(500),
        ModelFault::Status(401),
        ModelFault::RateLimited { retry_after: Some(SECOND * 60) },
        ModelFault::Quota,
        ModelFault::Reset,
        ModelFault::NoTerminalEvent,
    ] {
        desk.openai.faults().always(fault.clone());
        let (began, before) = (desk.now(), desk.gemini.asked().len());
        assert_eq!(shop.talk(ANA, "hola").await, "echo: hola", "{fault:?}");
        assert_eq!(desk.gemini.asked().len(), before + 1, "{fault:?}");
        assert!(desk.now().since(began) < SECOND * 10, "{fault:?}: nobody waits for the first model");
        desk.advance(SECOND * 120);
    }
    assert!(shop.tasks().await.is_empty());
});

story!(a_history_of_one_model_can_be_continued_by_another, |desk| async {
    let shop = desk.business("Luna").models(&["gemini/gemini-2.5-flash", "openai/gpt-4o-mini"]).open().await;
    desk.gemini.call("get_available_slots", json!({"service": "Manicure"}));
    desk.gemini.faults().push(ModelFault::StallBeforeFirstToken(Duration::ZERO));
    desk.gemini.faults().push_times(2, ModelFault::Status(500));
    let reply = shop.talk(ANA, "¿horas?").await;
    assert!(reply.starts_with("done: 📅 Horarios disponibles"), "{reply}");
    assert_eq!((desk.gemini.asked().len(), desk.openai.asked().len()), (3, 1));
});

story!(a_model_that_keeps_failing_is_left_alone_for_half_a_minute, |desk| async {
    let shop = desk.business("Luna").models(&["openai/gpt-4o-mini", "gemini/gemini-2.5-flash"]).open().await;
    desk.openai.faults().always(ModelFault::Status(503));
    for said in ["uno", "dos", "tres", "cuatro", "cinco", "seis"] {
        shop.talk(ANA, said).await;
    }
    assert_eq!(desk.openai.requests().len(), 5);
    assert_eq!(desk.engine.breakers.open(desk.now()), ["openai/gpt-4o-mini"]);
    desk.openai.faults().clear();
    desk.advance(SECOND * 30);
    shop.talk(ANA, "siete").await;
    assert_eq!(desk.openai.requests().len(), 6, "one probe, and it is well");
    shop.talk(ANA, "ocho").await;
    assert_eq!((desk.openai.requests().len(), desk.gemini.requests().len()), (7, 6));
});

story!(a_vendor_s_wish_to_wait_is_honoured, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.faults().push(ModelFault::RateLimited { retry_after: Some(SECOND * 17) });
    let began = desk.now();
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola");
    assert_eq!(desk.now().since(began), SECOND * 17 + BURST);
    assert_eq!(desk.openai.requests().len(), 2);
});

story!(a_conversation_that_is_too_long_is_trimmed_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for i in 0..4 {
        shop.talk(ANA, &format!("mensaje {i}")).await;
        desk.advance(SECOND * 60);
    }
    desk.openai.faults().push(ModelFault::ContextOverflow);
    assert_eq!(shop.talk(ANA, "mensaje final").await, "echo: mensaje final");
    let asked = desk.openai.asked();
    let turns = |n: usize| asked[n]["messages"].as_array().unwrap().len();
    assert_eq!(asked.len(), 6);
    assert!(turns(5) < turns(4), "{} then {}", turns(4), turns(5));
    desk.openai.faults().push_times(2, ModelFault::ContextOverflow);
    assert_eq!(shop.talk(ANA, "otra vez").await, text(Line::Trouble));
});

/// Every way in which an answer can be bad.
fn bad_answers() -> Vec<ModelFault> {
    vec![
        ModelFault::Reset,
        ModelFault::AnswerLost,
        ModelFault::Status(500),
        ModelFault::Status(503),
        ModelFault::Status(529),
        ModelFault::Status(400),
        ModelFault::Status(404),
        ModelFault::RateLimited { retry_after: None },
        ModelFault::RateLimited { retry_after: Some(SECOND * 4) },
        ModelFault::Quota,
        ModelFault::ContextOverflow,
        ModelFault::ErrorAfter200,
        ModelFault::NoTerminalEvent,
        ModelFault::CutMidStream,
        ModelFault::StallBeforeFirstToken(Duration::from_millis(300)),
        ModelFault::StallMidStream(Duration::from_millis(300)),
        ModelFault::InvalidUtf8,
        ModelFault::InvalidJson,
        ModelFault::JsonInsteadOfSse,
        ModelFault::PartialToolJson,
        ModelFault::DuplicateCallIds,
        ModelFault::UnknownTool,
        ModelFault::WrongTypes,
        ModelFault::NotANumber,
        ModelFault::ToolLoop,
        ModelFault::HugeAnswer(300_000),
        ModelFault::NoTokens,
        ModelFault::Refusal,
        ModelFault::ContentFilter,
        ModelFault::LengthCut,
    ]
}

/// The customer gets exactly one text, and it is one of ours or whole words of the model.
fn one_polite_answer(shop: &Shop<'_>, customer: &str, fault: &ModelFault) {
    let replies = shop.replies(customer);
    assert_eq!(replies.len(), 1, "{fault:?}: {replies:?}");
    let fixed = [Line::Trouble, Line::OutOfSteps, Line::Empty].map(text);
    let proper = ["echo: ", "done: ", "I cannot help with that."];
    let fine = fixed.contains(&replies[0].as_str())
        || proper.iter().any(|p| replies[0].starts_with(p))
        || [ModelFault::LengthCut, ModelFault::InvalidUtf8].contains(fault);
    assert!(fine, "{fault:?}: {:.200}", replies[0]);
}

async fn bad_answers_of(desk: &TestDesk, model: &str, for_ever: bool) {
    let shop = desk.business("Luna").models(&[model]).open().await;
    let gemini = model.starts_with("gemini");
    let fake: &FakeModel = if gemini { &desk.gemini } else { &desk.openai };
    // Which of two equal ids an answer belongs to is not defined by Gemini's contract.
    let faults = bad_answers().into_iter().filter(|f| !gemini || *f != ModelFault::DuplicateCallIds);
    for (i, fault) in faults.enumerate() {
        let (customer, before) = (format!("57300999{i:04}"), fake.requests().len());
        if for_ever {
            fake.faults().always(fault.clone());
        } else {
            fake.faults().push(fault.clone());
        }
        shop.say(&customer, "hola").await;
        desk.answer().await;
        fake.faults().clear();
        desk.pass(SECOND * 90, SECOND * 10).await;
        one_polite_answer(&shop, &customer, &fault);
        let asked = fake.requests().len() - before;
        assert!(asked <= 40, "{fault:?}: {asked} requests");
    }
    assert!(shop.appointments().await.is_empty(), "nothing invalid was carried out");
}

fn small_answers(setup: Setup) -> Setup {
    setup.with(|s| s.call_limits.max_answer_bytes = 64 << 10)
}

story!(one_bad_answer_of_openai_does_no_harm, small_answers(impatient()), |desk| async {
    bad_answers_of(desk, "openai/gpt-4o-mini", false).await;
});

story!(nothing_but_bad_answers_of_openai_ends_politely, small_answers(impatient()), |desk| async {
    bad_answers_of(desk, "openai/gpt-4o-mini", true).await;
});

story!(one_bad_answer_of_gemini_does_no_harm, small_answers(impatient()), |desk| async {
    bad_answers_of(desk, "gemini/gemini-2.5-flash", false).await;
});

story!(nothing_but_bad_answers_of_gemini_ends_politely, small_answers(impatient()), |desk| async {
    bad_answers_of(desk, "gemini/gemini-2.5-flash", true).await;
});
