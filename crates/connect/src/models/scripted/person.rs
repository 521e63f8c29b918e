//! Names and addresses in a message: who writes, and by whom they want to be served.

use super::{
    vocabulary::{INTRODUCTIONS, NOT_NAMES, NOT_STAFF},
    words::{Word, at, find, is_listed, phrases},
};

/// `me llamo Ana`, `a nombre de Ana Ruiz`, `my name is Ana`. After `soy` anything may come (`soy nueva`): there a name must be written
/// as one, unless a name was `asked` for.
pub(super) fn introduced(said: &[Word], asked: bool) -> Option<String> {
    phrases(INTRODUCTIONS).find_map(|opening| {
        let (_, from) = find(said, opening)?;
        let open_to_anything = matches!(opening, "soy" | "i am" | "im" | "this is");
        let clear = asked || said.get(from).is_some_and(|w| w.raw.starts_with(char::is_uppercase));
        name_from(said, from).filter(|_| clear || !open_to_anything)
    })
}

/// One to four words that can be a name, from a position to the end of the clause.
pub(super) fn name_from(said: &[Word], from: usize) -> Option<String> {
    let mut name: Vec<String> = Vec::new();
    for word in &said[from.min(said.len())..] {
        let plain = word.raw.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’'));
        if !plain || (is_listed(NOT_NAMES, &word.folded)) || name.len() == 4 {
            break;
        }
        name.push(capitalised(&word.raw));
        if word.stop {
            break;
        }
    }
    let letters: usize = name.iter().map(|n| n.chars().count()).sum();
    ((2..=60).contains(&letters)).then(|| name.join(" "))
}

/// The word after "con": perhaps someone of the team.
pub(super) fn staff(said: &[Word]) -> Option<String> {
    let from = (0..said.len()).find(|i| matches!(at(said, *i), "con" | "with"))? + 1;
    let word = said.get(from)?;
    (!is_listed(NOT_STAFF, &word.folded) && word.raw.chars().all(char::is_alphabetic)).then(|| word.raw.clone())
}

/// The e-mail address in a message.
pub(super) fn email(text: &str) -> Option<String> {
    let mut words = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    words.find(|w| is_email(w)).map(str::to_owned)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let small = word.chars().all(|c| !c.is_uppercase());
    match letters.next() {
        Some(first) if small => first.to_uppercase().chain(letters).collect(),
        _ => word.to_owned(),
    }
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    #[test]
    fn names_are_taken_from_introductions() {
        for (text, expected) in [
            ("Me llamo ana maría", Some("Ana María")),
            ("hola, soy Pedro Páramo y quiero una cita", Some("Pedro Páramo")),
            ("soy nueva aquí", None),
            ("mi nombre es Julia", Some("Julia")),
            ("a nombre de Luisa Fernanda, por favor", Some("Luisa Fernanda")),
            ("my name is Sean O'Neill", Some("Sean O'Neill")),
            ("Ana Ruiz", None),
            ("me llamo 123", None),
        ] {
            assert_eq!(introduced(&words(text), false).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_introduction_may_be_careless_when_a_name_was_asked_for() {
        assert_eq!(introduced(&words("soy ana"), true).as_deref(), Some("Ana"));
        assert_eq!(introduced(&words("im sue"), true).as_deref(), Some("Sue"));
    }

    #[test]
    fn a_bare_answer_is_a_name_unless_it_is_something_else() {
        for (text, expected) in [
            ("Ana Ruiz", Some("Ana Ruiz")),
            ("ana, gracias", Some("Ana")),
            ("un momento", None),
            ("espera", None),
            ("J", None),
            ("555 1234", None),
        ] {
            assert_eq!(name_from(&words(text), 0).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn people_of_the_team_and_addresses_are_found() {
        assert_eq!(staff(&words("un corte con Laura mañana")).as_deref(), Some("Laura"));
        assert_eq!(staff(&words("¿puedo pagar con tarjeta?")), None);
        assert_eq!(email("Mi correo: <ana.ruiz@example.com>, gracias").as_deref(), Some("ana.ruiz@example.com"));
        assert_eq!(email("@ana o ana@casa"), None);
    }
}
