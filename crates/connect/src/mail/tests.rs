//! What a mail looks like before it leaves.

use frontdesk_kernel::{Secret, ports::mail::Mail};

use super::*;

fn smtp() -> Smtp {
    Smtp::new(&Secret::new("smtp://127.0.0.1:2525"), "Front desk <desk@luna.example>").unwrap()
}

fn mail(to: &str) -> Mail {
    Mail { id: "mal_1".into(), to: to.into(), subject: "Invitación".into(), text: "hola".into(), html: "<p>hola</p>".into() }
}

#[test]
fn a_mail_has_both_forms_its_own_id_and_is_no_invitation_to_robots() {
    let text = String::from_utf8(smtp().message(&mail("ana@luna.example")).unwrap().formatted()).unwrap();
    for part in ["From: \"Front desk\" <desk@luna.example>", "To: ana@luna.example", "Message-ID: <mal_1@luna.example>"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    for part in ["Auto-Submitted: auto-generated", "multipart/alternative", "text/plain", "text/html", "Subject: =?utf-8?"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn an_address_with_a_second_header_in_it_is_no_address() {
    for to in ["ana@luna.example\r\nBcc: eva@evil.example", "ana", "", "a@b, c@d"] {
        assert!(smtp().message(&mail(to)).is_err(), "{to:?}");
    }
}

#[test]
fn a_password_does_not_leave_this_machine_unencrypted() {
    for (url, used) in [
        ("smtp://u:p@mail.luna.example:587", "smtp://u:p@mail.luna.example:587?tls=required"),
        ("smtp://u:p@mail.luna.example?tls=opportunistic", "smtp://u:p@mail.luna.example?tls=opportunistic"),
        ("smtps://u:p@mail.luna.example", "smtps://u:p@mail.luna.example"),
        ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
        ("smtp://localhost:2525", "smtp://localhost:2525"),
    ] {
        assert_eq!(encrypted(url).unwrap(), used, "{url}");
    }
}

#[test]
fn what_cannot_be_used_is_said_at_the_start() {
    for (url, from) in [("http://mail.example", "a@b.example"), ("mail.example", "a@b.example"), ("smtp://127.0.0.1", "nobody")] {
        assert!(Smtp::new(&Secret::new(url), from).is_err(), "{url} {from}");
    }
}
