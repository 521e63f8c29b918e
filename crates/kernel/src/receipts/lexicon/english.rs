//! English.

use super::*;
use crate::receipts::verbs::Form::*;

pub(super) static VERBS: &[Verb] = &[
    Verb {
        pairs: &[
            ("book", "booked"),
            ("schedule", "scheduled"),
            ("reserve", "reserved"),
            ("secure", "secured"),
            ("lock", "locked"),
            ("arrange", "arranged"),
            ("pencil", "pencilled"),
            ("pencil", "penciled"),
        ],
        ..BOOK
    },
    Verb {
        pairs: &[("confirm", "confirmed"), ("finalize", "finalized"), ("finalise", "finalised")],
        other: &[("went", ThirdPast)],
        ..CONFIRM
    },
    Verb { pairs: &[("note", "noted"), ("put", "put"), ("set", "set"), ("write", "written"), ("jot", "jotted")], ..PUT_DOWN },
    Verb {
        pairs: &[
            ("make", "made"),
            ("record", "recorded"),
            ("save", "saved"),
            ("register", "registered"),
            ("add", "added"),
            ("create", "created"),
            ("log", "logged"),
            ("hold", "held"),
            ("complete", "completed"),
            ("sort", "sorted"),
            ("handle", "handled"),
            ("settle", "settled"),
            ("enter", "entered"),
        ],
        ..MAKE
    },
    Verb {
        pairs: &[
            ("make", "made"),
            ("create", "created"),
            ("generate", "generated"),
            ("prepare", "prepared"),
            ("produce", "produced"),
            ("compile", "compiled"),
            ("build", "built"),
        ],
        other: &[("ready", Participle)],
        ..COMPILE
    },
    Verb {
        pairs: &[
            ("grab", "grabbed"),
            ("squeeze", "squeezed"),
            ("slot", "slotted"),
            ("fit", "fitted"),
            ("snag", "snagged"),
            ("keep", "kept"),
            ("leave", "left"),
        ],
        ..KEEP
    },
    Verb { pairs: &[("reschedule", "rescheduled"), ("rebook", "rebooked"), ("postpone", "postponed")], ..PUT_OFF },
    Verb {
        pairs: &[
            ("change", "changed"),
            ("move", "moved"),
            ("shift", "shifted"),
            ("push", "pushed"),
            ("bump", "bumped"),
            ("update", "updated"),
            ("switch", "switched"),
            ("swap", "swapped"),
            ("modify", "modified"),
            ("amend", "amended"),
            ("bring", "brought"),
            ("correct", "corrected"),
        ],
        ..CHANGE
    },
    Verb { pairs: &[("cancel", "cancelled"), ("cancel", "canceled"), ("scrap", "scrapped")], ..CANCEL },
    Verb {
        pairs: &[("delete", "deleted"), ("remove", "removed"), ("call", "called"), ("drop", "dropped"), ("clear", "cleared")],
        ..REMOVE
    },
    Verb { pairs: &[("free", "freed")], ..FREE },
    // Off the list; a time that is taken is gone for everybody.
    Verb { pairs: &[("take", "taken")], other: &[("took", EnglishPast)], acts: true, ..REMOVE },
    Verb {
        pairs: &[
            ("pay", "paid"),
            ("charge", "charged"),
            ("refund", "refunded"),
            ("debit", "debited"),
            ("reimburse", "reimbursed"),
            ("bill", "billed"),
        ],
        ..PAY
    },
    Verb {
        pairs: &[
            ("receive", "received"),
            ("process", "processed"),
            ("approve", "approved"),
            ("collect", "collected"),
            ("credit", "credited"),
            ("take", "taken"),
            ("issue", "issued"),
            ("return", "returned"),
            ("release", "released"),
        ],
        other: &[("successful", Participle)],
        ..RECEIVE
    },
    Verb {
        pairs: &[("deliver", "delivered")],
        other: &[
            ("arrived", Participle),
            ("arrived", ThirdPast),
            ("came", ThirdPast),
            ("went", ThirdPast),
            ("gone", Participle),
            ("landed", ThirdPast),
            ("landed", Participle),
        ],
        ..ARRIVE
    },
    Verb {
        pairs: &[
            ("send", "sent"),
            ("email", "emailed"),
            ("text", "texted"),
            ("forward", "forwarded"),
            ("mail", "mailed"),
            ("message", "messaged"),
        ],
        ..SEND
    },
    Verb {
        pairs: &[("phone", "phoned"), ("call", "called"), ("ring", "rung"), ("shoot", "shot"), ("drop", "dropped")],
        other: &[("rang", EnglishPast)],
        ..CALL
    },
    Verb {
        pairs: &[("transfer", "transferred"), ("escalate", "escalated"), ("hand", "handed")],
        other: &[("transferring", Present)],
        ..HAND_OVER
    },
    Verb { pairs: &[("pass", "passed")], other: &[("passing", Present)], ..PASS },
    Verb {
        pairs: &[
            ("notify", "notified"),
            ("inform", "informed"),
            ("tell", "told"),
            ("alert", "alerted"),
            ("let", "let"),
            ("loop", "looped"),
            ("ask", "asked"),
            ("contact", "contacted"),
            ("flag", "flagged"),
            ("assign", "assigned"),
        ],
        ..TELL
    },
    Verb { pairs: &[("connect", "connected")], other: &[("connecting", Present)], ..CONNECT },
    Verb { pairs: &[("ask", "asked")], ..ASK },
];
