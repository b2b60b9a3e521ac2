// SPDX-License-Identifier: MIT
/*
 * Page faults of the kernel's mock device that are answered too late: their device was attached
 * elsewhere meanwhile, and the kernel has answered them itself. Says what it says of that.
 */
#include <errno.h>
#include <stdio.h>

#include <iommuctl/iommuctl.h>

#include "abi/iommufd_test.h"
#include "must.h"

struct mocked {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas;
	uint32_t device;
	uint32_t mock;
	int queue;
};

static void command(const struct mocked *mocked, struct abi_test_cmd *args, const char *what)
{
	struct iommuctl_transport *transport = iommuctl_get_transport(mocked->ctx);

	args->size = sizeof(*args);
	must(transport->ioctl(transport, mocked->iommufd, ABI_TEST_CMD, args), what);
}

static void attach(const struct mocked *mocked, uint32_t pt_id)
{
	struct abi_test_cmd args = {
		.op = ABI_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = mocked->mock,
		.mock_domain_replace = { .pt_id = pt_id },
	};

	command(mocked, &args, "attaching");
}

/* A device whose HWPT has a fault queue. */
static void start(struct mocked *mocked)
{
	struct iommuctl_hwpt_alloc_args hwpt = { .flags = IOMMUCTL_HWPT_FAULT_ID_VALID };
	struct abi_test_cmd args = { .op = ABI_TEST_OP_MOCK_DOMAIN };
	uint32_t id;

	must(iommuctl_iommufd_open(mocked->ctx, &mocked->iommufd), "iommufd");
	must(iommuctl_ioas_alloc(mocked->ctx, mocked->iommufd, &mocked->ioas), "IOAS");
	args.id = hwpt.pt_id = mocked->ioas;
	command(mocked, &args, "mock device");
	mocked->mock = args.mock_domain.out_stdev_id;
	mocked->device = hwpt.dev_id = args.mock_domain.out_idev_id;
	must(iommuctl_fault_queue_alloc(
		     mocked->ctx, mocked->iommufd, &hwpt.fault_id, &mocked->queue),
		"fault queue");
	must(iommuctl_hwpt_alloc(mocked->ctx, mocked->iommufd, &hwpt, &id), "HWPT");
	attach(mocked, id);
}

static uint32_t fault(const struct mocked *mocked)
{
	struct abi_test_cmd args = {
		.op = ABI_TEST_OP_TRIGGER_IOPF,
		.trigger_iopf = { .dev_id = mocked->device, .addr = 0x50000000 },
	};
	struct iommuctl_pgfault found;
	size_t count = 1;

	command(mocked, &args, "fault");
	must(iommuctl_fault_queue_read(mocked->ctx, mocked->queue, &found, &count), "fault queue");
	must(count == 1 ? 0 : -EIO, "fault, which is to be in the queue");
	return found.cookie;
}

static void answer(const struct mocked *mocked, const char *when, uint32_t cookie)
{
	const struct iommuctl_page_response response = {
		.cookie = cookie,
		.code = IOMMUCTL_PAGE_RESP_SUCCESS,
	};
	char text[1024] = "";
	size_t count = 1;
	int err = iommuctl_fault_queue_respond(mocked->ctx, mocked->queue, &response, &count);

	if (err)
		iommuctl_error_format(iommuctl_last_error(mocked->ctx), text, sizeof(text));
	printf("%s: %s\n", when, err ? text : "answered");
}

int main(void)
{
	struct mocked mocked = { .iommufd = -1 };
	uint32_t cookie;

	must(iommuctl_new(NULL, &mocked.ctx), "context");
	start(&mocked);
	answer(&mocked, "in time", fault(&mocked));
	cookie = fault(&mocked);
	attach(&mocked, mocked.ioas);
	answer(&mocked, "late", cookie);
	answer(&mocked, "never asked", cookie + 1);
	iommuctl_close(mocked.ctx, mocked.queue);
	iommuctl_close(mocked.ctx, mocked.iommufd);
	iommuctl_free(mocked.ctx);
	return 0;
}
