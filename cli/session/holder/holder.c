// SPDX-License-Identifier: MIT
#include "session/holder/holder.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "output/memory.h"
#include "session/holder/apply.h"
#include "session/holder/clients.h"
#include "session/holder/notify.h"
#include "session/holder/reclaim.h"
#include "session/holder/request.h"
#include "session/client/runtime.h"
#include "session/state/store.h"

/* Index of the first peer among the files to wait for. */
#define FIRST_PEER 2

/* What a waiting client's step adds to them. */
#define WAITED_FOR 2

struct holder {
	struct session *session;
	int listener;
	struct crowd crowd;
	size_t turn;	      /* whose request is next */
	struct peer *asking;  /* whose request is running */
	bool busy;	      /* more requests may have come */
	bool has_waited;      /* a client's step has waited while others were served */
	struct pollfd *files; /* interrupt, listener, peers, and watched event queues */
	size_t file_count;
	size_t peer_count; /* that are among them */
	size_t queue_end;  /* first of the devices that the kernel may want back */
	struct report *report;
};

/* Only root may use another user's session. */
static bool is_allowed(const struct peer *peer)
{
	return peer->uid == geteuid() || peer->uid == 0;
}

static void accept_peer(struct holder *holder)
{
	struct peer *peer = crowd_accept(&holder->crowd, holder->listener, holder->asking);

	if (!peer || is_allowed(peer))
		return;
	request_refuse(peer, STATUS_NO_PERMISSION, "the session belongs to another user",
		"its owner can hand objects over: 'iommuctl session export'");
	peer_send(peer);
	crowd_drop(&holder->crowd, peer);
}

/* Serves one request, so that each client has its turn. True: there was one. */
static bool answer_next(struct holder *holder, struct peer *peer)
{
	struct session *session = holder->session;
	size_t length;
	char *text;

	/* Skip a client that does not read, and one that watches: it is still being answered. */
	if (peer->lost || peer->follow || peer_has_unsent(peer) || session->stopping)
		return false;
	if (session->wait && monotonic_ms() < peer->patience_end)
		return false;
	text = peer_next(peer, &length);
	if (!text)
		return false;
	crowd_note(&holder->crowd, peer);
	if (!length)
		return true;
	request_answer(session, peer, text, length);
	if (session->store && !session->stopping && !session->wait)
		store_update(session->store, session);
	/* The answer to a stop comes once the session has ended. */
	if (!session->stopping)
		peer_send(peer);
	return !peer->held;
}

static void serve(struct peer *peer, short events)
{
	int err;

	if (events & POLLOUT)
		peer_send(peer);
	/* The client that waits for the answer is gone, or will never take what it left unread. */
	if ((peer->follow || peer->patience_end || peer_has_unsent(peer)) &&
		events & (POLLHUP | POLLERR))
		peer->lost = true;
	if (!(events & (POLLIN | POLLHUP | POLLERR)) || peer_has_unsent(peer))
		return;
	err = peer_receive(peer);
	if (err == -ENOMEM) {
		request_out_of_memory(peer);
		peer_send(peer);
	} else if (err) {
		request_refuse(peer, STATUS_FAILED, "the request is too long",
			"the limit is 1 MiB: apply the job in parts");
		peer_send(peer);
		peer->lost = true;
	}
}

static bool is_finished(const struct peer *peer)
{
	return peer->lost ||
	       (peer->ended && !peer->follow && !peer->in_used && !peer_has_unsent(peer));
}

/* Makes room for all possible files, including @others for queues and devices. */
static bool make_room(struct holder *holder, size_t others)
{
	struct pollfd *files = realloc(
		holder->files, (FIRST_PEER + CROWD_MAX + others + WAITED_FOR) * sizeof(*files));

	if (files)
		holder->files = files;
	return files;
}

