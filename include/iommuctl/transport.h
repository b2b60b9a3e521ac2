/* SPDX-License-Identifier: MIT */
/*
 * The only way to the kernel: every call out of the library goes through a struct
 * iommuctl_transport.
 *
 * The kernel transport makes system calls; decorators wrap any transport.
 *
 * @transport: the transport
 * @inner: the transport to wrap, which need not be the kernel's
 *
 * Ownership: arguments stay the caller's, unless the function says that it takes them.
 * Threads: any thread; the function that makes a transport says what holds for it.
 * Source: this library.
 */
#ifndef IOMMUCTL_TRANSPORT_H
#define IOMMUCTL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The offset that makes read and write act on a stream, such as an event queue. Since: 0.1 */
#define IOMMUCTL_STREAM (-1)

/*
 * What a struct iommuctl_device_group has room for.
 *
 * @IOMMUCTL_GROUP_MEMBERS_MAX: members of a group
 * @IOMMUCTL_DEVICE_NAME_SIZE: bytes of a name, with its terminator
 *
 * Since: 0.1
 */
#define IOMMUCTL_GROUP_MEMBERS_MAX 64
#define IOMMUCTL_DEVICE_NAME_SIZE  64

/* A device of an IOMMU group. Since: 0.1 */
struct iommuctl_group_member {
	char name[IOMMUCTL_DEVICE_NAME_SIZE]; /* as in sysfs: "0000:00:01.0" */
	bool bridge; /* a PCI bridge or a root port: it forwards DMA and issues none itself */
};

/*
 * Says whether a PCI device is a bridge between PCI buses: a bridge or a root port, but not a
 * bridge to the host or to another kind of bus.
 *
 * @class_code: its 24 bits, as in sysfs
 *
 * Returns: true if it is.
 * Since: 0.1
 */
bool iommuctl_pci_is_bridge(uint32_t class_code);

/* An IOMMU group: the devices that the kernel attaches as one. Since: 0.1 */
struct iommuctl_device_group {
	uint32_t id;				/* of /sys/kernel/iommu_groups */
	char device[IOMMUCTL_DEVICE_NAME_SIZE]; /* the one that was asked about */
	size_t member_count;			/* may be more than @members has room for */
	struct iommuctl_group_member members[IOMMUCTL_GROUP_MEMBERS_MAX]; /* in any order */
};

/*
 * A way to the kernel, or to something that behaves like it.
 *
 * Every call returns a result that is zero or positive, or -errno. File descriptors are real ones:
 * poll(2) works on them.
 *
 * @open: as open(2), for a @path of /dev
 * @ioctl: as ioctl(2)
 * @mmap: as mmap(2); the kernel chooses the address, which is stored in *@address
 * @munmap: as munmap(2)
 * @read, @write: as pread(2) and pwrite(2), and with an @offset of IOMMUCTL_STREAM as read(2) and
 *   write(2)
 * @close: as close(2)
 * @free: frees the transport, which is no longer used
 * @device_group: fills @group with the IOMMU group of the VFIO device @fd; -EOPNOTSUPP: the group
 *   cannot be known, which is never returned for a lack of memory or files. NULL, as in older
 *   transports, means the same.
 *
 * Threads: the kernel transport may be used by any number of threads. A decorator says what holds
 *   for it.
 * Since: 0.1
 */
struct iommuctl_transport {
	int (*open)(struct iommuctl_transport *transport, const char *path, int flags);
	int (*ioctl)(
		struct iommuctl_transport *transport, int fd, unsigned long request, void *arg);
	int (*mmap)(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
		int prot, int flags, void **address);
	int (*munmap)(struct iommuctl_transport *transport, void *address, size_t length);
	ssize_t (*read)(struct iommuctl_transport *transport, int fd, void *buffer, size_t size,
		int64_t offset);
	ssize_t (*write)(struct iommuctl_transport *transport, int fd, const void *buffer,
		size_t size, int64_t offset);
	int (*close)(struct iommuctl_transport *transport, int fd);
	void (*free)(struct iommuctl_transport *transport);
	int (*device_group)(
		struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group);
};

