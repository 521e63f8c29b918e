//! Appointments: booked, moved and cancelled in conversations; nothing is said to be done that was not done.

use frontdesk_kernel::{
    language::{Language, Line},
    message::Delivery,
    turn::Step,
};
use frontdesk_testkit::{desk::appointments_of, fakes::Reply, story};
use serde_json::json;

use crate::people::{ANA, LUZ};

fn booked(title: &str, start: &str) -> (String, String, &'static str) {
    (title.to_owned(), start.to_owned(), "confirmed")
}

story!(a_greeting_is_answered, |desk| async {
    let shop = desk.business("Luna").open().await;
    let reply = shop.talk(ANA, "Hola").await;
    assert!(reply.contains("¡Hola! 👋"), "{reply}");
    let (sent, kept) = (shop.sent(ANA), shop.outgoing(ANA).await);
    assert_eq!((sent.len(), kept.len()), (1, 1));
    assert_eq!(kept[0].vendor_id.as_deref(), Some(sent[0].vendor_id.as_str()));
    assert_eq!(kept[0].delivery, Some(Delivery::Read));
});

story!(a_dialogue_with_the_rules_books_a_slot_that_was_free, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (said, piece) in [
        ("Hola", "¡Hola! 👋"),
        ("Quiero agendar una cita para mañana a las 10 AM", "¿Qué servicio te gustaría?"),
        ("manicure", "Manicure: domingo 22 de noviembre, 10:00 AM"),
        ("ana ruiz", "✅ Tu cita está agendada: Manicure"),
        ("gracias", "¡Con mucho gusto!"),
    ] {
        let reply = shop.talk(ANA, said).await;
        assert!(reply.contains(piece), "{said} → {reply}");
    }
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-22T10:00")]);
});

story!(a_dialogue_with_the_rules_moves_and_cancels_an_appointment, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (said, piece) in [
        ("quiero manicure mañana a las 10, soy Ana", "Tu cita está agendada"),
        ("necesito mover mi cita", "¿A qué día y hora la quieres pasar?"),
        ("el martes a las 3 de la tarde", "Tu cita fue reprogramada"),
    ] {
        let reply = shop.talk(ANA, said).await;
        assert!(reply.contains(piece), "{said} → {reply}");
    }
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-24T15:00")]);
    for (said, piece) in [("quiero cancelar mi cita", "¿Seguro que la quieres cancelar?"), ("sí", "Tu cita fue cancelada")] {
        let reply = shop.talk(ANA, said).await;
        assert!(reply.contains(piece), "{said} → {reply}");
    }
    let expected = [("Manicure".to_owned(), "2026-11-24T15:00".to_owned(), "cancelled")];
    assert_eq!(appointments_of(&shop.appointments().await), expected);
});

story!(a_model_books_with_a_tool_and_then_says_so, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "manicure", "staff": "Laura"}));
    desk.openai.say("¡Listo! Tu cita quedó agendada para el lunes a las 10.");
    assert_eq!(
        shop.talk(ANA, "Manicure con Laura el lunes a las 10").await,
        "¡Listo! Tu cita quedó agendada para el lunes a las 10."
    );
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-23T10:00")]);

    let asked = desk.openai.asked();
    assert_eq!(asked.len(), 2);
    let result = asked[1]["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(result["role"], "tool");
    assert!(result["content"].as_str().unwrap().contains("Tu cita está agendada: Manicure con Laura"), "{result}");
    let turns = shop.turns().await;
    assert_eq!((turns.len(), turns[0].state.as_str()), (1, "done"));
    let kinds: Vec<_> = shop.journal(&turns[0].id).await.iter().map(kind).collect();
    assert_eq!(kinds, ["model", "tools", "model", "finished"]);
});

story!(parallel_calls_are_all_carried_out_and_all_answered, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let calls = Reply::call("business_info", json!({"topic": "hours"}))
        .and_call("update_contact", json!({"name": "Ana Ruiz"}))
        .and_call("schedule_appointment", json!({"start": "2026-11-23T09:00", "service": "Corte de dama"}))
        .and_call("schedule_appointment", json!({"start": "2026-11-23T11:00", "service": "Manicure"}));
    desk.openai.reply(calls);
    desk.openai.say("Agendé las dos citas.");
    shop.talk(ANA, "corte a las 9 y manicure a las 11 el lunes").await;
    let expected = [booked("Corte de dama", "2026-11-23T09:00"), booked("Manicure", "2026-11-23T11:00")];
    assert_eq!(appointments_of(&shop.appointments().await), expected);
    let answered = desk.openai.asked()[1]["messages"].as_array().unwrap().iter().filter(|m| m["role"] == "tool").count();
    assert_eq!(answered, 4);
});

story!(the_same_request_twice_is_one_appointment, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let wish = json!({"start": "2026-11-23T10:00", "service": "Manicure"});
    for reply in [
        Reply::call("schedule_appointment", wish.clone()).and_call("schedule_appointment", wish.clone()),
        Reply::text("Tu cita quedó agendada."),
        Reply::call("schedule_appointment", wish.clone()),
        Reply::text("Sigue agendada: tu cita quedó confirmada."),
    ] {
        desk.openai.reply(reply);
    }
    shop.talk(ANA, "manicure el lunes a las 10").await;
    shop.talk(ANA, "manicure el lunes a las 10, porfa").await;
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-23T10:00")]);
});

