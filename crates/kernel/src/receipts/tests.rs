//! Labelled sentences in six languages, and what backs what.

mod claims;
mod innocent;
mod sayings;

use super::*;
use crate::language::{Language, Line};
use ReceiptKind::{Booked, Cancelled, ContactUpdated, HandedOver, Paid, ReportMade, Rescheduled, Sent};

fn labelled() -> impl Iterator<Item = (ReceiptKind, &'static str)> {
    claims::CLAIMS.iter().flat_map(|(kind, texts)| texts.iter().map(|text| (*kind, *text)))
}

#[test]
fn every_claim_is_found() {
    let missed: Vec<_> = labelled().filter(|(kind, text)| !claims(text).contains(kind)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn nothing_else_is_taken_for_a_claim() {
    let wrong: Vec<_> =
        innocent::INNOCENT.iter().map(|text| (text, claims(text))).filter(|(_, found)| !found.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_tables_are_large_and_balanced() {
    let (claims, innocent) = (labelled().count(), innocent::INNOCENT.len());
    assert!(claims > 200 && innocent > 200, "{claims} claims, {innocent} innocent");
}

#[test]
fn capitals_emphasis_and_company_change_nothing() {
    for (kind, text) in labelled() {
        for said in
            [text.to_uppercase(), format!("*{text}*"), format!("Hola 👋\n\n{text}\n\n¿Algo más?"), format!("Hi!  {text} 😊")]
        {
            assert!(claims(&said).contains(&kind), "{kind:?}: {said}");
        }
    }
    for text in innocent::INNOCENT {
        for said in [text.to_uppercase(), format!("_{text}_"), format!("Hola 👋\n\n{text}\n\n¿Algo más?")] {
            assert_eq!(claims(&said), [], "{said}");
        }
    }
}

#[test]
fn a_claim_needs_its_receipt() {
    let booked = "Tu cita quedó agendada para el lunes a las 10.";
    let moved = "Moví tu cita al martes.";
    let cancelled = "He cancelado tu cita.";
    let both = "Tu cita quedó agendada y te envié el enlace de pago.";
    for (text, receipts, missing) in [
        (booked, &[][..], &[Booked][..]),
        (booked, &[Booked], &[]),
        (booked, &[Rescheduled], &[]),
        (booked, &[Cancelled], &[Booked]),
        (moved, &[Booked], &[Rescheduled]),
        (moved, &[Booked, Cancelled], &[]),
        (moved, &[Rescheduled], &[]),
        (cancelled, &[Booked, Rescheduled], &[Cancelled]),
        (cancelled, &[Cancelled], &[]),
        (both, &[Booked], &[Sent]),
        (both, &[Sent], &[Booked]),
        (both, &[Booked, Sent], &[]),
        ("I've notified the team.", &[Sent], &[HandedOver]),
        ("We've received your payment.", &[Paid], &[]),
        ("I've saved your name.", &[Booked], &[ContactUpdated]),
        ("¿Algo más?", &[], &[]),
    ] {
        let evidence = Evidence { receipts, ..Evidence::default() };
        assert_eq!(unbacked(text, &evidence), missing, "{text} with {receipts:?}");
    }
}

#[test]
fn whatever_else_was_done_and_is_said_a_claim_without_its_receipt_is_held_back() {
    let all = [Booked, Rescheduled, Cancelled, ContactUpdated, HandedOver, Paid, Sent, ReportMade];
    let others = labelled().skip(97).chain(labelled());
    for ((kind, text), (_, other)) in labelled().zip(others) {
        let backs = |receipt: &ReceiptKind| match kind {
            Booked => matches!(receipt, Booked | Rescheduled),
            // To have booked and cancelled is to have moved.
            Rescheduled => matches!(receipt, Rescheduled | Cancelled),
            kind => *receipt == kind,
        };
        let receipts: Vec<_> = all.into_iter().filter(|receipt| !backs(receipt)).collect();
        let said = format!("{other}\n\n{text}");
        let missing = unbacked(&said, &Evidence { receipts: &receipts, ..Evidence::default() });
        assert!(missing.contains(&kind), "{kind:?}: {said}");
        assert_eq!(unbacked(&said, &Evidence { receipts: &all, ..Evidence::default() }), [], "{said}");
    }
}

#[test]
fn having_read_the_appointments_backs_what_stands_but_not_what_was_done() {
    let read = Evidence { listed_appointments: true, ..Evidence::default() };
    for stands in [
        "Tienes una cita agendada para el lunes a las 10.",
        "Sí, tu cita está confirmada para el lunes.",
        "Tu próxima cita es el lunes a las 10.",
        "Te esperamos mañana a las 10.",
        "You have an appointment on Monday at 10.",
        "Your appointment is confirmed for Monday.",
        "See you tomorrow at 10!",
        "Votre rendez-vous est confirmé pour lundi.",
        "Sie haben am Montag um 10 Uhr einen Termin.",
    ] {
        assert_eq!(unbacked(stands, &read), [], "{stands}");
        assert_eq!(unbacked(stands, &Evidence::default()), [Booked], "{stands}");
    }
    for (done, kind) in [
        ("Tu cita quedó agendada para el lunes.", Booked),
        ("I've booked you in for 10.", Booked),
        ("Tu cita está cancelada.", Cancelled),
        ("Your appointment was moved to Friday.", Rescheduled),
    ] {
        assert_eq!(unbacked(done, &read), [kind], "{done}");
    }
}

#[test]
fn having_told_the_team_backs_that_they_know_and_nothing_else() {
    let told = Evidence { told_team: true, ..Evidence::default() };
    for said in ["I've asked the team and will let you know.", "Ya avisé al equipo.", "Ho informato il responsabile."] {
        assert_eq!((unbacked(said, &told), unbacked(said, &Evidence::default())), (vec![], vec![HandedOver]), "{said}");
    }
    for said in [
        "I've passed your request to our team.",
        "Ya le pasé tu mensaje a la encargada.",
        "Ich habe Ihre Anfrage an das Team weitergeleitet.",
        "Ya le comuniqué tu caso a la dueña.",
        "A colleague is looking into your request.",
    ] {
        assert_eq!(unbacked(said, &told), [], "{said}");
    }
    for lie in [
        "You've been transferred to one of our agents.",
        "I am connecting you with a member of our team.",
        "Te he transferido con un asesor.",
        "Te comunico con una persona del equipo.",
        "Te paso con un asesor ahora mismo.",
        "Estou te transferindo? Já transferi você para um atendente.",
        "La ho trasferita a un operatore.",
        "Ich habe Sie mit einem Mitarbeiter verbunden.",
        "Je vous ai transféré à un conseiller.",
        "A colleague of our team is taking over.",
    ] {
        assert_eq!(unbacked(lie, &told), [HandedOver], "{lie}");
    }
    assert_eq!(unbacked("Ya avisé al equipo y tu cita quedó agendada.", &told), [Booked]);
}

#[test]
fn having_counted_backs_how_many_there_were_and_nothing_that_was_done_for_somebody() {
    let counted = Evidence { listed_figures: true, ..Evidence::default() };
    for (figure, kind) in [
        ("3 appointments were cancelled.", Cancelled),
        ("In November 1 appointment was cancelled and two customers did not come.", Cancelled),
        ("Se cancelaron 3 citas en noviembre.", Cancelled),
        ("Se reprogramaron 4 citas.", Rescheduled),
        ("Cancelled: 3", Cancelled),
        ("Canceladas: 3", Cancelled),
        ("We received 2.5M in 12 payments.", Paid),
        ("Foram cancelados 3 agendamentos.", Cancelled),
        ("5 Termine wurden storniert.", Cancelled),
        ("Sono stati cancellati 3 appuntamenti.", Cancelled),
        ("2 réservations ont été annulées.", Cancelled),
    ] {
        assert_eq!((unbacked(figure, &counted), unbacked(figure, &Evidence::default())), (vec![], vec![kind]), "{figure}");
    }
    for (done, kind) in [
        ("I cancelled 3 appointments.", Cancelled),
        ("Cancelé 3 citas.", Cancelled),
        ("He cancelado las 3 citas.", Cancelled),
        ("Cancelei 3 agendamentos.", Cancelled),
        ("Ich habe 3 Termine storniert.", Cancelled),
        ("Ho cancellato 3 appuntamenti.", Cancelled),
        ("J'ai annulé 2 réservations.", Cancelled),
        ("Your appointment was cancelled.", Cancelled),
        ("Your 3 appointments were cancelled.", Cancelled),
        ("La cita quedó cancelada.", Cancelled),
        ("Te cancelaron 3 citas.", Cancelled),
        ("We received your payment.", Paid),
        ("The appointment was booked for 10:00.", Booked),
        ("Booked for 10:00!", Booked),
        ("Hemos cancelado las 3 citas.", Cancelled),
        ("Wir haben die 3 Termine storniert.", Cancelled),
        ("The 3 appointments were cancelled.", Cancelled),
        ("Quedó agendada 1 cita para Ana mañana a las 10.", Booked),
        ("Se cobraron 500 pesos a la tarjeta de Ana.", Paid),
        ("Agendado: 10:30 con Ana.", Booked),
    ] {
        assert_eq!(unbacked(done, &counted), [kind], "{done}");
    }
    assert_eq!(unbacked("I've sent you the invoice.", &counted), [Sent]);
}

#[test]
fn a_report_is_made_only_with_its_receipt() {
    for said in [
        "I've made the report.",
        "The report is ready: https://desk.example/r",
        "I have prepared a report of November.",
        "Hice el informe de noviembre.",
        "El informe está listo.",
        "Ya generé el reporte.",
        "Criei o relatório.",
        "O relatório está pronto.",
        "Ho preparato il report.",
        "J'ai créé le rapport.",
        "Ich habe den Bericht erstellt.",
        "Der Bericht ist fertig.",
    ] {
        assert_eq!(unbacked(said, &Evidence::default()), [ReportMade], "{said}");
        assert_eq!(unbacked(said, &Evidence { receipts: &[ReportMade], ..Evidence::default() }), [], "{said}");
    }
    for said in [
        "¿Quieres que haga el informe?",
        "I can make a report for you.",
        "Shall I make the report?",
        "El informe no está listo.",
        "Puedo preparar un informe si quieres.",
        "Ya registré tu reporte.",
        "Soll ich den Bericht erstellen?",
    ] {
        assert!(!claims(said).contains(&ReportMade), "{said}");
    }
}

#[test]
fn a_long_reply_is_read_to_its_end() {
    let reply = "Hola María 👋\n\nEstos son los horarios del lunes:\n• 9:00 AM\n• 10:30 AM\n\nEl corte cuesta $12,000 COP.\n\n\
                 Si prefieres otro día, dime cuál. Por cierto, ya cancelé tu cita del martes y recibimos tu pago.";
    assert_eq!(claims(reply), [Cancelled, Paid]);
    let summary = "Resumen:\n- Servicio: Corte\n- Fecha: lunes 23 de noviembre\n- Hora: 10:00 AM\n\n¿Confirmo tu cita?";
    assert_eq!(claims(summary), []);
}

#[test]
fn our_own_lines_book_nothing() {
    for line in [
        Line::OutOfSteps,
        Line::BeingConfirmed,
        Line::HandedOver,
        Line::Empty,
        Line::CannotRead,
        Line::SlowDown,
        Line::Trouble,
        Line::AskedTeam,
        Line::AskedContact,
        Line::ApprovedNotDone,
        Line::Declined,
        Line::NoDecision,
    ] {
        for language in [Language::Spanish, Language::English] {
            let found = claims(line.text(language));
            assert!(found.iter().all(|kind| *kind == HandedOver), "{line:?} {language:?}: {found:?}");
        }
    }
}

#[test]
fn no_text_is_too_strange() {
    let pieces = [
        "quedó", "agendada", "booked", "¿", "?", "si", ".", "'t", "é", "10:", "💈", "\u{200d}", "habe", "gebucht", "\n", "e'",
        "-", "würde", "no",
    ];
    let mut seed = 42_u64;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            text.push_str(if seed >> 60 > 3 { " " } else { "" });
        }
        assert!(claims(&text).len() <= 7, "{text}");
    }
}
