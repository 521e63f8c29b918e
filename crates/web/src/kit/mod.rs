//! What every route of the API is made of: who asks, what came in, what goes out. Layers around `/api/v1` do the rest.

mod answers;
pub(crate) mod authenticate;
pub(crate) mod body;
mod caller;
pub(crate) mod client;
pub(crate) mod limits;
mod page;
mod patch;
pub(crate) mod problem;
pub(crate) mod rate;
pub(crate) mod repeats;
mod time;

pub(crate) use answers::{Accepted, Created, Deleted, Found};
pub(crate) use body::{Body, Path, Query};
pub(crate) use caller::{Actor, Caller, Operator, SignedIn};
pub(crate) use page::Page;
pub(crate) use patch::Patch;
pub(crate) use problem::{Field, Problem};
pub(crate) use repeats::ShownOnce;
pub(crate) use time::Time;
