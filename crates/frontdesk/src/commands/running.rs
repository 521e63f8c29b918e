//! The running server that a command talks to.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use frontdesk_kernel::Secret;

use crate::{
    client::Client,
    config::Config,
    local::{self, Local},
};

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

/// A server and what we are there.
pub(crate) struct Found {
    pub(crate) client: Client,
    /// Its operator; else at most the holder of a business's key.
    pub(crate) operator: bool,
}

impl Server {
    /// The server that answers, with the best key there is; `None`: no address is given and none runs here.
    pub(crate) async fn find(&self, config: &Config) -> Result<Option<Found>> {
        let folders = match &self.data_dir {
            Some(folder) => vec![folder.clone()],
            None => local::folders(&config.data_dir)?,
        };
        if self.api_key.is_none() {
            for local in Local::named(&folders, self.server_url()) {
                let client = Client::of(&local)?;
                if client.is_operated().await {
                    return Ok(Some(Found { client, operator: true }));
                }
            }
        }
        let Some(url) = self.server_url() else { return Ok(None) };
        Ok(Some(Found { client: Client::new(url, self.api_key.clone().map(Secret::new))?, operator: false }))
    }

    /// A server that is to tell us something.
    pub(crate) async fn ask(&self, config: &Config) -> Result<Found> {
        match self.find(config).await? {
            Some(found) if found.operator || self.api_key.is_some() => Ok(found),
            Some(found) => {
                Err(anyhow!("{} is not a server of this machine: give an API key of it with --api-key", found.client.url()))
            }
            None => Err(anyhow!("no frontdesk runs on this machine: start one with `frontdesk demo` or `frontdesk serve`")),
        }
    }

    fn server_url(&self) -> Option<&str> {
        self.server_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// The server of this very installation.
pub(crate) async fn beside(config: &Config) -> Result<Option<Client>> {
    for local in Local::named(std::slice::from_ref(&config.data_dir), None) {
        let client = Client::of(&local)?;
        if client.is_operated().await {
            return Ok(Some(client));
        }
    }
    Ok(None)
}
