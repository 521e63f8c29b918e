//! A browser: keeps cookies, says where its page comes from, and has an address and a name.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use super::{Answer, TestDesk};

/// Somebody at a screen. Two browsers share nothing.
pub struct Browser<'d> {
    desk: &'d TestDesk,
    jar: Mutex<BTreeMap<String, String>>,
    /// Of the page that is open.
    origin: Option<String>,
    address: String,
}

impl TestDesk {
    /// A browser on our own page, at an address.
    pub fn browser_at(&self, address: &str) -> Browser<'_> {
        Browser { desk: self, jar: Mutex::default(), origin: Some(self.url.clone()), address: address.to_owned() }
    }

    pub fn browser(&self) -> Browser<'_> {
        self.browser_at("192.0.2.1")
    }
}

impl<'d> Browser<'d> {
    /// The same browser on a page of somebody else's (or on none), with the same cookies.
    #[must_use]
    pub fn on_page_of(&self, origin: Option<&str>) -> Browser<'d> {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Browser { desk: self.desk, jar: Mutex::new(jar), origin: origin.map(str::to_owned), address: self.address.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body), &[]).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.ask("PATCH", path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None, &[]).await
    }

    /// Signs in with a password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/session", &serde_json::json!({ "email": email, "password": password })).await
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let method = method.parse().expect("a method");
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.desk.url) };
        let mut request = self.desk.client.request(method, url).header("x-forwarded-for", &self.address);
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap_or_else(|e| panic!("the desk does not answer: {e:?}"));
        self.keep(answer.headers());
        Answer::of(answer).await
    }

    fn keep(&self, headers: &reqwest::header::HeaderMap) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()) {
            let (pair, attributes) = cookie.split_once(';').expect("a cookie has attributes");
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            for must in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(attributes.contains(must), "{cookie}");
            }
            if attributes.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Somebody puts a cookie there.
    pub fn plant(&self, name: &str, value: &str) {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }
}
