// SPDX-License-Identifier: MIT
#include "killing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "array.h"

#define CALL_STOP (SIGTRAP | 0x80)

static void expect(bool truth)
{
	if (!truth)
		abort();
}

/* Lets the process run to its next stop at a system call. False: it has ended, with @status. */
static bool go_to_next_call(pid_t pid, int *status)
{
	int signal = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)signal))
			expect(errno == ESRCH);
		expect(waitpid(pid, status, 0) == pid);
		if (!WIFSTOPPED(*status))
			return false;
		signal = WSTOPSIG(*status);
		if (signal == CALL_STOP)
			return true;
		/* The stop for execve() is no signal of the process's own. */
		signal = signal == SIGTRAP ? 0 : signal;
	}
}

static void trace(pid_t pid, const struct killing *killing, struct killed *killed)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;

	expect(waitpid(pid, &killed->status, 0) == pid && WIFSTOPPED(killed->status));
	expect(!ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options));
	while (!killing->signal || killed->stops < killing->after) {
		if (!go_to_next_call(pid, &killed->status))
			return;
		killed->stops++;
	}
	kill(pid, killing->signal);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	expect(waitpid(pid, &killed->status, 0) == pid);
}

static void read_output(int fd, struct killed *killed)
{
	ssize_t got = 1;

	while (got > 0) {
		got = read(fd, killed->output + killed->length,
			sizeof(killed->output) - 1 - killed->length);
		killed->length += got > 0 ? (size_t)got : 0;
	}
	killed->output[killed->length] = '\0';
}

static _Noreturn void begin(int output, void (*start)(void *data), void *data)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
	close(output);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	start(data);
	abort();
}

void killing_run(
	const struct killing *killing, void (*start)(void *data), void *data, struct killed *killed)
{
	int output[2], held[2];
	char nothing;
	pid_t pid;

	*killed = (struct killed){ 0 };
	expect(!pipe2(output, O_CLOEXEC) && !pipe2(held, 0));
	pid = fork();
	if (!pid) {
		close(held[0]);
		begin(output[1], start, data);
	}
	close(output[1]);
	close(held[1]);
	trace(pid, killing, killed);
	read_output(output[0], killed);
	/* All that came of the run has inherited the other end: this ends when the last has. */
	while (read(held[0], &nothing, 1) > 0)
		;
	close(output[0]);
	close(held[0]);
}

/* The summary "run" of the last line of @text; NULL if it has none, or a line is not an object. */
static const char *look_at_lines(char *text, bool *has_summary, json_int_t *left_behind)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && rest) {
		json_t *object = json_loads(line, 0, NULL),
		       *summary = json_object_get(object, "run");

		if (!json_is_object(object))
			return "a line is no object of JSON";
		*has_summary = summary != NULL;
		*left_behind = json_integer_value(json_object_get(summary, "left-behind"));
		json_decref(object);
	}
	return line && *line ? "a line was cut off" : NULL;
}

const char *killing_complaint(const struct killing *killing, const struct killed *killed)
{
	char *text = strdup(killed->output);
	json_int_t left_behind = 0;
	bool has_summary = false;
	const char *complaint = look_at_lines(text, &has_summary, &left_behind);

	free(text);
	if (complaint || killing->signal == SIGKILL)
		return complaint;
	if (killed->length && !has_summary)
		return "it was begun, but its end is not told";
	return left_behind ? "something is left behind" : NULL;
}

/* A linear congruential generator: what matters is that each run has the same moments. */
static uint64_t scramble(uint64_t number)
{
	for (int i = 0; i < 4; i++)
		number = number * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return number >> 33;
}

struct killing killing_pick(
	uint64_t seed, unsigned int index, unsigned long first, unsigned long last)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGKILL };

	return (struct killing){
		.signal = signals[index % ARRAY_SIZE(signals)],
		.after = first + 1 + scramble(seed + index) % (last - first),
	};
}
