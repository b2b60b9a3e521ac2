// SPDX-License-Identifier: MIT
#include "decorators/ledger_book.h"

#include <errno.h>
#include <stdlib.h>

/* The most: an event queue on an iommufd that was opened elsewhere, or binding two such files. */
#define ENTRIES_A_CALL 2
#define FILES_A_CALL   2

static int reserve_entries(struct ledger_book *book)
{
	size_t capacity = book->capacity * 2 + ENTRIES_A_CALL;
	void *grown;

	if (book->capacity - book->count >= ENTRIES_A_CALL)
		return 0;
	grown = reallocarray(book->entries, capacity, sizeof(*book->entries));
	if (!grown)
		return -ENOMEM;
	book->entries = grown;
	grown = reallocarray(book->details, capacity, sizeof(*book->details));
	if (!grown)
		return -ENOMEM;
	book->details = grown;
	book->capacity = capacity;
	return 0;
}

static int reserve_files(struct ledger_book *book)
{
	size_t capacity = book->file_capacity * 2 + FILES_A_CALL;
	void *grown;

	if (book->file_capacity - book->file_count >= FILES_A_CALL)
		return 0;
	grown = reallocarray(book->files, capacity, sizeof(*book->files));
	if (!grown)
		return -ENOMEM;
	book->files = grown;
	book->file_capacity = capacity;
	return 0;
}

int ledger_book_reserve(struct ledger_book *book)
{
	int err = reserve_entries(book);

	return err ? err : reserve_files(book);
}

void ledger_book_free(struct ledger_book *book)
{
	free(book->entries);
	free(book->details);
	free(book->files);
}

static struct ledger_file *add_file(struct ledger_book *book, int fd, uint64_t holds)
{
	struct ledger_file *file = &book->files[book->file_count++];

	*file = (struct ledger_file){
		.serial = ++book->last_serial,
		.holds = holds,
		.fd = fd,
		.open = true,
	};
	return file;
}

static struct ledger_file *find_open(struct ledger_book *book, int fd)
{
	for (size_t i = 0; i < book->file_count; i++)
		if (book->files[i].open && book->files[i].fd == fd)
			return &book->files[i];
	return NULL;
}

static struct ledger_file *find_serial(struct ledger_book *book, uint64_t serial)
{
	for (size_t i = 0; i < book->file_count; i++)
		if (book->files[i].serial == serial)
			return &book->files[i];
	return NULL;
}

static bool is_alive(const struct ledger_file *file)
{
	return file && (file->open || file->mappings);
}

static bool is_held(const struct ledger_book *book, uint64_t serial)
{
	for (size_t i = 0; i < book->file_count; i++) {
		const struct ledger_file *file = &book->files[i];

		if (is_alive(file) && (file->serial == serial || file->holds == serial))
			return true;
	}
	return false;
}

static bool has_ended(struct ledger_book *book, size_t index)
{
	const struct ledger_detail *detail = &book->details[index];

	switch (book->entries[index].kind) {
	case IOMMUCTL_LEDGER_OBJECT:
		if (detail->device && !is_alive(find_serial(book, detail->device)))
			return true;
		return !is_held(book, detail->file);
	case IOMMUCTL_LEDGER_ATTACH: return !is_alive(find_serial(book, detail->file));
	case IOMMUCTL_LEDGER_FILE:
	case IOMMUCTL_LEDGER_MAPPING: break;
	}
	return false;
}

/* Removes the entries that ended with a closed file or a removed mapping. */
static void settle(struct ledger_book *book)
{
	size_t kept = 0;

	for (size_t i = 0; i < book->count; i++) {
		if (has_ended(book, i))
			continue;
		book->entries[kept] = book->entries[i];
		book->details[kept++] = book->details[i];
	}
	book->count = kept;

	kept = 0;
	for (size_t i = 0; i < book->file_count; i++)
		if (is_held(book, book->files[i].serial))
			book->files[kept++] = book->files[i];
	book->file_count = kept;
}

static void add_entry(struct ledger_book *book, const struct iommuctl_ledger_entry *entry,
	const struct ledger_detail *detail)
{
	book->entries[book->count] = *entry;
	book->details[book->count] = *detail;
	book->count++;
}

static void remove_entry(struct ledger_book *book, size_t index)
{
	book->count--;
	for (size_t i = index; i < book->count; i++) {
		book->entries[i] = book->entries[i + 1];
		book->details[i] = book->details[i + 1];
	}
}

