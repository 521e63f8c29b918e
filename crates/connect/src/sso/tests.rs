//! ID tokens that are believed and, mostly, that are not.

use aws_lc_rs::{
    encoding::AsDer,
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use frontdesk_kernel::Timestamp;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use serde_json::{Value, json};

use super::token::{Expected, key_id, verified};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://id.example";

fn ec() -> EncodingKey {
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &aws_lc_rs::rand::SystemRandom::new()).unwrap();
    EncodingKey::from_ec_der(pair.as_ref())
}

fn rsa_key() -> EncodingKey {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    // PKCS#8 puts 26 bytes before the key itself.
    EncodingKey::from_rsa_der(&der.as_ref()[26..])
}

fn public(key: &EncodingKey, algorithm: Algorithm, kid: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ana-1", "aud": "desk", "exp": NOW + 300, "iat": NOW - 5, "nonce": "n1",
        "email": "Ana@Luna.example", "email_verified": true, "name": "Ana\nMaría",
    })
}

fn with(change: impl Fn(&mut Value)) -> Value {
    let mut claims = claims();
    change(&mut claims);
    claims
}

fn signed(key: &EncodingKey, algorithm: Algorithm, kid: Option<&str>, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

fn judged(token: &str, keys: &JwkSet) -> Result<frontdesk_kernel::ports::identity::Identity, String> {
    let expected = Expected { issuer: ISSUER, audience: "desk", nonce: "n1", now: Timestamp(NOW * 1000) };
    let kid = key_id(token).map_err(|e| e.to_string())?;
    verified(token, kid.as_deref(), keys, &expected).map_err(|e| e.to_string())
}

#[test]
fn a_token_that_is_right_in_every_way_names_a_person() {
    let (ec, rsa) = (ec(), rsa_key());
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e"), public(&rsa, Algorithm::RS256, "r")] };
    for token in [signed(&ec, Algorithm::ES256, Some("e"), &claims()), signed(&rsa, Algorithm::RS256, Some("r"), &claims())] {
        let who = judged(&token, &keys).unwrap();
        assert_eq!((who.issuer.as_str(), who.subject.as_str()), (ISSUER, "ana-1"));
        assert_eq!((who.email.as_deref(), who.name.as_deref()), (Some("ana@luna.example"), Some("AnaMaría")));
    }
    for unverified in [json!(false), json!("no"), json!(1), Value::Null] {
        let token = signed(&ec, Algorithm::ES256, Some("e"), &with(|c| c["email_verified"] = unverified.clone()));
        assert_eq!(judged(&token, &keys).unwrap().email, None, "{unverified}");
    }
}

#[test]
fn the_only_key_of_a_provider_needs_no_name() {
    let ec = ec();
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e")] };
    assert!(judged(&signed(&ec, Algorithm::ES256, None, &claims()), &keys).is_ok());
}

#[test]
fn clocks_may_differ_by_a_minute_and_a_token_is_used_within_ten() {
    let ec = ec();
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e")] };
    for (claim, last, first_refused) in
        [("exp", NOW - 59, NOW - 60), ("iat", NOW + 60, NOW + 61), ("iat", NOW - 660, NOW - 661), ("nbf", NOW + 60, NOW + 61)]
    {
        let of = |at: i64| judged(&signed(&ec, Algorithm::ES256, Some("e"), &with(|c| c[claim] = json!(at))), &keys);
        assert!(of(last).is_ok() && of(first_refused).is_err(), "{claim} {last}");
    }
}

#[test]
fn names_of_people_are_bounded_and_an_address_is_one() {
    let ec = ec();
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e")] };
    let of =
        |claim: &str, value: Value| judged(&signed(&ec, Algorithm::ES256, Some("e"), &with(|c| c[claim] = value.clone())), &keys);
    assert_eq!(of("sub", "x".repeat(255).into()).unwrap().subject.len(), 255);
    assert!(of("sub", "x".repeat(256).into()).is_err());
    let longest = format!("{}@luna.example", "a".repeat(254 - 13));
    assert_eq!(of("email", longest.clone().into()).unwrap().email, Some(longest.clone()));
    assert_eq!(of("email", format!("a{longest}").into()).unwrap().email, None);
    assert_eq!(of("email", "ana".into()).unwrap().email, None);
    assert!(of("email_verified", "true".into()).unwrap().email.is_some(), "as some providers say it");
    assert_eq!(of("name", "ñ".repeat(121).into()).unwrap().name, Some("ñ".repeat(120)));
    assert_eq!(of("name", " \n ".into()).unwrap().name, None);
}

#[test]
fn a_claim_that_is_missing_or_wrong_is_refused() {
    let ec = ec();
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e")] };
    let without = |name: &'static str| with(move |c| drop(c.as_object_mut().unwrap().remove(name)));
    let cases = [
        ("no exp", without("exp")),
        ("no iat", without("iat")),
        ("no iss", without("iss")),
        ("no aud", without("aud")),
        ("no sub", without("sub")),
        ("no nonce", without("nonce")),
        ("expired", with(|c| c["exp"] = json!(NOW - 61))),
        ("an hour's skew", with(|c| c["exp"] = json!(NOW - 3600))),
        ("from the future", with(|c| c["iat"] = json!(NOW + 3600))),
        ("old", with(|c| c["iat"] = json!(NOW - 3600))),
        ("not yet", with(|c| c["nbf"] = json!(NOW + 3600))),
        ("another issuer", with(|c| c["iss"] = json!("https://evil.example"))),
        ("issuer with a slash", with(|c| c["iss"] = json!("https://id.example/"))),
        ("another audience", with(|c| c["aud"] = json!("other"))),
        ("several audiences, no azp", with(|c| c["aud"] = json!(["desk", "other"]))),
        ("azp of another", with(|c| c["azp"] = json!("other"))),
        ("aud is a number", with(|c| c["aud"] = json!(1))),
        ("another nonce", with(|c| c["nonce"] = json!("n2"))),
        ("empty subject", with(|c| c["sub"] = json!(""))),
        ("exp as text", with(|c| c["exp"] = json!("9999999999"))),
    ];
    for (what, claims) in cases {
        let token = signed(&ec, Algorithm::ES256, Some("e"), &claims);
        assert!(judged(&token, &keys).is_err(), "{what}");
    }
    let two = with(|c| {
        c["aud"] = json!(["desk", "other"]);
        c["azp"] = json!("desk");
    });
    assert!(judged(&signed(&ec, Algorithm::ES256, Some("e"), &two), &keys).is_ok());
}

#[test]
fn a_signature_that_is_not_the_providers_is_refused() {
    let (ec, other, rsa) = (ec(), ec(), rsa_key());
    let jwk = public(&rsa, Algorithm::RS256, "r");
    let keys = JwkSet { keys: vec![public(&ec, Algorithm::ES256, "e"), jwk.clone()] };
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let body = part(&claims());
    let right = signed(&ec, Algorithm::ES256, Some("e"), &claims());
    let (head, signature) = (right.split('.').next().unwrap(), right.rsplit('.').next().unwrap());
    // What an attacker knows of the RSA key is public: it must not become an HMAC's secret.
    let as_secret = EncodingKey::from_secret(serde_json::to_string(&jwk).unwrap().as_bytes());
    let cases = [
        ("alg none", format!("{}.{body}.", part(&json!({ "alg": "none" })))),
        ("alg None with a signature", format!("{}.{body}.{signature}", part(&json!({ "alg": "None", "kid": "e" })))),
        ("HS256 with the public key", signed(&as_secret, Algorithm::HS256, Some("r"), &claims())),
        ("HS256 without a key id", signed(&as_secret, Algorithm::HS256, None, &claims())),
        ("another key of the same name", signed(&other, Algorithm::ES256, Some("e"), &claims())),
        ("a key id that is a path", signed(&ec, Algorithm::ES256, Some("../../dev/null"), &claims())),
        ("a key id that is SQL", signed(&ec, Algorithm::ES256, Some("e' OR '1'='1"), &claims())),
        ("no key id among several", signed(&ec, Algorithm::ES256, None, &claims())),
        ("RSA named, EC signed", signed(&ec, Algorithm::ES256, Some("r"), &claims())),
        ("PS256", signed(&rsa, Algorithm::PS256, Some("r"), &claims())),
        ("RS512", signed(&rsa, Algorithm::RS512, Some("r"), &claims())),
        ("other claims under the signature", format!("{head}.{}.{signature}", part(&with(|c| c["sub"] = json!("eva"))))),
        ("no signature", format!("{head}.{body}.")),
        ("two parts", format!("{head}.{body}")),
        ("nothing", String::new()),
        ("rubbish", "a.b.c".to_owned()),
    ];
    for (what, token) in cases {
        assert!(judged(&token, &keys).is_err(), "{what}");
    }
    assert!(judged(&right, &keys).is_ok());
    assert!(judged(&right, &JwkSet { keys: vec![] }).is_err(), "no keys at all");
}
