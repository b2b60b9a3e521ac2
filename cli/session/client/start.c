// SPDX-License-Identifier: MIT
#include "session/client/start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "job/load.h"
#include "job/machine.h"
#include "model/platform.h"
#include "output/text.h"
#include "session/holder/apply.h"
#include "session/client/start_wait.h"
#include "session/holder/confine.h"
#include "session/holder/holder.h"
#include "session/holder/notify.h"
#include "session/client/runtime.h"
#include "session/state/state.h"
#include "session/state/store.h"
#include "session/holder/syscalls.h"

/* A holder being started. */
struct start {
	struct invocation *invocation;
	const struct session_start *wanted;
	int directory;
	int lock;
	int ready;	 /* the pipe to the process that started it; -1: none */
	struct job *job; /* job to carry out first; NULL: none */
	struct session session;
	struct adopted adopted;
	struct store store;
	char *state; /* state of a session that another process has held; NULL: none */
	struct platform_host host;
	struct platform_model machine;
	bool on_model;
};

static void tell_ready(struct start *start, enum exit_status status)
{
	unsigned char byte = (unsigned char)status;

	if (start->ready < 0)
		return;
	while (write(start->ready, &byte, 1) < 0 && errno == EINTR)
		;
	close(start->ready);
	start->ready = -1;
}

static enum exit_status open_platform(struct start *start)
{
	const struct job *job = start->job;
	struct invocation *invocation = start->invocation;
	const char *model = invocation->model ? invocation->model : "";
	enum exit_status status;

	start->on_model = invocation->model || (job && job->backend == JOB_BACKEND_MODEL);
	if (!start->on_model) {
		platform_host_init(&start->host, &sysfs_of_host);
		start->session.platform = &start->host.base;
		return STATUS_DONE;
	}
	status = platform_model_open(&start->machine, model, invocation->report);
	start->on_model = !status;
	start->session.platform = &start->machine.base;
	if (!status && job && *model)
		status = job_load_check(
			start->wanted->job, invocation->report, job, &start->machine.base);
	return status;
}

/*
 * Read everything that may block, such as a FIFO, here: a signal still has its usual effect, and
 * nothing has been made.
 */
static enum exit_status read_all(struct start *start)
{
	struct invocation *invocation = start->invocation;
	struct report *report = invocation->report;
	const char *file = start->wanted->job;
	enum exit_status status = STATUS_DONE;

	if (file && !start->state)
		status = job_load(file, invocation->model, report, &start->job);
	if (!status && start->job)
		status = machine_apply(NULL, start->job, report);
	if (!status)
		status = open_platform(start);
	if (!status && start->job && !start->on_model)
		status = job_check_author(start->job->document, report);
	if (!status)
		status = cli_context_open(&start->session.context, invocation,
			start->on_model ? start->machine.model : NULL);
	return status;
}

static enum exit_status open_session(struct start *start)
{
	struct report *report = start->invocation->report;
	struct session *session = &start->session;
	struct job *job = start->job;

	start->job = NULL;
	if (start->state)
		return state_restore(session, start->wanted->name, start->state, report);
	if (job)
		return session_open_job(
			session, start->wanted->name, session->platform, job, report);
	return session_open(session, start->wanted->name, session->platform, report);
}

static enum exit_status confine(const struct start *start)
{
	struct report *report = start->invocation->report;
	int err;

	/*
	 * Events are printed in local time: read the time zone once, while files and memory last.
	 */
	tzset();
	err = confine_privileges();
	if (!err)
		err = syscalls_confine();
	if (err == -EINVAL) {
		report_note(report,
			"session %s: this kernel has no system call filters "
			"(CONFIG_SECCOMP_FILTER): the holder runs without one",
			start->wanted->name);
		err = 0;
	}
	return err ? report_errno(report, "confine", NULL, err) : STATUS_DONE;
}

static enum exit_status get_ready(struct start *start, int *listener)
{
	struct report *report = start->invocation->report;
	struct failure failure = { 0 };

	*listener = runtime_listen(start->directory, start->wanted->name, &failure);
	if (*listener < 0)
		return report_failure(report, &failure);
	return confine(start);
}

static void forget_file(const struct document_object *object, void *store)
{
	store_forget(store, object);
}

/* The manager, if there is one, has everything from the beginning. */
static enum exit_status tell_manager(struct start *start)
{
	struct session *session = &start->session;
	int err = 0;

	if (start->on_model)
		session->store = NULL;
	if (session->store) {
		err = store_update(session->store, session);
		session->live.forget = forget_file;
		session->live.forget_data = session->store;
	}
	if (!err && start->wanted->foreground)
		err = notify_send("READY=1", -1);
	return err ? report_errno(start->invocation->report, "notify", "NOTIFY_SOCKET", err)
		   : STATUS_DONE;
}

static void say_held(const struct start *start)
{
	const char *name = start->wanted->name;

	report_result(start->invocation->report, "session",
		json_pack("{s:s, s:i, s:s}", "name", name, "pid", (int)getpid(), "backend",
			start->session.platform->backend),
		"session %s: process %d holds it", name, (int)getpid());
}

/* Do the last thing that may fail, then report that the session is held. */
static enum exit_status take_leave(const struct start *start)
{
	const bool stays = start->wanted->foreground;
	int nothing = stays ? 0 : confine_leave();

