//! What the web chat allows, and what a person may set about it.

use std::time::Duration;

use frontdesk_kernel::{
    effect::Class,
    ports::channel::{About, Limits, Setting},
};

pub(super) const ALLOWED_ORIGINS: &str = "allowed_origins";
const IDENTITY_SECRET: &str = "identity_secret";
/// Somebody who can guess it can pretend to be any of the site's users.
const SHORTEST_SECRET: usize = 16;

pub(super) static ABOUT: About = About {
    key: "webchat",
    name: "Web chat",
    limits: Limits {
        text: 4000,
        buttons: 10,
        button_title: 60,
        list_rows: 20,
        caption: 1000,
        per_second: 0,
        pair_burst: 0,
        pair_interval: Duration::ZERO,
    },
    send_class: Class::A,
    window: None,
    cost: None,
    settings: &[
        Setting {
            key: "title",
            label: "Title",
            help: "Shown at the top of the chat; the business's name when empty.",
            secret: false,
            required: false,
        },
        Setting {
            key: "color",
            label: "Colour",
            help: "The colour of the button and of the visitor's own messages, as #rrggbb.",
            secret: false,
            required: false,
        },
        Setting {
            key: "greeting",
            label: "Greeting",
            help: "The first line that a visitor sees, before anybody has written.",
            secret: false,
            required: false,
        },
        Setting {
            key: ALLOWED_ORIGINS,
            label: "Allowed sites",
            help: "Where the chat may stand: https://www.example.com, separated by spaces. Empty = on any site.",
            secret: false,
            required: false,
        },
        Setting {
            key: IDENTITY_SECRET,
            label: "Identity secret",
            help: "Your site signs its own users with it (HMAC-SHA256). Made for you when you give none.",
            secret: true,
            required: false,
        },
    ],
    media_in: true,
    read_receipts: false,
    hosted: true,
    reaches_numbers: false,
    own_secrets: &[IDENTITY_SECRET],
};

/// As it is kept, or what is wrong with it.
pub(super) fn review(setting: &str, value: &str) -> Result<String, String> {
    match setting {
        "title" if value.chars().count() > 60 => Err("write at most 60 characters".to_owned()),
        "color" => color(value),
        ALLOWED_ORIGINS => origins(value),
        IDENTITY_SECRET if value.chars().count() < SHORTEST_SECRET => {
            Err(format!("write at least {SHORTEST_SECRET} characters, or none and one is made"))
        }
        _ => Ok(value.to_owned()),
    }
}

fn color(value: &str) -> Result<String, String> {
    let digits = value.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(format!("`{value}` is not a colour; write six hexadecimal digits such as #0a7d5c"))
}

fn origins(value: &str) -> Result<String, String> {
    let named = value.split([' ', ',', ';']).filter(|origin| !origin.is_empty());
    named.map(origin).collect::<Result<Vec<_>, _>>().map(|all| all.join(" "))
}

/// Scheme, host and port as browsers send them: lower case, without a path, without the usual port.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not the address of a site; write for example https://www.example.com");
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && bare && nobody && !text.contains('*') {
        return Ok(url.origin().ascii_serialization());
    }
    Err(wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_kept_in_one_spelling_or_refused_with_a_reason() {
        for (setting, value, kept) in [
            ("title", "Salón Aurora", "Salón Aurora"),
            ("color", "#0A7D5C", "#0a7d5c"),
            ("greeting", "¡Hola!", "¡Hola!"),
            ("allowed_origins", "https://Example.com/, http://localhost:3000", "https://example.com http://localhost:3000"),
            ("allowed_origins", "https://example.com:443", "https://example.com"),
            ("identity_secret", "0123456789abcdef", "0123456789abcdef"),
        ] {
            assert_eq!(review(setting, value).as_deref(), Ok(kept), "{setting}");
        }
        let long = "a".repeat(61);
        for (setting, value) in [
            ("title", long.as_str()),
            ("color", "red"),
            ("color", "#fff"),
            ("color", "#gggggg"),
            ("color", "url(https://evil.example)"),
            ("allowed_origins", "example.com"),
            ("allowed_origins", "https://example.com/shop"),
            ("allowed_origins", "https://*.example.com"),
            ("allowed_origins", "ftp://example.com"),
            ("allowed_origins", "https://a@example.com"),
            ("identity_secret", "short"),
        ] {
            assert!(review(setting, value).is_err(), "{setting} {value}");
        }
    }
}
