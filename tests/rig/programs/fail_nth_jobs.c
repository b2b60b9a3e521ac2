// SPDX-License-Identifier: MIT
/*
 * fail_nth_jobs [-v] [-f FIRST] [-s STEP] [-k KIND] [-m OPTION] [-c COMMAND] [-x] JOB...: runs each JOB once for each allocation that the kernel makes in its calls on
 * iommufd and VFIO, or in those of KIND (fail_nth.h), with that allocation failing; with -s for each STEP-th of them, from FIRST on. What is
 * right each time: the job does and says what it always does; or it ends with status 1, and names the errno, cause and
 * remedy; or, where the kernel says nothing of its failure, it says what else came, if need be with status 6. All is undone.
 * Then no process is left, neither a pinned page nor a page table, and the job does again what it always does. -v says of
 * each allocation what came of it; OPTION is one more argument for iommuctl, and the shell carries out COMMAND with what the
 * job makes. With -x, each JOB is a script for sh.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail_nth_run.h"
#include "must.h"

/* Of /proc/vmstat: each is as it was when all is undone. */
struct balance {
	long pinned;
	long page_tables;
};

struct options {
	bool verbose;
	unsigned int first;
	unsigned int step;
	const char *kind;
	char *machine; /* --machine=FILE, for jobs that need one, or NULL */
	char *command; /* for the shell, after the job; or NULL */
	bool script;   /* JOB is one */
};

#define ARGUMENTS_MAX 10

struct tally {
	unsigned int failed;	/* injections that the job has failed for */
	unsigned int tolerated; /* those that changed nothing */
	unsigned int unmet;	/* those that the kernel says nothing of */
	unsigned int wrong;
};

static long vmstat(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	must(line ? 0 : -ENOENT, name);
	return strtol(line + strlen(name), NULL, 10);
}

/* The kernel counts per CPU, and adds up on request. */
static struct balance balance_read(void)
{
	static char text[1 << 16];
	FILE *file;

	run_set("/proc/sys/vm/stat_refresh", "1");
	file = fopen("/proc/vmstat", "r");
	must(file ? 0 : -errno, "/proc/vmstat");
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return (struct balance){
		.pinned = vmstat(text, "nr_foll_pin_acquired ") -
			  vmstat(text, "nr_foll_pin_released "),
		.page_tables = vmstat(text, "nr_iommu_pages "),
	};
}

static bool is_usual(const struct run *run, const struct run *usual)
{
	return run->status == usual->status && !strcmp(run->out, usual->out) &&
	       !strcmp(run->err, usual->err);
}

/* The kernel has said nothing of its failure, and something else came than what always does. */
static bool is_unmet(const struct run *run, const struct run *usual)
{
	const int status = WEXITSTATUS(run->status);

	return !run->record.error && (status == WEXITSTATUS(usual->status) ||
					     (status == 6 && strstr(run->err, "expect")));
}

/* The errno of the call; or, where that could go on, memory. */
static bool names_error(const struct run *run)
{
	char text[32];

	if (!run->record.error)
		return strstr(run->err, "memory") || strstr(run->err, "(ENOMEM)");
	snprintf(text, sizeof(text), "(%s)", strerrorname_np(run->record.error));
	return strstr(run->err, text);
}

/* NULL, or what is wrong with how @run has ended. */
static const char *complaint(const struct run *run, const struct run *usual)
{
	if (run->left_child)
		return "a process is left behind";
	if (WIFSIGNALED(run->status))
		return "ended by a signal";
	if (!strstr(run->out, " 0 left behind\n") && !strstr(run->err, " 0 left behind\n"))
		return "something is left behind";
	if (is_usual(run, usual) || is_unmet(run, usual))
		return NULL;
	if (WEXITSTATUS(run->status) != 1)
		return "neither what it always does, nor status 1";
	if (!names_error(run))
		return "neither the errno nor memory is named";
	if (run->pretended)
		return NULL;
	if (!strstr(run->err, "cause: ") || !strstr(run->err, "\n  hint: "))
		return "no cause, or no remedy";
	return NULL;
}

