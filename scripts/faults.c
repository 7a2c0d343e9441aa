// Lets one call that changes a file below FAULT_FOLDER fail: the FAULT_AT-th write, fsync, close, rename
// or creation, with FAULT_ERRNO. A file's failed close is closed all the same, as Linux does. Without
// FAULT_AT the calls are counted, and the count is written to FAULT_COUNT at the end. For LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

// Whether this call is the one that fails; errno is then set.
static int fails(const char *path) {
  const char *folder = getenv("FAULT_FOLDER"), *at = getenv("FAULT_AT"), *code = getenv("FAULT_ERRNO");
  if (!folder || strncmp(path, folder, strlen(folder)) != 0) return 0;
  // The log is for people: tend goes on without it.
  if (strstr(path, "/.tend/log/")) return 0;
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (!at || number != atol(at)) return 0;
  errno = code ? atoi(code) : EIO;
  return 1;
}

static int descriptor_fails(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  int saved = errno;
  ssize_t count = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (count <= 0) return 0;
  path[count] = 0;
  return fails(path);
}

static int is_writable(int descriptor) {
  int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  static ssize_t (*next)(int, const void *, size_t);
  if (!next) next = dlsym(RTLD_NEXT, "write");
  if (!descriptor_fails(descriptor)) return next(descriptor, bytes, count);
  // Half of it arrives, as on a disk that fills up.
  if (count > 1) {
    int saved = errno;
    next(descriptor, bytes, count / 2);
    errno = saved;
  }
  return -1;
}

int fsync(int descriptor) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "fsync");
  return descriptor_fails(descriptor) ? -1 : next(descriptor);
}

int close(int descriptor) {
  static int (*next)(int);
  if (!next) next = dlsym(RTLD_NEXT, "close");
  if (!is_writable(descriptor) || !descriptor_fails(descriptor)) return next(descriptor);
  int saved = errno;
  next(descriptor);
  errno = saved;
  return -1;
}

int rename(const char *from, const char *to) {
  static int (*next)(const char *, const char *);
  if (!next) next = dlsym(RTLD_NEXT, "rename");
  return fails(to) ? -1 : next(from, to);
}

static int open_through(const char *name, const char *path, int flags, mode_t mode) {
  int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
  return (flags & O_CREAT) && fails(path) ? -1 : next(path, flags, mode);
}

#define MODE(flags, mode) \
  mode_t mode = 0; \
  if (flags & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags, mode) return open_through("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return open_through("open64", path, flags, mode); }

__attribute__((destructor)) static void tell(void) {
  const char *path = getenv("FAULT_COUNT");
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}
