# make run    installs what is missing, builds, and runs the main job on the handwritten digits
# make test   installs what is missing, builds, and runs every test; SANITIZE=thread or SANITIZE=address
#             has a sanitizer watch them, QUICK=1 leaves the slow ones out
# make benchmarks   times the engines against baselines and writes Benchmarks/results/
# make reference   writes the reference pages of the documentation from the sources
# make lint   checks the format of every source file
# make docs   builds the documentation site in .build/site; make docs-preview shows it
#
# The build uses the widest vector instructions of this processor; PORTABLE=1 builds for any of its kind.

SHELL := /bin/bash
PACKAGES := libgsl-dev libsqlite3-dev zlib1g-dev gnuplot-nox pkg-config
SWIFT ?= swift
# The C compiler of the Swift toolchain.
CLANG = $(dir $(realpath $(shell command -v $(SWIFT))))clang
OUTPUT ?= out/digits

# -march: the vector class of this processor, by the names of the x86-64 psABI (v4: AVX-512, v3: AVX2 and
# FMA); other processors need no flag. -fno-math-errno: a vector square root is then one instruction.
CPU_FLAGS := $(shell grep -m1 '^flags' /proc/cpuinfo 2>/dev/null)
has = $(filter $(words $(1)),$(words $(filter $(1),$(CPU_FLAGS))))
V3 := avx2 bmi1 bmi2 f16c fma movbe abm
V4 := $(V3) avx512f avx512bw avx512cd avx512dq avx512vl
LEVEL := $(if $(PORTABLE),,$(if $(call has,$(V4)),x86-64-v4,$(if $(call has,$(V3)),x86-64-v3,)))
FAST := $(if $(LEVEL),-Xcc -march=$(LEVEL)) -Xcc -fno-math-errno
TESTS := .build/tests$(if $(PORTABLE),-portable)$(if $(SANITIZE),-$(SANITIZE))

# A sanitizer writes what it finds to REPORTS, so that nothing is lost of programs that tests start and kill; the
# program it found it in ends with code 66. SHOWN tells ThreadSanitizer how Swift's Mutex works: see its source.
# XCTest is not started: there are no tests for it, and it leaks.
ifneq ($(SANITIZE),)
ifeq ($(filter $(SANITIZE),thread address),)
$(error SANITIZE=$(SANITIZE) is not known; choose thread or address)
endif
SHOWN := $(if $(filter Linux,$(shell uname)),$(if $(filter thread,$(SANITIZE)),$(TESTS)/SwiftMutex.o))
REPORTS := $(CURDIR)/$(TESTS)/reports
SANITIZED := --sanitize=$(SANITIZE) --disable-xctest
OPTIONS := exitcode=66:log_path=$(REPORTS)/$(SANITIZE)
ifeq ($(SANITIZE),thread)
WATCH := TSAN_OPTIONS=$(OPTIONS)
SANITIZED += $(if $(SHOWN),-Xlinker $(CURDIR)/$(SHOWN))
else
WATCH := ASAN_OPTIONS=$(OPTIONS):detect_leaks=$(if $(filter Linux,$(shell uname)),1,0) LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/sanitizers/leaks.supp:print_suppressions=0
endif
endif

