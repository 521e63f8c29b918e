//! Conversations over several messages.

use frontdesk_kernel::language::{Language, Line};

use super::*;

/// Said; the last call made; a piece of the answer.
type Script<'s> = &'s [(&'s str, &'s str, &'s str)];

fn play(contact: &str, office: impl FnMut(&ToolCall) -> (String, bool), script: Script<'_>) {
    let mut chat = Chat::new(prompt("es-CO", contact), office);
    for (said, call, piece) in script {
        let (calls, answer) = chat.say(said);
        assert_eq!(calls.last().map_or("", String::as_str), *call, "{said} → {answer}");
        assert!(answer.contains(piece), "{said} → {answer}");
    }
}

#[test]
fn a_booking_is_collected_over_several_messages() {
    play(
        "-",
        office,
        &[
            ("Hola", "", "¡Hola! 👋"),
            ("Quiero agendar una cita para mañana a las 10 AM", "business_info topic=services", "¿Qué servicio te gustaría?"),
            ("corte", "business_info topic=services", "¿Cuál de ellos prefieres?"),
            ("el de dama", "business_info topic=services", "Corte de dama: domingo 22 de noviembre, 10:00 AM"),
            ("¿quién eres?", "business_info topic=services", "¿A nombre de quién sería?"),
            (
                "ana ruiz",
                "schedule_appointment customer_name=Ana Ruiz service=Corte de dama start=2026-11-22T10:00",
                "✅ Corte de dama",
            ),
            ("gracias", "", "¡Con mucho gusto!"),
            ("quiero otra cita", "business_info topic=services", "¿Qué servicio te gustaría?"),
        ],
    );
    play(
        "-",
        office,
        &[
            ("I want an appointment", "business_info topic=services", "Which service would you like?"),
            ("manicure", "business_info topic=services", "Which day would you like?"),
            ("how much is it?", "business_info topic=services", "Which day would you like?"),
            ("monday", "get_available_slots date=2026-11-23 service=Manicure", "Which time works for you?"),
            ("3", "business_info topic=services", "Manicure: Monday, November 23, 3:00 PM"),
            ("My name is Sue", "schedule_appointment customer_name=Sue service=Manicure start=2026-11-23T15:00", "See you then!"),
        ],
    );
}

#[test]
fn free_times_lead_to_a_booking_on_the_day_that_the_tool_chose() {
    play(
        "Ana",
        office,
        &[
            ("¿Qué horas tienes disponibles?", "get_available_slots", "¿Qué hora te queda bien?"),
            ("a las 3", "business_info topic=services", "¿Qué servicio te gustaría?"),
            ("manicure", "schedule_appointment service=Manicure start=2026-11-23T15:00", "¡Te esperamos!"),
        ],
    );
}

#[test]
fn days_asked_about_one_after_the_other_end_in_a_booking() {
    play(
        "Ana",
        office,
        &[
            ("¿a qué hora tienen mañana?", "get_available_slots date=2026-11-22", "¿Qué hora te queda bien?"),
            ("¿y el lunes?", "get_available_slots date=2026-11-23", "¿Qué hora te queda bien?"),
            ("prefiero el martes", "get_available_slots date=2026-11-24", "¿Qué hora te queda bien?"),
            ("9:30", "business_info topic=services", "¿Qué servicio te gustaría?"),
            ("manicure", "schedule_appointment service=Manicure start=2026-11-24T09:30", "¡Te esperamos!"),
        ],
    );
    play("Ana", office, &[("¿y para el lunes?", "get_available_slots date=2026-11-23", "¿Qué hora te queda bien?")]);
}

#[test]
fn what_waits_for_somebodys_yes_is_said_and_no_other_time_is_asked_for() {
    for line in [Line::AskedTeam, Line::AskedContact] {
        let asks = |call: &ToolCall| match call.name.as_str() {
            "schedule_appointment" => (line.text(Language::Spanish).to_owned(), true),
            _ => office(call),
        };
        let mut chat = Chat::new(prompt("es-CO", "Ana"), asks);
        let (_, answer) = chat.say("quiero manicure mañana a las 10");
        assert_eq!(answer, line.text(Language::Spanish));
    }
}

#[test]
fn a_refused_time_is_never_reported_as_booked_and_another_is_asked_for() {
    let busy = |call: &ToolCall| match call.arguments.get("start").and_then(Value::as_str) {
        Some(start) if !start.ends_with("T11:00") => ("❌ Esa hora está ocupada. Libres: 11:00 AM".to_owned(), true),
        _ => office(call),
    };
    play(
        "Ana",
        busy,
        &[
            (
                "quiero manicure mañana a las 10",
                "schedule_appointment service=Manicure start=2026-11-22T10:00",
                "❌ Esa hora está ocupada. Libres: 11:00 AM\n\n¿Qué otro horario te sirve?",
            ),
            ("mmm", "get_available_slots date=2026-11-22 service=Manicure", "¿Qué hora te queda bien?"),
            ("11", "schedule_appointment service=Manicure start=2026-11-22T11:00", "¡Te esperamos!"),
        ],
    );
    let mut chat = Chat::new(prompt("es-CO", "Ana"), |call: &ToolCall| (String::new(), call.name != "business_info"));
    let (_, answer) = chat.say("agéndame mañana a las 10");
    assert!(!answer.contains("Te esperamos"), "{answer}");
}

#[test]
fn cancelling_asks_first_and_only_a_whole_yes_cancels() {
    play(
        "Ana",
        office,
        &[
            ("quiero cancelar mi cita de manicure", "my_appointments", "¿Seguro que la quieres cancelar?"),
            ("si puedo a otra hora", "my_appointments", "¿Seguro que la quieres cancelar?"),
            ("sí", "cancel_appointment appointment=Manicure", "Cuando quieras otra cita"),
            ("sí", "", "No estoy seguro"),
        ],
    );
    play(
        "Ana",
        office,
        &[("cancel my appointment", "my_appointments", "Are you sure"), ("no, don't cancel", "", "All right, I change nothing.")],
    );
    let none = |call: &ToolCall| match call.name.as_str() {
        "my_appointments" => ("No tienes citas próximas.".to_owned(), false),
        _ => office(call),
    };
    play("Ana", none, &[("cancela mi cita", "my_appointments", "No tienes citas próximas.\n\nSi quieres una cita")]);
}

#[test]
fn a_move_is_collected_over_several_messages() {
    play(
        "Ana",
        office,
        &[
            ("necesito mover mi cita", "my_appointments", "¿A qué día y hora la quieres pasar?"),
            ("el martes", "get_available_slots date=2026-11-24", "¿A cuál de estas horas la pasamos?"),
            ("a las 3", "reschedule_appointment new_start=2026-11-24T15:00", "¡Te esperamos en el nuevo horario!"),
        ],
    );
}

#[test]
fn a_wish_can_be_dropped_and_a_greeting_starts_afresh() {
    play(
        "Ana",
        office,
        &[
            ("quiero un manicure", "business_info topic=services", "¿Para qué día"),
            ("no, gracias", "", "De acuerdo, lo dejamos aquí."),
            ("quiero una cita mañana a las 10", "business_info topic=services", "¿Qué servicio"),
            ("cancelar", "", "De acuerdo, lo dejamos aquí."),
            ("quiero manicure mañana", "get_available_slots date=2026-11-22 service=Manicure", "¿Qué hora"),
            ("hola", "", "¡Hola, Ana!"),
            ("quiero tinte", "business_info topic=services", "¿Para qué día"),
        ],
    );
}

#[test]
fn the_name_is_kept_when_it_comes_after_a_booking_made_at_once() {
    play(
        "-",
        office,
        &[
            (
                "quiero manicure mañana a las 10",
                "schedule_appointment service=Manicure start=2026-11-22T10:00",
                "¿cómo te llamas?",
            ),
            ("soy ana", "update_contact name=Ana", "✅ Ana"),
        ],
    );
    play(
        "-",
        office,
        &[
            (
                "quiero manicure mañana a las 10",
                "schedule_appointment service=Manicure start=2026-11-22T10:00",
                "¿cómo te llamas?",
            ),
            ("no", "", "Como prefieras."),
        ],
    );
}

#[test]
fn money_is_asked_back_for_what_was_paid_and_for_nothing_else() {
    let wish = "Hola, quiero que me devuelvan el dinero del corte";
    let call = "refund_payment amount_minor=4500050 payment=pay_1 reason=Hola quiero que me devuelvan el dinero del corte";
    play("Ana", office, &[(wish, call, "↩️ pay_1"), ("gracias", "", "¡Con mucho gusto!")]);
    let unpaid = |call: &ToolCall| match call.name.as_str() {
        "my_payments" => ("No hay pagos.".to_owned(), false),
        _ => office(call),
    };
    play("Ana", unpaid, &[("I want a refund", "my_payments", "No hay pagos.")]);
    let asked = |call: &ToolCall| match call.name.as_str() {
        "refund_payment" => (Line::AskedTeam.text(Language::Spanish).to_owned(), true),
        _ => office(call),
    };
    let mut chat = Chat::new(prompt("es-CO", "Ana"), asked);
    assert_eq!(chat.say("quiero un reembolso").1, Line::AskedTeam.text(Language::Spanish));
    let mut without = Chat::new(prompt("es-CO", "Ana"), office);
    without.tools.retain(|tool| !tool.contains("payment"));
    assert_eq!(without.say("quiero un reembolso").0, ["handoff_to_human reason=quiero un reembolso"]);
}
