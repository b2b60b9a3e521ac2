// SPDX-License-Identifier: MIT
/* Turns a record into a directory that the gates look at. Its contents are untrusted. */
#include "host/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output/errno_name.h"
#include "output/open_file.h"
#include "host/record_unpack.h"

void host_record_close(struct host_record *record)
{
	if (*record->root)
		record_remove(record->root, json_object_get(record->document, "host"));
	json_decref(record->document);
	*record = (struct host_record){ 0 };
}

/* As on the recorded host: a node that opened there opens, as a file that does nothing. */
static int open_node(const struct sysfs *sysfs, const char *path)
{
	const struct host_record *record = (const struct host_record *)sysfs;
	json_t *host = json_object_get(record->document, "host");
	const char *state =
		json_string_value(json_object_get(json_object_get(host, "nodes"), path));
	int fd;

	if (!state)
		return -ENOENT;
	if (strcmp(state, "opens") != 0)
		return -errno_from_name(state);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

static int make_root(struct host_record *record, struct failure *failure)
{
	const char *place = getenv("TMPDIR");
	char root[sizeof(record->root)];
	int fd;

	if (snprintf(root, sizeof(root), "%s/iommuctl-XXXXXX", place && *place ? place : "/tmp") >=
		(int)sizeof(root))
		return failure_set(failure, -ENAMETOOLONG, "TMPDIR is too long: %.100s", place);
	if (!mkdtemp(root))
		return failure_set(failure, -errno, "%s cannot be made: %s\nSet TMPDIR", root,
			strerror(errno));
	memcpy(record->root, root, sizeof(root));
	record->sysfs = (struct sysfs){ .root = record->root, .open_node = open_node };
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failure_set(failure, -errno, "%s: %s", root, strerror(errno));
	return fd;
}

static int read_facts(struct host_record *record, json_t *host, struct failure *failure)
{
	json_t *config, *memlock, *other;
	json_error_t error;
	const char *version;

	if (json_unpack_ex(host, &error, JSON_STRICT,
		    "{s:s, s:{s:s, s:s, s:o !}, s:o, s:o, s:o, s:o, s:o, s:o, s:o !}", "version",
		    &version, "kernel", "release", &record->release, "machine", &record->machine,
		    "config", &config, "memlock", &memlock, "nodes", &other, "directories", &other,
		    "files", &other, "links", &other, "tables", &other, "asked", &record->asked))
		return record_refuse(failure, "%s", error.text);
	if (!json_is_null(config) && !json_is_string(config))
		return record_refuse(failure, "kernel.config is not a string");
	record->config = json_string_value(config);
	if (!json_is_null(memlock) &&
		(!json_is_integer(memlock) || json_integer_value(memlock) < 0))
		return record_refuse(failure, "memlock is not a number of bytes");
	record->memlock_limited = json_is_integer(memlock);
	record->memlock = (uint64_t)json_integer_value(memlock);
	if (!json_is_object(record->asked))
		return record_refuse(failure, "asked is not an object");
	return record_check_trees(host, failure);
}

/* Reads the whole file, or -errno; -EFBIG if it is too large for a record. The caller frees. */
static int read_text(FILE *file, char **text, size_t *size)
{
	size_t room = 1u << 16, used = 0;
	char *whole = malloc(room);

	while (whole) {
		size_t got = fread(whole + used, 1, room - used, file);
		char *more;

		used += got;
		if (used < room)
			break;
		room *= 2;
		more = used >= HOST_RECORD_BYTES_MAX ? NULL : realloc(whole, room);
		if (!more) {
			free(whole);
			return used >= HOST_RECORD_BYTES_MAX ? -EFBIG : -ENOMEM;
		}
		whole = more;
	}
	if (!whole)
		return -ENOMEM;
	if (ferror(file)) {
		free(whole);
		return -EIO;
	}
	*text = whole;
	*size = used;
	return 0;
}

static int read_document(struct host_record *record, const char *name, struct failure *failure)
{
	const struct open_file_reason *distrust; /* unused: nothing in a record is carried out */
	FILE *file = stdin;
	json_error_t error;
	char *text;
	size_t size;
	int err = 0;

	if (strcmp(name, "-") != 0)
		err = open_file_to_read(name, &file, &distrust);
	if (err)
		return failure_set_file(failure, err, NULL, NULL);
	err = read_text(file, &text, &size);
	if (file != stdin)
		fclose(file);
	if (err == -EFBIG)
		return record_refuse(
			failure, "it is larger than %u MiB", HOST_RECORD_BYTES_MAX >> 20);
	if (err)
		return failure_set(failure, err, "%s", strerror(-err));
	record->document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	free(text);
	if (record->document)
		return 0;
	if (json_error_code(&error) == json_error_out_of_memory)
		return failure_set(failure, -ENOMEM, "out of memory");
	record_refuse(failure, "%s", error.text);
	failure->line = error.line;
	failure->column = error.column;
	return -EINVAL;
}

static int check_head(struct host_record *record, struct failure *failure)
{
	int version;
	json_t *host;

	if (json_unpack(record->document, "{s:i, s:o !}", "iommuctl", &version, "host", &host))
		return record_refuse(failure,
			"it is not a record of a host\niommuctl doctor --collect=FILE makes one");
	if (version != 1)
		return record_refuse(
			failure, "version %d of records is unknown, only 1 is known", version);
	return read_facts(record, host, failure);
}

int host_record_read(struct host_record *record, const char *name, struct failure *failure)
{
	int err;

	*record = (struct host_record){ 0 };
	err = read_document(record, name, failure);
	if (!err)
		err = check_head(record, failure);
	if (err)
		host_record_close(record);
	return err;
}

int host_record_open(struct host_record *record, struct failure *failure)
{
	struct unpacking to = { make_root(record, failure), record->root, failure };
	int err = to.root;

	if (to.root >= 0) {
		err = record_unpack(&to, json_object_get(record->document, "host"));
		close(to.root);
	}
	if (err)
		host_record_close(record);
	return err;
}
