/* What the shim knows of the folder that it watches: whose descriptors and paths are below it, where records go, what is wrong with the disk. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
	uint8_t kind;
	uint8_t none[3];
	uint32_t path;   /* length of the path that follows */
	uint32_t thread;
	uint32_t zero;
	uint64_t file;   /* inode number */
	uint64_t offset;
	uint64_t length; /* of the bytes that follow, or a new length */
};

enum { CREATED = 'c', WRITTEN = 'w', CUT = 't', REMOVED = 'u', RENAMED = 'r', FOLDER = 'd', SYNCING = 'b', SYNCED = 'e', UNFOLLOWED = '!' };

#define MOST 65536
enum { UNKNOWN, OURS, NOT_OURS };
static unsigned char whose[MOST];
static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1;
static const char *trouble;

static void give_up(const char *why)
{
	(void)!write(2, why, strlen(why));
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *f = getenv("POWER_LOSS_FOLDER"), *l = getenv("POWER_LOSS_LOG");
	if (!f)
		return;
	folder_length = strlen(f);
	memcpy(folder, f, folder_length + 1);
	trouble = getenv("POWER_LOSS_TROUBLE");
	if (!l)
		return;
	int fd = syscall(SYS_openat, AT_FDCWD, l, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		give_up("power loss: the log cannot be opened\n");
	/* Out of the way of whoever counts on low numbers. */
	log_fd = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 700);
	syscall(SYS_close, fd);
}

static int is_below(const char *path)
{
	return folder_length && !strncmp(path, folder, folder_length) && (path[folder_length] == '/' || !path[folder_length]);
}

static void record(uint8_t kind, uint64_t file, const char *path, uint64_t offset, const void *bytes, uint64_t length)
{
	if (log_fd < 0)
		return;
	struct head head = { .kind = kind, .path = path ? strlen(path) : 0, .thread = (uint32_t)syscall(SYS_gettid),
		.file = file, .offset = offset, .length = length };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)path, head.path }, { (void *)bytes, bytes ? length : 0 } };
	size_t whole = sizeof head + head.path + (bytes ? length : 0);
	int before = errno;
	if (syscall(SYS_writev, log_fd, parts, 3) != (long)whole)
		give_up("power loss: the log cannot be written\n");
	errno = before;
}

/* The path of a descriptor, or nothing if it is not a file below the folder. */
static int path_of(int fd, char *path)
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	long n = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
	if (n < 0)
		return 0;
	path[n] = 0;
	return is_below(path);
}

static int is_ours(int fd, struct stat *st)
{
	char path[PATH_MAX];
	if (!folder_length || fd < 0 || fd >= MOST || whose[fd] == NOT_OURS)
		return 0;
	if (fstat(fd, st) || !(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)))
		return 0;
	if (whose[fd] == UNKNOWN)
		whose[fd] = path_of(fd, path) ? OURS : NOT_OURS;
	return whose[fd] == OURS;
}

static void forget(int fd)
{
	if (fd >= 0 && fd < MOST)
		whose[fd] = UNKNOWN;
}

/* Absolute, its folder resolved; nothing if it is not below the folder. */
static int resolve(int at, const char *path, char *whole)
{
	char in[PATH_MAX], parent[PATH_MAX];
	if (!folder_length)
		return 0;
	if (path[0] == '/' || at == AT_FDCWD)
		snprintf(in, sizeof in, "%s", path);
	else {
		char link[64];
		snprintf(link, sizeof link, "/proc/self/fd/%d", at);
		long n = syscall(SYS_readlinkat, AT_FDCWD, link, parent, sizeof parent - 1);
		if (n < 0)
			return 0;
		parent[n] = 0;
		if (snprintf(in, sizeof in, "%s/%s", parent, path) >= (int)sizeof in)
			return 0;
	}
	size_t n = strlen(in);
	while (n > 1 && in[n - 1] == '/')
		in[--n] = 0;
	char *name = strrchr(in, '/');
	int before = errno;
	const char *resolved = name ? (*name = 0, realpath(in[0] ? in : "/", parent)) : realpath(".", parent);
	errno = before;
	if (!resolved)
		return 0;
	if (snprintf(whole, PATH_MAX, "%s/%s", parent, name ? name + 1 : in) >= PATH_MAX)
		return 0;
	return is_below(whole);
}

/* --- trouble ---------------------------------------------------------------------------------------------------------------- */

enum { WRITES = 1, GROWS = 2, SYNCS = 4 };

/* What a call that does this is refused with now; 0: it is not. */
static int refused(int does)
{
	char what = 0;
	if (!trouble)
		return 0;
	int fd = syscall(SYS_openat, AT_FDCWD, trouble, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!syscall(SYS_read, fd, &what, 1);
		syscall(SYS_close, fd);
	}
	if (what == 'r' && does & (WRITES | GROWS))
		return EROFS;
	if (what == 'f' && does & GROWS)
		return ENOSPC;
	if (what == 'b' && does)
		return EIO;
	return 0;
}

#define REFUSE(fd, does) \
	do { \
		struct stat of; \
		int why = trouble && is_ours(fd, &of) ? refused(does) : 0; \
		if (why) { \
			errno = why; \
			return -1; \
		} \
	} while (0)

#define REFUSE_PATH(at, path, does) \
	do { \
		char of[PATH_MAX]; \
		int why = trouble && resolve(at, path, of) ? refused(does) : 0; \
		if (why) { \
			errno = why; \
			return -1; \
		} \
	} while (0)
