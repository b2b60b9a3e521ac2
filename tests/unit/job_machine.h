/* SPDX-License-Identifier: MIT */
/*
 * A kernel for jobs that takes everything, hands out ids and files, and keeps a diary of what is
 * made and unmade; behind it, an edu device that does no DMA but can interrupt.
 */
#ifndef TESTS_UNIT_JOB_MACHINE_H
#define TESTS_UNIT_JOB_MACHINE_H

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/vfio.h"

#define MACHINE_FILES	     64
#define MACHINE_REGION_SHIFT 40

#define MACHINE_VECTORS 2

struct machine {
	struct iommuctl_transport base; /* first: calls find the machine by it */
	char diary[4096];
	uint32_t last_id;
	const char *files[MACHINE_FILES]; /* what each open file is, by number */
	int irq;			  /* the eventfd of vector 0, -1 if none */
	uint32_t vectors;		  /* that are enabled, with eventfds or without */
	bool no_iommu;			  /* a kernel without CONFIG_IOMMUFD */
	uint32_t pci_ids;		  /* device and vendor */
	uint32_t edu_id;		  /* what the first register says */
	unsigned long refused;		  /* an ioctl that fails with refused_error */
	int refused_error;
	unsigned char events[256]; /* what the first vEVENTQ has to read */
	size_t events_size;
	int queue;			   /* its file, -1 if there is none */
	struct abi_hwpt_pgfault faults[4]; /* what the first fault queue has to read */
	size_t fault_count;
	int fault_queue; /* its file, -1 if there is none */
	bool blocks_dma; /* a transfer makes an event */
	uint64_t dma_source;
	bool is_mute;  /* it raises no interrupt */
	uint32_t dmas; /* that have made one */
	bool floods;   /* reading an event makes another */
	bool repeats;  /* its SMMU has ERRATA_REPEAT_TLBI_CFGI */
};

__attribute__((format(printf, 2, 3))) static inline void machine_note(
	struct machine *machine, const char *format, ...)
{
	size_t used = strlen(machine->diary);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(machine->diary + used, sizeof(machine->diary) - used, format, arguments);
	va_end(arguments);
}

static inline int machine_file(struct machine *machine, const char *name)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	cr_assert(fd >= 0 && fd < MACHINE_FILES, "files leak");
	machine->files[fd] = name;
	return fd;
}

static inline int machine_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct machine *machine = (struct machine *)transport;
	const char *name = strrchr(path, '/') + 1;

	(void)flags;
	if (machine->no_iommu)
		return -ENOENT;
	machine_note(machine, "open %s\n", name);
	return machine_file(machine, strcmp(name, "iommu") ? "device" : "iommu");
}

static inline int machine_close(struct iommuctl_transport *transport, int fd)
{
	struct machine *machine = (struct machine *)transport;

	machine_note(machine, "close %s\n", machine->files[fd]);
	machine->files[fd] = NULL;
	return close(fd) ? -errno : 0;
}

/* Like VFIO without dynamic MSI-X: enabling the first vector fixes their number. */
static inline int machine_set_irqs(struct machine *machine, const struct abi_vfio_irq_set *set)
{
	int fds[MACHINE_VECTORS] = { -1, -1 };
	bool on = false;

	if (!(set->flags & ABI_VFIO_IRQ_SET_ACTION_TRIGGER))
		return 0;
	if (set->start + set->count > (machine->vectors ? machine->vectors : MACHINE_VECTORS))
		return -EINVAL;
	machine->vectors =
		machine->vectors && set->count ? machine->vectors : set->start + set->count;
	memcpy(fds, set->data, set->count * sizeof(*fds));
	for (uint32_t i = 0; i < set->count; i++)
		on |= fds[i] >= 0;
	if (!set->start)
		machine->irq = fds[0];
	machine_note(machine, "irqs %s", on ? "on" : "off");
	if (set->start + set->count > 1)
		machine_note(machine, " %u+%u", set->start, set->count);
	machine_note(machine, "\n");
	return 0;
}

static inline void machine_region(struct abi_vfio_region_info *info)
{
	info->flags = ABI_VFIO_REGION_INFO_FLAG_READ | ABI_VFIO_REGION_INFO_FLAG_WRITE;
	info->size = 1 << 20;
	info->offset = (uint64_t)info->index << MACHINE_REGION_SHIFT;
}

