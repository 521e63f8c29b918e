//! Runs that wait most of the time, several at once.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::Result;

/// What each came to, in their order; the first that failed fails all, when the others are through.
pub(super) fn each<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    at_once: usize,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let queue = Mutex::new(items.into_iter().enumerate().collect::<VecDeque<_>>());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let worker = || {
        let mut done = Vec::new();
        while let Some((place, item)) = next() {
            done.push((place, work(item)));
        }
        done
    };
    let mut done = thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once.max(1)).map(|_| scope.spawn(worker)).collect();
        let ended =
            workers.into_iter().map(|one| one.join().unwrap_or_else(|_| vec![(0, Err(anyhow::anyhow!("a run panicked")))]));
        ended.flatten().collect::<Vec<_>>()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn results_come_in_order_and_one_failure_or_panic_fails_all_after_the_others_ran() {
        assert_eq!(each(0..9, 4, |n| Ok(n * n)).unwrap(), (0..9).map(|n| n * n).collect::<Vec<_>>());
        let ran = Mutex::new(0);
        let one_fails = |n: i32| {
            *ran.lock().unwrap() += 1;
            if n == 1 { bail!("the second failed") } else { Ok(()) }
        };
        assert_eq!(each(0..5, 2, one_fails).unwrap_err().to_string(), "the second failed");
        assert_eq!(*ran.lock().unwrap(), 5);
        assert_eq!(each(0..2, 1, |_| -> Result<()> { panic!("as a test wants it") }).unwrap_err().to_string(), "a run panicked");
    }
}
