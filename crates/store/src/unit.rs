//! A unit of work without its type.

use std::sync::{Arc, Mutex, PoisonError};

use crate::db::{Error, Result, Tx, Work};

/// A unit of work that puts down elsewhere what it comes to: what engines do around one is compiled once, and not for each of hundreds.
pub(crate) type Unit = Box<dyn for<'t> FnOnce(&'t mut Tx) -> Work<'t, ()> + Send>;
type Outcome<T> = Arc<Mutex<Option<T>>>;

pub(crate) fn put_down<T, F>(work: F) -> (Unit, Outcome<T>)
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Work<'t, T> + Send + 'static,
{
    let outcome = Outcome::default();
    let place = outcome.clone();
    let unit: Unit = Box::new(move |tx| {
        let work = work(tx);
        Box::pin(async move {
            let value = work.await?;
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            Ok(())
        })
    });
    (unit, outcome)
}

/// The work came to its end; whether that was committed is another question.
pub(crate) fn is_put_down<T>(outcome: &Mutex<Option<T>>) -> bool {
    outcome.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

pub(crate) fn taken<T>(outcome: &Mutex<Option<T>>) -> Result<T> {
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
    outcome.ok_or_else(|| Error::Broken("a unit of work came to nothing".into()))
}
