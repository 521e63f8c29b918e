//! The mark that a sign-in leaves in a browser, so that strangers who try an account's password cannot lock its owner out.

use frontdesk_kernel::{ids::UserId, random};

use crate::{Desk, signer::Signer};

const PURPOSE: &str = "device mark";

/// `v1.<person>.<random>.<mac>`.
pub(super) fn mark(desk: &Desk, person: &UserId) -> String {
    let device = random::text(desk.access.random.as_ref(), 22);
    let said = format!("v1.{person}.{device}");
    let mac: String = desk.signer.sign(PURPOSE, said.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    format!("{said}.{mac}")
}

/// The device that a genuine mark of this person names.
pub(super) fn read<'m>(signer: &Signer, mark: &'m str, person: &UserId) -> Option<&'m str> {
    let (said, mac) = mark.rsplit_once('.')?;
    let device = said.strip_prefix("v1.")?.strip_prefix(person.as_str())?.strip_prefix('.')?;
    let mac: Option<Vec<u8>> =
        mac.as_bytes().chunks(2).map(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok()).collect();
    signer.verify(PURPOSE, said.as_bytes(), &mac?).then_some(device)
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::Secret;

    use super::*;

    #[test]
    fn only_our_own_mark_for_this_person_is_read() {
        let signer = Signer::new(&Secret::new("k"));
        let person = UserId::parse("usr_1").unwrap();
        let mac: String = signer.sign(PURPOSE, b"v1.usr_1.abc").iter().map(|b| format!("{b:02x}")).collect();
        let mark = format!("v1.usr_1.abc.{mac}");
        assert_eq!(read(&signer, &mark, &person), Some("abc"));
        assert_eq!(read(&signer, &mark, &UserId::parse("usr_2").unwrap()), None);
        assert_eq!(read(&Signer::new(&Secret::new("other")), &mark, &person), None);
        for forged in
            [mark.replace("abc", "abd"), "v1.usr_1.abc.".into(), "v1.usr_1.abc.é".into(), String::new(), mark.replace('.', "")]
        {
            assert_eq!(read(&signer, &forged, &person), None, "{forged}");
        }
    }
}
