//! PostgreSQL: a private cluster in memory, reached by its socket alone, shared by all tests of a run and gone soon after
//! the last of them. Each test gets a database of its own.
//!
//! Tests are processes that know nothing of each other. Whoever comes first starts the cluster, under a lock; all hold
//! another lock as long as they live; a guardian stops the cluster when nobody holds it any more.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::{Missing, failed, installed, root, run};

/// What a test run sets to `postgres` to keep the tests' archives there instead of in files of SQLite.
pub const VARIABLE: &str = "TEST_ENGINE";
/// The cluster's superuser; whoever may reach the socket may be it.
const USER: &str = "plico";
/// Where the lock files and the cluster are: memory, so that syncs cost nothing.
const MEMORY: &str = "/dev/shm";
/// Durable as in production; no more processes than tests need.
const SETTINGS: [&str; 6] = [
    "listen_addresses=",
    "max_connections=300",
    "autovacuum=off",
    "log_min_messages=fatal",
    "max_wal_size=256MB",
    "jit=off",
];

/// Runs the server and stops it when nobody holds the lock of its users. `$1` the folder, the rest the server's command.
const GUARDIAN: &str = r#"
export at=$1; shift
"$@" >"$at/server.log" 2>&1 &
export server=$!
nobody='rm -f "$at/ready"; kill -INT $server
  while [ -e "$at/data/postmaster.pid" ] && kill -0 $server; do sleep 0.1; done; rm -rf "$at/data"'
while sleep 5; do
  if export nobody; flock -x "$at/start.lock" sh -c 'flock -n -x "$at/users.lock" sh -c "$nobody"'; then exit; fi
done
"#;

/// The address of the database that goes with a folder: made when it is first asked for, removed some time after the
/// folder is.
pub fn database(folder: &Path) -> Result<String, Missing> {
    static CLUSTER: OnceLock<Result<(PathBuf, File), String>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| join().map_err(|missing| missing.to_string()));
    let (socket, _) = cluster.as_ref().map_err(|why| Missing(why.clone()))?;
    let name = name_of(folder);
    let known = say(socket, "select datname, shobj_description(oid, 'pg_database') from pg_database")?;
    let known: Vec<(&str, &str)> = known.lines().filter_map(|line| line.split_once('|')).collect();
    if !known.iter().any(|(database, _)| *database == name) {
        for (old, its) in known.iter().filter(|(old, _)| old.starts_with("t_")) {
            if !its.is_empty() && !Path::new(its).exists() {
                // Somebody else may be about it at this moment.
                let _ = say(socket, &format!("drop database if exists {old} with (force)"));
            }
        }
        say(socket, &format!("create database {name}"))?;
        say(socket, &format!("comment on database {name} is '{}'", folder.display()))?;
    }
    Ok(format!("postgres://{USER}@{}/{name}", socket.display().to_string().replace('/', "%2F")))
}

fn name_of(folder: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    format!("t_{:016x}", hasher.finish())
}

/// The same for a test that runs on either engine, where the run wants it on this one. Fails when it cannot be had: the
/// run was asked for it.
pub fn wanted(folder: &Path) -> Option<String> {
    match std::env::var(VARIABLE).as_deref() {
        Err(_) | Ok("" | "sqlite") => None,
        Ok("postgres") => Some(database(folder).expect("the run wants PostgreSQL")),
        Ok(other) => panic!("{VARIABLE} is {other}: give sqlite or postgres"),
    }
}

fn cluster() -> Result<PathBuf, Missing> {
    Ok(Path::new(MEMORY).join(format!("plico-tests-{}", whoami()?)).join("data"))
}

/// Where the server may keep anything of the database that goes with a folder: all its folders, write-ahead log included,
/// but those of other databases.
pub fn places(folder: &Path) -> Result<Vec<PathBuf>, Missing> {
    let cluster = cluster()?;
    let own = say(&cluster, &format!("select oid from pg_database where datname = '{}'", name_of(folder)))?;
    let entries = |path: &Path| fs::read_dir(path).map_err(|error| failed(&error));
    let mut places: Vec<PathBuf> = entries(&cluster)?.flatten().map(|entry| entry.path()).collect();
    places.retain(|path| path.is_dir() && !path.ends_with("base"));
    for database in entries(&cluster.join("base"))?.flatten().map(|entry| entry.path()) {
        let name = database.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name == own.trim() || name.parse::<u32>().is_err() {
            places.push(database);
        }
    }
    Ok(places)
}

