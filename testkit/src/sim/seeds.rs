//! Seeds that once showed a fault: each is a test for ever.

/// A seed and what it showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub seed: u64,
    pub why: String,
}

/// `seed reason`, one a line; `#` begins a comment.
pub const KEPT: &str = include_str!("../../seeds.txt");

impl Kept {
    /// Every kept seed.
    ///
    /// # Panics
    /// When a line of the file is no seed with its reason.
    pub fn all() -> Vec<Kept> {
        let lines = KEPT.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read = |line: &str| {
            let (seed, why) = line.split_once(' ')?;
            Some(Kept { seed: seed.parse().ok()?, why: why.trim().to_owned() })
        };
        lines.map(|line| read(line).unwrap_or_else(|| panic!("seeds.txt: `{line}` is no seed with its reason"))).collect()
    }
}
