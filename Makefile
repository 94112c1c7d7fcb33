# Every target makes ready what it needs (scripts/setup); the second time that takes about a second.
.PHONY: help demo up test fast lint bench lock types
.DEFAULT_GOAL := help

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: ## Run the demonstration city, central Helsinki, on this machine
	@scripts/setup demo
	@exec .venv/bin/geogrid demo

up: ## Run a city of your own on this machine
	@scripts/setup demo
	@exec .venv/bin/geogrid up

test: ## Run everything that must hold: lint, types, all tests, small benchmarks
	@scripts/setup test
	@scripts/test

fast: ## Run lint and the tests that need no database (under a minute)
	@scripts/setup test
	@scripts/test fast

lint: ## Run lint, rooms and types only
	@scripts/setup test
	@scripts/test lint

bench: ## Run the benchmarks at full size, or one: make bench ONLY=A8
	@scripts/setup test
	@.venv/bin/python -m tests.benchmarks $(ONLY)

lock: ## Write the lock files from requirements.in and requirements-dev.in
	@scripts/setup test
	@scripts/lock

types: ## Write the OpenAPI document and the page's types from the code
	@scripts/setup test
	@.venv/bin/python manage.py spectacular --format openapi-json --validate --file frontend/openapi.json
	@npm --prefix frontend run --silent types
