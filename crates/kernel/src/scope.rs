//! Who asks, for which business. The only key that opens a tenant's rows.

use crate::ids::TenantId;

/// Opens the rows of exactly one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    tenant: TenantId,
}

impl Scope {
    pub fn of(tenant: TenantId) -> Self {
        Scope { tenant }
    }
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// The server itself: routing, claiming and repair look across tenants. Never made from a request.
#[derive(Debug, Clone, Copy)]
pub struct Server;
