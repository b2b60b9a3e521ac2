// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "session/client/start.h"

#define FOREGROUND   "foreground"
#define KEEP_DEVICES "keep-devices"
#define RLIMIT_MODE  "rlimit-mode"

static enum exit_status run(struct invocation *invocation)
{
	const struct session_start start = {
		.name = invocation->arguments[0],
		.job = invocation->arguments[1],
		.rlimit_mode = invocation_option(invocation, RLIMIT_MODE),
		.keeps_devices = invocation_option(invocation, KEEP_DEVICES),
		.foreground = invocation_option(invocation, FOREGROUND),
	};
	enum exit_status status = invocation_check_stdin(invocation, 2);

	return status ? status : session_start(invocation, &start);
}

static const struct command_option options[] = {
	{ FOREGROUND, NULL,
		"Hold it in this process, until a signal, rather than in the background" },
	{ KEEP_DEVICES, NULL,
		"Keep devices that the kernel requests back until they are closed, or the session stops" },
	{ RLIMIT_MODE, NULL,
		"Count locked memory per process rather than per user (IOMMU_OPTION_RLIMIT_MODE), as "
		"libvirt and KubeVirt expect of an iommufd that they are given" },
	{ NULL },
};

const struct command command_session_start = {
	.name = "session start",
	.group = COMMANDS_SESSIONS,
	.arguments = "NAME [JOB]",
	.arguments_min = 1,
	.arguments_max = 2,
	.summary = "Start a process that holds objects between commands",
	.description =
		"Starts a process in the background that opens an iommufd, and holds it with "
		"everything made in it until the session is stopped. With JOB, it first makes JOB's "
		"objects and goes through its steps; if anything fails, there is no session. Once the "
		"command returns, the session answers.\n"
		"\n"
		"  iommuctl session start vm\n"
		"  iommuctl -s vm memory create ram size=16M ipa=0x40000000\n"
		"  iommuctl -s vm ioas alloc guest map.0.memory=ram\n"
		"  iommuctl -s vm device open nic pci=0000:00:01.0\n"
		"  iommuctl -s vm hwpt alloc s2 device=nic ioas=guest nest-parent=true\n"
		"  iommuctl session show vm\n"
		"  iommuctl session stop vm\n"
		"\n"
		"The process answers on a UNIX socket in /run/iommuctl, or, for users other than "
		"root, in $XDG_RUNTIME_DIR/iommuctl; IOMMUCTL_RUNTIME_DIRECTORY overrides both. It "
		"answers the user who started it, and root; iommuctl-session(7) has the protocol. "
		"SIGTERM, SIGINT, SIGHUP and SIGQUIT end it as stop does: everything is undone in "
		"reverse. If it is killed, the kernel undoes everything, unless a service manager "
		"keeps the files.\n"
		"\n"
		"When a device is unbound from its driver, removed or pulled, the kernel waits until "
		"nobody has it open, and requests it back. The session then gives it back: it ends a "
		"step that waits, undoes the attachments of the device and its vDEVICEs, and closes "
		"it. events and show say so, and requests that name the device are refused with the "
		"code \"device-taken\"; everything that does not need the device goes on. With "
		"--keep-devices, the session reports the request and keeps the device. It also keeps "
		"a device that 'session export' has handed over: giving it back is the duty of the "
		"process that has it, which sets the request interrupt for itself "
		"(VFIO_PCI_REQ_IRQ_INDEX, as QEMU does; there is one per device), and then 'device "
		"close' closes it here. A session does not see requests for a device that was passed "
		"to it, or that it does not bind.\n"
		"\n"
		"With --foreground, the session takes files that others have opened, as "
		"sd_listen_fds(3) describes (LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID): one named "
		"iommufd instead of opening one, and for a device of JOB the one that its \"fd\" names, "
		"or that has its own name (devices.nic). For a device that was bound before, give its "
		"\"id\": the kernel binds once, and does not report the id later. A file of the wrong "
		"kind, or of another device, is an error with exit status 1 (failed), and so are "
		"variables that make no sense. Files that nothing asks for are closed.\n"
		"\n"
		"If NOTIFY_SOCKET names a service manager, the session reports to it when it is ready "
		"and when it ends. It stores in the manager's descriptor store (systemd: "
		"FileDescriptorStoreMax=, Type=notify) the iommufd, the files of devices, memory, "
		"vEVENTQs, fault queues and irqs, and a state: the session as a job, and all ids, "
		"after each change. When the process is killed and started again with these, it goes "
		"on with the same objects, and JOB is not looked at. What a request that was being "
		"carried out had made by then is no longer known, and events are counted from 1 "
		"again. Memory is mapped by its file in the new process, and charged to that process "
		"(IOMMU_IOAS_CHANGE_PROCESS). If the kernel cannot do that (before Linux 6.14, or "
		"with a BAR in an IOAS), pinned pages stay pinned, but cannot be pinned again once "
		"their last HWPT has gone. Another version of iommuctl does not take the state, and a "
		"session cannot go on from a store that had no room for everything: it then ends with "
		"exit status 1 (failed), and nothing is undone. When the session is stopped, "
		"everything is removed from the store.\n"
		"\n"
		"Without a FILE, the output of --trace on standard error ends when the session goes "
		"to the background; with a FILE, or with --foreground, it goes on. The call that "
		"--fail-call makes fail may be one of a later request; only with --foreground does "
		"the session report that it never came.\n"
		"\n"
		"With --model, or if JOB says so, the session has the model machine, in its process.",
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
