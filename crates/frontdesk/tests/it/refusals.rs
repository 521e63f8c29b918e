//! What the program says when something is wrong: one line that says what to do, and the right exit code.

use crate::program::Installation;

/// Text of `frontdesk.toml`, names of the environment, a piece of what is said.
type File = &'static str;
type Env = &'static [(&'static str, &'static str)];
type Part = &'static str;

#[test]
fn a_bad_configuration_ends_with_78_and_one_line_that_helps() {
    let table: &[(File, Env, Part)] = &[
        ("[turns]\nburst_wait = 5\n", &[], "burst_wait_ms"),
        ("[turn]\nburst_wait_ms = 5\n", &[], "turns"),
        ("[turns]\nburst_wait_ms = \"soon\"\n", &[], "frontdesk.toml:2"),
        ("[turns\n", &[], "frontdesk.toml:1"),
        ("", &[("PORT", "80000")], "PORT"),
        ("", &[("LISTEN", "everywhere")], "LISTEN"),
        ("", &[("PUBLIC_BASE_URL", "http://salon.example")], "https"),
        ("", &[("ACCESS_TOKEN", "EAAtoken")], "PHONE_NUMBER_ID"),
        ("", &[("DATABASE_URL", "mysql://db/x")], "DATABASE_URL"),
        ("", &[("DEFAULT_AI_MODEL", "gpt")], "DEFAULT_AI_MODEL"),
        ("", &[("DEFAULT_AI_MODEL", "openai")], "OPENAI_API_KEY"),
        ("", &[("FRONTDESK_TURNS__BURST_WAIT", "5")], "FRONTDESK_TURNS__BURST_WAIT_MS"),
        ("", &[("MOCK_MODE", "perhaps")], "MOCK_MODE"),
        ("", &[("WEB_UI_USERNAME", "ana@salon.example")], "WEB_UI_PASSWORD"),
        ("", &[("BURST_WAIT_MS", "9000"), ("BURST_MAX_MS", "10")], "BURST_MAX_MS"),
        ("", &[("ACCESS_TOKEN_FILE", "/nowhere/token")], "/nowhere/token"),
    ];
    for (file, env, part) in table {
        let on = Installation::new();
        on.file("frontdesk.toml", file);
        for command in [&["serve"][..], &["migrate"], &["chat"]] {
            let ended = on.run_in(command, env, "");
            assert_eq!(ended.code, 78, "{file:?} {env:?}: {ended:?}");
            assert!(ended.err.contains(part) && !ended.err.contains("EAAtoken"), "{part}: {ended:?}");
            assert!(ended.out.is_empty() && ended.err.lines().count() == 1, "{ended:?}");
        }
        assert!(!on.data().exists(), "nothing was begun");
        let looked = on.run_in(&["doctor", "--json"], env, "");
        assert_eq!(looked.code, 78, "{looked:?}");
        let report: serde_json::Value = serde_json::from_str(&looked.out).unwrap();
        assert!(report["ok"] == false && report["checks"][0]["todo"].is_string(), "{report}");
    }
}

#[test]
fn the_doctor_tells_every_problem_and_touches_nothing() {
    let on = Installation::new();
    let env = [("PORT", "80000"), ("MOCK_MODE", "perhaps"), ("PUBLIC_BASE_URL", "http://salon.example")];
    let ended = on.run_in(&["doctor"], &env, "");
    assert_eq!(ended.code, 78);
    assert_eq!(ended.out.matches("PROBLEM").count(), 3, "{}", ended.out);

    let healthy = on.run(&["doctor", "--offline"]);
    assert_eq!(healthy.code, 0, "{healthy:?}");
    assert!(healthy.out.contains("the first start makes") && healthy.out.contains("rules answer, not an AI"), "{}", healthy.out);
    assert!(!on.data().exists(), "looking makes nothing");

    let whatsapp = [
        ("ACCESS_TOKEN", "t"),
        ("PHONE_NUMBER_ID", "1"),
        ("APP_SECRET", "s"),
        ("VERIFY_TOKEN", "v"),
        ("GRAPH_BASE_URL", "http://127.0.0.1:9"),
    ];
    let unreachable = on.run_in(&["doctor"], &whatsapp, "");
    assert!(unreachable.code == 1 && unreachable.out.contains("PROBLEM channel WhatsApp"), "{unreachable:?}");
    assert_eq!(on.run_in(&["doctor", "--offline"], &whatsapp, "").code, 0);
}

#[test]
fn the_doctor_says_that_a_login_which_others_would_guess_opens_nothing() {
    let on = Installation::new();
    let env = |password| [("WEB_UI_USERNAME", "admin"), ("WEB_UI_PASSWORD", password)];
    let warned = on.run_in(&["doctor", "--offline"], &env("letmein"), "");
    assert!(warned.code == 0 && warned.out.contains("WEB_UI_PASSWORD opens nothing"), "{warned:?}");
    assert!(!warned.out.contains("letmein") && !warned.err.contains("letmein"), "{warned:?}");
    let fine = on.run_in(&["doctor", "--offline"], &env("seven quiet lamps drift"), "");
    assert!(fine.code == 0 && !fine.out.contains("WEB_UI_PASSWORD"), "{fine:?}");
}

#[test]
fn a_command_without_a_server_or_a_database_says_so() {
    let on = Installation::new();
    let isolated = [("TMPDIR", on.data().parent().unwrap().to_str().unwrap().to_owned())];
    let env: Vec<(&str, &str)> = isolated.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (command, part) in [
        (&["chat"][..], "frontdesk demo"),
        (&["trace", "trn_1"], "no turn or message `trn_1`"),
        (&["backup", "x.jsonl"], "nothing to back up"),
        (&["resume"], "there is no database"),
        (&["restore", "x.jsonl"], "cannot read x.jsonl"),
    ] {
        let ended = on.run_in(command, &env, "");
        assert!(ended.code == 1 && ended.err.contains(part) && ended.err.lines().count() == 1, "{command:?}: {ended:?}");
    }
    assert!(!on.data().exists());
    for (command, part) in [
        (&["migrate", "--status"][..], "no database"),
        (&["migrate", "--dry-run"], "no database"),
        (&["migrate"], "applied 1 main_job"),
        (&["migrate"], "up to date"),
        (&["migrate", "--status"], "applied 20"),
    ] {
        let ended = on.run(command);
        assert!(ended.code == 0 && ended.out.contains(part), "{command:?}: {ended:?}");
    }
}
