//! Where the words of a chunk stand, as the index keeps it: which messages hold a word, and as which of their words.

use std::collections::BTreeMap;

use super::words::{SHORT_BEGINNINGS, beginning, words};

/// The last position that is told apart; a word further back may stand anywhere.
pub(super) const FAR: u8 = u8::MAX;

/// The messages of a chunk that hold a key, each with the word's positions there.
type Places = BTreeMap<u16, Vec<u8>>;

/// The keys under which the messages of a chunk are found, with the bytes that say where. Beginnings have places only.
pub(super) fn index<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let (mut whole, mut begun) = (BTreeMap::<Vec<u8>, Places>::new(), BTreeMap::<Vec<u8>, Places>::new());
    for (place, text) in texts.into_iter().enumerate() {
        let place = place as u16;
        for (position, word) in words(text).into_iter().enumerate() {
            for n in SHORT_BEGINNINGS {
                if let Some((end, c)) = word.text.char_indices().nth(n - 1) {
                    begun.entry(beginning(&word.text[..end + c.len_utf8()])).or_default().entry(place).or_default();
                }
            }
            let positions = whole.entry(word.text.into_bytes()).or_default().entry(place).or_default();
            if positions.len() < usize::from(u8::MAX) {
                positions.push(u8::try_from(position).unwrap_or(FAR));
            }
        }
    }
    whole.into_iter().chain(begun).map(|(key, places)| (key, pack(&places))).collect()
}

const LONG_STEP: u8 = 0x80;
const SEVERAL: u8 = 0x40;

/// A place is its distance from the one before, in one byte (below 64) or two; then one position, or with `SEVERAL` their number and each.
fn pack(places: &Places) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(places.len() * 2);
    let mut last = 0;
    for (place, positions) in places {
        let step = place - last;
        last = *place;
        let several = if positions.len() == 1 { 0 } else { SEVERAL };
        if step < u16::from(SEVERAL) {
            bytes.push(several | step as u8);
        } else {
            bytes.extend([LONG_STEP | several | (step >> 8) as u8, step as u8]);
        }
        if several != 0 {
            bytes.push(positions.len() as u8);
        }
        bytes.extend(positions);
    }
    bytes
}

/// The places and positions of one key, in order; what is cut short ends there.
pub(super) struct Hits<'b>(&'b [u8], u16);

impl<'b> Hits<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Hits<'b> {
        Hits(bytes, 0)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

impl<'b> Iterator for Hits<'b> {
    type Item = (u16, &'b [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.byte()?;
        let mut step = u16::from(first & 0x3F);
        if first & LONG_STEP != 0 {
            step = step << 8 | u16::from(self.byte()?);
        }
        let count = if first & SEVERAL != 0 { usize::from(self.byte()?) } else { 1 };
        let (positions, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        self.1 = self.1.saturating_add(step);
        Some((self.1, positions))
    }
}

/// Whether words may stand one after another, each with its positions; `None`: not known.
pub(super) fn may_follow(words: &[Option<&[u8]>]) -> bool {
    let Some((first, positions)) = words.iter().enumerate().find_map(|(n, known)| Some((n, (*known)?))) else { return true };
    positions.iter().any(|at| {
        words.iter().enumerate().skip(first + 1).all(|(n, known)| {
            let wanted = at.saturating_add((n - first) as u8);
            known.is_none_or(|known| *at == FAR || known.contains(&wanted))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(key: &[u8], index: &BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<(u16, Vec<u8>)> {
        index.get(key).map(|bytes| Hits::of(bytes).map(|(place, at)| (place, at.to_vec())).collect()).unwrap_or_default()
    }

    #[test]
    fn what_was_indexed_is_read_back() {
        let long = format!("fin {} fin", "a ".repeat(400));
        let mut texts = vec!["Mañana, mañana no", "otra", "manso"];
        texts.extend(vec!["x"; 997]);
        texts.push(&long);
        let index = index(texts);
        assert_eq!(places(b"manana", &index), [(0, vec![0, 1])]);
        assert_eq!(places(b"no", &index), [(0, vec![2])]);
        assert_eq!(places(b"fin", &index), [(1000, vec![0, FAR])]);
        assert_eq!(places(b"a", &index)[0].1.len(), 255);
        assert_eq!(places(b"x", &index).len(), 997);
        assert_eq!(places(&beginning("ma"), &index), [(0, vec![]), (2, vec![])]);
        assert_eq!(places(&beginning("mans"), &index), [(2, vec![])]);
    }

    #[test]
    fn bytes_that_are_cut_short_end_there() {
        let bytes = pack(&Places::from([(3, vec![1]), (900, vec![1, 2, 3])]));
        for length in 0..bytes.len() {
            assert!(Hits::of(&bytes[..length]).count() <= 1);
        }
        assert_eq!(Hits::of(&bytes).count(), 2);
    }

    #[test]
    fn words_follow_when_their_positions_do() {
        for (words, follow) in [
            (vec![Some(&[0, 4][..]), Some(&[5][..])], true),
            (vec![Some(&[0, 4][..]), Some(&[2, 4][..])], false),
            (vec![Some(&[3][..]), None, Some(&[5][..])], true),
            (vec![None, Some(&[3][..]), Some(&[5][..])], false),
            (vec![Some(&[254][..]), Some(&[FAR][..])], true),
            (vec![Some(&[FAR][..]), Some(&[FAR][..])], true),
            (vec![None, None], true),
        ] {
            assert_eq!(may_follow(&words), follow, "{words:?}");
        }
    }
}
