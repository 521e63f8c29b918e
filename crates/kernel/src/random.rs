//! Randomness that nobody can guess: always from the caller.

/// Where it comes from. Tests give their own, so that a story always reads the same.
pub trait Random: Send + Sync + 'static {
    fn fill(&self, bytes: &mut [u8]);
}

pub fn bytes<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}

/// A secret a person or program can copy: letters and digits that are not taken for one another, 5.8 bits each.
pub fn text(random: &dyn Random, length: usize) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut out = String::with_capacity(length);
    while out.len() < length {
        // Bytes beyond the last whole multiple are thrown away, so that every letter is equally likely.
        for b in bytes::<32>(random) {
            if (b as usize) < 256 / LETTERS.len() * LETTERS.len() && out.len() < length {
                out.push(LETTERS[b as usize % LETTERS.len()] as char);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn a_text_has_the_length_that_was_asked_for_and_no_letter_twice_as_likely() {
        let random = Counting(0.into());
        let all = text(&random, 57 * 4);
        assert_eq!(all.len(), 57 * 4);
        assert!(all.chars().all(|c| c.is_ascii_alphanumeric() && !"0O1lI".contains(c)), "{all}");
        assert_eq!(all.matches('A').count(), all.matches('9').count());
    }
}
