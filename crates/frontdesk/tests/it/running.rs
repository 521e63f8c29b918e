//! The commands that talk to a running server: replay, chat, trace, backup, restore, resume, doctor.

use serde_json::Value;

use crate::program::Installation;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
/// Messages are answered at once.
const AT_ONCE: &[(&str, &str)] = &[("BURST_WAIT_MS", "0")];

fn fixtures() -> Vec<String> {
    let mut files: Vec<String> = std::fs::read_dir(FIXTURES)
        .unwrap()
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .filter(|path| path.ends_with(".json"))
        .collect();
    files.sort();
    files
}

fn replay(on: &Installation, files: &[String]) -> crate::program::Ended {
    let arguments: Vec<&str> = ["replay", "--data-dir", "data"].into_iter().chain(files.iter().map(String::as_str)).collect();
    on.run(&arguments)
}

#[test]
fn every_fixture_is_delivered_to_the_demo_and_its_reply_is_shown() {
    let mut on = Installation::demo(AT_ONCE);
    let files = fixtures();
    assert!(files.len() >= 14, "{files:?}");
    let ended = replay(&on, &files);
    assert_eq!(ended.code, 0, "{ended:?}");
    for part in [
        "¿Qué servicio te gustaría?",
        "SERVICIOS Y PRECIOS",
        "no message in it: no reply is expected",
        "nobody here has account 987654321",
        "a duplicate: received before, not answered again",
    ] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    assert!(ended.out.matches("  trace trn_").count() >= 13, "{}", ended.out);

    let again = replay(&on, &files);
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(again.out.matches("a duplicate: received before").count(), 13, "{}", again.out);

    let broken = on.file("broken.json", "{");
    let refused = replay(&on, &[broken]);
    assert!(refused.code == 1 && refused.out.contains(" 400 "), "{refused:?}");
    assert_eq!(on.stop(), Some(0), "a demo stops in peace");
    let gone = on.run(&["replay", "--server-url", "http://127.0.0.1:9", &files[0]]);
    assert!(gone.code == 1 && gone.err.contains("is a server running there?"), "{gone:?}");
}

#[test]
fn a_message_that_gets_no_reply_is_a_failure() {
    let on = Installation::demo(&[("BURST_WAIT_MS", "0"), ("AI_AUTOREPLY", "false")]);
    let ended = replay(&on, &fixtures()[..1]);
    assert!(ended.code == 1 && ended.out.contains("no reply: no turn follows"), "{ended:?}");
    let chat = on.run_with(&["chat", "--data-dir", "data"], "hola\n");
    assert!(chat.code == 1 && chat.out.is_empty() && chat.err.contains("no answer"), "{chat:?}");
}

#[test]
fn a_slot_is_booked_in_the_chat_and_the_trace_tells_it_with_and_without_the_server() {
    let mut on = Installation::demo(AT_ONCE);
    let said = "quiero una cita\nmanicure\nel próximo \\\nmartes\na las 10\nAna Ruiz\n/exit\nnever said\n";
    let ended = on.run_with(&["chat", "--data-dir", "data", "--conversation", "ana", "--agent", "Aurora"], said);
    assert_eq!(ended.code, 0, "{ended:?}");
    for part in ["¿Qué servicio te gustaría?", "¿Para qué día", "¿Qué hora te queda bien?", "¿A nombre de quién", "✅"]
    {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    let unknown = on.run_with(&["chat", "--data-dir", "data", "--agent", "Nobody"], "hola\n");
    assert!(unknown.code == 1 && unknown.err.contains("there are: Aurora"), "{unknown:?}");

    let contact = on.json(&["contact", "get", "ana", "--data-dir", "data"]);
    assert_eq!(contact["name"], "Ana Ruiz");
    let local: Value = serde_json::from_str(&std::fs::read_to_string(on.data().join("local.json")).unwrap()).unwrap();
    let (_, answer) = on.post(
        "/api/v1/conversations/ana/messages?wait=true",
        local["key"].as_str().unwrap(),
        r#"{"text":"¿qué citas tengo?"}"#,
    );
    let answer: Value = serde_json::from_str(&answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()]).unwrap();
    let (turn, message) = (answer["turn"].as_str().unwrap(), answer["message"].as_str().unwrap());
    let told = on.run(&["trace", turn, "--data-dir", "data"]);
    assert_eq!(told.code, 0, "{told:?}");
    for part in [
        turn,
        "¿qué citas tengo?",
        "calls my_appointments",
        "tool my_appointments  ok",
        "Manicure",
        "→ succeeded",
        "in all: 2 model calls",
    ] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    assert!(!told.out.contains("CONTEXTO ACTUAL"));
    assert!(on.run(&["trace", turn, "--prompt", "--data-dir", "data"]).out.contains("CONTEXTO ACTUAL"));
    assert_eq!(on.json(&["trace", message, "--data-dir", "data"])["id"], turn);
    assert_eq!(on.run(&["trace", "wamid.none", "--data-dir", "data"]).code, 1);
    assert_eq!(on.stop(), Some(0));
    assert_eq!(on.json(&["trace", message, "--data-dir", "data"])["id"], turn, "the database itself tells it, too");
}

