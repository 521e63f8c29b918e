use std::{
    io::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use flate2::{Compression, write::GzEncoder};
use frontdesk_kernel::Secret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use super::*;

/// What a server does with a connection after it has read the request.
#[derive(Clone)]
enum Act {
    Say(Vec<u8>),
    Hang,
    Close,
}

fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: tokio::sync::mpsc::UnboundedReceiver<String>,
}

#[expect(clippy::disallowed_methods, reason = "a fake vendor has no supervisor")]
async fn server(acts: Vec<Act>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let (seen, requests) = tokio::sync::mpsc::unbounded_channel();
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, acts.clone(), seen.clone()));
        }
    });
    Server { address, connections, requests }
}

async fn serve(mut stream: TcpStream, acts: Vec<Act>, seen: tokio::sync::mpsc::UnboundedSender<String>) {
    let mut buffer = Vec::new();
    while stream.read_buf(&mut buffer).await.is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&buffer).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        if body.len() < length {
            continue;
        }
        let _ = seen.send(text);
        buffer.clear();
        for act in &acts {
            match act {
                Act::Say(bytes) => {
                    if stream.write_all(bytes).await.is_err() {
                        return;
                    }
                }
                Act::Hang => std::future::pending().await,
                Act::Close => return,
            }
        }
    }
}

impl Server {
    fn url(&self) -> String {
        format!("http://{}/v1/things?secret=1", self.address)
    }
    fn egress(&self) -> Egress {
        egress(AddressPolicy::Allow(vec![format!("http://{}/ignored/path", self.address)]))
    }
    fn get(&self) -> Request {
        quick(&self.url())
    }
}

fn egress(allow_private: AddressPolicy) -> Egress {
    Egress::new(EgressSettings { allow_private, connect_timeout: Duration::from_millis(200), ..EgressSettings::default() })
        .unwrap()
}

fn quick(url: &str) -> Request {
    Request { timeout: Duration::from_secs(5), gap: Duration::from_secs(5), max_bytes: 1000, ..Request::new(Method::Get, url) }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(packed: &[u8]) -> Act {
    let mut out = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len()).into_bytes();
    out.extend(packed);
    Act::Say(out)
}

