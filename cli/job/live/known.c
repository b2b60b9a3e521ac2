// SPDX-License-Identifier: MIT
#include "job/live/known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "output/text.h"

/* Facts about one failure: IOMMUCTL_KNOWN_* bits, and the names for the bit that explains it. */
struct finding {
	struct live *live;
	int code; /* the errno to explain */
	uint64_t known;
	char detail[512];
};

/* Adds @bit, which explains failures with @code. */
__attribute__((format(printf, 4, 5))) static void find(
	struct finding *finding, uint64_t bit, int code, const char *format, ...)
{
	char text[192];
	va_list arguments;

	finding->known |= bit;
	if (finding->code != code)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_append(finding->detail, sizeof(finding->detail), "%s%s", *finding->detail ? ", " : "",
		text);
}

static const struct platform_device *found(
	const struct live *live, const struct document_object *device)
{
	return &live->devices[device->index].found;
}

static bool is_made(const struct live *live, const struct document_object *object)
{
	return live_object(live, object)->made;
}

static void find_direct(struct finding *finding, const struct platform_device *device)
{
	const struct platform *platform = finding->live->platform;
	struct platform_window region;

	if (platform->find_direct && platform->find_direct(platform, device, &region))
		find(finding, IOMMUCTL_KNOWN_DIRECT_REGION, EINVAL, "0x%" PRIx64 "-0x%" PRIx64,
			region.start, region.start + region.size - 1);
}

static void find_device(struct finding *finding, const struct document_object *device)
{
	const struct platform *platform = finding->live->platform;

	finding->known |= IOMMUCTL_KNOWN_CDEV;
	if (platform->known)
		finding->known |= platform->known(platform, found(finding->live, device));
	if (is_made(finding->live, device) && live_object(finding->live, device)->id)
		finding->known |= IOMMUCTL_KNOWN_BOUND;
}

/* The job may name the device differently. */
static void find_bind(struct finding *finding, const struct document_object *device)
{
	const struct live *live = finding->live;
	const struct document_list *list = &live->job->objects[JOB_DEVICES];
	const struct job_device *devices = list->items;

	for (size_t i = 0; i < list->count; i++) {
		const struct document_object *other = &devices[i].object;

		if (other != device && is_made(live, other) && live_object(live, other)->id &&
			strcmp(found(live, other)->cdev_path, found(live, device)->cdev_path) == 0)
			find(finding, IOMMUCTL_KNOWN_BOUND, EINVAL, "as devices.%s", other->name);
	}
	find_direct(finding, found(live, device));
}

/* Whether @device is behind the same IOMMU as @maker, the device that an object was made for. */
static void find_iommu(struct finding *finding, const struct document_object *device,
	const struct document_object *maker)
{
	const char *here = found(finding->live, device)->iommu;
	const char *there = found(finding->live, maker)->iommu;

	if (device == maker || (*here && strcmp(here, there) == 0))
		finding->known |= IOMMUCTL_KNOWN_SAME_IOMMU;
	else if (*here && *there)
		find(finding, IOMMUCTL_KNOWN_OTHER_IOMMU, EINVAL,
			"devices.%s is behind %s, devices.%s behind %s", device->name, here,
			maker->name, there);
}

static bool has_vdevice(const struct live *live, const struct document_object *device,
	const struct document_object *viommu)
{
	const struct job_vdevice *vdevice = NULL;

	do
		vdevice = job_next_vdevice(live->job, device, viommu, vdevice);
	while (vdevice && !is_made(live, &vdevice->object));
	return vdevice;
}

static void find_hwpt(struct finding *finding, const struct job_hwpt *hwpt)
{
	const struct document_object *device = hwpt->device.target;

	find_device(finding, device);
	finding->known |= IOMMUCTL_KNOWN_KINDS;
	if (hwpt->viommu.target)
		find_iommu(finding, device,
			((const struct job_viommu *)hwpt->viommu.target)->device.target);
	if (hwpt->parent.target)
		find_iommu(finding, device,
			((const struct job_hwpt *)hwpt->parent.target)->device.target);
}

static void find_viommu(struct finding *finding, const struct job_viommu *viommu)
{
	const struct job_hwpt *parent = (const struct job_hwpt *)viommu->hwpt.target;

	find_device(finding, viommu->device.target);
	find_iommu(finding, viommu->device.target, parent->device.target);
	if (!parent->ioas.target)
		return;
	finding->known |= IOMMUCTL_KNOWN_KINDS;
	if (parent->nest_parent)
		finding->known |= IOMMUCTL_KNOWN_NEST_PARENT;
	else
		find(finding, IOMMUCTL_KNOWN_NO_NEST_PARENT, EINVAL, "hwpts.%s is not one",
			parent->object.name);
}

