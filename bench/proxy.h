/* SPDX-License-Identifier: MIT */
/* A server that is further away: a TCP proxy of the loopback that holds back what clients send. */
#ifndef BENCH_PROXY_H
#define BENCH_PROXY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct proxy proxy;

/* To a port of the loopback; every byte of a client comes `delay` seconds late, answers at once. So
 * a round trip takes that much longer, however much is sent in it. NULL on failure, told. */
proxy *proxy_start(uint16_t port, double delay);
uint16_t proxy_port(const proxy *p);
/* Takes NULL. Connections that are left are cut. */
void proxy_stop(proxy *p);

#endif
