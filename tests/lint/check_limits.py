#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What scripts/limits says about small files: each row has a topic, the files, and every finding expected. And about a
script that cannot be executed."""

import sys
import tempfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts" / "limits"
SPDX = "/* SPDX-License-Identifier: MIT */\n"


def load():
	sys.dont_write_bytecode = True
	spec = spec_from_loader("limits", SourceFileLoader("limits", str(SCRIPT)))
	module = module_from_spec(spec)
	spec.loader.exec_module(module)
	return module


def source(text: str, path: str = "cli/job/a.c") -> dict[str, str]:
	return {path: SPDX + text}


def header(path: str, guard: str, text: str = "") -> dict[str, str]:
	return {path: f"{SPDX}#ifndef {guard}\n#define {guard}\n{text}#endif\n"}


def body(lines: int) -> str:
	return "{\n" + "\tgo();\n" * (lines - 2) + "}\n"


def parameters(count: int) -> str:
	return ", ".join(f"int p{i}" for i in range(count))


ROWS = [
	# Lines of functions and files
	("a function of 60 lines", source("int f(void)\n" + body(60)), []),
	("a function of 61 lines", source("int f(void)\n" + body(61)),
	 [("cli/job/a.c", 3, "f() has 61 lines; 60 are allowed")]),
	("braces in literals, comments and directives are none",
	 source("int f(void)\n{\n\tputs(\"}{\"); /* } */ // {\n\tputc('{');\n#define OPEN \\\n\t{\n}\n" + "int g(void)\n" + body(61)),
	 [("cli/job/a.c", 10, "g() has 61 lines; 60 are allowed")]),
	("the function behind parameters on several lines", source("static int\nf(int a,\n\tint b)\n" + body(61)),
	 [("cli/job/a.c", 5, "f() has 61 lines; 60 are allowed")]),
	("a table is no function", source("static const int t[] = {\n" + "\t1,\n" * 80 + "};\n"), []),
	("functions of C within C++", source('extern "C" {\nint f(void)\n' + body(61) + "}\n"),
	 [("cli/job/a.c", 4, "f() has 61 lines; 60 are allowed")]),
	("blocks within a function are part of it", source("int f(void)\n{\n\tif (a) {\n" + "\t\tgo();\n" * 60 + "\t}\n}\n"),
	 [("cli/job/a.c", 3, "f() has 64 lines; 60 are allowed")]),
	("a file of 400 lines", source("\n" * 399), []),
	("a file of 401 lines", source("\n" * 400), [("cli/job/a.c", 401, "the file has 401 lines; 400 are allowed")]),

	# Parameters
	("six parameters", source(f"int f({parameters(6)});\n"), []),
	("seven parameters of a declaration", source(f"int f({parameters(7)});\n"),
	 [("cli/job/a.c", 2, "f() has 7 parameters; 6 are allowed")]),
	("seven parameters of a definition", source(f"static int *f({parameters(7)})\n{{\n}}\n"),
	 [("cli/job/a.c", 2, "f() has 7 parameters; 6 are allowed")]),
	("seven parameters of a member", source(f"struct s {{\n\tint a;\n\tint (*f)({parameters(7)});\n}};\n"),
	 [("cli/job/a.c", 4, "f() has 7 parameters; 6 are allowed")]),
	("seven parameters of a parameter", source(f"int f(int a, int (*g)({parameters(7)}));\n"),
	 [("cli/job/a.c", 2, "g() has 7 parameters; 6 are allowed")]),
	("the parameters of a parameter are not one's own", source("int f(int (*g)(int a, int b, int c), int d, int e, int h, int i);\n"), []),
	("more arguments are no parameter", source(f"int f({parameters(6)}, ...);\n"), []),
	("a call may have seven arguments", source("int f(void)\n{\n\treturn g(1, 2, 3, 4, 5, 6, 7);\n}\n"), []),
	("so may one in a table", source("static const int t[] = { ROW(1, 2, 3, 4, 5, 6, 7) };\n"), []),
	("and one of a macro that declares", source("ROW(1, 2, 3, 4, 5, 6, 7);\n"), []),
	("attributes are no functions", source("void f(int a, ...) __attribute__((x(1, 2, 3, 4, 5, 6, 7)));\n"), []),
	("the hook that is excused",
	 header("include/iommuctl/transport.h", "IOMMUCTL_TRANSPORT_H", f"struct t {{\n\tint (*mmap)({parameters(7)});\n}};\n"), []),
	("an excuse that is not needed", header("include/iommuctl/transport.h", "IOMMUCTL_TRANSPORT_H"),
	 [("include/iommuctl/transport.h", 1, "the exception for mmap() in scripts/limits excuses nothing")]),

	# Lines
	("a line of 100 columns", source("\t/* " + "x" * 86 + " */\n"), []),
	("a line of 101 columns", source("\t/* " + "x" * 87 + " */\n"),
	 [("cli/job/a.c", 2, "the line has 101 columns; 100 are allowed")]),
	("a literal may be longer", source('const char *s =\n\t"' + "x" * 120 + '";\n'), []),
	("a quotation in a comment may not", source('/* "' + "x" * 120 + '" */\n'),
	 [("cli/job/a.c", 2, "the line has 128 columns; 100 are allowed")]),

	# Words
	("ret", source("int f(void)\n{\n\tint ret;\n}\n"), [("cli/job/a.c", 4, "ret is not used: 0 or -errno is in err")]),
	("ret in other words, comments and literals", source('int secret; /* ret */\nchar *s = "ret";\n'), []),
	("elements counted by hand", source("size_t n = sizeof(a->b) / sizeof(a->b[0]);\nsize_t m = sizeof(c)/sizeof(*c);\n"),
	 [("cli/job/a.c", 2, "ARRAY_SIZE(a->b) counts elements"), ("cli/job/a.c", 3, "ARRAY_SIZE(c) counts elements")]),
	("elements counted in a macro", source("#define COUNT(x) (sizeof(x) / sizeof((x)[0]))\n"),
	 [("cli/job/a.c", 2, "ARRAY_SIZE(x) counts elements")]),
	("elements of a table counted in a macro", source("#define ROWS (sizeof(rows) / sizeof(rows[0]))\n"),
	 [("cli/job/a.c", 2, "ARRAY_SIZE(rows) counts elements")]),
	("ARRAY_SIZE itself, and other quotients",
	 source("#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))\n#define ARRAY_SIZE(x) (sizeof(x) / sizeof(x[0]))\n"
		"size_t n = sizeof(a) / sizeof(b[0]);\n"), []),
	("ARRAY_SIZE in two places of one side",
	 source("#define ARRAY_SIZE(x) 1\n", "cli/a.c") | source("#define ARRAY_SIZE(x) 1\n", "cli/b.c")
	 | source("#define ARRAY_SIZE(x) 1\n", "libiommuctl/core/a.c"),
	 [("cli/b.c", 2, "ARRAY_SIZE is defined in cli/a.c as well")]),
	("elements counted by hand in a test", source("size_t n = sizeof(a) / sizeof(a[0]);\n", "tests/unit/a.c"),
	 [("tests/unit/a.c", 2, "ARRAY_SIZE(a) counts elements")]),
	("ARRAY_SIZE in two places of the tests",
	 source("#define ARRAY_SIZE(x) 1\n", "tests/support/array.h") | source("#define ARRAY_SIZE(x) 1\n", "tests/unit/a.c"),
	 [("tests/unit/a.c", 2, "ARRAY_SIZE is defined in tests/support/array.h as well")]),
	("no other limit holds for tests", source("int ret;\n" + "\n" * 400, "tests/unit/a.c"), []),

	# The top of a file
	("no SPDX line", {"cli/a.c": "int a;\n"}, [("cli/a.c", 1, "there is no SPDX line")]),
	("guards after their paths", {
		**header("cli/job/live/live.h", "CLI_JOB_LIVE_LIVE_H"),
		**header("libiommuctl/relay/fold.h", "LIBIOMMUCTL_RELAY_FOLD_H"),
		**header("include/iommuctl/nest.h", "IOMMUCTL_NEST_H"),
	}, []),
	("a guard after another path", header("libiommuctl/relay/fold.h", "RELAY_FOLD_H"),
	 [("libiommuctl/relay/fold.h", 2, "its include guard is LIBIOMMUCTL_RELAY_FOLD_H, after its path")]),
	("a guard whose halves differ", {"cli/a.h": SPDX + "#ifndef CLI_A_H\n#define CLI_B_H\n#endif\n"},
	 [("cli/a.h", 2, "its include guard is CLI_A_H, after its path")]),
	("no guard", {"cli/a.h": SPDX}, [("cli/a.h", 1, "its include guard is CLI_A_H, after its path")]),

	# Includes
	("an include with its room", source('#include "job/b.h"\n#include <stdio.h>\n') | header("cli/job/b.h", "CLI_JOB_B_H"), []),
	("an include without its room", source('#include "b.h"\n') | header("cli/job/b.h", "CLI_JOB_B_H"),
	 [("cli/job/a.c", 2, '"b.h" is included with its room: "job/b.h"')]),
	("an include by a part of its path",
	 source('#include "smmu/b.h"\n', "libiommuctl/model/a.c") | header("libiommuctl/model/smmu/b.h", "LIBIOMMUCTL_MODEL_SMMU_B_H"),
	 [("libiommuctl/model/a.c", 2, '"smmu/b.h" is included with its room: "model/smmu/b.h"')]),
	("what belongs to no room", source('#include "b.h"\n', "cli/a.c") | header("cli/b.h", "CLI_B_H"), []),
	("man pages are made with the command's headers", source('#include "job/b.h"\n', "man/a.c") | header("cli/job/b.h", "CLI_JOB_B_H"), []),
	("a source and its header", source('#include "job/a.h"\n') | header("cli/job/a.h", "CLI_JOB_A_H"), []),
	("two headers in a circle",
	 header("cli/job/a.h", "CLI_JOB_A_H", '#include "job/b.h"\n') | header("cli/job/b.h", "CLI_JOB_B_H", '#include "job/a.h"\n'),
	 [("cli/job/a.h", 1, "includes go in a circle: cli/job/a -> cli/job/b -> cli/job/a")]),
	("a circle by way of a source",
	 source('#include "job/b.h"\n') | header("cli/job/a.h", "CLI_JOB_A_H") | header("cli/job/b.h", "CLI_JOB_B_H", '#include "job/a.h"\n'),
	 [("cli/job/a.h", 1, "includes go in a circle: cli/job/a -> cli/job/b -> cli/job/a")]),
	("a circle of public headers",
	 header("include/iommuctl/a.h", "IOMMUCTL_A_H", "#include <iommuctl/b.h>\n")
	 | header("include/iommuctl/b.h", "IOMMUCTL_B_H", "#include <iommuctl/a.h>\n"),
	 [("include/iommuctl/a.h", 1, "includes go in a circle: include/iommuctl/a -> include/iommuctl/b -> include/iommuctl/a")]),
	("a comment includes nothing", source('// #include "b.h"\n') | header("cli/job/b.h", "CLI_JOB_B_H"), []),
]


def scripts_that_cannot_be_executed(limits) -> list:
	with tempfile.TemporaryDirectory() as directory:
		tests = Path(directory, "tests")
		tests.mkdir()
		for name, text, mode in (
			("run.py", "#!/usr/bin/env python3\n", 0o755),
			("forgotten.sh", "#!/bin/sh\n", 0o644),
			("library.py", "import sys\n", 0o644),
		):
			(tests / name).write_text(text)
			(tests / name).chmod(mode)
		return list(limits.check_modes(Path(directory)))


def main() -> int:
	limits = load()
	found = scripts_that_cannot_be_executed(limits)
	wrong = int(found != [("tests/forgotten.sh", 1, "it begins with #! and cannot be executed")])
	if wrong:
		print(f"scripts that cannot be executed: {found}")
	for what, files, expected in ROWS:
		found = limits.check(files)
		if found != expected:
			wrong += 1
			print(f"{what}:\n  expected {expected}\n  found    {found}")
	print(f"{len(ROWS) + 1 - wrong} of {len(ROWS) + 1} rows are as expected")
	return 1 if wrong else 0


if __name__ == "__main__":
	sys.exit(main())
