/* Loaded before the C library (LD_PRELOAD): writes down, in order, what a program does to the files below one folder, so that
 * `cargo xtask crash --power-loss` can rebuild them as a disk might hold them after the power failed; and lets the disk fail on demand.
 *
 * POWER_LOSS_FOLDER: the folder, absolute and without symbolic links. POWER_LOSS_LOG: where records are appended, if anywhere.
 * POWER_LOSS_TROUBLE: a file whose first byte says what is wrong with the disk now: f(ull), r(ead-only), b(roken); anything else: nothing.
 * A record is a head, then a path, then bytes. It is one write to a file opened for appending, so records of several threads and
 * processes never mix. What happens is recorded before it is done, except that a sync has a record before and one after. */
#define _GNU_SOURCE
#include "watch.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/mman.h>

#define REAL(name) \
	static __typeof__(&name) real; \
	if (!real) \
		real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* --- files come, go and get other names ------------------------------------------------------------------------------------- */

static int opened(int fd, int flags, const char *path, int was_there, int is_cut)
{
	struct stat st;
	forget(fd);
	if (fd < 0 || !path || !is_ours(fd, &st) || S_ISDIR(st.st_mode))
		return fd;
	if (!was_there && (flags & O_CREAT))
		record(CREATED, st.st_ino, path, 0, NULL, 0);
	else if (is_cut)
		record(CUT, st.st_ino, NULL, 0, NULL, 0);
	return fd;
}

#define OPEN(at, path, call) \
	mode_t mode = 0; \
	if (flags & (O_CREAT | O_TMPFILE)) { \
		va_list rest; \
		va_start(rest, flags); \
		mode = va_arg(rest, mode_t); \
		va_end(rest); \
	} \
	char whole[PATH_MAX]; \
	struct stat st; \
	int below = resolve(at, path, whole); \
	int was_there = below && !stat(whole, &st); \
	if (below && (flags & O_ACCMODE) != O_RDONLY) { \
		int why = refused(was_there ? WRITES : WRITES | GROWS); \
		if (why == EROFS || (why && !was_there)) { \
			errno = why; \
			return -1; \
		} \
	} \
	return opened(call, flags, below ? whole : NULL, was_there, (flags & O_TRUNC) && was_there && st.st_size > 0)

int open(const char *path, int flags, ...)
{
	REAL(open);
	OPEN(AT_FDCWD, path, real(path, flags, mode));
}

int open64(const char *path, int flags, ...)
{
	REAL(open64);
	OPEN(AT_FDCWD, path, real(path, flags, mode));
}

int openat(int at, const char *path, int flags, ...)
{
	REAL(openat);
	OPEN(at, path, real(at, path, flags, mode));
}

int openat64(int at, const char *path, int flags, ...)
{
	REAL(openat64);
	OPEN(at, path, real(at, path, flags, mode));
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int fd)
{
	REAL(close);
	forget(fd);
	return real(fd);
}

int dup2(int from, int to)
{
	REAL(dup2);
	forget(to);
	return real(from, to);
}

int dup3(int from, int to, int flags)
{
	REAL(dup3);
	forget(to);
	return real(from, to, flags);
}

static void removing(int at, const char *path)
{
	char whole[PATH_MAX];
	struct stat st;
	if (resolve(at, path, whole) && !lstat(whole, &st))
		record(REMOVED, st.st_ino, whole, 0, NULL, 0);
}

int unlink(const char *path)
{
	REAL(unlink);
	REFUSE_PATH(AT_FDCWD, path, WRITES);
	removing(AT_FDCWD, path);
	return real(path);
}

int unlinkat(int at, const char *path, int flags)
{
	REAL(unlinkat);
	REFUSE_PATH(at, path, WRITES);
	removing(at, path);
	return real(at, path, flags);
}

int rmdir(const char *path)
{
	REAL(rmdir);
	REFUSE_PATH(AT_FDCWD, path, WRITES);
	removing(AT_FDCWD, path);
	return real(path);
}

static void renaming(int from_at, const char *from, int to_at, const char *to)
{
	char whole_from[PATH_MAX], whole_to[PATH_MAX];
	struct stat st;
	int in = resolve(from_at, from, whole_from), out = resolve(to_at, to, whole_to);
	if (!in && !out)
		return;
	if (in && out && !lstat(whole_from, &st))
		record(RENAMED, st.st_ino, whole_from, 0, whole_to, strlen(whole_to));
	else
		record(UNFOLLOWED, 0, in ? whole_from : whole_to, 0, "a name across the folder's border", 33);
}

int rename(const char *from, const char *to)
{
	REAL(rename);
	REFUSE_PATH(AT_FDCWD, from, WRITES);
	renaming(AT_FDCWD, from, AT_FDCWD, to);
	return real(from, to);
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
	REAL(renameat);
	REFUSE_PATH(from_at, from, WRITES);
	renaming(from_at, from, to_at, to);
	return real(from_at, from, to_at, to);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
	REAL(renameat2);
	REFUSE_PATH(from_at, from, WRITES);
	renaming(from_at, from, to_at, to);
	return real(from_at, from, to_at, to, flags);
}