static void show(const char *job, unsigned int nth, const struct run *run, const char *message)
{
	const struct fail_nth_record *record = &run->record;

	printf("%s, allocation %u, in %s", job, nth, record->call);
	if (record->request)
		printf(" 0x%llx", (unsigned long long)record->request);
	printf(" (%s), status 0x%x: %s\n", record->error ? strerror(record->error) : "succeeded",
		(unsigned int)run->status, message);
}

static void judge(const char *job, unsigned int nth, const struct run *usual, const struct run *run,
	struct tally *tally, bool verbose)
{
	const char *wrong = complaint(run, usual);

	if (wrong) {
		tally->wrong++;
		show(job, nth, run, wrong);
		printf("%s%s", run->out, run->err);
	} else if (is_usual(run, usual)) {
		tally->tolerated++;
		if (verbose)
			show(job, nth, run, "as usual");
	} else if (is_unmet(run, usual)) {
		tally->unmet++;
		if (verbose)
			show(job, nth, run, run->err);
	} else {
		tally->failed++;
		if (verbose)
			show(job, nth, run, run->err);
	}
}

/* What is left when all of @job has been failed, or NULL. */
static const char *find_left(
	char *const argv[], const struct balance *before, const struct run *usual, struct run *run)
{
	const struct balance after = balance_read();

	if (after.pinned != before->pinned)
		return "pages are left pinned";
	if (after.page_tables != before->page_tables)
		return "page tables are left";
	run_command(argv, 0, run);
	return is_usual(run, usual) ? NULL : "the job does not do what it did before";
}

/* What is run for @job. */
static void fill_arguments(char *argv[ARGUMENTS_MAX], char *job, const struct options *options)
{
	size_t count = 0;

	if (options->script) {
		argv[count++] = "sh";
		argv[count++] = job;
	} else {
		argv[count++] = "iommuctl";
		argv[count++] = "run";
		argv[count++] = job;
	}
	if (options->machine)
		argv[count++] = options->machine;
	if (options->command) {
		argv[count++] = "--";
		argv[count++] = "sh";
		argv[count++] = "-c";
		argv[count++] = options->command;
	}
	argv[count] = NULL;
}

static bool fail_job(char *job, const struct options *options)
{
	static struct run usual, run;
	char *argv[ARGUMENTS_MAX];
	struct tally tally = { 0 };
	struct balance before;
	unsigned int nth = options->first;
	const char *left;

	fill_arguments(argv, job, options);
	run_command(argv, 0, &usual);
	before = balance_read();
	for (;; nth += options->step) {
		run_command(argv, nth, &run);
		if (!run.record.failed)
			break;
		judge(job, nth, &usual, &run, &tally, options->verbose);
	}
	printf("%s: %u allocations: %u failed and undone, %u tolerated, %u unmet, %u wrong\n", job,
		run.record.allocations, tally.failed, tally.tolerated, tally.unmet, tally.wrong);
	left = find_left(argv, &before, &usual, &run);
	if (left)
		printf("%s: %s\n%s%s", job, left, run.out, run.err);
	fflush(stdout);
	return !left && !tally.wrong;
}

int main(int argc, char **argv)
{
	struct options options = { .first = 1, .step = 1, .kind = "calls" };
	bool right = true;
	int option;

	while ((option = getopt(argc, argv, "vxc:f:s:k:m:")) != -1) {
		if (option == 'v')
			options.verbose = true;
		else if (option == 'f' && atoi(optarg) > 0)
			options.first = (unsigned int)atoi(optarg);
		else if (option == 's' && atoi(optarg) > 0)
			options.step = (unsigned int)atoi(optarg);
		else if (option == 'k')
			options.kind = optarg;
		else if (option == 'c')
			options.command = optarg;
		else if (option == 'x')
			options.script = true;
		else if (option == 'm')
			options.machine = optarg;
		else
			return 2;
	}
	run_set_up(options.kind);
	for (int i = optind; i < argc; i++)
		right &= fail_job(argv[i], &options);
	return right && optind < argc ? EXIT_SUCCESS : EXIT_FAILURE;
}
