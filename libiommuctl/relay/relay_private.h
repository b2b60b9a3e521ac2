/* SPDX-License-Identifier: MIT */
/* The structures of a relay, and the functions that its files share. */
#ifndef LIBIOMMUCTL_RELAY_RELAY_PRIVATE_H
#define LIBIOMMUCTL_RELAY_RELAY_PRIVATE_H

#include <iommuctl/iommufd.h>
#include <iommuctl/relay.h>

typedef uint64_t relay_command[IOMMUCTL_SMMUV3_CMD_WORDS];

/* Whether, and why not, a command can be carried out. */
enum relay_verdict {
	RELAY_GOOD,
	RELAY_ABSENT,	   /* legal and without effect: nothing can be cached for it */
	RELAY_WITHOUT_ATS, /* the same, of an ATC_INV */
	RELAY_CLEARED,	   /* good once the fields that an SMMU ignores in it are cleared */
	RELAY_ILLEGAL,
	RELAY_NOT_TAKEN, /* by the kernel */
	RELAY_SYNC,	 /* a CMD_SYNC, which is the owner's work */
	RELAY_CALLER,	 /* also the owner's work, if it is legal */
};

/*
 * The rules of one opcode. A command is good without further checks if none of the @careful bits is
 * set in it, unless @always. With one of @out_of_range, in word 0, it has no effect. @ignored are
 * fields that an SMMU ignores in some commands, while the kernel refuses them.
 */
struct relay_rule {
	uint64_t careful[IOMMUCTL_SMMUV3_CMD_WORDS];
	uint64_t forbidden[IOMMUCTL_SMMUV3_CMD_WORDS];
	uint64_t out_of_range;
	uint64_t ignored[IOMMUCTL_SMMUV3_CMD_WORDS];
	bool always;
	bool has_range;
	bool has_stream;
	bool has_atc_size;
	enum iommuctl_smmuv3_cmd_class class;
};

struct relay_rules {
	struct relay_rule by_opcode[256];
	bool has_ds;
};

/* StreamIDs, each in one of a few slots from its own on. */
struct relay_streams {
	uint64_t *slots;
	unsigned int bits;
};

/* How runs of pages become ranges; never without @granule_bits. */
struct relay_folding {
	unsigned int granule_bits;
	unsigned int va_bits;
	uint64_t tg;
};

/* The most commands that one run becomes. */
#define RELAY_FOLD_PIECES_MAX 8

/* One call of iommuctl_cmdq_consume(). */
struct relay_run {
	uint64_t serial; /* of the present run or of the last one; 0: there was none */
	uint64_t budget; /* the rest of it, in units */
	bool active;
	bool resumes;
};

/*
 * The StreamIDs of a block with ATC_INVs that timed out. The guest only learns of it when a
 * CMD_SYNC stops, so until then every ATC_INV before it counts as not done, and is not waited for
 * again. StreamIDs beyond the room here are waited for once in a run.
 */
struct relay_mute {
	uint32_t vsids[IOMMUCTL_RELAY_BLOCK];
	size_t count;
};

struct iommuctl_relay {
	struct iommuctl *ctx;
	int iommufd;
	struct iommuctl_hwpt_invalidate_args call; /* except the entries */
	uint32_t batch;
	bool repeat;
	struct iommuctl_smmuv3_idr idr;
	struct relay_streams streams;
	struct relay_folding folding;
	struct relay_run run;
	struct relay_mute mute;
	bool has_ats; /* the physical SMMU */
	struct iommuctl_relay_counters counters;
	uint32_t reached;		 /* the number of entries that a call reports */
	struct iommuctl_smmuv3_cmd sync; /* the CMD_SYNC that the owner of a queue is given */
	relay_command *taken;		 /* a queue's: one batch */
	relay_command *folded;		 /* one batch and the commands that one run may add */
	size_t *origins;		 /* for each folded command, the first command of its run */
	relay_command *encoded;		 /* one batch, where the CPU is big-endian */
	struct relay_rules rules;
};

static inline void relay_charge(struct iommuctl_relay *relay, uint64_t units)
{
	relay->run.budget = relay->run.budget > units ? relay->run.budget - units : 0;
}

static inline bool relay_is_spent(const struct iommuctl_relay *relay)
{
	return relay->run.active && !relay->run.budget;
}

/*
 * relay.c: as iommuctl_relay_issue(); *@verdict separates its own errors from the kernel's. In a
 * run it may end before @count without an error.
 */
int relay_carry(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict);

/*
 * relay.c: the answer to a command whose verdict is not RELAY_GOOD: -EIO and *@refusal, or -EINVAL
 * if the owner has to carry it out.
 */
int relay_refuse(struct iommuctl_relay *relay, const relay_command command,
	enum relay_verdict verdict, struct iommuctl_smmuv3_refusal *refusal);

/* send.c: carries out good commands unchanged, at most one batch. */
int relay_send(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict);

/* rules.c */
void relay_rules_init(struct relay_rules *rules, const struct iommuctl_smmuv3_idr *idr);
/* The number of good commands before the first other one, which has *@verdict. */
size_t relay_scan(const struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	enum relay_verdict *verdict);
/* How many commands go to the kernel in the block that begins with the first. */
size_t relay_scan_block(
	const struct iommuctl_relay *relay, const relay_command *commands, size_t count);

/* streams.c */
void relay_streams_release(struct relay_streams *streams);
int relay_streams_add(struct relay_streams *streams, uint32_t vsid);
int relay_streams_remove(struct relay_streams *streams, uint32_t vsid);
int relay_streams_set_ats(struct relay_streams *streams, uint32_t vsid, bool ats);
bool relay_streams_have(const struct relay_streams *streams, uint32_t vsid);
bool relay_streams_have_ats(const struct relay_streams *streams, uint32_t vsid);

/* fold.c */
void relay_folding_init(struct relay_folding *folding, const struct iommuctl_relay_config *config);
/*
 * As relay_send(), for any @count and in as few commands as possible. If folding turns out to be
 * impossible, it succeeds with *@done less than @count.
 */
int relay_send_folded(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict);

#endif
