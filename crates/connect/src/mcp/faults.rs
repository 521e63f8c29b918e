//! What went wrong with a server, and whether a call may have been carried out.

use frontdesk_kernel::{
    effect::Outcome,
    ports::{
        http::HttpError,
        mcp::{Failed, Fault},
    },
};
use rmcp::{ErrorData, ServiceError, model::ErrorCode, service::ClientInitializeError};

/// What the line saw.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    Way(HttpError),
    Status(u16),
    /// A status that refuses, and why in the protocol's own way.
    Refused,
    Unreadable,
}

pub(super) fn of_greeting(error: &ClientInitializeError) -> Fault {
    match error {
        ClientInitializeError::JsonRpcError(error) => refused(error),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => of_greeting(fallback),
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            Fault::Protocol("there is no version of it that both sides speak".to_owned())
        }
        _ => unreadable(),
    }
}

pub(super) fn of_service(error: ServiceError) -> Fault {
    match error {
        ServiceError::McpError(error) => refused(&error),
        ServiceError::Timeout { .. } => Fault::Timeout,
        _ => unreadable(),
    }
}

fn unreadable() -> Fault {
    Fault::Protocol("an answer is not a message of it".to_owned())
}

fn refused(error: &ErrorData) -> Fault {
    Fault::Refused { code: i64::from(error.code.0), message: error.message.clone().into_owned() }
}

/// `called`: a tool was asked to run before this.
pub(super) fn explain(trouble: Option<Trouble>, otherwise: Fault, called: bool) -> Failed {
    let perhaps = if called { Outcome::Unknown } else { Outcome::NotApplied { after: None } };
    let (fault, outcome) = match trouble {
        Some(Trouble::Way(error)) => match error {
            HttpError::Refused(why) => (Fault::Blocked(why), Outcome::Refused),
            HttpError::NotSent(_) => (unreachable("no connection"), Outcome::NotApplied { after: None }),
            HttpError::NoName(_) => (unreachable("its name cannot be resolved"), Outcome::NotApplied { after: None }),
            HttpError::Untrusted(_) => (unreachable("no safe connection"), Outcome::NotApplied { after: None }),
            HttpError::Timeout(_) => (Fault::Timeout, perhaps),
            HttpError::Broken(_) => (Fault::Broken, perhaps),
            HttpError::TooLarge(limit) => (Fault::TooLarge(limit), perhaps),
        },
        Some(Trouble::Status(401)) => (Fault::Unauthorized, Outcome::Refused),
        Some(Trouble::Status(403)) => (Fault::Forbidden, Outcome::Refused),
        Some(Trouble::Status(429)) => (Fault::Status(429), Outcome::NotApplied { after: None }),
        Some(Trouble::Status(status @ (408 | 500..))) => (Fault::Status(status), perhaps),
        Some(Trouble::Status(status)) => (Fault::Status(status), Outcome::Refused),
        Some(Trouble::Refused) => (otherwise, Outcome::Refused),
        Some(Trouble::Unreadable) => (unreadable(), perhaps),
        None => {
            let outcome = match &otherwise {
                Fault::Refused { code, .. } if is_never_run(*code) => Outcome::Refused,
                Fault::WantsInput => Outcome::Refused,
                _ => perhaps,
            };
            (otherwise, outcome)
        }
    };
    Failed { fault, outcome }
}

fn unreachable(why: &str) -> Fault {
    Fault::Unreachable(why.to_owned())
}

/// Errors that say that nothing was begun.
fn is_never_run(code: i64) -> bool {
    [ErrorCode::PARSE_ERROR, ErrorCode::INVALID_REQUEST, ErrorCode::METHOD_NOT_FOUND, ErrorCode::INVALID_PARAMS]
        .iter()
        .any(|known| i64::from(known.0) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_did_not_happen_is_said_not_to_have_happened() {
        let way = |error: HttpError| Some(Trouble::Way(error));
        let again = || Outcome::NotApplied { after: None };
        for (trouble, otherwise, outcome) in [
            (way(HttpError::NotSent(String::new())), unreadable(), again()),
            (way(HttpError::Refused("private".into())), unreadable(), Outcome::Refused),
            (way(HttpError::Timeout(String::new())), unreadable(), Outcome::Unknown),
            (way(HttpError::TooLarge(1)), unreadable(), Outcome::Unknown),
            (Some(Trouble::Status(401)), unreadable(), Outcome::Refused),
            (Some(Trouble::Status(403)), unreadable(), Outcome::Refused),
            (Some(Trouble::Status(302)), unreadable(), Outcome::Refused),
            (Some(Trouble::Status(429)), unreadable(), again()),
            (Some(Trouble::Status(503)), unreadable(), Outcome::Unknown),
            (Some(Trouble::Refused), Fault::Refused { code: -32603, message: String::new() }, Outcome::Refused),
            (Some(Trouble::Unreadable), unreadable(), Outcome::Unknown),
            (None, Fault::Refused { code: -32602, message: String::new() }, Outcome::Refused),
            (None, Fault::Refused { code: -32603, message: String::new() }, Outcome::Unknown),
            (None, Fault::Timeout, Outcome::Unknown),
        ] {
            let shown = format!("{trouble:?} {otherwise:?}");
            assert_eq!(explain(trouble, otherwise, true).outcome, outcome, "{shown}");
        }
        assert_eq!(explain(Some(Trouble::Status(503)), unreadable(), false).outcome, again(), "nothing was called yet");
        for (status, fault) in [(401, Fault::Unauthorized), (403, Fault::Forbidden)] {
            assert_eq!(explain(Some(Trouble::Status(status)), unreadable(), false).fault, fault, "{status}");
        }
    }
}