static void find_vdevice(struct finding *finding, const struct job_vdevice *vdevice)
{
	const struct live *live = finding->live;
	const struct document_list *list = &live->job->objects[JOB_VDEVICES];
	const struct job_vdevice *others = list->items;
	uint64_t known = IOMMUCTL_KNOWN_NO_VDEVICE | IOMMUCTL_KNOWN_ID_FREE;

	find_device(finding, vdevice->device.target);
	find_iommu(finding, vdevice->device.target,
		((const struct job_viommu *)vdevice->viommu.target)->device.target);
	for (size_t i = 0; i < list->count; i++) {
		if (!is_made(live, &others[i].object))
			continue;
		if (others[i].device.target == vdevice->device.target) {
			known &= ~(uint64_t)IOMMUCTL_KNOWN_NO_VDEVICE;
			find(finding, IOMMUCTL_KNOWN_VDEVICE, EEXIST, "devices.%s has vdevices.%s",
				vdevice->device.target->name, others[i].object.name);
		}
		if (others[i].viommu.target == vdevice->viommu.target &&
			others[i].vsid == vdevice->vsid) {
			known &= ~(uint64_t)IOMMUCTL_KNOWN_ID_FREE;
			find(finding, IOMMUCTL_KNOWN_ID_TAKEN, EEXIST, "vdevices.%s has 0x%" PRIx64,
				others[i].object.name, vdevice->vsid);
		}
	}
	finding->known |= known | IOMMUCTL_KNOWN_KINDS;
}

static void find_irq(struct finding *finding, const struct job_irq *irq)
{
	const struct live *live = finding->live;
	const struct document_list *list = &live->job->objects[JOB_IRQS];
	const struct job_irq *others = list->items;
	bool other = false;

	find_device(finding, irq->device.target);
	for (size_t i = 0; i < list->count; i++) {
		if (!is_made(live, &others[i].object) || others[i].index == irq->index ||
			others[i].device.target != irq->device.target)
			continue;
		other = true;
		find(finding, IOMMUCTL_KNOWN_OTHER_IRQS, EINVAL, "irqs.%s", others[i].object.name);
	}
	if (!other)
		finding->known |= IOMMUCTL_KNOWN_NO_OTHER_IRQS;
}

/* An attachment in progress; the peers of its group follow. */
struct attaching {
	struct finding *finding;
	const struct document_object *device;
	const struct document_object *table;
	const struct document_object *viommu; /* of a nested HWPT; NULL: not nested */
	bool elsewhere;
};

static const struct document_object *find_made_device(const struct live *live, const char *pci)
{
	const struct document_list *list = &live->job->objects[JOB_DEVICES];
	const struct job_device *devices = list->items;

	for (size_t i = 0; i < list->count; i++) {
		if (is_made(live, &devices[i].object) &&
			strcmp(found(live, &devices[i].object)->pci, pci) == 0)
			return &devices[i].object;
	}
	return NULL;
}

static void find_peer(const char *pci, const char *driver, void *data)
{
	struct attaching *attaching = data;
	const struct live *live = attaching->finding->live;
	const struct document_object *peer = find_made_device(live, pci);
	const struct document_object *table = peer ? live->devices[peer->index].table : NULL;

	if (attaching->viommu && !peer)
		find(attaching->finding, IOMMUCTL_KNOWN_PEER_WITHOUT_VDEVICE, ENOENT,
			"%s (%s%s) of the same group has no vDEVICE", pci,
			*driver ? "driver " : "no driver", driver);
	else if (attaching->viommu && !has_vdevice(live, peer, attaching->viommu))
		find(attaching->finding, IOMMUCTL_KNOWN_PEER_WITHOUT_VDEVICE, ENOENT,
			"devices.%s (%s) of the same group has no vDEVICE in viommus.%s",
			peer->name, pci, attaching->viommu->name);
	if (!table || table == attaching->table || live->devices[attaching->device->index].table)
		return;
	attaching->elsewhere = true;
	find(attaching->finding, IOMMUCTL_KNOWN_PEER_ELSEWHERE, EINVAL,
		"devices.%s (%s) is attached to %s.%s", peer->name, pci, table->kind, table->name);
}

static void find_peers(struct attaching *attaching)
{
	const struct live *live = attaching->finding->live;

	if (!live->platform->each_peer)
		return;
	live->platform->each_peer(
		live->platform, found(live, attaching->device), find_peer, attaching);
	if (!attaching->elsewhere)
		attaching->finding->known |= IOMMUCTL_KNOWN_NO_PEER_ELSEWHERE;
}

