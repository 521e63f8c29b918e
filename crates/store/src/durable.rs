//! Files that are still there after a power failure, with their names: a file is kept by its own sync, its name by that of its folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A folder that only its owner enters, and those above it that are missing.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|up| !up.as_os_str().is_empty() && !up.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if missing.is_empty() {
        // Perhaps made by a process that died before it could sync. Whoever may not read the folder above cannot have made it either.
        let _ = sync_name(folder);
    }
    missing.into_iter().try_for_each(sync_name)
}

/// A file that only its owner reads: after a failure it holds all of this or, if it is new, is not there.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    sync_name(path)
}

fn sync_name(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|up| !up.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        let path = folder.join("key");
        write(&path, "first and longer").unwrap();
        write(&path, "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder), mode(&home.path().join("a"))), (0o600, 0o700, 0o700));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
