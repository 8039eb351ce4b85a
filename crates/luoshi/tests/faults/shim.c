/* Stands between the program and the system, so that a test can make the disk fail, fill up, the clock jump, or the
 * program die at its n-th write, whenever it likes. Loaded with LD_PRELOAD; the test writes into the page that
 * LUOSHI_SHIM names and both see. Without that page everything passes through. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* the same order as `Knob` in shim.rs */
static struct page {
    volatile int64_t clock;     /* seconds added to the time of day */
    volatile int64_t elapsed;   /* seconds that went by, by every clock */
    volatile int64_t sync_fails; /* fsync says EIO */
    volatile int64_t full;      /* writing to files says ENOSPC */
    volatile int64_t die_at;    /* SIGKILL instead of this write; 0 for never */
    volatile int64_t writes;    /* writes to files and sockets so far */
    volatile int64_t syncs;     /* fsyncs that succeeded so far */
} still, *page = &still;

__attribute__((constructor)) static void open_page(void) {
    const char *name = getenv("LUOSHI_SHIM");
    int file = name ? open(name, O_RDWR) : -1;
    if (file < 0) return;
    void *at = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) page = at;
    close(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_file(int fd) {
    struct stat about;
    return fd > 2 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

static int is_out(int fd) { /* a file or a socket, not the pipes a runtime wakes itself with */
    struct stat about;
    return fd > 2 && fstat(fd, &about) == 0 && (S_ISREG(about.st_mode) || S_ISSOCK(about.st_mode));
}

static int refused(int fd) { /* called before every write */
    if (is_out(fd)) {
        int64_t now = __atomic_add_fetch(&page->writes, 1, __ATOMIC_SEQ_CST);
        if (page->die_at && now >= page->die_at) kill(getpid(), SIGKILL);
    }
    if (!page->full || !is_file(fd)) return 0;
    errno = ENOSPC;
    return 1;
}

static int synced(int outcome) {
    if (outcome == 0) __atomic_add_fetch(&page->syncs, 1, __ATOMIC_SEQ_CST);
    return outcome;
}

static int broken(void) {
    if (page->sync_fails) errno = EIO;
    return page->sync_fails != 0;
}

int fsync(int fd) { return broken() ? -1 : synced(REAL(fsync)(fd)); }
int fdatasync(int fd) { return broken() ? -1 : synced(REAL(fdatasync)(fd)); }
ssize_t write(int fd, const void *from, size_t n) { return refused(fd) ? -1 : REAL(write)(fd, from, n); }
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) { return refused(fd) ? -1 : REAL(pwrite)(fd, from, n, at); }
ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) {
    return refused(fd) ? -1 : REAL(pwrite64)(fd, from, n, at);
}
ssize_t writev(int fd, const struct iovec *from, int n) { return refused(fd) ? -1 : REAL(writev)(fd, from, n); }
ssize_t send(int fd, const void *from, size_t n, int flags) { return refused(fd) ? -1 : REAL(send)(fd, from, n, flags); }
ssize_t sendto(int fd, const void *from, size_t n, int flags, const struct sockaddr *to, socklen_t size) {
    return refused(fd) ? -1 : REAL(sendto)(fd, from, n, flags, to, size);
}
int ftruncate(int fd, off_t to) { return refused(fd) ? -1 : REAL(ftruncate)(fd, to); }
int ftruncate64(int fd, off64_t to) { return refused(fd) ? -1 : REAL(ftruncate64)(fd, to); }
int posix_fallocate(int fd, off_t at, off_t n) { return refused(fd) ? ENOSPC : REAL(posix_fallocate)(fd, at, n); }

int clock_gettime(clockid_t which, struct timespec *out) {
    int outcome = REAL(clock_gettime)(which, out);
    if (outcome == 0) out->tv_sec += page->elapsed + (which == CLOCK_REALTIME ? page->clock : 0);
    return outcome;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    int outcome = REAL(gettimeofday)(out, zone);
    if (outcome == 0) out->tv_sec += page->elapsed + page->clock;
    return outcome;
}
