//! What a unit of work changed, told to watchers after its commit.

use frontdesk_kernel::ids::*;

use crate::events::{Event, Events};

/// Collected while the work is done; dropped untold when it is rolled back.
#[derive(Debug, Default)]
pub struct News(Vec<(TenantId, Event)>);

impl News {
    /// Who answers, who looks after it, whether it is unread.
    pub fn conversation(&mut self, tenant: &TenantId, id: &ConversationId) {
        self.0.push((tenant.clone(), Event::new("conversation.changed", id.as_str()).within(id)));
    }
    /// One more message, in or out; its conversation moved up.
    pub fn message(&mut self, tenant: &TenantId, conversation: &ConversationId, id: &MessageId) {
        self.0.push((tenant.clone(), Event::new("message.created", id.as_str()).within(conversation)));
    }
    /// How far it came, or what it says.
    pub fn delivery(&mut self, tenant: &TenantId, conversation: &ConversationId, id: &MessageId) {
        self.0.push((tenant.clone(), Event::new("message.changed", id.as_str()).within(conversation)));
    }
    pub fn task(&mut self, tenant: &TenantId, id: &TaskId, conversation: Option<&ConversationId>) {
        let event = Event::new("task.changed", id.as_str());
        self.0.push((tenant.clone(), conversation.map_or(event.clone(), |c| event.within(c))));
    }
    pub fn turn(&mut self, kind: &'static str, tenant: &TenantId, conversation: &ConversationId, id: &TurnId) {
        self.0.push((tenant.clone(), Event::new(kind, id.as_str()).within(conversation)));
    }
    pub fn other(&mut self, tenant: &TenantId, event: Event) {
        self.0.push((tenant.clone(), event));
    }
    pub fn merge(&mut self, other: News) {
        self.0.extend(other.0);
    }
    /// After the commit.
    pub fn tell(self, events: &Events) {
        for (tenant, event) in self.0 {
            events.tell(&tenant, event);
        }
    }
}
