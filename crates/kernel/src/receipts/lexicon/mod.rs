//! The verbs of the trade: what doing each of them means, and in which words each language says it. All words are folded: lower case, no
//! accents.

mod english;
mod french;
mod german;
mod italian;
mod portuguese;
mod spanish;

use std::sync::LazyLock;

use super::{nouns::Object, verbs::Verb};
use crate::tool::ReceiptKind::{self, *};

static LANGUAGES: [&[Verb]; 6] =
    [english::VERBS, french::VERBS, german::VERBS, italian::VERBS, portuguese::VERBS, spanish::VERBS];

/// All of them, plainer meanings first: a word that can be read in several ways is first taken for what it mostly means.
pub(super) static VERBS: LazyLock<Vec<&'static Verb>> = LazyLock::new(|| {
    let mut all: Vec<&Verb> = LANGUAGES.into_iter().flatten().collect();
    all.sort_by_key(|verb| verb.rank);
    all
});

const TO_APPOINTMENT: &[(Object, ReceiptKind)] = &[(Object::Appointment, Booked)];
const TO_REPORT: &[(Object, ReceiptKind)] = &[(Object::Report, ReportMade)];
const TO_MONEY: &[(Object, ReceiptKind)] = &[(Object::Money, Paid)];
const TO_TEAM: &[(Object, ReceiptKind)] = &[(Object::Team, HandedOver)];
const TO_TEAM_OR_CASE: &[(Object, ReceiptKind)] = &[(Object::Team, HandedOver), (Object::Case, HandedOver)];
/// What is made or settled is what it is made of.
const TO_ANYTHING: &[(Object, ReceiptKind)] = &[
    (Object::Appointment, Booked),
    (Object::Calendar, Booked),
    (Object::Details, ContactUpdated),
    (Object::Money, Paid),
    (Object::Cancellation, Cancelled),
    (Object::Change, Rescheduled),
];

const BOOK: Verb = Verb { rank: 0, to: TO_APPOINTMENT, alone: Some(Booked), timed: Some(Booked), performs: true, ..Verb::NONE };

const CONFIRM: Verb = Verb {
    rank: 1,
    to: &[(Object::Appointment, Booked), (Object::Money, Paid), (Object::Cancellation, Cancelled), (Object::Change, Rescheduled)],
    alone: Some(Booked),
    timed: Some(Booked),
    performs: true,
    confirms: true,
    ..Verb::NONE
};

/// Into the book, or on a file.
const PUT_DOWN: Verb = Verb {
    rank: 2,
    to: &[(Object::Appointment, Booked), (Object::Calendar, Booked), (Object::List, Booked), (Object::Details, ContactUpdated)],
    timed: Some(Booked),
    performs: true,
    ..Verb::NONE
};

/// To make, record, save, settle.
const MAKE: Verb = Verb { rank: 3, to: TO_ANYTHING, ..Verb::NONE };

/// To make up a report; what they call a report of theirs was written down for them.
const COMPILE: Verb = Verb { rank: 4, to: TO_REPORT, ..Verb::NONE };

/// To keep a place for somebody.
const KEEP: Verb =
    Verb { rank: 4, to: &[(Object::Appointment, Booked), (Object::Mail, Sent)], timed: Some(Booked), acts: true, ..Verb::NONE };

const PUT_OFF: Verb = Verb {
    rank: 5,
    to: &[(Object::Appointment, Rescheduled)],
    alone: Some(Rescheduled),
    timed: Some(Rescheduled),
    performs: true,
    ..Verb::NONE
};

const CHANGE: Verb = Verb {
    rank: 6,
    to: &[(Object::Appointment, Rescheduled), (Object::Details, ContactUpdated)],
    timed: Some(Rescheduled),
    performs: true,
    ..Verb::NONE
};

const CANCEL: Verb = Verb {
    rank: 7,
    to: &[(Object::Appointment, Cancelled)],
    alone: Some(Cancelled),
    timed: Some(Cancelled),
    performs: true,
    ..Verb::NONE
};

const REMOVE: Verb = Verb {
    rank: 8,
    to: &[
        (Object::Appointment, Cancelled),
        (Object::Calendar, Cancelled),
        (Object::List, Cancelled),
        (Object::Details, ContactUpdated),
    ],
    ..Verb::NONE
};

/// To make free what was theirs; what became free is somebody else's.
const FREE: Verb = Verb { rank: 8, to: &[(Object::Appointment, Cancelled)], theirs: true, ..Verb::NONE };

const PAY: Verb = Verb { rank: 9, to: TO_MONEY, alone: Some(Paid), timed: Some(Paid), ..Verb::NONE };

/// Said of money that came or went.
const RECEIVE: Verb = Verb {
    rank: 10,
    to: &[(Object::Money, Paid), (Object::Cancellation, Cancelled), (Object::Change, Rescheduled)],
    ..Verb::NONE
};

/// Said of money and of what is sent.
const ARRIVE: Verb = Verb { rank: 11, to: &[(Object::Money, Paid), (Object::Mail, Sent), (Object::Details, Sent)], ..Verb::NONE };

const SEND: Verb = Verb { rank: 12, to: TO_TEAM_OR_CASE, alone: Some(Sent), timed: Some(Sent), ..Verb::NONE };

/// To write to somebody, to call them.
const CALL: Verb = Verb { rank: 13, to: TO_TEAM, alone: Some(Sent), timed: Some(Sent), acts: true, ..Verb::NONE };

const HAND_OVER: Verb = Verb {
    rank: 14,
    to: &[(Object::Team, HandedOver), (Object::Case, HandedOver), (Object::Money, Paid), (Object::Appointment, Rescheduled)],
    alone: Some(HandedOver),
    performs: true,
    moves: true,
    ..Verb::NONE
};

/// To somebody, or to another day.
const PASS: Verb = Verb {
    rank: 15,
    to: &[(Object::Team, HandedOver), (Object::Case, HandedOver), (Object::Appointment, Rescheduled)],
    timed: Some(Rescheduled),
    performs: true,
    moves: true,
    ..Verb::NONE
};

/// Somebody of the team.
const TELL: Verb = Verb { rank: 16, to: TO_TEAM_OR_CASE, performs: true, ..Verb::NONE };

/// With somebody of the team.
const CONNECT: Verb = Verb { moves: true, ..TELL };

/// Somebody of the team, whoever it is.
const ASK: Verb = Verb { rank: 17, to: TO_TEAM, alone: Some(HandedOver), acts: true, asks: true, ..Verb::NONE };
