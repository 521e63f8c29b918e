//! The messaging channels; one line each in the registry.

pub mod api;
pub mod webchat;
pub mod whatsapp;

use frontdesk_kernel::ports::channel::Channel;

pub static ALL: &[&dyn Channel] = &[&whatsapp::WhatsApp, &api::Api, &webchat::WebChat];

/// The channel with this key (`whatsapp`, `api` …).
pub fn find(key: &str) -> Option<&'static dyn Channel> {
    ALL.iter().copied().find(|channel| channel.about().key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_found_by_its_own_key_and_by_nothing_else() {
        for channel in ALL {
            let key = channel.about().key;
            assert_eq!(find(key).map(|c| c.about().key), Some(key));
            assert_eq!(ALL.iter().filter(|c| c.about().key == key).count(), 1, "{key}");
        }
        assert!(find("pigeon").is_none());
    }
}
