//! The desk as the world reaches it.

use frontdesk_kernel::Clock;
use serde_json::Value;

use super::TestDesk;
use crate::fakes;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Where it sends whoever asked.
    pub location: Option<String>,
    /// Seconds.
    pub retry_after: Option<u64>,
    pub text: String,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub(super) async fn of(answer: reqwest::Response) -> Answer {
        let header = |name: &str| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (location, retry_after) = (header("location"), header("retry-after").and_then(|v| v.parse().ok()));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, location, retry_after, text: answer.text().await.unwrap_or_default(), headers }
    }

    /// `Null` when it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

impl TestDesk {
    /// POSTs to a path with these headers.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn post_raw(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
        let mut request = self.client.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.body(body.into())).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.url))).await
    }

    /// As the holder of an API key.
    pub async fn get_as(&self, key: &str, path: &str) -> Answer {
        answer(self.client.get(format!("{}{path}", self.url)).bearer_auth(key)).await
    }

    pub async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(key);
        answer(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// Any request as the holder of an API key: `"PATCH"`, a path, headers, a body.
    ///
    /// # Panics
    /// When no answer comes, or the method is none.
    pub async fn ask_as(
        &self,
        key: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.body(body.into())).await
    }

    /// Any request, with these headers only.
    ///
    /// # Panics
    /// When no answer comes, or the method is none.
    pub async fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.body(body.into())).await
    }

    pub async fn patch_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.ask_as(key, "PATCH", path, &[("content-type", "application/json")], body.to_string()).await
    }

    pub async fn delete_as(&self, key: &str, path: &str) -> Answer {
        self.ask_as(key, "DELETE", path, &[], "").await
    }

    /// Any method, with a JSON body.
    pub async fn json_as(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.ask_as(key, method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// POSTs a webhook as Meta does, signed over these very bytes.
    pub async fn deliver_bytes(&self, body: impl Into<Vec<u8>>, app_secret: &str) -> Answer {
        let body = body.into();
        let signature = fakes::sign(app_secret, &body);
        self.post_raw("/webhooks/whatsapp", &[("x-hub-signature-256", &signature)], body).await
    }

    /// The same for a webhook that is sent now.
    pub async fn deliver(&self, webhook: Value, app_secret: &str) -> Answer {
        let webhook = fakes::sent_at(webhook, self.clock.now().0 / 1000);
        self.deliver_bytes(webhook.to_string(), app_secret).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap_or_else(|e| panic!("the desk does not answer: {e:?}"))).await
}
