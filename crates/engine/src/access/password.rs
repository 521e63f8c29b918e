//! Passwords: Argon2id with 19 MiB and two passes, a few at a time, and what a new one must be.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use frontdesk_kernel::random::{self, Random};
use tokio::sync::Semaphore;

use super::{Answer, Refusal};

/// Shorter ones are refused.
pub const SHORTEST: usize = 12;
/// Longer ones too: hashing reads them all.
const LONGEST: usize = 200;
/// Hashes at the same time: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Who comes when so many wait is sent away.
const WAITING: usize = 64;
/// Below this many guesses (as a power of ten) a password is on the lists that attackers try.
const FEWEST_GUESSES: f64 = 8.0;

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string that is stored. Takes some 30 ms: off the async threads.
pub fn hash(password: &str, salt: [u8; 16]) -> String {
    argon2().hash_password_with_salt(password.as_bytes(), &salt).expect("a salt of 16 bytes is in range").to_string()
}

fn is(password: &str, hash: &str) -> bool {
    argon2().verify_password(password.as_bytes(), hash).is_ok()
}

/// Whether it can be somebody's new password. `about` are words that others know of them.
pub fn check(password: &str, about: &[&str]) -> Result<(), String> {
    match password.chars().count() {
        n if n < SHORTEST => return Err(format!("write at least {SHORTEST} characters; several words are easiest to remember")),
        n if n > LONGEST => return Err(format!("write at most {LONGEST} characters")),
        _ => {}
    }
    if own_words_only(password, about) || zxcvbn::zxcvbn(password, about).guesses_log10() < FEWEST_GUESSES {
        return Err(
            "this password is among the first that others would guess; take several words that do not belong together".into()
        );
    }
    Ok(())
}

/// Hardly anything is left without the words that others know of them.
fn own_words_only(password: &str, about: &[&str]) -> bool {
    let mut words: Vec<String> = about.iter().map(|w| w.to_lowercase()).filter(|w| w.chars().count() >= 3).collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    let left = words.iter().fold(password.to_lowercase(), |left, word| left.replace(word.as_str(), ""));
    left.chars().filter(|c| c.is_alphanumeric()).count() < 4
}

/// What is compared with when nobody has the e-mail: takes the same time, and no password has it.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashing off the async threads, bounded.
pub struct Passwords {
    lanes: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords { lanes: Semaphore::new(AT_ONCE), waiting: AtomicUsize::new(0) }
    }
}

impl Passwords {
    pub async fn hash(&self, random: &dyn Random, password: String) -> Answer<String> {
        let salt = random::bytes(random);
        self.off(move || hash(&password, salt)).await
    }

    /// Without a hash the same time is spent on nobody's, and the answer is no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Answer<bool> {
        let somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        self.off(move || is(&password, &hash) && somebody).await
    }

    /// `check` off the async threads: it searches dictionaries.
    pub async fn check(&self, password: String, about: Vec<String>) -> Answer<()> {
        let found = self
            .off(move || {
                let about: Vec<&str> = about.iter().flat_map(|a| a.split(['@', ' ', '.']).chain([a.as_str()])).collect();
                check(&password, &about)
            })
            .await?;
        found.map_err(|why| Refusal::Field("password", why))
    }

    async fn off<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
        struct Leaves<'w>(&'w AtomicUsize);
        impl Drop for Leaves<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _leaves = Leaves(&self.waiting);
        if before >= WAITING {
            return Err(Refusal::Busy);
        }
        let _lane = self.lanes.acquire().await.map_err(|_| Refusal::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_not_among_the_first_guesses() {
        for (password, taken) in [
            ("corta", false),
            ("aaaaaaaaaaaa", false),
            ("123456789012", false),
            ("password1234", false),
            ("qwertyuiop12", false),
            ("salon-aurora", false),
            ("ana@salon.example", false),
            ("tres gatos beben té frío", true),
            ("correct horse battery staple", true),
            ("Vx7#kq2L9pZm", true),
            ("密码密码马电池钉书针正确", true),
        ] {
            let found = check(password, &["ana@salon.example", "ana", "salon", "aurora", "salon aurora"]);
            assert_eq!(found.is_ok(), taken, "{password}: {found:?}");
        }
        assert!(check(&"word ".repeat(50), &[]).is_err());
    }

    #[test]
    fn a_password_is_recognised_and_nobodys_never_is() {
        let stored = hash("tres gatos beben té frío", [7; 16]);
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(is("tres gatos beben té frío", &stored) && !is("tres gatos", &stored) && !is("", "rubbish"));
    }

    #[tokio::test]
    async fn nobodys_password_is_never_right_not_even_the_empty_one() {
        let passwords = Passwords::default();
        assert!(!passwords.verify(String::new(), None).await.unwrap());
        assert!(argon2::PasswordHash::new(NOBODY).is_ok(), "it is a whole hash: comparing takes its time");
        assert!(passwords.verify("x".into(), Some(hash("x", [1; 16]))).await.unwrap());
    }
}
