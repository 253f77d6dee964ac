//! Several processes serve one archive on a database server: each takes acts, one signs, and when that one is killed another
//! signs soon, and goes on with the same history.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plico::config::{Config, Node, Secret, Store};
use plico_journal::Checkpoint;
use plico_testkit::real::{or_say, postgres};

use crate::kill::{Book, each_is_there_once, file, found, fsck, log_of, plico, ready, send, serve, serve_as};

/// Times the process that signs is killed.
const KILLS: usize = 4;
/// Within so long another one signs.
const PROMISED: Duration = Duration::from_secs(10);

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The newest checkpoint that a process shows.
fn signed(address: SocketAddr) -> Option<Checkpoint> {
    let (status, note) = send(address, "GET /log/c_b999/1/checkpoint", "", b"")?;
    (status == 200).then(|| Checkpoint::parse_note(note.as_bytes()).unwrap().0)
}

#[test]
fn another_process_signs_when_the_one_that_did_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = or_say(postgres::database(folder.path())) else { return };
    let node = |address: SocketAddr| Config {
        data_dir: folder.path().join("data"),
        database: Store { url: Secret::new(url.clone()) },
        listen: address.to_string(),
        public_url: format!("http://{address}"),
        origin_domain: "archivio.borgo.example".into(),
        ..Config::default()
    };
    let addresses = [free_port(), free_port()];
    let configs = addresses.map(node);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (tokens, office) = runtime.block_on(found(&configs[0]));
    let mut servers = configs.each_ref().map(|config| {
        let server = serve(config);
        ready(config.listen.parse().unwrap(), config);
        server
    });

    let book: Book = Arc::default();
    let (stop, filed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writers: Vec<_> = tokens
        .iter()
        .enumerate()
        .map(|(citizen, token)| {
            let (token, office, book) = (token.clone(), office.clone(), Arc::clone(&book));
            let (stop, filed) = (Arc::clone(&stop), Arc::clone(&filed));
            std::thread::spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let key = format!("node-{citizen}-{n}");
                    book.lock().unwrap().insert(key.clone(), None);
                    // As a balancer does: one after the other, and the other one where this one does not answer.
                    let places = [addresses[n % 2], addresses[(n + 1) % 2]];
                    if places.into_iter().any(|place| file(place, &token, &office, &key, &book)) {
                        filed.fetch_add(1, Ordering::Relaxed);
                    }
                    std::thread::sleep(Duration::from_millis(30));
                }
            })
        })
        .collect();
    let (longest, mut seen) = (Mutex::new(Duration::ZERO), Vec::new());
    for round in 0..KILLS {
        // The one that did not take over last time stands by: they take turns.
        let (leader, other) = (round % 2, (round + 1) % 2);
        let until = Instant::now() + Duration::from_mins(1);
        let begun = filed.load(Ordering::Relaxed);
        while filed.load(Ordering::Relaxed) < begun + 5 {
            assert!(Instant::now() < until, "nothing is accepted");
            std::thread::sleep(Duration::from_millis(20));
        }
        servers[leader].kill().expect("SIGKILL");
        servers[leader].wait().expect("it is gone");
        seen.extend(addresses.iter().filter_map(|address| signed(*address)));
        let (killed, before) = (Instant::now(), signed(addresses[other]).map_or(0, |last| last.size));
        // What is filed from now on is filed with the other, and soon signed by it.
        while signed(addresses[other]).is_none_or(|last| last.size <= before) {
            assert!(killed.elapsed() < PROMISED, "nobody signs {:?} after the kill", killed.elapsed());
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut longest = longest.lock().unwrap();
        *longest = longest.max(killed.elapsed());
        servers[leader] = serve(&configs[leader]);
        ready(addresses[leader], &configs[leader]);
        // Acts go on with both.
        assert!(signed(addresses[leader]).is_some());
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.join().expect("no writer saw anything wrong");
    }
    eprintln!(
        "{} filings, {KILLS} kills, another signs after {:?} at most",
        filed.load(Ordering::Relaxed),
        *longest.lock().unwrap()
    );
    let keys: Vec<String> = book.lock().unwrap().keys().cloned().collect();
    for key in &keys {
        let citizen: usize = key.split('-').nth(1).and_then(|n| n.parse().ok()).unwrap();
        let until = Instant::now() + Duration::from_mins(1);
        while !file(addresses[0], &tokens[citizen], &office, key, &book) {
            assert!(Instant::now() < until, "{key} is not accepted");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    for server in &mut servers {
        server.kill().expect("SIGKILL");
        server.wait().expect("it is gone");
    }
    runtime.block_on(each_is_there_once(&configs[0], &book, &keys));
    // Whatever was shown to anybody is in the one history.
    runtime.block_on(async {
        let archive = plico::app::open_archive(&configs[0]).await.unwrap();
        assert!(seen.len() >= KILLS);
        for shown in &seen {
            let sql = "select c.root from checkpoint c join log l on l.id = c.log where l.origin = $1 and c.size = $2";
            let list = plico_database::args![&shown.origin, shown.size];
            let (root,): (Vec<u8>,) = archive.database().one(sql, list).await.unwrap();
            assert_eq!(root, shown.root, "at {} leaves", shown.size);
        }
        archive.close().await;
    });
    drop(runtime);
    fsck(&configs[0]);
}

/// One that keeps its own index, and writes a snapshot each second while it signs.
fn serve_node(config: &Config) -> std::process::Child {
    let mut command = plico();
    let node = config.node.dir.as_ref().expect("a folder of its own");
    command.env("PLICO_NODE_DIR", node).env("PLICO_NODE_SNAPSHOT_SECONDS", "1");
    let server = serve_as(command, config);
    ready(config.listen.parse().unwrap(), config);
    server
}

/// Waits until a node's own index holds as many messages.
fn holds(config: &Config, messages: u64) {
    let folder = config.node.dir.as_ref().unwrap().join("search");
    let until = Instant::now() + Duration::from_mins(1);
    while !plico_search::Index::reading(&folder).is_ok_and(|index| index.len() == messages) {
        assert!(Instant::now() < until, "{} does not come to hold {messages}", folder.display());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn each_machine_keeps_its_own_index_and_one_that_comes_late_starts_from_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = or_say(postgres::database(folder.path())) else { return };
    let node = |name: &str| {
        let address = free_port();
        Config {
            data_dir: folder.path().join("data"),
            database: Store { url: Secret::new(url.clone()) },
            listen: address.to_string(),
            public_url: format!("http://{address}"),
            origin_domain: "archivio.borgo.example".into(),
            node: Node { dir: Some(folder.path().join(name)), ..Node::default() },
            ..Config::default()
        }
    };
    let configs = ["one", "two", "late"].map(node);
    let at = |n: usize| -> SocketAddr { configs[n].listen.parse().unwrap() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (tokens, office) = runtime.block_on(found(&configs[0]));
    let book: Book = Arc::default();
    let keys = Mutex::new(Vec::new());
    let send_one = |place: SocketAddr| {
        let key = format!("one-{}", keys.lock().unwrap().len());
        let until = Instant::now() + Duration::from_mins(1);
        while !file(place, &tokens[0], &office, &key, &book) {
            assert!(Instant::now() < until, "nothing is accepted");
            std::thread::sleep(Duration::from_millis(50));
        }
        keys.lock().unwrap().push(key);
    };
    let snapshot = configs[0].data_dir.join("search.snapshot");
    let mut servers = vec![serve_node(&configs[0]), serve_node(&configs[1])];
    for n in 0..6 {
        send_one(at(n % 2));
    }
    holds(&configs[0], 6);
    holds(&configs[1], 6);
    assert!(!configs[0].data_dir.join("search").exists(), "there is no index for all");

    // The one that signs is killed at any moment, again and again, while it writes snapshots each second.
    for round in 0..4_u64 {
        let leader = usize::from(round % 2 == 1);
        let until = Instant::now() + Duration::from_secs(30);
        while !snapshot.exists() {
            assert!(Instant::now() < until, "no snapshot is written");
            std::thread::sleep(Duration::from_millis(20));
        }
        send_one(at(leader));
        std::thread::sleep(Duration::from_millis(700 + round * 170));
        servers[leader].kill().expect("SIGKILL");
        servers[leader].wait().expect("it is gone");
        send_one(at(1 - leader));
        servers[leader] = serve_node(&configs[leader]);
    }
    let many = keys.lock().unwrap().len() as u64;
    holds(&configs[0], many);
    holds(&configs[1], many);

    // What is there now is whole, whatever was killed: the late one says that it starts from it, and catches up.
    servers.push(serve_node(&configs[2]));
    let said = std::fs::read_to_string(log_of(&configs[2])).unwrap();
    assert!(said.contains("starts from the snapshot"), "{said}");
    holds(&configs[2], many);
    send_one(at(2));
    for config in &configs {
        holds(config, many + 1);
    }
    for server in &mut servers {
        server.kill().expect("SIGKILL");
        server.wait().expect("it is gone");
    }
    runtime.block_on(each_is_there_once(&configs[0], &book, &keys.lock().unwrap()));
    drop(runtime);
    fsck(&configs[0]);
}
