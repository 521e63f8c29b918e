//! A link of one person to one request. Who holds it decides as that person, as long as they may.

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::Approval,
    ids::{ApprovalId, TenantId, UserId},
};

use crate::Desk;

const PURPOSE: &str = "approval link 1";

/// What a genuine link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub tenant: TenantId,
    pub approval: ApprovalId,
    pub person: UserId,
    pub expires_at: Timestamp,
}

/// The whole address; it holds a little longer than the request, so that a late reader learns what was decided.
pub fn to(desk: &Desk, scope: &Scope, approval: &Approval, person: &UserId) -> String {
    let until = approval.expires_at.plus(std::time::Duration::from_secs(7 * 24 * 3600));
    let text = format!("{}.{}.{person}.{}", scope.tenant(), approval.id, until.0);
    format!("{}/a/{text}.{}", desk.access.public_url(), hex(&desk.signer.sign(PURPOSE, text.as_bytes())[..16]))
}

/// A forged, changed or expired one says nothing.
pub fn open(desk: &Desk, signed: &str) -> Option<Opened> {
    let (text, signature) = signed.rsplit_once('.')?;
    if !desk.signer.verify(PURPOSE, text.as_bytes(), &bytes(signature)?) {
        return None;
    }
    let mut parts = text.split('.');
    let (tenant, approval, person, until, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    let expires_at = Timestamp(until.parse().ok()?);
    (desk.now() < expires_at).then_some(())?;
    Some(Opened {
        tenant: TenantId::parse(tenant).ok()?,
        approval: ApprovalId::parse(approval).ok()?,
        person: UserId::parse(person).ok()?,
        expires_at,
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    (0..16).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).ok()).collect()
}
