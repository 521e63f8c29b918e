//! What a first message leads to.

use super::{super::say::Question, *};

#[test]
fn first_messages_lead_to_the_right_calls() {
    const LIST: &str = "business_info topic=services";
    // What is said; the calls; a piece of the answer. The contact is known, the price list is not in the prompt.
    let rows: &[(&str, &[&str], &str)] = &[
        ("Hola", &[], "¡Hola, Ana! 👋"),
        ("Buenos días", &[], "Puedo ayudarte con"),
        ("¡Buenas tardes!", &[], "Puedo ayudarte con"),
        ("hello", &[], "Hello, Ana! 👋"),
        ("Good morning", &[], "I can help you with"),
        ("¿Cuánto cuesta el corte?", &[LIST], "Corte de dama: $45,000"),
        ("precios por favor", &[LIST], "Manicure"),
        ("Hola, ¿qué servicios ofrecen?", &[LIST], "¡Hola! 👋\n\n• Corte"),
        ("how much is a haircut?", &[LIST], "$30,000"),
        ("What are your prices?", &[LIST], "Tinte"),
        ("¿A qué hora abren?", &["business_info topic=hours"], "[hours]"),
        ("¿Cuál es el horario de atención?", &["business_info topic=hours"], "[hours]"),
        ("¿Abren el domingo?", &["business_info topic=hours"], "[hours]"),
        ("what are your opening hours?", &["business_info topic=hours"], "[hours]"),
        ("Are you open on Sunday?", &["business_info topic=hours"], "[hours]"),
        ("¿Dónde están ubicados?", &["business_info topic=location"], "[location]"),
        ("me das la dirección?", &["business_info topic=location"], "[location]"),
        ("Where are you located?", &["business_info topic=location"], "[location]"),
        ("¿Aceptan tarjeta?", &["business_info topic=payment"], "[payment]"),
        ("¿puedo cancelar con tarjeta?", &["business_info topic=payment"], "[payment]"),
        ("¿Qué medios de pago tienen? ¿Nequi?", &["business_info topic=payment"], "[payment]"),
        ("can I pay cash?", &["business_info topic=payment"], "[payment]"),
        ("¿Tienen promociones?", &["business_info topic=promotions"], "[promotions]"),
        ("any discounts?", &["business_info topic=promotions"], "[promotions]"),
        ("¿Quiénes son las estilistas?", &["business_info topic=staff"], "Laura Gómez"),
        ("Who works there? any stylists?", &["business_info topic=staff"], "Sofía"),
        ("quiero información", &["business_info topic=all"], "[all]"),
        ("¿Qué horarios tienes disponibles mañana?", &[LIST, "get_available_slots date=2026-11-22"], "🕐 9:00 AM"),
        ("¿Qué horarios tienen mañana?", &[LIST, "get_available_slots date=2026-11-22"], "¿Qué hora te queda bien?"),
        ("¿hay cupo el viernes en la tarde?", &[LIST, "get_available_slots date=2026-11-27 time_range=afternoon"], "🕐"),
        ("tienes disponibilidad para manicure?", &[LIST, "get_available_slots service=Manicure"], "🕐"),
        (
            "Is anything available tomorrow morning?",
            &[LIST, "get_available_slots date=2026-11-22 time_range=morning"],
            "Which time works for you?",
        ),
        ("what's free on the 25th with Laura", &[LIST, "get_available_slots date=2026-11-25 staff=Laura"], "Which time"),
        ("Quiero agendar una cita para mañana a las 10 AM", &[LIST], "¿Qué servicio te gustaría?"),
        ("quiero una cita", &[LIST], "¿Qué servicio te gustaría?"),
        ("I'd like to book an appointment", &[LIST], "Which service would you like?"),
        ("Quiero un corte mañana a las 3", &[LIST], "• Corte de dama\n• Corte de caballero\n\n¿Cuál de ellos prefieres?"),
        ("quiero un manicure", &[LIST], "Manicure\n\n¿Para qué día te gustaría?"),
        (
            "quiero un manicure el martes",
            &[LIST, "get_available_slots date=2026-11-24 service=Manicure"],
            "¿Qué hora te queda bien?",
        ),
        (
            "Quiero agendar un manicure para el viernes a las 10 AM",
            &[LIST, "schedule_appointment service=Manicure start=2026-11-27T10:00"],
            "✅ Manicure 2026-11-27T10:00\n\n¡Te esperamos!",
        ),
        (
            "Resérvame corte de dama con Laura pasado mañana a las 3 y media de la tarde",
            &[LIST, "schedule_appointment service=Corte de dama staff=Laura start=2026-11-23T15:30"],
            "¡Te esperamos!",
        ),
        (
            "agéndame tinte con laura el 25/11 a las 9",
            &[
                LIST,
                "business_info topic=staff",
                "schedule_appointment service=Tinte completo staff=laura start=2026-11-25T09:00",
            ],
            "✅ Tinte completo",
        ),
        (
            "agéndame manicure con diseño el 25/11 a las 9",
            &[LIST, "business_info topic=staff", "schedule_appointment service=Manicure start=2026-11-25T09:00"],
            "✅ Manicure",
        ),
        (
            "book a men's haircut for tomorrow at 4pm please",
            &[LIST, "schedule_appointment service=Corte de caballero start=2026-11-22T16:00"],
            "See you then!",
        ),
        (
            "I need a manicure on November 25 at noon",
            &[LIST, "schedule_appointment service=Manicure start=2026-11-25T12:00"],
            "See you then!",
        ),
        ("mover mi cita", &["my_appointments"], "¿A qué día y hora la quieres pasar?"),
        ("quiero cambiar mi cita al lunes", &[LIST, "get_available_slots date=2026-11-23"], "¿A cuál de estas horas la pasamos?"),
        (
            "Necesito reprogramar mi cita del viernes para el sábado a las 11",
            &[LIST, "reschedule_appointment new_start=2026-11-28T11:00"],
            "✅ → 2026-11-28T11:00",
        ),
        (
            "mueve la cita de manicure para mañana a las 4 de la tarde",
            &[LIST, "reschedule_appointment appointment=Manicure new_start=2026-11-22T16:00"],
            "¡Te esperamos en el nuevo horario!",
        ),
        (
            "please reschedule my appointment to Monday at 3",
            &[LIST, "reschedule_appointment new_start=2026-11-23T15:00"],
            "See you at the new time!",
        ),
        ("cancelar mi cita", &["my_appointments"], "¿Seguro que la quieres cancelar?"),
        ("ya no puedo ir mañana", &["my_appointments"], "¿Seguro que la quieres cancelar?"),
        ("Cancel my appointment", &["my_appointments"], "Are you sure that you want to cancel it?"),
        ("¿Cuáles son mis citas?", &["my_appointments"], "Manicure: viernes"),
        ("¿cuándo es mi cita?", &["my_appointments"], "Manicure: viernes"),
        ("do I have an appointment?", &["my_appointments"], "Manicure: viernes"),
        ("quiero hablar con una persona", &["handoff_to_human reason=quiero hablar con una persona"], "🙋"),
        ("necesito un asesor", &["handoff_to_human reason=necesito un asesor"], "🙋"),
        ("can I talk to a human?", &["handoff_to_human reason=can I talk to a human"], "🙋"),
        ("gracias!", &[], "¡Con mucho gusto!"),
        ("thank you", &[], "You are welcome!"),
        ("chao", &[], "¡Hasta pronto!"),
        ("Goodbye", &[], "Goodbye!"),
        ("ayuda", &[], "Puedo ayudarte con"),
        ("help", &[], "I can help you with"),
        ("[image]", &[], "Gracias por la imagen"),
        ("[image] ¿cuánto cuesta este corte?", &[LIST], "Gracias por la imagen"),
        ("[voice note]", &[], "nota de voz"),
        ("[voice note] ¿dónde quedan?", &["business_info topic=location"], "[location]"),
        ("[location 4.60971,-74.08175] Mi casa", &[], "Recibí la ubicación"),
        ("[sticker]", &[], "😊"),
        ("[unsupported: poll]", &[], "¿Me lo cuentas por texto?"),
        ("Me llamo Ana María", &["update_contact name=Ana María"], "✅ Ana María"),
        ("mi correo es ana@example.com", &["update_contact email=ana@example.com"], "✅"),
        ("manicure", &[LIST], "¿Para qué día te gustaría?"),
        ("El cielo es azul", &[LIST], "No estoy seguro de haberte entendido"),
        ("the sky is blue", &[LIST], "I am not sure that I understood you"),
        ("sí", &[], "No estoy seguro"),
        // The messages of `fixtures/`.
        ("Hola, buenos días", &[], "¡Hola, Ana! 👋"),
        ("¿Cuánto cuestan sus servicios?", &[LIST], "$45,000"),
        ("Quiero cancelar mi cita", &["my_appointments"], "¿Seguro que la quieres cancelar?"),
        ("[image] ¿Me pueden hacer este corte?", &[LIST], "¿Cuál de ellos prefieres?"),
        ("Manicure", &[LIST], "¿Para qué día te gustaría?"),
        (
            "Necesito mover mi cita para el viernes a las 3 de la tarde",
            &[LIST, "reschedule_appointment new_start=2026-11-27T15:00"],
            "¡Te esperamos en el nuevo horario!",
        ),
        ("no confirmo", &[], "No estoy seguro"),
    ];
    for (said, calls, piece) in rows {
        let (made, answer) = Chat::new(prompt("es-CO", "Ana"), office).say(said);
        assert_eq!(made, *calls, "{said} → {answer}");
        assert!(answer.contains(piece), "{said} → {answer}");
    }
}

#[test]
fn a_price_list_in_the_prompt_saves_the_call() {
    let system = format!("{}**SERVICIOS Y PRECIOS**\n{PRICES}\n", prompt("es-CO", "-"));
    let (calls, answer) = Chat::new(system, office).say("Quiero manicure mañana a las 10");
    assert_eq!(calls, ["schedule_appointment service=Manicure start=2026-11-22T10:00"]);
    assert_eq!(Question::last_in(&answer), Some(Question::NameAfterwards));
}

#[test]
fn the_only_service_need_not_be_asked_for() {
    let one = |call: &ToolCall| match call.name.as_str() {
        "business_info" => ("• Consulta: $80,000 COP (30 min)".to_owned(), false),
        _ => office(call),
    };
    let (calls, _) = Chat::new(prompt("es-CO", "Ana"), one).say("Quiero agendar una cita para mañana a las 10 AM");
    assert_eq!(calls[1], "schedule_appointment service=Consulta start=2026-11-22T10:00");
}
