// SPDX-License-Identifier: MIT
#include <iommuctl/transport.h>

void iommuctl_transport_free(struct iommuctl_transport *transport)
{
	if (transport)
		transport->free(transport);
}
