/*
 * A daemon that has become another user: the owner of this program, which is setuid. It knows of the harness by the
 * descriptor for births that the leader holds, and lets go of `life`, by which the harness waits for the others. Nobody
 * but root may signal it, so it ends by itself: when the file `release` is there, or after two minutes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LIFE = 6, BIRTHS = 9, LOOKS = 6000, PAUSE = 20000 };

static unsigned long long start_time(void) {
  char text[4096];
  unsigned long long ticks = 0;
  int fd = open("/proc/self/stat", O_RDONLY);
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = 0;
  /* The 22nd field; the second, the name, ends with the last parenthesis. */
  char *at = strrchr(text, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  if (at != NULL) sscanf(at, "%llu", &ticks);
  return ticks;
}

int main(void) {
  if (setgid(getegid()) != 0 || setuid(geteuid()) != 0) return 1;
  if (fork() > 0) return 0;
  setsid();
  if (fork() > 0) return 0;
  close(LIFE);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  dprintf(BIRTHS, "other-user %d %llu\n", getpid(), start_time());
  for (int look = 0; look < LOOKS && access("release", F_OK) != 0; look++) usleep(PAUSE);
  return 0;
}
