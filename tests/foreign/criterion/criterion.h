/* SPDX-License-Identifier: MIT */
/*
 * The part of Criterion's interface that the unit tests use, for architectures without Criterion: its
 * sandboxes support a few kinds of CPU, and no big-endian one. runner.c runs the tests.
 */
#ifndef TESTS_FOREIGN_CRITERION_CRITERION_H
#define TESTS_FOREIGN_CRITERION_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct runner_settings {
	void (*init)(void);
	void (*fini)(void);
	unsigned int timeout; /* s; none is for ever */
};

struct runner_entry {
	const char *suite;
	const char *name; /* NULL: these are the settings of a suite */
	void (*run)(void);
	struct runner_settings settings;
	struct runner_entry *next;
};

void runner_add(struct runner_entry *entry);
/* Both continue, unless `fatal`. */
void runner_failed(bool fatal, const char *file, int line, const char *condition,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
void runner_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#define RUNNER_REGISTER(id, suite_name, test_name, function, ...)                                  \
	static struct runner_entry id##_entry = {                                                  \
		.suite = suite_name,                                                               \
		.name = test_name,                                                                 \
		.run = function,                                                                   \
		.settings = { __VA_ARGS__ },                                                       \
	};                                                                                         \
	__attribute__((constructor)) static void id##_register(void)                               \
	{                                                                                          \
		runner_add(&id##_entry);                                                           \
	}

#define TestSuite(suite, ...)                                                                      \
	RUNNER_REGISTER(runner_suite_##suite, #suite, NULL, NULL, __VA_ARGS__)                     \
	struct runner_entry

#define Test(suite, name, ...)                                                                     \
	static void suite##_##name##_test(void);                                                   \
	RUNNER_REGISTER(suite##_##name, #suite, #name, suite##_##name##_test, __VA_ARGS__)         \
	static void suite##_##name##_test(void)

/* The text after a condition may be left out. */
#pragma GCC diagnostic ignored "-Wformat-zero-length"
#define RUNNER_CHECK(fatal, condition, text, ...)                                                  \
	((condition) ? (void)0 : runner_failed(fatal, __FILE__, __LINE__, text, "" __VA_ARGS__))
#define RUNNER_COMPARE(fatal, a, operator, b, ...)                                                 \
	RUNNER_CHECK(fatal, (a) operator(b), #a " " #operator" " #b, __VA_ARGS__)
#define RUNNER_BYTES(fatal, a, b, size, ...)                                                       \
	RUNNER_CHECK(fatal, !memcmp(a, b, size), #a " has the bytes of " #b, __VA_ARGS__)
#define RUNNER_TEXT(fatal, a, b, ...)                                                              \
	RUNNER_CHECK(fatal, !strcmp(a, b), #a " is the text " #b, __VA_ARGS__)

#define cr_skip(...) runner_skip("" __VA_ARGS__)

#define cr_expect(condition, ...) RUNNER_CHECK(false, condition, #condition, __VA_ARGS__)
#define cr_expect_not(condition, ...)                                                              \
	RUNNER_CHECK(false, !(condition), "not " #condition, __VA_ARGS__)
#define cr_expect_null(a, ...)		  RUNNER_COMPARE(false, a, ==, NULL, __VA_ARGS__)
#define cr_expect_not_null(a, ...)	  RUNNER_COMPARE(false, a, !=, NULL, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)		  RUNNER_COMPARE(false, a, ==, b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...)	  RUNNER_COMPARE(false, a, !=, b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)		  RUNNER_COMPARE(false, a, <, b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...)	  RUNNER_COMPARE(false, a, <=, b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)		  RUNNER_COMPARE(false, a, >, b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...)	  RUNNER_COMPARE(false, a, >=, b, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, size, ...) RUNNER_BYTES(false, a, b, size, __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)	  RUNNER_TEXT(false, a, b, __VA_ARGS__)
#define cr_expect_str_empty(a, ...)	  RUNNER_CHECK(false, !*(a), #a " is empty", __VA_ARGS__)
#define cr_expect_str_not_empty(a, ...)	  RUNNER_CHECK(false, *(a), #a " is not empty", __VA_ARGS__)

#define cr_assert(condition, ...) RUNNER_CHECK(true, condition, #condition, __VA_ARGS__)
#define cr_assert_not(condition, ...)                                                              \
	RUNNER_CHECK(true, !(condition), "not " #condition, __VA_ARGS__)
#define cr_assert_null(a, ...)		  RUNNER_COMPARE(true, a, ==, NULL, __VA_ARGS__)
#define cr_assert_not_null(a, ...)	  RUNNER_COMPARE(true, a, !=, NULL, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)		  RUNNER_COMPARE(true, a, ==, b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)	  RUNNER_COMPARE(true, a, !=, b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)		  RUNNER_COMPARE(true, a, <, b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)	  RUNNER_COMPARE(true, a, <=, b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)		  RUNNER_COMPARE(true, a, >, b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)	  RUNNER_COMPARE(true, a, >=, b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, size, ...) RUNNER_BYTES(true, a, b, size, __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)	  RUNNER_TEXT(true, a, b, __VA_ARGS__)

#endif
