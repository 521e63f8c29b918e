//! What somebody wrote in an answer by mail, without what they answer to.

/// What stands above the part that is quoted or added by a mail program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Without empty lines at both ends.
    pub text: String,
    /// Somebody wrote between the quoted lines as well.
    pub goes_on: bool,
}

/// Begin what a mail program puts above the quoted mail, in six languages.
const ABOVE: &[&str] =
    &["on ", "el ", "am ", "le ", "il ", "em ", "no dia ", "a seg", "a ter", "a qua", "a qui", "a sex", "a sáb", "a dom"];
/// Stand in it.
const WROTE: &[&str] = &["wrote", "escribió", "escribio", "schrieb", "a écrit", "ha scritto", "escreveu"];
/// Lines from which on everything is quoted, or the mail program's own.
const FROM_HERE: &[&str] = &[
    "-----",
    "________",
    "from:",
    "de:",
    "von:",
    "da:",
    "sent from ",
    "get outlook",
    "enviado desde ",
    "enviado do ",
    "obtener outlook",
    "obter o outlook",
    "envoyé de ",
    "télécharger outlook",
    "von meinem ",
    "gesendet von ",
    "outlook für ",
    "inviato da ",
    "scarica outlook",
];
/// Lines that such a beginning may take: an address does not fit into one.
const SPAN: usize = 4;

/// `ours`: what only a mail of ours holds; from a line with it on it is quoted, however that is marked.
pub fn said(text: &str, ours: &str) -> Said {
    let lines: Vec<String> = text.lines().map(plainly).collect();
    let end = (0..lines.len()).find(|at| is_quoted(&lines[*at..], ours)).unwrap_or(lines.len());
    let text = text.lines().take(end).map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned();
    Said { text, goes_on: goes_on(&lines[end..]) }
}

/// In lower case, with plain single spaces and none before a colon.
fn plainly(line: &str) -> String {
    line.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").replace(" :", ":")
}

fn is_quoted(rest: &[String], ours: &str) -> bool {
    let line = rest[0].as_str();
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let is_ours = !ours.is_empty() && line.contains(&ours.to_lowercase());
    line.starts_with('>') || line == "--" || begins(FROM_HERE) || is_attribution(rest) || is_ours
}

/// `On Thursday, somebody <…> wrote:`, `Am Donnerstag schrieb jemand <…>:`, on one line or several.
fn is_attribution(rest: &[String]) -> bool {
    let begins = ABOVE.iter().any(|word| rest[0].starts_with(word));
    let together: Vec<&str> = rest.iter().take(SPAN).map(String::as_str).collect();
    begins
        && (1..=together.len()).any(|n| {
            let all = together[..n].join(" ");
            all.ends_with(':') && WROTE.iter().any(|word| all.contains(word))
        })
}

/// A line among the quoted ones that is not quoted itself. Where nothing is marked with `>`, nobody can tell.
fn goes_on(rest: &[String]) -> bool {
    let Some(last) = rest.iter().rposition(|line| line.starts_with('>')) else { return false };
    let Some(first) = rest.iter().position(|line| line.starts_with('>')) else { return false };
    let between = rest[first..last].iter().any(|line| !line.is_empty() && !line.starts_with('>'));
    let below = rest[last + 1..].iter().find(|line| !line.is_empty());
    between || below.is_some_and(|line| line != "--" && !FROM_HERE.iter().any(|word| line.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "/approvals/apv_1";

    #[test]
    fn what_is_quoted_is_not_said() {
        for (text, expected) in [
            ("ok", "ok"),
            ("\n ok \n\n> no\n> never", "ok"),
            (
                "No.\nToo expensive.\n\nOn Thu, 26 Nov 2026 at 10:00, Front desk <desk@luna.example> wrote:\n> ok?",
                "No.\nToo expensive.",
            ),
            ("Sí\r\n\r\nEl jue, 26 nov 2026 a las 10:00, Recepción\r\n(<desk@luna.example>) escribió:\r\n\r\nok", "Sí"),
            ("ok\n\nAm Do., 26. Nov. 2026 um 10:00 Uhr schrieb Empfang <\ndesk@luna.example>:\n\nok", "ok"),
            ("ok\n\nLe jeu. 26 nov. 2026 à 10:00, Accueil <desk@luna.example> a écrit\u{a0}:\n\nok", "ok"),
            ("ok\n\nIl giorno gio 26 nov 2026 alle 10:00 Desk <desk@luna.example> ha scritto:\nok", "ok"),
            ("ok\n\nA qui., 26 de nov. de 2026 10:00, Desk <desk@luna.example> escreveu:\nok", "ok"),
            ("ok\n\nEm qui., 26 de nov. de 2026 às 10:00, Desk <desk@luna.example>\nescreveu:\nok", "ok"),
            ("ok\n\n-----Original Message-----\nFrom: desk", "ok"),
            ("ok\n________________________________\nFrom: desk", "ok"),
            ("ok\n\nDe : Accueil <desk@luna.example>\nEnvoyé : jeudi", "ok"),
            ("ok\n\nDe: Recepción <desk@luna.example>\nEnviado: jueves", "ok"),
            ("ok\n-- \nAna, manager\nno refunds", "ok"),
            ("ok\n\nSent from my iPhone", "ok"),
            ("Non\n\nEnvoyé de mon iPhone", "Non"),
            ("ok\nVon meinem iPhone gesendet", "ok"),
            ("ok\nThe assistant asks:\nhttps://desk.example/approvals/apv_1", "ok\nThe assistant asks:"),
            ("On Monday we have two places.\nOk.", "On Monday we have two places.\nOk."),
            ("> ok", ""),
            ("", ""),
        ] {
            assert_eq!(said(text, OURS), Said { text: expected.into(), goes_on: false }, "{text:?}");
        }
    }

    #[test]
    fn who_writes_between_quoted_lines_has_said_more() {
        for (text, goes_on) in [
            ("ok\n> amount: 500\nonly 300 please\n> customer: Ana", true),
            ("ok\n\n> amount: 500\n\nonly 300 please", true),
            ("ok\n> a\n\n> b\n", false),
            ("ok\n> a\n\nSent from my iPhone", false),
            ("ok\n> a\n-- \nAna", false),
        ] {
            assert_eq!(said(text, OURS).goes_on, goes_on, "{text:?}");
        }
    }
}
