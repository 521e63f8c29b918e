//! A mailbox that is read over IMAP4rev1 (RFC 3501) and holds clients to the order and the forms of its commands.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_util::sync::DropGuard;

use super::server::listen;

const USER: &str = "desk@luna.example";
const PASSWORD: &str = "its password";

#[derive(Default)]
struct State {
    validity: u32,
    /// Number and mail.
    mails: Vec<(u32, String)>,
    next: u32,
    violations: Vec<String>,
    fault: Option<MailboxFault>,
}

/// What happens to every mail that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxFault {
    /// The connection ends in the middle of it.
    HangUp,
    /// NO, later.
    Refuse,
}

/// Dropping it closes the port.
pub struct FakeImap {
    url: String,
    state: Arc<Mutex<State>>,
    _running: DropGuard,
}

impl FakeImap {
    pub async fn start() -> io::Result<FakeImap> {
        let state = Arc::new(Mutex::new(State { validity: 7, next: 1, ..State::default() }));
        let shared = state.clone();
        let (address, running) = listen(move |stream| {
            let state = shared.clone();
            async move { drop(talk(stream, &state).await) }
        })
        .await?;
        let url = format!("imap://{}:{}@{address}", USER.replace('@', "%40"), PASSWORD.replace(' ', "%20"));
        Ok(FakeImap { url, state, _running: running })
    }

    /// `imap://user:password@127.0.0.1:port`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A mail arrives.
    pub fn deliver(&self, mail: &str) {
        let mut state = lock(&self.state);
        let number = state.next;
        // Numbers have gaps.
        state.next += 3;
        state.mails.push((number, mail.replace("\r\n", "\n").replace('\n', "\r\n")));
    }

    /// It is another mailbox now, with other numbers.
    pub fn renumber(&self) {
        let mut state = lock(&self.state);
        state.validity += 1;
        for (at, (number, _)) in state.mails.iter_mut().enumerate() {
            *number = u32::try_from(at).unwrap_or_default() + 1;
        }
        state.next = u32::try_from(state.mails.len()).unwrap_or_default() + 1;
    }

    /// From now on; `None`: nothing.
    pub fn fail(&self, fault: Option<MailboxFault>) {
        lock(&self.state).fault = fault;
    }

    pub fn violations(&self) -> Vec<String> {
        lock(&self.state).violations.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where in the conversation we are (RFC 3501, 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Greeted,
    Authenticated,
    Selected,
}

async fn talk(stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"* OK ready\r\n").await?;
    let mut stage = Stage::Greeted;
    while let Some(line) = lines.next_line().await? {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or((&line, ""));
        let verb = command.split(' ').take(if command.starts_with("UID ") { 2 } else { 1 }).collect::<Vec<_>>().join(" ");
        let needs = match verb.as_str() {
            "UID SEARCH" | "UID FETCH" => Stage::Selected,
            "EXAMINE" => Stage::Authenticated,
            _ => Stage::Greeted,
        };
        let rest = command[verb.len()..].trim_start();
        let answer = if stage < needs {
            Err(format!("{verb} before it may be asked"))
        } else {
            match verb.as_str() {
                "CAPABILITY" => Ok("* CAPABILITY IMAP4rev1\r\n".into()),
                "NOOP" => Ok(String::new()),
                "LOGIN" if rest == format!("\"{USER}\" \"{PASSWORD}\"") => {
                    stage = Stage::Authenticated;
                    Ok(String::new())
                }
                "LOGIN" => {
                    write.write_all(format!("{tag} NO wrong user or password\r\n").as_bytes()).await?;
                    continue;
                }
                "EXAMINE" if rest == "\"INBOX\"" => {
                    stage = Stage::Selected;
                    Ok(examined(&lock(state)))
                }
                "UID SEARCH" => searched(&lock(state), rest),
                "UID FETCH" => {
                    let (fetched, fault) = {
                        let state = lock(state);
                        (fetched(&state, rest), state.fault)
                    };
                    match (fault, &fetched) {
                        (Some(MailboxFault::HangUp), Ok(mail)) => {
                            return write.write_all(&mail.as_bytes()[..mail.len() / 2]).await;
                        }
                        (Some(MailboxFault::Refuse), _) => {
                            write.write_all(format!("{tag} NO [UNAVAILABLE] later\r\n").as_bytes()).await?;
                            continue;
                        }
                        _ => fetched,
                    }
                }
                "LOGOUT" => {
                    write.write_all(format!("* BYE\r\n{tag} OK\r\n").as_bytes()).await?;
                    return Ok(());
                }
                other => Err(format!("{other} {rest}")),
            }
        };
        let said = match answer {
            Ok(said) => format!("{said}{tag} OK done\r\n"),
            Err(violation) => {
                lock(state).violations.push(violation);
                format!("{tag} BAD that is no command here\r\n")
            }
        };
        write.write_all(said.as_bytes()).await?;
    }
    Ok(())
}

fn examined(state: &State) -> String {
    let (count, validity, next) = (state.mails.len(), state.validity, state.next);
    format!(
        "* {count} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY {validity}] valid\r\n* OK [UIDNEXT {next}] next\r\n"
    )
}

/// `UID 5:*`, and what it names when nothing is so new.
fn searched(state: &State, asked: &str) -> Result<String, String> {
    let from: u32 = asked
        .strip_prefix("UID ")
        .and_then(|range| range.strip_suffix(":*"))
        .and_then(|from| from.parse().ok())
        .ok_or_else(|| format!("UID SEARCH {asked}"))?;
    let newest = state.mails.last().map(|(number, _)| *number).unwrap_or_default();
    let found = state.mails.iter().filter(|(number, _)| *number >= from.min(newest)).map(|(number, _)| format!(" {number}"));
    Ok(format!("* SEARCH{}\r\n", found.collect::<String>()))
}

/// `5 (UID BODY.PEEK[]<0.65536>)`: the beginning, and nothing is marked as seen.
fn fetched(state: &State, asked: &str) -> Result<String, String> {
    let bad = || format!("UID FETCH {asked}");
    let (number, parts) = asked.split_once(' ').ok_or_else(bad)?;
    let number: u32 = number.parse().map_err(|_| bad())?;
    let most = parts.strip_prefix("(UID BODY.PEEK[]<0.").and_then(|rest| rest.strip_suffix(">)")).ok_or_else(bad)?;
    let most: usize = most.parse().map_err(|_| bad())?;
    let Some(at) = state.mails.iter().position(|(n, _)| *n == number) else { return Ok(String::new()) };
    let mail = &state.mails[at].1.as_bytes()[..state.mails[at].1.len().min(most)];
    let mail = String::from_utf8_lossy(mail);
    Ok(format!("* {} FETCH (UID {number} BODY[]<0> {{{}}}\r\n{mail})\r\n", at + 1, mail.len()))
}
