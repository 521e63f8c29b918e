//! What else a business does all day: a visitor of its site writes, pays and gets the money back, a person takes over, a list of contacts
//! comes in, credit is put in. Each is asked for until it is answered, and must have happened once.

use std::{
    fs,
    path::PathBuf,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::TRIED_FOR;
use crate::rig::{Fakes, ask_as, http::send_as};

/// The account of the business's web chat.
pub(super) const CHAT: &str = "shop-window";
/// Each is done so many times, so that a point is passed as often.
const ROUNDS: usize = 3;
const CONTACTS: usize = 4;

/// The errands, on their way.
pub(super) struct Errands(JoinHandle<Result<Vec<String>>>);

struct Doing {
    port: u16,
    key: String,
    payments: PathBuf,
    end: Instant,
    problems: Vec<String>,
}

impl Errands {
    pub(super) fn start(port: u16, key: &str, fakes: &Fakes) -> Errands {
        let mut doing = Doing {
            port,
            key: key.to_owned(),
            payments: fakes.payments.clone(),
            end: Instant::now() + TRIED_FOR,
            problems: Vec::new(),
        };
        Errands(thread::spawn(move || {
            doing.all()?;
            Ok(doing.problems)
        }))
    }

    pub(super) fn is_through(&self) -> bool {
        self.0.is_finished()
    }

    /// What went wrong.
    pub(super) fn problems(self) -> Result<Vec<String>> {
        self.0.join().unwrap_or_else(|_| bail!("an errand panicked"))
    }
}

/// Of one visitor: their pass, and how much they wrote.
struct Visit {
    pass: String,
    said: usize,
}

impl Doing {
    fn all(&mut self) -> Result<()> {
        let mut visit = self.enter()?;
        for round in 0..ROUNDS {
            self.top_up(round)?;
            self.take_in_contacts(round)?;
            self.talk(&mut visit, "hola")?;
            self.talk(&mut visit, "shop")?;
            self.take_over_and_give_back()?;
            self.talk(&mut visit, "till")?;
            self.give_back(round + 1)?;
        }
        self.answered_once(&visit)
    }

    /// Asks until somebody answers, whoever is restarted meanwhile.
    fn ask(&self, method: &str, path: &str, key: &str, body: &Value) -> Result<(u16, Value)> {
        loop {
            match ask_as(self.port, method, path, key, &body.to_string()) {
                Ok((status, text)) if status < 500 && status != 429 => {
                    return Ok((status, serde_json::from_str(&text).unwrap_or_default()));
                }
                _ if Instant::now() > self.end => bail!("{method} {path} was never answered"),
                _ => thread::sleep(Duration::from_millis(60)),
            }
        }
    }

    /// One try; nothing when nobody answered it.
    fn try_once(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let (status, text) = ask_as(self.port, method, path, &self.key, &body.to_string()).ok()?;
        (status < 500 && status != 429).then(|| (status, serde_json::from_str(&text).unwrap_or_default()))
    }

    fn get(&self, path: &str) -> Result<Value> {
        match self.ask("GET", path, &self.key, &Value::Null)? {
            (200, body) => Ok(body),
            (status, body) => bail!("GET {path} was answered with {status}: {body}"),
        }
    }

    /// Looks until it is as it should be.
    fn until<T>(&self, what: &str, mut look: impl FnMut(&Doing) -> Result<Option<T>>) -> Result<T> {
        loop {
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            if Instant::now() > self.end {
                bail!("waited in vain: {what}");
            }
            thread::sleep(Duration::from_millis(250));
        }
    }

    fn enter(&self) -> Result<Visit> {
        let (status, body) = self.ask("POST", &format!("/webchat/{CHAT}/session"), "", &json!({}))?;
        let pass = body["pass"].as_str().with_context(|| format!("a visitor was not let in: {status} {body}"))?;
        Ok(Visit { pass: pass.to_owned(), said: 0 })
    }

    /// Says a word of the model's, twice under one id, and waits for the answer.
    fn talk(&mut self, visit: &mut Visit, word: &str) -> Result<()> {
        visit.said += 1;
        let token = format!("v{}", visit.said);
        let said = json!({ "id": format!("message-{token}"), "text": format!("{word} ref:{token} {word}:{token}") });
        for _ in 0..2 {
            let (status, body) = self.ask("POST", &format!("/webchat/{CHAT}/messages"), &visit.pass, &said)?;
            if !(200..300).contains(&status) {
                bail!("a visitor's message was answered with {status}: {body}");
            }
        }
        let pass = visit.pass.clone();
        self.until(&format!("the answer to {token}"), |doing| Ok((doing.answers(&pass, &token)? > 0).then_some(())))
    }

    fn answers(&self, pass: &str, token: &str) -> Result<usize> {
        let (status, body) = self.ask("GET", &format!("/webchat/{CHAT}/messages?limit=100"), pass, &Value::Null)?;
        let messages = body["messages"].as_array().with_context(|| format!("the chat was answered with {status}: {body}"))?;
        let is_answer =
            |m: &&Value| m["author"] != "visitor" && has_token(m["parts"][0]["text"].as_str().unwrap_or_default(), token);
        Ok(messages.iter().filter(is_answer).count())
    }

    fn answered_once(&mut self, visit: &Visit) -> Result<()> {
        for n in 1..=visit.said {
            let answers = self.answers(&visit.pass, &format!("v{n}"))?;
            if answers != 1 {
                self.problems.push(format!("the visitor's message v{n} was answered {answers} times"));
            }
        }
        Ok(())
    }

    /// The latest link was paid; all of it is given back.
    fn give_back(&mut self, round: usize) -> Result<()> {
        let paid = |doing: &Doing| -> Result<Option<Value>> {
            let page = doing.get("/api/v1/payments")?;
            let all = page["items"].as_array().context("no list of payments")?;
            if all.len() > round {
                bail!("{} payments after {round} were asked for", all.len());
            }
            Ok(all.iter().find(|payment| payment["state"] == "paid").cloned())
        };
        let payment = self.until("a payment", paid)?;
        let path = format!("/api/v1/payments/{}", payment["id"].as_str().context("a payment has no id")?);
        let back = |doing: &Doing| -> Result<Option<()>> {
            let now = doing.get(&path)?;
            let refunds = now["refunds"].as_array().context("no refunds")?;
            if refunds.is_empty() {
                doing.try_once("POST", &format!("{path}/refund"), &json!({ "reason": "an errand" }));
                return Ok(None);
            }
            Ok((now["state"] == "refunded" && refunds.len() == 1 && refunds[0]["state"] == "succeeded").then_some(()))
        };
        self.until("a refund", back)?;
        for what in ["link", "refund"] {
            // It is written a moment after it was made.
            let made = self.until(&format!("{what} {round} in the vendor's log"), |doing| {
                let log = fs::read_to_string(&doing.payments)?;
                let is_one = |line: &&str| serde_json::from_str::<Value>(line).is_ok_and(|made| made[what].is_string());
                let made = log.lines().filter(is_one).count();
                Ok((made >= round).then_some(made))
            })?;
            if made != round {
                self.problems.push(format!("{made} times a {what} was made where {round} were asked for"));
            }
        }
        Ok(())
    }

    fn take_over_and_give_back(&mut self) -> Result<()> {
        let chats = self.get("/api/v1/conversations?limit=100")?;
        let items = chats["items"].as_array().context("no list of conversations")?;
        let ours = items.iter().find(|c| c.to_string().contains("\"webchat\"")).context("the visitor has no conversation")?;
        let path = format!("/api/v1/conversations/{}", ours["id"].as_str().context("a conversation has no id")?);
        for (mode, path, method, body) in [
            ("human", format!("{path}/takeover"), "POST", json!({})),
            ("bot", path.clone(), "PATCH", json!({ "state": { "mode": "bot" } })),
        ] {
            let (status, changed) = self.ask(method, &path, &self.key, &body)?;
            if status != 200 || !changed["conversation"]["state"].to_string().contains(&format!("\"{mode}\"")) {
                self.problems.push(format!("{method} {path} was answered with {status}: {changed}"));
            }
        }
        Ok(())
    }

    fn take_in_contacts(&mut self, round: usize) -> Result<()> {
        let rows: String = (0..CONTACTS).map(|n| format!("Contact {round} {n},+57310{:03}{n:04}\n", round + 100)).collect();
        let file = format!("name,phone\n{rows}");
        let import = self.until("an upload", |doing| {
            let answer =
                send_as(doing.port, "POST", "/api/v1/contacts/imports?file_name=list.csv", &doing.key, "text/csv", &file);
            let Ok((201, text)) = answer else { return Ok(None) };
            Ok(serde_json::from_str::<Value>(&text)?["import"]["id"].as_str().map(str::to_owned))
        })?;
        let path = format!("/api/v1/contacts/imports/{import}");
        let done = self.until("an import", |doing| {
            let now = doing.get(&path)?;
            if now["state"] == "previewed" {
                doing.try_once("POST", &format!("{path}/run"), &json!({ "mapping": ["name", "phone"] }));
            }
            Ok((now["state"] == "done").then_some(now))
        })?;
        if done["created"] != CONTACTS || done["failed"] != 0 {
            self.problems.push(format!("{CONTACTS} contacts were to come in: {done}"));
        }
        Ok(())
    }

    fn top_up(&mut self, round: usize) -> Result<()> {
        let note = format!("errand {round}");
        let entries = |doing: &Doing| -> Result<usize> {
            let page = doing.get("/api/v1/tokens/ledger?limit=100&kind=grant")?;
            let lines = page["items"].as_array().context("no ledger")?;
            Ok(lines.iter().filter(|line| line["note"] == note.as_str()).count())
        };
        self.until("a top-up", |doing| {
            if entries(doing)? == 0 {
                doing.try_once("POST", "/api/v1/tokens/top-ups", &json!({ "tokens": 10, "note": note }));
                return Ok(None);
            }
            Ok(Some(()))
        })?;
        let times = entries(self)?;
        if times != 1 {
            self.problems.push(format!("{note}: the tokens were put in {times} times"));
        }
        Ok(())
    }
}

/// `ref:v1` is not in `ref:v12`.
fn has_token(text: &str, token: &str) -> bool {
    text.split_whitespace().any(|word| word == format!("ref:{token}"))
}
