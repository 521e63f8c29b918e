//! What values may be only together, and what is worth a warning.

use super::{environment::best_name, keys::KEYS, models::Vendor, problems::Problem, settings::Config, values::Values};

/// Finds contradictions; keys that are already known to be wrong are left out of it.
pub(super) fn apply(config: &Config, values: &mut Values) {
    for Conflict { keys, what, fix, stops } in conflicts(config) {
        if keys.iter().any(|key| values.is_broken(key)) {
            continue;
        }
        let place = keys.iter().find_map(|key| values.place(key)).unwrap_or("configuration").to_owned();
        if stops {
            values.problems.push(Problem::new(place, what, fix));
        } else {
            values.warn(&place, what, &fix);
        }
    }
}

struct Conflict {
    /// What takes part in it; the place of the first that was set is told.
    keys: Vec<String>,
    what: String,
    fix: String,
    stops: bool,
}

impl Conflict {
    fn problem<const N: usize>(keys: [&str; N], what: impl Into<String>, fix: impl Into<String>) -> Self {
        Conflict { keys: keys.map(str::to_owned).into(), what: what.into(), fix: fix.into(), stops: true }
    }
    fn warning<const N: usize>(keys: [&str; N], what: impl Into<String>, fix: impl Into<String>) -> Self {
        Conflict { stops: false, ..Conflict::problem(keys, what, fix) }
    }
}

fn conflicts(config: &Config) -> Vec<Conflict> {
    let mut found = Vec::new();
    found.extend(whatsapp(config));
    found.extend(models(config));
    let (turns, timeouts) = (&config.turns, &config.models.timeouts);
    if turns.burst_max_ms < turns.burst_wait_ms {
        let what = format!("the longest wait ({} ms) is shorter than one wait ({} ms)", turns.burst_max_ms, turns.burst_wait_ms);
        let fix = "raise BURST_MAX_MS or lower BURST_WAIT_MS";
        found.push(Conflict::problem(["turns.burst_max_ms", "turns.burst_wait_ms"], what, fix));
    }
    if timeouts.total_s < timeouts.first_token_s.max(timeouts.gap_s) {
        let keys = ["models.timeouts.total_s", "models.timeouts.first_token_s", "models.timeouts.gap_s"];
        let what = format!("a whole answer may take {} s, less than its first piece or one silence", timeouts.total_s);
        found.push(Conflict::problem(keys, what, "raise models.timeouts.total_s"));
    }
    if config.mail.smtp_url.is_some() && config.mail.from.is_none() {
        let what = "mail is sent (SMTP_URL), and nobody is named whom it is from";
        found.push(Conflict::problem(["mail.from", "mail.smtp_url"], what, "set mail.from (FRONTDESK_MAIL__FROM) to an address"));
    }
    if config.mail.imap_url.is_some() && config.mail.smtp_url.is_none() {
        let what = "answers to our mail are read (IMAP_URL), and none is sent";
        found.push(Conflict::problem(
            ["mail.imap_url", "mail.smtp_url"],
            what,
            "set SMTP_URL and mail.from, or take IMAP_URL away",
        ));
    }
    let oidc = &config.sign_in.oidc;
    if oidc.issuer.is_some() && (oidc.client_id.is_empty() || config.server.public_base_url.is_none()) {
        let what = "single sign-on needs a client_id, and the address to which the provider sends people back";
        let keys = ["sign_in.oidc.issuer", "sign_in.oidc.client_id", "server.public_base_url"];
        found.push(Conflict::problem(keys, what, "set sign_in.oidc.client_id and PUBLIC_BASE_URL"));
    }
    if config.owner.username.is_some() != config.owner.password.is_some() {
        let what = "the first owner needs both a name and a password";
        let fix = "set both WEB_UI_USERNAME and WEB_UI_PASSWORD, or neither";
        found.push(Conflict::problem(["owner.username", "owner.password"], what, fix));
    }
    if config.security.encryption_key.as_ref().is_some_and(|key| key.reveal().chars().count() < 32) {
        let what = "the encryption key is shorter than 32 characters";
        found.push(Conflict::warning(["security.encryption_key"], what, "make one with `openssl rand -hex 32`"));
    }
    found
}

/// Sending needs token and number; receiving needs the secret that signs. Only a secret or a verify token is a server that only receives.
fn whatsapp(config: &Config) -> Option<Conflict> {
    let whatsapp = &config.whatsapp;
    if whatsapp.mock_mode {
        let public = !config.server.listen.is_local() || config.server.public_base_url.is_some();
        let what = "mock mode accepts webhooks without a signature, and others can reach this server";
        return public
            .then(|| Conflict::warning(["whatsapp.mock_mode"], what, "use it on localhost only, or set MOCK_MODE=false"));
    }
    if whatsapp.access_token.is_none() && whatsapp.phone_number_id.is_none() {
        return None;
    }
    let missing: Vec<String> = [
        ("whatsapp.access_token", whatsapp.access_token.is_none()),
        ("whatsapp.phone_number_id", whatsapp.phone_number_id.is_none()),
        ("whatsapp.app_secret", whatsapp.app_secret.is_none()),
    ]
    .into_iter()
    .filter(|(_, missing)| *missing)
    .map(|(key, _)| best_name(key))
    .collect();
    if !missing.is_empty() {
        let keys = ["whatsapp.access_token", "whatsapp.phone_number_id", "whatsapp.app_secret"];
        let what = format!("WhatsApp is configured in part, without {}", missing.join(" and "));
        let fix = format!("set {} from the Meta app dashboard, or MOCK_MODE=true to try without Meta", missing.join(" and "));
        return Some(Conflict::problem(keys, what, fix));
    }
    whatsapp.verify_token.is_none().then(|| {
        let what = "without VERIFY_TOKEN Meta cannot register the webhook";
        Conflict::warning(["whatsapp.verify_token", "whatsapp.access_token"], what, "set VERIFY_TOKEN to a word of your choice")
    })
}

/// Every vendor that is named must be usable.
fn models(config: &Config) -> Vec<Conflict> {
    let models = &config.models;
    let chosen = std::iter::once(("models.default", models.default));
    let fallback = models.fallback.iter().map(|vendor| ("models.fallback", *vendor));
    let transcription = models.transcription.iter().map(|vendor| ("models.transcription", *vendor));
    let unusable = |(by, vendor): (&str, Vendor)| {
        let name = vendor.as_str();
        let settings = models.vendor(vendor)?;
        let key = |leaf: &str| format!("models.{name}.{leaf}");
        let missing = if settings.base_url.is_empty() {
            key("base_url")
        } else if settings.model.is_empty() {
            key("model")
        } else if settings.api_key.is_none() && needs_key(vendor, settings.base_url) {
            key("api_key")
        } else {
            return None;
        };
        let what = format!("`{by}` names {name}, but `{missing}` is not set");
        Some(Conflict::problem([by, missing.as_str()], what, format!("set {}, or choose another model", best_name(&missing))))
    };
    chosen.chain(fallback).chain(transcription).filter_map(unusable).collect()
}

/// The vendors' own servers need a key; a server of one's own may not.
fn needs_key(vendor: Vendor, base_url: &str) -> bool {
    let vendors_own = KEYS.get(&format!("models.{}.base_url", vendor.as_str())).and_then(toml::Value::as_str) == Some(base_url);
    vendors_own && matches!(vendor, Vendor::OpenAi | Vendor::Gemini | Vendor::OpenRouter)
}
