//! What the mailroom costs, each line as a ratio to a probe of the same run. `make bench`, or some lines of it with
//! `cargo bench --bench mailroom -- NAME …`; figures are kept in docs/performance.md together with the command.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks on standard output")]

mod card;
mod dossier;
mod filing;
mod growth;
mod http;
mod journal;
mod page;
mod paper;
mod probe;
mod reading;
mod town;

/// Measurements of a line; the median counts.
const RUNS: usize = 5;

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too: it measures only when asked.
    if !asked.iter().any(|argument| argument == "--bench") {
        return;
    }
    let names: Vec<&str> = asked.iter().map(String::as_str).filter(|name| !name.starts_with("--")).collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        if wanted("filing") {
            for kilobytes in [50, 200] {
                for clients in [1, 16] {
                    filing::accept(kilobytes, clients).await;
                }
            }
        }
        if wanted("http") {
            http::filing_over_http().await;
        }
        if wanted("acts") {
            journal::beside_raw().await;
        }
        if wanted("overhead") {
            journal::overhead().await;
        }
        if wanted("log") {
            journal::log_again().await;
        }
        if wanted("growth") {
            growth::growth().await;
        }
        if wanted("inbox") {
            reading::inbox_page().await;
        }
        if wanted("receipt") {
            reading::receipt().await;
        }
        if wanted("paper") {
            paper::papers();
        }
        if wanted("verify-page") {
            page::verify_page().await;
        }
        if wanted("card") {
            card::verify();
        }
        if wanted("dossier") {
            dossier::dossier().await;
        }
    });
}