#[tokio::test]
async fn a_whole_answer_arrives_with_its_status_and_headers_and_the_connection_is_used_again() {
    let mut server = server(vec![say("HTTP/1.1 201 Created\r\nX-Request-ID: r1\r\ncontent-length: 5\r\n\r\nhello")]).await;
    let egress = server.egress();
    for _ in 0..2 {
        let mut request = server.get();
        request.method = Method::Post;
        request.auth = Auth::Bearer(Secret::new("k3y"));
        request.headers = vec![("x-one", "1".to_owned())];
        request.body = Body::Json(Bytes::from_static(b"{\"a\":1}"));
        let answer = egress.send(request).await.unwrap();
        assert_eq!((answer.status, &answer.body[..], answer.header("x-request-id")), (201, &b"hello"[..], Some("r1")));
        let seen = server.requests.recv().await.unwrap();
        for part in
            ["POST /v1/things?secret=1 ", "authorization: Bearer k3y\r\n", "x-one: 1\r\n", "content-type: application/json\r\n"]
        {
            assert!(seen.contains(part), "{part:?} is missing in {seen}");
        }
        assert!(seen.ends_with("\r\n\r\n{\"a\":1}"));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_form_is_sent_with_its_files() {
    let mut server = server(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]).await;
    let mut request = server.get();
    request.method = Method::Post;
    let field = Part { name: "model", file_name: None, content_type: None, bytes: Bytes::from_static(b"m") };
    let file = Part {
        name: "file",
        file_name: Some("voice.ogg".to_owned()),
        content_type: Some("audio/ogg".to_owned()),
        bytes: Bytes::from_static(b"OggS"),
    };
    request.body = Body::Multipart(vec![field, file]);
    server.egress().send(request).await.unwrap();
    let seen = server.requests.recv().await.unwrap();
    assert!(seen.contains("name=\"model\"\r\n\r\nm\r\n"), "{seen}");
    assert!(seen.contains("name=\"file\"; filename=\"voice.ogg\"\r\nContent-Type: audio/ogg\r\n\r\nOggS\r\n"), "{seen}");
}

#[tokio::test]
async fn a_compressed_answer_is_unpacked_and_a_bomb_is_cut_off() {
    let good = server(vec![packed(&gzip(&[b'a'; 900]))]).await;
    assert_eq!(good.egress().send(good.get()).await.unwrap().body.len(), 900);

    let bomb = gzip(&vec![0; 10 << 20]);
    assert!(bomb.len() < 12_000);
    let bomb = server(vec![packed(&bomb)]).await;
    let mut request = bomb.get();
    request.max_bytes = 100_000;
    assert!(matches!(bomb.egress().send(request.clone()).await, Err(HttpError::TooLarge(100_000))));
    let mut streaming = bomb.egress().stream(request).await.unwrap();
    let (mut taken, mut error) = (0, None);
    while let Some(piece) = streaming.body.next().await {
        match piece {
            Ok(bytes) => taken += bytes.len(),
            Err(e) => error = Some(e),
        }
    }
    assert!(taken <= 100_000 && matches!(error, Some(HttpError::TooLarge(_))), "{taken} {error:?}");
}

type Right = fn(&HttpError) -> bool;

#[tokio::test]
async fn what_goes_wrong_says_whether_it_was_sent() {
    let silent: Right = |e| matches!(e, HttpError::Timeout(t) if t.contains("silent"));
    let broken: Right = |e| matches!(e, HttpError::Broken(_));
    let too_large: Right = |e| matches!(e, HttpError::TooLarge(1000));
    let half = || say("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab");
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n{}\r\n", "x".repeat(2000));
    let (short, long) = (Duration::from_millis(60), Duration::from_secs(5));
    let cases: Vec<(&str, Duration, Vec<Act>, Right)> = vec![
        ("no answer", short, vec![Act::Hang], silent),
        ("half an answer", short, vec![half(), Act::Hang], silent),
        ("closed before the answer", long, vec![Act::Close], broken),
        ("closed within the answer", long, vec![half(), Act::Close], broken),
        ("not HTTP", long, vec![say("220 mail.example ESMTP\r\n"), Act::Close], broken),
        ("announced too large", long, vec![say("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"), Act::Hang], too_large),
        ("too large without a word", long, vec![say(&chunked), Act::Hang], too_large),
        ("broken compression", long, vec![packed(b"not gzip!")], broken),
    ];
    for (name, gap, acts, right) in cases {
        let server = server(acts).await;
        let error = server.egress().send(Request { gap, ..server.get() }).await.unwrap_err();
        assert!(right(&error), "{name}: {error}");
        assert!(!error.to_string().contains("secret=1"), "{name}: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_ends_at_the_total_limit() {
    let drip = say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
    let server = server(vec![drip, Act::Hang]).await;
    let request = Request { timeout: Duration::from_millis(400), ..server.get() };
    let mut streaming = server.egress().stream(request).await.unwrap();
    assert_eq!(&streaming.body.next().await.unwrap().unwrap()[..], b"a");
    assert!(matches!(streaming.body.next().await, Some(Err(HttpError::Timeout(t))) if t.contains("complete")));
    assert!(streaming.body.next().await.is_none());
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused = listener.local_addr().unwrap();
    drop(listener);
    let error = egress(AddressPolicy::Any).send(quick(&format!("http://{refused}/"))).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(_)), "refused: {error}");

    // A listener whose queue is full does not answer at all.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let silent = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(silent)).await {
        held.push(stream);
        assert!(held.len() < 50);
    }
    let request = quick(&format!("http://{silent}/"));
    let error = egress(AddressPolicy::Any).send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(_)), "connect timeout: {error}");

    // TLS towards a server that speaks none.
    let plain = server(vec![say("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"), Act::Close]).await;
    let request = quick(&format!("https://{}/", plain.address));
    let error = egress(AddressPolicy::Any).send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::NotSent(_)), "TLS: {error}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = server(vec![say("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")]).await;
    assert_eq!(server.egress().send(server.get()).await.unwrap().status, 302);
}

#[tokio::test]
async fn only_trusted_origins_lead_to_private_addresses() {
    let server = server(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]).await;
    let port = server.address.port();
    let trusting = server.egress();
    assert!(trusting.send(server.get()).await.is_ok());
    for (url, egress) in [
        (format!("http://127.0.0.1:{port}/"), &egress(AddressPolicy::PublicOnly)),
        (format!("http://localhost:{port}/"), &egress(AddressPolicy::PublicOnly)),
        (format!("http://localhost:{port}/"), &trusting),
        (format!("http://user@127.0.0.1:{port}/"), &trusting),
        ("http://127.0.0.1:1/".to_owned(), &trusting),
        ("http://".to_owned(), &trusting),
    ] {
        let error = egress.send(quick(&url)).await.unwrap_err();
        assert!(matches!(error, HttpError::Refused(_)), "{url}: {error}");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    assert!(trusting.admits("https://example.com/hook").is_ok());
    assert!(trusting.admits("http://10.0.0.1/hook").is_err());
}

#[tokio::test]
async fn what_no_header_can_hold_is_refused() {
    let egress = egress(AddressPolicy::Any);
    let mut header = quick("http://127.0.0.1:1/");
    header.headers = vec![("x-a", "one\r\nhost: two".to_owned())];
    let mut key = quick("http://127.0.0.1:1/");
    key.auth = Auth::Bearer(Secret::new("k\n"));
    for request in [header, key] {
        assert!(matches!(egress.send(request).await, Err(HttpError::Refused(_))));
    }
}

#[test]
fn a_wrong_trusted_origin_is_a_configuration_error() {
    for wrong in ["localhost", "", "ftp://a", "127.0.0.1:9000"] {
        let settings =
            EgressSettings { allow_private: AddressPolicy::Allow(vec![wrong.to_owned()]), ..EgressSettings::default() };
        assert!(matches!(Egress::new(settings), Err(EgressError::Origin(_))), "{wrong}");
    }
}
