//! What somebody wrote in an answer by mail, without what they answer to.

/// Begin what a mail program puts above the quoted mail.
const ABOVE: &[&str] = &["on ", "el ", "am ", "le ", "il ", "em ", "op "];
/// And end it.
const WROTE: &[&str] = &["wrote:", "escribió:", "escribio:", "schrieb:", "a écrit :", "a écrit:", "ha scritto:", "escreveu:"];
/// Whole lines from which on everything is quoted.
const FROM_HERE: &[&str] = &["-----", "________", "from:", "de:", "von:", "da:", "sent from", "enviado desde", "get outlook"];
/// Lines that such a beginning may take: an address does not fit into one.
const SPAN: usize = 3;

/// The lines above the quoted mail and the signature, without empty ones at both ends.
pub fn said(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let end = (0..lines.len()).find(|at| is_quoted(&lines[*at..])).unwrap_or(lines.len());
    lines[..end].join("\n").trim().to_owned()
}

fn is_quoted(rest: &[&str]) -> bool {
    let line = rest[0].trim_start().to_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let is_above = || {
        let together = rest.iter().take(SPAN).map(|l| l.trim().to_lowercase()).collect::<Vec<_>>();
        begins(ABOVE) && together.iter().any(|l| WROTE.iter().any(|end| l.ends_with(end)))
    };
    line.starts_with('>') || line.trim_end() == "--" || begins(FROM_HERE) || is_above()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("ok\n\n-----Original Message-----\nFrom: desk", "ok"),
            ("ok\n________________________________\nFrom: desk", "ok"),
            ("ok\n\nDe: Recepción <desk@luna.example>\nEnviado: jueves", "ok"),
            ("ok\n-- \nAna, manager\nno refunds", "ok"),
            ("ok\n\nSent from my iPhone", "ok"),
            ("On Monday we have two places.\nOk.", "On Monday we have two places.\nOk."),
            ("> ok", ""),
            ("", ""),
        ] {
            assert_eq!(said(text), expected, "{text:?}");
        }
    }
}
