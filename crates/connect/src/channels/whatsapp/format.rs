//! Markdown as models write it, in WhatsApp's own marks. Plain text stays as it is.

use std::{borrow::Cow, ops::Range};

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

/// A phone's screen is narrow.
const DEEPEST_INDENT: usize = 4;
const LONGEST_ADDRESS: usize = 2048;

pub(super) fn whatsapp(markdown: &str) -> String {
    let source = prepared(markdown);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::new(&source);
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        writer.event(event, range);
    }
    writer.out.trim().to_owned()
}

/// One kind of line break, no NUL, no citation marks (`【4:0†source】`).
fn prepared(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains(['\r', '\0', '【']) {
        return Cow::Borrowed(markdown);
    }
    let text = markdown.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(open) = rest.find('【') {
        let close = rest[open..].find(['】', '\n']).map(|n| open + n).filter(|&at| rest[at..].starts_with('】'));
        let Some(close) = close else {
            let after = open + '【'.len_utf8();
            out.push_str(&rest[..after]);
            rest = &rest[after..];
            continue;
        };
        let after = &rest[close + '】'.len_utf8()..];
        let kept = &rest[..open];
        // "as agreed 【1】." must not become "as agreed ."
        let joins = after.chars().next().is_none_or(|c| !c.is_alphanumeric());
        out.push_str(if joins { kept.trim_end_matches(' ') } else { kept });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

struct Writer<'s> {
    source: &'s str,
    out: String,
    /// Nothing separates the next block from what was just written (start, list marker, quote mark).
    fresh: bool,
    quotes: usize,
    lists: Vec<Counter>,
    /// The marks that are open, innermost last; empty ones write nothing.
    marks: Vec<Mark<'s>>,
    /// Headings and table heads are bold already.
    bold: bool,
    links: Vec<Link<'s>>,
    cells: usize,
    code: Option<Code>,
}

/// The number of the next item and the first one; `None` for bullets.
struct Counter(Option<(u64, u64)>);

struct Mark<'s> {
    sign: &'s str,
    /// Really part of the words (`2*3*4`), so that it survives a line break.
    literal: bool,
}

struct Link<'s> {
    address: CowStr<'s>,
    kind: LinkType,
    text_from: usize,
}

#[derive(PartialEq)]
enum Code {
    Fenced,
    Indented,
}

impl<'s> Writer<'s> {
    fn new(source: &'s str) -> Self {
        Writer {
            source,
            out: String::with_capacity(source.len()),
            fresh: true,
            quotes: 0,
            lists: Vec::new(),
            marks: Vec::new(),
            bold: false,
            links: Vec::new(),
            cells: 0,
            code: None,
        }
    }

