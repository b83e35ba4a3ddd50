# make run    installs what is missing, builds, and runs the main job on the handwritten digits
# make test   installs what is missing, builds, and runs every test
# make lint   checks the format of every source file

SHELL := /bin/bash
PACKAGES := libgsl-dev gnuplot-nox pkg-config
SWIFT ?= swift
OUTPUT ?= out/digits

.PHONY: run test build lint format packages notebooks-data clean

run: build
	@if [ -e $(OUTPUT)/configuration.yaml ]; then replace=--overwrite; fi; \
	.build/release/metastable study Examples/digits/study.yaml --output $(OUTPUT) $$replace
	@echo "Tables, figures and summary.txt are in $(OUTPUT)/"

test: packages lint
	$(SWIFT) test -c release --scratch-path .build/tests

build: packages
	$(SWIFT) build -c release --product metastable

lint:
	$(SWIFT) format lint --recursive --strict Package.swift Sources Tests Examples Benchmarks

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Examples Benchmarks

# The tables that notebooks load: written by the tool, never by hand.
notebooks-data: run
	cp $(OUTPUT)/{features,sweep,compare,langevin}.csv notebooks-data/

# Installs the missing Debian packages where it may, and prints the line that would where it may not.
packages:
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	if ! command -v apt-get >/dev/null; then \
	  echo "GSL, gnuplot and pkg-config are needed; install them with your system's package manager, e.g. brew install gsl gnuplot pkg-config" >&2; \
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
