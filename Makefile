# Everything a developer or a build server runs. Each step works alone; `make` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.NOTPARALLEL:

TARGET := $(or $(CARGO_TARGET_DIR),target)
NEXTEST := $(shell cargo nextest --version 2> /dev/null | head -n 1)
DENY := $(shell cargo deny --version 2> /dev/null | head -n 1)

# The tests of all crates in the dev profile. They are always built together (--workspace), so that one set of
# features is compiled once. $(1) chooses the tests for cargo-nextest, $(2) the same ones for plain cargo test.
ifdef NEXTEST
run_tests = scripts/with-postgres cargo nextest run --locked --workspace $(1)
else
run_tests = echo "cargo-nextest is not installed: running plain cargo test." \
	&& scripts/with-postgres cargo test --locked --workspace $(2)
endif

# Test targets that are files or folders, and the corpus of the fuzzers; the browser tests are a step of their own.
SUITES := $(sort $(notdir $(basename $(wildcard crates/*/tests/*.rs)) \
	$(patsubst %/main.rs,%,$(filter-out %/browser/main.rs,$(wildcard crates/*/tests/*/main.rs))))) replay

.PHONY: help run test bench faults fuzz attack tools fetch fmt lint docs unit doctest browser packs licences advisories

help: ## list the steps
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

run: ## build in release and serve the demonstration department on 127.0.0.1:8080
	cargo build --locked --release --bin luoshi
	$(TARGET)/release/luoshi demo

test: tools fetch fmt lint docs licences packs doctest unit browser ## everything that must hold before a merge

bench: tools ## measure, each job beside its floor
	scripts/with-postgres cargo bench --locked --workspace --bench '*'

faults: tools ## kill, fill the disk, jump the clock, restart the database: all counts, and a table (10 minutes)
	@scripts/faults

fuzz: ## feed every reader of outside bytes with mutations of fuzz/corpus, 30 seconds each (8 minutes)
	@scripts/fuzz

attack: ## set schemathesis, sqlmap and wapiti on the demonstration, on loopback (15 minutes)
	@scripts/attack

tools: ## install PostgreSQL, Chromium, Chinese fonts, a directory and an issuer for tests if they are missing
	@scripts/tools

fetch: ## download the sources of the dependencies
	cargo fetch --locked

fmt: ## format is right
	cargo fmt --all --check

lint: ## clippy, warnings are errors
	cargo clippy --locked --workspace --all-targets -- -D warnings

docs: ## rustdoc, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

unit: ## all tests but the browser's, on SQLite and PostgreSQL
	@$(call run_tests,-E 'not binary(browser)',--lib --bins $(addprefix --test ,$(SUITES)))

doctest: ## examples in the documentation
	cargo test --locked --workspace --doc

browser: ## what a person does in Chromium, with script and without
	@$(call run_tests,-E 'binary(browser)',--test browser)

packs: ## the packs that ship have no fault
	cargo build --locked --workspace --bins --tests
	$(TARGET)/debug/luoshi check packs/*.toml

advisories: ## no dependency has a known weakness; needs cargo-deny and the network (SECURITY.md)
	cargo deny --locked check advisories

licences: ## every dependency has a licence, and comes from a place, that deny.toml allows
ifdef DENY
	cargo deny --locked check bans licenses sources
else
	@echo "cargo-deny is not installed: checking the licences by our own test alone."
endif
	cargo test --locked --workspace --test licences
