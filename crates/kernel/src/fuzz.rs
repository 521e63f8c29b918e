//! What is fuzzed here, by `cargo xtask fuzz`: texts of strangers, and what must hold of them.

use std::{collections::BTreeSet, str};

use crate::{
    coded, confirm,
    ids::{ContactId, TenantId},
    receipts::{self, Evidence},
    reply, search, split,
    tool::ReceiptKind,
};

/// Every claim is unproven without a receipt, and none is with all of them.
pub fn claims(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let found = receipts::claims(text);
    assert_eq!(receipts::unbacked(text, &Evidence::default()), found);
    let all = Evidence { receipts: &found, ..Evidence::default() };
    assert_eq!(receipts::unbacked(text, &all), Vec::<ReceiptKind>::new());
}

/// What somebody wrote above a quoted mail is a beginning of the mail.
pub fn reply(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let said = reply::said(text, "desk.example");
    assert_eq!(said.text, said.text.trim());
    let lines: BTreeSet<&str> = text.lines().map(str::trim).collect();
    assert!(said.text.lines().all(|line| lines.contains(line.trim())), "{said:?}");
}

/// Answers in words: pieces that fit, codes that are codes, and never a yes that is plainly a no.
pub fn words(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (limit, text) = text.split_once('\n').and_then(|(n, rest)| Some((n.parse().ok()?, rest))).unwrap_or((40, text));
    let limit: usize = limit;
    let pieces = split::split(text, limit);
    assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.chars().count() <= limit.max(1)), "{limit}: {pieces:?}");
    if !text.contains("```") {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(bare(&pieces.concat()), bare(text), "{limit}");
    }
    assert!(text.starts_with(split::cut(text, limit)));
    assert!(split::shorten(text, limit).chars().count() <= limit);
    if let Some(said) = coded::read(text) {
        let code = said.coded.code();
        assert!(coded::is_only(code, code), "{code}");
    }
    assert!(!confirm::is_plainly_no(text) || confirm::reply(text) == confirm::Reply::No);
    assert!(search::words(text).iter().all(|word| !word.is_empty()));
    let _ = (search::wanted(text), search::of_phone(text), coded::only(text));
}

/// An id stands in statements that take no parameters (`SET LOCAL`): it holds nothing that could end them.
pub fn ids(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let harmless = |id: &str| id == text && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if let Ok(id) = TenantId::parse(text) {
        assert!(harmless(id.as_str()), "{id}");
    }
    if let Ok(id) = ContactId::parse(text) {
        assert!(harmless(id.as_str()), "{id}");
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn claims() {
        replay("claims", super::claims);
    }

    #[test]
    fn reply() {
        replay("reply", super::reply);
    }

    #[test]
    fn words() {
        replay("words", super::words);
    }

    #[test]
    fn ids() {
        replay("ids", super::ids);
    }
}
