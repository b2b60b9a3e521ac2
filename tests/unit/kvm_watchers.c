// SPDX-License-Identifier: MIT
/*
 * Clients that watch the events of a guest's SMMUs: accepted if there is room, and retried if not.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "watchers.h"

static char directory[] = "/tmp/iommuctl-XXXXXX";
static char path[64];
static struct watchers watchers;

static void begin(void)
{
	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/events", directory);
	cr_assert_eq(watchers_open(&watchers, path), 0);
}

static void end(void)
{
	watchers_close(&watchers);
	rmdir(directory);
}

TestSuite(kvm_watchers, .init = begin, .fini = end);

static int come(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	cr_assert_geq(fd, 0);
	cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Allows no new descriptor, or as many as before. */
static void allow_more_files(bool more)
{
	static rlim_t before;
	struct rlimit limit;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (!more) {
		cr_assert_geq(next, 0);
		before = limit.rlim_cur;
	}
	limit.rlim_cur = more ? before : (rlim_t)next;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	if (next >= 0)
		close(next);
}

static size_t count(void)
{
	size_t there = 0;

	for (size_t i = 0; i < WATCHERS_MAX; i++)
		there += watchers.viewers[i].fd >= 0;
	return there;
}

Test(kvm_watchers, a_watcher_that_connects_is_accepted)
{
	int fd = come();

	watchers_accept(&watchers);
	cr_expect_eq(count(), 1);
	cr_expect_not(watchers.refused);
	close(fd);
}

Test(kvm_watchers, no_watcher_is_no_refusal)
{
	watchers_accept(&watchers);
	cr_expect_not(watchers.refused);
}

Test(kvm_watchers, a_watcher_is_accepted_later_if_there_are_no_descriptors)
{
	int fd = come();

	allow_more_files(false);
	watchers_accept(&watchers);
	cr_expect(watchers.refused);
	cr_expect_eq(count(), 0);
	allow_more_files(true);
	watchers_accept(&watchers);
	cr_expect_not(watchers.refused);
	cr_expect_eq(count(), 1);
	close(fd);
}

Test(kvm_watchers, where_nobody_may_watch_nobody_is_asked)
{
	struct watchers closed;

	cr_assert_eq(watchers_open(&closed, NULL), 0);
	watchers_accept(&closed);
	cr_expect_not(closed.refused);
}
