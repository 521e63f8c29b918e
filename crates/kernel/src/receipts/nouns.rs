//! What the verbs are about, and words of time.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    clauses::{Clause, Word},
    words::Words,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Object {
    Appointment,
    Money,
    /// What is known of the contact.
    Details,
    /// People of the business.
    Team,
    Cancellation,
    Change,
    /// What is sent.
    Mail,
    /// Where appointments are written.
    Calendar,
    List,
    /// What a colleague takes over.
    Case,
    /// Figures, made up as a file.
    Report,
    /// Things one may check or confirm without doing anything.
    Harmless,
}

static OBJECTS: [(Object, Words); 12] = [
    (
        Object::Appointment,
        Words::of(
            "\
            cita citas turno turnos reserva reservas reservacion reservaciones consulta consultas sesion sesiones cupo cupos \
            espacio lugar visita hora horario mesa valoracion agendamiento agendamento agendamentos marcacao sessao atendimento \
            appointment appointments booking bookings reservation reservations slot spot place session visit table time \
            rendezvous rdv seance creneau termin termine buchung buchungen reservierung platz besuch uhrzeit appuntamento \
            appuntamenti prenotazione prenotazioni posto seduta orario",
        ),
    ),
    (
        Object::Money,
        Words::of(
            "\
            pago pagos abono anticipo deposito transferencia saldo dinero cobro reembolso sena payment payments transfer deposit \
            refund money balance paiement acompte virement zahlung anzahlung betrag uberweisung pagamento acconto caparra \
            bonifico sinal pix tarjeta card karte carta cartao devolucion devolucao estorno rimborso remboursement \
            ruckerstattung erstattung ruckzahlung importe importo montant euro euros dollar dollars dolar dolares pesos reais",
        ),
    ),
    (
        Object::Details,
        Words::of(
            "\
            datos dato nombre correo telefono direccion informacion cumpleanos perfil preferencia preferencias details name \
            email phone address information birthday profile preference preferences dados nome telefone endereco donnees \
            coordonnees nom adresse daten namen angaben telefonnummer dati recapito indirizzo ficha historial expediente file record profil scheda cadastro kartei \
            akte fiche numero nummer number rufnummer emailadresse mailadresse adressemail anniversaire naissance compleanno \
            nascita aniversario nascimento nacimiento geburtstag geburtsdatum",
        ),
    ),
    (
        Object::Team,
        Words::of(
            "\
            equipo asesor asesora asesores agente persona humano colega companero companera gerente encargado encargada \
            dueno duena recepcion soporte supervisor supervisora alguien team agent person human colleague colleagues staff \
            manager owner reception receptionist someone somebody support equipe atendente pessoa colaborador conseiller \
            conseillere collegue responsable personne mitarbeiter mitarbeiterin kollege kollegen kollegin operatore collega \
            responsabile personale consulente asesores operatori atendentes conseilleres mitarbeiterinnen jefe jefa chef chefin \
            inhaber inhaberin titolare dono dona patron patronne gerant gerante gestora",
        ),
    ),
    (
        Object::Cancellation,
        Words::of(
            "\
            cancelacion anulacion cancellation cancelamento annulation stornierung absage cancellazione annullamento \
            disdetta",
        ),
    ),
    (
        Object::Change,
        Words::of(
            "\
            cambio reprogramacion modificacion change rescheduling remarcacao alteracao changement modification anderung \
            verschiebung spostamento modifica",
        ),
    ),
    (
        Object::Mail,
        Words::of(
            "\
            mensaje enlace link factura recibo comprobante recordatorio ubicacion documento archivo message invoice receipt \
            reminder location document mensagem lembrete lien facture rappel nachricht rechnung quittung erinnerung messaggio \
            fattura ricevuta promemoria zahlungslink bezahllink buchungslink voicemail mailbox segreteria recado sms \
            confirmacion confirmation confirmacao conferma bestatigung mail mails courriel nota",
        ),
    ),
    (Object::Calendar, Words::of("agenda calendario calendar kalender terminkalender calendrier planning schedule")),
    (Object::List, Words::of("lista liste list")),
    (
        Object::Case,
        Words::of(
            "\
            caso case pratica anliegen dossier conversacion conversation conversa conversazione unterhaltung chat solicitud \
            peticion request pedido richiesta demande anfrage queja complaint reclamo reclamacao reclamation beschwerde",
        ),
    ),
    (
        Object::Report,
        Words::of(
            "informe informes reporte reportes report reports rapport rapports bericht berichte relatorio relatorios rapporto rapporti resoconto",
        ),
    ),
    (
        Object::Harmless,
        Words::of(
            "\
            disponibilidad availability disponibilite verfugbarkeit disponibilita disponibilidade precio precios price \
            prices prix preis preise prezzo preco precos",
        ),
    ),
];

static POSSESSIVES: Words = Words::of(
    "\
    tu tus su sus mi your seu sua seus suas teu tua votre vos ton ta tes ihr ihre ihren ihrem dein deine deinen deinem tuo \
    suo tuoi vostro vostra both ambas ambos dos two deux zwei due duas beide",
);

