//! A process that may use a share of a core and no more, as on a machine of its own: by the control groups of Linux, which want root.

use std::{
    fs,
    io::{self, Error, ErrorKind},
    path::{Path, PathBuf},
};

/// Microseconds in which the share is used up and given anew.
const PERIOD: f64 = 10_000.0;

/// The group of one process; taken away when it is dropped, which must be after the process has ended.
pub(crate) struct Share(PathBuf);

impl Share {
    /// `of_a_core`: 0.2 = two milliseconds of ten.
    pub(crate) fn hold(process: u32, of_a_core: f64) -> io::Result<Share> {
        Share::below(Path::new("/sys/fs/cgroup"), process, of_a_core)
    }

    fn below(groups: &Path, process: u32, of_a_core: f64) -> io::Result<Share> {
        let (name, quota) = (format!("frontdesk-bench-{process}"), of_a_core * PERIOD);
        let (first, second) = (groups.join("cgroup.controllers"), groups.join("cpu"));
        let (share, limits) = if first.is_file() {
            // Below the root a group has the controllers that the root gives; the root of a container with processes gives none.
            write(&groups.join("cgroup.subtree_control"), "+cpu")?;
            (Share(groups.join(name)), vec![("cpu.max", format!("{quota} {PERIOD}"))])
        } else if second.is_dir() {
            let limits = vec![("cpu.cfs_period_us", PERIOD.to_string()), ("cpu.cfs_quota_us", quota.to_string())];
            (Share(second.join(name)), limits)
        } else {
            return Err(Error::new(ErrorKind::Unsupported, format!("no control groups for the CPU in {}", groups.display())));
        };
        fs::create_dir(&share.0)?;
        for (file, text) in limits.into_iter().chain([("cgroup.procs", process.to_string())]) {
            write(&share.0.join(file), &text)?;
        }
        Ok(share)
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    fs::write(file, text).map_err(|e| Error::new(e.kind(), format!("{}: {e}", file.display())))
}

impl Drop for Share {
    fn drop(&mut self) {
        // A group that stays behind is empty and holds nobody back.
        let _ = fs::remove_dir(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_control_groups_are_spoken() {
        let of = |group: &Path| {
            let files = ["cpu.max", "cpu.cfs_period_us", "cpu.cfs_quota_us", "cgroup.procs"];
            files.map(|file| fs::read_to_string(group.join(file)).unwrap_or_default())
        };
        let newer = tempfile::tempdir().unwrap();
        fs::write(newer.path().join("cgroup.controllers"), "cpu memory").unwrap();
        let share = Share::below(newer.path(), 7, 0.2).unwrap();
        assert_eq!(of(&share.0), ["2000 10000", "", "", "7"]);
        let older = tempfile::tempdir().unwrap();
        fs::create_dir(older.path().join("cpu")).unwrap();
        let share = Share::below(older.path(), 7, 0.2).unwrap();
        assert_eq!(of(&share.0), ["", "10000", "2000", "7"]);
        assert_eq!(Share::below(&older.path().join("none"), 7, 0.2).err().unwrap().kind(), ErrorKind::Unsupported);
    }
}
