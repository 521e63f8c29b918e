//! What the vendors take as speech.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{ConnectorError, ErrorKind, Retry};

use super::call::Call;

pub(super) struct Format {
    pub(super) extension: &'static str,
    /// The plain name; channels add `; codecs=opus` and the like.
    pub(super) mime: &'static str,
}

/// Time for one recording, upload included.
pub(super) const TIME: Duration = Duration::from_secs(60);

pub(super) fn format_of(call: Call<'_>, mime: &str) -> Result<Format, ConnectorError> {
    let plain = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (extension, mime) = match plain.as_str() {
        "audio/ogg" | "audio/opus" | "application/ogg" => ("ogg", "audio/ogg"),
        "audio/mpeg" | "audio/mp3" | "audio/mpga" => ("mp3", "audio/mpeg"),
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => ("m4a", "audio/mp4"),
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => ("wav", "audio/wav"),
        "audio/webm" | "video/webm" => ("webm", "audio/webm"),
        "audio/flac" | "audio/x-flac" => ("flac", "audio/flac"),
        "video/mp4" => ("mp4", "video/mp4"),
        _ => {
            let detail = format!("recordings of type `{plain}` cannot be transcribed");
            return Err(call.error(ErrorKind::Unsupported, Retry::Never, detail));
        }
    };
    Ok(Format { extension, mime })
}

pub(super) fn check_size(call: Call<'_>, audio: &Bytes, limit: usize) -> Result<(), ConnectorError> {
    if audio.len() > limit {
        let detail = format!("a recording of {} bytes; {limit} are taken", audio.len());
        return Err(call.error(ErrorKind::TooLarge, Retry::Never, detail));
    }
    Ok(())
}
