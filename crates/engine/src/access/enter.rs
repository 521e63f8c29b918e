//! Signing in: a password, perhaps a second factor, then a session whose token only the browser knows.

use std::time::Duration;

use frontdesk_kernel::{ids::*, scope::Server};
use frontdesk_store::{
    Tx, challenges, challenges::Challenge, factors, passkeys as stored, people, people::Person, sessions, work,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Answer, Refusal, Visitor, device, factors as second, passkeys,
    throttle::{self, Attempt},
    tokens,
    trail::Trail,
};
use crate::Desk;

/// A session ends when it was not used for so long.
pub const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);
/// However much it is used, a session ends after so long.
pub const LONGEST: Duration = Duration::from_secs(90 * 24 * 3600);
/// A second factor must follow within this time.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const FACTOR: &str = "factor";
/// Codes that may be tried after one password.
const TRIES: i64 = 5;
const WRONG: &str = "E-mail or password is wrong.";
const WRONG_FACTOR: &str = "The code is wrong or was used already.";

/// What the browser keeps from now on.
#[derive(Debug, Clone)]
pub struct Opened {
    pub session: SessionId,
    pub person: UserId,
    pub token: String,
    /// The mark of this browser.
    pub mark: String,
}

pub enum Step {
    In(Opened),
    /// One of these is asked for, with the challenge.
    Factor {
        challenge: String,
        factors: Vec<&'static str>,
        passkey: Option<Value>,
    },
}

/// What a second factor can be.
#[derive(Debug, Clone)]
pub enum Factor {
    Code(String),
    Recovery(String),
    Passkey(passkeys::Assertion),
}

/// What is remembered between password and second factor.
#[derive(Serialize, Deserialize)]
struct Waiting {
    email: String,
    passkey: Option<passkeys::Asked>,
}

pub fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The first step. An unknown e-mail costs the same time and gets the same answer.
pub async fn password(desk: &Desk, email: &str, password: String, visitor: &Visitor) -> Answer<Step> {
    let email = normal(email);
    let person = {
        let email = email.clone();
        desk.db.read(&Server, work!(tx => people::by_email(tx, &Server, &email).await)).await?
    };
    let attempt = Attempt::at(desk, "password", &email, person.as_ref().map(|p| &p.id), visitor);
    throttle::begin(desk, &attempt).await?;
    let hash = person.as_ref().map(|p| p.password_hash.clone()).filter(|h| !h.is_empty());
    let right = desk.access.passwords.verify(password, hash).await?;
    let Some(person) = person.filter(|p| right && p.active) else {
        metrics::counter!("frontdesk_sign_ins_total", "outcome" => "wrong").increment(1);
        return Err(Refusal::Wrong(WRONG));
    };
    first_step_done(desk, person, attempt, visitor).await
}

async fn first_step_done(desk: &Desk, person: Person, attempt: Attempt, visitor: &Visitor) -> Answer<Step> {
    let id = person.id.clone();
    let (app, keys) = desk
        .db
        .read(&Server, work!(tx => Ok((factors::totp(tx, &Server, &id).await?.is_some(), stored::list(tx, &Server, &id).await?))))
        .await?;
    let opening = new_session(desk, &person.id, visitor);
    if !app {
        let step = opening.clone();
        desk.db
            .write(
                &Server,
                work!(tx => {
                    throttle::succeeded(tx, &attempt).await?;
                    opening.open(tx).await
                }),
            )
            .await?;
        return Ok(Step::In(step.opened));
    }
    let token = tokens::make(desk.access.random.as_ref());
    let (options, asked) = passkeys::ask(desk, &keys).unzip();
    let waiting = Waiting { email: person.email.clone(), passkey: asked };
    let challenge = Challenge {
        hash: tokens::hash(&token),
        kind: FACTOR.into(),
        person: Some(person.id.clone()),
        detail: serde_json::to_string(&waiting).unwrap_or_default(),
        tries: 0,
        expires_at: desk.now().plus(PATIENCE),
    };
    desk.db
        .write(
            &Server,
            work!(tx => {
                throttle::succeeded(tx, &attempt).await?;
                challenges::insert(tx, &Server, &challenge).await
            }),
        )
        .await?;
    let mut factors = vec!["totp", "recovery_code"];
    if options.is_some() {
        factors.push("passkey");
    }
    Ok(Step::Factor { challenge: token, factors, passkey: options })
}

