//! A mail as it lies in a mailbox, read for what an answer needs. Anything may stand in it.

use frontdesk_kernel::ports::mailbox::Letter;
use mail_parser::{Address, HeaderValue, Message, MessageParser, decoders::html::html_to_text};

/// Longest text that is looked at, in characters.
const LONGEST: usize = 20_000;

/// What is no mail is a letter of nobody that answers nothing.
pub(crate) fn read(number: u32, raw: &[u8]) -> Letter {
    let nobody = || Letter { number, is_automatic: true, ..Letter::default() };
    let read = || {
        let mail = MessageParser::default().parse(raw)?;
        Some(Letter {
            number,
            from: from(&mail),
            answers: answers(&mail),
            text: text(&mail),
            is_automatic: is_automatic(&mail) || is_passed_on(&mail),
            is_forged: is_forged(&mail),
        })
    };
    // Anybody may write to the mailbox: one mail must not keep the others from being read.
    std::panic::catch_unwind(read).ok().flatten().unwrap_or_else(nobody)
}

/// The plain part, else (some programs leave it empty) the HTML one as text, a line for each of its blocks. A NUL is in no text that anybody
/// reads.
fn text(mail: &Message<'_>) -> String {
    let is_empty = || mail.body_text(0).is_none_or(|text| text.trim().is_empty());
    let html = mail.text_part(0).is_none_or(|part| !part.is_text() || part.is_text_html()) || is_empty();
    let text = match mail.body_html(0).filter(|_| html) {
        Some(html) => html_to_text(&with_breaks(&html)),
        None => mail.body_text(0).unwrap_or_default().into_owned(),
    };
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

/// Lines of mail programs are blocks.
fn with_breaks(html: &str) -> String {
    ["</div>", "</DIV>", "</tr>", "</li>", "</blockquote>"]
        .iter()
        .fold(html.to_owned(), |html, end| html.replace(end, &format!("{end}<br>")))
}

/// A mail of several authors has none that could be believed; nor has one that names its author twice.
fn from(mail: &Message<'_>) -> String {
    let said = mail.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("From")).count();
    let mut authors = mail.from().into_iter().flat_map(Address::iter).filter_map(|a| a.address());
    match (authors.next(), authors.next()) {
        (Some(one), None) if said == 1 => one.trim().to_lowercase(),
        _ => String::new(),
    }
}

fn answers(mail: &Message<'_>) -> Option<String> {
    let ids = |header: &HeaderValue<'_>| match header {
        HeaderValue::Text(one) => vec![one.to_string()],
        HeaderValue::TextList(several) => several.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let whole = |id: String| {
        Some(id.trim_matches(['<', '>', ' ']).to_owned())
            .filter(|id| id.contains('@') && !id.contains(|c: char| c.is_whitespace() || "<>".contains(c)))
    };
    ids(mail.in_reply_to()).into_iter().find_map(whole).or_else(|| ids(mail.references()).into_iter().rev().find_map(whole))
}

/// RFC 3834, and what was there before it.
fn is_automatic(mail: &Message<'_>) -> bool {
    let says = |name: &'static str| mail.header_raw(name).map(|value| value.trim().to_ascii_lowercase());
    let submitted = says("Auto-Submitted").is_some_and(|how| !how.starts_with("no"));
    let bulk = says("Precedence").is_some_and(|how| ["bulk", "junk", "list", "auto_reply"].contains(&how.as_str()));
    let marked = ["X-Autoreply", "X-Autorespond", "List-Id"].into_iter().any(|name| says(name).is_some());
    let returned = says("Return-Path").is_some_and(|path| path == "<>");
    let report = says("Content-Type").is_some_and(|kind| kind.starts_with("multipart/report"));
    submitted || bulk || marked || returned || report
}

/// Its writer speaks to somebody else.
fn is_passed_on(mail: &Message<'_>) -> bool {
    let subject = mail.subject().unwrap_or_default().trim_start().to_lowercase();
    ["fwd:", "fw:", "rv:", "reenv:", "tr:", "wg:", "enc:", "i:", "inoltra:"].iter().any(|mark| subject.starts_with(mark))
}

/// Any server on the way may say so: a sender gains nothing by it.
fn is_forged(mail: &Message<'_>) -> bool {
    let results = mail.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    results.into_iter().any(|(_, says)| {
        let says = says.to_ascii_lowercase();
        says.split(|c: char| c == ';' || c.is_whitespace()).any(|word| word == "dmarc=fail")
    })
}
