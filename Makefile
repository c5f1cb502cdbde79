# SPDX-License-Identifier: MIT
# A thin front: Meson builds (meson.build), scripts do the rest (tools/).
PREFIX  ?= /usr/local
DESTDIR ?=
RUNS    ?= 1000000
export MIN_EXACT MAX_WRONG MAX_BRIER

all: ## build the command at build/sonde (the default)
	@tools/build build

demo: packages-build all ## install what is missing, build, and show the main job on real packets (root)
	@tools/demo

test: packages-build-test all ## install what is missing, build, and run all tests (root for the network ones)
	@tools/test build

lint: packages-build-test-lint ## check the rules of the house
	@tools/lint

exam: packages-build-exam all ## sit the exam in ../shared/exam (SEEDS="1 2" MIN_EXACT=95 MAX_WRONG=0 MAX_BRIER=0.05)
	@tools/exam $(SEEDS)

bench: all ## measure
	@meson test -C build --benchmark --verbose

fuzz: packages-build-test ## fuzz every parser, a million runs each, or RUNS=20000
	@tests/fuzz/run -n $(RUNS)

cover: packages-build-test-cover ## measure line coverage of the pure rooms by the unit tests
	@tools/cover

install: ## build and install (PREFIX, DESTDIR)
	@tools/install "$(PREFIX)" "$(DESTDIR)"

clean: ## remove the build folders of these targets
	@rm -rf build build-lint build-fuzz build-cover

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

packages-%:
	@tools/install-packages $(subst -, ,$*)

# The folder build is one for all targets.
.NOTPARALLEL:
.PHONY: all demo test lint exam bench fuzz cover install clean help