#[test]
fn a_backup_of_a_running_server_is_restored_elsewhere_paused_and_resumed() {
    let on = Installation::demo(AT_ONCE);
    assert_eq!(on.run_with(&["chat", "--data-dir", "data", "--conversation", "ana"], "hola\n").code, 0);
    for name in ["all.jsonl", "all.jsonl.gz"] {
        let ended = on.run(&["backup", name, "--data-dir", "data"]);
        assert!(ended.code == 0 && ended.out.contains(" rows") && ended.out.contains("secret.key"), "{ended:?}");
    }
    let there = on.run(&["backup", "all.jsonl", "--data-dir", "data"]);
    assert!(there.code == 1 && there.err.contains("is there already"), "{there:?}");
    let running = on.run(&["restore", "all.jsonl", "--data-dir", "data"]);
    assert!(running.code == 78 && running.err.contains("stop it first"), "{running:?}");

    let plain = std::fs::read_to_string(on.data().parent().unwrap().join("all.jsonl")).unwrap();
    let mut other = Installation::new();
    let half = other.file("half.jsonl", &plain[..plain.floor_char_boundary(plain.len() / 2)]);
    let refused = other.run(&["restore", &half]);
    assert!(refused.code == 78 && refused.err.contains("damaged"), "{refused:?}");
    let packed = on.data().parent().unwrap().join("all.jsonl.gz");
    let restored = other.run(&["restore", packed.to_str().unwrap()]);
    assert!(restored.code == 0 && restored.out.contains("paused") && restored.out.contains("secret.key"), "{restored:?}");
    let elsewhere = other.run(&["restore", packed.to_str().unwrap(), "--data-dir", "elsewhere"]);
    assert!(elsewhere.code == 0 && elsewhere.out.contains("`frontdesk resume --data-dir elsewhere`"), "{elsewhere:?}");
    let twice = other.run(&["restore", packed.to_str().unwrap()]);
    assert!(twice.code == 78 && twice.err.contains("not empty"), "{twice:?}");

    std::fs::copy(on.data().join("secret.key"), other.data().join("secret.key")).unwrap();
    other.start(&["demo", "--port", "0", "--data-dir", "data"], AT_ONCE);
    let looked = other.json(&["doctor", "--offline", "--data-dir", "data"]);
    assert!(looked["checks"].as_array().unwrap().iter().any(|c| c["check"] == "paused" && c["level"] == "warning"), "{looked}");
    // What comes in now waits for the operator.
    let (status, _) =
        other.post("/api/v1/conversations/ana/messages", &key(&other), r#"{"text":"¿sigues ahí?","id":"while-paused"}"#);
    assert_eq!(status, 202);
    assert_eq!(other.json(&["trace", "while-paused", "--data-dir", "data"])["state"], "waiting");
    let resumed = other.run(&["resume", "--data-dir", "data"]);
    assert!(resumed.code == 0 && resumed.out.contains("Resumed"), "{resumed:?}");
    assert!(other.run(&["resume", "--data-dir", "data"]).out.contains("not paused"));
    let chat = other.run_with(&["chat", "--data-dir", "data", "--conversation", "ana"], "hola\n");
    assert_eq!(chat.code, 0, "{chat:?}");
    assert!(other.json(&["trace", "while-paused", "--data-dir", "data"])["id"].is_string());
}

fn key(on: &Installation) -> String {
    let local: Value = serde_json::from_str(&std::fs::read_to_string(on.data().join("local.json")).unwrap()).unwrap();
    local["key"].as_str().unwrap().to_owned()
}

#[test]
fn a_server_ends_with_0_when_it_is_told_to_and_its_database_takes_no_second_process() {
    let mut on = Installation::served(AT_ONCE);
    let second = on.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.code == 78 && second.err.contains("another frontdesk process"), "{second:?}");
    let key = key(&on);
    let (status, _) = on.post("/api/v1/conversations/ana/messages", &key, r#"{"text":"hola","id":"last-words"}"#);
    assert_eq!(status, 202);
    assert_eq!(on.stop(), Some(0));
    assert!(!on.data().join("local.json").exists());
    let told = on.json(&["trace", "last-words"]);
    assert!(["waiting", "done"].contains(&told["state"].as_str().unwrap()), "nothing is left half-done: {told}");
}

#[test]
fn a_second_demo_on_the_same_port_leaves_the_first_one_its_data() {
    let mut on = Installation::new();
    let home = on.data().parent().unwrap().to_owned();
    let env = [("TMPDIR", home.to_str().unwrap())];
    on.start(&["demo", "--port", "0"], &env);
    let demos = || -> Vec<String> {
        let names = std::fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("frontdesk-demo-")).collect()
    };
    let port = demos()[0].rsplit('-').next().unwrap().to_owned();
    let folder = home.join(&demos()[0]);
    assert_ne!(port, "0", "demos that choose a port themselves do not share a folder");
    let kept = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let before = (kept("secret.key"), kept("local.json"));
    let second = on.run_in(&["demo", "--port", &port], &env, "");
    assert!(second.code == 1 && second.err.contains("choose another with --port"), "{second:?}");
    assert!(second.out.is_empty() && second.err.lines().count() == 1, "{second:?}");
    assert_eq!((kept("secret.key"), kept("local.json")), before);
    assert!(folder.join("frontdesk.db").exists());
    assert_eq!(on.stop(), Some(0));

    // What a demo left behind is gone when the next one begins.
    let before = kept("secret.key");
    on.start(&["demo", "--port", &port], &env);
    assert!(kept("secret.key") != before && demos().len() == 1);
}
