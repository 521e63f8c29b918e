//! What the engine asks together with other things, asked alone.

use frontdesk_kernel::{Scope, Timestamp, ids::*, message::Message};
use frontdesk_store::{
    Result, Tx,
    decisions::{self, Decision},
    effects, messages,
    tool_calls::Place,
};

pub(crate) async fn begin(tx: &mut Tx, scope: &Scope, id: &EffectId, node: &NodeId, now: Timestamp) -> Result<Option<u32>> {
    effects::begin(tx, scope, id, node, now).await?.optional(tx).await
}

pub(crate) async fn decided_at(tx: &mut Tx, scope: &Scope, place: &Place) -> Result<Option<Decision>> {
    decisions::ask_at(tx, scope, place)?.optional(tx).await
}

pub(crate) async fn remembered(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<Message>> {
    messages::ask_history(tx, scope, conversation, before_seq, limit)?.all(tx).await
}
