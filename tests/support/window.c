// SPDX-License-Identifier: MIT
#include "window.h"

#define DATA_SIZE   (WINDOW_PAGES * GUEST_PAGE)
#define CD	    (WINDOW_IPA + DATA_SIZE)
#define TABLES	    (CD + GUEST_PAGE)
#define TABLES_SIZE (8 * GUEST_PAGE)
#define VSID	    42

void window_open(struct vmm *vmm, const char *path)
{
	/* Of four levels, as Linux has them. */
	static const struct iommuctl_stage1_config config = {
		.granule = GUEST_PAGE,
		.input_bits = 48,
		.output_bits = 40,
		.table_ipa = TABLES,
		.table_size = TABLES_SIZE,
	};
	int err;

	vmm_open_devices(vmm, &path, 1);
	vmm_make_ram(vmm, WINDOW_IPA, TABLES + TABLES_SIZE - WINDOW_IPA);
	must(iommuctl_stage1_init(&vmm->stage1, &vmm->ram.memory, &config), "stage-1 tables");
	guest_map(&vmm->stage1, WINDOW_IOVA, WINDOW_IPA, DATA_SIZE);
	guest_put_context(&vmm->ram, CD, &vmm->stage1, WINDOW_ASID);
	err = vmm_new_nest(vmm, (struct iommuctl_nest_config){ .bypass = false });
	if (!err)
		err = vmm_add(vmm, 0, VSID);
	if (!err)
		err = vmm_set_ste(vmm, VSID, GUEST_STE_S1(CD));
	must_in(vmm->ctx, err, "nest");
}

void window_close(struct vmm *vmm)
{
	iommuctl_nest_free(vmm->nest);
	iommuctl_free(vmm->ctx);
	guest_ram_close(&vmm->ram);
}
