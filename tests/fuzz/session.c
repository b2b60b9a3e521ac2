/* SPDX-License-Identifier: MIT */
/*
 * What a client sends to a session on the model machine: each request is answered by whole lines of
 * JSON, of which the last says how it ended, and whatever was made is undone in the end.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input.h"
#include "model/platform.h"
#include "output/memory.h"
#include "session/holder/apply.h"
#include "session/holder/client.h"
#include "session/holder/request.h"

#define REQUESTS_MAX 64

/* No event and no interrupt comes on the model unless it is there already: nothing is waited for. */
int poll(struct pollfd *files, nfds_t count, int timeout)
{
	const struct timespec none = { 0 };

	(void)timeout;
	return ppoll(files, count, &none, NULL);
}

struct client {
	int fd;
	char *text; /* of answers, up to the last whole line */
	size_t used;
	size_t done; /* answers that have ended */
};

static void read_answers(struct client *client)
{
	char part[65536];
	ssize_t got;
	char *end;

	while ((got = recv(client->fd, part, sizeof(part), MSG_DONTWAIT)) > 0) {
		client->text = realloc(client->text, client->used + (size_t)got);
		require(client->text);
		memcpy(client->text + client->used, part, (size_t)got);
		client->used += (size_t)got;
	}
	while (client->used && (end = memchr(client->text, '\n', client->used))) {
		const size_t length = (size_t)(end - client->text) + 1;
		json_t *line = json_loadb(client->text, length, 0, NULL);

		require(json_is_object(line));
		client->done += json_object_get(line, "done") != NULL;
		json_decref(line);
		client->used -= length;
		memmove(client->text, client->text + length, client->used);
	}
}

static void send_out(struct peer *peer, struct client *client)
{
	do {
		peer_send(peer);
		read_answers(client);
	} while (peer_has_unsent(peer) && !peer->lost);
}

/* Answers the requests that have come. */
static void answer(struct session *session, struct peer *peer, struct client *client, size_t *asked)
{
	size_t length;
	char *text;

	while (!session->stopping && *asked < REQUESTS_MAX && (text = peer_next(peer, &length))) {
		if (!length)
			continue;
		++*asked;
		request_answer(session, peer, text, length);
		send_out(peer, client);
		if (!peer->follow) {
			require(peer->lost || client->done == *asked);
			continue;
		}
		/* It has gone. */
		free(peer->follow);
		peer->follow = NULL;
		client->done++;
	}
}

static void talk(struct session *session, struct input *input)
{
	struct client client = { 0 };
	size_t asked = 0;
	struct peer peer;
	int ends[2];

	require(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	require(peer_open(&peer, ends[0]));
	client.fd = ends[1];
	while (input->left) {
		/* In pieces, as they come. */
		size_t length = input->left < 1000 ? input->left : 1000;

		require(send(client.fd, input->next, length, 0) == (ssize_t)length);
		input->next += length;
		input->left -= length;
		require(!peer_receive(&peer));
		answer(session, &peer, &client, &asked);
	}
	shutdown(client.fd, SHUT_WR);
	require(!peer_receive(&peer));
	answer(session, &peer, &client, &asked);
	peer_close(&peer);
	close(client.fd);
	free(client.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct session session;
	struct report report = { .out = stdout, .err = stderr };
	struct invocation invocation = { .report = &report };
	struct input input = { data, size };
	struct platform_model machine;

	memory_watch_json();
	session = (struct session){ .interrupt.fd = -1 };
	require(!platform_model_open(&machine, "", &report));
	require(!cli_context_open(&session.context, &invocation, machine.model));
	require(!session_open(&session, "fuzz", &machine.base, &report));
	talk(&session, &input);
	require(!session_close(&session, &report, STATUS_DONE));
	cli_context_close(&session.context);
	platform_model_close(&machine);
	return 0;
}