static void folder_made(int at, const char *path, int failed)
{
	char whole[PATH_MAX];
	struct stat st;
	if (!failed && resolve(at, path, whole) && !stat(whole, &st))
		record(FOLDER, st.st_ino, whole, 0, NULL, 0);
}

int mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	REFUSE_PATH(AT_FDCWD, path, WRITES | GROWS);
	int failed = real(path, mode);
	folder_made(AT_FDCWD, path, failed);
	return failed;
}

int mkdirat(int at, const char *path, mode_t mode)
{
	REAL(mkdirat);
	REFUSE_PATH(at, path, WRITES | GROWS);
	int failed = real(at, path, mode);
	folder_made(at, path, failed);
	return failed;
}

/* --- contents --------------------------------------------------------------------------------------------------------------- */

static void written(int fd, const void *bytes, size_t length, int64_t offset)
{
	struct stat st;
	if (!length || !is_ours(fd, &st))
		return;
	if (offset < 0)
		offset = syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND ? st.st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
	record(WRITTEN, st.st_ino, NULL, (uint64_t)offset, bytes, length);
}

static void all_written(int fd, const struct iovec *parts, int count, int64_t offset)
{
	struct stat st;
	if (!is_ours(fd, &st))
		return;
	if (offset < 0)
		offset = syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND ? st.st_size : syscall(SYS_lseek, fd, 0, SEEK_CUR);
	for (int i = 0; i < count; i++) {
		written(fd, parts[i].iov_base, parts[i].iov_len, offset);
		offset += parts[i].iov_len;
	}
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	REAL(write);
	REFUSE(fd, WRITES | GROWS);
	written(fd, bytes, length, -1);
	return real(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	REAL(pwrite);
	REFUSE(fd, WRITES | GROWS);
	written(fd, bytes, length, offset);
	return real(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	REAL(pwrite64);
	REFUSE(fd, WRITES | GROWS);
	written(fd, bytes, length, offset);
	return real(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	REAL(writev);
	REFUSE(fd, WRITES | GROWS);
	all_written(fd, parts, count, -1);
	return real(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	REAL(pwritev);
	REFUSE(fd, WRITES | GROWS);
	all_written(fd, parts, count, offset);
	return real(fd, parts, count, offset);
}

static void cut(int fd, int64_t length)
{
	struct stat st;
	if (is_ours(fd, &st))
		record(CUT, st.st_ino, NULL, 0, NULL, (uint64_t)length);
}

int ftruncate(int fd, off_t length)
{
	REAL(ftruncate);
	REFUSE(fd, WRITES);
	cut(fd, length);
	return real(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
	REAL(ftruncate64);
	REFUSE(fd, WRITES);
	cut(fd, length);
	return real(fd, length);
}

/* --- syncs ------------------------------------------------------------------------------------------------------------------ */

#define SYNC(name) \
	REAL(name); \
	REFUSE(fd, SYNCS); \
	struct stat st; \
	int ours = is_ours(fd, &st); \
	if (ours) \
		record(SYNCING, st.st_ino, NULL, 0, NULL, 0); \
	int failed = real(fd); \
	if (ours && !failed) \
		record(SYNCED, st.st_ino, NULL, 0, NULL, 0); \
	return failed

int fsync(int fd)
{
	SYNC(fsync);
}

int fdatasync(int fd)
{
	SYNC(fdatasync);
}

/* --- what cannot be followed: the rebuilt disk would not be true -------------------------------------------------------------- */

static void unfollowed(int fd, const char *what)
{
	struct stat st;
	char path[PATH_MAX];
	if (is_ours(fd, &st) && path_of(fd, path))
		record(UNFOLLOWED, st.st_ino, path, 0, what, strlen(what));
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	REAL(mmap);
	if (fd >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED))
		unfollowed(fd, "written through memory");
	return real(address, length, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
	REAL(mmap64);
	if (fd >= 0 && (protection & PROT_WRITE) && (flags & MAP_SHARED))
		unfollowed(fd, "written through memory");
	return real(address, length, protection, flags, fd, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
	REAL(fallocate);
	unfollowed(fd, "allocated");
	return real(fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
	REAL(fallocate64);
	unfollowed(fd, "allocated");
	return real(fd, mode, offset, length);
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
	REAL(posix_fallocate);
	unfollowed(fd, "allocated");
	return real(fd, offset, length);
}

int posix_fallocate64(int fd, off64_t offset, off64_t length)
{
	REAL(posix_fallocate64);
	unfollowed(fd, "allocated");
	return real(fd, offset, length);
}

ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags)
{
	REAL(copy_file_range);
	unfollowed(to, "copied inside the system");
	return real(from, from_at, to, to_at, length, flags);
}

ssize_t sendfile(int to, int from, off_t *at, size_t length)
{
	REAL(sendfile);
	unfollowed(to, "copied inside the system");
	return real(to, from, at, length);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t length)
{
	REAL(sendfile64);
	unfollowed(to, "copied inside the system");
	return real(to, from, at, length);
}
