use std::time::Duration;

use frontdesk_kernel::Secret;
use toml::{Table, Value};

use super::models::*;
use super::{keys::MANUAL, *};

fn sources(env: &[(&str, &str)]) -> Sources {
    let env = env.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Sources { env, ..Sources::default() }
}

fn loaded(env: &[(&str, &str)]) -> (Config, Vec<String>) {
    let (config, warnings) = Config::load(sources(env)).unwrap_or_else(|e| panic!("{env:?}: {e}"));
    (config, warnings.iter().map(Problem::to_string).collect())
}

fn refused(sources: Sources) -> Vec<String> {
    Config::load(sources).unwrap_err().problems().map(Problem::to_string).collect()
}

/// A token, number and secret.
const WHATSAPP: [(&str, &str); 4] = [("ACCESS_TOKEN", "t"), ("PHONE_NUMBER_ID", "1"), ("APP_SECRET", "s"), ("VERIFY_TOKEN", "v")];

#[test]
fn nothing_set_means_the_documented_defaults() {
    let (config, warnings) = loaded(&[]);
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(
        config.database,
        Database { url: Secret::new("sqlite:data/frontdesk.db"), pool_size: 10, prepared_statements: true }
    );
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8000");
    assert_eq!((config.server.public_base_url.as_deref(), config.server.role), (None, Role::All));
    assert_eq!((config.server.max_body_bytes, config.server.body_timeout_s), (3 << 20, 10));
    assert_eq!((config.log.level.as_str(), config.log.format), ("info", LogFormat::Text));
    let whatsapp = &config.whatsapp;
    assert_eq!((whatsapp.version.as_str(), whatsapp.graph_base_url.as_str()), ("v23.0", "https://graph.facebook.com"));
    assert_eq!((whatsapp.messages_per_second, whatsapp.pair_burst, whatsapp.pair_interval_ms), (80, 45, 6000));
    assert_eq!((whatsapp.unknown_window_s, whatsapp.mark_read, whatsapp.typing, whatsapp.mock_mode), (60, true, true, false));
    assert!(whatsapp.access_token.is_none() && !whatsapp.is_configured());
    assert_eq!((config.models.default, config.models.fallback.len(), config.models.transcription), (Vendor::Scripted, 0, None));
    assert_eq!((config.models.openai.model.as_str(), config.models.gemini.model.as_str()), ("gpt-4o-mini", "gemini-2.5-flash"));
    assert!(config.models.prices.is_empty());
    assert_eq!(config.models.limits().total, Duration::from_secs(90));
    let turns = &config.turns;
    assert_eq!((turns.burst_wait_ms, turns.burst_max_ms, turns.history_limit, turns.timeout_s), (1500, 8000, 10, 120));
    assert_eq!((turns.max_model_calls, turns.max_tool_calls, turns.token_budget, turns.daily_token_budget), (12, 8, 0, 0));
    assert_eq!((turns.concurrency, turns.max_attempts, turns.contact_messages_per_hour), (1024, 10, 600));
    assert_eq!((config.media.max_image_bytes, config.media.max_audio_bytes), (5 << 20, 16 << 20));
    assert_eq!((config.media.max_video_bytes, config.media.max_document_bytes), (16 << 20, 25 << 20));
    assert_eq!((config.tracing.tracer, config.tracing.log_pii), (Tracer::Console, false));
    assert_eq!((config.agent.autoreply, config.security.encryption_key.is_some()), (true, false));
    assert_eq!(config, Config::default());
}

#[test]
fn the_manual_is_a_configuration_file_that_changes_nothing() {
    let file = Some((PathBuf::from("config.default.toml"), MANUAL.to_owned()));
    let (config, warnings) = Config::load(Sources { file, ..Sources::default() }).unwrap();
    assert_eq!((config, warnings), (Config::default(), Vec::new()));
}