/* Gives the object that @request makes an id at @offset of @arg. */
static inline void machine_make(struct machine *machine, const char *name, void *arg, size_t offset)
{
	machine->last_id++;
	memcpy((char *)arg + offset, &machine->last_id, sizeof(machine->last_id));
	machine_note(machine, "%s %u\n", name, machine->last_id);
}

static inline void machine_attach(
	struct machine *machine, const struct abi_vfio_device_attach_iommufd_pt *attach)
{
	machine_note(machine, "attach %u", attach->pt_id);
	if (attach->flags & ABI_VFIO_DEVICE_ATTACH_PASID)
		machine_note(machine, " PASID %u", attach->pasid);
	machine_note(machine, "\n");
}

static inline void machine_detach(
	struct machine *machine, const struct abi_vfio_device_detach_iommufd_pt *detach)
{
	machine_note(machine, "detach");
	if (detach->flags & ABI_VFIO_DEVICE_DETACH_PASID)
		machine_note(machine, " PASID %u", detach->pasid);
	machine_note(machine, "\n");
}

static inline void machine_hw_info(const struct machine *machine, struct abi_hw_info *info)
{
	const struct abi_hw_info_arm_smmuv3 data = {
		.flags = machine->repeats ? ABI_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI : 0,
	};

	cr_assert_eq(info->data_len, sizeof(data));
	memcpy((void *)(uintptr_t)info->data_uptr, &data, sizeof(data));
	info->out_data_type = ABI_HW_INFO_TYPE_ARM_SMMUV3;
}

#define MACHINE_MAKES(request, name, type, member)                                                 \
	case request: machine_make(machine, name, arg, offsetof(struct type, member)); return 0

static inline int machine_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct machine *machine = (struct machine *)transport;
	int queue;

	(void)fd;
	if (machine->refused == request)
		return -machine->refused_error;
	switch (request) {
		MACHINE_MAKES(ABI_VFIO_DEVICE_BIND_IOMMUFD, "bind", abi_vfio_device_bind_iommufd,
			out_devid);
		MACHINE_MAKES(ABI_IOAS_ALLOC, "ioas", abi_ioas_alloc, out_ioas_id);
		MACHINE_MAKES(ABI_HWPT_ALLOC, "hwpt", abi_hwpt_alloc, out_hwpt_id);
		MACHINE_MAKES(ABI_VIOMMU_ALLOC, "viommu", abi_viommu_alloc, out_viommu_id);
		MACHINE_MAKES(ABI_VDEVICE_ALLOC, "vdevice", abi_vdevice_alloc, out_vdevice_id);
	case ABI_VEVENTQ_ALLOC:
		machine_make(machine, "veventq", arg,
			offsetof(struct abi_veventq_alloc, out_veventq_id));
		queue = machine_file(machine, "queue");
		machine->queue = queue;
		eventfd_write(queue, machine->events_size != 0);
		((struct abi_veventq_alloc *)arg)->out_veventq_fd = (uint32_t)queue;
		return 0;
	case ABI_FAULT_QUEUE_ALLOC:
		machine_make(
			machine, "faults", arg, offsetof(struct abi_fault_alloc, out_fault_id));
		machine->fault_queue = machine_file(machine, "faults");
		eventfd_write(machine->fault_queue, machine->fault_count != 0);
		((struct abi_fault_alloc *)arg)->out_fault_fd = (uint32_t)machine->fault_queue;
		return 0;
	case ABI_GET_HW_INFO: machine_hw_info(machine, arg); return 0;
	case ABI_IOAS_COPY: machine_note(machine, "copy\n"); return 0;
	case ABI_IOAS_ALLOW_IOVAS:
		machine_note(
			machine, "allow %u\n", ((struct abi_ioas_allow_iovas *)arg)->num_iovas);
		return 0;
	case ABI_OPTION:
		machine_note(machine, "option %u\n", ((struct abi_option *)arg)->option_id);
		return 0;
	case ABI_IOAS_MAP: machine_note(machine, "map\n"); return 0;
	case ABI_IOAS_UNMAP:
		machine_note(machine, "unmap\n");
		((struct abi_ioas_unmap *)arg)->length = 1 << 20;
		return 0;
	case ABI_HWPT_INVALIDATE: machine_note(machine, "invalidate\n"); return 0;
	case ABI_DESTROY:
		machine_note(machine, "destroy %u\n", ((struct abi_destroy *)arg)->id);
		return 0;
	case ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT: machine_attach(machine, arg); return 0;
	case ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT: machine_detach(machine, arg); return 0;
	case ABI_VFIO_DEVICE_RESET: machine_note(machine, "reset\n"); return 0;
	case ABI_VFIO_DEVICE_SET_IRQS: return machine_set_irqs(machine, arg);
	case ABI_VFIO_DEVICE_GET_IRQ_INFO:
		((struct abi_vfio_irq_info *)arg)->count = MACHINE_VECTORS;
		((struct abi_vfio_irq_info *)arg)->flags |= ABI_VFIO_IRQ_INFO_NORESIZE;
		return 0;
	case ABI_VFIO_DEVICE_GET_REGION_INFO: machine_region(arg); return 0;
	default: return -ENOTTY;
	}
}

