//! Passkeys: registering them, and signing in with one that the browser finds by itself or that is asked for by name.

use std::time::Duration;

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};
use frontdesk_store::{Tx, challenges, challenges::Challenge, passkeys, passkeys::Passkey, people, work};
use passkey_auth::{
    AuthenticationResponse, AuthenticationState, CosePublicKey, CredentialId, PasskeyCredential, RegistrationResponse,
    RegistrationState, RpId, Webauthn,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Answer, Refusal, Visitor,
    enter::{self, Opened},
    tokens,
    trail::Trail,
};
use crate::Desk;

const REGISTER: &str = "passkey register";
const ENTER: &str = "passkey enter";
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// One person's, at most.
const MOST: usize = 20;
const WRONG: &str = "This passkey is not known here.";

/// What the browser answers to `navigator.credentials.create()`; all values are base64url.
#[derive(Debug, Clone, Default)]
pub struct Attestation {
    pub id: String,
    pub transports: Vec<String>,
    pub attestation_object: String,
    pub client_data_json: String,
}

/// What it answers to `navigator.credentials.get()`.
#[derive(Debug, Clone, Default)]
pub struct Assertion {
    pub id: String,
    pub authenticator_data: String,
    pub client_data_json: String,
    pub signature: String,
    pub user_handle: Option<String>,
}

/// What was asked of the browser, until it answers.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked(AuthenticationState);

/// A signature that holds.
pub(super) struct Proof {
    key: PasskeyId,
    was: i64,
    counter: i64,
}

/// Options for the browser, and the token to come back with.
pub struct Begun {
    pub challenge: String,
    pub options: Value,
}

/// Browsers know passkeys on secure origins that have a name, not on addresses.
pub fn are_possible(desk: &Desk) -> bool {
    relying_party(desk, true).is_some()
}

fn relying_party(desk: &Desk, verified: bool) -> Option<Webauthn> {
    let origin = url::Url::parse(desk.access.public_url()).ok()?.origin().ascii_serialization();
    let url = origin.as_str();
    let host = RpId::try_from_url(url).ok()?;
    let host = host.as_str();
    let secure = url.starts_with("https://") || host == "localhost" || host.ends_with(".localhost");
    if !secure || host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    // Whether the person was verified (a finger, a PIN) counts when the passkey is all there is.
    Some(Webauthn::new(host, "frontdesk", url).require_user_verification(verified).strict_base64(true))
}

fn impossible() -> Refusal {
    Refusal::Conflict("passkeys_unavailable", "Passkeys need https and a host name: set PUBLIC_BASE_URL.".into())
}

fn known(key: &Passkey) -> Option<PasskeyCredential> {
    Some(PasskeyCredential {
        id: CredentialId::from_b64url(&key.credential).ok()?,
        public_key_cose: CosePublicKey(key.public_key.clone()),
        counter: u32::try_from(key.counter).ok()?,
        transports: key.transports.clone(),
        aaguid: [0; 16],
    })
}

fn plain(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

async fn keep(desk: &Desk, kind: &str, person: Option<UserId>, state: &impl Serialize) -> Answer<String> {
    let token = tokens::make(desk.access.random.as_ref());
    let challenge = Challenge {
        hash: tokens::hash(&token),
        kind: kind.into(),
        person,
        detail: plain(state).to_string(),
        tries: 0,
        expires_at: desk.now().plus(PATIENCE),
    };
    desk.db.write(&Server, work!(tx => challenges::insert(tx, &Server, &challenge).await)).await?;
    Ok(token)
}

async fn kept<T: DeserializeOwned>(desk: &Desk, kind: &'static str, token: &str) -> Answer<(Option<UserId>, T)> {
    let (hash, now) = (tokens::hash(token), desk.now());
    let found = desk.db.write(&Server, work!(tx => challenges::take(tx, &Server, &hash, kind, now).await)).await?;
    let found = found.and_then(|c| Some((c.person, serde_json::from_str(&c.detail).ok()?)));
    found.ok_or(Refusal::Gone("This has taken too long: begin again."))
}

/// The clock is ours: what the library would read from the system does not count.
const BY_OUR_CLOCK: u64 = 0;

pub async fn begin_registration(desk: &Desk, person: &UserId) -> Answer<Begun> {
    let relying = relying_party(desk, true).ok_or_else(impossible)?;
    let p = person.clone();
    let (who, keys) = desk
        .db
        .read(&Server, work!(tx => Ok((people::get(tx, &Server, &p).await?, passkeys::list(tx, &Server, &p).await?))))
        .await?;
    let who = who.ok_or(Refusal::Missing("person"))?;
    if keys.len() >= MOST {
        return Err(Refusal::Conflict("too_many", format!("There are {MOST} passkeys already: delete one first.")));
    }
    let existing: Vec<CredentialId> = keys.iter().filter_map(|k| CredentialId::from_b64url(&k.credential).ok()).collect();
    let (mut options, mut state) = relying.start_registration(person.as_str().as_bytes(), &who.email, &who.name, &existing);
    options.authenticator_selection.resident_key = Some("required");
    state.created_at = BY_OUR_CLOCK;
    let challenge = keep(desk, REGISTER, Some(person.clone()), &state).await?;
    Ok(Begun { challenge, options: plain(&options) })
}

pub async fn finish_registration(
    desk: &Desk,
    person: &UserId,
    challenge: &str,
    name: &str,
    given: Attestation,
) -> Answer<Passkey> {
    let relying = relying_party(desk, true).ok_or_else(impossible)?;
    let (of, state): (_, RegistrationState) = kept(desk, REGISTER, challenge).await?;
    if of.as_ref() != Some(person) {
        return Err(Refusal::Gone("This has taken too long: begin again."));
    }
    let answer = RegistrationResponse {
        id: given.id,
        transports: given.transports.into_iter().filter(|t| t.len() <= 32).take(8).collect(),
        attestation_object: given.attestation_object,
        client_data_json: given.client_data_json,
    };
    let made = relying
        .finish_registration(&state, &answer)
        .map_err(|e| Refusal::Field("credential", format!("this passkey cannot be taken: {e}")))?;
    let key = Passkey {
        id: desk.id(),
        person: person.clone(),
        credential: made.id.to_b64url(),
        name: name.to_owned(),
        public_key: made.public_key_cose.0,
        counter: i64::from(made.counter),
        transports: made.transports,
        created_at: desk.now(),
        last_used_at: None,
    };
    let (new, trail) = (key.clone(), Trail::of(desk, person));
    let inserted = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let inserted = passkeys::insert(tx, &Server, &new).await?;
                if inserted {
                    trail.write(tx, "passkey.create", new.id.as_str(), json!({ "name": new.name })).await?;
                }
                Ok(inserted)
            }),
        )
        .await?;
    if !inserted {
        return Err(Refusal::Conflict("known", "This passkey is registered already.".into()));
    }
    Ok(key)
}

