//! What is fuzzed here, by `cargo xtask fuzz`: a configuration file, and behind a line `=====` a `.env`.

use std::path::PathBuf;

use super::{Config, Sources};

/// It is read, or refused in words.
pub(crate) fn file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (file, dotenv) = text.split_once("\n=====\n").unwrap_or((text, ""));
    let sources = Sources {
        file: Some((PathBuf::from("frontdesk.toml"), file.to_owned())),
        dotenv: Some(dotenv.to_owned()),
        read_secret: |_| Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        ..Sources::default()
    };
    if let Err(refused) = Config::load(sources) {
        assert!(refused.problems().count() > 0 && refused.problems().all(|p| !p.to_string().trim().is_empty()));
    }
}

#[cfg(test)]
#[path = "../../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    #[test]
    fn configuration() {
        super::replay::replay("config", super::file);
    }
}