/*
 * Frees a transport and, for a decorator, what it wraps.
 *
 * @transport: the transport; NULL is allowed
 *
 * Ownership: the pointer is no longer valid; open files stay open.
 * Threads: no other thread may use it.
 * Since: 0.1
 */
void iommuctl_transport_free(struct iommuctl_transport *transport);

/*
 * Creates the transport of the running kernel: system calls, nothing added.
 *
 * Files are opened with O_CLOEXEC. A call interrupted by a signal before it did anything is issued
 * again. The group of a device is found in sysfs by the device number of its file, which may come
 * from another process; that of a device opened through a legacy group is unknown.
 *
 * @transport: out: the transport
 *
 * Ownership: the caller frees *@transport with iommuctl_transport_free(), or passes it on.
 * Threads: any number of threads may use the transport at once.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_transport_kernel_new(struct iommuctl_transport **transport);

/*
 * How a traced value is best shown.
 *
 * @IOMMUCTL_TRACE_DECIMAL: an unsigned number
 * @IOMMUCTL_TRACE_HEX: an unsigned number, in hexadecimal
 *
 * Since: 0.1
 */
enum iommuctl_trace_format {
	IOMMUCTL_TRACE_DECIMAL,
	IOMMUCTL_TRACE_SIGNED, /* value is an int64_t */
	IOMMUCTL_TRACE_HEX,
	IOMMUCTL_TRACE_NAMED,  /* text says what the value means */
	IOMMUCTL_TRACE_TEXT,   /* text only: a decoded STE, a decoded command */
	IOMMUCTL_TRACE_STRING, /* text only, from outside and untrusted: a path */
};

/*
 * One field of a traced call.
 *
 * @format: how to show it
 * @value: the value; not for TEXT and STRING
 *
 * Since: 0.1
 */
struct iommuctl_trace_field {
	const char *name; /* the kernel's name of the field */
	enum iommuctl_trace_format format;
	uint64_t value;
	const char *text; /* for NAMED, TEXT and STRING */
};

/*
 * One call, decoded.
 *
 * Everything in it is valid only while the receiver runs.
 *
 * @in, @in_count: the input fields
 *
 * Since: 0.1
 */
struct iommuctl_trace_record {
	uint64_t sequence; /* 1 for the first call */
	const char *call;  /* "open", "IOMMU_HWPT_ALLOC", … */
	int fd;		   /* the file descriptor acted on, or -1 */
	const struct iommuctl_trace_field *in;
	size_t in_count;
	/* When the call failed: only what the kernel writes even then, such as entry_num. */
	const struct iommuctl_trace_field *out;
	size_t out_count;
	int64_t result;	      /* zero or positive, or -errno */
	uint64_t nanoseconds; /* the time that the wrapped transport took */
};

/*
 * Wraps a transport so that every call is decoded and reported once it has returned.
 *
 * Unknown calls are shown with their number. Of a list, the first eight items are shown; the field
 * "more" counts the others ("more_bytes" if events were read). A VF token is never shown. Pointers
 * in an ioctl's argument are followed, so they must be valid, even where the kernel would return
 * EFAULT. A call that makes an event queue fails with ENOMEM if there is no memory to record the
 * queue.
 *
 * @receive: called with each record, which is valid until it returns
 * @data: passed to @receive; may be NULL
 * @transport: out: the transport
 *
 * Ownership: takes @inner on success; @data is the caller's and must outlive the transport.
 * Threads: @receive runs in the calling thread; if several threads use the transport, it must be
 *   reentrant.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_transport_trace_new(struct iommuctl_transport *inner,
	void (*receive)(const struct iommuctl_trace_record *record, void *data), void *data,
	struct iommuctl_transport **transport);

/*
 * Writes a record as one line without newline, in the manner of strace(1).
 *
 * It contains sequence, call, fd and input, result, output, seconds. ASCII control characters are
 * escaped.
 *
 * @record: the record
 * @line: out: the line, terminated unless @size is 0
 * @size: bytes of @line
 *
 * Returns: the length of the whole line, as snprintf(3) does.
 * Since: 0.1
 */
