//! `new channel NAME`: a connector's skeleton that compiles, refuses everything, and is registered.

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::shell;

/// The skeleton is compiled and tested as it stands, so that it never falls behind the port.
#[cfg(test)]
mod skeleton;

const SKELETON: &[(&str, &str)] = &[
    ("mod.rs", include_str!("new_channel/skeleton/mod.rs")),
    ("settings.rs", include_str!("new_channel/skeleton/settings.rs")),
    ("wire.rs", include_str!("new_channel/skeleton/wire.rs")),
    ("inbound.rs", include_str!("new_channel/skeleton/inbound.rs")),
    ("outbound.rs", include_str!("new_channel/skeleton/outbound.rs")),
    ("README.md", include_str!("new_channel/skeleton/README.md")),
];

const CHANNELS: &str = "crates/connect/src/channels";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let [what, name] = arguments else { bail!("usage: cargo xtask new channel NAME") };
    ensure!(what == "channel", "only channels have a skeleton, not `{what}`");
    let name = Name::parse(name)?;
    let folder = shell::root().join(CHANNELS).join(&name.key);
    ensure!(!folder.exists(), "the channel `{}` exists already", name.key);
    let registry_path = shell::root().join(CHANNELS).join("mod.rs");
    let registry = fs::read_to_string(&registry_path).with_context(|| format!("cannot read {}", registry_path.display()))?;

    // Everything is made in memory first: what cannot be finished is not begun.
    let files = SKELETON.iter().map(|(file, text)| Ok((*file, name.rendered(file, text)?))).collect::<Result<Vec<_>>>()?;
    let registered = register(&registry, &name).map(|text| formatted(&text)).transpose()?;

    fs::create_dir_all(&folder)?;
    for (file, text) in files {
        fs::write(folder.join(file), text)?;
        eprintln!("wrote {CHANNELS}/{}/{file}", name.key);
    }
    match registered {
        Some(text) => {
            fs::write(&registry_path, text)?;
            eprintln!("registered it in {CHANNELS}/mod.rs");
        }
        None => {
            eprintln!("add these two lines to {CHANNELS}/mod.rs:\n  mod {};\n  {} in `ALL`", name.key, name.entry());
        }
    }
    eprintln!("next: docs/howto/add-a-channel.md");
    Ok(())
}

/// `line_messenger`, its type `LineMessenger`, and how people read it: `Line messenger`.
struct Name {
    key: String,
    type_name: String,
    title: String,
}

impl Name {
    fn parse(text: &str) -> Result<Name> {
        let words: Vec<&str> = text.split('_').collect();
        let word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        ensure!(
            words.iter().all(word) && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.len() <= 32,
            "`{text}` is not a name in snake_case of at most 32 letters and digits"
        );
        Ok(Name { key: text.to_owned(), type_name: words.iter().map(|w| capital(w)).collect(), title: capital(&words.join(" ")) })
    }

    fn rendered(&self, file: &str, text: &str) -> Result<String> {
        let text = text.replace("skeleton", &self.key).replace("Skeleton", &self.type_name).replace("SKELETON", &self.title);
        if file.ends_with(".rs") { formatted(&text).with_context(|| format!("{file} of `{}`", self.key)) } else { Ok(text) }
    }

    fn entry(&self) -> String {
        format!("&{}::{}", self.key, self.type_name)
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The registry with one `mod` line and one entry in `ALL` more. `None` when it is not written as expected.
fn register(registry: &str, name: &Name) -> Option<String> {
    let is_mod = |line: &&str| line.ends_with(';') && line.split_whitespace().rev().nth(1) == Some("mod");
    let last = registry.lines().rfind(is_mod)?;
    let visibility = last.split("mod ").next()?;
    let after = registry.find(last)? + last.len();
    let list = registry.find(" ALL: ").or_else(|| registry.find(" ALL "))?;
    let open = list + registry[list..].find('=')?;
    let open = open + registry[open..].find('[')? + 1;
    let close = open + registry[open..].find("];")?;
    if close < after {
        return None;
    }
    let entries = registry[open..close].trim_end().trim_end_matches(',');
    let comma = if entries.trim().is_empty() { "" } else { "," };
    let mut text = registry[..after].to_owned();
    text.push_str(&format!("\n{visibility}mod {};", name.key));
    text.push_str(&registry[after..open]);
    text.push_str(&format!("{entries}{comma} {}", name.entry()));
    text.push_str(&registry[close..]);
    Some(text)
}

/// Through rustfmt, which also refuses what is not Rust.
fn formatted(source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(shell::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start rustfmt (rustup component add rustfmt)")?;
    child.stdin.take().context("rustfmt has no input")?.write_all(source.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refuses it: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_the_key_the_type_and_the_title() {
        let name = Name::parse("line_messenger2").unwrap();
        assert_eq!((name.type_name.as_str(), name.title.as_str()), ("LineMessenger2", "Line messenger2"));
        for wrong in ["", "Line", "line-messenger", "2line", "line__messenger", "_line", "línea", "../line", &"a".repeat(33)] {
            assert!(Name::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_skeleton_under_any_name_is_rust_and_keeps_nothing_of_the_old_one() {
        for key in ["x", "telegram", "a_messenger_with_a_very_long_name"] {
            let name = Name::parse(&key[..key.len().min(32)]).unwrap();
            for (file, text) in SKELETON {
                let text = name.rendered(file, text).unwrap();
                assert!(!text.to_lowercase().contains("skeleton"), "{file}");
                assert!(text.contains(&name.title) || text.contains(&name.key), "{file}");
            }
        }
        assert!(Name::parse("type").unwrap().rendered("mod.rs", "mod skeleton;").is_err());
    }

    #[test]
    fn the_registry_gains_two_lines_and_loses_none() {
        let registry = "//! Channels.\n\npub mod api;\npub mod whatsapp;\n\nuse x::Channel;\n\n/// Every channel.\n\
                        pub static ALL: &[&dyn Channel] = &[&api::Api, &whatsapp::WhatsApp];\n\nfn f() { let a = [1]; }\n";
        let text = formatted(&register(registry, &Name::parse("telegram").unwrap()).unwrap()).unwrap();
        assert!(text.contains("pub mod api;\npub mod telegram;\npub mod whatsapp;\n"), "{text}");
        assert!(text.contains("&[&api::Api, &whatsapp::WhatsApp, &telegram::Telegram];"), "{text}");
        let empty = "mod a;\nstatic ALL: &[&dyn Channel] = &[];\n";
        assert!(register(empty, &Name::parse("b").unwrap()).unwrap().contains("&[ &b::B];"));
        assert_eq!(register("//! Nothing yet.\n", &Name::parse("b").unwrap()), None);
    }

    #[test]
    fn the_real_registry_is_written_as_expected() {
        let registry = fs::read_to_string(shell::root().join(CHANNELS).join("mod.rs")).unwrap();
        let name = Name::parse("newcomer").unwrap();
        let text = formatted(&register(&registry, &name).unwrap()).unwrap();
        assert!(text.contains("mod newcomer;") && text.contains("&newcomer::Newcomer"), "{text}");
    }
}
