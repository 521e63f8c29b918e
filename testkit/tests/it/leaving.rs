//! How replies leave: pace, order, length, format, the 24-hour window, read marks.

use std::time::Duration;

use frontdesk_kernel::{effect::State, message::Delivery};
use frontdesk_testkit::{
    desk::Setup,
    fakes::{GraphFault, Route},
    story,
};

use crate::{
    people::{ANA, LUZ, SECOND},
    sending::{delivery, state, talk_in},
};

story!(
    the_pace_to_one_person_does_not_slow_the_others,
    Setup::new().with(|s| {
        s.pair_burst = Some(2);
        s.pair_interval = Some(SECOND * 6);
    }),
    |desk| async {
        let shop = desk.business("Luna").openai().open().await;
        desk.openai.say("palabra ".repeat(2_000));
        shop.say(ANA, "cuéntame todo").await;
        desk.answer().await;
        shop.talk(LUZ, "hola").await;
        assert_eq!((shop.sent(ANA).len(), shop.sent(LUZ).len()), (2, 1));
        for (seconds, expected) in [(4, 2), (1, 3), (5, 3), (1, 4), (60, 4)] {
            desk.advance(SECOND * seconds);
            desk.settle().await;
            assert_eq!(shop.sent(ANA).len(), expected);
        }
    }
);

story!(vendor_error_131056_delays_that_conversation_only, |desk| async {
    let shop = desk.business("Luna").open().await;
    talk_in(desk, &shop, GraphFault::VendorError(131_056)).await;
    assert!(!shop.talk(LUZ, "hola").await.is_empty());
    assert!(shop.sent(ANA).is_empty());
    desk.advance(SECOND * 6);
    desk.settle().await;
    assert_eq!(shop.sent(ANA).len(), 1);
});

story!(an_account_keeps_to_its_messages_per_second, Setup::new().with(|s| s.messages_per_second = Some(4)), |desk| async {
    let shop = desk.business("Luna").open().await;
    for i in 0..10 {
        shop.say(&format!("5730044400{i:02}"), "hola").await;
    }
    desk.answer().await;
    assert_eq!(desk.graph.sent_count(), 4);
    for expected in 5..=10 {
        desk.advance(Duration::from_millis(250));
        desk.settle().await;
        assert_eq!(desk.graph.sent_count(), expected);
    }
});

story!(pieces_and_replies_keep_their_order_whatever_happens_to_one_of_them, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let sentence = |n: usize| format!("{n} {}.", "y sigue la historia sin parar".repeat(60));
    let long: Vec<_> = (0..5).map(sentence).collect();
    desk.openai.say(long.join("\n\n"));
    desk.graph.faults().push(GraphFault::RateLimited { retry_after: Some(SECOND * 5) });
    shop.say(ANA, "cuéntame").await;
    desk.answer().await;
    assert!(shop.sent(ANA).is_empty(), "the later pieces wait");
    shop.say(ANA, "¿y?").await;
    desk.answer().await;
    assert!(shop.sent(ANA).is_empty(), "the later reply waits too");
    desk.pass(SECOND * 10, SECOND).await;
    let replies = shop.replies(ANA);
    assert_eq!(replies.last().unwrap(), "echo: ¿y?");
    assert_eq!(replies[..replies.len() - 1].join("\n\n"), long.join("\n\n"));
    assert!(replies.len() > 3);
});

story!(long_answers_are_split_where_the_vendor_s_limit_is, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let text = "Una frase con tildes: áéíóú ñ 👩🏽‍🚀. ".repeat(300);
    desk.openai.say(text.as_str());
    shop.say(ANA, "cuéntame").await;
    desk.answer().await;
    desk.pass(SECOND * 5, SECOND).await;
    let replies = shop.replies(ANA);
    assert_eq!(replies.len(), text.chars().count().div_ceil(4096));
    assert!(replies.iter().all(|r| r.chars().count() <= 4096));
    assert_eq!(replies.join(" "), text.trim());
    let turn = &shop.turns().await[0];
    assert!(shop.outgoing(ANA).await.iter().all(|m| m.turn.as_ref() == Some(&turn.id)));
});

story!(markdown_becomes_what_the_channel_shows, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.say("# Horario\n\n**Lunes**: 9 a 18\n\n- uno\n- [web](https://example.org)");
    let reply = shop.talk(ANA, "¿horario?").await;
    assert!(reply.contains("*Lunes*") && reply.contains("https://example.org"), "{reply}");
    assert!(!reply.contains("**") && !reply.contains("# ") && !reply.contains("]("), "{reply}");
});

story!(nothing_free_goes_after_the_window_has_closed, |desk| async {
    let shop = desk.business("Luna").open().await;
    talk_in(desk, &shop, GraphFault::VendorError(190)).await;
    desk.advance(SECOND * 24 * 3600);
    shop.change_channel(|c| c.paused_reason = None).await;
    desk.settle().await;
    assert!(shop.sent(ANA).is_empty());
    assert_eq!(state(&shop, ANA).await, State::Expired);
    assert_eq!(shop.tasks().await, ["channel_stopped", "window_closed"]);
    assert_eq!(delivery(&shop, ANA).await.0, Delivery::Failed);
    assert!(!shop.talk(ANA, "hola").await.is_empty(), "a new message opens it again");
});

story!(just_inside_the_window_it_still_goes, |desk| async {
    let shop = desk.business("Luna").open().await;
    talk_in(desk, &shop, GraphFault::VendorError(190)).await;
    desk.advance(SECOND * 24 * 3600 - SECOND * 3);
    shop.change_channel(|c| c.paused_reason = None).await;
    desk.settle().await;
    assert_eq!((shop.sent(ANA).len(), state(&shop, ANA).await), (1, State::Succeeded));
});

story!(the_customer_sees_that_it_was_read_and_is_being_answered, |desk| async {
    let shop = desk.business("Luna").open().await;
    let first = shop.say(ANA, "hola").await;
    let second = shop.say(ANA, "¿están?").await;
    desk.answer().await;
    let marks = desk.graph.read_marks();
    assert_eq!(marks.len(), 1);
    assert_eq!(
        (marks[0].message.as_str(), marks[0].typing, marks[0].account.as_str()),
        (second.as_str(), true, shop.account.as_str())
    );
    assert_ne!(first, second);
    for fault in [GraphFault::Reset, GraphFault::VendorError(131_009), GraphFault::AcceptThen502] {
        desk.graph.faults_of(Route::MarkRead).push(fault.clone());
        assert!(!shop.talk(ANA, "hola").await.is_empty(), "{fault:?}");
    }
});

story!(reading_need_not_be_shown, Setup::new().with(|s| s.mark_read = false), |desk| async {
    let shop = desk.business("Luna").open().await;
    assert!(!shop.talk(ANA, "hola").await.is_empty());
    assert!(desk.graph.read_marks().is_empty());
});

story!(typing_need_not_be_shown, Setup::new().with(|s| s.typing = false), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.talk(ANA, "hola").await;
    assert_eq!(desk.graph.read_marks().iter().map(|m| m.typing).collect::<Vec<_>>(), [false]);
});

story!(a_mock_channel_records_and_sends_nothing, |desk| async {
    let shop = desk.business("Luna").mock().open().await;
    shop.say(ANA, "hola").await;
    desk.answer().await;
    assert!(desk.graph.requests().is_empty());
    let kept = shop.outgoing(ANA).await;
    assert_eq!((kept.len(), kept[0].delivery), (1, Some(Delivery::Sent)));
    assert!(kept[0].vendor_id.as_deref().unwrap().starts_with("wamid.mock_"));
});
