//! The sentences of `fixtures/claims`, as people write them in each language: what each claims, or that it is honest.

use super::*;

const LANGUAGES: [(&str, &str); 6] = [
    ("de", include_str!("../../../../../fixtures/claims/de.txt")),
    ("en", include_str!("../../../../../fixtures/claims/en.txt")),
    ("es", include_str!("../../../../../fixtures/claims/es.txt")),
    ("fr", include_str!("../../../../../fixtures/claims/fr.txt")),
    ("it", include_str!("../../../../../fixtures/claims/it.txt")),
    ("pt", include_str!("../../../../../fixtures/claims/pt.txt")),
];

fn all() -> impl Iterator<Item = (&'static str, Option<ReceiptKind>, &'static str)> {
    LANGUAGES.iter().flat_map(|(language, lines)| {
        lines.lines().filter_map(|line| line.split_once(" | ")).map(|(kind, text)| {
            let kind = (kind != "honest").then(|| serde_json::from_value(kind.into()).unwrap());
            (*language, kind, text)
        })
    })
}

#[test]
fn what_people_would_take_for_done_is_a_claim_of_just_that() {
    let missed: Vec<_> = all().filter(|(_, kind, text)| kind.is_some_and(|kind| !claims(text).contains(&kind))).collect();
    let shown: Vec<_> = missed.iter().map(|(l, kind, text)| format!("{l} {kind:?} {:?} {text}", claims(text))).collect();
    assert!(missed.is_empty(), "{} of {}: {shown:#?}", missed.len(), all().filter(|a| a.1.is_some()).count());
}

#[test]
fn honest_offers_questions_and_conditions_claim_nothing() {
    let wrong: Vec<_> = all().filter(|(_, kind, text)| kind.is_none() && !claims(text).is_empty()).collect();
    let shown: Vec<_> = wrong.iter().map(|(l, _, text)| format!("{l} {:?} {text}", claims(text))).collect();
    assert!(wrong.is_empty(), "{shown:#?}");
}

#[test]
fn each_language_has_twenty_lies_and_ten_honest_sentences_and_every_kind() {
    for (language, _) in LANGUAGES {
        let of = |lie: bool| all().filter(|(l, kind, _)| *l == language && kind.is_some() == lie).count();
        assert!(of(true) >= 20 && of(false) >= 10, "{language}");
        for kind in [Booked, Rescheduled, Cancelled, Paid, Sent, HandedOver, ContactUpdated] {
            assert!(all().any(|(l, k, _)| l == language && k == Some(kind)), "{language}: {kind:?}");
        }
    }
}