/// Leaving any key out of the manual must fail: then every field of the settings is in it. That no other key is in it,
/// `deny_unknown_fields` says.
#[test]
fn every_setting_is_in_the_manual() {
    fn paths(prefix: &[String], table: &Table, out: &mut Vec<Vec<String>>) {
        for (name, value) in table {
            let path = [prefix, std::slice::from_ref(name)].concat();
            out.push(path.clone());
            if let Value::Table(inner) = value {
                paths(&path, inner, out);
            }
        }
    }
    fn remove(table: &mut Table, path: &[String]) {
        match path {
            [name] => _ = table.remove(name),
            [section, rest @ ..] => remove(table[section].as_table_mut().unwrap(), rest),
            [] => {}
        }
    }
    let mut manual: Table = MANUAL.parse().unwrap();
    // The two texts that are never empty in the settings.
    manual["database"]["url"] = Value::from("sqlite:data/frontdesk.db");
    manual["models"]["default"] = Value::from("scripted");
    assert_eq!(manual.clone().try_into::<Config>(), Ok(Config::default()));
    let mut all = Vec::new();
    paths(&[], &manual, &mut all);
    assert!(all.len() > 80, "{}", all.len());
    for path in all {
        let mut without = manual.clone();
        remove(&mut without, &path);
        assert!(without.try_into::<Config>().is_err(), "{} is not needed", path.join("."));
    }
}

#[test]
fn the_later_source_wins() {
    let with = |file: &str, dotenv: &str, env: &[(&str, &str)], overrides: Overrides| {
        let file = Some((PathBuf::from("frontdesk.toml"), file.to_owned()));
        let sources = Sources { file, dotenv: Some(dotenv.to_owned()), overrides, ..sources(env) };
        Config::load(sources).map(|(config, _)| config).unwrap()
    };
    let none = Overrides::default;
    let file = "[server]\nlisten = '0.0.0.0:1'\n[turns]\nhistory_limit = 1";
    assert_eq!(with(file, "", &[], none()).turns.history_limit, 1);
    assert_eq!(with(file, "HISTORY_LIMIT=2", &[], none()).turns.history_limit, 2);
    assert_eq!(with(file, "FRONTDESK_TURNS__HISTORY_LIMIT=2", &[("HISTORY_LIMIT", "3")], none()).turns.history_limit, 3);
    assert_eq!(with(file, "HISTORY_LIMIT=2", &[("HISTORY_LIMIT", "")], none()).turns.history_limit, 2);

    let listens = |dotenv: &str, env: &[(&str, &str)], overrides| with(file, dotenv, env, overrides).server.listen.to_string();
    assert_eq!(listens("", &[], none()), "0.0.0.0:1");
    assert_eq!(listens("PORT=2", &[], none()), "0.0.0.0:2");
    assert_eq!(listens("PORT=2", &[("PORT", "3")], none()), "0.0.0.0:3");
    assert_eq!(listens("", &[("PORT", "3"), ("LISTEN", "[::]:4")], none()), "[::]:3");
    assert_eq!(listens("", &[("PORT", "3")], Overrides { listen: Some("127.0.0.1:5".to_owned()), ..none() }), "127.0.0.1:5");
    assert_eq!(listens("", &[("PORT", "3")], Overrides { port: Some(0), ..none() }), "0.0.0.0:0");

    let overrides = Overrides {
        data_dir: Some("/tmp/demo".into()),
        mock_mode: Some(true),
        model: Some("scripted".to_owned()),
        role: Some("web".to_owned()),
        ..none()
    };
    let config = with(file, "", &[("OPENAI_API_KEY", "k")], overrides);
    assert_eq!(config.database.url.reveal(), "sqlite:/tmp/demo/frontdesk.db");
    assert_eq!((config.models.default, config.whatsapp.mock_mode, config.server.role), (Vendor::Scripted, true, Role::Web));
}

