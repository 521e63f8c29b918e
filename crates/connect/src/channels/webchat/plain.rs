//! Markdown as models write it, as plain text. Plain text stays as it is.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

pub(super) fn text(markdown: &str) -> String {
    let source = markdown.replace("\r\n", "\n").replace(['\r', '\0'], "");
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        // `2*3*4` is no emphasis: marks inside a word stay.
        let before = source[..range.start].chars().next_back();
        let after = source[range.end..].chars().next();
        let in_word = [before, after].into_iter().flatten().any(char::is_alphanumeric);
        writer.event(event, in_word, source[range].chars().next().unwrap_or('*'));
    }
    writer.out.trim().to_owned()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The number of the next item; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// Where each open link's words begin, and its address.
    links: Vec<(usize, String)>,
    cells: usize,
}

impl Writer {
    fn event(&mut self, event: Event<'_>, in_word: bool, mark: char) {
        match event {
            Event::Start(tag) => self.start(tag, in_word, mark),
            Event::End(tag) => self.end(tag, in_word, mark),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => self.out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.out.push('\n'),
            Event::Rule => self.block("—"),
            Event::TaskListMarker(done) => self.out.push_str(if done { "☑ " } else { "☐ " }),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => self.out.push_str(&text),
        }
    }

    fn start(&mut self, tag: Tag<'_>, in_word: bool, mark: char) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) => self.block(""),
            Tag::BlockQuote(_) => self.block("» "),
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block("");
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::TableRow => self.line(),
            Tag::TableHead => self.cells = 0,
            Tag::TableCell => {
                if self.cells > 0 {
                    self.out.push_str(" | ");
                }
                self.cells += 1;
            }
            Tag::Emphasis if in_word => self.out.push(mark),
            Tag::Strong if in_word => self.out.extend([mark, mark]),
            Tag::Link { dest_url, .. } => self.links.push((self.out.len(), address(&dest_url))),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, in_word: bool, mark: char) {
        match tag {
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::TableHead | TagEnd::TableRow => self.cells = 0,
            TagEnd::Emphasis if in_word => self.out.push(mark),
            TagEnd::Strong if in_word => self.out.extend([mark, mark]),
            TagEnd::CodeBlock => self.out.truncate(self.out.trim_end_matches('\n').len()),
            TagEnd::Link => {
                let Some((from, address)) = self.links.pop() else { return };
                let shown = address.trim_start_matches("mailto:").trim_start_matches("tel:");
                let words = self.out[from..].trim();
                match (words.is_empty(), shown.is_empty() || words == shown) {
                    (_, true) => {}
                    (true, false) => self.out.push_str(shown),
                    (false, false) => self.out.push_str(&format!(" ({shown})")),
                }
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists.len().saturating_sub(1).min(4);
        self.out.push_str(&"  ".repeat(depth));
        match self.lists.last_mut() {
            Some(Some(n)) => {
                self.out.push_str(&format!("{n}. "));
                *n += 1;
            }
            _ => self.out.push_str("• "),
        }
    }

    fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// A block stands apart, except for the first words of an item or a quotation.
    fn block(&mut self, begins: &str) {
        let fresh = self.out.ends_with("• ") || self.out.ends_with("» ") || self.ends_with_number();
        if !fresh && !self.out.is_empty() {
            self.line();
            if self.lists.is_empty() && !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
        }
        self.out.push_str(begins);
    }

    fn ends_with_number(&self) -> bool {
        let line = self.out.rsplit('\n').next().unwrap_or_default().trim_start();
        !self.lists.is_empty() && line.strip_suffix(". ").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// Only what a person may safely follow.
fn address(url: &CowStr<'_>) -> String {
    let known = ["https://", "http://", "mailto:", "tel:"].iter().any(|scheme| url.starts_with(scheme));
    if known { url.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_plain_text_and_plain_text_stays() {
        for (markdown, plain) in [
            ("¡Hola! 👋\n¿Qué necesitas?", "¡Hola! 👋\n¿Qué necesitas?"),
            ("**Listo**, *Ana*", "Listo, Ana"),
            ("2*3*4 y snake_case_name", "2*3*4 y snake_case_name"),
            ("# Horario\n\nLunes a viernes", "Horario\n\nLunes a viernes"),
            ("- uno\n- dos\n  - tres", "• uno\n• dos\n  • tres"),
            ("3. tres\n4. cuatro", "3. tres\n4. cuatro"),
            ("[la página](https://example.org)", "la página (https://example.org)"),
            ("<https://example.org>", "https://example.org"),
            ("[a](javascript:alert(1))", "a"),
            ("![foto](https://evil.example/?q=secret)", "foto"),
            ("`código` y\n```\nun\nbloque\n```", "código y\n\nun\nbloque"),
            ("<b>no es HTML</b>", "<b>no es HTML</b>"),
            ("a | b\n--|--\n1 | 2", "a | b\n1 | 2"),
            ("> cita\n> larga", "» cita\nlarga"),
            ("una\r\ndos\0", "una\ndos"),
            ("\\*tal cual\\*", "*tal cual*"),
            ("", ""),
        ] {
            assert_eq!(text(markdown), plain, "{markdown}");
        }
    }
}
