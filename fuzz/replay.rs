//! The seeds of a fuzz target, as an ordinary test: what once broke something stays among them.

use std::{fs, path::Path};

/// Feeds an entry with every file of `fuzz/seeds/<target>`.
pub(crate) fn replay(target: &str, entry: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        println!("{}", file.display());
        entry(&fs::read(&file).unwrap());
    }
    entry(&[]);
}