static DAYS: Words = Words::of(
    "\
    lunes martes miercoles jueves viernes sabado domingo hoy manana monday tuesday wednesday thursday friday saturday sunday \
    today tomorrow tonight lundi mardi mercredi jeudi vendredi samedi dimanche demain aujourd montag dienstag mittwoch \
    donnerstag freitag samstag sonntag heute morgen lunedi martedi mercoledi giovedi venerdi domenica oggi domani segunda \
    terca quarta quinta sexta segundafeira tercafeira quartafeira quintafeira sextafeira hoje amanha",
);

static MONTHS: Words = Words::of(
    "\
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre january february march april \
    may june july august september october november december janvier fevrier mars avril mai juin juillet aout septembre \
    octobre novembre decembre januar februar marz juni juli oktober dezember gennaio febbraio aprile maggio giugno luglio \
    settembre ottobre dicembre janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro",
);

pub(super) fn object(word: &Word) -> Option<Object> {
    static KNOWN: LazyLock<HashMap<&str, Object>> = LazyLock::new(|| {
        // What stands in several lists is in the first of them.
        OBJECTS.iter().rev().flat_map(|(object, words)| words.each().map(|word| (word, *object))).collect()
    });
    KNOWN.get(word.plain.as_str()).copied()
}

pub(super) fn is_possessive(word: &Word) -> bool {
    POSSESSIVES.has(&word.plain)
}

/// `citas`, `appointments`, `payments`: several of them.
pub(super) fn is_plural(word: &Word) -> bool {
    let is_one = |w: &str| OBJECTS[..2].iter().any(|(_, words)| words.has(w));
    let ends_in = |end: &str| word.plain.strip_suffix(end).is_some_and(is_one);
    ends_in("s") || ends_in("es") || matches!(word.plain.as_str(), "termine" | "buchungen" | "appuntamenti" | "prenotazioni")
}

pub(super) fn is_day(word: &Word) -> bool {
    // `Dienstagmittag`
    let parts = ["vormittag", "nachmittag", "mittag", "abend", "morgen", "fruh", "nacht"];
    let day = parts.iter().find_map(|part| word.plain.strip_suffix(part)).filter(|day| !day.is_empty());
    DAYS.has(day.unwrap_or(&word.plain)) || DAYS.has(&word.plain)
}

pub(super) fn is_month(word: &Word) -> bool {
    MONTHS.has(&word.plain)
}

/// A day or a time of day, but no range of them (`de lunes a viernes`, `from 9 to 6`).
pub(super) fn has_time(clause: &Clause) -> bool {
    let words = &clause.words;
    !is_range(words) && (words.iter().any(is_day) || has_clock(clause) || has_date(words))
}

pub(super) fn has_clock(clause: &Clause) -> bool {
    (0..clause.words.len()).any(|i| is_clock(&clause.words, i))
}

fn has_date(words: &[Word]) -> bool {
    let next = |i: usize, n: usize| words.get(i + n).is_some_and(is_month);
    (0..words.len()).any(|i| {
        let before = i > 0 && is_month(&words[i - 1]);
        starts_with_digit(&words[i]) && (before || next(i, 1) || next(i, 2))
    })
}

fn is_clock(words: &[Word], i: usize) -> bool {
    let word = &words[i].plain;
    if !starts_with_digit(&words[i]) {
        return matches!(word.as_str(), "noon" | "mediodia" | "midi" | "mezzogiorno" | "mittag");
    }
    let digits = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    let is_unit = |w: &str| matches!(w, "am" | "pm" | "h" | "hs" | "hrs" | "horas" | "heures" | "uhr" | "oclock" | "ore");
    word.contains(':')
        || is_unit(digits)
        || (digits.starts_with('h') && digits.len() <= 3)
        || words.get(i + 1).is_some_and(|w| is_unit(&w.plain))
        || (i > 0 && matches!(words[i - 1].plain.as_str(), "las" | "la" | "at" | "as" | "um" | "alle" | "for" | "a" | "vers"))
}

fn is_range(words: &[Word]) -> bool {
    let opens =
        |w: &Word| matches!(w.plain.as_str(), "de" | "from" | "von" | "dal" | "dalle" | "du" | "das" | "between" | "entre");
    let joins = |w: &Word| {
        matches!(
            w.plain.as_str(),
            "a" | "to" | "bis" | "al" | "alle" | "au" | "as" | "till" | "until" | "hasta" | "ate" | "and" | "y"
        )
    };
    // Days with days, hours with hours: `de mañana a las 9` is no range.
    [is_day, starts_with_digit].into_iter().any(|is_point| {
        let point = |i: usize| words.get(i).is_some_and(is_point);
        let closes = |i: usize| joins(&words[i]) && (point(i + 1) || point(i + 2));
        (0..words.len())
            .any(|i| opens(&words[i]) && (point(i + 1) || point(i + 2)) && (i + 2..(i + 6).min(words.len())).any(closes))
    })
}

pub(super) fn starts_with_digit(word: &Word) -> bool {
    word.plain.starts_with(|c: char| c.is_ascii_digit())
}