story!(two_services_at_one_time_are_two_appointments, |desk| async {
    let shop = desk.business("Luna").tenant(|t| t.profile.appointments.max_concurrent = 5).openai().open().await;
    let wish = |service: &str| json!({"start": "2026-11-23T10:00", "service": service});
    desk.openai
        .reply(Reply::call("schedule_appointment", wish("Manicure")).and_call("schedule_appointment", wish("Corte de dama")));
    desk.openai.say("Agendé las dos citas.");
    shop.talk(ANA, "manicure para mí y corte para mi hija, las dos el lunes a las 10").await;
    let mut kept = appointments_of(&shop.appointments().await);
    kept.sort();
    assert_eq!(kept, [booked("Corte de dama", "2026-11-23T10:00"), booked("Manicure", "2026-11-23T10:00")]);
});

story!(a_time_with_an_offset_is_not_taken_for_local_time, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for start in ["2026-11-23T10:00Z", "2026-11-23T10:00+02:00", "2026-11-23T10:00-08:00"] {
        desk.openai.call("schedule_appointment", json!({"start": start, "service": "Manicure"}));
        desk.openai.say("¿A qué hora, por favor?");
        shop.talk(ANA, "manicure el lunes").await;
        assert!(shop.appointments().await.is_empty(), "{start}");
    }
});

story!(two_customers_race_for_one_slot_and_one_gets_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for from in [ANA, LUZ, "573005550003", "573005550004"] {
        shop.say(from, "book:2026-11-23T10:00 service:Manicure").await;
    }
    desk.answer().await;
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-23T10:00")]);
    let replies: Vec<_> = desk.graph.sent().into_iter().filter_map(|s| s.text).collect();
    let (yes, no): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.contains("✅ Tu cita está agendada"));
    assert_eq!((yes.len(), no.len()), (1, 3), "{replies:?}");
    assert!(no.iter().all(|r| r.contains("Esa hora ya está ocupada")), "{no:?}");
});

story!(nobody_moves_or_cancels_an_appointment_of_somebody_else, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    let hers = shop.appointments().await;
    for call in [
        Reply::call("cancel_appointment", json!({"appointment": "latest"})),
        Reply::call("cancel_appointment", json!({"appointment": hers[0].id})),
        Reply::call("reschedule_appointment", json!({"appointment": hers[0].id, "new_start": "2026-11-25T10:00"})),
        Reply::call("cancel_appointment", json!({"appointment": hers[0].id, "contact_id": hers[0].contact})),
        Reply::call("my_appointments", json!({})),
    ] {
        desk.openai.reply(call);
        desk.openai.say("No encontré ninguna cita a tu nombre.");
        shop.talk(LUZ, "cancela la cita de Ana").await;
        let result = desk.openai.asked().last().unwrap()["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
        assert!(!result.contains("Manicure") && !result.contains('✅'), "{result}");
    }
    assert_eq!(shop.appointments().await, hers);
});

story!(a_closed_hour_is_refused_with_the_hours_that_are_free, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for (wish, piece) in [
        ("book:2026-11-23T20:00 service:Manicure", "no cabe en nuestro horario"),
        ("book:2026-11-20T10:00 service:Manicure", "Esa hora ya pasó"),
        ("book:2026-11-21T10:30 service:Manicure", "al menos 1 hora de anticipación"),
        ("book:2026-11-23T10:00 service:Masaje", "No tenemos ese servicio"),
        ("book:2026-11-23T10:00Z service:Manicure", "local date and time"),
    ] {
        let reply = shop.talk(ANA, wish).await;
        assert!(reply.contains(piece), "{wish} → {reply}");
    }
    assert!(shop.appointments().await.is_empty());
});

story!(a_model_that_claims_what_it_did_not_do_is_corrected, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.say("Tu cita quedó agendada para el lunes a las 10.");
    desk.openai.call("schedule_appointment", json!({"start": "2026-11-23T10:00", "service": "Manicure"}));
    desk.openai.say("Ahora sí: tu cita quedó agendada para el lunes a las 10.");
    let reply = shop.talk(ANA, "manicure el lunes a las 10").await;
    assert_eq!(reply, "Ahora sí: tu cita quedó agendada para el lunes a las 10.");
    assert_eq!(appointments_of(&shop.appointments().await), [booked("Manicure", "2026-11-23T10:00")]);
    assert!(shop.tasks().await.is_empty());
    let journal = shop.journal(&shop.turns().await[0].id).await;
    assert!(matches!(journal[1], Step::Correction { .. }), "{journal:?}");
});

story!(a_model_that_insists_on_a_false_claim_is_not_heard, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.openai.say("Tu cita quedó agendada para el lunes a las 10.");
    desk.openai.say("¡Confirmado! Tu cita quedó agendada.");
    assert_eq!(shop.talk(ANA, "manicure el lunes a las 10").await, Line::BeingConfirmed.text(Language::Spanish));
    assert!(shop.appointments().await.is_empty());
    assert_eq!(shop.tasks().await, ["handoff"]);
    assert_eq!(shop.turns().await[0].outcome.as_deref(), Some("UnbackedClaim"));
});

fn kind(step: &Step) -> &'static str {
    match step {
        Step::Model { .. } => "model",
        Step::Tools { .. } => "tools",
        Step::Correction { .. } => "correction",
        Step::Note { .. } => "note",
        Step::More { .. } => "more",
        Step::Finished { .. } => "finished",
    }
}
