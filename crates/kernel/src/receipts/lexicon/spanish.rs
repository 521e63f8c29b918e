//! Spanish.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb {
        ar: &["agend", "reserv", "separ", "apart", "program", "asign", "calendariz", "prereserv", "bloque"],
        other: &[("inscrito", Participle), ("inscrita", Participle), ("inscribi", Past)],
        ..BOOK
    },
    Verb { ar: &["confirm", "ratific"], ..CONFIRM },
    Verb {
        ar: &["anot", "apunt"],
        other: &[
            ("puse", Past),
            ("pusimos", Past),
            ("puesto", Participle),
            ("puesta", Participle),
            ("meti", Past),
            ("metimos", Past),
            ("metido", Participle),
            ("metida", Participle),
            ("incluido", Participle),
            ("incluida", Participle),
            ("inclui", Past),
        ],
        ..PUT_DOWN
    },
    Verb {
        ar: &[
            "registr", "guard", "grab", "cre", "tom", "salv", "asegur", "efectu", "realiz", "complet", "arregl", "gestion",
            "tramit", "ingres", "agreg", "coordin",
        ],
        other: &[
            ("hice", Past),
            ("hicimos", Past),
            ("hecho", Participle),
            ("hecha", Participle),
            ("hizo", ThirdPast),
            ("listo", WeakParticiple),
            ("lista", WeakParticiple),
            ("procedi", Past),
            ("procedido", Participle),
            ("resuelto", Participle),
            ("resuelta", Participle),
            ("resolvi", Past),
        ],
        ..MAKE
    },
    Verb {
        ar: &["cre", "gener", "prepar", "elabor", "arm"],
        other: &[("hice", Past), ("hicimos", Past), ("hecho", Participle), ("listo", WeakParticiple)],
        ..COMPILE
    },
    Verb { ar: &["liber"], ..FREE },
    Verb { ar: &["dej", "guard"], other: &[("consegui", Past)], ..KEEP },
    Verb {
        ar: &["reagend", "reprogram", "replanific", "aplaz", "posterg"],
        other: &[("pospuesto", Participle), ("pospuesta", Participle), ("pospuse", Past)],
        ..PUT_OFF
    },
    Verb {
        ar: &["cambi", "modific", "traslad", "actualiz", "adelant", "edit", "corrig", "rectific"],
        other: &[
            ("corri", Past),
            ("corrimos", Past),
            ("recorri", Past),
            ("recorrimos", Past),
            ("corrido", Participle),
            ("corrida", Participle),
            ("movi", Past),
            ("movimos", Past),
            ("movido", Participle),
            ("movida", Participle),
            ("mover", Infinitive),
            ("moverte", Infinitive),
            ("correr", Infinitive),
            ("correrte", Infinitive),
            ("corregi", Past),
            ("corregido", Participle),
            ("corregida", Participle),
        ],
        ..CHANGE
    },
    Verb { ar: &["cancel", "anul", "desmarc", "desagend"], ..CANCEL },
    Verb { ar: &["elimin", "borr", "quit", "sac", "retir"], ..REMOVE },
    Verb {
        ar: &["pag", "cobr", "abon", "reembols", "debit", "reintegr", "factur"],
        other: &[
            ("pago", WeakParticiple),
            ("paga", WeakParticiple),
            ("pagas", WeakParticiple),
            ("pagos", WeakParticiple),
            ("devolvi", Past),
            ("devolvimos", Past),
            ("devolvio", ThirdPast),
            ("devuelto", Participle),
            ("devuelta", Participle),
        ],
        ..PAY
    },
    Verb {
        ar: &["proces", "aprob", "acredit", "verific", "recaud"],
        other: &[
            ("recibi", Past),
            ("recibimos", Past),
            ("recibio", ThirdPast),
            ("ingreso", ThirdPast),
            ("recibido", Participle),
            ("recibida", Participle),
            ("exitoso", Participle),
            ("exitosa", Participle),
        ],
        ..RECEIVE
    },
    Verb {
        other: &[
            ("llego", ThirdPast),
            ("llegado", Participle),
            ("llegar", Infinitive),
            ("entro", ThirdPast),
            ("entrado", Participle),
            ("entrar", Infinitive),
            ("salio", ThirdPast),
            ("salido", Participle),
            ("salir", Infinitive),
            ("cayo", ThirdPast),
            ("caido", Participle),
        ],
        ..ARRIVE
    },
    Verb {
        ar: &["envi", "mand", "reenvi", "despach"],
        other: &[("remiti", Past), ("remitido", Participle), ("remitida", Participle)],
        ..SEND
    },
    Verb {
        other: &[
            ("llame", WeakPast),
            ("llamado", Participle),
            ("llamada", WeakParticiple),
            ("llamarte", Infinitive),
            ("llamarle", Infinitive),
            ("escribi", Past),
            ("escribimos", WeakPast),
            ("escrito", WeakParticiple),
            ("telefonee", Past),
        ],
        ..CALL
    },
    Verb {
        ar: &["escal", "deriv"],
        other: &[
            ("transferi", Past),
            ("transferimos", Past),
            ("transferido", Participle),
            ("transferida", Participle),
            ("transferir", Infinitive),
            ("transfiero", Present),
            ("derivo", Present),
        ],
        ..HAND_OVER
    },
    Verb { ar: &["pas", "traspas", "entreg"], ..PASS },
    Verb {
        ar: &["avis", "notific", "inform", "alert", "contact", "solicit", "report"],
        other: &[("dije", Past), ("pedi", Past), ("dicho", Participle), ("pedido", WeakParticiple)],
        ..TELL
    },
    Verb { ar: &["comunic", "conect"], ..CONNECT },
    Verb { other: &[("pedi", Past), ("pedimos", Past)], ..ASK },
];
