//! Administration from the command line, with a running server and without: the same commands, the same answers.

use serde_json::{Value, json};

use crate::program::Installation;

const SALON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/salon.toml");

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn a_business_is_run_from_the_command_line_without_a_server() {
    let installation = Installation::new();
    tell_the_story(&installation);
}

#[test]
fn a_business_is_run_from_the_command_line_through_a_running_server() {
    let installation =
        Installation::served(&[("WEB_UI_USERNAME", "Boss@Salon.example"), ("WEB_UI_PASSWORD", "seven quiet lamps drift")]);
    let users = installation.json(&["user", "list"]);
    assert_eq!(users["users"][0]["email"], "boss@salon.example");
    assert_eq!(
        users["users"][0]["roles"][0],
        json!({ "tenant": "tnt_default", "name": users["users"][0]["roles"][0]["name"], "role": "owner" })
    );
    tell_the_story(&installation);
    // The database is locked by the server: all of this went through it.
    assert!(installation.data().join("local.json").exists());
}

#[test]
fn a_server_that_was_killed_does_not_lock_people_out() {
    let installation = Installation::new();
    std::fs::create_dir_all(installation.data()).unwrap();
    std::fs::write(installation.data().join("local.json"), r#"{"url":"http://127.0.0.1:9","key":"fd_local_x","pid":1}"#).unwrap();
    assert_eq!(installation.json(&["tenant", "list"]), json!({ "tenants": [] }));
    // Its port may be somebody else's by now: nothing is sent there.
    let other = Installation::served(&[]);
    std::fs::copy(other.data().join("local.json"), installation.data().join("local.json")).unwrap();
    installation.json(&["tenant", "create", "--name", "Mine"]);
    assert_eq!(names(&installation.json(&["tenant", "list"])["tenants"]), ["Mine"]);
    assert!(!names(&other.json(&["tenant", "list"])["tenants"]).contains(&"Mine"));
}

#[test]
fn a_conversation_is_taken_over_and_given_back_and_only_the_operator_administrates() {
    let on = Installation::served(&[]);
    let made = on.json(&["key", "create", "--name", "site", "--scopes", "message:write"]);
    let key = made["key"].as_str().unwrap();
    let (status, _) = on.post("/api/v1/conversations/visitor-1/messages", key, r#"{"text":"hola"}"#);
    assert_eq!(status, 202);
    for (state, said) in [("human", "taken over"), ("bot", "given back")] {
        let changed = on.json(&["contact", "update", "visitor-1", "--state", state]);
        assert_eq!(changed["conversations"][0]["state"], state);
        assert!(changed["conversations"][0]["reason"].as_str().unwrap().contains(said));
    }
    let request = r#"{"action":{"tenant":"list"}}"#;
    let (status, problem) = on.post("/api/v1/admin", key, request);
    assert!(status == 403 && problem.contains("operator"), "{status} {problem}");
    let local: Value = serde_json::from_str(&std::fs::read_to_string(on.data().join("local.json")).unwrap()).unwrap();
    let (status, listed) = on.post("/api/v1/admin", local["key"].as_str().unwrap(), request);
    assert!(status == 200 && listed.contains("tnt_default"), "{status} {listed}");
    on.json(&["key", "delete", "site", "--yes"]);
    assert_eq!(on.post("/api/v1/conversations/visitor-1/messages", key, r#"{"text":"hola"}"#).0, 401);
    // With its last business gone there is still somebody to ask for a new one.
    on.json(&["tenant", "delete", "tnt_default", "--yes"]);
    assert_eq!(on.json(&["tenant", "create", "--name", "Anew"])["name"], "Anew");
}

fn tell_the_story(on: &Installation) {
    let created = on.json(&[
        "tenant",
        "create",
        "--name",
        "Salón Uno",
        "--business-type",
        "salon",
        "--time-zone",
        "america/bogota",
        "--language",
        "es_CO",
        "--currency",
        "cop",
        "--profile",
        SALON,
        "--services",
        SALON,
        "--staff",
        SALON,
        "--set",
        "history_limit=7",
    ]);
    assert_eq!(
        (&created["time_zone"], &created["language"], &created["currency"]),
        (&json!("America/Bogota"), &json!("es-CO"), &json!("COP"))
    );
    assert_eq!((created["services"].as_array().unwrap().len(), created["staff"].as_array().unwrap().len()), (8, 3));
    assert_eq!(created["profile"]["city"], "Bogotá");
    assert_eq!(created["settings"]["history_limit"], 7);
    let id = created["id"].as_str().unwrap();
    assert!(names(&on.json(&["tenant", "list"])["tenants"]).contains(&"Salón Uno"));

    services_keep_their_ids(on, id, &created);
    channels_keep_their_secrets(on, id);
    agents_are_versioned(on, id);
    keys_are_shown_once(on, id);
    people_have_roles(on, id);
    contacts_are_known_and_forgotten(on, id);

    let key = on.file("key.txt", "sk-secret\n");
    let keyed = on.json(&["tenant", "update", id, "--model-key", &format!("openai=@{key}"), "--active", "false"]);
    assert_eq!((&keyed["model_keys"], &keyed["active"]), (&json!({ "openai": "[set]" }), &json!(false)));
    assert_eq!(on.json(&["tenant", "update", id, "--model-key", "openai="])["model_keys"], json!({}));
    on.json(&["tenant", "delete", id, "--yes"]);
    assert!(!names(&on.json(&["tenant", "list"])["tenants"]).contains(&"Salón Uno"));
}

fn services_keep_their_ids(on: &Installation, id: &str, created: &Value) {
    let file = on.file(
        "services.toml",
        "[[services]]\nname = 'Tinte completo'\nprice = 150000\nduration_minutes = 90\n[[services]]\nname = 'Masaje'\nduration_minutes = 60\n",
    );
    let before = created["services"].as_array().unwrap().iter().find(|s| s["name"] == "Tinte completo").unwrap();
    let after = on.json(&["tenant", "update", id, "--services", &file]);
    assert_eq!(names(&after["services"]), ["Tinte completo", "Masaje"]);
    assert_eq!((&after["services"][0]["id"], &after["services"][0]["price"]), (&before["id"], &json!("$150,000 COP")));
    // Who was withdrawn comes back as who they were.
    let again = on.json(&["tenant", "update", id, "--services", SALON]);
    assert_eq!(again["services"][0]["id"], created["services"][0]["id"]);
    assert_eq!(again["profile"], created["profile"]);
}

fn channels_keep_their_secrets(on: &Installation, id: &str) {
    let (app, verify) = (on.file("app.txt", "app-secret"), on.file("verify.txt", "verify-me"));
    let made = on.json_with(
        &[
            "channel",
            "create",
            "--tenant",
            id,
            "--kind",
            "whatsapp",
            "--account",
            "424242",
            "--name",
            "Front",
            "--access-token-stdin",
            "--secret",
            &format!("app_secret=@{app}"),
            "--secret",
            &format!("verify_token=@{verify}"),
            "--set",
            "display_name=Front desk",
        ],
        "EAAG-token\n",
    );
    assert_eq!(made["secrets"], json!({ "access_token": "[set]", "app_secret": "[set]", "verify_token": "[set]" }));
    assert_eq!(made["state"], "active");
    let listed = on.run(&["channel", "list", "--tenant", id]).out;
    assert!(listed.contains("Front") && !listed.contains("EAAG"), "{listed}");

    let taken = on.run(&["channel", "create", "--tenant", id, "--kind", "whatsapp", "--account", "424242", "--mock"]);
    assert!(taken.code == 1 && taken.err.contains("connected already as `Front`"), "{taken:?}");
    let other = on.json(&["tenant", "create", "--name", "Other"])["id"].as_str().unwrap().to_owned();
    let taken = on.run(&["channel", "create", "--tenant", &other, "--kind", "whatsapp", "--account", "424242", "--mock"]);
    assert!(taken.code == 1 && taken.err.contains("connected by another business"), "{taken:?}");
    on.json(&["tenant", "delete", &other, "--yes"]);

    let off =
        on.json(&["channel", "update", "Front", "--tenant", id, "--active", "false", "--name", "Back", "--agent", "Assistant"]);
    assert_eq!((&off["state"], &off["name"]), (&json!("off"), &json!("Back")));
    assert!(off["agent"].as_str().unwrap().starts_with("agt_"));
    on.json(&["channel", "delete", "424242", "--tenant", id, "--yes"]);
    let back = on.json(&["channel", "create", "--tenant", id, "--kind", "whatsapp", "--account", "424242", "--mock"]);
    assert_eq!(back["mock"], true);
}

fn agents_are_versioned(on: &Installation, id: &str) {
    let prompt = on.file("prompt.txt", "You are {{ agent_name }} of {{ business.name }}.");
    let wrong = on.file("wrong.txt", "You are {{ agnet_name }}.");
    let made = on.run(&["agent", "create", "--tenant", id, "--name", "Night", "--prompt", &wrong]);
    assert!(made.code == 1 && made.err.contains("agnet_name"), "{made:?}");
    let made = on.json(&[
        "agent",
        "create",
        "--tenant",
        id,
        "--name",
        "Night",
        "--prompt",
        &prompt,
        "--model",
        "openai/gpt-4o-mini",
        "--model",
        "scripted",
        "--tools",
        "business_info,handoff_to_human",
        "--temperature",
        "0.2",
    ]);
    assert_eq!(made["models"], json!(["openai/gpt-4o-mini", "scripted/scripted"]));
    let changed = on.json(&["agent", "update", "Night", "--tenant", id, "--tools", "all", "--default", "--note", "more tools"]);
    assert_eq!((&changed["version"], &changed["tools"], &changed["default"]), (&json!(2), &Value::Null, &json!(true)));
    assert_eq!(changed["prompt"], "You are {{ agent_name }} of {{ business.name }}.");
    let renamed = on.json(&["agent", "update", "Night", "--tenant", id, "--name", "Late"]);
    assert_eq!(renamed["version"], 2, "a name is no version");
    let refused = on.run(&["agent", "delete", "Late", "--tenant", id, "--yes"]);
    assert!(refused.code == 1 && refused.err.contains("answers by default"), "{refused:?}");
    on.json(&["agent", "delete", "Assistant", "--tenant", id, "--yes"]);
    assert_eq!(names(&on.json(&["agent", "list", "--tenant", id])["agents"]), ["Late"]);
}

fn keys_are_shown_once(on: &Installation, id: &str) {
    let made = on.json(&[
        "key",
        "create",
        "--tenant",
        id,
        "--name",
        "site",
        "--scopes",
        "message:write,conversation:*",
        "--expires",
        "90d",
    ]);
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("fd_") && key.len() == 46, "{key}");
    let listed = on.json(&["key", "list", "--tenant", id]);
    assert!(!listed.to_string().contains(key) && key.starts_with(listed["keys"][0]["prefix"].as_str().unwrap()));
    assert!(listed["keys"][0]["expires_at"].is_string() && listed["keys"][0]["hash"].is_null());
    on.json(&["key", "delete", "site", "--tenant", id, "--yes"]);
    assert_eq!(on.json(&["key", "get", "site", "--tenant", id])["state"], "revoked");
    assert_eq!(on.run(&["key", "delete", "site", "--tenant", id, "--yes"]).code, 1);
}

fn people_have_roles(on: &Installation, id: &str) {
    let made = on.json(&["user", "create", "--tenant", id, "--email", "Ana@Salon.example", "--name", "Ana", "--role", "owner"]);
    assert_eq!((&made["email"], made["password"].as_str().unwrap().len()), (&json!("ana@salon.example"), 16));
    for refused in [
        &["user", "delete", "ana@salon.example", "--yes"][..],
        &["user", "update", "ana@salon.example", "--tenant", id, "--role", "staff"],
        &["user", "update", "ana@salon.example", "--active", "false"],
    ] {
        let ended = on.run(refused);
        assert!(ended.code == 1 && ended.err.contains("last owner of Salón Uno"), "{ended:?}");
    }
    let said = [
        "user",
        "create",
        "--tenant",
        id,
        "--email",
        "ben@salon.example",
        "--name",
        "Ben",
        "--role",
        "staff",
        "--password-stdin",
    ];
    let short = on.run_with(&said, "short\n");
    assert!(short.code == 2 && short.err.contains("at least 12"), "{short:?}");
    let ben = on.json_with(&said, "long enough for Ben\n");
    assert!(ben["password"].is_null() && !ben.to_string().contains("argon2"));
    on.json(&["user", "update", "ben@salon.example", "--tenant", id, "--role", "owner"]);
    on.json(&["user", "update", "ana@salon.example", "--tenant", id, "--role", "none"]);
    on.json(&["user", "delete", "ana@salon.example", "--yes"]);
    let left = on.json(&["user", "list", "--tenant", id]);
    assert_eq!(names(&left["users"]), ["Ben"]);
    assert!(on.json(&["user", "update", "ben@salon.example", "--reset-password"])["password"].is_string());
}

fn contacts_are_known_and_forgotten(on: &Installation, id: &str) {
    let made =
        on.json(&["contact", "create", "--tenant", id, "--phone", "+57 300 111 2233", "--name", "Eva", "--fact", "age=30"]);
    assert_eq!(made["addresses"], json!([{ "kind": "phone", "value": "573001112233" }]));
    let twice = on.run(&["contact", "create", "--tenant", id, "--phone", "57 300 1112233"]);
    assert!(twice.code == 1 && twice.err.contains("belongs to a contact already"), "{twice:?}");
    on.json(&["contact", "create", "--tenant", id, "--email", "leo@mail.example"]);
    let page = on.json(&["contact", "list", "--tenant", id, "--limit", "1"]);
    let rest = on.json(&["contact", "list", "--tenant", id, "--limit", "1", "--before", page["before"].as_str().unwrap()]);
    assert_ne!(page["contacts"][0]["id"], rest["contacts"][0]["id"]);
    let changed = on.json(&["contact", "update", "+57 300 1112233", "--tenant", id, "--fact", "age=", "--fact", "likes=tea"]);
    assert_eq!(changed["facts"], json!({ "likes": "tea" }));
    let silent = on.run(&["contact", "update", "573001112233", "--tenant", id, "--state", "human"]);
    assert!(silent.code == 1 && silent.err.contains("no conversation"), "{silent:?}");
    on.json(&["contact", "delete", "573001112233", "--tenant", id, "--yes"]);
    assert_eq!(on.run(&["contact", "get", "573001112233", "--tenant", id]).code, 1);
}

#[test]
fn bad_input_is_one_line_that_says_what_to_do() {
    let on = Installation::new();
    on.json(&["tenant", "create", "--name", "One"]);
    on.json(&["tenant", "create", "--name", "Two"]);
    let (profile, staff) =
        (on.file("p.toml", "[profile]\nadress = 'x'\n"), on.file("s.toml", "[[staff]]\nname = 'A'\nservices = ['cut']\n"));
    let (broken, price) =
        (on.file("b.toml", "a = [\n"), on.file("v.toml", "[[services]]\nname = 'A'\nprice = 'ten'\nduration_minutes = 5\n"));
    let table: &[(&[&str], i32, &str)] = &[
        (&["channel", "list"], 1, "choose one with --tenant"),
        (&["channel", "list", "--tenant", "Three"], 1, "there is no business `Three`"),
        (&["tenant", "create", "--name", "One"], 1, "called `One` already"),
        (&["tenant", "create", "--name", "X", "--time-zone", "America/Bogta"], 1, "did you mean `America/Bogota`?"),
        (&["tenant", "create", "--name", "X", "--currency", "pesos"], 1, "three letters"),
        (&["tenant", "create", "--name", "X", "--language", "?"], 1, "language tag"),
        (&["tenant", "create", "--name", " "], 1, "name: write 1 to"),
        (&["tenant", "update", "One"], 2, "nothing to change"),
        (&["tenant", "update", "One", "--profile", &profile], 1, "did you mean `address`?"),
        (&["tenant", "update", "One", "--profile", &broken], 1, "b.toml:"),
        (&["tenant", "update", "One", "--profile", "/nowhere.toml"], 1, "cannot read /nowhere.toml"),
        (&["tenant", "update", "One", "--staff", &staff], 1, "there is no service `cut`"),
        (&["tenant", "update", "One", "--services", &price], 1, "`ten` is not an amount of USD"),
        (&["tenant", "update", "One", "--set", "histroy_limit=3"], 1, "did you mean `history_limit`?"),
        (&["tenant", "update", "One", "--set", "history_limit=9999"], 1, "from 0 to 1000"),
        (&["tenant", "update", "One", "--model-key", "openai=sk-clear"], 2, "not written on the command line"),
        (&["tenant", "delete", "One"], 2, "say --yes"),
        (&["channel", "create", "--tenant", "One", "--kind", "watsapp"], 1, "did you mean `whatsapp`?"),
        (&["channel", "create", "--tenant", "One", "--kind", "whatsapp", "--account", "+57 300"], 2, "phone number ID"),
        (
            &["channel", "create", "--tenant", "One", "--kind", "whatsapp", "--account", "1"],
            1,
            "needs access_token, app_secret, verify_token",
        ),
        (
            &["channel", "create", "--tenant", "One", "--kind", "whatsapp", "--account", "1", "--mock", "--set", "app_secret=x"],
            1,
            "give it with --secret",
        ),
        (
            &[
                "channel",
                "create",
                "--tenant",
                "One",
                "--kind",
                "whatsapp",
                "--account",
                "1",
                "--mock",
                "--secret",
                "display_name=@x",
            ],
            1,
            "give it with --set",
        ),
        (
            &["channel", "create", "--tenant", "One", "--kind", "whatsapp", "--account", "1", "--mock", "--set", "display_nam=x"],
            1,
            "did you mean `display_name`?",
        ),
        (&["agent", "update", "Nobody", "--tenant", "One", "--default"], 1, "agents: Assistant"),
        (&["agent", "update", "Assistant", "--tenant", "One", "--model", "opnai/gpt"], 1, "did you mean `openai`?"),
        (&["agent", "update", "Assistant", "--tenant", "One", "--model", "openai"], 1, "write vendor/model"),
        (&["agent", "update", "Assistant", "--tenant", "One", "--model", "custom/m"], 1, "--base-url"),
        (&["agent", "update", "Assistant", "--tenant", "One", "--tools", "busines_info"], 1, "did you mean `business_info`?"),
        (&["agent", "update", "Assistant", "--tenant", "One", "--temperature", "3"], 1, "between 0 and 2"),
        (&["key", "create", "--tenant", "One", "--name", "k", "--scopes", "message:wirte"], 1, "did you mean `message:write`?"),
        (&["user", "create", "--tenant", "One", "--email", "ana", "--name", "A", "--role", "owner"], 1, "not an address"),
        (
            &["user", "create", "--tenant", "One", "--email", "a@b.example", "--name", "A", "--role", "onwer"],
            1,
            "did you mean `owner`?",
        ),
        (&["user", "get", "nobody@b.example"], 1, "nobody signs in as"),
        (&["contact", "get", "573", "--tenant", "One"], 1, "there is no contact `573`"),
        (&["contact", "create", "--tenant", "One", "--phone", "ana"], 1, "country code"),
        (&["contact", "list", "--tenant", "One", "--limit", "0"], 1, "from 1 to 500"),
        (&["tenant", "list", "--config", "/nowhere.toml"], 78, "/nowhere.toml"),
    ];
    for (arguments, code, part) in table {
        let ended = on.run(arguments);
        assert_eq!(ended.code, *code, "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(part), "{arguments:?}: {ended:?}");
        assert!(ended.out.is_empty() && ended.err.lines().count() == 1, "{arguments:?}: {ended:?}");
    }
    for usage in [
        &["key", "create", "--name", "k"][..],
        &["key", "create", "--name", "k", "--scopes", "*", "--expires", "soon"],
        &["tenant", "explode"],
    ] {
        assert_eq!(on.run(usage).code, 2, "{usage:?}");
    }
    assert_eq!(names(&on.json(&["tenant", "list"])["tenants"]), ["One", "Two"], "nothing of this left a trace");
}

#[test]
fn an_empty_list_says_what_to_do() {
    let on = Installation::new();
    assert!(on.run(&["tenant", "list"]).out.contains("frontdesk tenant create"));
    assert!(on.run(&["user", "list"]).out.contains("frontdesk user create"));
    on.json(&["tenant", "create", "--name", "One"]);
    assert!(on.run(&["key", "list"]).out.contains("frontdesk key create"));
    assert!(on.run(&["contact", "list"]).out.contains("frontdesk contact create"));
}

#[test]
fn credit_is_put_in_once_by_its_name_and_shown() {
    let installation = Installation::new();
    installation.json(&["tenant", "create", "--name", "Luna"]);
    let empty = installation.json(&["token", "balance"]);
    assert_eq!((&empty["enabled"], &empty["available"]), (&json!(false), &json!(0)));
    let put = &["token", "add", "1000", "--note", "invoice 17", "--once", "invoice-17"][..];
    assert_eq!(installation.json(put)["available"], 1000);
    let again = installation.json(put);
    assert_eq!((&again["available"], &again["repeated"]), (&json!(1000), &json!(true)));
    let said = installation.run(put);
    assert!(said.code == 0 && said.out.contains("nothing changed") && said.out.contains("switched off"), "{said:?}");
    assert_eq!(installation.json(&["token", "add", "-200", "--note", "a mistake"])["balance"], 800);
    for (wrong, part) in [
        (&["token", "add", "0"][..], "from 1 to"),
        (&["token", "add", "-5"], "--note"),
        (&["token", "add", "1000000001"], "from 1 to"),
        (&["token", "add", "many"], "invalid value"),
        (&["token", "usage", "--from", "yesterday"], "no day such as"),
        (&["token", "usage", "--from", "2026-02-02", "--to", "2026-02-01"], "not after the last"),
        (&["token", "balance", "--tenant", "Nobody"], "there is no business `Nobody`"),
    ] {
        let refused = installation.run(wrong);
        assert!(refused.code != 0 && refused.err.contains(part), "{wrong:?}: {refused:?}");
    }
    assert_eq!(installation.json(&["token", "usage"])["items"], json!([]));
    let said = installation.run(&["token", "usage"]);
    assert!(said.code == 0 && said.out.contains("Nothing was spent"), "{said:?}");
}
