//! What a mail looks like before it leaves.

use frontdesk_kernel::{Secret, ports::mail::Mail};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

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
fn what_a_server_says_is_told_without_addresses() {
    for (said, told) in [
        ("permanent error (550): 5.1.1 <ana@luna.example>: unknown", "permanent error (550): 5.1.1 <***>: unknown"),
        ("4.2.2 ana@luna.example: mailbox full, (Ana.Ruiz@luna.example)", "4.2.2 ***: mailbox full, (***)"),
        ("see https://mail.example/why?to=ana%40luna.example now", "see https:*** now"),
        ("<ñandú@bücher.example>;a@b", "<***>;***"),
        ("connection refused (os error 111)", "connection refused (os error 111)"),
        (" two  spaces\n", " two  spaces\n"),
        ("", ""),
    ] {
        assert_eq!(masked(said), told);
    }
}

/// A mail server that says one of these to each line of its client, the first as its greeting, and then hangs up.
#[expect(clippy::disallowed_methods, reason = "a fake server has no supervisor")]
async fn server(says: Vec<&'static str>) -> Secret {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (read, mut write) = listener.accept().await.unwrap().0.into_split();
        let mut heard = BufReader::new(read).lines();
        for line in says {
            if write.write_all(line.as_bytes()).await.is_err() || !matches!(heard.next_line().await, Ok(Some(_))) {
                return;
            }
        }
    });
    Secret::new(format!("smtp://desk:secret@{address}"))
}

#[tokio::test]
async fn a_server_that_does_not_let_us_in_has_not_refused_the_mail() {
    let signed_in = ["220 here\r\n", "250-here\r\n250 AUTH PLAIN\r\n", "235 come in\r\n"];
    for (so_far, last, is_final) in [
        (2, "535 5.7.8 wrong password\r\n", false),
        (2, "534 5.7.9 too weak a mechanism\r\n", false),
        (3, "530 5.7.0 authentication required\r\n", false),
        (3, "451 4.3.0 later\r\n", false),
        (3, "550 5.7.1 not from you\r\n", true),
    ] {
        let says = signed_in[..so_far].iter().copied().chain([last]).collect();
        let smtp = Smtp::new(&server(says).await, "Front desk <desk@luna.example>").unwrap();
        let error = smtp.send(&mail("ana@luna.example")).await.unwrap_err();
        assert_eq!(matches!(error, MailError::Refused(_)), is_final, "{last}: {error}");
        assert!(error.to_string().contains(&last[..3]), "{error}");
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

#[test]
fn a_mailbox_is_read_unencrypted_on_this_machine_only() {
    for url in [
        "imaps://a%40b.c:p@mail.luna.example",
        "imaps://a:p@mail.luna.example:1993/Answers",
        "imap://a:p@127.0.0.1:143",
        "imap://a:p@localhost",
    ] {
        assert!(Imap::new(&Secret::new(url)).is_ok(), "{url}");
    }
    for url in [
        "imap://a:p@mail.luna.example",
        "imaps://mail.luna.example",
        "imaps://a@mail.luna.example",
        "https://a:p@mail.luna.example",
        "imaps://a%ff:p@mail.luna.example",
        "mail.luna.example",
        "",
    ] {
        let Err(told) = Imap::new(&Secret::new(url)) else { panic!("{url}") };
        assert!(!told.to_string().contains("a:p"), "{told}");
    }
}

#[test]
fn a_letter_is_read_whatever_it_is() {
    use frontdesk_kernel::ports::mailbox::Letter;
    let read = |raw: &str| letter::read(5, raw.replace('\n', "\r\n").as_bytes());
    let plain = read(
        "From: Olga <Olga@Luna.example>\nIn-Reply-To: <b@x>\nReferences: <a@x>\n <b@x>\nContent-Type: text/html; charset=iso-8859-1\n\
         Content-Transfer-Encoding: quoted-printable\n\n<div>S=ED,</div><div>claro</div>\n",
    );
    assert_eq!((plain.number, plain.from.as_str(), plain.answers.as_deref()), (5, "olga@luna.example", Some("b@x")));
    assert!(plain.text.starts_with("Sí,\n") && !plain.text.contains('<') && !plain.is_automatic && !plain.is_forged, "{plain:?}");
    for header in [
        "Auto-Submitted: auto-replied",
        "auto-submitted: AUTO-GENERATED",
        "Precedence: bulk",
        "Return-Path: <>",
        "List-Id: <news.example>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    ] {
        assert!(read(&format!("From: a@b.c\n{header}\n\nok")).is_automatic, "{header}");
    }
    assert!(!read("From: a@b.c\nAuto-Submitted: no\n\nok").is_automatic);
    let forged = "Authentication-Results: mx.luna.example;\n spf=pass; dmarc=fail (p=none)\n";
    assert!(read(&format!("{forged}From: a@b.c\n\nok")).is_forged);
    for says in ["mx; spf=pass;dmarc=fail action=none", "mx; DMARC=FAIL"] {
        assert!(read(&format!("Authentication-Results: {says}\nFrom: a@b.c\n\nok")).is_forged, "{says}");
    }
    assert!(!read("Authentication-Results: mx; dmarc=pass\nFrom: a@b.c\n\nok").is_forged);
    for two in ["From: a@b.c, d@e.f", "From: evil@e.f\nFrom: a@b.c"] {
        assert_eq!(read(&format!("{two}\n\nok")).from, "", "{two}");
    }
    assert_eq!(read("From: a@b.c\nReferences: <a@x> <b@x>\n\nok").answers.as_deref(), Some("b@x"));
    let broken = "From: a@b.c\nIn-Reply-To: <Desk <b@x> wrote:\n";
    assert_eq!(read(&format!("{broken}\nok")).answers, None);
    for broken in [broken, "From: a@b.c\nIn-Reply-To: Your message of Monday\n"] {
        assert_eq!(read(&format!("{broken}References: <a@x>\n\nok")).answers.as_deref(), Some("a@x"));
    }
    assert!(read("From: a@b.c\nSubject: Fwd: Luna\n\nok").is_automatic);
    for junk in [
        String::new(),
        "\0".into(),
        "a".repeat(100_000),
        format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n".repeat(5000)),
    ] {
        assert!(read(&junk).text.chars().count() <= 20_000);
    }
    assert_eq!(letter::read(1, b""), Letter { number: 1, is_automatic: true, ..Letter::default() });
}

#[test]
fn a_letter_whose_plain_form_is_empty_is_read_in_its_other_form() {
    for plain in ["", "\n\n", " \u{a0}\n"] {
        let raw = format!(
            "From: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n\
             --b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n\
             --b\nContent-Type: text/html; charset=utf-8\n\n<div>ok 4F7K</div><div>gracias</div>\n--b--\n"
        );
        let letter = letter::read(5, raw.replace('\n', "\r\n").as_bytes());
        assert!(letter.text.trim_start().starts_with("ok 4F7K\n") && !letter.text.contains('<'), "{plain:?}: {letter:?}");
    }
}