/* The index of the entry, or the count of entries if there is none. */
static size_t find_entry(
	const struct ledger_book *book, enum iommuctl_ledger_kind kind, uint64_t file, int64_t key)
{
	size_t i;

	for (i = 0; i < book->count; i++)
		if (book->entries[i].kind == kind && book->details[i].file == file &&
			book->details[i].key == key)
			break;
	return i;
}

static void remove_found(
	struct ledger_book *book, enum iommuctl_ledger_kind kind, int fd, int64_t key)
{
	const struct ledger_file *file = find_open(book, fd);
	size_t index = file ? find_entry(book, kind, file->serial, key) : book->count;

	if (index < book->count)
		remove_entry(book, index);
}

struct ledger_file *ledger_book_file(struct ledger_book *book, int fd)
{
	struct ledger_file *file = find_open(book, fd);

	return file ? file : add_file(book, fd, 0);
}

void ledger_book_open(struct ledger_book *book, int fd, uint64_t holds, const char *call)
{
	struct iommuctl_ledger_entry entry = {
		.kind = IOMMUCTL_LEDGER_FILE, .fd = fd, .call = call
	};
	struct ledger_detail detail = { 0 };

	/* The descriptor was closed outside the ledger if its number comes again. */
	ledger_book_close(book, fd);
	detail.file = add_file(book, fd, holds)->serial;
	add_entry(book, &entry, &detail);
}

void ledger_book_close(struct ledger_book *book, int fd)
{
	struct ledger_file *file = find_open(book, fd);

	if (!file)
		return;
	remove_found(book, IOMMUCTL_LEDGER_FILE, fd, 0);
	file->open = false;
	settle(book);
}

void ledger_book_create(
	struct ledger_book *book, int fd, uint32_t id, uint64_t device, const char *call)
{
	struct iommuctl_ledger_entry entry = {
		.kind = IOMMUCTL_LEDGER_OBJECT, .fd = fd, .id = id, .call = call
	};
	struct ledger_detail detail = {
		.file = ledger_book_file(book, fd)->serial, .device = device, .key = id
	};

	add_entry(book, &entry, &detail);
}

void ledger_book_destroy(struct ledger_book *book, int fd, uint32_t id)
{
	remove_found(book, IOMMUCTL_LEDGER_OBJECT, fd, id);
}

uint64_t ledger_book_device_of(struct ledger_book *book, int fd, uint32_t id)
{
	uint64_t file = ledger_book_file(book, fd)->serial;
	size_t index = find_entry(book, IOMMUCTL_LEDGER_OBJECT, file, id);

	return index < book->count ? book->details[index].device : 0;
}

void ledger_book_attach(
	struct ledger_book *book, int fd, int64_t pasid, uint32_t pt_id, const char *call)
{
	struct iommuctl_ledger_entry entry = {
		.kind = IOMMUCTL_LEDGER_ATTACH, .fd = fd, .id = pt_id, .call = call
	};
	struct ledger_detail detail = { .file = ledger_book_file(book, fd)->serial, .key = pasid };
	size_t index = find_entry(book, IOMMUCTL_LEDGER_ATTACH, detail.file, pasid);

	if (index < book->count)
		book->entries[index].id = pt_id;
	else
		add_entry(book, &entry, &detail);
}

void ledger_book_detach(struct ledger_book *book, int fd, int64_t pasid)
{
	remove_found(book, IOMMUCTL_LEDGER_ATTACH, fd, pasid);
}

void ledger_book_map(struct ledger_book *book, int fd, const void *address, size_t length)
{
	struct iommuctl_ledger_entry entry = {
		.kind = IOMMUCTL_LEDGER_MAPPING, .fd = fd, .id = (uintptr_t)address, .call = "mmap"
	};
	struct ledger_detail detail = { .length = length };

	if (fd >= 0) {
		struct ledger_file *file = ledger_book_file(book, fd);

		file->mappings++;
		detail.file = file->serial;
	}
	add_entry(book, &entry, &detail);
}

void ledger_book_unmap(struct ledger_book *book, const void *address, size_t length)
{
	uint64_t start = (uintptr_t)address;
	size_t i = 0;

	while (i < book->count) {
		const struct ledger_detail *detail = &book->details[i];
		struct ledger_file *file = find_serial(book, detail->file);
		uint64_t mapped = book->entries[i].id;

		if (book->entries[i].kind != IOMMUCTL_LEDGER_MAPPING || mapped < start ||
			detail->length > length || mapped - start > length - detail->length) {
			i++;
			continue;
		}
		if (file)
			file->mappings--;
		remove_entry(book, i);
	}
	settle(book);
}
