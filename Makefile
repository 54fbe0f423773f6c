# The service model is the input of the generator; it is not part of the
# repository. Where it is absent the check says that it was skipped.
MODEL ?= ../shared/model/apigateway-2015-07-09.json
GO ?= go
FUZZTIME ?= 20s

.DEFAULT_GOAL := help
.PHONY: help build generate check test full bench fuzz

help: ## print the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

build: ## build bin/postern
	$(GO) build -trimpath -o bin/postern ./cmd/postern

generate: ## write the generated files: package apigw from MODEL, the README's table of gaps
	$(GO) run ./awsmodel/gen -model $(MODEL)
	$(GO) run ./gaps/gen README.md

check: ## generated files, format, vet, lint, structure and unit tests; under two minutes warm
	$(GO) run ./awsmodel/gen -check -model $(MODEL)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these files"; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -short $$($(GO) list ./... | grep -v /test/) ./test/arch

test: ## everything that CI runs: check, then all tests with the race detector; says what it could not run
	$(MAKE) check
	$(GO) run ./test/run -record -- -race -shuffle=on -timeout 20m ./...

full: ## test, at full length, with Terraform, the aws CLI and boto3 where they are found, and longer fuzzing
	$(MAKE) test
	POSTERN_FULL=1 $(GO) run ./test/run -- -count=1 -timeout 60m ./...
	$(MAKE) fuzz

bench: ## print the figures of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem ./...
	POSTERN_BENCH=1 $(GO) test -v -count=1 -timeout 30m ./test/bench/...

fuzz: ## run each fuzz target for FUZZTIME
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
	  done; \
	done
