// SPDX-License-Identifier: MIT
/*
 * kill_job JOB DEVICE COUNT: runs JOB with a command that leaves a process running, COUNT times,
 * each with one of five signals at another moment. No process may be left, each line is JSON, all
 * is undone, and each time the DEVICE can be bound anew.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iommuctl/iommuctl.h>

#include "killing.h"

#define SEED 2026

/* Loads the program and does nothing else: what these calls are is known. */
static void run_nothing(void *unused)
{
	(void)unused;
	execlp("iommuctl", "iommuctl", "--version", (char *)NULL);
	_exit(127);
}

static void run_job(void *job)
{
	execlp("iommuctl", "iommuctl", "--json", "run", (const char *)job, "--", "sh", "-c",
		"echo greetings; sleep 10000 & test -e /proc/self/fd/{fd:iommufd}", (char *)NULL);
	_exit(127);
}

/* Whoever still holds the device makes this fail with EBUSY. */
static const char *bind_anew(struct iommuctl *ctx, const char *path)
{
	int iommufd = -1, device = -1, err;
	uint32_t id;

	err = iommuctl_iommufd_open(ctx, &iommufd);
	if (!err)
		err = iommuctl_vfio_device_open(ctx, path, &device);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(ctx, device, iommufd, NULL, &id);
	if (device >= 0)
		iommuctl_close(ctx, device);
	if (iommufd >= 0)
		iommuctl_close(ctx, iommufd);
	return err ? strerror(-err) : NULL;
}

static int complain(
	const struct killing *killing, const struct killed *killed, const char *complaint)
{
	printf("signal %d after %lu stops (status 0x%x): %s\n%s", killing->signal, killing->after,
		(unsigned int)killed->status, complaint, killed->output);
	return EXIT_FAILURE;
}

static int kill_job(struct iommuctl *ctx, char *job, const char *device, unsigned int count)
{
	static struct killed killed;
	struct killing killing = { 0 };
	unsigned int by_signal = 0;
	unsigned long first, last;

	killing_run(&killing, run_nothing, NULL, &killed);
	first = killed.stops - killed.stops / 10;
	killing_run(&killing, run_job, job, &killed);
	if (killed.status)
		return complain(&killing, &killed, "the job fails by itself");
	last = killed.stops;
	for (unsigned int i = 0; i < count; i++) {
		const char *complaint;

		killing = killing_pick(SEED, i, first, last);
		killing_run(&killing, run_job, job, &killed);
		complaint = killing_complaint(&killing, &killed);
		if (!complaint)
			complaint = bind_anew(ctx, device);
		if (complaint)
			return complain(&killing, &killed, complaint);
		by_signal += WIFSIGNALED(killed.status) != 0;
	}
	printf("%u signals from stop %lu to %lu, %u of them fatal: nothing left, all undone\n",
		count, first, last, by_signal);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct iommuctl_transport *kernel;
	struct iommuctl *ctx;
	int status;

	if (argc != 4) {
		fputs("usage: kill_job JOB DEVICE COUNT\n", stderr);
		return EXIT_FAILURE;
	}
	if (iommuctl_transport_kernel_new(&kernel) || iommuctl_new(kernel, &ctx)) {
		fputs("out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	status = kill_job(ctx, argv[1], argv[2], (unsigned int)strtoul(argv[3], NULL, 10));
	iommuctl_free(ctx);
	return status;
}
