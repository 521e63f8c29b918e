//! A mail as it lies in a mailbox, read for what an answer needs. Anything may stand in it.

use frontdesk_kernel::ports::mailbox::Letter;
use mail_parser::{Address, HeaderValue, Message, MessageParser};

/// Longest text that is looked at, in characters.
const LONGEST: usize = 20_000;
/// Ids that a mail may answer to; threads grow.
const MOST_IDS: usize = 100;

/// What is no mail is a letter of nobody that answers nothing.
pub(super) fn read(number: u32, raw: &[u8]) -> Letter {
    let Some(mail) = MessageParser::default().parse(raw) else {
        return Letter { number, is_automatic: true, ..Letter::default() };
    };
    let text = mail.body_text(0).unwrap_or_default().chars().take(LONGEST).collect();
    Letter {
        number,
        from: from(&mail),
        answers: answers(&mail),
        text,
        is_automatic: is_automatic(&mail),
        is_forged: is_forged(&mail),
    }
}

/// A mail of several authors has none that could be believed.
fn from(mail: &Message<'_>) -> String {
    let mut authors = mail.from().into_iter().flat_map(Address::iter).filter_map(|a| a.address());
    match (authors.next(), authors.next()) {
        (Some(one), None) => one.trim().to_lowercase(),
        _ => String::new(),
    }
}

fn answers(mail: &Message<'_>) -> Vec<String> {
    let ids = [mail.in_reply_to(), mail.references()].into_iter().flat_map(|ids| match ids {
        HeaderValue::Text(one) => vec![one.to_string()],
        HeaderValue::TextList(several) => several.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    });
    ids.map(|id| id.trim_matches(['<', '>', ' ']).to_owned()).filter(|id| !id.is_empty()).take(MOST_IDS).collect()
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

/// Only the topmost one is of our own server; a sender may write others below it.
fn is_forged(mail: &Message<'_>) -> bool {
    let results = mail.headers_raw().find(|(name, _)| name.eq_ignore_ascii_case("Authentication-Results"));
    results.is_some_and(|(_, says)| says.to_ascii_lowercase().split_whitespace().any(|word| word.starts_with("dmarc=fail")))
}
