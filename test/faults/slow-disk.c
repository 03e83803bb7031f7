/* Preloaded into mongod: every sync of a file takes longer while the file SLOW_DISK exists. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_for_disk (void) {
  const char *file = getenv("SLOW_DISK");
  if (file != NULL && access(file, F_OK) == 0) usleep(400 * 1000);
}

int fsync (int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  wait_for_disk();
  return real(fd);
}

int fdatasync (int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  wait_for_disk();
  return real(fd);
}
