//! A visitor's browser on a business's site, as far as the server can tell.

use bytes::Bytes;
use frontdesk_store::{channels, channels::Channel, work};
use futures_util::{Stream, StreamExt};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Shop, TestDesk};

/// What signs the users of every business's site.
pub const IDENTITY_SECRET: &str = "an identity secret for tests";

pub struct Visitor<'d> {
    desk: &'d TestDesk,
    account: String,
    pub pass: String,
    /// The site that the chat stands on.
    pub origin: Option<String>,
}

/// What came back, with everything that a browser looks at.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Bytes,
}

impl Reply {
    /// `Null` when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
    /// Status and the problem's code.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// A user of the site as its server signs it.
pub fn signed(user_id: &str) -> Value {
    let mut mac = Hmac::<Sha256>::new_from_slice(IDENTITY_SECRET.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(user_id.as_bytes());
    let hash: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    json!({ "user_id": user_id, "hash": hash })
}

impl<'d> Shop<'d> {
    /// A browser that has not been here before, with a session.
    ///
    /// # Panics
    /// When it gets none.
    pub async fn visitor(&self) -> Visitor<'d> {
        let mut visitor = self.stranger();
        visitor.enter(None).await;
        visitor
    }

    /// A browser without a session.
    pub fn stranger(&self) -> Visitor<'d> {
        Visitor { desk: self.desk, account: self.scope.tenant().to_string(), pass: String::new(), origin: None }
    }

    /// # Panics
    /// When there is no web chat.
    pub async fn web_chat(&self) -> Channel {
        let s = self.scope.clone();
        let all = self.desk.engine.db.read(&self.scope, work!(tx => channels::list(tx, &s).await)).await;
        all.expect("channels are readable").into_iter().find(|c| c.kind == "webchat").expect("a business with a web chat")
    }

    /// # Panics
    /// When the database refuses it.
    pub async fn set_web_chat(&self, setting: &str, value: &str) {
        let mut channel = self.web_chat().await;
        channel.settings.insert(setting.to_owned(), value.into());
        let s = self.scope.clone();
        let written = self.desk.engine.db.write(&self.scope, work!(tx => channels::update(tx, &s, &channel).await)).await;
        assert!(written.expect("the channel can be changed"));
        self.desk.engine.directory.invalidate();
    }
}

impl Visitor<'_> {
    /// Any request to the chat.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        let answer = self.request(method, path, headers, body).send().await;
        let answer = answer.unwrap_or_else(|e| panic!("the desk does not answer: {e:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Reply { status, headers, bytes: answer.bytes().await.unwrap_or_default() }
    }

    fn request(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> reqwest::RequestBuilder {
        let url = format!("{}/webchat/{}{path}", self.desk.url, self.account);
        let mut request = self.desk.client.request(method, url).body(body.into());
        if !self.pass.is_empty() {
            request = request.bearer_auth(&self.pass);
        }
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(Method::POST, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Opens a session, as a user of the site or as the browser that it was.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn enter(&mut self, identity: Option<Value>) -> Value {
        let mut body = json!({});
        if !self.pass.is_empty() {
            body["pass"] = json!(self.pass);
        }
        if let Some(identity) = identity {
            body["identity"] = identity;
        }
        let reply = self.post("/session", &body).await;
        assert_eq!(reply.status, 201, "{:?}", reply.json());
        reply.json()["pass"].as_str().expect("a pass").clone_into(&mut self.pass);
        reply.json()
    }

    pub async fn say(&self, id: &str, text: &str) -> Reply {
        self.post("/messages", &json!({ "id": format!("message-{id}"), "text": text })).await
    }

    pub async fn upload(&self, name: &str, bytes: impl Into<Bytes>) -> Reply {
        self.ask(Method::POST, "/files", &[("x-file-name", name)], bytes).await
    }

    /// Who said what, in order.
    ///
    /// # Panics
    /// When the messages cannot be read.
    pub async fn messages(&self, query: &str) -> Vec<(i64, String, String)> {
        let reply = self.get(&format!("/messages{query}")).await;
        assert_eq!(reply.status, 200, "{:?}", reply.json());
        reply.json()["messages"].as_array().expect("messages").iter().map(line).collect()
    }

    /// The live stream from behind this number.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn stream(&self, after: i64) -> Live {
        let answer = self.request(Method::GET, &format!("/stream?after={after}"), &[], Bytes::new()).send().await;
        let answer = answer.expect("the stream opens");
        assert_eq!(answer.status(), 200);
        Live { bytes: Box::pin(answer.bytes_stream()), text: String::new() }
    }
}

fn line(m: &Value) -> (i64, String, String) {
    let text = m["parts"][0]["text"].as_str().unwrap_or_default();
    (m["seq"].as_i64().unwrap_or_default(), m["author"].as_str().unwrap_or_default().to_owned(), text.to_owned())
}

/// An open stream.
pub struct Live {
    bytes: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    text: String,
}

impl Live {
    /// The next event of this kind; others are passed over.
    ///
    /// # Panics
    /// When the stream ends before.
    pub async fn next(&mut self, kind: &str) -> Value {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if block.lines().any(|line| line == format!("event: {kind}")) {
                    let data = block.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
                    return serde_json::from_str(data).expect("an event carries JSON");
                }
            }
            let chunk = self.bytes.next().await.expect("the stream goes on").expect("and can be read");
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next message: number, author, text.
    pub async fn message(&mut self) -> (i64, String, String) {
        line(&self.next("message").await)
    }
}
