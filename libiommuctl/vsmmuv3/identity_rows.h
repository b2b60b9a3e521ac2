/* SPDX-License-Identifier: MIT */
/* Each field of the ID registers, what of it a guest may be shown, and why. */
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
	IDENTITY_AT_LEAST, /* a larger value says that there is less */
	IDENTITY_FREE,	   /* software provides it, up to the limit */
};

/* How a value is said. */
enum identity_form {
	IDENTITY_FORM_FLAG,	/* "it", "none" */
	IDENTITY_FORM_NUMBER,	/* with the row's unit */
	IDENTITY_FORM_LOG2,	/* 2^n, with the row's unit */
	IDENTITY_FORM_ADDRESS,	/* of OAS, in bits */
	IDENTITY_FORM_NAMED,	/* as the codec names it */
	IDENTITY_FORM_REGISTER, /* hexadecimal */
};

/* Reserved bits, and bits that are IMPLEMENTATION DEFINED, are fields as well. */
struct identity_row {
	uint8_t word;
	uint8_t lsb;
	uint8_t width;
	const char *name; /* the architecture's */
	enum identity_rule rule;
	uint32_t limit;
	const char *why;   /* this rule, or this limit */
	const char *words; /* what a sentence begins with; NULL: the name */
	const char *unit;  /* "bits"; NULL: none */
	uint8_t form;	   /* enum identity_form */
	uint8_t hosts;	   /* FIXED: bit n: a host with the value n will do; 0: any host will */
	uint32_t usual;	   /* FREE: without a wish */
};

const struct identity_row *identity_rows(size_t *count);

#endif
