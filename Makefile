# make demo and make test need nothing done by hand first; see README and CONTRIBUTING.
# One build serves demo and tests: release, with the internals visible to the tests. swift test would add
# the same flag a second time, and a changed command line compiles everything again.

SWIFT_FLAGS = -c release -Xswiftc -enable-testing
TEST_FLAGS = $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest
TEND = .build/release/tend

# What the demo runs on: a working copy, so that results never land among the fixtures.
FIXTURE = Tests/Fixtures/nano
FIXTURE_FILES = $(wildcard $(FIXTURE)/study.yaml $(FIXTURE)/tokens.npy $(FIXTURE)/step*/*)

.PHONY: help setup build demo test test-all fuzz bench site format clean

help:
	@echo 'make demo      measure a small real training run and build its report'
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

# Copied again only when a fixture is newer, so that a second demo reuses every result.
demo/.copied: $(FIXTURE_FILES)
	@mkdir -p demo && rm -rf demo/step*
	@cp -R $(FIXTURE)/study.yaml $(FIXTURE)/tokens.npy $(FIXTURE)/step* demo/
	@touch $@

demo: build demo/.copied
	$(TEND) run demo/study.yaml
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
