// SPDX-License-Identifier: MIT
/* What a service manager is given of a session to keep, and when. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "array.h"
#include "job/live/vintf.h"
#include "model/platform.h"
#include "output/memory.h"
#include "session/holder/apply.h"
#include "session/holder/request.h"
#include "session/state/state.h"
#include "session/state/store.h"

/* A session on the model machine with a device, a manager that it notifies, and a client. */
struct trial {
	struct platform_model machine;
	struct session session;
	struct store store;
	struct invocation invocation;
	struct report report;
	struct memory_text said;
	struct peer peer;
	int client;
	int manager;
	char state[4096]; /* the last that the manager was given */
};

/* On an abstract address: nothing is left of it. */
static void listen_as_manager(struct trial *trial)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = offsetof(struct sockaddr_un, sun_path);
	char name[64];

	snprintf(name, sizeof(name), "@session-store-%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	trial->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_eq(
		bind(trial->manager, (struct sockaddr *)&address, size + (socklen_t)strlen(name)),
		0);
	setenv("NOTIFY_SOCKET", name, 1);
}

/* One message, with its file in *@fd; false: there is none. */
static bool take_message(struct trial *trial, char *text, size_t size, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec data = { text, size - 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	const struct cmsghdr *header;
	ssize_t got = recvmsg(trial->manager, &message, MSG_CMSG_CLOEXEC);

	if (got < 0)
		return false;
	text[got] = '\0';
	*fd = -1;
	header = CMSG_FIRSTHDR(&message);
	if (header)
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	return true;
}

/* How many states the manager has been given since it was asked last. */
static size_t take_states(struct trial *trial)
{
	char text[256];
	size_t count = 0;
	int fd;

	while (take_message(trial, text, sizeof(text), &fd)) {
		if (fd >= 0 && strstr(text, "FDSTORE=1") && strstr(text, "FDNAME=state-")) {
			ssize_t got = pread(fd, trial->state, sizeof(trial->state) - 1, 0);

			cr_assert_gt(got, 0);
			trial->state[got] = '\0';
			count++;
		}
		if (fd >= 0)
			close(fd);
	}
	return count;
}

/* On the machine of the file @machine; "": the default one. */
static void start_with(struct trial *trial, const char *machine, const char *text)
{
	json_t *document = json_loads(text, 0, NULL);
	int ends[2];

	*trial = (struct trial){ .session.interrupt = { .fd = -1 } };
	listen_as_manager(trial);
	trial->report = (struct report){ .json = true, .out = memory_text_open(&trial->said) };
	trial->report.err = trial->report.out;
	trial->invocation.report = &trial->report;
	cr_assert_eq(platform_model_open(&trial->machine, machine, &trial->report), STATUS_DONE);
	cr_assert_eq(
		cli_context_open(&trial->session.context, &trial->invocation, trial->machine.model),
		STATUS_DONE);
	cr_assert_eq(session_open(&trial->session, "vm", &trial->machine.base, &trial->report),
		STATUS_DONE);
	cr_assert_eq(session_apply(&trial->session, document, &trial->report), STATUS_DONE);
	json_decref(document);
	trial->store.names = json_object();
	trial->session.store = &trial->store;
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	cr_assert(peer_open(&trial->peer, ends[0]));
	trial->client = ends[1];
}

static void start(struct trial *trial)
{
	start_with(trial, "",
		"{\"iommuctl\": 1, \"devices\": {\"edu\": {\"pci\": \"0000:00:01.0\"}}}");
}

static void end(struct trial *trial)
{
	peer_close(&trial->peer);
	close(trial->client);
	session_close(&trial->session, &trial->report, STATUS_DONE);
	store_free(&trial->store);
	cli_context_close(&trial->session.context);
	platform_model_close(&trial->machine);
	free(memory_text_close(&trial->said));
	close(trial->manager);
}

static void ask(struct trial *trial, const char *request)
{
	char text[512];

	snprintf(text, sizeof(text), "%s", request);
	request_answer(&trial->session, &trial->peer, text, strlen(text));
	peer_send(&trial->peer);
}

static void update(struct trial *trial)
{
	cr_assert_eq(store_update(&trial->store, &trial->session), 0);
}

Test(session_store, what_has_not_changed_is_not_stored_again)
{
	struct trial trial;

	start(&trial);
	update(&trial);
	cr_expect_eq(take_states(&trial), 1);
	update(&trial);
	cr_expect_eq(take_states(&trial), 0);
	end(&trial);
}

Test(session_store, a_device_that_was_handed_over_is_stored_as_such)
{
	struct trial trial;

	start(&trial);
	update(&trial);
	cr_expect_eq(take_states(&trial), 1);
	cr_expect_null(strstr(trial.state, "handed-over"));
	ask(&trial, "{\"iommuctl\":1,\"export\":{\"objects\":[{\"name\":\"devices.edu\"}]}}");
	update(&trial);
	cr_expect_eq(take_states(&trial), 1);
	cr_expect_not_null(strstr(trial.state, "\"handed-over\":true"), "%s", trial.state);
	end(&trial);
}

Test(session_store, a_device_that_is_handed_over_while_a_step_waits_is_stored_as_such_at_once)
{
	struct session_wait wait = { 0 };
	struct trial trial;

	start(&trial);
	update(&trial);
	cr_expect_eq(take_states(&trial), 1);
	trial.session.wait = &wait;
	ask(&trial, "{\"iommuctl\":1,\"export\":{\"objects\":[{\"name\":\"devices.edu\"}]}}");
	cr_expect_eq(take_states(&trial), 1);
	cr_expect_not_null(strstr(trial.state, "\"handed-over\":true"), "%s", trial.state);
	trial.session.wait = NULL;
	update(&trial);
	cr_expect_eq(take_states(&trial), 0);
	end(&trial);
}

#define GUEST                                                                                            \
	"{\"iommuctl\": 1, \"devices\": {\"edu\": {\"pci\": \"0000:00:01.0\"}}, \"ioas\": {\"g\": {}}, " \
	"\"hwpts\": {\"s2\": {\"device\": \"edu\", \"ioas\": \"g\", \"nest-parent\": true}}, "           \
	"\"viommus\": {\"v\": {\"type\": \"tegra241-cmdqv\", \"device\": \"edu\", \"hwpt\": \"s2\"}}}"

/* The machine has no file that outlives the call. */
static void start_on_cmdqv(struct trial *trial)
{
	static const char machine[] = "{\"iommuctl\": 1, \"smmus\": [{\"cmdqv\": {}}], "
				      "\"devices\": [{\"pci\": \"0000:00:01.0\"}]}";
	char path[] = "/tmp/session-store-XXXXXX";
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, machine, sizeof(machine) - 1), (ssize_t)sizeof(machine) - 1);
	close(fd);
	start_with(trial, path, GUEST);
	unlink(path);
}