#[test]
fn the_env_files_of_the_systems_before_us_start_us() {
    let whatsapp_agent = r#"
        ACCESS_TOKEN="EAAG"
        APP_ID="1234"
        APP_SECRET="s"
        RECIPIENT_WAID="573001234567"
        VERSION="v18.0"
        PHONE_NUMBER_ID="123456789"
        VERIFY_TOKEN="v"
        OPENAI_API_KEY=""
        OPENAI_ASSISTANT_ID=""
        DATABASE_URL=postgresql+psycopg2://u:p$1@localhost:5432/db
        FLASK_DEBUG="False"
        TRACER_TYPE=langfuse  # or console
        LANGFUSE_SECRET_KEY=sk-1
        MOCK_MODE=true"#;
    let asterisk = "OPENAI_API_KEY=k\nGEMINI_API_KEY=\nDEFAULT_AI_MODEL=openai\nOPENAI_MODEL_NAME=gpt-3.5-turbo-0125\nREDIS_HOST=localhost\n\
        REDIS_PASSWORD=\nDATABASE_URL=sqlite:///./test.db\nWEB_UI_USERNAME=admin\nWEB_UI_PASSWORD=a long word\n\
        SECRET_KEY=0123456789abcdef0123456789abcdef\nASTERISK_ARI_URL=http://localhost:8088\nDEBUG_MODE=True\n";
    let agent_server = "OPENROUTER_API_KEY=k\nDATABASE_HOST=localhost\nAWS_REGION=us-east-1\nAWS_ACCESS_KEY_ID=x\n\
        DYNAMODB_SESSAGES_TABLE=ai-agent-messages\nAPI_SERVER_URL=https://x\nREDIS_URL=redis://x\nKAFKA_BROKERS=k:9092";
    let frappe = "OPENAI_API_KEY=k\nAI_DEFAULT_MODEL=gpt-4.1\nAI_SESSION_MODE=openai_threads\nAI_ASSISTANT_NAME=CRM Assistant\nAI_AUTOREPLY=1";
    let crm =
        "DATABASE_URL=sqlite:///crm.db\nOPENAI_API_KEY=k\nOPENAI_MODEL=gpt-4\nGRAPHQL_URL=http://x\nJWT_SECRET=x\nDEBUG=True";
    for (dotenv, database, vendor, not_yet_used) in [
        (
            whatsapp_agent,
            "postgresql://u:p$1@localhost:5432/db",
            Vendor::Scripted,
            &["RECIPIENT_WAID", "FLASK_DEBUG", "LANGFUSE_SECRET_KEY", "TRACER_TYPE=langfuse"] as &[&str],
        ),
        (asterisk, "sqlite:./test.db", Vendor::OpenAi, &["DEBUG_MODE", "REDIS_HOST", "ASTERISK_ARI_URL"]),
        (
            agent_server,
            "sqlite:data/frontdesk.db",
            Vendor::OpenRouter,
            &["REDIS_URL", "DATABASE_HOST", "DYNAMODB_SESSAGES_TABLE", "AWS_REGION", "KAFKA_BROKERS"],
        ),
        (frappe, "sqlite:data/frontdesk.db", Vendor::OpenAi, &["AI_SESSION_MODE", "AI_ASSISTANT_NAME"]),
        (crm, "sqlite:crm.db", Vendor::OpenAi, &["GRAPHQL_URL"]),
    ] {
        let (config, warnings) = Config::load(Sources { dotenv: Some(dotenv.to_owned()), ..Sources::default() }).unwrap();
        assert_eq!(warnings, []);
        assert_eq!((config.database.url.reveal(), config.models.default), (database, vendor));
        assert_eq!(config.not_yet_used, not_yet_used);
        assert_eq!(config.tracing.tracer, Tracer::Console);
    }
}

