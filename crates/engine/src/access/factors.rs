//! The second factor: codes of an authenticator app, recovery codes, a passkey.

use std::time::Duration;

use frontdesk_kernel::{Secret, Timestamp, ids::UserId, random, scope::Server};
use frontdesk_store::{Tx, challenges, challenges::Challenge, factors, passkeys as stored, people, work};
use serde_json::json;
use totp_rs::{Builder, Totp};

use super::{
    Answer, Refusal, Visitor,
    enter::Factor,
    passkeys,
    throttle::{self, Attempt},
    tokens,
    trail::Trail,
};
use crate::Desk;

const FIELD: &str = "totp";
const SET_UP: &str = "totp";
/// An app must be set up within this time.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const TRIES: i64 = 10;
const LATE: &str = "Setting up the app has taken too long: begin again.";
const RECOVERY_CODES: usize = 10;
/// How long a sign-in shows who asks.
const FRESH: Duration = Duration::from_secs(10 * 60);
const AGAIN: &str = "It has been more than ten minutes since you signed in: sign out and in again, then do this.";

/// What was shown to be theirs; it is used up in the transaction that lets them in.
pub(super) enum Proof {
    Step(i64),
    Recovery(String),
    Passkey(passkeys::Proof),
}

/// Judges a factor; nothing is used up yet.
pub(super) async fn prove(desk: &Desk, person: &UserId, given: Factor, asked: Option<&passkeys::Asked>) -> Answer<Option<Proof>> {
    match given {
        Factor::Code(code) => {
            let p = person.clone();
            let sealed = desk.db.read(&Server, work!(tx => factors::totp(tx, &Server, &p).await)).await?;
            let Some(sealed) = sealed else { return Ok(None) };
            Ok(step(&opened(desk, person, &sealed)?, &code, desk.now()).map(Proof::Step))
        }
        Factor::Recovery(code) => Ok(Some(Proof::Recovery(recovery_hash(person, &code)))),
        Factor::Passkey(assertion) => {
            let Some(asked) = asked else { return Ok(None) };
            let p = person.clone();
            let keys = desk.db.read(&Server, work!(tx => stored::list(tx, &Server, &p).await)).await?;
            let key = keys.into_iter().find(|k| k.credential == assertion.id);
            Ok(key.and_then(|key| passkeys::prove(desk, asked, &assertion, &key, false)).map(Proof::Passkey))
        }
    }
}

/// `false` when it was used up already.
pub(super) async fn use_up(tx: &mut Tx, person: &UserId, proof: &Proof, now: Timestamp) -> frontdesk_store::Result<bool> {
    match proof {
        Proof::Step(step) => factors::use_step(tx, &Server, person, *step).await,
        Proof::Recovery(hash) => factors::use_recovery(tx, &Server, person, hash, now).await,
        Proof::Passkey(proof) => passkeys::use_up(tx, proof, now).await,
    }
}

/// What the app needs, as a link (for a QR code) and as text to type.
pub struct NewApp {
    pub challenge: String,
    pub uri: String,
    pub secret: String,
}

/// Whether codes of an app are asked for: another takes its place only when they show that it is them.
pub async fn has_app(desk: &Desk, person: &UserId) -> Answer<bool> {
    let p = person.clone();
    Ok(desk.db.read(&Server, work!(tx => factors::totp(tx, &Server, &p).await)).await?.is_some())
}

/// Begins to set up an app; nothing holds until a code of it was shown.
pub async fn begin(desk: &Desk, person: &UserId, email: &str) -> Answer<NewApp> {
    let secret: [u8; 20] = random::bytes(desk.access.random.as_ref());
    let app = totp(secret.to_vec(), email)?;
    let uri = app.to_url().map_err(|e| broken(&e))?;
    let secret = app.secret().to_base32();
    let token = tokens::make(desk.access.random.as_ref());
    let challenge = Challenge {
        hash: tokens::hash(&token),
        kind: SET_UP.into(),
        person: Some(person.clone()),
        detail: seal(desk, person, &secret),
        tries: 0,
        expires_at: desk.now().plus(PATIENCE),
    };
    desk.db.write(&Server, work!(tx => challenges::insert(tx, &Server, &challenge).await)).await?;
    Ok(NewApp { challenge: token, uri, secret })
}

/// The app is theirs: from now on it is asked for. Returns the recovery codes, shown only now.
pub async fn confirm(desk: &Desk, person: &UserId, challenge: &str, code: &str) -> Answer<Vec<String>> {
    let (hash, now) = (tokens::hash(challenge), desk.now());
    let h = hash.clone();
    let found = desk.db.write(&Server, work!(tx => challenges::attempt(tx, &Server, &h, SET_UP, now).await)).await?;
    let found = found.filter(|c| c.tries <= TRIES && c.person.as_ref() == Some(person)).ok_or(Refusal::Gone(LATE))?;
    let app = opened(desk, person, &found.detail)?;
    let step =
        step(&app, code, now).ok_or_else(|| Refusal::Field("code", "this is not the code that the app shows now".into()))?;
    let (codes, hashes) = new_recovery(desk, person);
    let (p, trail) = (person.clone(), Trail::of(desk, person));
    let done = desk
        .db
        .write(
            &Server,
            work!(tx => {
                if challenges::take(tx, &Server, &hash, SET_UP, now).await?.is_none() {
                    return Ok(false);
                }
                // What was begun before there was this app does not take its place.
                challenges::forget(tx, &Server, &p).await?;
                factors::set_totp(tx, &Server, &p, &found.detail, step, now).await?;
                factors::set_recovery(tx, &Server, &p, &hashes).await?;
                trail.write(tx, "factor.create", p.as_str(), json!({ "kind": "totp" })).await?;
                Ok(true)
            }),
        )
        .await?;
    if done { Ok(codes) } else { Err(Refusal::Gone(LATE)) }
}

