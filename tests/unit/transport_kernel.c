// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <iommuctl/transport.h>

#define FAR	(INT64_C(5) << 30)
#define TOO_FAR (UINT64_C(1) << 63)

static struct iommuctl_transport *kernel;

static void setup(void)
{
	cr_assert_eq(iommuctl_transport_kernel_new(&kernel), 0);
}

static void teardown(void)
{
	iommuctl_transport_free(kernel);
}

TestSuite(transport_kernel, .init = setup, .fini = teardown);

static int memory_file(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	return fd;
}

Test(transport_kernel, files_are_closed_on_exec)
{
	int fd = kernel->open(kernel, "/dev/null", O_RDWR);

	cr_assert_geq(fd, 0);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_expect_eq(kernel->close(kernel, fd), 0);
	cr_expect_eq(fcntl(fd, F_GETFD), -1);
}

Test(transport_kernel, failures_are_negative_errnos)
{
	char byte = 0;
	void *address = &byte;
	int fd = memory_file();

	cr_expect_eq(kernel->open(kernel, "/nonexistent", O_RDONLY), -ENOENT);
	cr_expect_eq(kernel->ioctl(kernel, fd, TIOCGWINSZ, &byte), -ENOTTY);
	cr_expect_eq(kernel->read(kernel, -1, &byte, 1, 0), -EBADF);
	cr_expect_eq(kernel->write(kernel, -1, &byte, 1, IOMMUCTL_STREAM), -EBADF);
	cr_expect_eq(kernel->mmap(kernel, -1, 0, 4096, PROT_READ, MAP_SHARED, &address), -EBADF);
	cr_expect_eq(
		kernel->mmap(kernel, fd, TOO_FAR, 4096, PROT_READ, MAP_SHARED, &address), -EINVAL);
	cr_expect_eq(address, &byte, "an out-parameter is written only on success");
	cr_expect_eq(kernel->munmap(kernel, &byte, 0), -EINVAL);
	cr_expect_eq(kernel->close(kernel, -1), -EBADF);
	close(fd);
}

Test(transport_kernel, an_ioctl_reaches_the_file)
{
	int pending = -1;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(write(ends[1], "abc", 3), 3);
	cr_expect_eq(kernel->ioctl(kernel, ends[0], FIONREAD, &pending), 0);
	cr_expect_eq(pending, 3);
	close(ends[0]);
	close(ends[1]);
}

Test(transport_kernel, offsets_have_64_bits)
{
	int fd = memory_file();
	char text[4] = "";
	void *address;

	cr_expect_eq(kernel->write(kernel, fd, "far", 4, FAR), 4);
	cr_expect_eq(kernel->read(kernel, fd, text, 4, FAR), 4);
	cr_expect_str_eq(text, "far");
	cr_expect_eq(lseek(fd, 0, SEEK_CUR), 0, "the position of the file stays");

	cr_assert_eq(kernel->mmap(kernel, fd, FAR, 4, PROT_READ, MAP_SHARED, &address), 0);
	cr_expect_str_eq((const char *)address, "far");
	cr_expect_eq(kernel->munmap(kernel, address, 4), 0);
	close(fd);
}

Test(transport_kernel, a_stream_is_read_and_written_in_order)
{
	char text[4] = "";
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	cr_expect_eq(kernel->write(kernel, ends[1], "one", 4, IOMMUCTL_STREAM), 4);
	cr_expect_eq(kernel->read(kernel, ends[0], text, 4, IOMMUCTL_STREAM), 4);
	cr_expect_str_eq(text, "one");
	close(ends[0]);
	close(ends[1]);
}

static int alarm_pipe;

static void on_alarm(int signal)
{
	ssize_t written = write(alarm_pipe, "!", 1);

	(void)signal;
	(void)written;
}

Test(transport_kernel, an_interrupted_call_is_issued_again)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 20000 };
	char byte = 0;
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	alarm_pipe = ends[1];
	cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
	cr_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	cr_expect_eq(kernel->read(kernel, ends[0], &byte, 1, IOMMUCTL_STREAM), 1);
	cr_expect_eq(byte, '!');
	close(ends[0]);
	close(ends[1]);
}