#[test]
fn a_configuration_that_cannot_work_says_what_is_missing_and_how_to_fix_it() {
    let [token, number, secret, verify] = WHATSAPP;
    for (env, problem) in [
        (
            vec![token, verify],
            "ACCESS_TOKEN (environment): WhatsApp is configured in part, without PHONE_NUMBER_ID and APP_SECRET; \
             set PHONE_NUMBER_ID and APP_SECRET from the Meta app dashboard, or MOCK_MODE=true to try without Meta",
        ),
        (
            vec![number, secret],
            "PHONE_NUMBER_ID (environment): WhatsApp is configured in part, without ACCESS_TOKEN; \
             set ACCESS_TOKEN from the Meta app dashboard, or MOCK_MODE=true to try without Meta",
        ),
        (
            vec![("PUBLIC_BASE_URL", "http://desk.example.com")],
            "PUBLIC_BASE_URL (environment): `server.public_base_url` is `http://desk.example.com`, which is public but not https; \
             write https://… (a reverse proxy or tunnel gives it), or an address of localhost while developing",
        ),
        (vec![("PORT", "65536")], "PORT (environment): the port is `65536`; write a number from 0 to 65535"),
        (
            vec![("BURST_MAX_MS", "1000")],
            "BURST_MAX_MS (environment): the longest wait (1000 ms) is shorter than one wait (1500 ms); \
             raise BURST_MAX_MS or lower BURST_WAIT_MS",
        ),
        (
            vec![("BURST_WAIT_MS", "-1")],
            "BURST_WAIT_MS (environment): `turns.burst_wait_ms` is `-1`, which is out of range; write a number from 0 to 60000",
        ),
        (
            vec![("DEFAULT_AI_MODEL", "openia")],
            "DEFAULT_AI_MODEL (environment): `models.default` is `openia`, which is not a choice; did you mean `openai`?",
        ),
        (
            vec![("DEFAULT_AI_MODEL", "openai")],
            "DEFAULT_AI_MODEL (environment): `models.default` names openai, but `models.openai.api_key` is not set; \
             set OPENAI_API_KEY, or choose another model",
        ),
        (
            vec![("FRONTDESK_MODELS__FALLBACK", "scripted,ollama")],
            "FRONTDESK_MODELS__FALLBACK (environment): `models.fallback` names ollama, but `models.ollama.model` is not set; \
             set FRONTDESK_MODELS__OLLAMA__MODEL, or choose another model",
        ),
        (
            vec![("FRONTDESK_MODELS__TRANSCRIPTION", "custom")],
            "FRONTDESK_MODELS__TRANSCRIPTION (environment): `models.transcription` names custom, but `models.custom.base_url` is not set; \
             set FRONTDESK_MODELS__CUSTOM__BASE_URL, or choose another model",
        ),
        (
            vec![("FRONTDESK_MODELS__PRICES", "{ m = { inptu = 1, output = 2 } }")],
            "FRONTDESK_MODELS__PRICES (environment): `models.prices` is `{ m = { inptu = 1, output = 2 } }`, which has a wrong price of `m`: \
             unknown field `inptu`, expected one of `input`, `cached`, `output`; \
             write \"m\" = { input = 150000, cached = 75000, output = 600000 }",
        ),
        (
            vec![("FRONTDESK_MODELS__TIMEOUTS__TOTAL_S", "5")],
            "FRONTDESK_MODELS__TIMEOUTS__TOTAL_S (environment): a whole answer may take 5 s, less than its first piece or one silence; \
             raise models.timeouts.total_s",
        ),
        (
            vec![("WEB_UI_USERNAME", "me")],
            "WEB_UI_USERNAME (environment): the first owner needs both a name and a password; \
             set both WEB_UI_USERNAME and WEB_UI_PASSWORD, or neither",
        ),
    ] {
        assert_eq!(refused(sources(&env)), [problem]);
    }
}

#[test]
fn a_configuration_that_works_is_not_refused() {
    let [_, _, secret, verify] = WHATSAPP;
    for env in [
        WHATSAPP.to_vec(),
        vec![secret, verify],
        vec![("ACCESS_TOKEN", "t"), ("MOCK_MODE", "true")],
        vec![("BURST_WAIT_MS", "0"), ("BURST_MAX_MS", "0")],
        vec![("DEFAULT_AI_MODEL", "openai"), ("OPENAI_BASE_URL", "http://127.0.0.1:9000/v1")],
        vec![("DEFAULT_AI_MODEL", "ollama"), ("FRONTDESK_MODELS__OLLAMA__MODEL", "qwen3:8b")],
        vec![("PORT", "0"), ("PUBLIC_BASE_URL", "https://desk.example.com/")],
    ] {
        assert_eq!(loaded(&env).1, Vec::<String>::new(), "{env:?}");
    }
}

#[test]
fn what_works_but_is_unwise_is_a_warning() {
    for (env, warning) in [
        (
            vec![("MOCK_MODE", "true"), ("LISTEN", "0.0.0.0:8000")],
            "MOCK_MODE (environment): mock mode accepts webhooks without a signature, and others can reach this server; \
             use it on localhost only, or set MOCK_MODE=false",
        ),
        (
            WHATSAPP[..3].to_vec(),
            "ACCESS_TOKEN (environment): without VERIFY_TOKEN Meta cannot register the webhook; set VERIFY_TOKEN to a word of your choice",
        ),
        (
            vec![("SECRET_KEY", "short")],
            "SECRET_KEY (environment): the encryption key is shorter than 32 characters; make one with `openssl rand -hex 32`",
        ),
    ] {
        assert_eq!(loaded(&env).1, [warning]);
    }
}

