# Every command sets up what it needs by itself, with a line per step; a second run finds it done.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

override CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
export CARGO_TARGET_DIR
export CAUSEWAY_SITE_ROOT ?= $(CARGO_TARGET_DIR)/site
export CAUSEWAY_BIN ?= $(CARGO_TARGET_DIR)/debug/causeway

# The set-up scripts write what they found into files of environment, so that every later command uses just that.
env = set -a; for file in $(1:%="$(CARGO_TARGET_DIR)/%.env"); do . "$$file"; done; set +a;
rust = $(call env,toolchain)

.PHONY: help run dev test lint bench bench-embedded cold-start release screens clean setup-rust setup-browsers build

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 24

run: build ## build and start the portal, with an S3 of its own, on http://localhost:3000
	@echo "run: starting"
	@exec env -u CAUSEWAY_BIN "$(CARGO_TARGET_DIR)/debug/causeway"

dev: setup-rust ## the same, rebuilt while you type
	@xtask/setup/watch.sh
	@$(rust) cargo build --package xtask
	@$(rust) export PATH="$(CURDIR)/xtask/shims:$$PATH"; exec env -u CAUSEWAY_BIN cargo leptos watch --split

test: ## lint, Rust tests, browser tests
	@xtask/test.sh

lint: setup-rust ## formatting, and clippy for each build that ships
	@$(rust) xtask/lint.sh

bench: setup-rust setup-browsers ## measure presigning, the first page and memory, as production builds them
	@$(rust) cargo xtask build --release
	@$(rust) cargo build --release --package server
	@$(rust) server/benches/presign.sh
	@$(call env,browser) cd end2end && CAUSEWAY_BIN="$(CARGO_TARGET_DIR)/release/causeway" npm run --silent bench

bench-embedded: setup-rust ## measure the embedded S3 beside an independent one
	@xtask/setup/s3-peer.sh
	@$(rust) embedded/benches/beside.sh

cold-start: ## measure the time from git clone to the first page: it builds everything anew
	@xtask/cold-start.sh

release: setup-rust ## the optimised server and its site, as production runs them
	@$(rust) cargo xtask build --release
	@$(rust) cargo build --release --package server --no-default-features
	@echo "release: $(CARGO_TARGET_DIR)/release/causeway, with CAUSEWAY_SITE_ROOT=$(CARGO_TARGET_DIR)/site"

screens: build setup-browsers ## take the pictures in docs/screens
	@$(call env,toolchain browser) cd end2end && npm run --silent screens

clean: ## remove everything that was built; the objects in causeway-data stay
	@end2end/s3-peer/s3-peer stop
	@rm -rf "$(CARGO_TARGET_DIR)" end2end/node_modules end2end/test-results end2end/playwright-report

build: setup-rust
	@echo "build: what the browser loads"
	@$(rust) cargo xtask build
	@echo "build: the server"
	@$(rust) cargo build --package server

setup-rust:
	@xtask/setup/rust.sh

setup-browsers:
	@xtask/setup/node.sh
	@xtask/setup/browser.sh