/// For somebody whom the passkey itself will name.
pub async fn begin(desk: &Desk) -> Answer<Begun> {
    let relying = relying_party(desk, true).ok_or_else(impossible)?;
    let (options, mut state) = relying.start_authentication(&[]);
    state.created_at = BY_OUR_CLOCK;
    let challenge = keep(desk, ENTER, None, &Asked(state)).await?;
    Ok(Begun { challenge, options: plain(&options) })
}

/// Asks for one of these, as a second factor.
pub(super) fn ask(desk: &Desk, keys: &[Passkey]) -> Option<(Value, Asked)> {
    let keys: Vec<PasskeyCredential> = keys.iter().filter_map(known).collect();
    let relying = relying_party(desk, false).filter(|_| !keys.is_empty())?;
    let (options, mut state) = relying.start_authentication_with_creds(&keys);
    state.created_at = BY_OUR_CLOCK;
    Some((plain(&options), Asked(state)))
}

/// Whether the signature answers what was asked, by this key. `None` when not.
pub(super) fn prove(desk: &Desk, asked: &Asked, given: &Assertion, key: &Passkey, verified: bool) -> Option<Proof> {
    let answer = AuthenticationResponse {
        id: given.id.clone(),
        authenticator_data: given.authenticator_data.clone(),
        signature: given.signature.clone(),
        client_data_json: given.client_data_json.clone(),
        user_handle: given.user_handle.clone(),
    };
    let done = relying_party(desk, verified)?.finish_authentication(&asked.0, &answer, &known(key)?);
    match done {
        Ok(done) => Some(Proof { key: key.id.clone(), was: key.counter, counter: i64::from(done.new_counter) }),
        Err(e) => {
            tracing::info!(error = %e, passkey = %key.id, "a passkey's answer was refused");
            None
        }
    }
}

/// `false` when its counter moved meanwhile.
pub(super) async fn use_up(tx: &mut Tx, proof: &Proof, now: Timestamp) -> frontdesk_store::Result<bool> {
    passkeys::used(tx, &Server, &proof.key, proof.was, proof.counter, now).await
}

/// Signs in whoever the passkey says, verified by their device: that is two factors in one.
pub async fn enter(desk: &Desk, challenge: &str, given: Assertion, visitor: &Visitor) -> Answer<Opened> {
    if relying_party(desk, true).is_none() {
        return Err(impossible());
    }
    let (_, asked): (_, Asked) = kept(desk, ENTER, challenge).await?;
    let credential = given.id.clone();
    let key = desk.db.read(&Server, work!(tx => passkeys::by_credential(tx, &Server, &credential).await)).await?;
    let key = key.ok_or(Refusal::Wrong(WRONG))?;
    let named = given.user_handle.as_deref().and_then(|h| CredentialId::from_b64url(h).ok());
    if named.is_none_or(|h| h.0 != key.person.as_str().as_bytes()) {
        return Err(Refusal::Wrong(WRONG));
    }
    let proof = prove(desk, &asked, &given, &key, true).ok_or(Refusal::Wrong(WRONG))?;
    let (opening, now) = (enter::new_session(desk, &key.person, visitor), desk.now());
    let opened = opening.opened.clone();
    let entered = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let active = people::get(tx, &Server, &key.person).await?.is_some_and(|p| p.active);
                if !active || !use_up(tx, &proof, now).await? {
                    return Ok(false);
                }
                opening.open(tx).await?;
                Ok(true)
            }),
        )
        .await?;
    if entered { Ok(opened) } else { Err(Refusal::Wrong(WRONG)) }
}

pub async fn rename(desk: &Desk, person: &UserId, key: &PasskeyId, name: &str) -> Answer<()> {
    let (p, k, name) = (person.clone(), key.clone(), name.to_owned());
    let known = desk.db.write(&Server, work!(tx => passkeys::rename(tx, &Server, &p, &k, &name).await)).await?;
    if known { Ok(()) } else { Err(Refusal::Missing("passkey")) }
}

pub async fn delete(desk: &Desk, person: &UserId, key: &PasskeyId) -> Answer<()> {
    let (p, k, trail) = (person.clone(), key.clone(), Trail::of(desk, person));
    let known = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let known = passkeys::delete(tx, &Server, &p, &k).await?;
                if known {
                    trail.write(tx, "passkey.delete", k.as_str(), json!({})).await?;
                }
                Ok(known)
            }),
        )
        .await?;
    if known { Ok(()) } else { Err(Refusal::Missing("passkey")) }
}
