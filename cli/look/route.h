/* SPDX-License-Identifier: MIT */
/* The whole path of an access, from a device to memory, as text and JSON. */
#ifndef CLI_LOOK_ROUTE_H
#define CLI_LOOK_ROUTE_H

#include "job/sequence/iova_map.h"
#include "look/path.h"
#include "output/report.h"

#define LOOK_LABEL_SIZE 160

enum look_stage2 {
	LOOK_STAGE2_NONE,     /* none, or not reached */
	LOOK_STAGE2_UNMAPPED, /* the IOAS has nothing there, or not for this */
	LOOK_STAGE2_MAPPED,
	LOOK_STAGE2_DOORBELL, /* in the MSI window: the kernel has a doorbell there */
};

/* Labels are "" if there is none. */
struct look_route {
	char subject[LOOK_LABEL_SIZE]; /* "devices.edu", "StreamID 0x42" */
	char table[LOOK_LABEL_SIZE];   /* attached to it: "hwpts.s1" */
	bool has_tables;	       /* of a guest, which the path goes through */
	struct look_path path;

	enum look_stage2 stage2;
	char ioas[LOOK_LABEL_SIZE];
	struct iova_span span; /* of the IOAS, if it is mapped */

	char memory[LOOK_LABEL_SIZE]; /* finally reached: "memory.ram", or a file */
	uint64_t offset;
};

/* Writes @route as one result: text that fits 80 columns, or JSON. */
enum exit_status look_route_report(const struct look_route *route, struct report *report);

/* "u=rw- p=rw- attr0 ISH AF nG": what a leaf of stage 1 allows. Returns @text. */
#define LOOK_LEAF_SIZE 48
const char *look_leaf_print(const struct iommuctl_stage1_walk *walk, char text[LOOK_LEAF_SIZE]);

/* The same as JSON. */
json_t *look_leaf_to_json(const struct iommuctl_stage1_walk *walk);

/* An STE or a CD as found: its place, its words, and their meaning, as text and as JSON. */
struct look_structure {
	const char *label;
	const char *place; /* "hwpts.s1", "at 0x40100000" */
	const uint64_t *words;
	size_t word_count;
	const struct iommuctl_smmuv3_field *fields;
	size_t field_count;
	const void *record;
	size_t (*print)(const void *record, char *text, size_t size);
};

/* A CD, or an STE: of a bound one, the first two words. */
struct look_structure look_structure_of_cd(
	const uint64_t *words, const struct iommuctl_smmuv3_cd *cd, const char *place);
struct look_structure look_structure_of_ste(const uint64_t *words, size_t word_count,
	const struct iommuctl_smmuv3_ste *ste, const char *place);

void look_structure_print(FILE *out, const struct look_structure *structure);
json_t *look_structure_to_json(const struct look_structure *structure);

/* Shared by the text and the JSON of a route; the first writes the text. */
void look_route_write(FILE *out, const void *route);

/* "NSH", "OSH", "ISH"; "reserved". */
const char *look_shareability(uint8_t shareability);

/* "rw": what a mapping of an IOAS allows, as enum job_prot has it. */
const char *look_prot(uint64_t prot);

/* An STE that was bound has two words. */
size_t look_ste_word_count(const struct look_path *path);

/* Whether route->span is filled in. */
bool look_has_span(const struct look_route *route);

/* Who gets an event that no vEVENTQ gets. */
const char *look_host_event(const struct look_path *path);

#endif
