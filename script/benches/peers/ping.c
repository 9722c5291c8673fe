// ping magpie|redis PORT CONNECTIONS DEPTH SECONDS: asks Health.Check of a magpied, or PING of a Redis, in a closed loop that
// keeps DEPTH requests under way on each connection, and prints replies a second. The first fifth of the time is not counted.
//
// One thread and one epoll for both sides: what a read delivered is counted, and as many requests leave in one write.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { connections_max = 1024, depth_max = 64, header_bytes = 32, buffer_bytes = 64 * 1024 };
static const char question[] = "*1\r\n$4\r\nPING\r\n", answer[] = "+PONG\r\n";

typedef struct {
  int socket;
  /// The next stream; odd and rising, as docs/protocol.md says.
  uint32_t stream;
  size_t held;
  uint8_t bytes[buffer_bytes];
} line;

static uint32_t table[256];

static void build_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ (0x82F63B78u & (0u - (value & 1)));
    table[i] = value;
  }
}

static void put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/// A REQUEST of method 1 without payload: length 28, magic, version 1, type 1, code 1.
static void write_check(uint8_t *at, uint32_t stream) {
  static const uint8_t front[12] = {0, 0, 0, 28, 0xAB, 0xEC, 1, 1, 0, 0, 0, 1};
  memset(at, 0, header_bytes);
  memcpy(at, front, sizeof front);
  put32(at + 12, stream);
  uint32_t crc = ~0u;
  for (int i = 0; i < 28; i++) crc = table[(crc ^ at[i]) & 0xff] ^ (crc >> 8);
  put32(at + 28, ~crc);
}

static double now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

/// Sends `count` requests. They are few and small: they always fit the socket's buffer.
static int ask(line *at, int is_redis, int count) {
  uint8_t bytes[depth_max * header_bytes];
  size_t length = 0;
  for (int i = 0; i < count; i++) {
    if (is_redis) {
      memcpy(bytes + length, question, sizeof question - 1);
      length += sizeof question - 1;
    } else {
      write_check(bytes + length, at->stream);
      at->stream += 2;
      length += header_bytes;
    }
  }
  return write(at->socket, bytes, length) == (ssize_t)length ? 0 : -1;
}

/// Takes whole replies off the front and returns how many there were, −1 for anything but a good one.
static int take(line *at, int is_redis) {
  size_t done = 0;
  int count = 0;
  while (1) {
    size_t left = at->held - done;
    const uint8_t *front = at->bytes + done;
    if (is_redis) {
      if (left < sizeof answer - 1) break;
      if (memcmp(front, answer, sizeof answer - 1) != 0) return -1;
      done += sizeof answer - 1;
    } else {
      if (left < header_bytes) break;
      size_t length = 4 + (size_t)get32(front);
      // A REPLY with status 0.
      if (front[7] != 2 || front[10] != 0 || front[11] != 0 || length > buffer_bytes) return -1;
      if (left < length) break;
      done += length;
    }
    count++;
  }
  memmove(at->bytes, at->bytes + done, at->held - done);
  at->held -= done;
  return count;
}

int main(int count, char **words) {
  if (count != 6) return 64;
  int is_redis = strcmp(words[1], "redis") == 0;
  int connections = atoi(words[3]), depth = atoi(words[4]);
  double seconds = atof(words[5]);
  if (connections < 1 || connections > connections_max || depth < 1 || depth > depth_max) return 64;
  build_table();
  line *lines = calloc((size_t)connections, sizeof(line));
  int poll = epoll_create1(0);
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[2]))};
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < connections; i++) {
    int one = 1;
    lines[i].stream = 1;
    lines[i].socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(lines[i].socket, (struct sockaddr *)&place, sizeof place) != 0) return 69;
    setsockopt(lines[i].socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(lines[i].socket, F_SETFL, O_NONBLOCK);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, lines[i].socket, &wanted) != 0) return 69;
  }
  for (int i = 0; i < connections; i++) {
    if (ask(&lines[i], is_redis, depth) != 0) return 74;
  }
  double began = now(), counted = began + seconds / 5, end = began + seconds, moment = began;
  double from = 0;
  long replies = 0;
  while (moment < end) {
    struct epoll_event ready[64];
    int found = epoll_wait(poll, ready, 64, 1000);
    if (found < 0) return 74;
    for (int i = 0; i < found; i++) {
      line *at = &lines[ready[i].data.u32];
      ssize_t got = read(at->socket, at->bytes + at->held, buffer_bytes - at->held);
      if (got <= 0) return 74;
      at->held += (size_t)got;
      int whole = take(at, is_redis);
      if (whole < 0) return 65;
      if (whole > 0 && ask(at, is_redis, whole) != 0) return 74;
      if (from > 0) replies += whole;
    }
    moment = now();
    if (from == 0 && moment >= counted) from = moment;
  }
  if (from == 0 || replies == 0) return 65;
  printf("%f\n", (double)replies / (moment - from));
  return 0;
}