/* A nested HWPT is as coherent as its parent, whichever device that was made for. */
static void find_table(struct finding *finding, struct attaching *attaching)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)attaching->table;
	const struct job_hwpt *paging;

	if (attaching->viommu) {
		const struct job_viommu *viommu = (const struct job_viommu *)attaching->viommu;

		paging = (const struct job_hwpt *)viommu->hwpt.target;
		find_iommu(finding, attaching->device, viommu->device.target);
		if (has_vdevice(finding->live, attaching->device, attaching->viommu))
			finding->known |= IOMMUCTL_KNOWN_VDEVICE;
		else
			find(finding, IOMMUCTL_KNOWN_NO_VDEVICE, ENOENT,
				"devices.%s has none in viommus.%s", attaching->device->name,
				attaching->viommu->name);
	} else {
		paging = job_paging_hwpt(hwpt);
		find_iommu(finding, attaching->device, paging->device.target);
	}
	if (paging->device.target == attaching->device)
		finding->known |= IOMMUCTL_KNOWN_OWN_TABLE;
}

static bool group_has_pasids(const struct live *live, const struct document_object *device)
{
	for (size_t i = 0; i < live->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *other =
			document_object_at(live->job->document, JOB_DEVICES, i);

		if (live_has_pasids(live, other) &&
			(other == device ||
				platform_share_group(found(live, device), found(live, other))))
			return true;
	}
	return false;
}

static void find_attach(struct finding *finding, const struct job_attach *attach)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)attach->hwpt.target;
	struct attaching attaching = {
		.finding = finding,
		.device = attach->device.target,
		.table = hwpt ? &hwpt->object : attach->ioas.target,
		.viommu = hwpt ? hwpt->viommu.target : NULL,
	};

	find_device(finding, attaching.device);
	finding->known |= IOMMUCTL_KNOWN_KINDS;
	if (!group_has_pasids(finding->live, attaching.device))
		finding->known |= IOMMUCTL_KNOWN_NO_PASIDS;
	if (!hwpt || !hwpt->fault_queue.target)
		finding->known |= IOMMUCTL_KNOWN_NO_FAULTS;
	if (hwpt)
		find_table(finding, &attaching);
	else /* the kernel must make a page table for this device */
		finding->known |= IOMMUCTL_KNOWN_SAME_IOMMU | IOMMUCTL_KNOWN_OWN_TABLE;
	find_peers(&attaching);
}

static void find_of_object(struct finding *finding, const struct document_object *object)
{
	switch (object->collection) {
	case JOB_DEVICES:
		find_device(finding, object);
		if (!is_made(finding->live, object))
			find_bind(finding, object);
		break;
	case JOB_HWPTS: find_hwpt(finding, (const struct job_hwpt *)object); break;
	case JOB_VIOMMUS: find_viommu(finding, (const struct job_viommu *)object); break;
	case JOB_VDEVICES: find_vdevice(finding, (const struct job_vdevice *)object); break;
	case JOB_IRQS: find_irq(finding, (const struct job_irq *)object); break;
	default: finding->known |= IOMMUCTL_KNOWN_KINDS; break;
	}
}

/* Jobs and sessions have their own name for this ioctl's option. */
static void name_rlimit_mode(const struct live *live, struct failure *failure)
{
	for (size_t i = 0; i < failure->explanation_count && !live->job->rlimit_mode; i++) {
		struct iommuctl_explanation *explanation = &failure->explanations[i];

		if (explanation->remedy && strstr(explanation->remedy, "IOMMU_OPTION_RLIMIT_MODE"))
			explanation->remedy = failure_print(failure,
				"%s; that option is \"rlimit-mode\": \"process\" in a job and "
				"--rlimit-mode in session start; plan shows the most that is "
				"pinned",
				explanation->remedy);
	}
}

void live_explain(struct live *live, const struct document_object *object)
{
	struct failure *failure = &live->failure;
	struct finding finding = { .live = live, .code = -failure->error };

	if (live->attaching)
		find_attach(&finding, live->attaching);
	else if (object)
		find_of_object(&finding, object);
	failure_add_library(failure, iommuctl_narrow_last_error(live->ctx, finding.known));
	if (*finding.detail && failure->explanation_count)
		failure->explanations[0].cause = failure_print(
			failure, "%s: %s", failure->explanations[0].cause, finding.detail);
	name_rlimit_mode(live, failure);
}
