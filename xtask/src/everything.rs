//! Can we use a server of tools that nobody here wrote? The protocol's own example server is installed, started, connected, and its tools
//! are approved and called through our API.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::{
    demo::{self, Demo},
    rig, shell,
};

/// From npm; a newer one may offer other tools, so it is chosen on purpose.
const SERVER: &str = "@modelcontextprotocol/server-everything@2026.8.31";
const PATIENCE: Duration = Duration::from_secs(30);

/// What is called, with what, and a word of the answer.
const CALLS: &[(&str, &str, bool, &str)] = &[
    ("echo", r#"{"message": "hola niño"}"#, true, "hola niño"),
    ("get-sum", r#"{"a": 40, "b": 2}"#, true, "42"),
    ("get-structured-content", r#"{"location": "New York"}"#, true, "temperature"),
    ("get-tiny-image", "{}", true, "image/png"),
    ("get-resource-reference", r#"{"resourceType": "Text", "resourceId": 1}"#, true, "resource"),
    ("trigger-long-running-operation", r#"{"duration": 1, "steps": 2}"#, true, "completed"),
    ("get-sum", r#"{"a": "forty", "b": 2}"#, false, "number"),
];

pub(crate) fn check(summary: &mut Vec<String>) -> Result<()> {
    shell::run(&mut shell::cargo(&["build", "--package", "frontdesk", "--locked"]))?;
    let folder = demo::target().join("everything");
    let program = install(&folder.join("server"))?;
    let data = folder.join("demo");
    let _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data)?;
    let server = Server::start(&program, &data)?;
    let origin = format!("http://127.0.0.1:{}", server.port);
    let demo = Demo::start(&data, &[("FRONTDESK_TOOLS__OPEN_ORIGINS", &format!("[\"{origin}\"]"))])?;
    let key = demo.key()?;
    let ask = |path: &str, body: &Value| -> Result<Value> {
        let (status, text) = rig::http::ask_as(demo.port, "POST", &format!("/api/v1{path}"), &key, &body.to_string())?;
        ensure!((200..300).contains(&status), "{path} answered {status}: {text}");
        serde_json::from_str(&text).with_context(|| format!("{path} did not answer in JSON"))
    };
    let made = ask("/mcp-servers", &json!({ "name": "everything", "url": format!("{origin}/mcp") }))?;
    ensure!(made["problem"].is_null(), "the server was not understood: {}", made["problem"]);
    let id = made["id"].as_str().context("no id")?;
    let (status, listed) = rig::http::get_as(demo.port, &format!("/api/v1/mcp-servers/{id}/tools"), &key)?;
    ensure!(status == 200, "the list of its tools answered {status}");
    let listed: Value = serde_json::from_str(&listed)?;
    let tools = listed["items"].as_array().context("no tools")?;
    let yes: Vec<Value> = tools
        .iter()
        .filter(|tool| tool["problem"].is_null())
        .map(|tool| json!({ "id": tool["id"], "hash": tool["hash"] }))
        .collect();
    ensure!(yes.len() == tools.len() && yes.len() >= 10, "{} of {} tools can be used", yes.len(), tools.len());
    ask(&format!("/mcp-servers/{id}/approve"), &json!({ "tools": yes }))?;
    for (name, arguments, succeeds, word) in CALLS {
        let tool = tools.iter().find(|tool| tool["offered"]["name"] == *name).with_context(|| format!("there is no {name}"))?;
        let tool = tool["id"].as_str().context("no id")?;
        let arguments: Value = serde_json::from_str(arguments)?;
        let path = format!("/mcp-servers/{id}/tools/{tool}/test");
        // The API asks one question a second, after a burst.
        std::thread::sleep(Duration::from_secs(1));
        let told = ask(&path, &json!({ "arguments": arguments }))?;
        let text = told["told"].as_str().unwrap_or_default();
        ensure!(told["succeeded"] == *succeeds && text.contains(word), "{name} with {arguments}: {told}");
        eprintln!("{name} {arguments}: {}", text.chars().take(100).collect::<String>().replace('\n', " "));
    }
    summary.push(format!("{SERVER}: {} tools approved, {} calls as expected", yes.len(), CALLS.len()));
    Ok(())
}

/// Where npm put the server's program.
fn install(home: &Path) -> Result<PathBuf> {
    let stamp = home.join("version");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(SERVER) {
        let _ = fs::remove_dir_all(home);
        fs::create_dir_all(home)?;
        shell::run(
            Command::new("npm")
                .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
                .arg(home)
                .arg(SERVER)
                .stdin(Stdio::null()),
        )
        .context("the example server needs npm")?;
        fs::write(&stamp, SERVER)?;
    }
    Ok(home.join("node_modules/.bin/mcp-server-everything"))
}

/// The running server, gone with its owner.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(program: &Path, folder: &Path) -> Result<Server> {
        let port = rig::free_port()?;
        let log = fs::File::create(folder.join("server.log"))?;
        let mut child = Command::new("node")
            .arg(program)
            .arg("streamableHttp")
            .env("PORT", port.to_string())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // Somebody must read what it says.
        let said = child.stderr.take().context("the server has no output")?;
        std::thread::spawn(move || BufReader::new(said).lines().for_each(drop));
        let server = Server { child, port };
        let deadline = Instant::now() + PATIENCE;
        while rig::http::get(port, "/").is_err() {
            if Instant::now() > deadline {
                bail!("the example server does not listen; its log is {}", folder.join("server.log").display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
