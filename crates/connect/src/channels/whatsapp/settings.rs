//! What WhatsApp is, what it allows, and what a person fills in to connect it.

use std::time::Duration;

use frontdesk_kernel::{
    effect::Class,
    ports::channel::{About, Limits, Setting},
};

pub(super) const VENDOR: &str = "whatsapp";
pub(super) const ACCESS_TOKEN: &str = "access_token";
pub(super) const BUSINESS_ACCOUNT: &str = "business_account_id";

/// How long one message to one person must wait for the next, once the burst is used up.
pub(super) const PAIR_INTERVAL: Duration = Duration::from_secs(6);

pub(super) static ABOUT: About = About {
    key: VENDOR,
    name: "WhatsApp",
    limits: Limits {
        text: 4096,
        buttons: 3,
        button_title: 20,
        list_rows: 10,
        caption: 1024,
        per_second: 80,
        pair_burst: 45,
        pair_interval: PAIR_INTERVAL,
    },
    // No idempotency key, but `biz_opaque_callback_data` comes back in every status.
    send_class: Class::B,
    window: Some(Duration::from_secs(24 * 60 * 60)),
    cost: Some("whatsapp_conversation"),
    settings: &[
        Setting {
            key: ACCESS_TOKEN,
            label: "Access token",
            help: "A permanent token of a system user with whatsapp_business_messaging (Meta Business settings → System users).",
            secret: true,
            required: true,
        },
        Setting {
            key: "app_secret",
            label: "App secret",
            help: "Meta app → App settings → Basic. Every webhook is signed with it.",
            secret: true,
            required: true,
        },
        Setting {
            key: "verify_token",
            label: "Verify token",
            help: "A text of your choice; enter the same one in Meta app → WhatsApp → Configuration → Webhook.",
            secret: true,
            required: true,
        },
        Setting {
            key: BUSINESS_ACCOUNT,
            label: "WhatsApp Business Account ID",
            help: "Shown beside the phone number ID in Meta app → WhatsApp → API setup. Needed for templates only.",
            secret: false,
            required: false,
        },
        Setting {
            key: "display_phone_number",
            label: "Phone number",
            help: "The number as customers see it, with its country code.",
            secret: false,
            required: false,
        },
        Setting {
            key: "display_name",
            label: "Display name",
            help: "How this number is called in the console.",
            secret: false,
            required: false,
        },
    ],
    media_in: true,
    read_receipts: true,
    hosted: false,
    reaches_numbers: true,
    own_secrets: &[],
};

/// Limits of parts of a message, in characters unless said otherwise.
pub(super) mod limits {
    pub(in super::super) const BODY: usize = 1024;
    pub(in super::super) const BUTTON_ID: usize = 256;
    pub(in super::super) const LIST_BUTTON: usize = 20;
    pub(in super::super) const SECTION_TITLE: usize = 24;
    pub(in super::super) const ROW_ID: usize = 200;
    pub(in super::super) const ROW_TITLE: usize = 24;
    pub(in super::super) const ROW_DESCRIPTION: usize = 72;
    /// Contact cards in one message.
    pub(in super::super) const CONTACTS: usize = 5;
    /// A received text; longer ones are cut.
    pub(in super::super) const RECEIVED_TEXT: usize = 65_536;
    /// A vendor id of a message, file, button …; longer ones are not genuine.
    pub(in super::super) const VENDOR_ID: usize = 512;
}
