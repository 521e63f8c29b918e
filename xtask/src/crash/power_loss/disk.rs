//! A disk that forgets what was not synced: all up to each file's last completed sync is kept; of the rest chance decides what had reached
//! it, by sectors. Names are kept by a sync of their folder.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::record::Record;
use crate::crash::Random;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// What lies below a folder, all of it synced: each path with its inode number and, unless it is a folder, its contents.
#[derive(Clone)]
pub(super) struct Base {
    root: PathBuf,
    found: Vec<(PathBuf, u64, Option<Vec<u8>>)>,
}

impl Base {
    pub(super) fn of(root: &Path) -> Result<Base> {
        let root = root.canonicalize().with_context(|| format!("there is no folder {}", root.display()))?;
        let mut base = Base { root: root.clone(), found: Vec::new() };
        base.take_in(&root)?;
        Ok(base)
    }

    fn take_in(&mut self, path: &Path) -> Result<()> {
        let about = fs::metadata(path)?;
        let contents = if about.is_dir() { None } else { Some(fs::read(path)?) };
        self.found.push((path.to_owned(), about.ino(), contents));
        if about.is_dir() {
            for entry in fs::read_dir(path)? {
                self.take_in(&entry?.path())?;
            }
        }
        Ok(())
    }
}

/// Files below a folder, as they are and as they would be found again.
pub(super) struct Disk<'l> {
    root: PathBuf,
    things: Vec<Thing<'l>>,
    /// Which thing an inode number means now.
    by_inode: HashMap<u64, usize>,
    /// What would be found again.
    names: BTreeMap<PathBuf, usize>,
    /// Changes of names that no sync of their folder has covered.
    unsynced_names: Vec<(usize, Renaming)>,
    /// Syncs on their way: who syncs what, and how much had happened when it began.
    syncing: HashMap<(u32, u64), usize>,
    /// The disk says that it synced, and did not.
    lies: bool,
    pub(super) syncs: usize,
    pub(super) torn: usize,
}

/// A file's contents (a folder has none).
#[derive(Default)]
struct Thing<'l> {
    folder: bool,
    kept: Vec<u8>,
    unsynced: Vec<(usize, Change<'l>)>,
}

enum Change<'l> {
    Write { offset: usize, bytes: &'l [u8] },
    Cut(usize),
}

enum Renaming {
    Added { path: PathBuf, thing: usize },
    Removed { path: PathBuf },
    Renamed { from: PathBuf, to: PathBuf, thing: usize },
}

impl Renaming {
    /// Whose sync keeps it.
    fn folder(&self) -> Option<&Path> {
        match self {
            Renaming::Added { path, .. } | Renaming::Removed { path } | Renaming::Renamed { to: path, .. } => path.parent(),
        }
    }

    fn apply(self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Renaming::Added { path, thing } => drop(names.insert(path, thing)),
            Renaming::Removed { path } => drop(names.remove(&path)),
            Renaming::Renamed { from, to, thing } => {
                names.remove(&from);
                names.insert(to, thing);
            }
        }
    }
}

