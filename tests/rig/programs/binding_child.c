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

#include "edu.h"
#include "vmm.h"

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

static int use(struct vmm *vmm, int device)
{
	uint32_t resolved;
	struct edu edu;
	uint64_t *words;
	int err = vmm_bind(vmm, 0, device);

	if (!err)
		err = edu_start(&edu, vmm->ctx, device);
	if (say("bind", err))
		return 1;
	vmm_make_ram(vmm, IPA, SIZE);
	if (say("attach", iommuctl_vfio_attach(vmm->ctx, device, vmm->ioas, &resolved)))
		return 1;
	words = vmm->ram.range.host;
	err = copy(&edu, words, words + (TARGET - SOURCE) / sizeof(*words));
	say("copy", err);
	if (say("detach", iommuctl_vfio_detach(vmm->ctx, device)))
		return 1;
	return say("destroy", iommuctl_destroy(vmm->ctx, vmm->iommufd, vmm->ioas)) || err;
}

int main(int argc, char **argv)
{
	struct vmm vmm = { .ctx = NULL };
	int status;

	if (argc != 3 || iommuctl_new(NULL, &vmm.ctx))
		return 2;
	vmm.iommufd = atoi(argv[1]);
	status = use(&vmm, atoi(argv[2]));
	iommuctl_free(vmm.ctx);
	return status;
}
