// SPDX-License-Identifier: MIT
/* For a container that has nothing else: names each file of its arguments that is a character device. */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(int argc, char **argv)
{
	struct stat status;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &status) && S_ISCHR(status.st_mode))
			printf("%s %u:%u\n", argv[i], major(status.st_rdev), minor(status.st_rdev));
	}
	return 0;
}
