use std::{collections::BTreeSet, process::Command};

use super::*;
use crate::{
    crash::power_loss::record::{build_shim, environment, records},
    rig, shell,
};

/// A folder that a program is followed in.
struct Bench {
    root: PathBuf,
    log: PathBuf,
    shim: PathBuf,
}

impl Bench {
    fn new(name: &str) -> Bench {
        let folder = rig::new_folder(&format!("power-loss-test-{name}")).unwrap();
        let root = folder.join("disk");
        fs::create_dir(&root).unwrap();
        Bench { root, log: folder.join("log"), shim: build_shim(&folder).unwrap() }
    }

    /// The disks that `seeds` power failures leave after these programs have run.
    fn after(&self, words: &str, seeds: u64, lies: bool) -> Vec<BTreeMap<String, Vec<u8>>> {
        fs::write(&self.log, "").unwrap();
        let mut program = Command::new("sh");
        program.args(["-e", "-c", words]).current_dir(&self.root).envs(environment(&self.shim, &self.root, &self.log).unwrap());
        let base = Base::of(&self.root).unwrap();
        shell::read(&mut program).unwrap();
        let log = fs::read(&self.log).unwrap();
        (0..seeds)
            .map(|seed| {
                let mut disk = Disk::new(base.clone(), lies);
                disk.replay(records(&log).unwrap()).unwrap();
                disk.lose_power(&mut Random(seed));
                disk.restore().unwrap();
                files(&self.root)
            })
            .collect()
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

const SEEDS: u64 = 60;

#[test]
fn what_was_synced_is_always_there_and_what_was_not_is_not_always() {
    let bench = Bench::new("synced");
    let words = "printf synced > a; sync a .; printf lost > b; printf more >> a";
    let all = bench.after(words, SEEDS, false);
    let firsts: BTreeSet<_> = all.iter().map(|files| files["a"].clone()).collect();
    assert!(firsts.iter().all(|a| a.starts_with(b"synced")), "{firsts:?}");
    assert!(firsts.contains(b"synced".as_slice()) && firsts.contains(b"syncedmore".as_slice()), "{firsts:?}");
    let seconds: BTreeSet<_> = all.iter().map(|files| files.get("b").cloned()).collect();
    assert_eq!(seconds, BTreeSet::from([None, Some(Vec::new()), Some(b"lost".to_vec())]));
}

#[test]
fn a_synced_file_whose_folder_was_not_may_have_no_name() {
    let bench = Bench::new("folder");
    let all = bench.after("mkdir home; printf key > home/key; sync home/key home", SEEDS, false);
    let there = all.iter().filter(|files| files.get("home/key").map(Vec::as_slice) == Some(b"key")).count();
    assert!((1..all.len()).contains(&there), "{there}");
    let all = bench.after("printf key > other; sync other .", SEEDS, false);
    assert!(all.iter().all(|files| files["other"] == b"key"));
}

#[test]
fn a_new_name_replaces_the_old_one_or_not_and_never_both() {
    let bench = Bench::new("rename");
    let words = "printf old > a; printf new > b; printf gone > c; sync a b c .; mv b a; rm c";
    let all = bench.after(words, SEEDS, false);
    let seen: BTreeSet<_> = all.iter().map(|files| (files["a"].clone(), files.contains_key("b"))).collect();
    assert_eq!(seen, BTreeSet::from([(b"new".to_vec(), false), (b"old".to_vec(), true)]));
    let removed: BTreeSet<_> = all.iter().map(|files| (files.contains_key("b"), files.contains_key("c"))).collect();
    assert_eq!(removed, BTreeSet::from([(true, true), (false, true), (false, false)]), "in their order");
    let all = bench.after("printf new > d; sync d; mv d a; sync .", SEEDS, false);
    assert!(all.iter().all(|files| files["a"] == b"new" && !files.contains_key("d")));
}

#[test]
fn a_page_that_was_not_synced_tears_at_sectors_and_a_cut_may_come_back() {
    let bench = Bench::new("torn");
    let page = |of: &str| format!("tr '\\0' {of} < /dev/zero | dd of=a bs=4096 count=1 iflag=fullblock conv=notrunc status=none");
    let words = format!("{}; sync a .; {}; {}", page("x"), page("y"), "printf z > b; sync b .; dd if=/dev/null of=b status=none");
    let all = bench.after(&words, SEEDS, false);
    let mut torn = 0;
    for files in &all {
        assert_eq!(files["a"].len(), 4096);
        for sector in files["a"].chunks(SECTOR) {
            assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is whole");
        }
        torn += usize::from(files["a"].contains(&b'x') && files["a"].contains(&b'y'));
    }
    assert!((1..all.len()).contains(&torn), "{torn}");
    let cut: BTreeSet<_> = all.iter().map(|files| files["b"].clone()).collect();
    assert_eq!(cut, BTreeSet::from([Vec::new(), b"z".to_vec()]));
}

#[test]
fn a_lying_disk_loses_what_was_synced() {
    let bench = Bench::new("lies");
    let all = bench.after("printf synced > a; sync a .", SEEDS, true);
    assert!(all.iter().any(|files| !files.contains_key("a")));
}

#[test]
fn what_cannot_be_followed_is_said_and_not_passed_over() {
    let bench = Bench::new("memory");
    let program = bench.root.parent().unwrap().join("maps");
    let source = program.with_extension("c");
    let words = "#include <fcntl.h>\n#include <sys/mman.h>\n#include <unistd.h>\nint main(int n, char **names) {\n\
        int fd = open(names[n - 1], O_RDWR | O_CREAT, 0600);\n\
        return ftruncate(fd, 4096) || mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED;\n}\n";
    fs::write(&source, words).unwrap();
    shell::read(Command::new("cc").arg("-o").arg(&program).arg(&source)).unwrap();
    for (name, followed) in [("a.db", false), ("a.db-shm", true)] {
        let base = Base::of(&bench.root).unwrap();
        fs::write(&bench.log, "").unwrap();
        let environment = environment(&bench.shim, &bench.root, &bench.log).unwrap();
        shell::read(Command::new(&program).arg(bench.root.join(name)).envs(environment)).unwrap();
        let log = fs::read(&bench.log).unwrap();
        assert_eq!(Disk::new(base, false).replay(records(&log).unwrap()).is_ok(), followed, "{name}");
    }
}

#[test]
fn a_write_during_a_sync_is_not_kept_by_it() {
    let folder = rig::new_folder("power-loss-test-during").unwrap();
    let base = Base::of(&folder).unwrap();
    let path = base.root.join("a");
    let write = |offset, bytes| Record::Written { file: 7, offset, bytes };
    let script = vec![
        Record::Created { file: 7, path: path.clone() },
        write(0, b"one".as_slice()),
        Record::Syncing { file: 7, thread: 1 },
        write(3, b"two".as_slice()),
        Record::Synced { file: 7, thread: 1 },
    ];
    let mut disk = Disk::new(base, false);
    disk.replay(script).unwrap();
    let thing = disk.known(7).unwrap();
    assert_eq!((disk.things[thing].kept.as_slice(), disk.things[thing].unsynced.len()), (b"one".as_slice(), 1));
}