	if (nothing < 0)
		return report_errno(start->invocation->report, "confine", NULL, nothing);
	say_held(start);
	if (!stays)
		confine_detach(nothing);
	return STATUS_DONE;
}

/*
 * Takes the files passed to this process, and its descriptor store. The model lives in the process,
 * and none of it can be kept.
 */
static enum exit_status adopt(struct start *start)
{
	struct report *report = start->invocation->report;
	int err = adopted_read(&start->adopted);

	if (err)
		return report_errno(report, "adopt", "LISTEN_FDS", err);
	if (start->adopted.count && !start->wanted->foreground)
		return report_usage(report,
			"descriptors were passed to this process (LISTEN_FDS): --foreground adopts them");
	if (!start->wanted->foreground)
		return STATUS_DONE;
	err = store_open(&start->store, &start->adopted, &start->state);
	if (err)
		return report_errno(report, "adopt", "LISTEN_FDS", err);
	start->session.adopted = &start->adopted;
	if (getenv("NOTIFY_SOCKET"))
		start->session.store = &start->store;
	return STATUS_DONE;
}

static enum exit_status hold(struct start *start)
{
	struct report *report = start->invocation->report;
	struct session *session = &start->session;
	enum exit_status status;
	int listener = -1;

	status = open_session(start);
	/* Close files that no object has used. */
	adopted_free(&start->adopted);
	session->live.adopted = NULL;
	if (!status)
		status = get_ready(start, &listener);
	if (!status)
		status = tell_manager(start);
	if (!status)
		status = take_leave(start);
	if (!status) {
		/* The session is held all the same: only the waiting process was not told. */
		tell_ready(start, report->output_lost ? STATUS_FAILED : status);
		status = holder_run(session, listener, start->directory, start->lock, report);
	} else {
		status = session_close(session, report, status);
		runtime_remove(start->directory, start->wanted->name, start->lock);
	}
	if (listener >= 0)
		close(listener);
	status = cli_context_check(&session->context, report, status);
	tell_ready(start, status);
	return status;
}

/* There is no session yet: free its name again. */
static enum exit_status give_up(struct start *start, const char *call, int err)
{
	runtime_remove(start->directory, start->wanted->name, start->lock);
	return report_errno(start->invocation->report, call, NULL, err);
}

static enum exit_status start_in_background(struct start *start)
{
	struct report *report = start->invocation->report;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return give_up(start, "pipe", errno);
	report_flush(report);
	pid = fork();
	if (pid < 0) {
		const int err = errno;

		close(ends[0]);
		close(ends[1]);
		return give_up(start, "fork", err);
	}
	if (pid) {
		close(ends[1]);
		return await_holder(report, &start->session.interrupt, ends[0], pid);
	}
	setsid();
	close(ends[0]);
	start->ready = ends[1];
	confine_close_inherited();
	return hold(start);
}

static enum exit_status take_name(struct start *start)
{
	struct report *report = start->invocation->report;
	const char *name = start->wanted->name;
	struct failure failure = { 0 };

	start->directory = runtime_open(true, &failure);
	if (start->directory < 0)
		return report_failure(report, &failure);
	start->lock = runtime_lock(start->directory, name, &failure);
	if (start->lock >= 0)
		return STATUS_DONE;
	if (start->lock == -EEXIST) {
		failure_set(&failure, -EEXIST,
			"runs already\n'iommuctl session stop' ends it, or take another name");
		failure.operation = "session";
		failure.object = name;
	}
	return report_failure(report, &failure);
}

static enum exit_status check_name(const struct start *start)
{
	const char *name = start->wanted->name;

	if (session_name_is_valid(name))
		return STATUS_DONE;
	return report_usage(start->invocation->report,
		"'%s' is not a valid session name: use at most %d letters, digits, '-', '_' and "
		"'.', beginning with a letter or a digit",
		name, SESSION_NAME_MAX);
}

/* From here on, signals are requests to stop: they must not leave a name, or a job, half-way. */
static enum exit_status watch_signals(struct start *start)
{
	int err = interrupt_watch(&start->session.interrupt);

	return err ? report_errno(start->invocation->report, "signalfd", NULL, err) : STATUS_DONE;
}

static void release(struct start *start)
{
	interrupt_unwatch(&start->session.interrupt);
	if (start->lock >= 0)
		close(start->lock);
	if (start->directory >= 0)
		close(start->directory);
	cli_context_close(&start->session.context);
	if (start->on_model)
		platform_model_close(&start->machine);
	job_free(start->job);
	adopted_free(&start->adopted);
	store_free(&start->store);
	free(start->state);
	free(start);
}

enum exit_status session_start(struct invocation *invocation, const struct session_start *wanted)
{
	struct start *start = calloc(1, sizeof(*start));
	enum exit_status status;

	if (!start)
		return report_out_of_memory(invocation->report);
	*start = (struct start){ invocation, wanted, -1, -1, -1 };
	start->session.interrupt.fd = -1;
	start->session.rlimit_mode = wanted->rlimit_mode;
	start->session.keeps_devices = wanted->keeps_devices;
	status = check_name(start);
	if (!status)
		status = adopt(start);
	if (!status)
		status = read_all(start);
	if (!status)
		status = watch_signals(start);
	if (!status)
		status = take_name(start);
	if (!status)
		status = wanted->foreground ? hold(start) : start_in_background(start);
	release(start);
	return status;
}
