//! Worlds from seeds: five hundred of them, those that once showed a fault, and some that are wrong on purpose.

use frontdesk_testkit::sim::{self, Kept, Options};

/// Worlds of one test; each test is a process, and they run beside each other.
const WORLDS: u64 = 50;

fn keeps_every_promise(first: u64) {
    let mut broken = Vec::new();
    for seed in first..first + WORLDS {
        let outcome = sim::run(seed, Options::default());
        assert!(outcome.messages > 0 && outcome.sent > 0 && outcome.steps > 100, "seed {seed} is an empty world: {outcome:?}");
        if !outcome.wrong.is_empty() {
            broken.push((seed, outcome.wrong));
        }
    }
    assert!(broken.is_empty(), "cargo xtask simulate --first {} --trace: {broken:#?}", broken[0].0);
}

/// `worlds!(a: 0, b: 1)`: each is a test of the worlds of its part.
macro_rules! worlds {
    ($($name:ident: $part:literal),* $(,)?) => {
        mod every_promise_is_kept_in_worlds_of_part {
            $(
                #[test]
                fn $name() {
                    super::keeps_every_promise($part * super::WORLDS);
                }
            )*
        }
    };
}

worlds!(one: 0, two: 1, three: 2, four: 3, five: 4, six: 5, seven: 6, eight: 7, nine: 8, ten: 9);

#[test]
fn the_same_seed_is_the_same_story_to_the_last_row() {
    for seed in [1, 2, 3, 1_000_003] {
        let (a, b) = (sim::run(seed, Options::default()), sim::run(seed, Options::default()));
        assert_eq!((a.hash, a.steps), (b.hash, b.steps), "seed {seed}");
    }
    let other = |seed| sim::run(seed, Options::default()).hash;
    assert_ne!(other(1), other(2));
}

#[test]
fn worlds_that_once_showed_a_fault_show_none() {
    for Kept { seed, why } in Kept::all() {
        let outcome = sim::run(seed, Options::default());
        assert!(outcome.wrong.is_empty(), "seed {seed}, kept because {why}: {:#?}", outcome.wrong);
    }
}

#[test]
fn a_vendor_that_sends_twice_and_tells_once_is_noticed() {
    let outcome = sim::run(7, Options { doubles: true, ..Options::default() });
    assert!(outcome.wrong.iter().any(|what| what.contains("reached the contact 2 times")), "{:#?}", outcome.wrong);
}

#[test]
fn a_service_that_forgets_its_keys_is_noticed() {
    let noticed = |seed| {
        let outcome = sim::run(seed, Options { forgets_keys: true, ..Options::default() });
        outcome.wrong.iter().any(|what| what.contains("was done 2 times"))
    };
    assert!((0..40).any(noticed), "in none of forty worlds was a call made again");
}
