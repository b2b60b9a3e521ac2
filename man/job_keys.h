/* SPDX-License-Identifier: MIT */
/* The parts of iommuctl-job(5) that come from the schemas and the codecs. */
#ifndef MAN_JOB_KEYS_H
#define MAN_JOB_KEYS_H

#include <stdint.h>
#include <stdio.h>

#include "document/schema.h"

/* @root, without its key @omitted unless that is NULL, and the shapes in it. */
void write_shapes(FILE *stream, const struct schema_shape *root, const char *omitted);

/* Every name that @name_of has for a number, under @title. */
void write_names(FILE *stream, const char *title, const char *(*name_of)(uint8_t number));

#endif
