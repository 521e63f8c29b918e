//! How hard a world is: what goes wrong how often. Each seed has a climate of its own, with some faults in it and others not.

use std::ops::Range;

use super::dice::Dice;

/// Chances in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Climate {
    /// A unit of work is refused, nothing happens.
    pub(super) refused: u32,
    /// It is committed, and the answer is an error.
    pub(super) ambiguous: u32,
    /// The database takes its time, before or after.
    pub(super) slow: u32,
    /// It stalls for seconds.
    pub(super) stalled: u32,
    /// A request does not leave.
    pub(super) not_sent: u32,
    /// The vendor answers with a refusal and does nothing.
    pub(super) throttled: u32,
    pub(super) broken_down: u32,
    /// The vendor has done it, and the answer is lost, late, or nonsense.
    pub(super) answer_lost: u32,
    /// The request is written long after it was decided to write it.
    pub(super) late_write: u32,
    /// Accepted first, failed later.
    pub(super) undelivered: u32,
    /// News of a message are told more than once, or not before the faults end.
    pub(super) news_repeated: u32,
    pub(super) news_held: u32,
    /// A webhook is delivered again although it was acknowledged, or together with others.
    pub(super) webhook_repeated: u32,
    pub(super) webhook_batched: u32,
    /// A model says what it must not, calls what there is not, or says nothing.
    pub(super) foolish: u32,
    /// What happens to machines: so often, at each blow of fate.
    pub(super) kills: u32,
    pub(super) freezes: u32,
    pub(super) stops: u32,
    pub(super) outages: u32,
    pub(super) clock_jumps: u32,
    /// People take conversations over.
    pub(super) people: u32,
}

impl Climate {
    /// Nothing goes wrong.
    pub(super) const CALM: Climate = Climate {
        refused: 0,
        ambiguous: 0,
        slow: 0,
        stalled: 0,
        not_sent: 0,
        throttled: 0,
        broken_down: 0,
        answer_lost: 0,
        late_write: 0,
        undelivered: 0,
        news_repeated: 0,
        news_held: 0,
        webhook_repeated: 0,
        webhook_batched: 0,
        foolish: 0,
        kills: 0,
        freezes: 0,
        stops: 0,
        outages: 0,
        clock_jumps: 0,
        people: 0,
    };

    pub(super) fn of(dice: &Dice) -> Climate {
        // Each fault is missing in a third of all worlds: what it hides can be seen there.
        let some = |range: Range<u64>| if dice.chance(333) { 0 } else { dice.within(range) as u32 };
        Climate {
            refused: some(1..25),
            ambiguous: some(1..25),
            slow: some(20..300),
            stalled: some(1..6),
            not_sent: some(10..150),
            throttled: some(10..100),
            broken_down: some(10..100),
            answer_lost: some(20..250),
            late_write: some(1..30),
            undelivered: some(5..40),
            news_repeated: some(20..300),
            news_held: some(20..300),
            webhook_repeated: some(50..300),
            webhook_batched: some(50..500),
            foolish: some(20..300),
            kills: some(100..500),
            freezes: some(100..400),
            stops: some(20..200),
            outages: some(20..200),
            clock_jumps: some(20..150),
            people: some(100..600),
        }
    }
}
