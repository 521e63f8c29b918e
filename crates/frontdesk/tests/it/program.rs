//! Runs the binary in an empty folder with an empty environment, alone or beside its server.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

/// A data folder, and perhaps a server on it.
pub(crate) struct Installation {
    folder: TempDir,
    server: Option<Child>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Installation {
    pub(crate) fn new() -> Installation {
        Installation { folder: tempfile::tempdir().unwrap(), server: None }
    }

    /// With a server that is ready for requests.
    pub(crate) fn served(env: &[(&str, &str)]) -> Installation {
        let mut new = Installation::new();
        new.start(&["serve", "--listen", "127.0.0.1:0"], env);
        new
    }

    /// With the demo on it.
    pub(crate) fn demo(env: &[(&str, &str)]) -> Installation {
        let mut new = Installation::new();
        new.start(&["demo", "--port", "0", "--data-dir", "data"], env);
        new
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start(&mut self, arguments: &[&str], env: &[(&str, &str)]) {
        let mut command = self.command(arguments);
        let mut server =
            command.envs(env.iter().copied()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("frontdesk is ready") {
            assert!(log.read_line(&mut said).unwrap() > 0, "the server did not start: {said}");
        }
        // Somebody must go on reading, or the server would wait for room to write.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        self.server = Some(server);
    }

    /// Asks the server to stop; its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let mut server = self.server.take().unwrap();
        let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
        assert!(told.success());
        server.wait().unwrap().code()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ended {
        self.run_in(arguments, &[], stdin)
    }

    pub(crate) fn run_in(&self, arguments: &[&str], env: &[(&str, &str)], stdin: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs with `--json`; it must work and write one document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.json_with(arguments, "")
    }

    pub(crate) fn json_with(&self, arguments: &[&str], stdin: &str) -> Value {
        let ended = self.run_with(&[arguments, &["--json"]].concat(), stdin);
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:?}");
        serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {}", ended.out))
    }

    /// A file beside the data; its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Posts to the server: status and body of the answer.
    pub(crate) fn post(&self, path: &str, key: &str, body: &str) -> (u16, String) {
        let local: Value = serde_json::from_str(&std::fs::read_to_string(self.data().join("local.json")).unwrap()).unwrap();
        let host = local["url"].as_str().unwrap().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\ncontent-length: {}",
            body.len()
        );
        write!(stream, "{head}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_frontdesk")));
        command.args(arguments).env_clear().current_dir(self.folder.path());
        command
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
