/* The time of day of every process that loads this (LD_PRELOAD), moved by what a shared file says.

   The file holds one number, nanoseconds to add: whoever writes it moves all processes at the same moment. Time
   goes on at its own pace, and whatever counts seconds only (CLOCK_MONOTONIC, sleep, poll) is not touched. A wait
   until a time of day is given to the kernel in the kernel's own time.

   Who waits many seconds for a lock or an event of Python has waited long enough a moment after the clock was
   moved, as if the hours had gone by: Dagster's scheduler would else sleep up to a minute more. That moment is for
   those who tell every second that they live: Dagster's code servers end where they heard nothing for a while. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define A_LOOK (SECOND / 2)
#define A_MOMENT (3 * SECOND)
#define MONOTONIC_CONDITION 2 /* glibc keeps the clock of a condition in this bit of its waiters */

static const volatile int64_t *shared;

__attribute__((constructor)) static void find_offset(void) {
    const char *name = getenv("NIGHTS_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *found = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (found != MAP_FAILED)
        shared = found;
}

static int64_t offset(void) { return shared ? *shared : 0; }

static struct timespec moved(const struct timespec *given, int64_t by) {
    int64_t all = (int64_t)given->tv_sec * SECOND + given->tv_nsec + by;
    if (all < 0)
        all = 0;
    return (struct timespec){.tv_sec = all / SECOND, .tv_nsec = all % SECOND};
}

/* The newest of a function that has several versions; the oldest is what dlsym finds. */
static void *real(const char *name) {
    const char *versions[] = {"GLIBC_2.34", "GLIBC_2.30", "GLIBC_2.3.2", "GLIBC_2.17", "GLIBC_2.2.5"};
    for (unsigned each = 0; each < sizeof versions / sizeof *versions; each++) {
        void *found = dlvsym(RTLD_NEXT, name, versions[each]);
        if (found)
            return found;
    }
    return dlsym(RTLD_NEXT, name);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*ask)(clockid_t, struct timespec *);
    if (!ask)
        ask = real("clock_gettime");
    int failed = ask(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        *now = moved(now, offset());
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    int failed = clock_gettime(CLOCK_REALTIME, &precise);
    if (!failed)
        *now = (struct timeval){.tv_sec = precise.tv_sec, .tv_usec = precise.tv_nsec / 1000};
    return failed;
}

time_t time(time_t *now) {
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise))
        return -1;
    if (now)
        *now = precise.tv_sec;
    return precise.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    static int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!wait)
        wait = real("pthread_cond_timedwait");
    if (condition->__data.__wrefs & MONOTONIC_CONDITION)
        return wait(condition, mutex, until);
    struct timespec kernels = moved(until, -offset());
    return wait(condition, mutex, &kernels);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    static int (*wait)(sem_t *, const struct timespec *);
    if (!wait)
        wait = real("sem_timedwait");
    struct timespec kernels = moved(until, -offset());
    return wait(semaphore, &kernels);
}

static int before(const struct timespec *one, const struct timespec *other) {
    return one->tv_sec < other->tv_sec || (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

static struct timespec in(int64_t duration) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return moved(&now, duration);
}

/* Locks and events of Python wait here, on CLOCK_MONOTONIC. */
int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
    static int (*wait)(sem_t *, clockid_t, const struct timespec *);
    if (!wait)
        wait = real("sem_clockwait");
    struct timespec moment = in(A_MOMENT), enough = *until;
    if (clock != CLOCK_MONOTONIC || before(until, &moment))
        return wait(semaphore, clock, until);
    for (int64_t seen = offset();;) {
        struct timespec look = in(A_LOOK);
        int failed = wait(semaphore, clock, before(&look, &enough) ? &look : &enough);
        if (!failed || errno != ETIMEDOUT)
            return failed;
        if (offset() != seen) {
            seen = offset();
            enough = in(A_MOMENT);
        } else if (!before(&look, &enough))
            return failed;
    }
}

/* gRPC waits by the kernel's futexes, without the C library. */
long syscall(long number, ...) {
    static long (*call)(long, ...);
    if (!call)
        call = real("syscall");
    long given[6];
    va_list rest;
    va_start(rest, number);
    for (unsigned each = 0; each < 6; each++)
        given[each] = va_arg(rest, long);
    va_end(rest);
    struct timespec kernels;
    long operation = given[1];
    if (number == SYS_futex && given[3] && (operation & FUTEX_CLOCK_REALTIME) &&
        (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
        kernels = moved((const struct timespec *)given[3], -offset());
        given[3] = (long)&kernels;
    }
    return call(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
