//! Turns that end without the model's answer: one polite line, one task, a bounded effort.

use std::sync::atomic::{AtomicU32, Ordering};

use frontdesk_engine::Settings;
use frontdesk_kernel::language::Line;
use frontdesk_testkit::{
    desk::{Business, Setup, TestDesk},
    fakes::{ModelFault, Reply},
    story,
};
use serde_json::json;

use crate::people::{ANA, SECOND, text};

/// One message, and what it comes to.
async fn gives_up(desk: &TestDesk, business: Business<'_>, line: Line, outcome: &str) {
    let shop = business.open().await;
    assert_eq!(shop.talk(ANA, "hola").await, text(line));
    let turns = shop.turns().await;
    assert_eq!(turns.last().unwrap().outcome.as_deref(), Some(outcome));
    assert_eq!(shop.tasks().await, [if outcome == "Crashing" { "dead_turn" } else { "handoff" }]);
    assert!(desk.openai.asked().len() <= 12, "{} model calls", desk.openai.asked().len());
    assert!(shop.appointments().await.is_empty());
}

/// A model that asks for another day each time.
fn restless(desk: &TestDesk) {
    let day = AtomicU32::new(0);
    desk.openai.brain(move |_| {
        let day = day.fetch_add(1, Ordering::Relaxed) % 28 + 1;
        Reply::call("get_available_slots", json!({"date": format!("2026-12-{day:02}"), "service": "Manicure"}))
    });
}

fn limits(change: impl FnOnce(&mut Settings)) -> Setup {
    Setup::new().with(change)
}

story!(
    too_many_steps,
    limits(|s| {
        s.limits.model_calls = 4;
    }),
    |desk| async {
        restless(desk);
        gives_up(desk, desk.business("Luna").openai(), Line::OutOfSteps, "TooManySteps").await;
        assert_eq!(desk.openai.asked().len(), 4);
    }
);

story!(too_many_calls, |desk| async {
    restless(desk);
    gives_up(desk, desk.business("Luna").openai(), Line::OutOfSteps, "TooManyCalls").await;
    assert_eq!(desk.openai.asked().len(), 9);
});

story!(the_same_call_again_and_again, |desk| async {
    desk.openai.brain(|_| Reply::call("business_info", json!({"topic": "hours"})));
    gives_up(desk, desk.business("Luna").openai(), Line::OutOfSteps, "Repeating").await;
    assert_eq!(desk.openai.asked().len(), 3);
});

story!(a_turn_over_its_budget, |desk| async {
    restless(desk);
    let business = desk.business("Luna").openai().tenant(|t| t.settings.turn_token_budget = Some(1_000));
    gives_up(desk, business, Line::OutOfSteps, "Budget").await;
    assert_eq!(desk.openai.asked().len(), 1);
});

story!(a_business_over_its_daily_budget, |desk| async {
    let shop = desk.business("Luna").openai().tenant(|t| t.settings.daily_token_budget = Some(100)).open().await;
    assert_eq!(shop.talk(ANA, "uno").await, "echo: uno");
    assert_eq!(shop.talk(ANA, "dos").await, text(Line::OutOfSteps));
    assert_eq!((desk.openai.asked().len(), shop.tasks().await), (1, vec!["handoff".to_owned()]));
    desk.advance(SECOND * 24 * 3600);
    assert_eq!(shop.talk(ANA, "tres").await, "echo: tres");
});

story!(a_model_that_is_never_ready_before_the_deadline, |desk| async {
    desk.openai.faults().always(ModelFault::Status(503));
    let began = desk.now();
    gives_up(desk, desk.business("Luna").openai(), Line::OutOfSteps, "Deadline").await;
    let took = desk.now().since(began);
    assert!((SECOND * 110..SECOND * 130).contains(&took), "{took:?}");
});

story!(a_model_that_refuses_our_key, |desk| async {
    desk.openai.faults().always(ModelFault::Status(401));
    gives_up(desk, desk.business("Luna").openai(), Line::Trouble, "ModelUnavailable").await;
    assert_eq!(desk.openai.asked().len(), 1);
});

story!(a_model_out_of_money, |desk| async {
    desk.openai.faults().always(ModelFault::Quota);
    gives_up(desk, desk.business("Luna").openai(), Line::Trouble, "ModelUnavailable").await;
    assert_eq!(desk.openai.asked().len(), 1);
});

story!(a_filter_that_swallows_every_answer, |desk| async {
    desk.openai.faults().always(ModelFault::ContentFilter);
    gives_up(desk, desk.business("Luna").openai(), Line::Trouble, "BadAnswers").await;
});

story!(a_model_that_comes_to_no_end, |desk| async {
    desk.openai.faults().always(ModelFault::LengthCut);
    gives_up(desk, desk.business("Luna").openai(), Line::Trouble, "BadAnswers").await;
    assert_eq!(desk.openai.asked().len(), 2);
});

story!(half_an_answer_is_not_sent_and_a_shorter_one_asked_for, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.faults().push(ModelFault::LengthCut);
    desk.openai.say("Abrimos de lunes a sábado, y los domingos descansamos todo el día.");
    desk.openai.say("Abrimos de lunes a sábado.");
    assert_eq!(shop.talk(ANA, "hola").await, "Abrimos de lunes a sábado.");
    assert_eq!((desk.openai.asked().len(), shop.tasks().await.len()), (2, 0));
    let told = desk.openai.asked().pop().unwrap().to_string();
    assert!(told.contains("Your last answer was not sent") && told.contains("shorter"), "{told}");
});

story!(
    a_turn_that_crashed_too_often,
    limits(|s| {
        s.max_attempts = 0;
    }),
    |desk| async {
        gives_up(desk, desk.business("Luna").openai(), Line::Trouble, "Crashing").await;
        assert!(desk.openai.asked().is_empty());
    }
);
