//! What the columns of a file mean: guessed from their names.

use std::fmt;

use frontdesk_kernel::search::fold;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Ignore,
    Name,
    FirstName,
    LastName,
    Phone,
    Email,
    Language,
    Tags,
    Note,
    /// A fact of that name.
    Fact(String),
}

impl Target {
    /// `name`, `phone`, … or `fact:<name>`.
    pub fn parse(text: &str) -> Option<Target> {
        Some(match text {
            "ignore" => Target::Ignore,
            "name" => Target::Name,
            "first_name" => Target::FirstName,
            "last_name" => Target::LastName,
            "phone" => Target::Phone,
            "email" => Target::Email,
            "language" => Target::Language,
            "tags" => Target::Tags,
            "note" => Target::Note,
            other => Target::Fact(other.strip_prefix("fact:")?.trim().to_owned()),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Ignore => "ignore",
            Target::Name => "name",
            Target::FirstName => "first_name",
            Target::LastName => "last_name",
            Target::Phone => "phone",
            Target::Email => "email",
            Target::Language => "language",
            Target::Tags => "tags",
            Target::Note => "note",
            Target::Fact(fact) => return write!(f, "fact:{fact}"),
        })
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Target::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "write ignore, name, first_name, last_name, phone, email, language, tags, note or fact:<name>",
            )
        })
    }
}

/// Folded names of columns as other programs write them, in the languages of our customers.
const KNOWN: &[(Target, &[&str])] = &[
    (
        Target::FirstName,
        &["first name", "given name", "firstname", "nombres", "primer nombre", "vorname", "prenom", "nome proprio"],
    ),
    (
        Target::LastName,
        &[
            "last name",
            "family name",
            "lastname",
            "surname",
            "apellido",
            "apellidos",
            "nachname",
            "nom de famille",
            "sobrenome",
            "cognome",
        ],
    ),
    (
        Target::Name,
        &[
            "name",
            "full name",
            "fullname",
            "display name",
            "nombre",
            "nombre completo",
            "nombre y apellido",
            "cliente",
            "customer",
            "client",
            "nome",
            "nom",
            "kunde",
            "contact",
            "contacto",
            "contact name",
        ],
    ),
    (
        Target::Phone,
        &[
            "phone",
            "phone number",
            "phones",
            "mobile",
            "mobile phone",
            "cell",
            "cell phone",
            "telefono",
            "telefonos",
            "celular",
            "movil",
            "numero",
            "whatsapp",
            "whatsapp id",
            "wa id",
            "tel",
            "telefon",
            "handy",
            "telefone",
            "telephone",
            "telemovel",
            "phone 1 value",
            "phone 2 value",
            "primary phone",
            "home phone",
            "business phone",
        ],
    ),
    (
        Target::Email,
        &[
            "email",
            "e mail",
            "emails",
            "mail",
            "email address",
            "e mail address",
            "correo",
            "correo electronico",
            "e mail 1 value",
            "e mail 2 value",
            "email 1 value",
            "courriel",
        ],
    ),
    (Target::Language, &["language", "idioma", "lengua", "sprache", "langue", "lang"]),
    (
        Target::Tags,
        &[
            "tags",
            "tag",
            "labels",
            "label",
            "etiquetas",
            "etiqueta",
            "categories",
            "category",
            "categorias",
            "group membership",
            "grupos",
        ],
    ),
    (
        Target::Note,
        &[
            "note",
            "notes",
            "nota",
            "notas",
            "comment",
            "comments",
            "comentario",
            "comentarios",
            "observaciones",
            "notizen",
            "bemerkung",
            "observacoes",
        ],
    ),
    (Target::Ignore, &["id", "created at", "updated at", "photo"]),
];

/// What each column probably means; a name that nobody knows is a fact of that name. The first of several is the one.
pub fn suggest(columns: &[String], has_header: bool, first: Option<&Vec<String>>) -> Vec<Target> {
    let mut taken: Vec<Target> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        let sample = first.and_then(|row| row.get(i)).map(String::as_str).unwrap_or_default();
        let target = if has_header { by_name(column) } else { by_value(sample, &taken) };
        let alone = !matches!(target, Target::Phone | Target::Email | Target::Tags | Target::Note | Target::Ignore);
        taken.push(if alone && taken.contains(&target) { Target::Ignore } else { target });
    }
    taken
}

fn by_name(column: &str) -> Target {
    if let Some(fact) = column.trim().strip_prefix("fact:") {
        return Target::Fact(fact.trim().to_owned());
    }
    let words = frontdesk_kernel::search::words(column).join(" ");
    let found = KNOWN.iter().find(|(_, names)| names.contains(&words.as_str()));
    match found {
        Some((target, _)) => target.clone(),
        None if words.is_empty() || column.chars().count() > 60 || column.chars().any(char::is_control) => Target::Ignore,
        None => Target::Fact(fold(column.trim())),
    }
}

fn by_value(sample: &str, taken: &[Target]) -> Target {
    let digits = sample.chars().filter(char::is_ascii_digit).count();
    if sample.contains('@') {
        Target::Email
    } else if digits >= 7 {
        Target::Phone
    } else if !sample.is_empty() && digits == 0 && !taken.contains(&Target::Name) {
        Target::Name
    } else {
        Target::Ignore
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_by_their_names_in_several_languages() {
        let columns: Vec<String> =
            ["Nombre", "Teléfono", "E-mail", "Cumpleaños", "Phone 2 - Value", "Notas", "Name", "fact:age", "ID"]
                .map(String::from)
                .into();
        let shown: Vec<String> = suggest(&columns, true, None).iter().map(Target::to_string).collect();
        assert_eq!(shown, ["name", "phone", "email", "fact:cumpleanos", "phone", "note", "ignore", "fact:age", "ignore"]);
        let row = vec!["Ana".to_owned(), "573001234567".into(), "a@b.example".into(), "7".into()];
        let shown: Vec<String> = suggest(&columns[..4], false, Some(&row)).iter().map(Target::to_string).collect();
        assert_eq!(shown, ["name", "phone", "email", "ignore"]);
    }

    #[test]
    fn a_target_is_read_back_as_written() {
        for text in ["ignore", "name", "first_name", "last_name", "phone", "email", "language", "tags", "note", "fact:age"] {
            assert_eq!(Target::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Target::parse("password"), None);
    }
}
