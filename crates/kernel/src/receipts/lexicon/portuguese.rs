//! Portuguese.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb { ar: &["agend", "reserv", "marc", "encaix", "program", "bloque"], ..BOOK },
    Verb { ar: &["confirm"], ..CONFIRM },
    Verb {
        ar: &["anot", "coloc"],
        other: &[("incluido", Participle), ("incluida", Participle), ("inclui", Past), ("pus", Past)],
        ..PUT_DOWN
    },
    Verb {
        ar: &["registr", "grav", "cadastr", "cri", "salv", "realiz", "efetu", "adicion", "acert"],
        other: &[
            ("fiz", Past),
            ("fizemos", Past),
            ("feito", Participle),
            ("feita", Participle),
            ("resolvi", Past),
            ("resolvido", Participle),
            ("resolvida", Participle),
        ],
        ..MAKE
    },
    Verb {
        ar: &["cri", "ger", "prepar", "elabor"],
        other: &[("fiz", Past), ("feito", Participle), ("pronto", WeakParticiple)],
        ..COMPILE
    },
    Verb { ar: &["liber"], ..FREE },
    Verb { ar: &["deix", "segur", "garant"], other: &[("garanti", Past), ("guardei", Past), ("consegui", Past)], ..KEEP },
    Verb { ar: &["remarc", "reagend", "adi"], ..PUT_OFF },
    Verb {
        ar: &["mud", "alter", "atualiz", "troc", "modific", "antecip"],
        other: &[("corrigi", Past), ("corrigido", Participle)],
        ..CHANGE
    },
    Verb { ar: &["cancel", "desmarc", "anul"], ..CANCEL },
    Verb {
        ar: &["elimin", "apag", "tir", "retir"],
        other: &[("exclui", Past), ("excluido", Participle), ("excluida", Participle), ("removi", Past)],
        ..REMOVE
    },
    Verb {
        ar: &["pag", "cobr", "reembols", "debit", "estorn"],
        other: &[
            ("devolvi", Past),
            ("devolvemos", Past),
            ("devolvido", Participle),
            ("devolvida", Participle),
            ("ressarci", Past),
        ],
        ..PAY
    },
    Verb {
        ar: &["process", "aprov", "credit", "verific"],
        other: &[
            ("recebeu", ThirdPast),
            ("recebi", Past),
            ("recebemos", Past),
            ("recebido", Participle),
            ("recebida", Participle),
        ],
        ..RECEIVE
    },
    Verb {
        other: &[
            ("chegou", ThirdPast),
            ("chegado", Participle),
            ("chegar", Infinitive),
            ("entrou", ThirdPast),
            ("entrar", Infinitive),
            ("saiu", ThirdPast),
            ("sair", Infinitive),
            ("caiu", ThirdPast),
            ("cair", Infinitive),
        ],
        ..ARRIVE
    },
    Verb { ar: &["envi", "mand", "encaminh", "reenvi"], ..SEND },
    Verb {
        other: &[
            ("liguei", Past),
            ("telefonei", Past),
            ("ligar", Infinitive),
            ("escrevi", Past),
            ("escrevemos", WeakPast),
            ("chamei", Past),
        ],
        ..CALL
    },
    Verb {
        ar: &["escal"],
        other: &[
            ("transferi", Past),
            ("transferimos", Past),
            ("transferido", Participle),
            ("transferida", Participle),
            ("transferir", Infinitive),
            ("transfiro", Present),
        ],
        ..HAND_OVER
    },
    Verb { ar: &["pass", "repass", "entreg"], ..PASS },
    Verb {
        ar: &["avis", "notific", "inform", "alert", "acion", "contact", "solicit"],
        other: &[("pedi", Past), ("falei", Past), ("disse", Past), ("colocado", Participle), ("coloquei", Past)],
        ..TELL
    },
    Verb { ar: &["comunic", "conect"], ..CONNECT },
    Verb { other: &[("pedi", Past), ("pedimos", Past)], ..ASK },
];
