//! Clients that a well-behaved library cannot play: raw bytes over a socket, row #30 and #31 of the bad-input catalogue.

use axum::routing::{get, post};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

const BOUNDS: Bounds = Bounds {
    first_head: Duration::from_millis(300),
    idle: Duration::from_millis(600),
    head_bytes: 64 << 10,
    streams: 16,
    resets: 20,
    connections: 2,
};
/// Longer than any answer takes here; only a test that fails waits for it.
const TOO_LONG: Duration = Duration::from_secs(20);

struct Served {
    address: SocketAddr,
    closing: Closing,
    running: tokio::task::JoinHandle<()>,
}

async fn served(bounds: Bounds) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let closing = Closing::default();
    let router = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/slow", get(|| async { sleep(Duration::from_millis(500)).await }))
        .route("/echo", post(|body: String| async move { body }));
    let (tasks, told) = (TaskTracker::new(), closing.clone());
    let running = tasks.clone().spawn(async move { serve(listener, router, bounds, &tasks, told).await });
    Served { address, closing, running }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes.
    async fn ask(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The server may have answered and closed before it took everything.
        let _ = stream.write_all(bytes).await;
        String::from_utf8_lossy(&until_closed(&mut stream).await).into_owned()
    }
}

async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut some = [0; 4096];
    loop {
        match tokio::time::timeout(TOO_LONG, stream.read(&mut some)).await.expect("the server keeps the connection open") {
            Ok(0) | Err(_) => return all,
            Ok(n) => all.extend_from_slice(&some[..n]),
        }
    }
}

#[tokio::test]
async fn heads_that_are_wrong_are_refused_in_one_answer() {
    let served = served(Bounds { connections: 100, ..BOUNDS }).await;
    let large = format!("GET / HTTP/1.1\r\nhost: a\r\nx-large: {}\r\n\r\n", "x".repeat(100 << 10));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x-one: 1\r\n".repeat(200));
    let cases: &[(&str, &str, &str)] = &[
        ("a head of 100 KB", &large, "HTTP/1.1 431 "),
        ("two hundred headers", &many, "HTTP/1.1 431 "),
        ("two lengths", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", "HTTP/1.1 400 "),
        ("a length that is no number", "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1e3\r\n\r\nabcd", "HTTP/1.1 400 "),
        (
            "an encoding after chunked",
            "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n",
            "HTTP/1.1 400 ",
        ),
        ("a space before the colon", "GET / HTTP/1.1\r\nhost : a\r\n\r\n", "HTTP/1.1 400 "),
        ("no HTTP", "\u{16}\u{3}\u{1}\r\n\r\n", "HTTP/1.1 400 "),
    ];
    for (what, bytes, expected) in cases {
        let answer = served.ask(bytes.as_bytes()).await;
        assert!(answer.starts_with(expected), "{what}: {answer:?}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn a_request_hidden_behind_a_second_length_is_not_answered() {
    let served = served(BOUNDS).await;
    let hidden = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let answer = served.ask(hidden.as_bytes()).await;
    assert!(!answer.contains("here"), "{answer:?}");
}

#[tokio::test]
async fn who_does_not_finish_a_head_is_hung_up_on() {
    for bytes in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let served = served(BOUNDS).await;
        let answer = served.ask(bytes.as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{bytes:?}: {answer:?}");
    }
    // Also the second time, on a connection that was used.
    let served = served(BOUNDS).await;
    let answer = served.ask(b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nx-slow: ").await;
    assert_eq!(answer.matches("200 OK").count(), 1, "{answer:?}");
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head() {
    let served = served(BOUNDS).await;
    let answer = served.ask(b"GET /slow HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer:?}");
}

#[tokio::test]
async fn the_next_connection_waits_for_a_place() {
    let served = served(Bounds { connections: 1, first_head: TOO_LONG, idle: TOO_LONG, ..BOUNDS }).await;
    let mut first = served.connect().await;
    first.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut some = [0; 512];
    assert!(first.read(&mut some).await.unwrap() > 0);
    let mut second = served.connect().await;
    second.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), second.read(&mut some)).await;
    assert!(early.is_err(), "there was a place for a second connection");
    drop(first);
    assert!(until_closed(&mut second).await.starts_with(b"HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_stop_lets_running_requests_end() {
    let served = served(BOUNDS).await;
    let mut stream = served.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    tokio::task::yield_now().await;
    served.closing.now.cancel();
    let answer = until_closed(&mut stream).await;
    served.running.await.unwrap();
    // Either it was heard before the stop and answered whole, or not at all.
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&answer));
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn who_closes_soon_still_answers_and_keeps_no_connection() {
    let served = served(BOUNDS).await;
    let ask = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut kept = served.connect().await;
    kept.write_all(ask).await.unwrap();
    let mut some = [0; 4096];
    let n = kept.read(&mut some).await.unwrap();
    assert!(!String::from_utf8_lossy(&some[..n]).contains("connection: close"));
    served.closing.soon.cancel();
    // The one that was kept, and a new one.
    kept.write_all(ask).await.unwrap();
    for answer in [until_closed(&mut kept).await, served.ask(ask).await.into_bytes()] {
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("connection: close\r\n"), "{answer}");
    }
    served.closing.now.cancel();
    served.running.await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}

/// An HTTP/2 frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u32;
    let mut bytes = length.to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Kinds of the frames in `bytes`, with the last four bytes of each GOAWAY's fixed part: its reason.
fn frames(mut bytes: &[u8]) -> Vec<(u8, u32)> {
    let mut found = Vec::new();
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        let payload = &bytes[9..bytes.len().min(9 + length)];
        let reason = payload.get(4..8).map_or(0, |r| u32::from_be_bytes(r.try_into().unwrap()));
        found.push((bytes[3], reason));
        bytes = &bytes[bytes.len().min(9 + length)..];
    }
    found
}

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
/// GET, http, /, authority "a".
const HEAD: &[u8] = &[0x82, 0x86, 0x84, 0x41, 0x01, b'a'];

#[tokio::test]
async fn ten_thousand_streams_opened_and_reset_end_the_connection() {
    let served = served(BOUNDS).await;
    let mut stream = served.connect().await;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    for n in 0..10_000_u32 {
        bytes.extend(frame(HEADERS, 5, 2 * n + 1, HEAD));
        bytes.extend(frame(RESET, 0, 2 * n + 1, &8_u32.to_be_bytes()));
    }
    let (mut reader, mut writer) = stream.split();
    let mut answer = Vec::new();
    let writing = async { drop(writer.write_all(&bytes).await) };
    let reading = async {
        let mut some = [0; 4096];
        while let Ok(n) = tokio::time::timeout(TOO_LONG, reader.read(&mut some)).await.expect("it goes on") {
            if n == 0 {
                break;
            }
            answer.extend_from_slice(&some[..n]);
        }
    };
    tokio::join!(writing, reading);
    assert!(frames(&answer).contains(&(GO_AWAY, ENHANCE_YOUR_CALM)), "{:?}", frames(&answer));
}

#[test]
fn connections_leave_files_for_our_own_work() {
    for (files, connections) in [(Some(256), 128), (Some(1024), 512), (Some(1), 1), (Some(1 << 20), 20_000), (None, 20_000)] {
        assert_eq!(Bounds::default().within(files).connections, connections, "{files:?}");
    }
}
