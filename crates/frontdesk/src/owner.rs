//! The login that the environment names, for the first owner and for the predecessor's routes.

use frontdesk_engine::access::password;
use frontdesk_kernel::Secret;

use crate::config::Owner;

impl Owner {
    /// Name and password, where both are set.
    pub(crate) fn login(&self) -> Option<(&str, &Secret)> {
        Some((self.username.as_deref()?, self.password.as_ref()?))
    }

    /// Why the login opens nothing: nobody may have such a password here. An installation that comes from elsewhere with one must
    /// still start.
    pub(crate) fn refused(&self) -> Option<String> {
        let (username, password) = self.login()?;
        let email = username.trim().to_lowercase();
        password::check(password.reveal(), &[email.as_str(), username]).err()
    }
}
