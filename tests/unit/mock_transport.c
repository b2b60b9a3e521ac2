// SPDX-License-Identifier: MIT
/* Which calls of the kernel's mock come of the calls of VFIO's on a mock device. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <iommuctl/vfio.h>

#include "abi/iommufd.h"
#include "abi/iommufd_test.h"
#include "abi/vfio.h"
#include "array.h"
#include "mock/mock.h"
#include "transport.h"

#define IOMMUFD	  100
#define IOAS	  1 /* what a mock device has of its own */
#define MOCK	  2
#define DEVICE	  3
#define OWN_HWPT  4
#define CALLS_MAX 16

/* A call that came to the kernel: the op of the mock's, the id of what is destroyed, or 0. */
struct seen {
	unsigned long request;
	uint32_t op;
	uint32_t id;
	uint32_t pt_id;
};

static struct seen seen[CALLS_MAX];
static size_t seen_count;
static unsigned int failing; /* which call fails; 0: none */

static struct seen read_test(struct abi_test_cmd *test)
{
	struct seen call = { ABI_TEST_CMD, test->op, test->id, 0 };

	switch (test->op) {
	case ABI_TEST_OP_MOCK_DOMAIN_FLAGS:
		call.pt_id = test->mock_domain_flags.dev_flags;
		test->mock_domain_flags.out_stdev_id = MOCK;
		test->mock_domain_flags.out_idev_id = DEVICE;
		break;
	case ABI_TEST_OP_MOCK_DOMAIN_REPLACE: call.pt_id = test->mock_domain_replace.pt_id; break;
	case ABI_TEST_OP_PASID_ATTACH:
	case ABI_TEST_OP_PASID_REPLACE: call.pt_id = test->pasid_attach.pt_id; break;
	case ABI_TEST_OP_PASID_DETACH: call.pt_id = test->pasid_detach.pasid; break;
	}
	return call;
}

static int answer(struct script *script, int fd, unsigned long request, void *arg)
{
	struct seen *call = &seen[seen_count++];

	(void)script;
	cr_assert_eq(fd, IOMMUFD);
	cr_assert_lt(seen_count, CALLS_MAX);
	*call = (struct seen){ .request = request };
	if (seen_count == failing)
		return -ENOMEM;
	if (request == ABI_IOAS_ALLOC)
		((struct abi_ioas_alloc *)arg)->out_ioas_id = IOAS;
	if (request == ABI_HWPT_ALLOC)
		((struct abi_hwpt_alloc *)arg)->out_hwpt_id = OWN_HWPT;
	if (request == ABI_DESTROY)
		call->id = ((struct abi_destroy *)arg)->id;
	if (request == ABI_TEST_CMD)
		*call = read_test(arg);
	return 0;
}

static struct script *script;
static struct iommuctl *ctx;

static void setup(void)
{
	struct iommuctl_transport *mock;

	script = script_new(NULL);
	script->ioctl = answer;
	/* No file of this process, among which are the mock devices. */
	script->next_fd = 10000;
	cr_assert_eq(mock_transport_new(&script->base, &mock), 0);
	cr_assert_eq(iommuctl_new(mock, &ctx), 0);
}

static void teardown(void)
{
	iommuctl_free(ctx);
}

TestSuite(mock_transport, .init = setup, .fini = teardown);

static int open_device(unsigned int abilities)
{
	char path[MOCK_PATH_SIZE];
	int fd;

	cr_assert_eq(iommuctl_vfio_device_open(ctx, mock_path(abilities, 0, path), &fd), 0);
	cr_assert_eq(script->calls[SCRIPT_OPEN], 0, "the kernel has no such path");
	return fd;
}

static int bound_device(unsigned int abilities)
{
	int fd = open_device(abilities);
	uint32_t id = 0;

	cr_assert_eq(iommuctl_vfio_bind_iommufd(ctx, fd, IOMMUFD, NULL, &id), 0);
	cr_assert_eq(id, DEVICE);
	return fd;
}

static void expect_calls(const char *what, const struct seen *expected, size_t count)
{
	cr_assert_eq(seen_count, count, "%s: %zu calls", what, seen_count);
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(seen[i].request, expected[i].request, "%s: call %zu", what, i);
		cr_expect_eq(seen[i].op, expected[i].op, "%s: op of %zu", what, i);
		cr_expect_eq(seen[i].id, expected[i].id, "%s: id of %zu", what, i);
		cr_expect_eq(seen[i].pt_id, expected[i].pt_id, "%s: HWPT of %zu", what, i);
	}
	seen_count = 0;
}

#define EXPECT(what, ...)                                                                          \
	do {                                                                                       \
		const struct seen expected[] = { __VA_ARGS__ };                                    \
		expect_calls(what, expected, ARRAY_SIZE(expected));                                \
	} while (0)

