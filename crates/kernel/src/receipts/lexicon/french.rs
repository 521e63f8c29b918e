//! French.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb {
        er: &["reserv", "planifi", "programm", "fix", "bloqu", "cas"],
        other: &[("inscrit", Participle), ("inscrite", Participle)],
        ..BOOK
    },
    Verb { er: &["confirm", "valid"], ..CONFIRM },
    Verb { er: &["not", "plac"], other: &[("mis", WeakParticiple), ("mise", WeakParticiple)], ..PUT_DOWN },
    Verb {
        er: &["enregistr", "cre", "ajout", "sauvegard", "bloqu", "effectu", "regl", "consign"],
        other: &[("faite", Participle), ("pris", Participle), ("prise", Participle)],
        ..MAKE
    },
    Verb {
        er: &["cre", "gener", "prepar", "redig"],
        other: &[("fait", WeakParticiple), ("etabli", Participle), ("pret", WeakParticiple)],
        ..COMPILE
    },
    Verb { er: &["gard", "laiss"], other: &[("retenu", Participle), ("retenue", Participle)], ..KEEP },
    Verb { er: &["liber"], ..FREE },
    Verb { er: &["replanifi", "reprogramm", "report", "decal", "repouss"], ..PUT_OFF },
    Verb { er: &["deplac", "modifi", "chang", "actualis", "avanc", "corrig"], ..CHANGE },
    Verb { er: &["annul"], ..CANCEL },
    Verb { er: &["supprim", "retir", "enlev", "effac"], ..REMOVE },
    Verb {
        er: &["pay", "encaiss", "debit", "regl", "prelev", "rembours", "recredit", "factur"],
        other: &[("rendu", WeakParticiple)],
        ..PAY
    },
    Verb {
        er: &["trait", "accept", "credit"],
        other: &[("recu", Participle), ("recue", Participle), ("reussi", Participle), ("emis", WeakParticiple)],
        ..RECEIVE
    },
    Verb {
        er: &["arriv"],
        other: &[
            ("parti", WeakParticiple),
            ("partie", WeakParticiple),
            ("partir", Infinitive),
            ("parvenu", Participle),
            ("passe", WeakParticiple),
        ],
        ..ARRIVE
    },
    Verb { er: &["envoy", "expedi"], other: &[("transmis", Participle), ("transmise", Participle)], ..SEND },
    Verb { er: &["appel", "telephon", "contact"], other: &[("ecrit", WeakParticiple), ("joint", WeakParticiple)], ..CALL },
    Verb { er: &["transfer", "redirig", "confi"], other: &[("transmis", Participle), ("remis", WeakParticiple)], ..HAND_OVER },
    Verb { er: &["pass"], ..PASS },
    Verb {
        er: &["inform", "notifi", "alert", "contact", "signal"],
        other: &[
            ("prevenu", Participle),
            ("prevenue", Participle),
            ("averti", Participle),
            ("avertie", Participle),
            ("mis", WeakParticiple),
            ("mise", WeakParticiple),
        ],
        ..TELL
    },
    Verb { er: &["demand"], ..ASK },
];
