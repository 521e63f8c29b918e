//! The services a business offers, read from a price list in text, and which of them a message means.

use super::words::{Word, words};

#[derive(Debug, Clone, Default)]
pub(super) struct Catalogue {
    services: Vec<Service>,
}

#[derive(Debug, Clone)]
struct Service {
    name: String,
    /// The words that tell it from the others.
    keys: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    None,
    One(String),
    /// Equally likely.
    Several(Vec<String>),
}

impl Catalogue {
    /// From a tool's price list: lines that name a price or a duration.
    pub(super) fn in_list(text: &str) -> Catalogue {
        Catalogue::collect(text.lines().filter(|line| line.contains('$') || has_duration(line)))
    }

    /// From a prompt, which has other lists too: only what is listed under the title of the services.
    pub(super) fn in_prompt(text: &str) -> Catalogue {
        let mut in_section = false;
        Catalogue::collect(text.lines().filter(|line| {
            let listed = in_section && bullet(line).is_some();
            in_section = listed || is_title(line);
            listed && has_duration(line)
        }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.services.iter().map(|s| s.name.as_str()).collect()
    }

    /// The service with most of its words in the message; the shorter name wins among equals.
    pub(super) fn meant_by(&self, said: &[Word]) -> Choice {
        let said: Vec<&str> = said.iter().map(|w| canonical(&w.folded)).collect();
        let mut best = (0, 0);
        let mut names: Vec<&str> = Vec::new();
        for service in &self.services {
            let hits = service.keys.iter().filter(|key| said.iter().any(|word| akin(word, key))).count();
            if hits == 0 {
                continue;
            }
            let score = (hits, hits * 100 / service.keys.len());
            if score > best {
                best = score;
                names.clear();
            }
            if score == best {
                names.push(&service.name);
            }
        }
        match names.as_slice() {
            [] => Choice::None,
            [name] => Choice::One((*name).to_owned()),
            several => Choice::Several(several.iter().map(|n| (*n).to_owned()).collect()),
        }
    }

    fn collect<'t>(lines: impl Iterator<Item = &'t str>) -> Catalogue {
        let mut services: Vec<Service> = Vec::new();
        for name in lines.filter_map(name_of) {
            let keys: Vec<String> =
                words(&name).into_iter().map(|w| canonical(&w.folded).to_owned()).filter(|w| !is_filler(w)).collect();
            if !keys.is_empty() && services.iter().all(|s| s.name != name) {
                services.push(Service { name, keys });
            }
        }
        Catalogue { services }
    }
}

/// `• **Corte de dama**: $45,000 COP (45 min)` is `Corte de dama`.
fn name_of(line: &str) -> Option<String> {
    let line = bullet(line).unwrap_or(line.trim());
    let ends = [": ", " — ", " – ", " - ", " (", " $", " | "];
    let end = ends.iter().filter_map(|mark| line.find(mark)).min()?;
    let name = line[..end].trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    (2..=60).contains(&name.chars().count()).then_some(name)
}

fn bullet(line: &str) -> Option<&str> {
    line.trim().strip_prefix(['•', '-', '*', '–', '·', '▪']).map(str::trim_start)
}

/// `💇 **SERVICIOS Y PRECIOS**`: the title and nothing else but ornaments.
fn is_title(line: &str) -> bool {
    matches!(line.trim_matches(|c: char| !c.is_alphanumeric()), "SERVICIOS Y PRECIOS" | "SERVICES AND PRICES")
}

fn has_duration(line: &str) -> bool {
    line.match_indices(" min").any(|(i, _)| line[..i].ends_with(|c: char| c.is_ascii_digit()))
}

/// Same word, or same stem of at least four letters (`corte`, `cortarme`).
fn akin(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let common = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    common >= 4 && common + 1 >= a.chars().count().min(b.chars().count())
}

/// One word for what customers call by several, in either language.
fn canonical(word: &str) -> &str {
    const GROUPS: &[&[&str]] = &[
        &["corte", "haircut", "cut", "peluqueada", "motilada"],
        &["cabello", "pelo", "hair"],
        &["barba", "beard"],
        &["color", "tinte", "dye", "colour"],
        &["manicure", "manicura", "unas", "nails"],
        &["pedicure", "pedicura", "pies", "feet"],
        &["cepillado", "blowout", "blowdry", "secado"],
        &["dama", "mujer", "senora", "woman", "women", "womens", "womans", "lady", "ladies"],
        &["caballero", "hombre", "senor", "man", "men", "mens", "mans"],
        &["nino", "nina", "ninos", "ninas", "kid", "kids", "child", "children", "childrens"],
        &["masaje", "massage"],
        &["cejas", "eyebrow", "eyebrows", "brows"],
        &["limpieza", "cleaning"],
        &["consulta", "consultation", "checkup"],
    ];
    GROUPS.iter().find(|group| group.contains(&word)).map_or(word, |group| group[0])
}

fn is_filler(word: &str) -> bool {
    word.len() < 3
        || matches!(
            word,
            "del" | "los" | "las" | "para" | "con" | "por" | "una" | "and" | "the" | "for" | "with" | "servicio" | "service"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "💇 **SERVICIOS Y PRECIOS**\n• Corte de dama: $45,000 COP (45 min)\n• Corte de caballero: $30,000 COP (30 min)\n\
        • **Tinte completo** — $120,000 COP (120 min)\n• Manicure: $25,000 COP (40 min)\n• Arreglo de barba (20 min)\n¿Cuál te gustaría?";

    #[test]
    fn a_price_list_is_read_from_text() {
        let names = ["Corte de dama", "Corte de caballero", "Tinte completo", "Manicure", "Arreglo de barba"];
        assert_eq!(Catalogue::in_list(LIST).names(), names);
        assert_eq!(Catalogue::in_prompt(LIST).names(), names);
        assert_eq!(
            Catalogue::in_prompt("✂ **SERVICES AND PRICES**\n• Cut: $10 USD (30 min)\n\n• Promo: two cuts (60 min)").names(),
            ["Cut"]
        );
        assert!(Catalogue::in_list("No hay servicios todavía.").is_empty());
    }

    #[test]
    fn other_lists_of_a_prompt_are_no_price_list() {
        let others = "- Promo: corte a $20,000 los martes\n- Be brief\nWait 5 min\n- Citas: 60 min por defecto, con 1 h de anticipación\n\
            - Nota: llega tarde (10 min)\n• Combo: corte y barba (45 min)\nLos SERVICIOS Y PRECIOS están abajo.\n• Espera: (5 min)";
        assert!(Catalogue::in_prompt(others).is_empty());
    }

    #[test]
    fn a_message_means_one_service_several_or_none() {
        let catalogue = Catalogue::in_list(LIST);
        for (text, expected) in [
            ("un corte de dama por favor", vec!["Corte de dama"]),
            ("corte para hombre", vec!["Corte de caballero"]),
            ("quiero cortarme el pelo", vec!["Corte de dama", "Corte de caballero"]),
            ("I need a men's haircut", vec!["Corte de caballero"]),
            ("me quiero hacer las uñas", vec!["Manicure"]),
            ("tinte", vec!["Tinte completo"]),
            ("la barba", vec!["Arreglo de barba"]),
            ("mañana a las 10", vec![]),
        ] {
            let found = match catalogue.meant_by(&words(text)) {
                Choice::None => vec![],
                Choice::One(name) => vec![name],
                Choice::Several(names) => names,
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
