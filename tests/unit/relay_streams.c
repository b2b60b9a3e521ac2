// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include "array.h"
#include "relay/relay_private.h"

Test(relay_streams, one_is_there_from_add_to_remove)
{
	struct relay_streams streams = { 0 };

	cr_expect(!relay_streams_have(&streams, 0));
	cr_expect_eq(relay_streams_remove(&streams, 0), -ENOENT);
	cr_expect_eq(relay_streams_add(&streams, 0), 0);
	cr_expect_eq(relay_streams_add(&streams, 0), -EEXIST);
	cr_expect(relay_streams_have(&streams, 0));
	cr_expect(!relay_streams_have(&streams, 1));
	cr_expect_eq(relay_streams_remove(&streams, 0), 0);
	cr_expect(!relay_streams_have(&streams, 0));
	relay_streams_release(&streams);
}

Test(relay_streams, the_largest_streamid_is_one_like_others)
{
	struct relay_streams streams = { 0 };

	cr_assert_eq(relay_streams_add(&streams, UINT32_MAX), 0);
	cr_expect(relay_streams_have(&streams, UINT32_MAX));
	cr_expect(!relay_streams_have(&streams, UINT32_MAX - 1));
	relay_streams_release(&streams);
}

/* By function, by device, by segment: as PCI makes them. */
Test(relay_streams, thousands_are_distinguished_at_any_distance)
{
	static const uint32_t strides[] = { 1, 8, 256, 1 << 16, 0x9e3779b1 };

	for (size_t i = 0; i < ARRAY_SIZE(strides); i++) {
		struct relay_streams streams = { 0 };

		for (uint32_t n = 0; n < 5000; n++)
			cr_assert_eq(relay_streams_add(&streams, 2 * n * strides[i]), 0);
		for (uint32_t n = 0; n < 5000; n += 2)
			cr_assert_eq(relay_streams_remove(&streams, 2 * n * strides[i]), 0);
		for (uint32_t n = 0; n < 10000; n++)
			cr_assert_eq(relay_streams_have(&streams, n * strides[i]), n % 4 == 2,
				"%u of stride %u", n, strides[i]);
		relay_streams_release(&streams);
	}
}
