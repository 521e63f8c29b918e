//! What a server's answer means, in words for a model. A fault is told without a word of how things look inside.

use frontdesk_kernel::ports::mcp::{Answer, Fault, Piece};

use super::clean;

/// Characters of an answer that a model reads.
const LONGEST_ANSWER: usize = 8_000;

pub(super) const CHANGED: &str = "This tool is not what a person of the team approved any more: it was switched off and nothing was done. \
                                  A person must look at the change.";
pub(super) const NOT_SET_UP: &str =
    "The server of this tool is not set up correctly; nothing was done. A person of the team must correct it.";
pub(super) const NO_TIME: &str = "There was no time left for this call; nothing was done.";

/// Takes our credentials out of a text.
pub(super) type Scrub<'s> = &'s dyn Fn(&str) -> String;

/// Without what hides and without our credentials, then cut: half a credential is one, too.
fn text(text: &str, limit: usize, scrub: Scrub<'_>) -> String {
    clean::text(&scrub(&clean::text(&scrub(text), usize::MAX)), limit)
}

/// The same in one line.
fn line(text: &str, limit: usize, scrub: Scrub<'_>) -> String {
    clean::line(&scrub(&clean::line(&scrub(text), usize::MAX)), limit)
}

pub(super) fn answer(answer: &Answer, scrub: Scrub<'_>) -> String {
    let mut told: Vec<String> = answer
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Described(what) => format!("[{}: it is not shown here]", line(what, 300, scrub)),
        })
        .filter(|text| !text.trim().is_empty())
        .collect();
    let has_text = answer.pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if !text.trim().is_empty()));
    if let Some(structured) = answer.structured.as_ref().filter(|_| !has_text) {
        told.push(structured.to_string());
    }
    let told = text(&told.join("\n"), LONGEST_ANSWER, scrub);
    match (answer.failed, told.trim().is_empty()) {
        (true, true) => "The tool says that it failed, without a reason.".to_owned(),
        (true, false) => format!("The tool says that it failed: {told}"),
        (false, true) => "The tool accepted it and said nothing more.".to_owned(),
        (false, false) => told,
    }
}

pub(super) fn fault(fault: &Fault, scrub: Scrub<'_>) -> String {
    match fault {
        Fault::Blocked(_) => NOT_SET_UP.to_owned(),
        Fault::Unreachable(_) => "The server of this tool cannot be reached; nothing was done.".to_owned(),
        Fault::Timeout => "The server of this tool did not answer in time.".to_owned(),
        Fault::TooLarge(_) => "The answer of the tool is too large to be read.".to_owned(),
        Fault::Broken => "The connection to the server of this tool broke.".to_owned(),
        Fault::Unauthorized => "The server of this tool refused our credentials. A person of the team must look.".to_owned(),
        Fault::Forbidden => {
            "The server of this tool does not allow this with the access that it was given. A person of the team must look."
                .to_owned()
        }
        Fault::Status(429) => "The server of this tool is busy (status 429). Try again later.".to_owned(),
        Fault::Status(status @ 300..=399) => {
            format!("The server answered with a redirect (status {status}), which is not followed.")
        }
        Fault::Status(status @ 500..) => format!("The server of this tool has a fault (status {status})."),
        Fault::Status(status) => format!("The server of this tool refused the request (status {status})."),
        Fault::Protocol(_) => "The server of this tool answered with something that cannot be read.".to_owned(),
        Fault::Refused { message, .. } => format!("The server refused the call: {}", line(message, 300, scrub)),
        Fault::WantsInput => "The tool asks for more input, which is not possible here.".to_owned(),
    }
}

/// The same for people who look after the server.
pub(super) fn for_people(fault: &Fault, scrub: Scrub<'_>) -> String {
    let text = match fault {
        Fault::Refused { code, message } => format!("it refused: {} ({code})", line(message, 300, scrub)),
        Fault::Status(status @ 300..=399) => format!("it answered with a redirect (status {status}), which is not followed"),
        other => line(&other.to_string(), 300, scrub),
    };
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['.']).collect())
}
