/* SPDX-License-Identifier: MIT */
/* The fields of the ID registers: what a guest may be shown of each, and why. */
#ifndef LIBIOMMUCTL_VSMMUV3_IDENTITY_ROWS_H
#define LIBIOMMUCTL_VSMMUV3_IDENTITY_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_idr.h>

/* Registers as words of a row: IDR0 to IDR5, then these. */
enum {
	IDENTITY_IIDR = IOMMUCTL_SMMUV3_IDR_REGISTERS,
	IDENTITY_AIDR,
	IDENTITY_REGISTERS,
};

enum identity_rule {
	IDENTITY_FIXED,	   /* each guest is shown the limit */
	IDENTITY_AT_MOST,  /* what the host has, up to the limit */
	IDENTITY_AT_LEAST, /* a larger value means less capability */
	IDENTITY_FREE,	   /* software provides it, up to the limit */
};

/* How a value is printed. */
enum identity_form {
	IDENTITY_FORM_FLAG,	/* "it", "none" */
	IDENTITY_FORM_NUMBER,	/* with the row's unit */
	IDENTITY_FORM_LOG2,	/* 2^n, with the row's unit */
	IDENTITY_FORM_ADDRESS,	/* in bits, as OAS encodes it */
	IDENTITY_FORM_NAMED,	/* the codec's name */
	IDENTITY_FORM_REGISTER, /* in hexadecimal */
};

/* Reserved bits, and bits that are IMPLEMENTATION DEFINED, are fields as well. */
struct identity_row {
	uint8_t word;
	uint8_t lsb;
	uint8_t width;
	const char *name; /* the architecture's */
	enum identity_rule rule;
	uint32_t limit;
	const char *why;   /* of this rule, or this limit */
	const char *words; /* how a sentence starts; NULL: with the name */
	const char *unit;  /* "bits"; NULL: none */
	uint8_t form;	   /* enum identity_form */
	/* FIXED: bit n: a host with the value n is good enough; 0: any host is */
	uint8_t hosts;
	uint32_t usual; /* FREE: without a wish */
};

const struct identity_row *identity_rows(size_t *count);

#endif
