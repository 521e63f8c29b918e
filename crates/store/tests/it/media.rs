//! Files.

use frontdesk_store::{media, media::File};

use crate::harness::*;

db_test!(a_file_is_read_back_byte_by_byte_by_its_owner_only, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (small, empty) = (keep(file()), keep(File { bytes: Vec::new(), file_name: None, ..file() }));
    let large = keep(File { bytes: (0..3 << 20).map(|i: u32| (i % 251) as u8).collect(), ..file() });
    for file in [small, empty, large] {
        change!(db, &a.scope, tx => media::insert(tx, &a.scope, file));
        assert!(
            look!(db, &a.scope, tx => media::get(tx, &a.scope, &file.id)).as_ref() == Some(file),
            "{} bytes",
            file.bytes.len()
        );
        assert_eq!(look!(db, &b.scope, tx => media::get(tx, &b.scope, &file.id)), None);
        let about = look!(db, &a.scope, tx => media::about(tx, &a.scope, &file.id)).unwrap();
        assert_eq!((about.size, &about.sha256, &about.file_name), (file.bytes.len() as i64, &file.sha256, &file.file_name));
        assert_eq!(look!(db, &b.scope, tx => media::about(tx, &b.scope, &file.id)), None);
    }
});
