//! A mailbox over IMAP4rev1 (RFC 3501): one connection per look, encrypted wherever it leaves this machine. Nothing in it is changed: what was
//! read is remembered by number, and people may keep reading the same mailbox.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_imap::{
    Client, Session,
    imap_proto::{AttributeValue, MailboxDatum, RequestId, Response, Status},
};
use async_trait::async_trait;
use frontdesk_kernel::{
    Secret,
    ports::{
        mail::MailError,
        mailbox::{Arrived, Mailbox, Place},
    },
};
use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls};

use super::letter;

/// For a whole look.
const TIMEOUT: Duration = Duration::from_secs(60);
/// No further mail is begun after this long.
const LONG_ENOUGH: Duration = Duration::from_secs(30);
/// Bytes of a mail that are fetched: an answer stands at its beginning.
const BEGINNING: usize = 65_536;

/// Why there is no mailbox: a configuration matter.
#[derive(Debug, Clone, thiserror::Error)]
#[error("IMAP_URL is not imaps://user:password@host: {0}")]
pub struct ImapError(String);

pub struct Imap {
    host: String,
    port: u16,
    user: String,
    password: Secret,
    tls: Option<TlsConnector>,
    folder: String,
    name: String,
}

/// What TLS and a plain connection have in common.
trait Wire: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + std::fmt::Debug> Wire for T {}

impl Imap {
    /// `imaps://user:password@host[:993][/folder]`; `imap://` without encryption to this machine only. A `@` in the user is written `%40`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn new(url: &Secret) -> Result<Imap, ImapError> {
        let bad = |why: &str| ImapError(why.to_owned());
        let url = url::Url::parse(url.reveal()).map_err(|e| ImapError(e.to_string()))?;
        let host = url.host_str().ok_or_else(|| bad("there is no host"))?.trim_matches(['[', ']']).to_owned();
        let is_local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
        let (tls, usual) = match url.scheme() {
            "imaps" => (Some(connector()), 993),
            "imap" if is_local => (None, 143),
            "imap" => return Err(bad("without encryption only this machine is asked: write imaps://")),
            other => return Err(ImapError(format!("`{other}` is another protocol"))),
        };
        let plain = |text: &str| match percent_decode_str(text).decode_utf8() {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(bad("what is written with % is no text")),
        };
        let (user, password) = (plain(url.username())?, plain(url.password().unwrap_or_default())?);
        if user.is_empty() || password.is_empty() {
            return Err(bad("user or password is missing"));
        }
        let folder = plain(url.path().trim_matches('/'))?;
        let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
        let name = format!("{user}@{host}/{folder}");
        Ok(Imap { port: url.port().unwrap_or(usual), host, user, password: Secret::new(password), tls, folder, name })
    }

    async fn open(&self) -> Result<Session<Box<dyn Wire>>, MailError> {
        let failed = |e: std::io::Error| MailError::Failed(format!("{} cannot be reached: {}", self.host, e.kind()));
        let plain = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(failed)?;
        let wire: Box<dyn Wire> = match &self.tls {
            Some(tls) => {
                let name = rustls::pki_types::ServerName::try_from(self.host.clone())
                    .map_err(|_| MailError::Refused(format!("{} is no name of a server", self.host)))?;
                Box::new(tls.connect(name, plain).await.map_err(failed)?)
            }
            None => Box::new(plain),
        };
        let mut client = Client::new(wire);
        if client.read_response().await.map_err(failed)?.is_none() {
            return Err(MailError::Failed("the mail server hung up".into()));
        }
        // What it says to a wrong password may hold the name.
        client.login(&self.user, self.password.reveal()).await.map_err(|(e, _)| match e {
            async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_) => {
                MailError::Refused("the mail server does not take that user and password".into())
            }
            other => told(&other),
        })
    }

    async fn look(&self, since: Option<Place>, most: usize) -> Result<Arrived, MailError> {
        let began = Instant::now();
        let mut session = self.open().await?;
        let folder = session.examine(&self.folder).await.map_err(|e| told(&e))?;
        let validity = folder.uid_validity.ok_or_else(|| MailError::Refused("the mail server numbers no mails".into()))?;
        let Some(next) = folder.uid_next else {
            return Err(MailError::Refused("the mail server does not number mails ahead".into()));
        };
        let newest = next.saturating_sub(1);
        let Some(place) = since.filter(|place| place.validity == validity) else {
            let _ = session.logout().await;
            return Ok(Arrived { letters: Vec::new(), place: Place { validity, last: newest } });
        };
        let (mut letters, mut last) = (Vec::new(), place.last);
        if newest > place.last {
            let mut found = found_after(&mut session, place.last).await?;
            found.sort_unstable();
            found.truncate(most);
            for uid in found {
                match fetch(&mut session, uid).await {
                    Ok(raw) => letters.extend(raw.map(|raw| letter::read(uid, &raw))),
                    // What was read so far is not read again.
                    Err(e) if letters.is_empty() => return Err(e),
                    Err(_) => break,
                }
                last = uid;
                if began.elapsed() > LONG_ENOUGH {
                    break;
                }
            }
        }
        let _ = session.logout().await;
        Ok(Arrived { letters, place: Place { validity, last } })
    }
}

