//! Listening, and stopping without losing what is under way.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::Layer as _;
use tower_http::compression::{CompressionLayer, Predicate};

use super::request::{self, Peer};
use super::{Shell, assets, health, metrics, problem, resume};

/// Time to send the head of a request: somebody who dribbles it holds a connection no longer than this.
const HEAD_TIME: Duration = Duration::from_secs(15);
/// Bytes of a request's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// Puts the layers around the pages. `pages` brings its own state.
pub fn router(shell: &Shell, pages: Router) -> Router {
    let around = axum::middleware::from_fn_with_state(shell.clone(), request::around);
    let compress = CompressionLayer::new().compress_when(Compressible);
    // Assets and health need neither session nor language.
    let plain = Router::new()
        .route("/assets/{*name}", get(assets::serve))
        .route("/favicon.ico", get(assets::icon))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .with_state(shell.clone());
    pages
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(axum::middleware::from_fn(resume::around))
        .layer(around)
        .merge(plain)
        .layer(compress)
}

/// What is worth compressing: text. Not images, archives and what people uploaded.
#[derive(Clone, Copy)]
struct Compressible;

impl Predicate for Compressible {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        // What may be resumed is sent as it is: its tag is that of these bytes.
        if response.headers().contains_key("accept-ranges") {
            return false;
        }
        let kind =
            response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let text = kind.starts_with("text/")
            || kind.contains("json")
            || kind.contains("xml")
            || kind.contains("javascript");
        text && response.body().size_hint().lower() >= 256
    }
}

/// Serves `app` at an address until `stop` resolves; then lets requests under way end for at most `grace`.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    connections: usize,
    grace: Duration,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(connections));
    let mut stop = std::pin::pin!(stop);
    loop {
        let turn = tokio::select! {
            turn = Arc::clone(&turns).acquire_owned() => turn.expect("never closed"),
            () = &mut stop => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: wait for some to come back instead of spinning.
                    tracing::warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let peer = Peer(peer.ip());
        let service = tower::util::MapRequestLayer::new(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request.map(Body::new)
        })
        .layer(app.clone());
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _turn = turn;
            // Errors are visitors who went away; there is nobody to tell.
            let _ = connection.await;
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped with requests under way after {} s", grace.as_secs());
    }
}

/// Resolves when the process is asked to stop: SIGTERM or Ctrl-C.
pub async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: choose another with --listen, or stop what is there")]
    Listen {
        /// Which.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Listens on the configured addresses, serves `pages` on one and metrics on the other, until asked to stop.
/// `ready` is called once both listen.
pub async fn run(shell: &Shell, pages: Router, ready: impl FnOnce()) -> Result<(), ServerError> {
    let config = shell.config();
    let grace = Duration::from_secs(config.stop_seconds);
    let connections = config.limits.connections as usize;
    let listener = listen(&config.listen).await?;
    let (told, stop) = tokio::sync::watch::channel(false);
    let stopped = |mut stop: tokio::sync::watch::Receiver<bool>| async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let metrics = if config.metrics_listen.is_empty() {
        None
    } else {
        let listener = listen(&config.metrics_listen).await?;
        let app = Router::new().route("/metrics", get(metrics::serve)).with_state(shell.clone());
        Some(tokio::spawn(serve(listener, app, 16, Duration::from_secs(1), stopped(stop.clone()))))
    };
    ready();
    let stopper = tokio::spawn(async move {
        asked_to_stop().await;
        tracing::info!("stopping");
        let _ = told.send(true);
    });
    serve(listener, router(shell, pages), connections, grace, stopped(stop)).await;
    stopper.abort();
    if let Some(metrics) = metrics {
        let _ = metrics.await;
    }
    Ok(())
}

async fn listen(address: &str) -> Result<TcpListener, ServerError> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(|source| ServerError::Listen { address: address.to_owned(), source })
}
