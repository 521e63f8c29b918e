//! German.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb {
        pairs: &[
            ("buchen", "gebucht"),
            ("reservieren", "reserviert"),
            ("vereinbaren", "vereinbart"),
            ("eintragen", "eingetragen"),
            ("vormerken", "vorgemerkt"),
            ("einplanen", "eingeplant"),
            ("terminieren", "terminiert"),
            ("unterbringen", "untergebracht"),
            ("einschieben", "eingeschoben"),
            ("dazwischenschieben", "dazwischengeschoben"),
            ("sichern", "gesichert"),
        ],
        ..BOOK
    },
    Verb { pairs: &[("bestatigen", "bestatigt"), ("bestaetigen", "bestaetigt")], other: &[("bestatige", Present)], ..CONFIRM },
    Verb { pairs: &[("notieren", "notiert"), ("vermerken", "vermerkt"), ("aufschreiben", "aufgeschrieben")], ..PUT_DOWN },
    Verb {
        pairs: &[
            ("machen", "gemacht"),
            ("speichern", "gespeichert"),
            ("anlegen", "angelegt"),
            ("hinterlegen", "hinterlegt"),
            ("erstellen", "erstellt"),
            ("aufnehmen", "aufgenommen"),
            ("erfassen", "erfasst"),
            ("eingeben", "eingegeben"),
            ("festhalten", "festgehalten"),
            ("erledigen", "erledigt"),
            ("regeln", "geregelt"),
            ("hinzufugen", "hinzugefugt"),
        ],
        ..MAKE
    },
    Verb {
        pairs: &[("erstellen", "erstellt"), ("machen", "gemacht"), ("vorbereiten", "vorbereitet"), ("generieren", "generiert")],
        other: &[("fertig", Participle)],
        ..COMPILE
    },
    Verb {
        pairs: &[
            ("freihalten", "freigehalten"),
            ("hinterlassen", "hinterlassen"),
            ("aufheben", "aufgehoben"),
            ("blocken", "geblockt"),
        ],
        ..KEEP
    },
    Verb { pairs: &[("freigeben", "freigegeben")], ..FREE },
    Verb {
        pairs: &[("umbuchen", "umgebucht"), ("verschieben", "verschoben"), ("verlegen", "verlegt"), ("umplanen", "umgeplant")],
        ..PUT_OFF
    },
    Verb {
        pairs: &[
            ("andern", "geandert"),
            ("aktualisieren", "aktualisiert"),
            ("umlegen", "umgelegt"),
            ("vorziehen", "vorgezogen"),
            ("legen", "gelegt"),
            ("anpassen", "angepasst"),
            ("korrigieren", "korrigiert"),
            ("tauschen", "getauscht"),
        ],
        ..CHANGE
    },
    Verb {
        pairs: &[
            ("stornieren", "storniert"),
            ("absagen", "abgesagt"),
            ("annullieren", "annulliert"),
            ("streichen", "gestrichen"),
            ("abmelden", "abgemeldet"),
        ],
        ..CANCEL
    },
    Verb {
        pairs: &[
            ("loschen", "geloscht"),
            ("entfernen", "entfernt"),
            ("nehmen", "genommen"),
            ("herausnehmen", "herausgenommen"),
            ("austragen", "ausgetragen"),
        ],
        ..REMOVE
    },
    Verb {
        pairs: &[
            ("bezahlen", "bezahlt"),
            ("zahlen", "gezahlt"),
            ("abbuchen", "abgebucht"),
            ("begleichen", "beglichen"),
            ("erstatten", "erstattet"),
            ("zuruckzahlen", "zuruckgezahlt"),
            ("zuruckerstatten", "zuruckerstattet"),
            ("zuruckuberweisen", "zuruckuberwiesen"),
            ("einziehen", "eingezogen"),
            ("belasten", "belastet"),
            ("uberweisen", "uberwiesen"),
            ("gutschreiben", "gutgeschrieben"),
            ("berechnen", "berechnet"),
        ],
        ..PAY
    },
    Verb {
        pairs: &[("erhalten", "erhalten"), ("eingehen", "eingegangen"), ("verbuchen", "verbucht"), ("veranlassen", "veranlasst")],
        other: &[("erfolgreich", Participle)],
        ..RECEIVE
    },
    Verb {
        pairs: &[
            ("ankommen", "angekommen"),
            ("rausgehen", "rausgegangen"),
            ("hinausgehen", "hinausgegangen"),
            ("eintreffen", "eingetroffen"),
        ],
        other: &[("raus", WeakParticiple), ("unterwegs", WeakParticiple)],
        ..ARRIVE
    },
    Verb {
        pairs: &[
            ("schicken", "geschickt"),
            ("senden", "gesendet"),
            ("senden", "gesandt"),
            ("zuschicken", "zugeschickt"),
            ("zusenden", "zugesendet"),
            ("zusenden", "zugesandt"),
            ("verschicken", "verschickt"),
            ("versenden", "versendet"),
            ("versenden", "versandt"),
            ("ubermitteln", "ubermittelt"),
            ("simsen", "gesimst"),
            ("mailen", "gemailt"),
        ],
        ..SEND
    },
    Verb {
        pairs: &[
            ("anrufen", "angerufen"),
            ("telefonieren", "telefoniert"),
            ("schreiben", "geschrieben"),
            ("anschreiben", "angeschrieben"),
        ],
        ..CALL
    },
    Verb {
        pairs: &[("weiterleiten", "weitergeleitet"), ("ubergeben", "ubergeben"), ("weitergeben", "weitergegeben")],
        other: &[("verbunden", Participle), ("verbinde", Present)],
        ..HAND_OVER
    },
    Verb {
        pairs: &[
            ("informieren", "informiert"),
            ("benachrichtigen", "benachrichtigt"),
            ("verstandigen", "verstandigt"),
            ("geben", "gegeben"),
            ("bitten", "gebeten"),
            ("einschalten", "eingeschaltet"),
            ("melden", "gemeldet"),
        ],
        ..TELL
    },
    Verb { pairs: &[("bitten", "gebeten"), ("beauftragen", "beauftragt")], ..ASK },
];
