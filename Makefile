# make demo and make test need nothing done by hand first; see README and CONTRIBUTING.
# One build serves demo and tests: release, with the internals visible to the tests. swift test would add
# the same flag a second time, and a changed command line compiles everything again.

SWIFT_FLAGS = -c release -Xswiftc -enable-testing
TEST_FLAGS = $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest
TEND = .build/release/tend

.PHONY: help setup build demo test test-all fuzz bench site format clean

help:
	@echo 'make demo      train two small models, measure them and build the report'
	@echo 'make test      all tests that need no more than the build does'
	@echo 'make test-all  afterwards: the built site in a browser, reference values'
	@echo 'make build     the tend command, $(TEND)'
	@echo 'make fuzz      the parsers of foreign files on mutated input, ten minutes each'
	@echo 'make bench     timings of our code beside what a user would use instead'
	@echo "make site      the project's own site"
	@echo 'make format    format the Swift code'
	@echo 'make clean     remove everything built, and the demo'

setup:
	@scripts/setup

build: setup
	swift build $(SWIFT_FLAGS) --product tend

# Two sizes; `tend demo` alone trains four, and the interventions. A second run reuses everything.
demo: build
	$(TEND) demo --quick demo
	@test -f demo/site/index.html || { echo 'demo/site/index.html was not written' >&2; exit 1; }
	@echo
	@echo 'The report is ready. Open it in a browser:'
	@echo '  $(CURDIR)/demo/site/index.html'

# The checks take a second and come first; the last line is the test runner's own.
test: setup
	@scripts/check-imports
	@scripts/check-format
	@scripts/check-words
	swift test $(TEST_FLAGS) --parallel

test-all: demo
	@scripts/setup --test-all --latex
	@scripts/test-all demo

# Ten minutes a parser, a core each.
fuzz: setup
	scripts/fuzz 600

bench: build
	@set -e; found=no; for run in Benchmarks/*/run; do \
	  if [ -x "$$run" ]; then found=yes; echo "$$run"; "$$run" $(TEND); fi; \
	done; [ $$found = yes ] || echo 'Benchmarks has no NAME/run yet.'

site: build
	@test -f site/study.yaml || { echo 'site/study.yaml is missing: nothing to render' >&2; exit 1; }
	$(TEND) report site/study.yaml

format:
	swift format -i -r Sources Tests Package.swift

clean:
	rm -rf .build demo