    fn event(&mut self, event: Event<'s>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) if self.code.is_some() => self.raw_lines(&text),
            Event::Text(text) => self.words(&text),
            Event::Code(code) => {
                self.words("`");
                self.words(&code);
                self.words("`");
            }
            Event::Html(html) => self.without_tags(&html),
            Event::InlineHtml(tag) if is_line_break(&tag) => self.line_break(),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.block(range.start);
                self.words("———");
            }
            Event::TaskListMarker(done) => self.words(if done { "☑ " } else { "☐ " }),
            Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'s>, range: Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(range.start),
            Tag::Heading { .. } => {
                self.block(range.start);
                if is_atx(&self.source[range]) {
                    self.open_bold();
                }
            }
            Tag::BlockQuote(_) => {
                self.block(range.start);
                if self.quotes == 0 {
                    self.out.push_str("> ");
                }
                self.quotes += 1;
                self.fresh = true;
            }
            Tag::CodeBlock(kind) => self.open_code(&kind, range.start),
            Tag::List(first) => self.lists.push(Counter(first.map(|n| (n, n)))),
            Tag::Item => self.item(range.start),
            Tag::Table(_) => {}
            Tag::TableHead => {
                self.block(range.start);
                self.cells = 0;
                self.open_bold();
            }
            Tag::TableRow => {
                self.block(range.start);
                self.cells = 0;
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.words(" · ");
                }
                self.cells += 1;
            }
            Tag::Emphasis => self.open_mark("_", 1, range),
            Tag::Strong => self.open_mark(if self.bold { "" } else { "*" }, 2, range),
            Tag::Strikethrough => {
                let signs = if self.source[range.clone()].starts_with("~~") { 2 } else { 1 };
                self.open_mark("~", signs, range);
            }
            Tag::Link { link_type, dest_url, .. } => self.open_link(link_type, dest_url),
            Tag::Image { link_type, dest_url, .. } => self.open_link(link_type, dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Heading(level) => {
                self.close_bold();
                // A line of text over dashes is meant as a line over a rule.
                if !is_atx(&self.source[range]) && level == HeadingLevel::H2 {
                    self.newline();
                    self.words("———");
                }
            }
            TagEnd::TableHead => self.close_bold(),
            TagEnd::HtmlBlock => self.drop_blank_end(),
            TagEnd::BlockQuote(_) => self.quotes -= 1,
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Item => self.fresh = false,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                if let Some(mark) = self.marks.pop() {
                    self.out.push_str(mark.sign);
                }
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            _ => {}
        }
    }

    /// Begins a block as far from the one before as it is in the source.
    fn block(&mut self, start: usize) {
        if std::mem::take(&mut self.fresh) {
            return;
        }
        let gap = self.source[..start].bytes().rev().take_while(|b| b" \t>\n".contains(b)).filter(|b| *b == b'\n').count();
        for _ in 0..gap.max(1) {
            self.newline();
        }
    }

    fn newline(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
        if self.quotes > 0 {
            self.out.push_str("> ");
        }
    }

    /// WhatsApp's marks end with the line: they are closed before it and opened again after it.
    fn line_break(&mut self) {
        let signs: Vec<&str> = self.marks.iter().filter(|m| !m.literal).map(|m| m.sign).collect();
        signs.iter().rev().for_each(|sign| self.out.push_str(sign));
        self.newline();
        self.out.extend(signs);
    }

    fn words(&mut self, text: &str) {
        self.fresh = false;
        self.out.push_str(text);
    }

    fn raw_lines(&mut self, text: &str) {
        let mut lines = text.split('\n');
        self.words(lines.next().unwrap_or_default());
        for line in lines {
            self.newline();
            self.out.push_str(line);
        }
    }

    fn item(&mut self, start: usize) {
        if !self.fresh {
            self.block(start);
            let depth = self.lists.len().saturating_sub(1).min(DEEPEST_INDENT);
            self.out.push_str(&"  ".repeat(depth));
        }
        let marker = match self.lists.last_mut() {
            Some(Counter(Some((next, first)))) => {
                let (written, sign) = numbered(&self.source[start..]).unwrap_or((*next, '.'));
                // "1. 1. 1." counts up; any other numbers are meant.
                let number = if written == *first { *next } else { written };
                *next = number.saturating_add(1);
                format!("{number}{sign} ")
            }
            _ => "• ".to_owned(),
        };
        self.out.push_str(&marker);
        self.fresh = true;
    }

    fn open_bold(&mut self) {
        self.marks.push(Mark { sign: "*", literal: false });
        self.out.push('*');
        self.bold = true;
        self.fresh = false;
    }

    fn close_bold(&mut self) {
        if !std::mem::take(&mut self.bold) {
            return;
        }
        self.marks.pop();
        // An empty heading leaves nothing.
        if self.out.ends_with('*') && !self.out.ends_with("**") {
            self.out.pop();
        } else {
            self.out.push('*');
        }
    }

    /// `len` is how many signs the source has on each side.
    fn open_mark(&mut self, sign: &'s str, len: usize, range: Range<usize>) {
        let written = &self.source[range.start..range.start + len];
        let literal = self.within_word(&range);
        let sign = if literal { written } else { sign };
        self.words(sign);
        self.marks.push(Mark { sign, literal });
    }

    /// `2*3*4`, or part of an address: no emphasis is meant.
    fn within_word(&self, range: &Range<usize>) -> bool {
        let before = self.source[..range.start].chars().next_back();
        let after = self.source[range.end..].chars().next();
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let near = self.source.floor_char_boundary(range.start.saturating_sub(LONGEST_ADDRESS));
        let token = self.source[near..range.start].rsplit(char::is_whitespace).next().unwrap_or_default();
        touches(before) || touches(after) || token.contains("://")
    }

    fn open_link(&mut self, kind: LinkType, address: CowStr<'s>) {
        self.fresh = false;
        self.links.push(Link { address, kind, text_from: self.out.len() });
    }

    fn close_link(&mut self) {
        let Some(Link { address, kind, text_from }) = self.links.pop() else { return };
        let text = self.out[text_from..].trim();
        let bare = |s: &str| s.trim_start_matches("mailto:").trim_start_matches("tel:").trim_end_matches('/').to_owned();
        let nowhere = address.is_empty() || address.starts_with('#');
        if text.is_empty() {
            self.out.push_str(&address);
        } else if kind != LinkType::Email && !nowhere && bare(text) != bare(&address) {
            self.out.push_str(&format!(" ({address})"));
        }
    }

    fn open_code(&mut self, kind: &CodeBlockKind<'_>, start: usize) {
        self.block(start);
        self.code = Some(match kind {
            CodeBlockKind::Fenced(_) => {
                self.out.push_str("```");
                self.newline();
                Code::Fenced
            }
            // Somebody's indentation, not a program.
            CodeBlockKind::Indented => Code::Indented,
        });
    }

    fn close_code(&mut self) {
        self.drop_blank_end();
        if self.code.take() == Some(Code::Fenced) {
            self.newline();
            self.out.push_str("```");
        }
    }

    /// The words between the tags of a line of HTML.
    fn without_tags(&mut self, html: &str) {
        let before = self.out.len();
        let mut rest = html.trim_end_matches('\n');
        while let Some(open) = rest.find('<') {
            self.words(&rest[..open]);
            rest = rest[open..].find('>').map_or("", |close| &rest[open + close + 1..]);
        }
        self.words(rest);
        if self.out.len() > before {
            self.newline();
        }
    }

    fn drop_blank_end(&mut self) {
        loop {
            let kept = self.out.trim_end();
            let end = kept.strip_suffix("\n>").filter(|_| self.quotes > 0).map_or(kept.len(), str::len);
            if end == self.out.len() {
                return;
            }
            self.out.truncate(end);
        }
    }
}

fn is_atx(heading: &str) -> bool {
    heading.trim_start().starts_with('#')
}

fn is_line_break(tag: &str) -> bool {
    let name = tag.trim_matches(['<', '>', '/', ' ']);
    name.eq_ignore_ascii_case("br")
}

/// `12) …` → 12 and the sign after it.
fn numbered(item: &str) -> Option<(u64, char)> {
    let item = item.trim_start();
    let digits = item.bytes().take_while(u8::is_ascii_digit).count();
    let sign = item[digits..].chars().next().filter(|c| matches!(c, '.' | ')'))?;
    Some((item[..digits].parse().ok()?, sign))
}