/// Writes what is in memory to the files.
pub fn flush() -> Result<(), Missing> {
    say(&cluster()?, "checkpoint").map(drop)
}

/// What a server's administrator does after a destruction: the write-ahead log of before is removed, not kept to be written
/// over some day.
pub fn forget_log() -> Result<(), Missing> {
    let socket = cluster()?;
    for sql in [
        "alter system set wal_recycle = off",
        "select pg_reload_conf()",
        // The first checkpoint ends the use of what was written until now, the second removes it.
        "select pg_switch_wal()",
        "checkpoint",
        "select pg_switch_wal()",
        "checkpoint",
    ] {
        say(&socket, sql)?;
    }
    Ok(())
}

fn say(socket: &Path, sql: &str) -> Result<String, Missing> {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", "postgres", "-h"]);
    let output = run(psql.arg(socket).args(["-c", sql]))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Joins the cluster, starting it if nobody has; answers its socket's folder and what says that it is in use.
fn join() -> Result<(PathBuf, File), Missing> {
    let programs = programs()?;
    let user = if root().is_ok() { "postgres" } else { "" };
    let at = Path::new(MEMORY).join(format!("plico-tests-{}", whoami()?));
    fs::create_dir_all(&at).map_err(|error| failed(&error))?;
    let start = lock_file(&at, "start.lock")?;
    start.lock().map_err(|error| failed(&error))?;
    let users = lock_file(&at, "users.lock")?;
    users.lock_shared().map_err(|error| failed(&error))?;
    if !at.join("ready").exists() {
        begin(&at, &programs, user)?;
        File::create(at.join("ready")).map_err(|error| failed(&error))?;
    }
    Ok((at.join("data"), users))
}

fn begin(at: &Path, programs: &Path, user: &str) -> Result<(), Missing> {
    let data = at.join("data");
    let _ = fs::remove_dir_all(&data);
    fs::create_dir(&data).map_err(|error| failed(&error))?;
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).map_err(|error| failed(&error))?;
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).map_err(|error| failed(&error))?;
    // The server refuses to be root.
    let mut as_user: Vec<String> = Vec::new();
    if !user.is_empty() {
        run(Command::new("chown").arg(user).arg(&data))?;
        as_user =
            ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--"].map(str::to_owned).into();
    }
    let program = |name: &str| programs.join(name).display().to_string();
    let command = [as_user, vec![program("initdb")]].concat();
    run(Command::new(&command[0])
        .args(&command[1..])
        .args(["-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
        .arg(&data)
        .current_dir("/"))?;
    let server = [&command[..command.len() - 1], &[program("postgres")]].concat();
    let mut guardian = Command::new("setsid");
    guardian
        .args(["sh", "-c", GUARDIAN, "sh"])
        .arg(at)
        .args(server)
        .arg("-D")
        .arg(&data)
        .arg("-k")
        .arg(&data);
    for setting in SETTINGS {
        guardian.args(["-c", setting]);
    }
    let quiet = guardian.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    quiet.spawn().map_err(|error| failed(&error))?;
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let ready = Command::new(programs.join("pg_isready")).arg("-q").arg("-h").arg(&data).status();
        if ready.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Missing(format!("the server did not start: see {}", at.join("server.log").display())))
}

/// The folder of the newest server that is installed.
fn programs() -> Result<PathBuf, Missing> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|path| path.join("postgres").exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| {
        installed("/usr/lib/postgresql/15/bin/postgres", "postgresql").expect_err("none was found")
    })
}

fn lock_file(at: &Path, name: &str) -> Result<File, Missing> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(at.join(name)).map_err(|error| failed(&error))
}

fn whoami() -> Result<String, Missing> {
    Ok(String::from_utf8_lossy(&run(Command::new("id").arg("-u"))?.stdout).trim().to_owned())
}
