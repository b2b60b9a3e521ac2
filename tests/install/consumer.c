// SPDX-License-Identifier: MIT
#include <iommuctl/iommuctl.h>

int main(void)
{
	struct iommuctl *ctx;

	if (iommuctl_new(NULL, &ctx))
		return 1;
	iommuctl_free(ctx);
	return 0;
}
