//! Typed, prefixed, time-sortable ids: `cnv_0198…` (UUIDv7 in hex after the prefix).

use std::{fmt, hash, marker::PhantomData, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::Timestamp;

/// What an id names; gives the prefix.
pub trait Kind: Send + Sync + 'static {
    const PREFIX: &'static str;
    /// Its name in descriptions of the API.
    const NAME: &'static str;
}

/// An id of one kind of thing. Cheap to clone.
pub struct Id<K>(Arc<str>, PhantomData<fn() -> K>);

/// Where new ids come from. Tests give their own, so that a story always reads the same.
pub trait Ids: Send + Sync + 'static {
    fn uuid(&self, now: Timestamp) -> Uuid;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}_<letters and digits>")]
pub struct NotAnId {
    text: String,
    prefix: &'static str,
}

impl<K: Kind> Id<K> {
    pub fn new(ids: &dyn Ids, now: Timestamp) -> Self {
        Self::from_uuid(ids.uuid(now))
    }

    pub fn from_uuid(uuid: Uuid) -> Self {
        let mut text = String::with_capacity(K::PREFIX.len() + 33);
        text.push_str(K::PREFIX);
        text.push('_');
        text.push_str(uuid.simple().encode_lower(&mut [0; 32]));
        Id(text.into(), PhantomData)
    }

    /// Reads `prefix_tail`; the tail is 1 to 64 ASCII letters, digits, `-` or `_`.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let tail = text.strip_prefix(K::PREFIX).and_then(|t| t.strip_prefix('_'));
        match tail {
            Some(tail)
                if (1..=64).contains(&tail.len())
                    && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') =>
            {
                Ok(Id(text.into(), PhantomData))
            }
            _ => Err(NotAnId { text: text.chars().take(80).collect(), prefix: K::PREFIX }),
        }
    }
}

impl<K> Id<K> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Id(self.0.clone(), PhantomData)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K: Kind> FromStr for Id<K> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::parse(text)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<K: Kind> utoipa::PartialSchema for Id<K> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{}_[A-Za-z0-9_-]{{1,64}}$", K::PREFIX)))
            .build()
            .into()
    }
}
impl<K: Kind> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        K::NAME.into()
    }
}

macro_rules! kinds { ($($kind:ident $alias:ident $prefix:literal)*) => { $(
    #[derive(Debug)]
    pub struct $kind;
    impl Kind for $kind {
        const PREFIX: &'static str = $prefix;
        const NAME: &'static str = stringify!($alias);
    }
    pub type $alias = Id<$kind>;
)* } }

kinds! {
    OfTenant TenantId "tnt"
    OfUser UserId "usr"
    OfKey KeyId "key"
    OfChannel ChannelId "chn"
    OfContact ContactId "con"
    OfConversation ConversationId "cnv"
    OfMessage MessageId "msg"
    OfTurn TurnId "trn"
    OfEffect EffectId "eff"
    OfAgent AgentId "agt"
    OfService ServiceId "svc"
    OfStaff StaffId "stf"
    OfAppointment AppointmentId "apt"
    OfMedia MediaId "med"
    OfTask TaskId "tsk"
    OfNode NodeId "nod"
    OfLocation LocationId "loc"
    OfSession SessionId "ses"
    OfInvitation InvitationId "inv"
    OfPasskey PasskeyId "psk"
    OfAudit AuditId "aud"
    OfNote NoteId "nte"
    OfMacro MacroId "mac"
    OfPrompt PromptId "prm"
    OfTool ToolId "tol"
    OfImport ImportId "imp"
    OfAbsence AbsenceId "abs"
    OfMail MailId "mal"
    OfTrial TrialId "try"
    OfApproval ApprovalId "apv"
    OfRule RuleId "rul"
    OfPayment PaymentId "pay"
    OfRefund RefundId "rfd"
    OfOrder OrderId "ord"
    OfMcpServer McpServerId "mcp"
    OfReport ReportId "rpt"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_only_as_its_own_kind() {
        let id = ConversationId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.as_str(), "cnv_00000000000000000000000000000007");
        assert_eq!(ConversationId::parse(id.as_str()), Ok(id.clone()));
        assert!(TenantId::parse(id.as_str()).is_err());
        for wrong in ["", "cnv", "cnv_", "cnv_a b", "cnv_'; DROP", "cnvx_1"] {
            assert!(ConversationId::parse(wrong).is_err(), "{wrong}");
        }
    }
}
