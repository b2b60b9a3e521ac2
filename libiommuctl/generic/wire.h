/* SPDX-License-Identifier: MIT */
/* Little-endian fields of requests, at any alignment. */
#ifndef LIBIOMMUCTL_GENERIC_WIRE_H
#define LIBIOMMUCTL_GENERIC_WIRE_H

#include <stdint.h>

static inline uint64_t wire_get(const void *request, unsigned int offset, unsigned int size)
{
	const unsigned char *bytes = (const unsigned char *)request + offset;
	uint64_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

static inline uint32_t wire_get32(const void *request, unsigned int offset)
{
	return (uint32_t)wire_get(request, offset, 4);
}

static inline uint16_t wire_get16(const void *request, unsigned int offset)
{
	return (uint16_t)wire_get(request, offset, 2);
}

static inline void wire_put(void *answer, unsigned int offset, unsigned int size, uint64_t value)
{
	unsigned char *bytes = (unsigned char *)answer + offset;

	for (unsigned int i = 0; i < size; i++, value >>= 8)
		bytes[i] = (unsigned char)value;
}

#endif
