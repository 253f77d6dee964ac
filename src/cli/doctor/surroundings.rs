//! What can be seen without opening the archive.

use std::fs;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use plico_courier::domicile::{Moment, Register};
use plico_vault::{Disk, Files as _};

use super::Finding;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;

/// The beginning of 2024 in milliseconds UTC: no machine of this program is older.
const BORN_MS: i64 = 1_704_067_200_000;

pub(super) fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![
        data_folder(&config.data_dir),
        key_file(&config.key_file()),
        listen(&config.listen),
        public_url(config),
        database(config),
        clock(),
        smtp(config),
        clamd(config),
        gateway(config),
        signatures(config),
        assets(),
        poppler(),
    ];
    let secrets = [
        ("passphrase", &config.keys.passphrase_file),
        ("token", &config.keys.pin_file),
        ("seal-file", &config.seal.file),
        ("seal-pin", &config.seal.pin_file),
    ];
    findings.extend(remote(config));
    findings.extend(domiciles(config));
    findings.extend(secrets.into_iter().filter_map(|(check, file)| Some(secret(check, file.as_deref()?))));
    findings
}

fn data_folder(folder: &Path) -> Finding {
    let shown = folder.display();
    if !folder.is_dir() {
        return Finding::bad("data-folder", format!("{shown} does not exist"), "create it with `plico init`");
    }
    let probe = Path::new(".doctor");
    let tried = Disk::new(folder).and_then(|disk| {
        // One that was broken off may have left it.
        let _ = disk.remove(probe);
        disk.create(probe, 0o600)?;
        disk.remove(probe)
    });
    match tried {
        Ok(()) => Finding::good("data-folder", format!("{shown} can be written")),
        Err(error) => Finding::bad(
            "data-folder",
            format!("{shown} cannot be written: {error}"),
            "check owner, permissions and free space",
        ),
    }
}

fn key_file(file: &Path) -> Finding {
    let shown = file.display();
    let Ok(meta) = fs::metadata(file) else {
        return Finding::bad(
            "key-file",
            format!("{shown} does not exist"),
            "`plico init` makes it; if the archive has data, restore it from its own backup",
        );
    };
    exposed("key-file", file, &meta)
        .unwrap_or_else(|| Finding::good("key-file", format!("{shown}, {} bytes", meta.len())))
}

/// A file with what opens the keys. A pipe has no others.
fn secret(check: &'static str, file: &Path) -> Finding {
    match fs::metadata(file) {
        Ok(meta) if !meta.is_file() => None,
        Ok(meta) => exposed(check, file, &meta),
        Err(error) => {
            let found = format!("{} cannot be read: {error}", file.display());
            Some(Finding::bad(check, found, "correct `[keys]` or `[seal]` in the configuration"))
        }
    }
    .unwrap_or_else(|| Finding::good(check, file.display().to_string()))
}

/// What is wrong when others may read it.
fn exposed(check: &'static str, file: &Path, meta: &fs::Metadata) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let (shown, mode) = (file.display(), meta.permissions().mode() & 0o777);
    let found = format!("{shown} can be read by others (mode {mode:03o})");
    (mode & 0o077 != 0).then(|| Finding::bad(check, found, format!("chmod 600 {shown}")))
}

fn listen(address: &str) -> Finding {
    match TcpListener::bind(address) {
        Ok(_) => Finding::good("listen", format!("{address} is free")),
        Err(error) => Finding::warning(
            "listen",
            format!("{address}: {error}"),
            "well if the service is running; otherwise choose another with `listen`",
        ),
    }
}

fn database(config: &Config) -> Finding {
    let location = config.location();
    if location.is_exposed() {
        return Finding::warning(
            "database",
            format!("{location}: elsewhere, and it need not prove who it is"),
            "add ?sslmode=verify-full and sslrootcert= to database.url",
        );
    }
    Finding::good("database", location.to_string())
}

fn public_url(config: &Config) -> Finding {
    let url = &config.public_url;
    if config.is_https() {
        Finding::good("public-url", url.clone())
    } else {
        Finding::warning(
            "public-url",
            format!("{url} is not https: cookies and what people write travel in the open"),
            "put a TLS proxy before Plico and set `public_url` to its https address",
        )
    }
}

fn clock() -> Finding {
    if SystemClock.now_ms() < BORN_MS {
        return Finding::bad(
            "clock",
            "the machine's clock stands years back",
            "set it, and run a time service",
        );
    }
    let served = ["/run/systemd/timesync/synchronized", "/run/chrony", "/var/lib/ntp", "/run/ntpd.pid"];
    match served.into_iter().find(|path| Path::new(path).exists()) {
        Some(path) => Finding::good("clock", format!("a time service is there ({path})")),
        None => Finding::warning(
            "clock",
            "no time service was found",
            "run chrony or systemd-timesyncd: instants are evidence",
        ),
    }
}

fn smtp(config: &Config) -> Finding {
    let smtp = &config.smtp;
    if smtp.host.is_empty() {
        return Finding::warning("mail", "no mail server: notices wait", "set `smtp.host` and `smtp.from`");
    }
    reachable(
        "mail",
        &format!("{}:{}", smtp.host, smtp.port),
        "check `smtp.host`, `smtp.port` and the firewall",
    )
}

