//! What well-known models cost by their vendors' public lists; whoever pays another price sets it. A model that is not here has no known price.

/// Model, then millionths of a US dollar per million tokens: input, input from the vendor's cache, output.
pub static KNOWN: &[(&str, i64, i64, i64)] = &[
    ("scripted", 0, 0, 0),
    ("gpt-4o-mini", 150_000, 75_000, 600_000),
    ("gpt-4o", 2_500_000, 1_250_000, 10_000_000),
    ("gpt-4.1", 2_000_000, 500_000, 8_000_000),
    ("gpt-4.1-mini", 400_000, 100_000, 1_600_000),
    ("gpt-4.1-nano", 100_000, 25_000, 400_000),
    ("gpt-5", 1_250_000, 125_000, 10_000_000),
    ("gpt-5-mini", 250_000, 25_000, 2_000_000),
    ("gpt-5-nano", 50_000, 5_000, 400_000),
    ("gemini-2.0-flash", 100_000, 25_000, 400_000),
    ("gemini-2.5-flash", 300_000, 75_000, 2_500_000),
    ("gemini-2.5-flash-lite", 100_000, 25_000, 400_000),
    // The higher of its two prices: a long prompt is never billed too little.
    ("gemini-2.5-pro", 2_500_000, 625_000, 15_000_000),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_model_has_one_price_and_the_cache_is_never_dearer() {
        let mut names: Vec<_> = KNOWN.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KNOWN.len());
        assert!(KNOWN.iter().all(|(_, input, cached, output)| cached <= input && input <= output));
    }
}
