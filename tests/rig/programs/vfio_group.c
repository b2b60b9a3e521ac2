// SPDX-License-Identifier: MIT
/*
 * vfio_group GROUP NAME: a device that is opened by its legacy group (/dev/vfio/N), first in an
 * iommufd that stands for a container, with an IOAS that is its own, then in a container.
 */
#include <stdio.h>
#include <string.h>

#include <iommuctl/ioas.h>
#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>
#include <iommuctl/vfio_legacy.h>

struct user {
	struct iommuctl *ctx;
	const char *name;
	int group;
};

static void say(const char *what, int err)
{
	printf("%s: %s\n", what, err ? strerrorname_np(-err) : "ok");
}

static void say_status(const struct user *user)
{
	uint32_t flags = 0;

	say("status", iommuctl_vfio_group_get_status(user->ctx, user->group, &flags));
	printf("viable: %s, in a container: %s\n",
		flags & IOMMUCTL_VFIO_GROUP_FLAGS_VIABLE ? "yes" : "no",
		flags & IOMMUCTL_VFIO_GROUP_FLAGS_CONTAINER_SET ? "yes" : "no");
}

static void use_device(const struct user *user)
{
	struct iommuctl_vfio_device_info info = { 0 };
	int device = -1;

	say("device of another name",
		iommuctl_vfio_group_get_device(user->ctx, user->group, "0000:ff:1f.7", &device));
	say("device", iommuctl_vfio_group_get_device(user->ctx, user->group, user->name, &device));
	if (device < 0)
		return;
	say("info", iommuctl_vfio_device_get_info(user->ctx, device, &info));
	printf("regions: %u\n", info.num_regions);
	say("out while it is open", iommuctl_vfio_group_unset_container(user->ctx, user->group));
	iommuctl_close(user->ctx, device);
}

static void in_iommufd(const struct user *user)
{
	uint32_t ioas = 0, found = 0;
	int iommufd;

	if (iommuctl_iommufd_open(user->ctx, &iommufd))
		return;
	say("no IOAS yet", iommuctl_vfio_ioas_get(user->ctx, iommufd, &found));
	say("IOAS", iommuctl_ioas_alloc(user->ctx, iommufd, &ioas));
	say("IOAS for containers", iommuctl_vfio_ioas_set(user->ctx, iommufd, ioas));
	say("IOAS of containers", iommuctl_vfio_ioas_get(user->ctx, iommufd, &found));
	printf("the same: %s\n", found == ioas ? "yes" : "no");
	say("in an iommufd", iommuctl_vfio_group_set_container(user->ctx, user->group, iommufd));
	say_status(user);
	use_device(user);
	say("out", iommuctl_vfio_group_unset_container(user->ctx, user->group));
	say("out again", iommuctl_vfio_group_unset_container(user->ctx, user->group));
	say("no IOAS", iommuctl_vfio_ioas_clear(user->ctx, iommufd));
	say("destroyed", iommuctl_destroy(user->ctx, iommufd, ioas));
	iommuctl_close(user->ctx, iommufd);
}

static void in_container(const struct user *user)
{
	int container, version = -1, extension = -1;

	if (iommuctl_vfio_container_open(user->ctx, &container)) {
		printf("no container\n");
		return;
	}
	say("version", iommuctl_vfio_container_get_api_version(user->ctx, container, &version));
	printf("version %d\n", version);
	say("extension", iommuctl_vfio_container_check_extension(
				 user->ctx, container, IOMMUCTL_VFIO_TYPE1v2_IOMMU, &extension));
	printf("type 1: %d\n", extension);
	say("IOMMU without a group", iommuctl_vfio_container_set_iommu(
					     user->ctx, container, IOMMUCTL_VFIO_TYPE1v2_IOMMU));
	say("in a container", iommuctl_vfio_group_set_container(user->ctx, user->group, container));
	say("IOMMU", iommuctl_vfio_container_set_iommu(
			     user->ctx, container, IOMMUCTL_VFIO_TYPE1v2_IOMMU));
	use_device(user);
	say("out", iommuctl_vfio_group_unset_container(user->ctx, user->group));
	iommuctl_close(user->ctx, container);
}

int main(int argc, char **argv)
{
	struct user user = { .group = -1 };
	int err;

	if (argc != 3 || iommuctl_new(NULL, &user.ctx))
		return 2;
	user.name = argv[2];
	err = iommuctl_vfio_group_open(user.ctx, argv[1], &user.group);
	say("group", err);
	if (!err) {
		say_status(&user);
		in_iommufd(&user);
		in_container(&user);
		iommuctl_close(user.ctx, user.group);
	}
	iommuctl_free(user.ctx);
	return err != 0;
}
