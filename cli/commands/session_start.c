// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "session/start.h"

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
		"Hold it in this process, until a signal ends it, rather than in the background" },
	{ KEEP_DEVICES, NULL,
		"Keep devices that the kernel wants back until they are closed, or the session stopped" },
	{ RLIMIT_MODE, NULL,
		"Count locked memory per process rather than per user (IOMMU_OPTION_RLIMIT_MODE), as "
		"libvirt and KubeVirt want it of an iommufd that they are given" },
	{ NULL },
};

const struct command command_session_start = {
	.name = "session start",
	.arguments = "NAME [JOB]",
	.arguments_min = 1,
	.arguments_max = 2,
	.summary = "Start a process that holds objects between commands",
	.description =
		"Starts a process in the background that opens an iommufd, and holds it with all that is "
		"made in it until the session is stopped. With JOB, what that says is made and its steps "
		"are gone through first; if anything fails there is no session. Once the command returns, "
		"the session answers.\n"
		"\n"
		"  iommuctl session start vm\n"
		"  iommuctl -s vm memory create ram size=16M ipa=0x40000000\n"
		"  iommuctl -s vm ioas alloc guest map.0.memory=ram\n"
		"  iommuctl -s vm device open nic pci=0000:00:01.0\n"
		"  iommuctl -s vm hwpt alloc s2 device=nic ioas=guest nest-parent=true\n"
		"  iommuctl session show vm\n"
		"  iommuctl session stop vm\n"
		"\n"
		"The process answers on a UNIX socket in /run/iommuctl, or for others than root in "
		"$XDG_RUNTIME_DIR/iommuctl, which IOMMUCTL_RUNTIME_DIRECTORY overrides. It answers the user "
		"who started it, and root; iommuctl-session(7) has the protocol. SIGTERM, SIGINT, SIGHUP "
		"and SIGQUIT end it as stop does: everything is undone in reverse. If it is killed, the "
		"kernel undoes what it had, unless a service manager keeps the files.\n"
		"\n"
		"When a device is unbound from its driver, removed or pulled, the kernel waits until nobody "
		"has it open, and asks for it. The session then gives it back: a step that waits is ended, "
		"the attachments of the device and its vDEVICEs are undone, and it is closed. events and "
		"show say so, and requests that name it are refused with the code \"device-taken\"; what "
		"does not need the device goes on. With --keep-devices it is told and kept. So is a device "
		"that 'session export' has handed over: giving it back is the duty of the process that has "
		"it, which sets the request interrupt for itself (VFIO_PCI_REQ_IRQ_INDEX, as QEMU does; "
		"there is one of each device), and then 'device close' closes it here. A device "
		"that was passed to the session, or that it does not bind, is not asked for here.\n"
		"\n"
		"With --foreground, files that others have opened are taken, as sd_listen_fds(3) has them "
		"(LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID): one named iommufd in the place of opening one, "
		"and for a device of JOB the one that its \"fd\" names, or that is called as it is "
		"(devices.nic). A device that was bound before is given with its \"id\": the kernel binds "
		"once, and does not tell the id. A file of the wrong kind, or of another device, is an error "
		"with exit status 1 (failed), and so are variables that make no sense. What nothing asks for "
		"is closed.\n"
		"\n"
		"Where NOTIFY_SOCKET says that a service manager listens, it is told when the session is "
		"ready and when it ends. Its descriptor store (systemd: FileDescriptorStoreMax=, Type=notify) "
		"is given the iommufd, the files of devices, memory, vEVENTQs, fault queues and irqs, and a state: the job "
		"that the session is, and all ids, after each change. When the process is killed and started "
		"anew with these, it goes on with the same objects, and JOB is not looked at. What a request "
		"that was being carried out has made by then is not known any more, and events are counted "
		"from 1 again. Memory is mapped by its file there, and charged to the process that goes on with it "
		"(IOMMU_IOAS_CHANGE_PROCESS). Where the kernel cannot do that (before Linux 6.14, or with a BAR "
		"in an IOAS), what was pinned stays so, but cannot be pinned again once its last HWPT has "
		"gone. Another version of iommuctl does not take the state, and a store that had no "
		"room for all cannot be gone on with: the session then ends with exit status 1 (failed), and "
		"nothing is undone. When the session is stopped, all is taken out of the store.\n"
		"\n"
		"What --trace without a FILE says on standard error ends when the session is in the "
		"background; with a FILE, or with --foreground, it goes on. The call that --fail-call has "
		"fail may be one of a later request; that it never came is said with --foreground alone.\n"
		"\n"
		"With --model, or where JOB says so, the session has the model machine, in its process.",
	.options = options,
	.takes = TAKES_MODEL | TAKES_CALLS,
	.run = run,
};