/* As if the process of @session were gone: what it has mapped is, and no file is closed by it. */
static void forget(struct session *session)
{
	const struct document_object *viommu = session_find(session, "viommus.v");

	if (viommu)
		live_vintf_unmap(&session->live, viommu);
	session->live.entry_count = 0;
	session->live.iommufd = -1;
}

static const struct document_object *edu_of(const struct session *session)
{
	return session_find(session, "devices.edu");
}

/* Passes the files of @session to @next, which is to open one, and forgets them. */
static void pass_to(
	struct trial *trial, struct session *session, struct session *next, struct adopted *adopted)
{
	adopted->files[0] = (struct adopted_file){ "iommufd", session->live.iommufd };
	adopted->files[1] = (struct adopted_file){ "devices.edu",
		live_object(&session->live, edu_of(session))->fd };
	forget(session);
	*next = (struct session){ .interrupt = { .fd = -1 } };
	cr_assert_eq(cli_context_open(&next->context, &trial->invocation, trial->machine.model),
		STATUS_DONE);
	next->platform = &trial->machine.base;
	next->adopted = adopted;
}

static void expect_not_asked(const struct session *session)
{
	const struct live_device *device = &session->live.devices[edu_of(session)->index];

	cr_expect(device->was_passed);
	cr_expect_not(device->takes_requests);
}

Test(session_store, a_device_that_was_passed_is_its_openers_to_give_back_after_a_restart_too)
{
	struct trial trial;
	struct session second, third;
	struct adopted_file files[2];
	struct adopted adopted = { files, ARRAY_SIZE(files), NULL };
	json_t *document;
	char *text;

	start(&trial);
	cr_expect(trial.session.live.devices[0].takes_requests);
	document = json_pack("{s:i, s:{s:{s:s, s:i}}}", "iommuctl", 1, "devices", "edu", "pci",
		"0000:00:01.0", "id",
		(int)live_object(&trial.session.live, edu_of(&trial.session))->id);
	pass_to(&trial, &trial.session, &second, &adopted);
	cr_assert_eq(session_open(&second, "vm", second.platform, &trial.report), STATUS_DONE);
	cr_assert_eq(session_apply(&second, document, &trial.report), STATUS_DONE);
	json_decref(document);
	expect_not_asked(&second);

	text = state_write(&second);
	cr_assert_not_null(text);
	pass_to(&trial, &second, &third, &adopted);
	cr_assert_eq(state_restore(&third, "vm", text, &trial.report), STATUS_DONE);
	expect_not_asked(&third);
	free(text);
	session_close(&third, &trial.report, STATUS_DONE);
	cli_context_close(&third.context);
	session_close(&second, &trial.report, STATUS_DONE);
	cli_context_close(&second.context);
	end(&trial);
}

