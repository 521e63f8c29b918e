//! A mail server that takes mail for anybody and holds clients to the order and the lines of RFC 5321.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_util::sync::DropGuard;

use super::server::listen;

/// Octets of a line, its end included.
const LONGEST_LINE: usize = 1000;

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: String,
    /// Headers and body, dots restored.
    pub text: String,
}

/// What happens to the next mail instead of being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFault {
    /// 550 to the recipient, whom it names as servers do.
    Refuse,
    /// 451 after the data.
    TryLater,
    /// The connection ends after the data.
    HangUp,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    violations: Vec<String>,
    faults: Vec<MailFault>,
}

/// Dropping it closes the port.
pub struct FakeSmtp {
    url: String,
    state: Arc<Mutex<State>>,
    _running: DropGuard,
}

impl FakeSmtp {
    pub async fn start() -> io::Result<FakeSmtp> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let (address, running) = listen(move |stream| {
            let state = shared.clone();
            async move { drop(talk(stream, &state).await) }
        })
        .await?;
        Ok(FakeSmtp { url: format!("smtp://{address}"), state, _running: running })
    }

    /// `smtp://127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn received(&self) -> Vec<Received> {
        lock(&self.state).received.clone()
    }

    pub fn violations(&self) -> Vec<String> {
        lock(&self.state).violations.clone()
    }

    /// The next mails fare like this, in this order.
    pub fn fail(&self, faults: &[MailFault]) {
        lock(&self.state).faults.extend_from_slice(faults);
    }
}

impl Received {
    /// What a person reads: the plain text part.
    pub fn plain(&self) -> String {
        let part = self.text.split("text/plain").nth(1).unwrap_or_default();
        let (head, body) = part.split_once("\r\n\r\n").unwrap_or_default();
        let body = body.split("\r\n--").next().unwrap_or_default();
        if head.to_lowercase().contains("base64") {
            let bytes = BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap_or_default();
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        // Quoted-printable: soft breaks go, bytes come back.
        let joined = body.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((first, more)) = rest.split_first() {
            let escaped =
                (*first == b'=').then(|| u8::from_str_radix(std::str::from_utf8(more.get(..2)?).ok()?, 16).ok()).flatten();
            match escaped {
                Some(byte) => {
                    bytes.push(byte);
                    rest = &more[2..];
                }
                None => {
                    bytes.push(*first);
                    rest = more;
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The token at the end of the first link whose path begins so.
    pub fn token(&self, path: &str) -> String {
        let plain = self.plain();
        let rest = plain.split(path).nth(1).unwrap_or_else(|| panic!("no {path} in {plain}"));
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where in the conversation we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Connected,
    Greeted,
    From,
    To,
}

async fn talk(stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 fake.example ESMTP\r\n").await?;
    let (mut stage, mut from, mut to) = (Stage::Connected, String::new(), String::new());
    while let Some(line) = line(&mut read, state).await? {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let wrong_order = match verb.as_str() {
            "MAIL" => stage != Stage::Greeted,
            "RCPT" => stage < Stage::From,
            "DATA" => stage != Stage::To,
            _ => false,
        };
        if wrong_order {
            lock(state).violations.push(format!("{verb} at stage {stage:?}"));
            write.write_all(b"503 bad sequence of commands\r\n").await?;
            continue;
        }
        let refusal: String;
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => {
                stage = Stage::Greeted;
                b"250-fake.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
            }
            "MAIL" => {
                (stage, from) = (Stage::From, path_of(&line, state));
                b"250 ok\r\n"
            }
            "RCPT" if take(state, MailFault::Refuse) => {
                refusal = format!("550 5.1.1 <{0}>: {0} is no mailbox here\r\n", path_of(&line, state));
                refusal.as_bytes()
            }
            "RCPT" => {
                (stage, to) = (Stage::To, path_of(&line, state));
                b"250 ok\r\n"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let text = data(&mut read, state).await?;
                if take(state, MailFault::HangUp) {
                    return Ok(());
                }
                stage = Stage::Greeted;
                if take(state, MailFault::TryLater) {
                    b"451 try later\r\n"
                } else {
                    lock(state).received.push(Received { from: from.clone(), to: to.clone(), text });
                    b"250 taken\r\n"
                }
            }
            "RSET" => {
                stage = Stage::Greeted;
                b"250 ok\r\n"
            }
            "NOOP" => b"250 ok\r\n",
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            other => {
                lock(state).violations.push(format!("unknown command {other}"));
                b"500 what?\r\n"
            }
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// Whether this fault is the next one.
fn take(state: &Mutex<State>, fault: MailFault) -> bool {
    let mut state = lock(state);
    let is_next = state.faults.first() == Some(&fault);
    if is_next {
        state.faults.remove(0);
    }
    is_next
}

/// `<ana@luna.example>` of a MAIL or RCPT line.
fn path_of(line: &str, state: &Mutex<State>) -> String {
    match line.split_once('<').and_then(|(_, rest)| rest.split_once('>')) {
        Some((path, _)) if path.contains('@') => path.to_owned(),
        _ => {
            lock(state).violations.push(format!("no path in {line}"));
            String::new()
        }
    }
}

/// A line without its end, which must be CRLF.
async fn line(read: &mut (impl AsyncBufReadExt + Unpin), state: &Mutex<State>) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    if read.read_until(b'\n', &mut bytes).await? == 0 {
        return Ok(None);
    }
    if bytes.len() > LONGEST_LINE {
        lock(state).violations.push(format!("a line of {} octets", bytes.len()));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.strip_suffix("\r\n") {
        Some(line) => Ok(Some(line.to_owned())),
        None => {
            lock(state).violations.push(format!("a line that does not end with CRLF: {text:?}"));
            Ok(Some(text.trim_end().to_owned()))
        }
    }
}

async fn data(read: &mut (impl AsyncBufReadExt + Unpin), state: &Mutex<State>) -> io::Result<String> {
    let mut text = String::new();
    while let Some(line) = line(read, state).await? {
        if line == "." {
            break;
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
    for header in ["From:", "Date:", "Message-ID:", "Subject:", "MIME-Version:"] {
        if !text.split("\r\n\r\n").next().unwrap_or_default().lines().any(|l| l.starts_with(header)) {
            lock(state).violations.push(format!("a mail without {header}"));
        }
    }
    Ok(text)
}