# SwiftPM does not always compile a module again when inlinable code of a module below it has changed. So
# where any source is newer than the last build, all modules are compiled again (half a minute; a plain
# 'swift build' skips this).
MODULES := $(notdir $(wildcard Sources/* Tests/* Examples/*)) benchmarks reference_pages
define refresh
	@if [ ! -e $(1)/.refreshed ] || [ -n "$$(find Package.swift Sources Tests Examples Benchmarks Tools -newer $(1)/.refreshed -name '*.[shc]*' -print -quit)" ]; then \
	  for module in $(MODULES); do rm -f $(1)/*/release/$$module.build/*.o; done; mkdir -p $(1); touch $(1)/.refreshed; \
	fi
endef

MESSAGE := $(if $(LEVEL),Building for $(LEVEL) (the vector instructions of this processor); PORTABLE=1 builds for any.,Building for any processor of this kind.)

# The modules whose public symbols the site documents, beside the articles of Metastable; from the ground up.
DOCUMENTED := NumericalMethods DataFiles Landscapes Escapes Networks EscapeStatistics TrainingLogs LangevinDynamics \
  KramersRates NetworkTraining PhaseDiagrams RunStores Experiments SelfTests Figures Reports Metastable
UNDOCUMENTED := CGSL CLanes CZlib MetastableCommand SpecialisedEnsembles
FORGOTTEN = $(filter-out $(DOCUMENTED) $(UNDOCUMENTED),$(notdir $(wildcard Sources/*)))

.PHONY: run test build portable-lanes benchmarks reference lint format docs docs-preview packages notebooks-data clean

run: build
	@if [ -e $(OUTPUT)/configuration.yaml ] && [ ! $(OUTPUT)/runs.sqlite -nt .build/release/metastable ]; then replace=--overwrite; fi; \
	.build/release/metastable study Examples/digits/study.yaml --output $(OUTPUT) $$replace
	@echo "Tables, figures and summary.txt are in $(OUTPUT)/"

test: packages lint
	@echo "$(MESSAGE)"
	$(call refresh,$(TESTS))
ifeq ($(SANITIZE),)
	$(if $(QUICK),METASTABLE_QUICK=1) $(SWIFT) test -c release --scratch-path $(TESTS) $(FAST) $(if $(FILTER),--filter $(FILTER))
else
	@rm -rf $(REPORTS); mkdir -p -m 777 $(REPORTS)
	$(if $(SHOWN),$(CLANG) -O2 -Wall -Werror -c Tests/sanitizers/SwiftMutex.c -o $(SHOWN))
	$(WATCH) $(SWIFT) test -c release --scratch-path $(TESTS) $(SANITIZED) $(FAST) $(if $(FILTER),--filter $(FILTER)); code=$$?; \
	cat $(REPORTS)/* 2>/dev/null && exit 66; exit $$code
endif

build: packages
	@echo "$(MESSAGE)"
	$(call refresh,.build)
	$(SWIFT) build -c release --product metastable $(FAST)

benchmarks: packages
	$(call refresh,.build)
	$(SWIFT) run -c release $(FAST) benchmarks --write

# The C of the lanes for any processor. All of it, with its self-test, is 'make build PORTABLE=1'.
portable-lanes:
	@for file in Sources/CLanes/*.c; do \
	  $(CLANG) -O2 -Wall -Werror -fno-math-errno -ISources/CLanes/include -c $$file -o /dev/null || exit 1; done

# One site of all modules, from those that the tests are built of; a list of the tests is the least that builds them. A
# broken link is an error.
docs: packages
	$(if $(FORGOTTEN),$(error say in DOCUMENTED or UNDOCUMENTED whether the site has the module $(FORGOTTEN)))
	$(call refresh,$(TESTS))
	$(SWIFT) test list -c release --scratch-path $(TESTS) $(FAST) >/dev/null
	SWIFT=$(SWIFT) Tools/documentation.sh $(TESTS)/release .build/site $(DOCUMENTED)
	@echo "The site is in .build/site; 'make docs-preview' shows it"

docs-preview:
	@echo "http://localhost:8080/documentation/metastable (Ctrl-C ends it)"
	python3 -m http.server --bind localhost --directory .build/site 8080

reference: packages
	$(call refresh,.build)
	$(SWIFT) run -c release $(FAST) reference-pages

lint:
	$(SWIFT) format lint --recursive --strict Package.swift Sources Tests Examples Benchmarks Tools

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Examples Benchmarks Tools

# The tables that notebooks load: written by the tool, never by hand.
notebooks-data: build
	.build/release/metastable reproduce all --output out/paper --export notebooks-data

# Installs the missing Debian packages where it may, and prints the line that would where it may not.
packages:
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	if ! command -v apt-get >/dev/null; then \
	  echo "GSL, SQLite, zlib, gnuplot and pkg-config are needed; install them with your system's package manager, e.g. brew install gsl sqlite zlib gnuplot pkg-config" >&2; \
	  command -v pkg-config >/dev/null && pkg-config --exists gsl; exit $$?; \
	fi; \
	if [ "$$(id -u)" = 0 ]; then \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq && apt-get install -y -qq $$missing >/dev/null && exit 0; \
	elif sudo -n true 2>/dev/null; then \
	  sudo apt-get update -qq && sudo apt-get install -y -qq $$missing >/dev/null && exit 0; \
	fi; \
	echo "Packages are missing; install them with:  sudo apt-get update && sudo apt-get install -y$$missing" >&2; exit 1

clean:
	rm -rf .build out
