//! Which of our two languages a message is in.

use frontdesk_kernel::language::Language;

use super::words::{Word, words};

/// The language of the last message that shows one; else `usual`.
pub(super) fn of_messages<'t>(latest_first: impl Iterator<Item = &'t str>, usual: Language) -> Language {
    latest_first.filter_map(of).next().unwrap_or(usual)
}

fn of(text: &str) -> Option<Language> {
    let marks = text.chars().filter(|c| matches!(c, 'ñ' | '¿' | '¡' | 'á' | 'é' | 'í' | 'ó' | 'ú')).count();
    let said = words(text);
    let count = |list: &str| said.iter().filter(|w| list.split(' ').any(|known| known == w.folded)).count();
    let spanish = marks + count(SPANISH);
    let english = count(ENGLISH) + said.iter().filter(|w: &&Word| w.raw.contains(['\'', '’'])).count();
    match spanish.cmp(&english) {
        std::cmp::Ordering::Greater => Some(Language::Spanish),
        std::cmp::Ordering::Less => Some(Language::English),
        std::cmp::Ordering::Equal => None,
    }
}

const SPANISH: &str = "hola buenas buenos buen dias tardes noches el la los las un una unos unas de del para por con que cual cuando cuanto \
    cuantos cuesta donde como quien quiero quisiera necesito me mi mis te tu es son esta estan tengo tienes tienen hay puedo puede pueden si \
    gracias favor adios chao manana hoy pasado tarde noche mediodia lunes martes miercoles jueves viernes sabado domingo enero febrero marzo \
    abril mayo junio julio agosto septiembre octubre noviembre diciembre cita citas turno reserva reservar agendar agenda precio precios horario \
    horarios direccion pago tarjeta efectivo cancelar mover reprogramar cambiar cambia persona humano corte cabello barba tinte unas y o pero \
    soy llamo nombre dale listo vale claro bueno confirmo ya ayuda disponible disponibles a las";

const ENGLISH: &str = "hello hi hey good morning afternoon evening night the an of for with what which when how much where who i im id want \
    would like need me my you your is are do does have can could yes yeah yep thanks thank please bye goodbye tomorrow today tonight monday \
    tuesday wednesday thursday friday saturday sunday january february march april june july august september october november december \
    appointment appointments book booking schedule price prices hours open close address pay card cash cancel move reschedule change human \
    person haircut at noon and or but name help available availability free not dont sure confirm talk speak to someone it on";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_that_shows_a_language_decides() {
        for (latest_first, expected) in [
            (vec!["Hola"], Language::Spanish),
            (vec!["hi there"], Language::English),
            (vec!["10 am", "I want a haircut tomorrow"], Language::English),
            (vec!["ok", "quiero una cita"], Language::Spanish),
            (vec!["¿cuánto?", "hello"], Language::Spanish),
            (vec!["10", "ok"], Language::Spanish),
            (vec![], Language::Spanish),
            (vec!["what's free?"], Language::English),
        ] {
            assert_eq!(of_messages(latest_first.iter().copied(), Language::Spanish), expected, "{latest_first:?}");
        }
        assert_eq!(of_messages(["10"].into_iter(), Language::English), Language::English);
    }
}
