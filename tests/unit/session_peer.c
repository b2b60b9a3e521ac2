// SPDX-License-Identifier: MIT
/* How much a client of a session may leave unread. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "session/holder/client.h"

static void open_pair(struct peer *peer, int *client)
{
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	cr_assert(peer_open(peer, ends[0]));
	*client = ends[1];
}

/* More than a client that watches may leave unread. */
static void say_much(struct peer *peer)
{
	const size_t size = PEER_UNREAD_MAX + 1;
	char *text = calloc(size, 1);

	cr_assert_not_null(text);
	cr_expect_eq(peer_say(peer, text, size), 0);
	free(text);
}

static size_t read_all(struct peer *peer, int client)
{
	static char text[1 << 16];
	size_t total = 0;
	ssize_t got;

	for (;;) {
		peer_send(peer);
		got = recv(client, text, sizeof(text), MSG_DONTWAIT);
		if (got <= 0)
			return total;
		total += (size_t)got;
	}
}

Test(session_peer, one_answer_may_be_of_any_length)
{
	struct peer peer;
	int client;

	open_pair(&peer, &client);
	say_much(&peer);
	cr_expect_eq(peer_say(&peer, "done", 4), 0);
	cr_expect_not(peer.lost);
	cr_expect_eq(read_all(&peer, client), PEER_UNREAD_MAX + 5);
	peer_close(&peer);
	close(client);
}

Test(session_peer, a_watcher_that_does_not_read_is_lost)
{
	struct peer peer;
	int client;

	open_pair(&peer, &client);
	peer.follow = calloc(1, sizeof(*peer.follow));
	say_much(&peer);
	cr_expect(peer.lost);
	peer_close(&peer);
	close(client);
}
