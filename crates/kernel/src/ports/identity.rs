//! An identity provider (single sign-on), as the engine sees it.

use async_trait::async_trait;

use super::http::Http;
use crate::Timestamp;

/// Whom the provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    /// The provider's own id of the person; never given to somebody else.
    pub subject: String,
    /// Only when the provider says that it is verified. Lower case.
    pub email: Option<String>,
    pub name: Option<String>,
}

/// What begins a sign-in; all three are random.
#[derive(Debug, Clone)]
pub struct Request<'r> {
    pub state: &'r str,
    pub nonce: &'r str,
    /// PKCE; the provider sees its hash first and itself later.
    pub verifier: &'r str,
    pub redirect: &'r str,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The provider cannot be reached or answers nonsense; later it may work.
    #[error("the sign-in service does not answer as expected: {0}")]
    Unavailable(String),
    /// What came back is not to be trusted.
    #[error("the sign-in was refused: {0}")]
    Refused(String),
}

#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// What the button says.
    fn name(&self) -> &str;
    fn issuer(&self) -> &str;
    /// Where the browser goes.
    async fn authorize(&self, http: &dyn Http, request: &Request<'_>) -> Result<String, IdentityError>;
    /// The person behind the code that came back.
    async fn redeem(&self, http: &dyn Http, code: &str, request: &Request<'_>, now: Timestamp)
    -> Result<Identity, IdentityError>;
}
