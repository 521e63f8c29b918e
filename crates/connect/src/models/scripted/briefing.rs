//! What the engine's prompt tells in lines for machines: now, language, contact, and the price list when it is there.

use frontdesk_kernel::language::Language;
use jiff::civil::DateTime;

use super::{
    catalogue::Catalogue,
    dates::Today,
    words::{Word, words},
};

#[derive(Debug, Default)]
pub(super) struct Briefing {
    pub(super) today: Today,
    pub(super) language: Language,
    /// The contact's name, when it is known.
    pub(super) contact: Option<String>,
    pub(super) catalogue: Catalogue,
    /// Everything that was told, to recognise names of staff.
    pub(super) words: Vec<Word>,
}

impl Briefing {
    pub(super) fn read(system: &str) -> Briefing {
        let line = |key: &str| system.lines().find_map(|l| l.trim().strip_prefix(key)?.strip_prefix(':')).map(str::trim);
        let tag = line("LANGUAGE").unwrap_or("es");
        Briefing {
            today: Today {
                now: line("NOW").and_then(|now| now.split_whitespace().next()?.parse::<DateTime>().ok()),
                month_first: tag.eq_ignore_ascii_case("en-US"),
            },
            language: Language::of(tag),
            contact: line("CONTACT").filter(|name| !matches!(*name, "" | "-")).map(str::to_owned),
            catalogue: Catalogue::in_prompt(system),
            words: words(system),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_for_machines_are_read_and_their_absence_is_no_fault() {
        let full = Briefing::read(
            "Be kind.\nNOW: 2026-11-21T10:05 Saturday America/Bogota\nLANGUAGE: en-US\nCONTACT: Ana Ruiz\n\n**SERVICES AND PRICES**\n• Tinte: $90,000 COP (120 min)\n",
        );
        assert_eq!(full.today.now, Some("2026-11-21T10:05".parse().unwrap()));
        assert!(full.today.month_first);
        assert_eq!((full.language, full.contact.as_deref()), (Language::English, Some("Ana Ruiz")));
        assert_eq!(full.catalogue.names(), ["Tinte"]);

        let empty = Briefing::read("NOW: soon\nCONTACT: -\n");
        assert_eq!((empty.today.now, empty.language, empty.contact), (None, Language::Spanish, None));
        assert!(empty.catalogue.names().is_empty());
    }
}