type Wired = Session<Box<dyn Wire>>;

/// Numbers above that one. Only a whole answer counts: one that breaks off would pass for "nothing there".
async fn found_after(session: &mut Wired, last: u32) -> Result<Vec<u32>, MailError> {
    // `n:*` names the newest even where it is older than n.
    let asked = session.run_command(format!("UID SEARCH UID {}:*", last.saturating_add(1))).await.map_err(|e| told(&e))?;
    let mut found = Vec::new();
    answered(session, &asked, |response| {
        if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
            found.extend(uids.iter().copied().filter(|uid| *uid > last));
        }
    })
    .await?;
    Ok(found)
}

/// The beginning of a mail; `None`: it was deleted meanwhile.
async fn fetch(session: &mut Wired, uid: u32) -> Result<Option<Vec<u8>>, MailError> {
    let asked = session.run_command(format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{BEGINNING}>)")).await.map_err(|e| told(&e))?;
    let mut raw = None;
    answered(session, &asked, |response| {
        let Response::Fetch(_, parts) = response else { return };
        let is_it = parts.iter().any(|part| matches!(part, AttributeValue::Uid(this) if *this == uid));
        let body = parts.iter().find_map(|part| match part {
            AttributeValue::BodySection { section: None, data: Some(body), .. } => Some(body.to_vec()),
            _ => None,
        });
        if is_it && body.is_some() {
            raw = body;
        }
    })
    .await?;
    Ok(raw)
}

/// Reads up to the end of the answer to this command; anything but OK is an error.
async fn answered(session: &mut Wired, asked: &RequestId, mut each: impl FnMut(&Response<'_>)) -> Result<(), MailError> {
    loop {
        let response = session
            .read_response()
            .await
            .map_err(|e| MailError::Failed(format!("the mailbox could not be read: {}", e.kind())))?;
        let response = response.ok_or_else(|| MailError::Failed("the mail server hung up".into()))?;
        match response.parsed() {
            Response::Done { tag, status: Status::Ok, .. } if tag == asked => return Ok(()),
            Response::Done { tag, .. } if tag == asked => {
                return Err(MailError::Failed("the mail server does not do what it is asked".into()));
            }
            other => each(other),
        }
    }
}

#[async_trait]
impl Mailbox for Imap {
    fn name(&self) -> &str {
        &self.name
    }

    async fn since(&self, since: Option<Place>, most: usize) -> Result<Arrived, MailError> {
        tokio::time::timeout(TIMEOUT, self.look(since, most)).await.unwrap_or_else(|_| Err(too_slow()))
    }

    async fn check(&self) -> Result<String, MailError> {
        let looked = tokio::time::timeout(TIMEOUT, self.look(None, 0)).await.unwrap_or_else(|_| Err(too_slow()));
        looked.map(|_| "the mailbox can be read".to_owned())
    }
}

fn too_slow() -> MailError {
    MailError::Failed(format!("the mail server did not answer within {} s", TIMEOUT.as_secs()))
}

/// In words of ours: its own hold what was being read.
fn told(error: &async_imap::error::Error) -> MailError {
    use async_imap::error::Error;
    let why = match error {
        Error::Io(e) => e.kind().to_string(),
        Error::No(_) => "the server refused a command".to_owned(),
        Error::Bad(_) => "the server did not know a command".to_owned(),
        Error::ConnectionLost => "the connection was lost".to_owned(),
        _ => "the server said what cannot be read".to_owned(),
    };
    MailError::Failed(format!("the mailbox could not be read: {why}"))
}

fn connector() -> TlsConnector {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    TlsConnector::from(Arc::new(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}
