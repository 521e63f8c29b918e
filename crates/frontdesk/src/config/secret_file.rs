//! Secrets that are kept in files of their own (`*_FILE`), as container platforms give them.

use std::{fs, io, path::Path};

use super::{problems::shown, values::Values};

/// The content of a secret's file, and whether it should be told that others can read it.
#[derive(Debug)]
pub(crate) struct SecretFile {
    pub(crate) text: String,
    pub(crate) open_to_others: bool,
}

/// How a secret's file is read; tests give their own.
pub(crate) type ReadSecret = fn(&Path) -> io::Result<SecretFile>;

pub(crate) fn read(path: &Path) -> io::Result<SecretFile> {
    Ok(SecretFile { text: fs::read_to_string(path)?, open_to_others: is_open_to_others(&fs::metadata(path)?) })
}

pub(super) fn apply(key: &str, path: &str, place: &str, read: ReadSecret, values: &mut Values) {
    let path = path.trim();
    if path.is_empty() {
        return;
    }
    match read(Path::new(path)) {
        Ok(file) if file.text.trim().is_empty() => {
            let what = format!("the file {} of `{key}` is empty", shown(path));
            values.refuse(key, place, what, "put the secret into it".to_owned());
        }
        Ok(file) => {
            if file.open_to_others {
                let what = format!("the file {} of `{key}` can be read by every user of this machine", shown(path));
                values.warn(place, what, &format!("run chmod o-r {path}"));
            }
            values.set_text(key, &file.text, place);
        }
        Err(e) => {
            let what = format!("the file {} of `{key}` cannot be read ({e})", shown(path));
            values.refuse(key, place, what, "name a file that this user may read".to_owned());
        }
    }
}

#[cfg(unix)]
fn is_open_to_others(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_every_user_can_read_is_told() {
        let path = std::env::temp_dir().join(format!("frontdesk-secret-{}", std::process::id()));
        fs::write(&path, " s3cret\n").unwrap();
        for (mode, open) in [(0o600, false), (0o640, false), (0o644, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let file = read(&path).unwrap();
            assert_eq!((file.text.as_str(), file.open_to_others), (" s3cret\n", open), "{mode:o}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
