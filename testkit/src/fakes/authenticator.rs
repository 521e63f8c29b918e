//! A device that keeps passkeys: makes a key, signs what it is asked, as WebAuthn writes it.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use ciborium::Value as Cbor;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const ATTESTED: u8 = 1 << 6;

/// One passkey on a page of one origin. Everything about it can be bent.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    user: String,
    pub origin: String,
    pub relying_party: String,
    pub counter: u32,
    /// A finger or a PIN was given.
    pub verified: bool,
}

impl Authenticator {
    /// `seed` makes it another device.
    pub fn new(origin: &str, seed: u8) -> Authenticator {
        let host = origin.split("://").nth(1).unwrap_or_default().split(':').next().unwrap_or_default();
        Authenticator {
            key: SigningKey::from_bytes(&[seed.max(1); 32].into()).expect("a scalar in range"),
            id: vec![seed; 16],
            user: String::new(),
            origin: origin.to_owned(),
            relying_party: host.to_owned(),
            counter: 0,
            verified: true,
        }
    }

    /// The same, but for something.
    #[must_use]
    pub fn but(&self, change: impl FnOnce(&mut Authenticator)) -> Authenticator {
        let mut bent = self.clone();
        change(&mut bent);
        bent
    }

    /// Answers `navigator.credentials.create()`.
    pub fn register(&mut self, options: &Value) -> Value {
        self.user = options["user"]["id"].as_str().unwrap_or_default().to_owned();
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(&self.id);
        data.extend(cbor(&self.public_key()));
        let attestation = Cbor::Map(vec![
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), Cbor::Map(vec![])),
            (Cbor::Text("authData".into()), Cbor::Bytes(data)),
        ]);
        json!({
            "id": B64.encode(&self.id), "transports": ["internal"], "attestation_object": B64.encode(cbor(&attestation)),
            "client_data_json": B64.encode(self.client_data("webauthn.create", options)),
        })
    }

    /// Answers `navigator.credentials.get()`.
    pub fn sign(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let (data, client) = (self.data(0), self.client_data("webauthn.get", options));
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client));
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": B64.encode(&self.id), "authenticator_data": B64.encode(&data), "client_data_json": B64.encode(&client),
            "signature": B64.encode(signature.to_der().as_bytes()), "user_handle": self.user,
        })
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let mut data = Sha256::digest(&self.relying_party).to_vec();
        data.push(PRESENT | more | if self.verified { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// A COSE key for ES256.
    fn public_key(&self) -> Cbor {
        let point = self.key.verifying_key().to_encoded_point(false);
        let number = |n: i64| Cbor::Integer(n.into());
        let bytes = |b: Option<&p256::FieldBytes>| Cbor::Bytes(b.map(|b| b.to_vec()).unwrap_or_default());
        Cbor::Map(vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), bytes(point.x())),
            (number(-3), bytes(point.y())),
        ])
    }
}

fn cbor(value: &Cbor) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).expect("a vector can be written to");
    out
}
