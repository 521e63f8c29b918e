//! What an answer means and what of it the model reads. A fault is told without a word of how things look inside.

use frontdesk_kernel::{
    effect::Outcome,
    http_tool::{HttpToolSpec, ToolEffect},
    ports::http::{HttpError, Response},
};
use serde_json::Value;

pub(crate) const NOT_SET_UP: &str = "This tool is not set up correctly; nothing was done. A person of the team must correct it.";
pub(crate) const NO_TIME: &str = "There was no time left for this call; nothing was done.";
pub(crate) const UNKNOWN: &str = "It is not known whether it was carried out. Do not call it again and do not say that it is done: a person of the team will check.";
/// What of a refusal the model reads.
const REASON: usize = 500;

/// An answer, judged and in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) content: String,
}

/// What is known after an attempt.
pub(crate) fn outcome(answered: &Result<Response, HttpError>) -> Outcome {
    match answered {
        Ok(r) => match r.status {
            200..=299 => Outcome::Succeeded,
            408 | 500.. => Outcome::Unknown,
            _ => Outcome::Refused,
        },
        Err(HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_)) => Outcome::NotApplied { after: None },
        Err(HttpError::Refused(_)) => Outcome::Refused,
        Err(HttpError::Timeout(_) | HttpError::Broken(_) | HttpError::TooLarge(_)) => Outcome::Unknown,
    }
}

pub(crate) fn tell(spec: &HttpToolSpec, answered: &Result<Response, HttpError>) -> Told {
    let outcome = outcome(answered);
    let told = |content: String| Told { outcome: outcome.clone(), content };
    let response = match answered {
        Ok(response) => response,
        Err(error) => return told(in_words(error).to_owned()),
    };
    let status = response.status;
    match status {
        200..=299 => match read(spec, response) {
            Ok(content) => told(content),
            // An answer that cannot be read proves nothing.
            Err(problem) => Told {
                outcome: if spec.effect == ToolEffect::Writes { Outcome::Unknown } else { Outcome::Refused },
                content: problem,
            },
        },
        300..=399 => told(format!("The service answered with a redirect (status {status}), which is not followed.")),
        401 | 403 => told(format!("The service refused our credentials (status {status}). A person of the team must look.")),
        408 => told("The service did not answer in time.".to_owned()),
        429 => told("The service is busy (status 429). Try again later.".to_owned()),
        400..=499 => {
            let reason = cut(&text(response), REASON);
            told(match reason.trim() {
                "" => format!("The service refused the request (status {status})."),
                reason => format!("The service refused the request (status {status}): {reason}"),
            })
        }
        _ => told(format!("The service has a fault (status {status}).")),
    }
}

fn in_words(error: &HttpError) -> &'static str {
    match error {
        HttpError::Refused(_) => NOT_SET_UP,
        HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_) => {
            "The service cannot be reached; nothing was done."
        }
        HttpError::Timeout(_) => "The service did not answer in time.",
        HttpError::Broken(_) => "The connection to the service broke.",
        HttpError::TooLarge(_) => "The answer of the service is too large to be read.",
    }
}

/// The part of a good answer that the rule names.
fn read(spec: &HttpToolSpec, response: &Response) -> Result<String, String> {
    let kind = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let text = text(response);
    let limit = spec.answer.max_chars as usize;
    if text.trim().is_empty() {
        return match spec.answer.pointer.is_empty() {
            true => Ok(format!("The service accepted it (status {}) and said nothing more.", response.status)),
            false => Err("The service answered without data.".to_owned()),
        };
    }
    if kind.starts_with("text/html") || kind.starts_with("application/xhtml") {
        return Err("The service answered with a web page instead of data.".to_owned());
    }
    let Ok(value) = serde_json::from_str::<Value>(&text) else {
        return match spec.answer.pointer.is_empty() && !kind.contains("json") {
            true => Ok(cut(&text, limit)),
            false => Err("The answer of the service is not JSON.".to_owned()),
        };
    };
    let picked = value.pointer(&spec.answer.pointer);
    let picked = picked.ok_or_else(|| format!("The answer of the service has no `{}`.", spec.answer.pointer))?;
    Ok(cut(&super::template::as_text(picked), limit))
}

pub(crate) fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).replace('\0', "\u{fffd}")
}

pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{} … (cut off)", &text[..at]),
        None => text.to_owned(),
    }
}
