// SPDX-License-Identifier: MIT
/*
 * An addition to a session is read without the session's mappings, with the same result as with
 * them: the same is accepted, the same errors are reported in the same words, and the session
 * describes itself in the same way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "invocation.h"
#include "model/platform.h"
#include "output/memory.h"
#include "session/holder/apply.h"
#include "session/state/mapped_document.h"
#include "session/state/snapshot_maps.h"

#define START                                                                                        \
	"{'iommuctl': 1, 'backend': 'model', 'memory': {'m0': {'size': '64K', 'ipa': '0x40000000'}," \
	" 'm1': {'size': '64K', 'ipa': '0x50000000'}}, 'devices': {'edu': {'pci': '0000:00:01.0'}}," \
	" 'ioas': {'i0': {'map': [{'memory': 'm0', 'iova': '0x100000', 'length': '8K'},"             \
	" {'memory': 'm1', 'iova': '0x108000', 'length': '4K', 'prot': 'r'}], 'huge-pages': false}," \
	" 'i1': {}}}"

/*
 * What is asked for. # stands for an IOAS, ~ for a memory, @ for a HWPT, * for one of 16 pages at
 * 0x100000, + for the offset of one of 16, = for a number of pages.
 */
static const char *const requests[] = {
	"'steps': [{'ioas-map': {'ioas': '#', 'map': {'memory': '~', 'iova': '*', 'offset': '+',"
	" 'length': '=K'}}}]",
	"'steps': [{'ioas-map': {'ioas': '#', 'map': {'memory': '~', 'iova': '*', 'offset': '+',"
	" 'length': '=K', 'prot': 'r'}}}]",
	"'steps': [{'ioas-unmap': {'ioas': '#', 'iova': '*', 'size': '=K'}}]",
	"'steps': [{'ioas-unmap': {'ioas': '#', 'iova': '*', 'size': '64K'}}]",
	"'steps': [{'ioas-copy': {'ioas': '#', 'source': '#', 'source-iova': '*', 'iova': '*',"
	" 'size': '=K'}}]",
	"'steps': [{'ioas-map': {'ioas': '#', 'map': {'memory': '~', 'iova': '*', 'length': '4K'}},"
	" 'expect': {'errno': 'EEXIST'}}]",
	"'steps': [{'ioas-unmap': {'ioas': '#', 'iova': '*', 'size': '=K'}}, {'ioas-map': {'ioas': '#',"
	" 'map': {'memory': '~', 'iova': '*', 'length': '=K'}}}]",
	"'ioas': {'#': {'map': [{'memory': '~', 'iova': '*', 'length': '4K'}, {'memory': '~',"
	" 'iova': '*', 'offset': '+', 'length': '4K'}]}}",
	"'ioas': {'#': {}}, 'steps': [{'ioas-map': {'ioas': '#', 'map': {'memory': '~', 'iova': '*',"
	" 'length': '=K'}}}]",
	"'steps': [{'destroy': {'object': 'ioas.#'}}]",
	"'steps': [{'destroy': {'object': 'ioas.#'}}, {'create': {'object': 'ioas.#'}}]",
	"'steps': [{'destroy': {'object': 'memory.~'}}]",
	"'memory': {'~': {'size': '64K', 'ipa': '0x40000000'}}",
	"'memory': {'~': {'size': '64K', 'ipa': '0x50000000'}}",
	"'hwpts': {'@': {'device': 'edu', 'ioas': '#', 'nest-parent': true}}",
	"'hwpts': {'@': {'device': 'edu', 'ioas': '#'}}, 'attach': [{'device': 'edu', 'hwpt': '@'}]",
	"'attach': [{'device': 'edu', 'ioas': '#'}]",
	"'steps': [{'detach': {'device': 'edu'}}]",
	"'steps': [{'destroy': {'object': 'hwpts.@'}}]",
	"'steps': [{'ioas-map': {'ioas': '#', 'map': {'memory': '~', 'iova': '*', 'offset': '60K',"
	" 'length': '=K'}}}, {'ioas-unmap': {'ioas': '#', 'size': '4K'}}]",
	"'ioas': {'#': {'map': [{'memory': 'none'}]}}",
};

