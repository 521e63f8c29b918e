//! Which service or staff member somebody means by some words.

use super::{Service, Staff};
use crate::location::Location;

/// What words may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match<'a, T> {
    One(&'a T),
    /// All of these fit: ask which.
    Several(Vec<&'a T>),
    None,
}

/// The active services that the words name: by id, by the whole name, else by the words of the name.
pub fn find_service<'a>(services: &'a [Service], words: &str) -> Match<'a, Service> {
    find(services.iter().filter(|s| s.active).map(|s| (s, s.id.as_str(), s.name.as_str())), words)
}

/// The active staff that the words name, likewise.
pub fn find_staff<'a>(staff: &'a [Staff], words: &str) -> Match<'a, Staff> {
    find(staff.iter().filter(|s| s.active).map(|s| (s, s.id.as_str(), s.name.as_str())), words)
}

/// The open branch that the words name, likewise.
pub fn find_location<'a>(locations: &'a [Location], words: &str) -> Match<'a, Location> {
    find(locations.iter().filter(|l| l.active).map(|l| (l, l.id.as_str(), l.name.as_str())), words)
}

/// Lower case without accents, words separated by one space: `¿Uñas & Spa?` is `unas spa`.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\u{300}'..='\u{36f}' | '\'' | '’' => {}
            _ if c.is_alphanumeric() => match folded(c) {
                Some(plain) => out.push_str(plain),
                None => out.push(c),
            },
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn folded(c: char) -> Option<&'static str> {
    Some(match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

fn find<'a, T>(all: impl Iterator<Item = (&'a T, &'a str, &'a str)>, words: &str) -> Match<'a, T> {
    let (said, wanted) = (normalise(words), telling_words(words));
    let named: Vec<(&T, &str, String, Vec<String>)> =
        all.map(|(thing, id, name)| (thing, id, normalise(name), telling_words(name))).collect();

    let exact: Vec<&T> = named.iter().filter(|n| n.1 == words.trim() || (n.2 == said && !said.is_empty())).map(|n| n.0).collect();
    if !exact.is_empty() {
        return one_or_several(exact);
    }
    if wanted.is_empty() {
        return Match::None;
    }
    // "quiero un corte de cabello con Ana": the whole name is among the words; the longest name wins over those inside it.
    let mentioned: Vec<_> = named.iter().filter(|n| !n.3.is_empty() && holds_all(&wanted, &n.3)).collect();
    if !mentioned.is_empty() {
        let longest =
            mentioned.iter().filter(|n| !mentioned.iter().any(|other| other.3.len() > n.3.len() && holds_all(&other.3, &n.3)));
        return one_or_several(longest.map(|n| n.0).collect());
    }
    // "corte": the words are among those of the name.
    one_or_several(named.iter().filter(|n| holds_all(&n.3, &wanted)).map(|n| n.0).collect())
}

fn one_or_several<T>(mut found: Vec<&T>) -> Match<'_, T> {
    match found.len() {
        0 => Match::None,
        1 => Match::One(found.remove(0)),
        _ => Match::Several(found),
    }
}

fn holds_all(words: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|w| words.iter().any(|have| is_same_word(have, w)))
}

/// Equal, or singular and plural of one word.
fn is_same_word(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short == long || (short.len() >= 3 && matches!(long.strip_prefix(short), Some("s" | "es")))
}

/// The words that tell one name from another: no articles, titles or polite phrases.
fn telling_words(text: &str) -> Vec<String> {
    const FILLERS: &[&str] = &[
        "a", "al", "an", "and", "con", "de", "del", "doctor", "doctora", "don", "dona", "dr", "dra", "e", "el", "en", "favor",
        "for", "i", "la", "las", "like", "lo", "los", "me", "mi", "miss", "mr", "mrs", "ms", "my", "of", "para", "please", "por",
        "quiero", "quisiera", "senor", "senora", "senorita", "servicio", "service", "sr", "sra", "srta", "the", "to", "un",
        "una", "uno", "want", "with", "would", "y",
    ];
    normalise(text).split(' ').filter(|w| !w.is_empty() && !FILLERS.contains(w)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(n: u128, name: &str, active: bool) -> Service {
        Service {
            id: crate::ids::ServiceId::from_uuid(uuid::Uuid::from_u128(n)),
            name: name.to_owned(),
            duration_minutes: 30,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            price: None,
            description: String::new(),
            active,
        }
    }

    fn staff(n: u128, name: &str) -> Staff {
        Staff {
            id: crate::ids::StaffId::from_uuid(uuid::Uuid::from_u128(n)),
            name: name.to_owned(),
            specialties: Vec::new(),
            services: Vec::new(),
            hours: None,
            away: Vec::new(),
            location: None,
            active: true,
        }
    }

    #[test]
    fn text_is_folded_to_plain_words() {
        for (text, plain) in [
            ("¿Uñas & Spa?", "unas spa"),
            ("  CORTE   de\tPelo ", "corte de pelo"),
            ("Café crème – groß", "cafe creme gross"),
            ("cafe\u{301}", "cafe"),
            ("D'Angelo", "dangelo"),
            ("¡!", ""),
        ] {
            assert_eq!(normalise(text), plain);
        }
    }

    #[test]
    fn words_find_the_services_they_name() {
        let all = [
            service(1, "Corte de cabello", true),
            service(2, "Corte de barba", true),
            service(3, "Corte", true),
            service(4, "Uñas acrílicas", true),
            service(5, "Masaje", false),
            service(6, "Corte de cabello y barba", true),
        ];
        for (words, names) in [
            ("corte de CABELLO", vec!["Corte de cabello"]),
            ("corte", vec!["Corte"]),
            ("quiero un corte de barba, por favor", vec!["Corte de barba"]),
            ("corte de cabello y barba", vec!["Corte de cabello y barba"]),
            ("barba", vec!["Corte de barba", "Corte de cabello y barba"]),
            ("unas acrilicas", vec!["Uñas acrílicas"]),
            ("uña acrílica", vec!["Uñas acrílicas"]),
            ("svc_00000000000000000000000000000004", vec!["Uñas acrílicas"]),
            ("masaje", vec![]),
            ("pedicure", vec![]),
            ("de la", vec![]),
            ("", vec![]),
        ] {
            let found: Vec<&str> = match find_service(&all, words) {
                Match::One(s) => vec![&s.name],
                Match::Several(many) => many.iter().map(|s| s.name.as_str()).collect(),
                Match::None => vec![],
            };
            assert_eq!(found, names, "{words}");
        }
    }

    #[test]
    fn staff_are_found_by_first_name_and_without_titles() {
        let all = [staff(1, "Dra. Ana Gómez"), staff(2, "Ana María Ruiz"), staff(3, "José")];
        assert_eq!(find_staff(&all, "con la doctora gomez"), Match::One(&all[0]));
        assert_eq!(find_staff(&all, "Ana"), Match::Several(vec![&all[0], &all[1]]));
        assert_eq!(find_staff(&all, "jose"), Match::One(&all[2]));
        assert_eq!(find_staff(&all, "Pedro"), Match::None);
    }
}