/* Puts an F_TRANSLATION of the stream 0x42 at the end of what there is to read. */
static inline void machine_add_event_at(struct machine *machine, uint32_t sequence, uint64_t iova)
{
	const struct abi_vevent_header header = { .sequence = sequence };
	const uint64_t words[4] = { htole64(UINT64_C(0x4200000010)), 0, htole64(iova) };

	memcpy(machine->events + machine->events_size, &header, sizeof(header));
	memcpy(machine->events + machine->events_size + sizeof(header), words, sizeof(words));
	machine->events_size += sizeof(header) + sizeof(words);
	if (machine->queue >= 0)
		eventfd_write(machine->queue, 1);
}

static inline void machine_add_event(struct machine *machine, uint32_t sequence)
{
	machine_add_event_at(machine, sequence, 0);
}

/* Of a stream the events, of the device its ids: those of PCI, or edu's own. */
static inline ssize_t machine_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct machine *machine = (struct machine *)transport;
	const uint32_t pci = htole32(machine->pci_ids), edu = htole32(machine->edu_id);
	const uint32_t raised = htole32(!machine->is_mute);
	eventfd_t ignored;

	if (offset == IOMMUCTL_STREAM && fd == machine->fault_queue) {
		size = machine->fault_count * sizeof(*machine->faults);
		memcpy(buffer, machine->faults, size);
		machine->fault_count = 0;
		eventfd_read(fd, &ignored);
		return (ssize_t)size;
	}
	if (offset == IOMMUCTL_STREAM) {
		size = machine->events_size;
		memcpy(buffer, machine->events, size);
		machine->events_size = 0;
		eventfd_read(fd, &ignored);
		if (machine->floods)
			machine_add_event(machine, machine->dmas++);
		return (ssize_t)size;
	}
	memset(buffer, 0, size);
	if (offset == (int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << MACHINE_REGION_SHIFT)
		memcpy(buffer, &pci, size);
	else if (offset == 0)
		memcpy(buffer, &edu, size);
	else if (offset == 0x24)
		memcpy(buffer, &raised, size);
	return (ssize_t)size;
}

/* Writing to the register at 0x60 interrupts, to that at 0x98 starts a transfer. */
static inline ssize_t machine_write(struct iommuctl_transport *transport, int fd,
	const void *buffer, size_t size, int64_t offset)
{
	struct machine *machine = (struct machine *)transport;
	const struct abi_hwpt_page_response *response = buffer;

	if (fd == machine->fault_queue)
		machine_note(machine, "answer %u %u\n", response->cookie, response->code);
	if (offset == 0x80)
		memcpy(&machine->dma_source, buffer, sizeof(machine->dma_source));
	if (offset == 0x60 && machine->irq >= 0)
		eventfd_write(machine->irq, 1);
	if (offset == 0x98 && machine->blocks_dma)
		machine_add_event_at(machine, machine->dmas++, le64toh(machine->dma_source));
	return (ssize_t)size;
}

static inline void machine_free(struct iommuctl_transport *transport)
{
	(void)transport;
}

static inline void machine_init(struct machine *machine)
{
	*machine = (struct machine){
		.base = {
			.open = machine_open,
			.close = machine_close,
			.ioctl = machine_ioctl,
			.read = machine_read,
			.write = machine_write,
			.free = machine_free,
		},
		.irq = -1,
		.queue = -1,
		.fault_queue = -1,
		.pci_ids = 0x11e81234,
		.edu_id = 0x010000ed,
	};
}

#endif
