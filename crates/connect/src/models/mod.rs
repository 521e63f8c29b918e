//! Language models: the dialects, and which vendor speaks which.

pub(crate) mod arguments;
mod audio;
mod call;
#[cfg(test)]
mod contract;
#[cfg(any(test, fuzzing))]
pub(crate) mod fake;
pub mod gemini;
pub mod openai_like;
pub mod prices;
pub mod scripted;
pub(crate) mod sse;
mod stream;

use frontdesk_kernel::ports::model::Model;

use self::{gemini::Gemini, openai_like::OpenAiLike, scripted::Scripted};

/// Every dialect. A new one is a folder and a line here.
pub static ALL: &[&dyn Model] = &[&OpenAiLike, &Gemini, &Scripted];

/// What the host must know of a vendor to make an `Endpoint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VendorInfo {
    pub key: &'static str,
    pub name: &'static str,
    pub dialect: &'static str,
    /// Empty: there is none; the operator of a `custom` server must give it.
    pub default_base_url: &'static str,
    pub needs_key: bool,
    /// The environment variable that holds the key by custom.
    pub key_env: Option<&'static str>,
}

/// The model connector of a dialect (`openai_like`).
pub fn find(dialect: &str) -> Option<&'static dyn Model> {
    ALL.iter().copied().find(|model| model.about().key == dialect)
}

/// The model connector that a vendor (`groq`) is called with.
pub fn dialect_of(vendor_key: &str) -> Option<&'static dyn Model> {
    find(vendor(vendor_key)?.dialect)
}

pub fn vendor(key: &str) -> Option<VendorInfo> {
    vendors().find(|vendor| vendor.key == key)
}

/// Every vendor, for lists and messages.
pub fn vendors() -> impl Iterator<Item = VendorInfo> {
    let alike = openai_like::vendors::ALL.iter().map(|vendor| VendorInfo {
        key: vendor.key,
        name: vendor.name,
        dialect: "openai_like",
        default_base_url: vendor.default_base_url,
        needs_key: vendor.needs_key,
        key_env: vendor.key_env,
    });
    alike.chain(OTHERS)
}

/// Vendors with a dialect of their own.
const OTHERS: [VendorInfo; 2] = [
    VendorInfo {
        key: gemini::DIALECT,
        name: "Google Gemini",
        dialect: gemini::DIALECT,
        default_base_url: gemini::DEFAULT_BASE_URL,
        needs_key: true,
        key_env: Some("GEMINI_API_KEY"),
    },
    VendorInfo {
        key: "scripted",
        name: "Scripted (rules, not an AI)",
        dialect: "scripted",
        default_base_url: "",
        needs_key: false,
        key_env: None,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_vendor_has_a_dialect_and_a_name_of_its_own() {
        let mut keys = HashSet::new();
        for vendor in vendors() {
            assert!(keys.insert(vendor.key), "{} is there twice", vendor.key);
            assert_eq!(dialect_of(vendor.key).unwrap().about().key, vendor.dialect);
            assert_eq!(super::vendor(vendor.key), Some(vendor));
            assert!(!vendor.default_base_url.ends_with('/'));
            assert_eq!(matches!(vendor.key, "custom" | "scripted"), vendor.default_base_url.is_empty(), "{}", vendor.key);
        }
        for key in
            ["openai", "openrouter", "ollama", "vllm", "lmstudio", "groq", "mistral", "deepseek", "together", "custom", "gemini"]
        {
            assert!(keys.contains(key), "{key}");
        }
        assert_eq!(vendor("nobody"), None);
        assert!(dialect_of("nobody").is_none() && find("nobody").is_none());
    }
}
