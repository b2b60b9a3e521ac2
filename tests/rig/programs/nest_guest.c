// SPDX-License-Identifier: MIT
#include "nest_guest.h"

#include <stdio.h>
#include <string.h>

#define BUFFER_SIZE 8

uint64_t *nest_guest_at(struct nest_guest *guest, uint64_t ipa)
{
	return guest_at(&guest->vmm.ram, ipa);
}

void nest_guest_expect(struct nest_guest *guest, const char *what, uint64_t wanted, uint64_t got)
{
	guest->checks++;
	if (wanted == got)
		return;
	guest->differ++;
	printf("%s: 0x%llx instead of 0x%llx\n", what, (unsigned long long)got,
		(unsigned long long)wanted);
}

static void make_context(struct nest_guest *guest, uint64_t context)
{
	struct guest_ram *ram = &guest->vmm.ram;
	struct iommuctl_stage1 stage1 = guest_make_tables(ram, TABLES(context), 0x10000);

	guest_map(&stage1, 0, DATA(context + 1), PAGE);
	guest_map(&stage1, PAGE, RESULT, PAGE);
	guest_put_context(ram, CDS(context), &stage1, (uint16_t)(7 + context));
}

void nest_guest_start(struct nest_guest *guest, char **paths)
{
	struct vmm *vmm = &guest->vmm;

	vmm_open_devices(vmm, (const char *const *)paths, DEVICES);
	for (unsigned int i = 0; i < DEVICES; i++)
		must_in(vmm->ctx, edu_start(&guest->edus[i], vmm->ctx, vmm->devices[i]), paths[i]);
	vmm_make_ram(vmm, IPA, SIZE);
	for (uint64_t i = 0; i <= DEVICES; i++)
		*nest_guest_at(guest, DATA(i)) = DATA(i);
	for (uint64_t i = 0; i < DEVICES; i++)
		make_context(guest, i);
}

/* What @device finds at @from and can write to @to; 0 if one of the two is refused. */
static uint64_t found(struct nest_guest *guest, unsigned int device, uint64_t from, uint64_t to)
{
	*nest_guest_at(guest, RESULT) = 0;
	if (edu_read(&guest->edus[device], from, BUFFER_SIZE) ||
		edu_write(&guest->edus[device], to, BUFFER_SIZE))
		return 0;
	return *nest_guest_at(guest, RESULT);
}

uint64_t nest_guest_by_stage1(struct nest_guest *guest, unsigned int device)
{
	return found(guest, device, 0, PAGE);
}

uint64_t nest_guest_by_ipa(struct nest_guest *guest, unsigned int device)
{
	return found(guest, device, DATA(0), RESULT);
}

int nest_guest_end(struct nest_guest *guest, const char *program, int err)
{
	const struct iommuctl_error *error = iommuctl_last_error(guest->vmm.ctx);
	char text[1024] = "";

	if (err && error)
		iommuctl_error_format(error, text, sizeof(text));
	if (err)
		fprintf(stderr, "%s: %s\n%s\n", program, strerror(-err), text);
	iommuctl_nest_free(guest->vmm.nest);
	iommuctl_free(guest->vmm.ctx);
	printf("nest: %u checks, %u differ\n", guest->checks, guest->differ);
	return err || guest->differ ? 1 : 0;
}
