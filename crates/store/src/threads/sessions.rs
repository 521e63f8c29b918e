//! Members' own conversations with the agent, and who may read them.

use frontdesk_kernel::ids::UserId;

/// Whose sessions with the agent are wanted, beside the conversations of customers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sessions {
    #[default]
    Everybodys,
    Of(UserId),
    Nobodys,
}

impl Sessions {
    /// Whether a conversation in which the agent acts for this member, or for nobody, is among them.
    pub fn hold(&self, acts_for: Option<&UserId>) -> bool {
        match (self, acts_for) {
            (Sessions::Everybodys, _) | (_, None) => true,
            (Sessions::Of(person), Some(theirs)) => person == theirs,
            (Sessions::Nobodys, Some(_)) => false,
        }
    }
}
