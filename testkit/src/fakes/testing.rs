//! A plain client for the tests of the fakes.

use std::time::Duration;

use serde_json::{Value, json};

use super::inbound;

pub(super) const SOON: Duration = Duration::from_secs(10);

pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    header: (&'static str, String),
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn bearer(base: &str) -> Client {
        Client { http: inbound::client(4), base: base.to_owned(), header: ("authorization", "Bearer test-token".to_owned()) }
    }
    pub(super) fn google(base: &str) -> Client {
        Client { http: inbound::client(4), base: base.to_owned(), header: ("x-goog-api-key", "test-key".to_owned()) }
    }
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        self.send(self.http.post(format!("{}{path}", self.base)).json(body)).await
    }
    pub(super) async fn get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        self.send(self.http.get(url)).await
    }
    pub(super) async fn upload(&self, path: &str, form: reqwest::multipart::Form) -> Result<Answer, reqwest::Error> {
        self.send(self.http.post(format!("{}{path}", self.base)).multipart(form)).await
    }
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let answer = request.header(self.header.0, &self.header.1).send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Answer { status, headers, body: answer.bytes().await?.to_vec() })
    }
    /// Without any credential.
    pub(super) async fn anonymous(&self, path: &str) -> Answer {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
    /// The `data` of a stream's events.
    pub(super) fn events(&self) -> Vec<String> {
        assert_eq!(self.header("content-type"), Some("text/event-stream"), "{}", self.text());
        self.text().split("\n\n").filter(|e| !e.is_empty()).map(|e| e.strip_prefix("data: ").unwrap().to_owned()).collect()
    }
}

pub(super) fn text_to(to: &str, text: &str, echo: &str) -> Value {
    json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": to,
        "type": "text", "text": {"preview_url": false, "body": text}, "biz_opaque_callback_data": echo,
    })
}

pub(super) fn tool(name: &str) -> Value {
    json!({"name": name, "description": "d", "parameters": {
        "type": "object", "properties": {"start": {"type": "string"}}, "required": ["start"],
    }})
}
