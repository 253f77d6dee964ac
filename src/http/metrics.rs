//! Counters for Prometheus (text format 0.0.4), on a listener of their own.
//!
//! By hand: three families do not need a library. Labels are routes and statuses, never people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::Shell;

/// Upper bounds of the histogram, in seconds; the bars of the project lie at 0.03, 0.05 and 0.15.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.03, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Series kept of one family. Routes are patterns, so this is never reached unless something is wrong.
const MOST_SERIES: usize = 2_000;

/// The registry.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<Families>);

#[derive(Debug, Default)]
struct Families {
    requests: BTreeMap<(String, String, u16), u64>,
    durations: BTreeMap<String, Histogram>,
    counters: BTreeMap<(&'static str, &'static str, String), u64>,
    gauges: BTreeMap<(&'static str, &'static str, String), f64>,
}

#[derive(Debug, Default)]
struct Histogram {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Metrics {
    /// A request was answered.
    pub(super) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut families = self.lock();
        let key = (method.to_owned(), route.to_owned(), status);
        if families.requests.len() < MOST_SERIES || families.requests.contains_key(&key) {
            *families.requests.entry(key).or_default() += 1;
        }
        if families.durations.len() < MOST_SERIES || families.durations.contains_key(route) {
            let histogram = families.durations.entry(route.to_owned()).or_default();
            let seconds = took.as_secs_f64();
            histogram.count += 1;
            histogram.sum += seconds;
            for (count, bound) in histogram.counts.iter_mut().zip(BOUNDS) {
                *count += u64::from(seconds <= bound);
            }
        }
    }

    /// Adds to a counter. `name` is the whole metric name, `label` as `name="value"` or empty.
    pub fn count(&self, name: &'static str, help: &'static str, label: &str, by: u64) {
        let mut families = self.lock();
        if families.counters.len() < MOST_SERIES {
            *families.counters.entry((name, help, label.to_owned())).or_default() += by;
        }
    }

    /// Sets a gauge.
    pub fn gauge(&self, name: &'static str, help: &'static str, label: &str, value: f64) {
        let mut families = self.lock();
        if families.gauges.len() < MOST_SERIES {
            families.gauges.insert((name, help, label.to_owned()), value);
        }
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        let families = self.lock();
        let mut text = String::new();
        let mut line = |arguments: std::fmt::Arguments<'_>| {
            let _ = writeln!(text, "{arguments}");
        };
        line(format_args!("# HELP plico_http_requests_total Requests answered."));
        line(format_args!("# TYPE plico_http_requests_total counter"));
        for ((method, route, status), count) in &families.requests {
            let (method, route) = (escape(method), escape(route));
            line(format_args!(
                "plico_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            ));
        }
        line(format_args!("# HELP plico_http_request_seconds Time to answer, without sending the answer."));
        line(format_args!("# TYPE plico_http_request_seconds histogram"));
        for (route, histogram) in &families.durations {
            let route = escape(route);
            for (count, bound) in histogram.counts.iter().zip(BOUNDS) {
                line(format_args!(
                    "plico_http_request_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}} {count}"
                ));
            }
            let Histogram { count, sum, .. } = histogram;
            line(format_args!("plico_http_request_seconds_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"));
            line(format_args!("plico_http_request_seconds_sum{{route=\"{route}\"}} {sum}"));
            line(format_args!("plico_http_request_seconds_count{{route=\"{route}\"}} {count}"));
        }
        let mut last = "";
        for ((name, help, label), count) in &families.counters {
            if *name != last {
                line(format_args!("# HELP {name} {help}\n# TYPE {name} counter"));
                last = name;
            }
            line(format_args!("{name}{} {count}", braces(label)));
        }
        for ((name, help, label), value) in &families.gauges {
            if *name != last {
                line(format_args!("# HELP {name} {help}\n# TYPE {name} gauge"));
                last = name;
            }
            line(format_args!("{name}{} {value}", braces(label)));
        }
        text
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Families> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn braces(label: &str) -> String {
    if label.is_empty() { String::new() } else { format!("{{{label}}}") }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// `GET /metrics`.
pub async fn serve(State(shell): State<Shell>) -> Response {
    let commit = format!("version=\"{}\",commit=\"{}\"", env!("CARGO_PKG_VERSION"), env!("BUILD_COMMIT"));
    shell.metrics().gauge("plico_build_info", "Version that runs.", &commit, 1.0);
    let ready = f64::from(u8::from(shell.readiness().blocked().is_empty()));
    shell.metrics().gauge("plico_ready", "1 when ready.", "", ready);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], shell.metrics().text()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_labels_are_escaped() {
        let metrics = Metrics::default();
        metrics.request("GET", "/a/{id}", 200, Duration::from_millis(20));
        metrics.request("GET", "/a/{id}", 200, Duration::from_millis(200));
        metrics.request("GET", "/\"", 404, Duration::from_mins(1));
        metrics.count("plico_jobs_total", "Jobs done.", "kind=\"mail\"", 2);
        metrics.gauge("plico_queue", "Waiting.", "", 3.0);
        let text = metrics.text();
        for line in [
            "plico_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"200\"} 2",
            "plico_http_requests_total{method=\"GET\",route=\"/\\\"\",status=\"404\"} 1",
            "plico_http_request_seconds_bucket{route=\"/a/{id}\",le=\"0.03\"} 1",
            "plico_http_request_seconds_bucket{route=\"/a/{id}\",le=\"0.25\"} 2",
            "plico_http_request_seconds_bucket{route=\"/\\\"\",le=\"10\"} 0",
            "plico_http_request_seconds_count{route=\"/\\\"\"} 1",
            "plico_jobs_total{kind=\"mail\"} 2",
            "plico_queue 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
