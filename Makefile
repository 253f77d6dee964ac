# Each target is what a person could type. `make demo` and `make test` work on a fresh machine.
.PHONY: demo test check build assets setup setup-test bench peers clean

demo: setup assets ## a filled town on http://127.0.0.1:8080
	cargo run --release --quiet -- demo

test: setup-test assets ## everything that CI runs
	./scripts/test.sh

check: ## the quick part: format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

build: assets ## the program, in target/release/plico
	cargo build --release

assets: ## style sheet, script, fonts and icons, into assets/dist
	./scripts/assets.sh

setup: ## what the machine lacks
	./scripts/setup.sh

setup-test: ## and what the tests run against: a browser, a mail server, a malware scanner
	./scripts/setup.sh test

bench: assets ## measures, as ratios to the same work written raw
	cargo bench --workspace --bench '*'

peers: ## what others say of the signed fixtures, beside what we say
	./scripts/peers.sh

clean:
	cargo clean
	rm -rf assets/dist