static void add_queues_of(struct holder *holder, unsigned int collection)
{
	const struct live *live = &holder->session->live;

	for (size_t i = 0; i < live->job->objects[collection].count; i++) {
		int fd = live_watched_file(live, collection, i);

		if (fd >= 0)
			holder->files[holder->file_count++] =
				(struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

static void add_queues(struct holder *holder)
{
	add_queues_of(holder, JOB_VEVENTQS);
	add_queues_of(holder, JOB_FAULT_QUEUES);
}

static void list_files(struct holder *holder)
{
	const struct document_list *objects = holder->session->live.job->objects;
	/* Without memory, events and requests for devices wait. */
	const bool has_room =
		make_room(holder, objects[JOB_VEVENTQS].count + objects[JOB_FAULT_QUEUES].count +
					  objects[JOB_DEVICES].count);
	struct pollfd *files = holder->files;

	files[0] = (struct pollfd){ holder->session->live.interrupt.fd, POLLIN, 0 };
	files[1] =
		(struct pollfd){ crowd_listens(&holder->crowd) ? holder->listener : -1, POLLIN, 0 };
	for (size_t i = 0; i < holder->crowd.count; i++) {
		const struct peer *peer = &holder->crowd.peers[i];
		const bool has_enough =
			peer->ended || peer_has_request(peer) || peer == holder->asking;
		const int wanted = peer_has_unsent(peer) ? POLLOUT : has_enough ? 0 : POLLIN;

		files[FIRST_PEER + i] = (struct pollfd){ peer->fd, (short)wanted, 0 };
	}
	holder->peer_count = holder->crowd.count;
	holder->file_count = FIRST_PEER + holder->peer_count;
	if (has_room && crowd_watches(&holder->crowd))
		add_queues(holder);
	holder->queue_end = holder->file_count;
	if (has_room)
		holder->file_count += reclaim_list(holder->session, files + holder->file_count);
}

/*
 * Reads new events from queues into the log. Returns 0, or the first failure: a queue reports an
 * error, or cannot be read.
 */
static int read_queues(struct holder *holder)
{
	struct live *live = &holder->session->live;
	bool broken = false;
	int err;

	if (!crowd_watches(&holder->crowd))
		return 0;
	for (size_t i = FIRST_PEER + holder->peer_count; i < holder->queue_end; i++)
		broken |= (holder->files[i].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
	err = live_watch_queues(live);
	if (!err && broken)
		err = failure_set(&live->failure, -EIO, "an event queue reports an error");
	return err;
}

/* Sends new events to watching clients; if no more can come, tells them. */
static void pass_events(struct holder *holder)
{
	struct session *session = holder->session;
	int err = read_queues(holder);

	for (size_t i = 0; i < holder->crowd.count; i++) {
		struct peer *peer = &holder->crowd.peers[i];

		if (!peer->follow || peer->lost || (!err && peer_has_unsent(peer)))
			continue;
		if (err)
			request_end_follow(peer, &session->live.failure);
		else
			request_follow(session, peer);
		peer_send(peer);
	}
}

/* Stop serving: the session ends, or the result of poll(2) is outdated. */
static bool is_over(const struct holder *holder)
{
	const struct session *session = holder->session;

	return session->wait ? *session->live.ended != '\0'
			     : session->stopping || holder->has_waited;
}

/* One request of each client, except one that is being served; each time starts with another. */
static void serve_peers(struct holder *holder)
{
	const size_t count = holder->peer_count, first = holder->turn;

	for (size_t i = 0; i < count && !is_over(holder); i++) {
		const size_t at = (first + i) % count;
		struct peer *peer = &holder->crowd.peers[at];
		bool had_one;

		if (!peer_is_there(peer) || peer == holder->asking)
			continue;
		if (!holder->session->wait)
			holder->asking = peer;
		holder->turn = at + 1;
		serve(peer, holder->files[FIRST_PEER + at].revents);
		had_one = answer_next(holder, peer);
		holder->busy |= had_one;
		if (!holder->session->wait)
			holder->asking = NULL;
	}
}

/* The kernel waits for devices, and comes before clients that might use them. */
static void serve_kernel(struct holder *holder)
{
	struct session *session = holder->session;
	bool wants = false;

	for (size_t i = holder->queue_end; i < holder->file_count; i++)
		wants |= holder->files[i].revents != 0;
	if (!wants)
		return;
	if (!session->wait)
		session_refresh(session);
	/* Out of memory; the kernel asks again. */
	if (!session->wait && session->is_stale)
		return;
	reclaim_serve(session, holder->report);
	if (session->store && !session->stopping && !session->wait)
		store_update(session->store, session);
}

static void serve_all(struct holder *holder)
{
	holder->busy = false;
	serve_kernel(holder);
	serve_peers(holder);
	if (is_over(holder))
		return;
	pass_events(holder);
	for (size_t i = holder->peer_count; i-- > 0;) {
		struct peer *peer = &holder->crowd.peers[i];

		if (peer_is_there(peer) && peer != holder->asking && is_finished(peer))
			crowd_drop(&holder->crowd, peer);
	}
	if (holder->files[1].revents)
		accept_peer(holder);
}

/* The shorter of two waits; -1 is forever. */
static int shorter(int one, int other)
{
	if (one < 0 || other < 0)
		return one < 0 ? other : one;
	return one < other ? one : other;
}

/* Whether the client of the waiting step has gone. */
static bool is_alone(const struct holder *holder)
{
	const struct pollfd *asking =
		&holder->files[FIRST_PEER + (size_t)(holder->asking - holder->crowd.peers)];

	return asking->revents & (POLLHUP | POLLERR);
}

static int serve_others(struct holder *holder, struct pollfd *files, size_t count, int timeout_ms)
{
	struct session *session = holder->session;
	struct pollfd *own;
	int ready = 0;

	list_files(holder);
	own = &holder->files[holder->file_count];
	memcpy(own, files, count * sizeof(*files));
	if (poll(holder->files, holder->file_count + count,
		    holder->busy ? 0 : shorter(timeout_ms, crowd_time_left(&holder->crowd))) < 0)
		return -errno;
	memcpy(files, own, count * sizeof(*files));
	for (size_t i = 0; i < count; i++)
		ready += files[i].revents != 0;
	if (is_alone(holder))
		session_end_doing(session, "its client has gone");
	else
		serve_all(holder);
	return *session->live.ended ? -ECANCELED : ready;
}

/* The callback for live->meanwhile while the step of holder->asking waits. */
static int serve_meanwhile(struct pollfd *files, size_t count, int timeout_ms, void *data)
{
	struct holder *holder = data;
	struct session *session = holder->session;
	const bool ran_out = memory_take_failure();
	const struct failure failure = session->live.failure;
	struct session_wait wait = { holder->asking->pid, timeout_ms, NULL };
	int ready;

	holder->busy |= !holder->has_waited;
	session->wait = &wait;
	ready = serve_others(holder, files, count, timeout_ms);
	session->wait = NULL;
	holder->has_waited = true;
	if (wait.stopper)
		holder->turn = (size_t)(wait.stopper - holder->crowd.peers);
	/* Its texts are inside the struct itself, at its old address. */
	session->live.failure = failure;
	if (ran_out)
		memory_note_failure();
	return ready;
}

static void run(struct holder *holder)
{
	struct session *session = holder->session;

	while (!session->stopping) {
		/* Requests that arrived meanwhile are now waiting. */
		holder->busy |= holder->has_waited;
		holder->has_waited = false;
		list_files(holder);
		if (poll(holder->files, holder->file_count,
			    holder->busy ? 0 : crowd_time_left(&holder->crowd)) < 0)
			monotonic_pause();
		if (interrupt_take(&session->live.interrupt))
			break;
		serve_all(holder);
	}
}

enum exit_status holder_run(
	struct session *session, int listener, int directory, int lock, struct report *report)
{
	struct holder *holder = calloc(1, sizeof(*holder));
	enum exit_status status;

	if (!holder || !make_room(holder, 0)) {
		free(holder);
		status = session_close(session, report, report_out_of_memory(report));
		runtime_remove(directory, session->name, lock);
		return status;
	}
	holder->session = session;
	holder->listener = listener;
	holder->report = report;
	session->live.meanwhile = serve_meanwhile;
	session->live.meanwhile_data = holder;
	run(holder);
	if (session->store)
		store_clear(session->store);
	notify_send("STOPPING=1", -1);
	status = session_close(session, report, STATUS_DONE);
	runtime_remove(directory, session->name, lock);
	for (size_t i = holder->crowd.count; i-- > 0;) {
		struct peer *peer = &holder->crowd.peers[i];

		if (!peer_is_there(peer))
			continue;
		peer_send(peer);
		crowd_drop(&holder->crowd, peer);
	}
	free(holder->files);
	free(holder);
	return status;
}
