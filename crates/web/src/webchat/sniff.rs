//! What a file really is: by its first bytes, from a short list.

use axum::http::StatusCode;

use crate::kit::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) mime: &'static str,
    pub(crate) image: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwanted {
    Empty,
    Kind,
    /// More than a browser or a model should unfold.
    Pixels,
}

/// An image of 25 million pixels takes 100 MB in memory.
const MOST_PIXELS: u64 = 25_000_000;

impl Unwanted {
    pub(crate) fn problem(self) -> Problem {
        match self {
            Unwanted::Empty => Problem::invalid("The file is empty."),
            Unwanted::Kind => Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "file_type",
                "Only images (PNG, JPEG, GIF, WebP), PDF and plain text are taken.",
            ),
            Unwanted::Pixels => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_pixels",
                "The image is too large: 25 megapixels at most.",
            ),
        }
    }
}

pub(crate) fn sniff(bytes: &[u8]) -> Result<Found, Unwanted> {
    if bytes.is_empty() {
        return Err(Unwanted::Empty);
    }
    let image = |mime, size: Option<(u32, u32)>| match size {
        Some((width, height)) if u64::from(width) * u64::from(height) > MOST_PIXELS => Err(Unwanted::Pixels),
        Some((1.., 1..)) => Ok(Found { mime, image: true }),
        _ => Err(Unwanted::Kind),
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return image("image/png", big(bytes, 16).zip(big(bytes, 20)));
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return image("image/gif", little16(bytes, 6).zip(little16(bytes, 8)));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return image("image/jpeg", jpeg(bytes));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return image("image/webp", webp(bytes));
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(Found { mime: "application/pdf", image: false });
    }
    if is_plain_text(bytes) { Ok(Found { mime: "text/plain; charset=utf-8", image: false }) } else { Err(Unwanted::Kind) }
}

/// Text that no browser would take for a page or a picture, whatever it is called.
fn is_plain_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let begins = text.trim_start_matches('\u{feff}').trim_start();
    let markup = ["<svg", "<html", "<script", "<!doctype", "<?xml", "<iframe", "<body"];
    let lower = text.to_ascii_lowercase();
    !text.contains(odd) && !begins.starts_with('<') && !begins.starts_with("#!") && !markup.iter().any(|m| lower.contains(m))
}

fn big(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn big16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn little16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn little24(bytes: &[u8], at: usize) -> Option<u32> {
    let b = bytes.get(at..at + 3)?;
    Some(u32::from(b[0]) | u32::from(b[1]) << 8 | u32::from(b[2]) << 16)
}

/// The frame header says the size; every segment before it says its own length.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            0xff => at += 1,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return big16(bytes, at + 7).zip(big16(bytes, at + 5)),
            0x01 | 0xd0..=0xd9 => at += 2,
            _ => at += 2 + usize::try_from(big16(bytes, at + 2)?).ok().filter(|n| *n >= 2)?,
        }
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " => Some((little16(bytes, 26)? & 0x3fff, little16(bytes, 28)? & 0x3fff)),
        b"VP8L" => {
            let b = u32::from_le_bytes(bytes.get(21..25)?.try_into().ok()?);
            Some(((b & 0x3fff) + 1, (b >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little24(bytes, 24)? + 1, little24(bytes, 27)? + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &width.to_be_bytes()[..], &height.to_be_bytes()[..], b"\x08\x06\0\0\0"].concat()
    }

    #[test]
    fn a_file_is_what_its_bytes_say_and_nothing_else_is_taken() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x10\0\x20\x03";
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0";
        let large = b"GIF89a\xff\xff\xff\xff";
        let (ok, no) = (|mime, image| Ok(Found { mime, image }), Err(Unwanted::Kind));
        for (what, bytes, expected) in [
            ("a PNG", &png(16, 32)[..], ok("image/png", true)),
            ("a GIF", b"GIF89a\x10\0\x20\0", ok("image/gif", true)),
            ("a JPEG", jpeg, ok("image/jpeg", true)),
            ("a WebP", webp, ok("image/webp", true)),
            ("a PDF", b"%PDF-1.7\n", ok("application/pdf", false)),
            ("text", "hola, ñ\n".as_bytes(), ok("text/plain; charset=utf-8", false)),
            ("an image that unfolds for ever", &png(65_535, 65_535), Err(Unwanted::Pixels)),
            ("another", large, Err(Unwanted::Pixels)),
            ("a PNG without size", &png(0, 0), no),
            ("half a PNG", b"\x89PNG\r\n\x1a\n", no),
            ("half a JPEG", b"\xff\xd8\xff\xe0\0", no),
            ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>", no),
            ("SVG after a comment", b"hola <!-- --> <SVG onload=x>", no),
            ("XML", b"\xef\xbb\xbf <?xml version=\"1.0\"?><svg/>", no),
            ("a page", b"\n<!DOCTYPE html><html>", no),
            ("a program", b"MZ\x90\0", no),
            ("a script", b"#!/bin/sh\nrm -rf /", no),
            ("a zip", b"PK\x03\x04", no),
            ("text with a NUL", b"a\0b", no),
            ("nothing", b"", Err(Unwanted::Empty)),
        ] {
            assert_eq!(sniff(bytes), expected, "{what}");
        }
    }
}
