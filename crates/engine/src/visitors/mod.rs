//! Visitors of a hosted chat: who they are, what they say, and what they are shown.

mod pass;
mod say;

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    contact::AddressKind,
    ids::{ChannelId, ContactId, ConversationId},
    ports::channel::Address,
};
use frontdesk_store::{Result, Tx, contacts, conversations, work};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use self::{
    pass::{issue, read},
    say::{Heard, Said, own_id, say},
};
use crate::{Desk, admin, directory::Line, events::Event};

/// Who a browser speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub channel: ChannelId,
    /// `web/v/…` for a browser, `web/<account>/u/…` for a user that the site has signed.
    pub address: String,
    pub identified: bool,
    pub name: Option<String>,
    pub email: Option<String>,
    pub expires_at: Timestamp,
}

/// A user of the site's own, as the site's server signed it. Only `user_id` is signed.
#[derive(Debug, Clone)]
pub struct Identity {
    pub user_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    /// HMAC-SHA256 of the user's id under the channel's identity secret, in hexadecimal.
    pub hash: String,
}

/// Where a visitor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// In this conversation; `None` before the first word.
    Known(Option<ConversationId>),
    /// The browser's anonymous time ended when its person signed in: whoever comes next begins anew.
    Ended,
}

/// The secret that proves a site's users.
const IDENTITY_SECRET: &str = "identity_secret";

/// The hint that a conversation has something new to show.
pub fn feed_grew(conversation: &ConversationId) -> Event {
    Event::new("feed.grew", conversation.as_str()).within(conversation)
}

impl Identity {
    /// In constant time.
    pub fn proven(&self, line: &Line) -> bool {
        let Some(secret) = line.account.secret(IDENTITY_SECRET).filter(|s| !s.is_empty()) else { return false };
        let Some(hash) = from_hex(&self.hash) else { return false };
        mac(secret, &self.user_id).verify_slice(&hash).is_ok()
    }
}

fn mac(secret: &Secret, user_id: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(user_id.as_bytes());
    mac
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| if let [a, b] = *pair { Some(digit(a)? << 4 | digit(b)?) } else { None }).collect()
}

/// Somebody opens the chat: the user that the site has proven, else the browser that was here before, else a new one.
pub async fn enter(desk: &Desk, line: &Line, before: Option<Visitor>, proven: Option<Identity>) -> Result<Visitor> {
    let channel = line.channel.id.clone();
    if let Some(identity) = proven {
        let visitor = Visitor {
            channel,
            address: format!("{}{}", users_of(line), identity.user_id),
            identified: true,
            name: identity.name,
            email: identity.email,
            expires_at: desk.now().plus(pass::OF_A_USER),
        };
        if let Some(before) = before.filter(|b| !b.identified) {
            adopt(desk, line, &before, &visitor).await?;
        }
        return Ok(visitor);
    }
    let expires_at = desk.now().plus(pass::OF_A_BROWSER);
    if let Some(before) = before.filter(|b| !b.identified)
        && standing(desk, line, &before).await? != Standing::Ended
    {
        return Ok(Visitor { expires_at, ..before });
    }
    let name: String = admin::fresh(desk).iter().take(16).map(|b| format!("{b:02x}")).collect();
    Ok(Visitor { channel, address: format!("web/v/{name}"), identified: false, name: None, email: None, expires_at })
}

/// Which conversation a visitor sees.
pub async fn standing(desk: &Desk, line: &Line, visitor: &Visitor) -> Result<Standing> {
    let scope = Scope::of(line.tenant.clone());
    let (s, v, users) = (scope.clone(), visitor.clone(), users_of(line));
    desk.db
        .read(
            &scope,
            work!(tx => {
                let Some(contact) = contacts::at_address(tx, &s, AddressKind::Visitor, &v.address).await? else {
                    return Ok(Standing::Known(None));
                };
                if !v.identified && is_user(tx, &s, &contact, &users).await? {
                    return Ok(Standing::Ended);
                }
                // As what they say goes: they read the answers where they are given.
                let own = Address { kind: AddressKind::Visitor, value: v.address.clone() };
                let conversation = conversations::at_address(tx, &s, &v.channel, &contact, &own).await?;
                Ok(Standing::Known(conversation.map(|c| c.id)))
            }),
        )
        .await
}

/// What was said before signing in belongs to the user, if the user is new here and the browser spoke for nobody else.
async fn adopt(desk: &Desk, line: &Line, before: &Visitor, user: &Visitor) -> Result<()> {
    let scope = Scope::of(line.tenant.clone());
    let (s, old, new) = (scope.clone(), before.address.clone(), user.address.clone());
    let (anonymous, known) = desk
        .db
        .read(
            &scope,
            work!(tx => {
                let anonymous = contacts::at_address(tx, &s, AddressKind::Visitor, &old).await?;
                Ok((anonymous, contacts::at_address(tx, &s, AddressKind::Visitor, &new).await?))
            }),
        )
        .await?;
    let (Some(contact), None) = (anonymous, known) else { return Ok(()) };
    let (s, users, now) = (scope.clone(), users_of(line), desk.now());
    let address = Address { kind: AddressKind::Visitor, value: user.address.clone() };
    desk.db
        .write(
            &scope,
            work!(tx => {
                if !is_user(tx, &s, &contact, &users).await? {
                    contacts::add_address(tx, &s, &contact, &address, now).await?;
                }
                Ok(())
            }),
        )
        .await
}

async fn is_user(tx: &mut Tx, scope: &Scope, contact: &ContactId, users: &str) -> Result<bool> {
    let addresses = contacts::addresses(tx, scope, contact).await?;
    Ok(addresses.iter().any(|a| a.kind == AddressKind::Visitor && a.value.starts_with(users)))
}

/// What the addresses of a site's users begin with.
fn users_of(line: &Line) -> String {
    format!("web/{}/u/", line.channel.account)
}
