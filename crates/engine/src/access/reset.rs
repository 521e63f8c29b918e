//! A new password: by a link from a mail, by one's own wish, or because somebody else knows the old one.

use std::time::Duration;

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};
use frontdesk_store::{Tx, challenges, people, people::Person, resets, sessions, work};
use serde_json::json;

use super::{
    Answer, Refusal, Visitor,
    enter::{self, Opened},
    factors, letters, mail,
    throttle::{self, Attempt},
    tokens,
    trail::Trail,
};
use crate::Desk;

const VALID: Duration = Duration::from_secs(3600);
/// Links that are valid at once; who asks more often gets no more mails.
const MOST: i64 = 3;
const GONE: &str = "This link was used, replaced, or is older than an hour: ask for a new one.";

/// Sends a link if somebody has this e-mail. The caller cannot tell whether anybody has.
pub async fn ask(desk: &Desk, email: &str, visitor: &Visitor) -> Answer<()> {
    if desk.access.mailer.is_none() {
        return Err(Refusal::Conflict("no_mail", "This server sends no mail: ask an administrator for a new password.".into()));
    }
    let email = enter::normal(email);
    throttle::begin(desk, &Attempt::at(desk, "reset", &email, None, visitor)).await?;
    let (token, now) = (tokens::make(desk.access.random.as_ref()), desk.now());
    let hash = tokens::hash(&token);
    let person = desk.db.read(&Server, work!(tx => people::by_email(tx, &Server, &email).await)).await?.filter(|p| p.active);
    // Nobody: the same work is done for nobody, and thrown away.
    let language = person.as_ref().and_then(|p| p.language.clone()).unwrap_or_else(|| "es".into());
    let name = person.as_ref().map_or("", |p| p.name.as_str());
    let link = desk.access.link(&format!("/reset/{token}"));
    let to = person.as_ref().map_or("", |p| p.email.as_str());
    let letter = mail::letter(desk, "reset", to, letters::reset(&language, name, &link));
    desk.db
        .write(
            &Server,
            work!(tx => {
                let Some(person) = person else { return Ok(()) };
                if resets::count(tx, &Server, &person.id, now).await? < MOST {
                    resets::insert(tx, &Server, &person.id, &hash, now, now.plus(VALID)).await?;
                    mail::post(tx, &letter).await?;
                }
                Ok(())
            }),
        )
        .await?;
    desk.wake.mail.notify_one();
    Ok(())
}

/// Whether a link still opens something.
pub async fn is_open(desk: &Desk, token: &str) -> Answer<()> {
    let (hash, now) = (tokens::hash(token), desk.now());
    let person = desk.db.read(&Server, work!(tx => resets::person(tx, &Server, &hash, now).await)).await?;
    person.map(drop).ok_or(Refusal::Gone(GONE))
}

/// Sets the password by a link. Every session ends, every other link too; signing in is the next step.
pub async fn redeem(desk: &Desk, token: &str, password: String) -> Answer<()> {
    let (hash, now) = (tokens::hash(token), desk.now());
    let h = hash.clone();
    let found = desk
        .db
        .read(
            &Server,
            work!(tx => {
                let Some(id) = resets::person(tx, &Server, &h, now).await? else { return Ok(None) };
                people::get(tx, &Server, &id).await
            }),
        )
        .await?;
    let person = found.filter(|p| p.active).ok_or(Refusal::Gone(GONE))?;
    let password_hash = new_hash(desk, &person, password).await?;
    let trail = Trail::of(desk, &person.id);
    let done = desk
        .db
        .write(
            &Server,
            work!(tx => {
                // Of two who use the link at once, one finds it.
                if resets::person(tx, &Server, &hash, now).await?.as_ref() != Some(&person.id)
                    || resets::forget(tx, &Server, &person.id).await? == 0
                {
                    return Ok(false);
                }
                set(tx, &trail, "password.reset", person, password_hash).await?;
                Ok(true)
            }),
        )
        .await?;
    if done { Ok(()) } else { Err(Refusal::Gone(GONE)) }
}

/// One's own new password. The session that asks, open since then, gets a new token; all others end.
pub async fn change(
    desk: &Desk,
    person: &UserId,
    (session, since): (&SessionId, Timestamp),
    old: String,
    new: String,
    visitor: &Visitor,
) -> Answer<Opened> {
    factors::is_them(desk, person, since, old.clone(), visitor).await?;
    let p = person.clone();
    let found =
        desk.db.read(&Server, work!(tx => people::get(tx, &Server, &p).await)).await?.ok_or(Refusal::Missing("person"))?;
    if old == new {
        return Err(Refusal::Field("password", "this is the old one".into()));
    }
    let hash = new_hash(desk, &found, new).await?;
    let opening = enter::new_session(desk, person, visitor);
    let opened = opening.opened.clone();
    let (session, trail) = (session.clone(), Trail::of(desk, person));
    desk.db
        .write(
            &Server,
            work!(tx => {
                sessions::end(tx, &Server, &found.id, &session).await?;
                resets::forget(tx, &Server, &found.id).await?;
                set(tx, &trail, "password.update", found, hash).await?;
                opening.open(tx).await
            }),
        )
        .await?;
    Ok(opened)
}

async fn new_hash(desk: &Desk, person: &Person, password: String) -> Answer<String> {
    desk.access.passwords.check(password.clone(), vec![person.email.clone(), person.name.clone()]).await?;
    desk.access.passwords.hash(desk.access.random.as_ref(), password).await
}

/// Whatever was open or begun with the old password ends.
async fn set(tx: &mut Tx, trail: &Trail, how: &str, person: Person, hash: String) -> frontdesk_store::Result<()> {
    trail.write(tx, how, person.id.as_str(), json!({})).await?;
    sessions::end_all(tx, &Server, &person.id, None).await?;
    challenges::forget(tx, &Server, &person.id).await?;
    people::update(tx, &Server, &Person { password_hash: hash, must_change_password: false, ..person }).await.map(drop)
}
