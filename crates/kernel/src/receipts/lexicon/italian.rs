//! Italian.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb { are: &["prenot", "fiss", "riserv", "programm", "segn"], ..BOOK },
    Verb { are: &["conferm"], ..CONFIRM },
    Verb {
        are: &["annot"],
        other: &[
            ("messo", Participle),
            ("messa", Participle),
            ("inserito", Participle),
            ("inserita", Participle),
            ("iscritto", Participle),
            ("iscritta", Participle),
        ],
        ..PUT_DOWN
    },
    Verb {
        are: &["registr", "salv", "cre", "effettu", "complet", "sistem"],
        other: &[
            ("preso", Participle),
            ("presa", Participle),
            ("fatto", Participle),
            ("fatta", Participle),
            ("aggiunto", Participle),
            ("aggiunta", Participle),
            ("risolto", Participle),
            ("risolta", Participle),
        ],
        ..MAKE
    },
    Verb { are: &["cre", "gener", "prepar", "elabor"], other: &[("fatto", Participle), ("pronto", WeakParticiple)], ..COMPILE },
    Verb { are: &["lasci", "blocc", "conserv"], other: &[("tenuto", Participle), ("tenuta", Participle)], ..KEEP },
    Verb { are: &["liber"], ..FREE },
    Verb { are: &["riprogramm", "ripianific", "rinvi", "posticip", "rimand"], ..PUT_OFF },
    Verb {
        are: &["spost", "cambi", "modific", "aggiorn", "anticip"],
        other: &[("corretto", Participle), ("corretta", Participle)],
        ..CHANGE
    },
    Verb {
        are: &["cancell", "annull"],
        other: &[("disdetto", Participle), ("disdetta", Participle), ("disdire", Infinitive)],
        ..CANCEL
    },
    Verb {
        are: &["elimin"],
        other: &[("tolto", Participle), ("tolta", Participle), ("rimosso", Participle), ("rimossa", Participle)],
        ..REMOVE
    },
    Verb {
        are: &["pag", "addebit", "incass", "sald", "rimbors"],
        other: &[("restituito", Participle), ("restituita", Participle), ("riscosso", Participle), ("stornato", Participle)],
        ..PAY
    },
    Verb {
        are: &["accredit", "process", "approv"],
        other: &[
            ("ricevuto", Participle),
            ("ricevuta", WeakParticiple),
            ("riuscito", Participle),
            ("emesso", Participle),
            ("reso", WeakParticiple),
        ],
        ..RECEIVE
    },
    Verb {
        are: &["arriv", "entr"],
        other: &[("partito", Participle), ("partita", Participle), ("uscito", Participle), ("giunto", Participle)],
        ..ARRIVE
    },
    Verb {
        are: &["invi", "mand", "inoltr"],
        other: &[("spedito", Participle), ("spedita", Participle), ("trasmesso", Participle), ("trasmessa", Participle)],
        ..SEND
    },
    Verb { are: &["chiam", "telefon", "contatt"], other: &[("scritto", WeakParticiple), ("chiamarla", Infinitive)], ..CALL },
    Verb {
        other: &[
            ("trasferito", Participle),
            ("trasferita", Participle),
            ("trasferisco", Present),
            ("affidato", Participle),
            ("affidata", Participle),
        ],
        ..HAND_OVER
    },
    Verb { are: &["pass"], ..PASS },
    Verb {
        are: &["avvis", "inform", "notific", "allert", "contatt", "segnal", "avvert", "coinvol"],
        other: &[
            ("detto", Participle),
            ("chiesto", Participle),
            ("avvertito", Participle),
            ("avvertita", Participle),
            ("coinvolto", Participle),
            ("messo", Participle),
            ("messa", Participle),
        ],
        ..TELL
    },
    Verb { other: &[("chiesto", Participle)], ..ASK },
];
