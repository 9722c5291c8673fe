// get PORT RATE SECONDS: asks a Redis for key `list` RATE times a second in an open loop over four connections, independent
// arrivals, and prints the median and the 99th percentile of the latency in microseconds, from the intended moment.
// The first second is not counted.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { connections = 4, waiting_max = 1 << 16, reply_bytes = 4 * 1024 };
static const char question[] = "*2\r\n$3\r\nGET\r\n$4\r\nlist\r\n";

typedef struct {
  int socket;
  /// Intended moments of what is under way, oldest first, in a ring.
  double due[waiting_max];
  unsigned first, last;
  /// Bytes of the reply at hand that are still to come; 0 where a new one begins.
  size_t rest;
  char head[32];
  size_t head_bytes;
} line;

static double now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

int main(int count, char **words) {
  if (count != 4) return 64;
  double rate = atof(words[2]), seconds = atof(words[3]);
  static line lines[connections];
  struct pollfd watched[connections];
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1]))};
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < connections; i++) {
    int one = 1;
    lines[i].socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(lines[i].socket, (struct sockaddr *)&place, sizeof place) != 0) return 69;
    setsockopt(lines[i].socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(lines[i].socket, F_SETFL, O_NONBLOCK);
    watched[i] = (struct pollfd){.fd = lines[i].socket, .events = POLLIN};
  }
  double *taken = malloc(sizeof(double) * (size_t)(rate * seconds * 2 + 1000));
  size_t kept = 0;
  srand48(1);
  double began = now(), due = began;
  unsigned turn = 0, under_way = 0;
  while (due < began + seconds || under_way > 0) {
    while (due < began + seconds && due <= now()) {
      line *at = &lines[turn++ % connections];
      if (at->last - at->first < waiting_max) {
        if (write(at->socket, question, sizeof question - 1) != (ssize_t)sizeof question - 1) return 74;
        at->due[at->last++ % waiting_max] = due;
        under_way++;
      }
      due += -log(1 - drand48()) / rate;
    }
    double pause = due < began + seconds ? due - now() : 0.01;
    struct timespec limit = {0, pause > 0 ? (long)(pause * 1e9) % 1000000000 : 0};
    if (ppoll(watched, connections, &limit, NULL) < 0) return 74;
    for (int i = 0; i < connections; i++) {
      char bytes[16 * reply_bytes];
      ssize_t got = watched[i].revents ? read(lines[i].socket, bytes, sizeof bytes) : 0;
      double then = now();
      for (ssize_t at = 0; at < got;) {
        if (lines[i].rest == 0) {
          // The head of a reply, `$BYTES`, to its line feed.
          char byte = bytes[at++];
          if (lines[i].head_bytes < sizeof lines[i].head - 1) lines[i].head[lines[i].head_bytes++] = byte;
          if (byte != '\n') continue;
          lines[i].head[lines[i].head_bytes] = 0;
          if (lines[i].head[0] != '$') return 65;
          lines[i].rest = strtoul(lines[i].head + 1, NULL, 10) + 2;
          lines[i].head_bytes = 0;
          continue;
        }
        size_t part = (size_t)(got - at) < lines[i].rest ? (size_t)(got - at) : lines[i].rest;
        at += (ssize_t)part;
        lines[i].rest -= part;
        if (lines[i].rest > 0) continue;
        double meant = lines[i].due[lines[i].first++ % waiting_max];
        under_way--;
        if (meant > began + 1) taken[kept++] = then - meant;
      }
    }
  }
  if (kept == 0) return 65;
  qsort(taken, kept, sizeof(double), by_size);
  printf("%f %f\n", taken[kept / 2] * 1e6, taken[(size_t)((double)kept * 0.99)] * 1e6);
  return 0;
}
