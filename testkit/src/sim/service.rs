//! The business's own service: one of its calls honours a key, another one does not, a third needs a person's yes.

use std::sync::{Arc, Mutex, PoisonError};

use frontdesk_kernel::ports::http::{Request, Response};
use serde_json::{Value, json};

use super::{node::Life, wire::answered, world::World};
use crate::marks::marked;

/// What was done for somebody.
#[derive(Debug, Clone)]
pub(super) struct Done {
    /// `charge`, `order`, `refund`.
    pub(super) what: String,
    /// The message that asked for it.
    pub(super) token: String,
    pub(super) key: Option<String>,
    /// Which request it was, of those under its key.
    pub(super) asked: u32,
}

#[derive(Default)]
pub(super) struct Service(Mutex<Vec<Done>>);

impl Service {
    pub(super) fn take(&self, world: &World, life: &Arc<Life>, request: &Request, body: &Value) -> Response {
        let what = request.url.rsplit('/').next().unwrap_or_default().to_owned();
        let key = request.own_headers.iter().find(|(name, _)| name == "idempotency-key").map(|(_, key)| key.reveal().to_owned());
        let token = marked(body["what"].as_str().unwrap_or_default(), "for:").unwrap_or_default().to_owned();
        let mut done = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = done.iter_mut().find(|d| key.is_some() && d.key == key);
        world.note(format_args!("{life} service: {what} for {token} key {key:?} known {}", known.is_some()));
        match known {
            Some(before) if !world.forgets_keys => before.asked += 1,
            _ => done.push(Done { what, token, key, asked: 1 }),
        }
        answered(200, &json!({"ok": true}))
    }

    pub(super) fn done(&self) -> Vec<Done> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
