//! Kinds of files: which may be shown, which may be sent, and whether one is what it says.

/// MIME type, extension, how it is sent, whether a browser may show it, and what its bytes begin with (offset, bytes; any of them).
struct Kind {
    mime: &'static str,
    extension: &'static str,
    sent_as: &'static str,
    shown: bool,
    begins: &'static [(usize, &'static [u8])],
}

const fn kind(
    mime: &'static str,
    extension: &'static str,
    sent_as: &'static str,
    shown: bool,
    begins: &'static [(usize, &'static [u8])],
) -> Kind {
    Kind { mime, extension, sent_as, shown, begins }
}

const MP4: &[(usize, &[u8])] = &[(4, b"ftyp")];
const OGG: &[(usize, &[u8])] = &[(0, b"OggS")];
const ZIP: &[(usize, &[u8])] = &[(0, b"PK\x03\x04"), (0, b"PK\x05\x06")];
const OLE: &[(usize, &[u8])] = &[(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")];
const MP3: &[(usize, &[u8])] = &[(0, b"ID3"), (0, b"\xFF\xFB"), (0, b"\xFF\xF3"), (0, b"\xFF\xF2")];
/// Anything that holds no NUL.
const TEXT: &[(usize, &[u8])] = &[];

/// What may be sent. SVG and HTML are not here: they can run scripts.
static ALL: &[Kind] = &[
    kind("image/jpeg", "jpg", "image", true, &[(0, b"\xFF\xD8\xFF")]),
    kind("image/png", "png", "image", true, &[(0, b"\x89PNG\r\n\x1A\n")]),
    kind("image/gif", "gif", "image", true, &[(0, b"GIF87a"), (0, b"GIF89a")]),
    kind("image/webp", "webp", "image", true, &[(8, b"WEBP")]),
    kind("audio/aac", "aac", "audio", true, &[(0, b"\xFF\xF1"), (0, b"\xFF\xF9")]),
    kind("audio/amr", "amr", "audio", true, &[(0, b"#!AMR")]),
    kind("audio/mpeg", "mp3", "audio", true, MP3),
    kind("audio/mp4", "m4a", "audio", true, MP4),
    kind("audio/ogg", "ogg", "audio", true, OGG),
    kind("audio/wav", "wav", "audio", true, &[(8, b"WAVE")]),
    kind("audio/webm", "webm", "audio", true, &[(0, b"\x1A\x45\xDF\xA3")]),
    kind("video/mp4", "mp4", "video", true, MP4),
    kind("video/3gpp", "3gp", "video", true, MP4),
    kind("video/webm", "webm", "video", true, &[(0, b"\x1A\x45\xDF\xA3")]),
    kind("application/pdf", "pdf", "document", false, &[(0, b"%PDF-")]),
    kind("application/msword", "doc", "document", false, OLE),
    kind("application/vnd.ms-excel", "xls", "document", false, OLE),
    kind("application/vnd.ms-powerpoint", "ppt", "document", false, OLE),
    kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "document", false, ZIP),
    kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "document", false, ZIP),
    kind("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx", "document", false, ZIP),
    kind("text/plain", "txt", "document", false, TEXT),
    kind("text/csv", "csv", "document", false, TEXT),
    kind("text/vcard", "vcf", "document", false, TEXT),
    kind("text/calendar", "ics", "document", false, TEXT),
];

fn find(mime: &str) -> Option<&'static Kind> {
    let mime = mime.split(';').next().unwrap_or_default().trim();
    ALL.iter().find(|k| k.mime.eq_ignore_ascii_case(mime))
}

pub(crate) fn can_be_sent(mime: &str) -> bool {
    find(mime).is_some()
}

pub(crate) fn sent_as(mime: &str) -> &'static str {
    find(mime).map_or("document", |k| k.sent_as)
}

pub(crate) fn extension(mime: &str) -> &'static str {
    find(mime).map_or("bin", |k| k.extension)
}

pub(crate) fn is_what_it_says(mime: &str, bytes: &[u8]) -> bool {
    match find(mime) {
        None => false,
        Some(k) if k.begins.is_empty() => !bytes.contains(&0),
        Some(k) => k.begins.iter().any(|(at, wanted)| bytes.get(*at..at + wanted.len()) == Some(*wanted)),
    }
}

/// A browser may show it: it is of a kind that runs nothing, and it is what it says.
pub(crate) fn is_shown(mime: &str, bytes: &[u8]) -> bool {
    find(mime).is_some_and(|k| k.shown) && is_what_it_says(mime, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_nothing_and_is_what_it_says_is_shown() {
        for (mime, bytes, shown) in [
            ("image/png", b"\x89PNG\r\n\x1A\nrest".as_slice(), true),
            ("image/png", b"<html>", false),
            ("image/svg+xml", b"<svg onload=alert(1)>", false),
            ("text/html", b"<script>", false),
            ("application/pdf", b"%PDF-1.7", false),
            ("audio/ogg; codecs=opus", b"OggS", true),
            ("", b"", false),
        ] {
            assert_eq!(is_shown(mime, bytes), shown, "{mime}");
        }
        assert!(!can_be_sent("image/svg+xml") && !can_be_sent("text/html") && !is_what_it_says("text/plain", b"a\0b"));
    }
}