#[test]
fn all_problems_are_found_at_once_and_none_shows_a_secret() {
    let file = Some((PathBuf::from("frontdesk.toml"), "[turns]\nhistory = 3\n[models.openai]\napi_key = 815815".to_owned()));
    let dotenv = Some("APP_SECRET='815815\n".to_owned());
    let env =
        [("DATABASE_URL", "mysql://u:815815@h"), ("BURST_WAIT_MS", "815"), ("BURST_MAX_MS", "x"), ("FRONTDESK_OTHER", "815815")];
    let problems = refused(Sources { file, dotenv, ..sources(&env) });
    let starts = [
        "frontdesk.toml:2: ",
        "frontdesk.toml:4: ",
        ".env:1: ",
        "FRONTDESK_OTHER (environment)",
        "BURST_MAX_MS (environment)",
        "DATABASE_URL (environment): `database.url` is neither",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for start in starts {
        assert!(problems.iter().any(|problem| problem.starts_with(start)), "{start} is not in {problems:#?}");
    }
    assert!(problems.iter().all(|problem| !problem.contains("815815") && !problem.contains('\n')), "{problems:#?}");
}

#[test]
fn what_follows_from_a_problem_is_not_told_as_another() {
    let env = [WHATSAPP[0], WHATSAPP[1], ("APP_SECRET_FILE", "/does/not/exist"), ("FRONTDESK_DATABASE__POOL_SIZE", "0")];
    let problems = refused(sources(&env));
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(problems[0].starts_with("APP_SECRET_FILE (environment): the file `/does/not/exist`"), "{problems:#?}");
    assert!(problems[1].contains("`database.pool_size` is `0`"), "{problems:#?}");
}

#[test]
fn secrets_do_not_show_themselves() {
    let secrets: Vec<(String, String)> =
        keys::SECRETS.iter().map(|key| (environment::prefixed(key), "s3cret-s3cret-s3cret-s3cret-s3cret".to_owned())).collect();
    let mut env: BTreeMap<String, String> = secrets.into_iter().collect();
    env.insert("DATABASE_URL".to_owned(), "postgres://u:s3cret@h/d".to_owned());
    env.remove("FRONTDESK_DATABASE__URL");
    env.insert("PHONE_NUMBER_ID".to_owned(), "1".to_owned());
    env.insert("FRONTDESK_MAIL__FROM".to_owned(), "desk@salon.example".to_owned());
    env.insert("WEB_UI_USERNAME".to_owned(), "me".to_owned());
    let (config, _) = Config::load(Sources { env, ..Sources::default() }).unwrap();
    let debug = format!("{config:?}");
    assert!(!debug.contains("s3cret"), "{debug}");
    assert_eq!(debug.matches("[secret]").count(), keys::SECRETS.len());
}

#[test]
fn the_file_is_found_by_name_then_beside_us_then_in_the_data_folder() {
    let working = std::env::temp_dir().join(format!("frontdesk-config-{}", std::process::id()));
    fs::create_dir_all(working.join("data")).unwrap();
    let write = |path: &str, limit: u8| fs::write(working.join(path), format!("turns.history_limit = {limit}")).unwrap();
    let limit = |env: &[(&str, &str)], config: Option<&str>| {
        let overrides = Overrides { config: config.map(PathBuf::from), ..Overrides::default() };
        let sources = Sources::find(&working, sources(env).env, overrides)?;
        Config::load(sources).map(|(config, _)| config.turns.history_limit)
    };
    assert_eq!(limit(&[], None), Ok(10));
    write("data/frontdesk.toml", 1);
    assert_eq!(limit(&[], None), Ok(1));
    assert_eq!(limit(&[("FRONTDESK_DATA_DIR", "elsewhere")], None), Ok(10));
    write("frontdesk.toml", 2);
    assert_eq!(limit(&[], None), Ok(2));
    write("a.toml", 3);
    fs::write(working.join(".env"), "FRONTDESK_CONFIG=a.toml").unwrap();
    assert_eq!(limit(&[], None), Ok(3));
    write("b.toml", 4);
    assert_eq!(limit(&[("FRONTDESK_CONFIG", "b.toml")], None), Ok(4));
    write("c.toml", 5);
    assert_eq!(limit(&[("FRONTDESK_CONFIG", "b.toml")], Some("c.toml")), Ok(5));
    let missing = limit(&[], Some("none.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("--config: the file `") && missing.ends_with("; name a file that exists"), "{missing}");

    fs::write(working.join("latin.toml"), b"[tenant]\nname = 'Peluquer\xeda'").unwrap();
    let latin = limit(&[], Some("latin.toml")).unwrap_err().to_string();
    assert!(latin.ends_with("save it as UTF-8"), "{latin}");

    fs::remove_file(working.join(".env")).unwrap();
    fs::create_dir(working.join(".env")).unwrap();
    assert_eq!(limit(&[], None), Ok(2), "a folder called .env is not ours");
    fs::remove_dir_all(&working).unwrap();
}
