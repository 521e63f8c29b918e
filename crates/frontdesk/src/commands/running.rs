//! The running server that a command talks to.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use frontdesk_kernel::Secret;

use crate::{client::Client, config::Config, local::{self, Local}};

/// Where the server is: named, or found on this machine.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Server {
    /// Address of the server (default: the one that runs on this machine)
    #[arg(long, env = "SERVER_URL", value_name = "URL")]
    pub(crate) server_url: Option<String>,
    /// Folder of the server's data
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// An API key, for a server on another machine
    #[arg(long, env = "FRONTDESK_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
}

impl Server {
    /// With an operator's key where the server is on this machine; `None` where nothing is known of it.
    pub(crate) fn find(&self, config: &Config) -> Result<Option<Local>> {
        let folders = match &self.data_dir {
            Some(folder) => vec![folder.clone()],
            None => local::folders(&config.data_dir)?,
        };
        Ok(Local::find(&folders, self.server_url.as_deref()))
    }

    pub(crate) fn client(&self, config: &Config, tenant: Option<String>) -> Result<Client> {
        let found = self.find(config)?;
        let key = self.api_key.clone().or_else(|| found.as_ref().map(|l| l.key.clone())).map(Secret::new);
        let url = self.server_url.clone().or_else(|| found.map(|l| l.url));
        let url = url.ok_or_else(|| anyhow!("no frontdesk runs on this machine: start one with `frontdesk demo` or `frontdesk serve`"))?;
        Client::new(&url, key, tenant)
    }
}
