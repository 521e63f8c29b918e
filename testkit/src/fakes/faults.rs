//! What goes wrong next: a queue for stories, a rate for storms.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// Faults of one kind of call. Queued ones strike first, in order, one per call; then the standing one; then the random ones.
#[derive(Debug)]
pub struct Faults<F>(Mutex<State<F>>);

#[derive(Debug)]
struct State<F> {
    queue: VecDeque<F>,
    standing: Option<F>,
    storm: Option<Storm<F>>,
    struck: u64,
}

#[derive(Debug)]
struct Storm<F> {
    rate: f64,
    kinds: Vec<F>,
    random: Lcg,
}

impl<F> Default for Faults<F> {
    fn default() -> Self {
        Faults(Mutex::new(State { queue: VecDeque::new(), standing: None, storm: None, struck: 0 }))
    }
}

impl<F: Clone> Faults<F> {
    /// Strikes one call.
    pub fn push(&self, fault: F) {
        self.lock().queue.push_back(fault);
    }
    /// Strikes the next `times` calls.
    pub fn push_times(&self, times: usize, fault: F) {
        self.lock().queue.extend(std::iter::repeat_n(fault, times));
    }
    /// Strikes every call until `clear`.
    pub fn always(&self, fault: F) {
        self.lock().standing = Some(fault);
    }
    /// Strikes a share of the calls (`rate` 0 to 1) with one of `kinds` (a kind may be listed twice to come twice as often).
    pub fn storm(&self, rate: f64, seed: u64, kinds: impl Into<Vec<F>>) {
        let kinds = kinds.into();
        self.lock().storm = (!kinds.is_empty()).then(|| Storm { rate, kinds, random: Lcg::new(seed) });
    }
    /// All is well again.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.queue.clear();
        state.standing = None;
        state.storm = None;
    }
    /// Queued faults that have not struck yet.
    pub fn waiting(&self) -> usize {
        self.lock().queue.len()
    }
    /// How many faults struck.
    pub fn struck(&self) -> u64 {
        self.lock().struck
    }

    pub(super) fn next(&self) -> Option<F> {
        let mut state = self.lock();
        let fault = state.queue.pop_front().or_else(|| state.standing.clone()).or_else(|| state.storm.as_mut()?.strike());
        state.struck += u64::from(fault.is_some());
        fault
    }

    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Clone> Storm<F> {
    fn strike(&mut self) -> Option<F> {
        if self.random.fraction() >= self.rate {
            return None;
        }
        let pick = (self.random.fraction() * self.kinds.len() as f64) as usize;
        self.kinds.get(pick).cloned()
    }
}

/// A linear congruential generator: the same seed, the same storm.
#[derive(Debug, Clone)]
pub(super) struct Lcg(u64);

impl Lcg {
    pub(super) fn new(seed: u64) -> Lcg {
        let mut lcg = Lcg(seed);
        lcg.fraction();
        lcg
    }
    /// 0 ≤ x < 1.
    pub(super) fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// An answer with a JSON body.
pub(super) fn json(status: u16, body: &Value) -> Response {
    raw(status, "application/json", body.to_string())
}

pub(super) fn raw(status: u16, content_type: &'static str, body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}

pub(super) fn retry_after(mut answer: Response, wait: Option<Duration>) -> Response {
    if let Some(wait) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, wait.as_secs_f64().ceil().max(0.0).to_string().parse().expect("digits"));
    }
    answer
}

/// What a proxy in front of the vendor says.
pub(super) fn bad_gateway() -> Response {
    raw(502, "text/html", "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_faults_come_first_then_the_standing_one_then_the_storm() {
        let faults = Faults::default();
        assert_eq!(faults.next(), None);
        faults.storm(1.0, 7, ["storm"]);
        faults.always("standing");
        faults.push_times(2, "queued");
        assert_eq!(faults.waiting(), 2);
        let drawn: Vec<_> = (0..4).map(|_| faults.next()).collect();
        assert_eq!(drawn, [Some("queued"), Some("queued"), Some("standing"), Some("standing")]);
        faults.clear();
        assert_eq!((faults.next(), faults.struck()), (None, 4));
        faults.storm(1.0, 7, ["storm"]);
        assert_eq!(faults.next(), Some("storm"));
    }

    #[test]
    fn a_storm_keeps_its_rate_uses_all_its_kinds_and_repeats_with_its_seed() {
        let run = |seed| {
            let faults = Faults::default();
            faults.storm(0.25, seed, ['a', 'b', 'c']);
            (0..4000).map(|_| faults.next()).collect::<Vec<_>>()
        };
        let drawn = run(1);
        assert_eq!(drawn, run(1));
        assert_ne!(drawn, run(2));
        let count = |f: char| drawn.iter().filter(|d| **d == Some(f)).count();
        let (a, b, c) = (count('a'), count('b'), count('c'));
        assert!((900..1100).contains(&(a + b + c)) && a.min(b).min(c) > 250, "{a} {b} {c}");
    }
}
