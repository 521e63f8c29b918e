//! What must hold at the end of a world: every promise, against what customers said, what the vendors saw, and every row.

mod book;
mod doings;
mod messages;
mod sends;
mod turns;

use std::sync::{Arc, Mutex};

use self::book::Book;
use super::world::World;

/// Reads everything, holds it against the promises, and takes the rows into the trace.
pub(super) async fn look(world: &Arc<World>) {
    let rows = Rows::default();
    let read = frontdesk_store::backup::write(&world.db, rows.clone(), world.now(), |_| {}).await;
    if let Err(e) = read {
        world.wrong(format!("the database cannot be read at the end: {e}"));
        return;
    }
    let text = String::from_utf8(std::mem::take(&mut *rows.0.lock().expect("nobody panicked"))).unwrap_or_default();
    text.lines().for_each(|line| world.trace.add(line));
    let book = Book::read(&text);
    messages::look(world, &book);
    turns::look(world, &book);
    sends::look(world, &book);
    doings::look(world, &book);
}

/// A file in memory.
#[derive(Clone, Default)]
struct Rows(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Rows {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