/* A session on the model machine, and how many requests were taken and refused. */
struct trial {
	struct platform_model machine;
	struct session session;
	struct invocation invocation;
	struct report report;
	struct memory_text said;
	unsigned int seed;
	size_t taken, refused;
};

static json_t *parse_quoted(const char *text)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *json;

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	json = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
	cr_assert(json, "%s: %s", error.text, copy);
	free(copy);
	return json;
}

static unsigned int any(struct trial *trial, unsigned int count)
{
	return (unsigned int)rand_r(&trial->seed) / 7 % count;
}

/* A request with its signs replaced. */
static json_t *make_request(struct trial *trial)
{
	const char *at = requests[any(trial, ARRAY_SIZE(requests))];
	char text[1024] = "{'iommuctl': 1, ";

	for (; *at; at++) {
		size_t used = strlen(text);
		char *end = text + used;
		const size_t room = sizeof(text) - used;

		switch (*at) {
		case '#': snprintf(end, room, "i%u", any(trial, 4)); break;
		case '~': snprintf(end, room, "m%u", any(trial, 3)); break;
		case '@': snprintf(end, room, "h%u", any(trial, 2)); break;
		case '*': snprintf(end, room, "0x%x", 0x100000 + (any(trial, 16) << 12)); break;
		case '+': snprintf(end, room, "0x%x", any(trial, 16) << 12); break;
		case '=': snprintf(end, room, "%u", 4 + 4 * any(trial, 3)); break;
		default: snprintf(end, room, "%c", *at);
		}
	}
	strcat(text, "}");
	return parse_quoted(text);
}

static void listen(struct trial *trial)
{
	trial->report = (struct report){ .command = "apply" };
	trial->report.out = trial->report.err = memory_text_open(&trial->said);
}

/* What was said since listen(); the caller frees it. */
static char *heard(struct trial *trial)
{
	char *text = memory_text_close(&trial->said);

	cr_assert(text);
	return text;
}

static void expect_done(struct trial *trial, enum exit_status status)
{
	char *said = heard(trial);

	cr_assert_eq(status, STATUS_DONE, "%s", said);
	free(said);
}

static void trial_open(struct trial *trial, unsigned int seed)
{
	json_t *start = parse_quoted(START);
	enum exit_status status;

	*trial = (struct trial){ .seed = seed, .session.interrupt = { .fd = -1 } };
	listen(trial);
	trial->invocation.report = &trial->report;
	status = platform_model_open(&trial->machine, "", &trial->report);
	if (!status)
		status = cli_context_open(
			&trial->session.context, &trial->invocation, trial->machine.model);
	if (!status)
		status = session_open(
			&trial->session, "trial", &trial->machine.base, &trial->report);
	if (!status)
		status = session_apply(&trial->session, start, &trial->report);
	json_decref(start);
	expect_done(trial, status);
}

static void trial_close(struct trial *trial)
{
	listen(trial);
	expect_done(trial, session_close(&trial->session, &trial->report, STATUS_DONE));
	cli_context_close(&trial->session.context);
	platform_model_close(&trial->machine);
}

/* No call is made of it: what is for the model is refused before that. */
Test(session_addition, what_is_for_the_model_is_not_for_the_kernel)
{
	json_t *for_model = parse_quoted("{'iommuctl': 1, 'backend': 'model', 'ioas': {'x': {}}}");
	struct trial trial;
	struct platform kernel;
	char *said;

	trial_open(&trial, 1);
	kernel = trial.machine.base;
	kernel.backend = "kernel";
	trial.session.platform = &kernel;
	listen(&trial);
	cr_expect_eq(session_apply(&trial.session, for_model, &trial.report), STATUS_FAILED);
	said = heard(&trial);
	cr_expect(
		strstr(said, "the session is on the kernel, but the job is for the model (EBUSY)"),
		"%s", said);
	free(said);
	trial.session.platform = &trial.machine.base;
	trial_close(&trial);
	json_decref(for_model);
}

static enum exit_status read_as(struct trial *trial, json_t *request, bool whole, char **said)
{
	struct job *job = NULL;
	enum exit_status status;