/// New recovery codes; the old ones are worth nothing any more.
pub async fn renew_recovery(desk: &Desk, person: &UserId) -> Answer<Vec<String>> {
    let (codes, hashes) = new_recovery(desk, person);
    let (p, trail) = (person.clone(), Trail::of(desk, person));
    let has_app = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let has_app = factors::totp(tx, &Server, &p).await?.is_some();
                if has_app {
                    factors::set_recovery(tx, &Server, &p, &hashes).await?;
                    trail.write(tx, "factor.update", p.as_str(), json!({ "kind": "recovery_code" })).await?;
                }
                Ok(has_app)
            }),
        )
        .await?;
    if has_app { Ok(codes) } else { Err(Refusal::Conflict("no_app", "There is no authenticator app to recover from.".into())) }
}

/// Whether it is really them who asks: by their password, or by a sign-in that is still fresh (`since`) for whoever has none, because they
/// come by single sign-on. A session alone may be stolen.
pub async fn is_them(desk: &Desk, person: &UserId, since: Timestamp, password: String, visitor: &Visitor) -> Answer<()> {
    let p = person.clone();
    let found =
        desk.db.read(&Server, work!(tx => people::get(tx, &Server, &p).await)).await?.ok_or(Refusal::Missing("person"))?;
    if found.password_hash.is_empty() {
        let fresh = desk.now().since(since) < FRESH;
        return if fresh { Ok(()) } else { Err(Refusal::Conflict("sign_in_again", AGAIN.into())) };
    }
    if password.is_empty() {
        return Err(Refusal::Field("password", "this needs your password".into()));
    }
    let attempt = Attempt::at(desk, "again", person.as_str(), Some(person), visitor);
    throttle::begin(desk, &attempt).await?;
    if !desk.access.passwords.verify(password, Some(found.password_hash)).await? {
        return Err(Refusal::Field("password", "this is not your password".into()));
    }
    desk.db.write(&Server, work!(tx => throttle::succeeded(tx, &attempt).await)).await?;
    Ok(())
}

pub async fn remove(desk: &Desk, person: &UserId) -> Answer<()> {
    let (p, trail) = (person.clone(), Trail::of(desk, person));
    desk.db
        .write(
            &Server,
            work!(tx => {
                if factors::remove_totp(tx, &Server, &p).await? {
                    trail.write(tx, "factor.delete", p.as_str(), json!({ "kind": "totp" })).await?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(())
}

fn totp(secret: Vec<u8>, email: &str) -> Answer<Totp> {
    Builder::new()
        .with_secret(secret)
        .with_skew(1)
        .with_issuer(Some("frontdesk"))
        .with_account_name(email.replace(':', " "))
        .build()
        .map_err(|e| broken(&e))
}

/// The step that a code belongs to, now or one before or after.
fn step(app: &Totp, code: &str, now: Timestamp) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    app.check(&digits, now.0.max(0) as u64 / 1000).and_then(|step| i64::try_from(step).ok())
}

fn seal(desk: &Desk, person: &UserId, secret: &str) -> String {
    desk.vault.seal_for(person.as_str(), FIELD, &Secret::new(secret), random::bytes(desk.access.random.as_ref()))
}

fn opened(desk: &Desk, person: &UserId, sealed: &str) -> Answer<Totp> {
    let secret = desk.vault.open_for(person.as_str(), FIELD, sealed).map_err(|e| broken(&e))?;
    let bytes = totp_rs::Secret::try_from_base32(secret.reveal()).map_err(|e| broken(&e))?;
    totp(bytes.as_ref().to_vec(), "frontdesk")
}

/// 80 bits each, in groups that a person can copy.
fn new_recovery(desk: &Desk, person: &UserId) -> (Vec<String>, Vec<String>) {
    let code = || {
        let text = random::text(desk.access.random.as_ref(), 16).to_lowercase();
        format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..])
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let hashes = codes.iter().map(|code| recovery_hash(person, code)).collect();
    (codes, hashes)
}

fn recovery_hash(person: &UserId, code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    tokens::hash(&format!("{person} {}", letters.to_lowercase()))
}

fn broken(e: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(error = %e, "a second factor cannot be used");
    Refusal::Unavailable("The second factor cannot be checked: the server's key may have changed. Use a recovery code.".into())
}