Test(mock_transport, binding_makes_a_device_that_is_attached_to_an_ioas_of_its_own)
{
	int fd = bound_device(MOCK_NO_DIRTY_TRACKING);

	EXPECT("bind", { ABI_IOAS_ALLOC },
		{ ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_FLAGS, IOAS, MOCK_NO_DIRTY_TRACKING });
	cr_assert_eq(iommuctl_close(ctx, fd), 0);
	EXPECT("close", { ABI_DESTROY, 0, MOCK }, { ABI_DESTROY, 0, IOAS });
	cr_expect_eq(script->calls[SCRIPT_CLOSE], 0, "the kernel has no such file");
}

Test(mock_transport, a_device_is_replaced_and_goes_back_to_its_own)
{
	int fd = bound_device(0);

	seen_count = 0;
	cr_assert_eq(iommuctl_vfio_attach(ctx, fd, 7, NULL), 0);
	cr_assert_eq(iommuctl_vfio_attach(ctx, fd, 8, NULL), 0);
	cr_assert_eq(iommuctl_vfio_detach(ctx, fd), 0);
	EXPECT("attach", { ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_REPLACE, MOCK, 7 },
		{ ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_REPLACE, MOCK, 8 },
		{ ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_REPLACE, MOCK, IOAS });
	iommuctl_close(ctx, fd);
}

Test(mock_transport, a_pasid_is_attached_once_and_then_replaced)
{
	int fd = bound_device(MOCK_PASIDS);

	EXPECT("bind", { ABI_IOAS_ALLOC },
		{ ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_FLAGS, IOAS, MOCK_PASIDS },
		{ ABI_HWPT_ALLOC });
	cr_assert_eq(iommuctl_vfio_attach_pasid(ctx, fd, 5, 7, NULL), 0);
	cr_assert_eq(iommuctl_vfio_attach_pasid(ctx, fd, 6, 7, NULL), 0);
	cr_assert_eq(iommuctl_vfio_attach_pasid(ctx, fd, 5, 8, NULL), 0);
	cr_assert_eq(iommuctl_vfio_detach_pasid(ctx, fd, 5), 0);
	cr_assert_eq(iommuctl_vfio_detach_pasid(ctx, fd, 5), 0, "nothing is done");
	EXPECT("attach", { ABI_TEST_CMD, ABI_TEST_OP_PASID_ATTACH, MOCK, 7 },
		{ ABI_TEST_CMD, ABI_TEST_OP_PASID_ATTACH, MOCK, 7 },
		{ ABI_TEST_CMD, ABI_TEST_OP_PASID_REPLACE, MOCK, 8 },
		{ ABI_TEST_CMD, ABI_TEST_OP_PASID_DETACH, MOCK, 5 });
	cr_assert_eq(iommuctl_vfio_detach(ctx, fd), 0);
	EXPECT("detach", { ABI_TEST_CMD, ABI_TEST_OP_MOCK_DOMAIN_REPLACE, MOCK, OWN_HWPT });
	cr_assert_eq(iommuctl_close(ctx, fd), 0);
	EXPECT("close", { ABI_TEST_CMD, ABI_TEST_OP_PASID_DETACH, MOCK, 6 },
		{ ABI_DESTROY, 0, MOCK }, { ABI_DESTROY, 0, OWN_HWPT }, { ABI_DESTROY, 0, IOAS });
}

Test(mock_transport, a_device_that_cannot_be_bound_leaves_nothing)
{
	static const size_t destroyed[] = { 0, 1, 2 };
	int fd = open_device(MOCK_PASIDS);
	uint32_t id;

	for (failing = 1; failing <= 3; failing++) {
		seen_count = 0;
		cr_expect_eq(iommuctl_vfio_bind_iommufd(ctx, fd, IOMMUFD, NULL, &id), -ENOMEM);
		cr_expect_eq(seen_count, failing + destroyed[failing - 1], "call %u", failing);
		cr_expect_eq(iommuctl_vfio_attach(ctx, fd, 7, NULL), -EINVAL, "it is not bound");
	}
	failing = seen_count = 0;
	cr_expect_eq(iommuctl_vfio_bind_iommufd(ctx, fd, IOMMUFD, NULL, &id), 0, "it can be tried");
	seen_count = 0;
	cr_expect_eq(iommuctl_vfio_bind_iommufd(ctx, fd, IOMMUFD, NULL, &id), -EINVAL, "once");
	iommuctl_close(ctx, fd);
}

Test(mock_transport, what_no_mock_device_has_is_refused_and_other_files_are_the_kernels)
{
	struct iommuctl_vfio_device_info info;
	int fd = bound_device(0), other;

	cr_expect_eq(iommuctl_vfio_device_get_info(ctx, fd, &info), -ENOTTY);
	cr_assert_eq(iommuctl_vfio_device_open(ctx, "/dev/vfio/devices/vfio0", &other), 0);
	cr_expect_eq(script->calls[SCRIPT_OPEN], 1);
	cr_expect_eq(iommuctl_close(ctx, other), 0);
	cr_expect_eq(script->calls[SCRIPT_CLOSE], 1);
	iommuctl_close(ctx, fd);
}