Test(session_store, page_0_of_an_interface_is_mapped_again_after_a_restart)
{
	struct trial trial;
	struct session next;
	const struct live_object *state;
	struct adopted_file files[2];
	struct adopted adopted = { files, ARRAY_SIZE(files), NULL };
	char *text;

	start_on_cmdqv(&trial);
	text = state_write(&trial.session);
	cr_assert_not_null(text);
	pass_to(&trial, &trial.session, &next, &adopted);
	cr_assert_eq(state_restore(&next, "vm", text, &trial.report), STATUS_DONE);
	state = live_object(&next.live, session_find(&next, "viommus.v"));
	cr_expect_eq(state->mmap_offset, 4096);
	cr_expect_eq(state->mmap_length, 65536);
	cr_expect_not_null(state->page0);
	cr_expect_eq(session_close(&next, &trial.report, STATUS_DONE), STATUS_DONE);
	cli_context_close(&next.context);
	free(text);
	end(&trial);
}

#define NESTED                                                                                     \
	"{\"iommuctl\": 1, \"memory\": {\"ram\": {\"size\": \"1M\", \"ipa\": \"0x40000000\"}}, "   \
	"\"devices\": {\"edu\": {\"pci\": \"0000:00:01.0\"}}, "                                    \
	"\"ioas\": {\"g\": {\"map\": [{\"memory\": \"ram\"}]}}, "                                  \
	"\"hwpts\": {\"s2\": {\"device\": \"edu\", \"ioas\": \"g\", \"nest-parent\": true}, "      \
	"\"s1\": {\"device\": \"edu\", \"viommu\": \"v\", "                                        \
	"\"ste\": {\"config\": \"s1\", \"cd-table\": \"cds\"}}}, "                                 \
	"\"viommus\": {\"v\": {\"device\": \"edu\", \"hwpt\": \"s2\"}}, "                          \
	"\"cd-tables\": {\"cds\": {\"at\": \"0x40000000\"}}}"

static void apply(struct trial *trial, const char *text)
{
	json_t *document = json_loads(text, 0, NULL);

	cr_assert_eq(session_apply(&trial->session, document, &trial->report), STATUS_DONE);
	json_decref(document);
}

/* @text as an earlier build wrote it: without the STEs. */
static char *without_stes(char *text)
{
	json_t *state = json_loads(text, 0, NULL), *entry;
	size_t i;

	json_array_foreach(json_object_get(state, "alive"), i, entry) {
		if (!strncmp(json_string_value(json_object_get(entry, "object")), "hwpts.", 6))
			cr_expect_eq(json_object_del(entry, "bytes"), 0);
	}
	free(text);
	text = json_dumps(state, JSON_COMPACT);
	json_decref(state);
	return text;
}

/* The first word of the STE that hwpts.s1 has after a restart; its CD table was made again. */
static uint64_t ste_after_restart(bool with_stes)
{
	struct trial trial;
	struct session next = { .interrupt = { .fd = -1 } };
	struct adopted_file files[] = { { "iommufd", -1 }, { "devices.edu", -1 },
		{ "memory.ram", -1 } };
	struct adopted adopted = { files, 3, NULL };
	uint64_t word;
	char *text;

	start_with(&trial, "", NESTED);
	apply(&trial,
		"{\"iommuctl\": 1, \"steps\": [{\"destroy\": {\"object\": \"cd-tables.cds\"}}]}");
	apply(&trial, "{\"iommuctl\": 1, \"cd-tables\": {\"cds\": {\"at\": \"0x40080000\"}}}");
	text = state_write(&trial.session);
	cr_assert_not_null(text);
	text = with_stes ? text : without_stes(text);
	files[0].fd = trial.session.live.iommufd;
	for (int i = 1; i < 3; i++)
		files[i].fd = live_object(
			&trial.session.live, session_find(&trial.session, files[i].name))
				      ->fd;
	forget(&trial.session);

	cr_assert_eq(cli_context_open(&next.context, &trial.invocation, trial.machine.model),
		STATUS_DONE);
	next.platform = &trial.machine.base;
	next.adopted = &adopted;
	cr_assert_eq(state_restore(&next, "vm", text, &trial.report), STATUS_DONE);
	word = live_object(&next.live, session_find(&next, "hwpts.s1"))->ste[0];
	cr_expect_eq(session_close(&next, &trial.report, STATUS_DONE), STATUS_DONE);
	cli_context_close(&next.context);
	free(text);
	end(&trial);
	return word;
}

Test(session_store, an_ste_is_the_one_that_the_kernel_got_after_a_restart)
{
	cr_expect_eq(ste_after_restart(true) & ~UINT64_C(63), 0x40000000);
}

Test(session_store, a_state_without_stes_is_read)
{
	cr_expect_eq(ste_after_restart(false) & ~UINT64_C(63), 0x40080000);
}
