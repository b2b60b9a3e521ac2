// SPDX-License-Identifier: MIT
/*
 * binding_child IOMMUFD DEVICE: what a VMM does with files that it inherits by number: it binds the
 * device itself, gives it memory, and has it copy a word there. Says how far it comes.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/iommufd.h>

#include "edu.h"
#include "ram.h"

#define IPA    UINT64_C(0x40000000)
#define SIZE   UINT64_C(0x100000)
#define SOURCE IPA
#define TARGET (IPA + 0x2000)
#define WORD   UINT64_C(0x6d6d752065766168)

static int say(const char *what, int err)
{
	printf("%s: %s\n", what, err ? strerror(-err) : "ok");
	return err;
}

static int copy(const struct edu *edu, uint64_t *source, const uint64_t *target)
{
	int err;

	*source = WORD;
	err = edu_read(edu, SOURCE, sizeof(WORD));
	if (!err)
		err = edu_write(edu, TARGET, sizeof(WORD));
	if (!err && *target != WORD)
		err = -EIO;
	return err;
}

static int use(struct iommuctl *ctx, int iommufd, int device)
{
	struct iommuctl_guest_range range = { .ipa = IPA, .size = SIZE };
	uint32_t ioas, resolved;
	struct edu edu;
	uint64_t *words;
	int err;

	if (say("bind", edu_bind(&edu, ctx, iommufd, device)))
		return 1;
	err = ram_new(ctx, iommufd, &range, &ioas);
	if (!err)
		err = iommuctl_vfio_attach(ctx, device, ioas, &resolved);
	if (say("attach", err))
		return 1;
	words = range.host;
	err = copy(&edu, words, words + (TARGET - SOURCE) / sizeof(*words));
	say("copy", err);
	if (say("detach", iommuctl_vfio_detach(ctx, device)))
		return 1;
	return say("destroy", iommuctl_destroy(ctx, iommufd, ioas)) || err;
}

int main(int argc, char **argv)
{
	struct iommuctl *ctx;
	int status;

	if (argc != 3 || iommuctl_new(NULL, &ctx))
		return 2;
	status = use(ctx, atoi(argv[1]), atoi(argv[2]));
	iommuctl_free(ctx);
	return status;
}