int iommuctl_trace_format(const struct iommuctl_trace_record *record, char *line, size_t size);

/*
 * Wraps a transport so that one call fails.
 *
 * The failed call does not reach @inner, except that close and munmap are carried out first: the
 * kernel releases a file descriptor even when close(2) reports an error. Put it around a ledger,
 * never inside: a ledger would still count the mapping as live.
 *
 * @nth: which call fails; 1 is the first
 * @error: the positive errno that it fails with
 * @transport: out: the transport
 *
 * Ownership: takes @inner on success.
 * Threads: calls are counted atomically; otherwise what holds for @inner.
 * Errors:
 *   -ENOMEM: no memory
 *   -EINVAL: @nth or @error is not positive
 * Since: 0.1
 */
int iommuctl_transport_fault_new(struct iommuctl_transport *inner, uint64_t nth, int error,
	struct iommuctl_transport **transport);

/*
 * Says whether the call was made to fail.
 *
 * @transport: one that came from iommuctl_transport_fault_new()
 *
 * Returns: true once it has been.
 * Since: 0.1
 */
bool iommuctl_transport_fault_fired(const struct iommuctl_transport *transport);

/* What a ledger counts. Since: 0.1 */
enum iommuctl_ledger_kind {
	IOMMUCTL_LEDGER_FILE,	 /* open file descriptors, including those that an ioctl returned */
	IOMMUCTL_LEDGER_OBJECT,	 /* iommufd objects that have an id: IOAS, HWPT, vIOMMU, … */
	IOMMUCTL_LEDGER_ATTACH,	 /* devices attached to a page table */
	IOMMUCTL_LEDGER_MAPPING, /* mmap(2)ed ranges */
};

/*
 * One live thing.
 *
 * @kind: what it is
 *
 * Since: 0.1
 */
struct iommuctl_ledger_entry {
	enum iommuctl_ledger_kind kind;
	int fd;		  /* the file, or the file that the object lives in; -1 for none */
	uint64_t id;	  /* object id, id attached to, or address of a mapping; 0 for a file */
	const char *call; /* what made it: "open", "IOMMU_VIOMMU_ALLOC", … */
};

/*
 * Wraps a transport so that everything live is known at any time.
 *
 * It follows the kernel's rules: closing a device ends its attachments, its iommufd object and its
 * vDEVICE; the other objects of an iommufd end once the iommufd, the devices bound to it and its
 * queues are all closed. Files that were opened elsewhere have no entry, but objects made in them
 * do. A mapping keeps its file alive and ends when one munmap covers it. HWPTs that the kernel
 * makes for an attachment are not counted. A call that might make something fails with ENOMEM,
 * before it reaches @inner, if there is no memory for the entry.
 *
 * @transport: out: the transport
 *
 * Ownership: takes @inner on success.
 * Threads: one thread at a time.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_transport_ledger_new(
	struct iommuctl_transport *inner, struct iommuctl_transport **transport);

/*
 * Gets the live entries in order of creation.
 *
 * @transport: one that came from iommuctl_transport_ledger_new()
 * @count: out: their number
 *
 * Ownership: the entries stay the transport's, valid until the next call through @transport.
 * Threads: one thread at a time.
 * Returns: the first entry; may be NULL if there is none.
 * Since: 0.1
 */
const struct iommuctl_ledger_entry *iommuctl_transport_ledger_get_entries(
	const struct iommuctl_transport *transport, size_t *count);

/*
 * Gets how many calls went through a ledger, failed ones included.
 *
 * @transport: one that came from iommuctl_transport_ledger_new()
 *
 * Threads: one thread at a time.
 * Returns: the number of calls.
 * Since: 0.1
 */
uint64_t iommuctl_transport_ledger_get_calls(const struct iommuctl_transport *transport);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