	listen(trial);
	status = whole ? session_read_whole(&trial->session, request, &trial->report, &job)
		       : session_read_addition(&trial->session, request, &trial->report, &job);
	*said = heard(trial);
	cr_assert_eq(status == STATUS_DONE, job != NULL);
	job_free(job);
	return status;
}

/* What the session says of the IOAS @name is what is alive of it, and can be said. */
static void expect_maps_said(struct trial *trial, const char *name, const json_t *said)
{
	const struct live *live = &trial->session.live;
	const struct document_object *ioas = document_find(live->job->document, JOB_IOAS, name);
	size_t unsaid = 0;

	cr_assert(ioas, "%s", name);
	if (!json_object_get(trial->session.maps, name))
		unsaid = snapshot_ioas_left_out(live, (const struct job_ioas *)ioas);
	cr_expect_eq(json_array_size(json_object_get(said, "map")) + unsaid,
		live->maps[ioas->index].count, "%s", name);
}

static void expect_whole(struct trial *trial)
{
	json_t *whole = session_whole(&trial->session), *said;
	const char *name;

	cr_assert(whole);
	json_object_foreach(json_object_get(whole, "ioas"), name, said)
		expect_maps_said(trial, name, said);
	json_object_foreach(trial->session.maps, name, said)
		cr_expect(json_object_get(json_object_get(whole, "ioas"), name), "%s", name);
	json_decref(whole);
}

static void try_request(struct trial *trial)
{
	json_t *request = make_request(trial);
	char *text, *quick, *slow;
	enum exit_status status;

	text = json_dumps(request, 0);
	status = read_as(trial, request, false, &quick);
	cr_expect_eq(read_as(trial, request, true, &slow), status, "%s", text);
	cr_expect_str_eq(quick, slow, "%s", text);
	listen(trial);
	session_apply(&trial->session, request, &trial->report);
	free(heard(trial));
	cr_assert_not(trial->session.stopping);
	expect_whole(trial);
	trial->taken += status == STATUS_DONE;
	trial->refused += status != STATUS_DONE;
	free(quick);
	free(slow);
	free(text);
	json_decref(request);
}

Test(session_addition, is_read_as_with_all_that_is_mapped)
{
	size_t taken = 0, refused = 0;
	struct trial trial;

	for (unsigned int seed = 1; seed <= 6; seed++) {
		trial_open(&trial, seed);
		for (int i = 0; i < 250; i++)
			try_request(&trial);
		trial_close(&trial);
		taken += trial.taken;
		refused += trial.refused;
	}
	cr_expect_gt(taken, 200, "%zu", taken);
	cr_expect_gt(refused, 500, "%zu", refused);
}

static void apply(struct trial *trial, const char *text)
{
	json_t *request = parse_quoted(text);
	enum exit_status status;

	listen(trial);
	status = session_apply(&trial->session, request, &trial->report);
	json_decref(request);
	expect_done(trial, status);
}

/* What is said names what it is of, so that it can be read. */
static void expect_memory_said(const struct trial *trial, const char *name, bool wanted)
{
	json_t *whole = session_whole(&trial->session);

	cr_expect_eq(json_object_get(json_object_get(whole, "memory"), name) != NULL, wanted);
	json_decref(whole);
}

Test(session_addition, can_unmap_what_was_of_a_memory_that_is_gone)
{
	struct trial trial;

	trial_open(&trial, 1);
	apply(&trial, "{'iommuctl': 1, 'steps': [{'destroy': {'object': 'memory.m0'}}]}");
	expect_memory_said(&trial, "m0", true);
	apply(&trial,
		"{'iommuctl': 1, 'steps': [{'ioas-map': {'ioas': 'i0', 'map': {'memory': 'm1',"
		" 'iova': '0x10a000', 'length': '4K'}}}]}");
	apply(&trial, "{'iommuctl': 1, 'steps': [{'ioas-unmap': {'ioas': 'i0', 'iova': '0x100000',"
		      " 'size': '8K'}}]}");
	expect_whole(&trial);
	trial_close(&trial);
}
