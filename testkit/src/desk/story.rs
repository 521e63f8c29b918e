//! Telling a story on both engines.

use std::{future::Future, pin::Pin};

use super::{Engine, Setup, TestDesk};

/// A story, as it is told to a desk.
pub type Told<'d, T> = Pin<Box<dyn Future<Output = T> + 'd>>;

/// Tells a story, checks what must hold at its end, and returns what it came to. Without a PostgreSQL to test on, its stories are
/// skipped, loudly: `None`.
///
/// # Panics
/// When something is not as the story tells it.
pub fn tell<T>(engine: Engine, setup: Setup, story: impl for<'d> FnOnce(&'d TestDesk) -> Told<'d, T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let desk = Box::pin(setup.build(engine)).await?;
        let outcome = story(&desk).await;
        Box::pin(desk.close()).await;
        Some(outcome)
    })
}

/// `story!(name, |desk| async { … })`: the tests `name::sqlite` and `name::postgres`. A `Setup` may stand before the story.
#[macro_export]
macro_rules! story {
    ($name:ident, |$desk:ident| async $story:block) => {
        $crate::story!($name, $crate::desk::Setup::new(), |$desk| async $story);
    };
    ($name:ident, $setup:expr, |$desk:ident| async $story:block) => {
        mod $name {
            use super::*;

            async fn story($desk: &$crate::desk::TestDesk) $story

            #[test]
            fn sqlite() {
                $crate::desk::tell($crate::desk::Engine::Sqlite, $setup, |desk| Box::pin(story(desk)));
            }

            #[test]
            fn postgres() {
                $crate::desk::tell($crate::desk::Engine::Postgres, $setup, |desk| Box::pin(story(desk)));
            }
        }
    };
}
