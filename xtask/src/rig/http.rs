//! The little HTTP that xtask needs itself, over a plain socket, so that it needs no client.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result};

const PATIENCE: Duration = Duration::from_secs(20);

/// Status and body of an answer from this machine.
pub(crate) fn get(port: u16, path: &str) -> Result<(u16, String)> {
    ask(port, &format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"))
}

/// The same, asked with an API key.
pub(crate) fn get_as(port: u16, path: &str, key: &str) -> Result<(u16, String)> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n");
    ask(port, &format!("{head}authorization: Bearer {key}\r\n\r\n"))
}

/// JSON, sent with an API key.
pub(crate) fn ask_as(port: u16, method: &str, path: &str, key: &str, json: &str) -> Result<(u16, String)> {
    send_as(port, method, path, key, "application/json", json)
}

/// Anything, sent with an API key; an empty one is none.
pub(crate) fn send_as(port: u16, method: &str, path: &str, key: &str, kind: &str, body: &str) -> Result<(u16, String)> {
    let key = if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n{key}");
    ask(port, &format!("{head}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

fn ask(port: u16, request: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no HTTP answer")?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    #[test]
    fn an_answer_is_its_status_and_its_body() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let n = stream.read(&mut asked).unwrap();
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n\r\nbusy").unwrap();
            String::from_utf8_lossy(&asked[..n]).into_owned()
        });
        assert_eq!(ask_as(port, "POST", "/x", "key", "{}").unwrap(), (503, "busy".to_owned()));
        let asked = server.join().unwrap();
        assert!(asked.starts_with("POST /x HTTP/1.1\r\n") && asked.ends_with("content-length: 2\r\n\r\n{}"), "{asked}");
    }
}
