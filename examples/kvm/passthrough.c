// SPDX-License-Identifier: MIT
/* Opens and closes the passed-through functions. */
#include "passthrough.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "report.h"

#define DEVICES_OF_BUS 32u

struct function *passthrough_find(struct passthrough *passthrough, uint16_t requester_id)
{
	for (size_t i = 0; i < passthrough->count; i++) {
		if (passthrough->functions[i].requester_id == requester_id)
			return &passthrough->functions[i];
	}
	return NULL;
}

struct function *passthrough_find_address(struct passthrough *passthrough, const char *address)
{
	for (size_t i = 0; i < passthrough->count; i++) {
		if (strcmp(passthrough->functions[i].address, address) == 0)
			return &passthrough->functions[i];
	}
	return NULL;
}

/* Its device number on the host if that is free, else the next; always function 0. */
static int choose_requester_id(struct passthrough *passthrough,
	const struct passthrough_option *option, uint16_t *requester_id)
{
	unsigned int device = 0;

	sscanf(option->address, "%*x:%*x:%x", &device);
	for (unsigned int i = 0; i < DEVICES_OF_BUS; i++) {
		const unsigned int number = (device + i) % DEVICES_OF_BUS;

		*requester_id = (uint16_t)(option->bus << 8 | number << 3);
		if (!passthrough_find(passthrough, *requester_id))
			return 0;
	}
	return report_problem(option->address, "no room on its bus");
}

static int open_one(struct passthrough *passthrough, const struct passthrough_option *option)
{
	struct function *function = &passthrough->functions[passthrough->count];
	uint16_t requester_id;
	int err;

	if (passthrough_find_address(passthrough, option->address))
		return report_problem(option->address, "is passed through already");
	err = choose_requester_id(passthrough, option, &requester_id);
	if (err)
		return err;
	*function = (struct function){
		.requester_id = requester_id,
		.no_msi_window = option->no_msi_window,
		.number = (unsigned int)passthrough->count,
		.device = -1,
		.request = -1,
	};
	memcpy(function->address, option->address, sizeof(function->address));
	err = function_open(
		function, passthrough->ctx, passthrough->iommufd, passthrough->requests);
	if (err)
		return err;
	passthrough->count++;
	return 0;
}

static int open_iommufd(struct passthrough *passthrough)
{
	int err = iommuctl_new(NULL, &passthrough->ctx);

	if (err)
		return report_error("libiommuctl", -err, NULL);
	err = iommuctl_iommufd_open(passthrough->ctx, &passthrough->iommufd);
	if (err)
		return report_library(passthrough->ctx, "iommufd", -err);
	err = iommuctl_ioas_alloc(passthrough->ctx, passthrough->iommufd, &passthrough->ioas_id);
	if (err)
		return report_library(passthrough->ctx, "iommufd", -err);
	passthrough->requests = epoll_create1(EPOLL_CLOEXEC);
	return passthrough->requests < 0 ? report_error("epoll", errno, NULL) : 0;
}

int passthrough_open(struct passthrough *passthrough, const struct passthrough_option *options,
	size_t count, bool needs_iommufd)
{
	int err;

	memset(passthrough, 0, sizeof(*passthrough));
	pthread_mutex_init(&passthrough->lock, NULL);
	passthrough->iommufd = -1;
	passthrough->requests = -1;
	passthrough->kvm_vfio = -1;
	if (count > MAX_FUNCTIONS)
		return report_problem("--device", "more functions than this VMM has room for");
	if (count || needs_iommufd) {
		err = open_iommufd(passthrough);
		if (err)
			goto close;
	}
	for (size_t i = 0; i < count; i++) {
		err = open_one(passthrough, &options[i]);
		if (err)
			goto close;
	}
	return 0;
close:
	passthrough_close(passthrough);
	return err;
}

void passthrough_close(struct passthrough *passthrough)
{
	while (passthrough->count) {
		struct function *function = &passthrough->functions[--passthrough->count];

		if (function->present)
			function_close(function);
	}
	if (passthrough->iommufd >= 0)
		iommuctl_close(passthrough->ctx, passthrough->iommufd);
	passthrough->iommufd = -1;
	if (passthrough->requests >= 0)
		close(passthrough->requests);
	passthrough->requests = -1;
	iommuctl_free(passthrough->ctx);
	passthrough->ctx = NULL;
	pthread_mutex_destroy(&passthrough->lock);
}
