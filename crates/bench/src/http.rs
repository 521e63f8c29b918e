//! One connection to a server on this machine, kept alive; as little of a client as there can be, because its work is measured too.

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, task::JoinSet};

pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// Ends with it.
    _driver: JoinSet<()>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.with_context(|| format!("nobody listens on port {port}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move { drop(connection.await) });
        Ok(Connection { sender, _driver: driver })
    }

    /// False once the server has closed it, as it does when nothing was asked for a while.
    pub(crate) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Status and body.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<(u16, Bytes)> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// Asks once, on a connection of its own.
pub(crate) async fn get(port: u16, path: &str, key: Option<&str>) -> Result<(u16, Bytes)> {
    let mut request = Request::get(path).header(header::HOST, "127.0.0.1");
    if let Some(key) = key {
        request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
    }
    Connection::open(port).await?.send(request.body(Full::default())?).await
}

/// Changes something through the API; anything but success is an error.
pub(crate) async fn change(port: u16, method: &str, path: &str, key: &str, body: &Value) -> Result<Value> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {key}")).header(header::CONTENT_TYPE, "application/json");
    let (status, answer) = Connection::open(port).await?.send(request.body(Full::from(body.to_string()))?).await?;
    if !(200..300).contains(&status) {
        bail!("{method} {path} was answered with {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(serde_json::from_slice(&answer).unwrap_or_default())
}
