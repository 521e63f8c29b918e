//! What only the machine's own operator may do: take a backup, end a pause, have everything looked at.

use std::io::Write;

use axum::{
    Json,
    body::Body,
    extract::{Query, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use frontdesk_engine::{
    checkup::{self, Depth},
    workers,
};
use frontdesk_store::backup;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc::{self, error::TrySendError};

use crate::{
    Web,
    kit::{Operator, Problem},
};

const CHUNK: usize = 64 << 10;
/// Chunks that may wait for a slow reader.
const WAITING: usize = 64;
const SLOW_READER: std::time::Duration = std::time::Duration::from_millis(5);

/// The backup, while it is written. A broken one lacks its last line.
pub(crate) async fn backup(State(web): State<Web>, _: Operator) -> Result<Response, Problem> {
    let (send, receive) = mpsc::channel::<Result<Bytes, std::io::Error>>(WAITING);
    let (db, now) = (web.desk.db.clone(), web.desk.now());
    // Reading waits for the reader of the answer: that blocks, so it has a thread of its own.
    let runtime = tokio::runtime::Handle::current();
    web.desk.tasks.spawn_blocking(move || {
        let out = Pipe { send: send.clone(), buffer: Vec::with_capacity(CHUNK) };
        if let Err(e) = runtime.block_on(backup::write(&db, out, now, |_| {})) {
            tracing::error!(error = %e, "a backup broke off");
            // The reader must not take what there is for the whole.
            let _ = send.blocking_send(Err(std::io::Error::other("the backup broke off")));
        }
    });
    let body = Body::from_stream(futures_util::stream::unfold(receive, |mut receive| async {
        receive.recv().await.map(|c| (c, receive))
    }));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// Ends the pause of a restored installation.
pub(crate) async fn resume(State(web): State<Web>, _: Operator) -> Result<Response, Problem> {
    let was_paused = workers::resume(&web.desk).await?;
    Ok(Json(json!({ "was_paused": was_paused })).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// Vendors are not asked.
    #[serde(default)]
    offline: bool,
}

/// The running server looks at itself: nobody else can open its database.
pub(crate) async fn checkup(State(web): State<Web>, _: Operator, Query(reach): Query<Reach>) -> Result<Response, Problem> {
    let depth = Depth { network: !reach.offline, whole_file: false };
    let (mut findings, complete) = checkup::database(&web.desk.db, depth).await;
    if complete {
        findings.extend(checkup::connections(&web.desk, depth).await?);
        findings.extend(checkup::audit_log(&web.desk).await?);
    }
    Ok(Json(findings).into_response())
}

/// A writer whose bytes become the answer's body.
struct Pipe {
    send: mpsc::Sender<Result<Bytes, std::io::Error>>,
    buffer: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let mut chunk = Ok(Bytes::from(std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK))));
        loop {
            chunk = match self.send.try_send(chunk) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Closed(_)) => return Err(std::io::Error::other("the reader went away")),
                Err(TrySendError::Full(chunk)) => chunk,
            };
            std::thread::sleep(SLOW_READER);
        }
    }
}