fn clamd(config: &Config) -> Finding {
    let address = &config.clamd.address;
    if address.is_empty() {
        Finding::warning("malware", "files are not scanned", "install clamav-daemon and set `clamd.address`")
    } else if address.starts_with('/') {
        if Path::new(address).exists() {
            Finding::good("malware", address.clone())
        } else {
            Finding::bad(
                "malware",
                format!("{address} does not exist"),
                "start clamd or correct `clamd.address`",
            )
        }
    } else {
        reachable("malware", address, "start clamd or correct `clamd.address`")
    }
}

/// The registers of digital domiciles, where one is configured: each that gives tokens lets us in. None is asked about anybody.
fn domiciles(config: &Config) -> Vec<Finding> {
    if config.domicile.file.is_none() {
        return Vec::new();
    }
    let remedy = "correct the file of `domicile.file`: see docs/mail.md";
    let domiciles = match crate::domiciles::read(config) {
        Ok(domiciles) => domiciles,
        Err(error) => return vec![Finding::bad("domicile", crate::work::describe(&error), remedy)],
    };
    let now_ms = SystemClock.now_ms();
    let mut findings = Vec::new();
    for register in Register::ALL.into_iter().filter(|one| domiciles.has(*one)) {
        let name = register.code();
        let moment = Moment { now_ms, once: format!("doctor-{name}-{now_ms}") };
        let admitted =
            super::super::runtime().map(|runtime| runtime.block_on(domiciles.admitted(register, &moment)));
        findings.push(match admitted {
            // It knows no question but the one about somebody.
            Ok(Ok(())) if register == Register::Ipa => {
                Finding::good("domicile", format!("{name}: described; it is asked only about a body"))
            }
            Ok(Ok(())) => Finding::good("domicile", format!("{name} lets us in")),
            Ok(Err(error)) => {
                Finding::bad("domicile", format!("{name}: {}", crate::work::describe(&error)), remedy)
            }
            Err(_) => Finding::bad("domicile", format!("{name} cannot be asked"), "try again"),
        });
    }
    findings
}

/// The provider of remote signatures, where one is configured: described as it should be, and he lets us in.
fn remote(config: &Config) -> Option<Finding> {
    let remedy = "correct the file of `signing.remote`: see docs/operations.md";
    let provider = match crate::remote::read(config) {
        Ok(None) => return None,
        Ok(Some(provider)) => provider,
        Err(error) => return Some(Finding::bad("remote-signing", crate::work::describe(&error), remedy)),
    };
    let admitted = super::super::runtime().map(|runtime| runtime.block_on(provider.admitted()));
    Some(match admitted {
        Ok(Ok(_)) => Finding::good("remote-signing", format!("{} lets us in", provider.name)),
        Ok(Err(error)) => Finding::bad("remote-signing", crate::work::describe(&error), remedy),
        Err(_) => Finding::bad("remote-signing", "it cannot be asked", "try again"),
    })
}

/// What the folders hold; what was fetched is in the archive.
fn signatures(config: &Config) -> Finding {
    let settings = &config.signatures;
    if settings.trust.is_none() && settings.lists.is_none() {
        let remedy = "name the authorities' certificates in `signatures.trust`, or the trusted lists in `signatures.lists`";
        return Finding::warning("signatures", "nobody is believed: no signature is called valid", remedy);
    }
    match crate::trust::read(settings, Vec::new()) {
        Ok(trust) if trust.anchors.is_none() => {
            Finding::warning("signatures", "no trusted list has been fetched yet", "see the findings below")
        }
        Ok(trust) => {
            let lists = trust.anchors.as_ref().and_then(plico_signature::Anchors::lists);
            let now = SystemClock.now_ms();
            let lists = lists.map(|lists| lists.reports(now)).unwrap_or_default();
            let expired: Vec<&str> =
                lists.iter().filter(|list| list.expired).map(|list| list.territory.as_str()).collect();
            if expired.is_empty() || settings.fetch {
                Finding::good(
                    "signatures",
                    format!("authorities are read, with {} trusted lists", lists.len()),
                )
            } else {
                let found = format!("expired trusted lists: {}", expired.join(", "));
                Finding::warning("signatures", found, "put the new ones into `signatures.lists`")
            }
        }
        Err(error) => Finding::bad(
            "signatures",
            crate::work::describe(&error),
            "correct it: the service does not start",
        ),
    }
}

fn gateway(config: &Config) -> Finding {
    if config.proxy.peers.is_empty() {
        Finding::warning(
            "gateway",
            "no SPID/CIE gateway: only local accounts sign in",
            "set `proxy.peers` and `proxy.secret`",
        )
    } else {
        let peers: Vec<_> = config.proxy.peers.iter().map(ToString::to_string).collect();
        Finding::good("gateway", format!("trusted from {}", peers.join(", ")))
    }
}

fn assets() -> Finding {
    if crate::http::assets::is_built() {
        Finding::good("assets", "style sheets and icons are in this build")
    } else {
        Finding::bad("assets", "this build has no style sheets", "run `make assets` and build again")
    }
}

fn poppler() -> Finding {
    if plico_pdf::poppler::is_there() {
        Finding::good("poppler", "pdftotext is there: pages of PDF files are shown and their text is found")
    } else {
        let remedy = "install poppler-utils: without it the office sees no pages, and the text of some files is not found";
        Finding::warning("poppler", "pdftotext cannot be started", remedy)
    }
}

fn reachable(check: &'static str, address: &str, remedy: &str) -> Finding {
    let connect = || {
        let target = address.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
        TcpStream::connect_timeout(&target, Duration::from_secs(3))
    };
    match connect() {
        Ok(_) => Finding::good(check, format!("{address} answers")),
        Err(error) => Finding::bad(check, format!("{address}: {error}"), remedy),
    }
}
