//! Lists in pages. A page says where the next one begins, with a cursor that only we can write and only for its list and tenant.

use axum::http::StatusCode;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::{Caller, Problem};
use crate::Web;

const USUAL: u32 = 50;
const MOST: u32 = 200;
const SIGNATURE: usize = 16;

/// A piece of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Give it as `cursor` for the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) next: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// Which piece is wanted: `limit` items after `after`. Ask the store for `limit + 1`: the one too many says that there are more.
#[derive(Debug, Clone)]
pub(crate) struct Window<K> {
    pub(crate) after: Option<K>,
    pub(crate) limit: u32,
}

impl Web {
    /// Reads `cursor` and `limit` (1 to 200). `list` names the list, with its sort order if it has several.
    pub(crate) fn window<K: DeserializeOwned>(
        &self,
        caller: &Caller,
        list: &str,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Window<K>, Problem> {
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::field("limit", format!("from 1 to {MOST}")));
        }
        let after = match cursor {
            Some(cursor) => Some(self.open_cursor(caller, list, cursor).ok_or_else(foreign_cursor)?),
            None => None,
        };
        Ok(Window { after, limit })
    }

    /// Makes a page of what the store found (one more than the limit, when there is more). `key`: where an item stands in the order.
    pub(crate) fn page<T, K: Serialize>(
        &self,
        caller: &Caller,
        list: &str,
        limit: u32,
        mut found: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Page<T> {
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| more).map(|last| self.seal_cursor(caller, list, &key(last)));
        Page { items: found, next }
    }

    pub(crate) fn seal_cursor<K: Serialize>(&self, caller: &Caller, list: &str, key: &K) -> String {
        // Keys are tuples of numbers and ids: they serialize.
        let mut bytes = serde_json::to_vec(key).unwrap_or_default();
        let signature = self.desk.signer.sign(&purpose(caller, list), &bytes);
        bytes.extend_from_slice(&signature[..SIGNATURE]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open_cursor<K: DeserializeOwned>(&self, caller: &Caller, list: &str, cursor: &str) -> Option<K> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (text, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        let ours = self.desk.signer.verify(&purpose(caller, list), text, signature);
        ours.then(|| serde_json::from_slice(text).ok()).flatten()
    }
}

fn purpose(caller: &Caller, list: &str) -> String {
    format!("cursor {} {list}", caller.scope.tenant())
}

fn foreign_cursor() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_cursor", "cursor: not one that this list gave; begin again without it.")
}