/// The second step.
pub async fn factor(desk: &Desk, challenge: &str, given: Factor, visitor: &Visitor) -> Answer<Opened> {
    let (hash, now) = (tokens::hash(challenge), desk.now());
    let h = hash.clone();
    let found = desk.db.write(&Server, work!(tx => challenges::attempt(tx, &Server, &h, FACTOR, now).await)).await?;
    let gone = Refusal::Gone("This sign-in has taken too long or was tried too often: begin again.");
    let Some((found, person)) = found.filter(|c| c.tries <= TRIES).and_then(|c| c.person.clone().map(|p| (c, p))) else {
        return Err(gone);
    };
    let waiting: Waiting = serde_json::from_str(&found.detail).map_err(|_| gone.clone())?;
    let attempt = Attempt::at(desk, FACTOR, &waiting.email, Some(&person), visitor);
    throttle::begin(desk, &attempt).await?;
    let proof = second::prove(desk, &person, given, waiting.passkey.as_ref()).await?.ok_or(Refusal::Wrong(WRONG_FACTOR))?;
    let opening = new_session(desk, &person, visitor);
    let opened = opening.opened.clone();
    let p = person.clone();
    let done = desk
        .db
        .write(
            &Server,
            work!(tx => {
                // The proof is used up with the challenge, or neither is.
                let still = people::get(tx, &Server, &p).await?.is_some_and(|p| p.active);
                if !still || !second::use_up(tx, &p, &proof, now).await? {
                    return Ok(Err(Refusal::Wrong(WRONG_FACTOR)));
                }
                if challenges::take(tx, &Server, &hash, FACTOR, now).await?.is_none() {
                    return Err(frontdesk_store::Error::Refused("this sign-in was finished already".into()));
                }
                throttle::succeeded(tx, &attempt).await?;
                opening.open(tx).await?;
                Ok(Ok(()))
            }),
        )
        .await;
    match done {
        Ok(done) => done.map(|()| opened),
        Err(frontdesk_store::Error::Refused(_)) => Err(gone),
        Err(e) => Err(e.into()),
    }
}

/// A session that is about to be written.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) opened: Opened,
    session: sessions::Session,
    trail: Trail,
}

/// The token is new with every session: nobody can have put it there before.
pub(super) fn new_session(desk: &Desk, person: &UserId, visitor: &Visitor) -> Opening {
    let (token, now) = (tokens::make(desk.access.random.as_ref()), desk.now());
    let session = sessions::Session {
        id: desk.id(),
        person: person.clone(),
        hash: tokens::hash(&token),
        address: visitor.address.chars().take(64).collect(),
        device: visitor.device.chars().filter(|c| !c.is_control()).take(200).collect(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus(IDLE),
    };
    let mark = match visitor.mark.as_deref().filter(|mark| device::read(&desk.signer, mark, person).is_some()) {
        Some(known) => known.to_owned(),
        None => device::mark(desk, person),
    };
    let opened = Opened { session: session.id.clone(), person: person.clone(), token, mark };
    Opening { opened, session, trail: Trail::of(desk, person) }
}

impl Opening {
    pub(super) async fn open(&self, tx: &mut Tx) -> frontdesk_store::Result<()> {
        metrics::counter!("frontdesk_sign_ins_total", "outcome" => "in").increment(1);
        sessions::insert(tx, &Server, &self.session).await?;
        let from = json!({ "address": self.session.address, "device": self.session.device });
        self.trail.write(tx, "session.create", self.session.id.as_str(), from).await
    }
}
