//! What waits to be done, whoever made it: one look instead of one for each kind.

use std::sync::LazyLock;

use frontdesk_kernel::{Timestamp, scope::Server};

use crate::{Result, Tx, effects, lanes, mails, timers};

/// When the next of each kind may begin; `None`: there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    pub lane: Option<Timestamp>,
    pub send: Option<Timestamp>,
    pub timer: Option<Timestamp>,
    pub mail: Option<Timestamp>,
}

static NEXT: LazyLock<String> = LazyLock::new(|| {
    let (lane, send, timer, mail) = (lanes::NEXT_READY, effects::NEXT_DUE, timers::NEXT_DUE, mails::NEXT_DUE);
    format!("SELECT ({lane}) AS lane, ({send}) AS send, ({timer}) AS timer, ({mail}) AS mail")
});

pub async fn next(tx: &mut Tx, _: &Server) -> Result<Next> {
    let read = |row: &crate::query::Row<'_>| {
        Ok(Next { lane: row.get("lane")?, send: row.get("send")?, timer: row.get("timer")?, mail: row.get("mail")? })
    };
    tx.query(&NEXT).one(read).await
}