impl<'l> Disk<'l> {
    pub(super) fn new(base: Base, lies: bool) -> Disk<'l> {
        let mut disk = Disk {
            root: base.root,
            things: Vec::new(),
            by_inode: HashMap::new(),
            names: BTreeMap::new(),
            unsynced_names: Vec::new(),
            syncing: HashMap::new(),
            lies,
            syncs: 0,
            torn: 0,
        };
        for (path, inode, contents) in base.found {
            let thing = disk.thing(inode, contents.is_none());
            disk.things[thing].kept = contents.unwrap_or_default();
            disk.names.insert(path, thing);
        }
        disk
    }

    fn thing(&mut self, inode: u64, folder: bool) -> usize {
        self.things.push(Thing { folder, ..Thing::default() });
        self.by_inode.insert(inode, self.things.len() - 1);
        self.things.len() - 1
    }

    /// What a program did since, in its order.
    pub(super) fn replay(&mut self, records: Vec<Record<'l>>) -> Result<()> {
        for (n, record) in records.into_iter().enumerate() {
            match record {
                Record::Created { file, path } | Record::Folder { file, path } if is_passing(&path) => {
                    self.thing(file, false);
                }
                Record::Created { file, path } => {
                    let thing = self.thing(file, false);
                    self.unsynced_names.push((n, Renaming::Added { path, thing }));
                }
                Record::Folder { file, path } => {
                    let thing = self.thing(file, true);
                    self.unsynced_names.push((n, Renaming::Added { path, thing }));
                }
                Record::Written { file, offset, bytes } => {
                    let thing = self.known(file)?;
                    self.things[thing].unsynced.push((n, Change::Write { offset, bytes }));
                }
                Record::Cut { file, length } => {
                    let thing = self.known(file)?;
                    self.things[thing].unsynced.push((n, Change::Cut(length)));
                }
                Record::Removed { path } => self.unsynced_names.push((n, Renaming::Removed { path })),
                Record::Renamed { file, from, to } => {
                    let thing = self.known(file)?;
                    if self.things[thing].folder || from.parent() != to.parent() {
                        bail!("{} was moved to {}: that is not followed", from.display(), to.display());
                    }
                    self.unsynced_names.push((n, Renaming::Renamed { from, to, thing }));
                }
                Record::Syncing { file, thread } => drop(self.syncing.insert((thread, file), n)),
                Record::Synced { file, thread } => {
                    let began = self.syncing.remove(&(thread, file)).unwrap_or(0);
                    let thing = self.known(file)?;
                    if !self.lies {
                        self.synced(thing, began);
                    }
                    self.syncs += 1;
                }
                Record::Unfollowed { path, .. } if is_passing(&path) => {}
                Record::Unfollowed { path, what } => bail!("{} was {what}: that is not followed", path.display()),
            }
        }
        Ok(())
    }

    fn known(&self, inode: u64) -> Result<usize> {
        self.by_inode.get(&inode).copied().with_context(|| format!("a file that nobody made was touched (inode {inode})"))
    }

    /// Everything before `began` is kept.
    fn synced(&mut self, thing: usize, began: usize) {
        if self.things[thing].folder {
            let path = self.path_of(thing);
            let (kept, rest) = std::mem::take(&mut self.unsynced_names)
                .into_iter()
                .partition(|(n, change)| *n < began && change.folder() == path.as_deref());
            let kept: Vec<(usize, Renaming)> = kept;
            self.unsynced_names = rest;
            for (_, change) in kept {
                change.apply(&mut self.names);
            }
            return;
        }
        let thing = &mut self.things[thing];
        let (covered, rest) = std::mem::take(&mut thing.unsynced).into_iter().partition(|(n, _)| *n < began);
        let covered: Vec<(usize, Change<'l>)> = covered;
        thing.unsynced = rest;
        for (_, change) in covered {
            change.apply(&mut thing.kept);
        }
    }

    /// A folder's path: folders keep their names.
    fn path_of(&self, thing: usize) -> Option<PathBuf> {
        let kept = self.names.iter().find(|(_, t)| **t == thing).map(|(path, _)| path.clone());
        kept.or_else(|| {
            self.unsynced_names.iter().find_map(|(_, change)| match change {
                Renaming::Added { path, thing: t } if *t == thing => Some(path.clone()),
                _ => None,
            })
        })
    }

    /// The power fails.
    pub(super) fn lose_power(&mut self, random: &mut Random) {
        // A journal of names is kept in order, each folder's by itself.
        let mut left: HashMap<Option<PathBuf>, u64> = HashMap::new();
        let folders: Vec<_> = self.unsynced_names.iter().map(|(_, change)| change.folder().map(Path::to_owned)).collect();
        for folder in &folders {
            *left.entry(folder.clone()).or_default() += 1;
        }
        // In the order of the log, so that the same seed loses the same.
        let mut decided: HashMap<Option<PathBuf>, u64> = HashMap::new();
        for folder in &folders {
            if !decided.contains_key(folder) {
                decided.insert(folder.clone(), random.below(left[folder] + 1));
            }
        }
        for (folder, (_, change)) in folders.into_iter().zip(std::mem::take(&mut self.unsynced_names)) {
            if let Some(more) = decided.get_mut(&folder).filter(|more| **more > 0) {
                *more -= 1;
                change.apply(&mut self.names);
            }
        }
        for thing in &mut self.things {
            self.torn += thing.lose_power(random);
        }
    }

    /// Writes what is left into the folder, in place of what is there.
    pub(super) fn restore(&self) -> Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
        }
        for (path, thing) in &self.names {
            let thing = &self.things[*thing];
            let reachable =
                path.ancestors().skip(1).take_while(|up| up.starts_with(&self.root)).all(|up| self.names.contains_key(up));
            if !reachable || is_passing(path) || *path == self.root {
                continue;
            }
            if thing.folder { fs::create_dir(path)? } else { fs::write(path, &thing.kept)? }
        }
        Ok(())
    }
}

/// SQLite's index of its log is memory that has a name; it is made anew.
fn is_passing(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-shm")
}

impl Thing<'_> {
    /// Returns how many writes reached the disk in part.
    fn lose_power(&mut self, random: &mut Random) -> usize {
        let changes = std::mem::take(&mut self.unsynced);
        let (mode, count, mut torn) = (random.below(4), changes.len() as u64, 0);
        let until = random.below(count + 1);
        for ((_, change), i) in changes.into_iter().zip(0..) {
            match mode {
                // Nothing.
                0 => {}
                // All.
                1 => change.apply(&mut self.kept),
                // As far as it came.
                2 if i < until => change.apply(&mut self.kept),
                2 if i == until => torn += usize::from(change.apply_some(&mut self.kept, random)),
                2 => {}
                // Here and there.
                _ => torn += usize::from(change.apply_some(&mut self.kept, random)),
            }
        }
        torn
    }
}

impl Change<'_> {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Change::Cut(length) => contents.resize(*length, 0),
            Change::Write { offset, bytes } => put(contents, *offset, bytes),
        }
    }

    /// Some sectors of it. `true`: some, and not all.
    fn apply_some(&self, contents: &mut Vec<u8>, random: &mut Random) -> bool {
        let Change::Write { offset, bytes } = self else {
            if random.below(2) == 0 {
                self.apply(contents);
            }
            return false;
        };
        let (mut done, mut written, mut left_out) = (0, 0, 0);
        while done < bytes.len() {
            let sector = (SECTOR - (offset + done) % SECTOR).min(bytes.len() - done);
            if random.below(2) == 0 {
                put(contents, offset + done, &bytes[done..done + sector]);
                written += 1;
            } else {
                left_out += 1;
            }
            done += sector;
        }
        written > 0 && left_out > 0
    }
}

fn put(contents: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if contents.len() < offset + bytes.len() {
        contents.resize(offset + bytes.len(), 0);
    }
    contents[offset..offset + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests;
