//! The settings of the models: who answers, where each vendor is, what it may take and cost.

use std::{collections::BTreeMap, time::Duration};

use frontdesk_kernel::{Secret, ports::model::CallLimits};
use serde::Deserialize;

use super::settings::unless_empty;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Models {
    /// Who answers: what was chosen, else the first with a key, else the scripted model.
    pub(crate) default: Vendor,
    pub(crate) fallback: Vec<Vendor>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) transcription: Option<Vendor>,
    pub(crate) openai: OpenAi,
    pub(crate) gemini: Endpoint,
    pub(crate) openrouter: Endpoint,
    pub(crate) ollama: Endpoint,
    pub(crate) vllm: Endpoint,
    pub(crate) custom: Endpoint,
    pub(crate) timeouts: Timeouts,
    pub(crate) prices: BTreeMap<String, Price>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Vendor {
    OpenAi,
    Gemini,
    OpenRouter,
    Ollama,
    Vllm,
    Custom,
    Scripted,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenAi {
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) api_key: Option<Secret>,
    pub(crate) base_url: String,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) organization: Option<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) project: Option<String>,
    pub(crate) model: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) api_key: Option<Secret>,
    /// Without a trailing slash; may be empty for `custom`.
    pub(crate) base_url: String,
    /// May be empty for `ollama`, `vllm` and `custom` while they are not used.
    pub(crate) model: String,
}

/// What is set for one vendor, whichever it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VendorSettings<'c> {
    pub(crate) api_key: Option<&'c Secret>,
    pub(crate) base_url: &'c str,
    pub(crate) model: &'c str,
    pub(crate) organization: Option<&'c str>,
    pub(crate) project: Option<&'c str>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timeouts {
    pub(crate) first_token_s: u64,
    pub(crate) gap_s: u64,
    pub(crate) total_s: u64,
}

/// Millionths of a US dollar per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    pub(crate) input: u64,
    /// As `input` when absent.
    pub(crate) cached: Option<u64>,
    pub(crate) output: u64,
}

impl Vendor {
    pub(super) const NAMES: [&str; 7] = ["openai", "gemini", "openrouter", "ollama", "vllm", "custom", "scripted"];

    pub(crate) fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

impl Models {
    /// Every vendor that is called over the network, with its settings.
    pub(crate) fn servers(&self) -> impl Iterator<Item = (Vendor, VendorSettings<'_>)> {
        use Vendor::*;
        [OpenAi, Gemini, OpenRouter, Ollama, Vllm, Custom].into_iter().filter_map(|v| Some((v, self.vendor(v)?)))
    }

    /// `None` for the scripted model, which needs nothing.
    pub(crate) fn vendor(&self, vendor: Vendor) -> Option<VendorSettings<'_>> {
        let endpoint = match vendor {
            Vendor::OpenAi => {
                return Some(VendorSettings {
                    api_key: self.openai.api_key.as_ref(),
                    base_url: &self.openai.base_url,
                    model: &self.openai.model,
                    organization: self.openai.organization.as_deref(),
                    project: self.openai.project.as_deref(),
                });
            }
            Vendor::Gemini => &self.gemini,
            Vendor::OpenRouter => &self.openrouter,
            Vendor::Ollama => &self.ollama,
            Vendor::Vllm => &self.vllm,
            Vendor::Custom => &self.custom,
            Vendor::Scripted => return None,
        };
        let Endpoint { api_key, base_url, model } = endpoint;
        Some(VendorSettings { api_key: api_key.as_ref(), base_url, model, organization: None, project: None })
    }

    /// The time limits of one call.
    pub(crate) fn limits(&self) -> CallLimits {
        CallLimits {
            first_token: Duration::from_secs(self.timeouts.first_token_s),
            gap: Duration::from_secs(self.timeouts.gap_s),
            total: Duration::from_secs(self.timeouts.total_s),
            ..CallLimits::default()
        }
    }
}
