// append FILE BYTES SECONDS: appends BYTES and makes them durable, again and again; prints how often in a second.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

int main(int count, char **words) {
  if (count != 4) return 64;
  size_t bytes = strtoul(words[2], NULL, 10);
  double seconds = atof(words[3]);
  char *group = malloc(bytes);
  int file = open(words[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  if (!group || file < 0) return 74;
  memset(group, 'x', bytes);
  long groups = 0;
  double began = now();
  for (; now() - began < seconds; groups++) {
    if (write(file, group, bytes) != (ssize_t)bytes || fdatasync(file) != 0) return 74;
  }
  printf("%f\n", (double)groups / (now() - began));
  close(file);
  return unlink(words[1]) == 0 ? 0 : 74;
}
