//! Our own door: what embedders say as a contact, and what somebody of the team says to the agent that acts for them.

use frontdesk_kernel::{
    Scope,
    contact::AddressKind,
    ids::*,
    ports::channel::{Address, Inbound},
};
use frontdesk_store::{
    Result, Tx, contacts, conversations,
    inbound::{Arrival, Received},
    people::Member,
    work,
};

use super::items::{self, Incoming};
use crate::{Desk, directory::Line, news::News};

/// A contact's message: stored like any other. `agent` answers in its conversation from now on. Returns the message's id.
pub async fn submit(desk: &Desk, line: &Line, inbound: Inbound, agent: Option<AgentId>) -> Result<(Received, MessageId)> {
    let now = desk.now();
    let incoming = items::incoming(desk, line, inbound, now).await?;
    let message = incoming.arrival.message.clone();
    let scope = Scope::of(line.tenant.clone());
    let s = scope.clone();
    let received = desk
        .db
        .write(&scope, work!(tx => {
            let received = items::take_in(tx, &s, &incoming, now).await?;
            if let (Some(agent), Received::New { conversation, .. } | Received::Muted { conversation, .. }) = (&agent, &received) {
                conversations::set_agent(tx, &s, conversation, Some(agent)).await?;
            }
            Ok(received)
        }))
        .await?;
    tell(desk, &scope, &received, &message);
    Ok((received, message))
}

/// Begins the names of people of the team on channels of ours. Nobody else's may begin so: the agent does for them what it does for
/// nobody else.
pub const TEAM: &str = "team:";

/// Where somebody of the team is answered.
pub fn team_address(person: &UserId) -> Address {
    Address { kind: AddressKind::Visitor, value: format!("{TEAM}{person}") }
}

/// What somebody of the team says in a session of theirs. There the agent acts for them: it may do no more than they may. `None`: the session is
/// not theirs. `inbound.addresses` are made here.
pub async fn speak(
    desk: &Desk,
    line: &Line,
    member: &Member,
    session: &Session,
    inbound: Inbound,
) -> Result<Option<(Received, MessageId)>> {
    let inbound = Inbound { addresses: vec![team_address(&member.person)], ..inbound };
    let mut incoming = items::incoming(desk, line, inbound, desk.now()).await?;
    incoming.arrival.session = Some(session.id.clone());
    let message = incoming.arrival.message.clone();
    let scope = Scope::of(line.tenant.clone());
    let (s, member, session) = (scope.clone(), member.clone(), session.clone());
    let received = desk.db.write(&scope, work!(tx => take_in(tx, &s, &incoming, &member, &session).await)).await?;
    let Some(received) = received else { return Ok(None) };
    tell(desk, &scope, &received, &message);
    Ok(Some((received, message)))
}

/// A thread in which the agent acts for somebody.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: ConversationId,
    /// It begins with this message.
    pub new: bool,
}

async fn take_in(tx: &mut Tx, s: &Scope, incoming: &Incoming, member: &Member, session: &Session) -> Result<Option<Received>> {
    if !session.new && conversations::acts_for(tx, s, &session.id).await?.as_ref() != Some(&member.person) {
        return Ok(None);
    }
    let arrival = &incoming.arrival;
    let received = items::take_in(tx, s, incoming, arrival.now).await?;
    if let (true, Received::New { conversation, .. } | Received::Muted { conversation, .. }) = (session.new, &received) {
        conversations::act_for(tx, s, conversation, Some(&member.person)).await?;
        name(tx, s, conversation, arrival, &member.name).await?;
    }
    Ok(Some(received))
}

/// The inbox shows who it is.
async fn name(tx: &mut Tx, s: &Scope, conversation: &ConversationId, arrival: &Arrival, name: &str) -> Result<()> {
    let Some(conversation) = conversations::get(tx, s, conversation).await? else { return Ok(()) };
    let Some(mut contact) = contacts::lock(tx, s, &conversation.contact).await? else { return Ok(()) };
    if contact.name.is_none() && !name.trim().is_empty() {
        contact.name = Some(name.to_owned());
        contact.updated_at = arrival.now;
        contacts::update(tx, s, &contact).await?;
    }
    Ok(())
}

fn tell(desk: &Desk, scope: &Scope, received: &Received, message: &MessageId) {
    desk.wake.lanes.notify_one();
    if let Received::Muted { .. } = received {
        desk.wake.outbox.notify_one();
    }
    if let Received::New { conversation, .. } | Received::Muted { conversation, .. } = received {
        let mut news = News::default();
        news.message(scope.tenant(), conversation, message);
        news.tell(&desk.events);
    }
}
