//! A sealed key file by the real program: made, opened, sealed otherwise, and what is said when it stays shut.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use plico::config::Config;
use plico_testkit::real::{or_say, softhsm};

use crate::kill::{plico, ready, serve_as};

const WORDS: &str = "tre civette sul comò";

/// An archive's folder with a configuration.
struct House {
    folder: tempfile::TempDir,
    token: Option<softhsm::Token>,
}

impl House {
    fn new(keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self { folder, token: None };
        house.write("passphrase", &format!("{WORDS}\n"));
        house.write("wrong", "un'altra frase\n");
        house.configure(keys);
        house
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::write(self.at(name), text).unwrap();
        std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn configure(&self, keys: &str) {
        let fixed = "data_dir = 'data'\norigin_domain = 'archivio.borgo.example'\nmetrics_listen = ''\n";
        self.write("plico.toml", &format!("{fixed}\n[keys]\n{keys}\n"));
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = plico();
        command.args(words).env("PLICO_CONFIG", self.at("plico.toml"));
        if let Some(token) = &self.token {
            token.with(&mut command);
        }
        command
    }

    /// Runs it; nothing that it says gives a secret away.
    fn run(&self, words: &[&str]) -> (i32, String) {
        told(&self.command(words).stdin(Stdio::null()).output().unwrap())
    }

    fn init(&self) -> (i32, String) {
        let who = ["--administrator", "anna", "--email", "anna@borgo.example"];
        self.run(&[&["init", "--code", "c_b999", "--name", "Comune di Borgo"][..], &who].concat())
    }

    fn key_file(&self) -> String {
        std::fs::read_to_string(self.at("data.keys")).unwrap()
    }

    /// Serves it for a while.
    fn serves(&self, meanwhile: impl FnOnce()) {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = Config {
            data_dir: self.at("data"),
            listen: address.to_string(),
            public_url: format!("http://{address}"),
            ..Config::default()
        };
        let mut server = serve_as(self.command(&[]), &config);
        ready(address, &config);
        meanwhile();
        server.kill().unwrap();
        server.wait().unwrap();
    }
}

fn told(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    for secret in [WORDS, "un'altra frase", softhsm::PIN] {
        assert!(!text.contains(secret), "{text}");
    }
    (output.status.code().unwrap(), text)
}

#[test]
fn a_passphrase_from_its_file_to_the_clear() {
    let house = House::new("passphrase_file = 'passphrase'");
    let made = house.init();
    assert!(made.0 == 0 && made.1.contains("sealed with a passphrase"), "{made:?}");
    assert!(!house.key_file().contains("seed") && !house.key_file().contains("PRIVATE KEY"));
    let status = house.run(&["key", "status"]);
    assert!(status.0 == 0 && status.1.contains("sealed with a passphrase"), "{status:?}");
    let doctor = house.run(&["doctor"]);
    assert!(doctor.0 == 0 && doctor.1.contains("ok   keys: the key file is sealed"), "{doctor:?}");
    house.serves(|| {
        let busy = house.run(&["key", "protect", "--none"]);
        assert!(busy.0 == 70 && busy.1.contains("stop it first"), "{busy:?}");
    });

    // Another one, none, and none to be had.
    house.configure("passphrase_file = 'wrong'");
    let status = house.run(&["key", "status"]);
    assert!(status.0 == 64 && status.1.contains("the passphrase does not open the keys"), "{status:?}");
    let doctor = house.run(&["doctor"]);
    assert!(doctor.0 == 1 && doctor.1.contains("BAD  keys: "), "{doctor:?}");
    assert!(doctor.1.contains("the passphrase does not open the keys"), "{doctor:?}");
    house.configure("");
    let serve = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(serve.0 == 64 && serve.1.contains("keys.passphrase_file"), "{serve:?}");
    house.configure("passphrase_file = '/nowhere/passphrase'");
    assert_eq!(house.run(&["key", "status"]).0, 64);

    // From a pipe.
    house.configure("passphrase_file = '/dev/stdin'");
    let piped = |words: &[&str]| {
        let mut command = house.command(words);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{WORDS}\n").as_bytes()).unwrap();
        told(&child.wait_with_output().unwrap())
    };
    assert_eq!(piped(&["key", "status"]).0, 0);
    let clear = piped(&["key", "protect", "--none"]);
    assert!(clear.0 == 0 && clear.1.contains("is now in the clear"), "{clear:?}");
    assert!(house.key_file().contains("seed"));
    house.configure("");
    let status = house.run(&["key", "status"]);
    assert!(status.0 == 0 && status.1.contains("in the clear"), "{status:?}");
    let short = house.at("short");
    house.write("short", "breve");
    let refused = house.run(&["key", "protect", "--passphrase-file", short.to_str().unwrap()]);
    assert!(refused.0 == 64 && refused.1.contains("at least 12 characters"), "{refused:?}");
    let sealed = house.at("passphrase");
    let sealed = house.run(&["key", "protect", "--passphrase-file", sealed.to_str().unwrap()]);
    assert!(sealed.0 == 0 && sealed.1.contains("keys.passphrase_file"), "{sealed:?}");
    assert!(!house.key_file().contains("seed"));
    // Whatever opens two ways is asked for one.
    let two = House::new("passphrase_file = 'passphrase'\nmodule = 'm'\ntoken = 't'\npin_file = 'p'");
    let refused = two.init();
    assert!(refused.0 == 64 && refused.1.contains("not both"), "{refused:?}");
    two.configure("module = 'm'");
    let refused = two.init();
    assert!(refused.0 == 64 && refused.1.contains("keys.pin_file"), "{refused:?}");
}

/// Waits until a rotation of everything is over.
fn rotated(house: &House) {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let (code, said) = house.run(&["key", "status"]);
        if code == 0 && said.matches("epoch 2, no older key exists").count() == 2 {
            return;
        }
        assert!(Instant::now() < until, "{said}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[test]
fn a_token_from_the_clear_to_new_keys() {
    let Some(token) = or_say(softhsm::Token::start()) else { return };
    let mut house = House::new("");
    let module = softhsm::module().unwrap();
    let token_is = |pin: &Path| {
        format!(
            "module = '{}'\ntoken = '{}'\npin_file = '{}'",
            module.display(),
            softhsm::LABEL,
            pin.display()
        )
    };
    let (right, wrong) = (token_is(&token.pin_file()), token_is(&house.at("wrong")));
    house.token = Some(token);
    assert_eq!(house.init().0, 0);
    copy(&house.at("data.keys"), &house.at("clear"));
    house.configure(&right);
    let sealed = house.run(&["key", "protect", "--pkcs11"]);
    assert!(sealed.0 == 0 && sealed.1.contains("is now sealed by the token borgo"), "{sealed:?}");
    assert!(!house.key_file().contains("seed") && !house.key_file().contains("PRIVATE KEY"));
    let twice = house.run(&["key", "protect", "--pkcs11"]);
    assert!(twice.0 == 70 && twice.1.contains("with a passphrase between"), "{twice:?}");
    let doctor = house.run(&["doctor"]);
    assert!(doctor.0 == 0 && doctor.1.contains("sealed by the token borgo"), "{doctor:?}");

    house.configure(&wrong);
    let doctor = house.run(&["doctor"]);
    assert!(doctor.0 == 1 && doctor.1.contains("tokens lock"), "{doctor:?}");
    let serve = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(serve.0 == 64 && serve.1.contains("refuses the PIN"), "{serve:?}");
    // Gone: this one is for whoever starts it to try again.
    house.configure(&right.replace("'borgo'", "'altrove'"));
    let serve = house.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(serve.0 == 70 && serve.1.contains("connect it"), "{serve:?}");

    house.configure(&right);
    // The service renews the keys; a copy of the file of before opens nothing from then on.
    copy(&house.at("data.keys"), &house.at("before"));
    assert_eq!(house.run(&["key", "rotate"]).0, 0);
    house.serves(|| rotated(&house));
    copy(&house.at("data.keys"), &house.at("after"));
    copy(&house.at("before"), &house.at("data.keys"));
    let shut = house.run(&["key", "status"]);
    assert!(shut.0 == 70 && shut.1.contains("it was destroyed"), "{shut:?}");
    copy(&house.at("after"), &house.at("data.keys"));
    let clear = house.run(&["key", "protect", "--none"]);
    assert!(clear.0 == 0 && clear.1.contains("stay in the token borgo"), "{clear:?}");
    house.configure("");
    assert_eq!(house.run(&["key", "status"]).0, 0);
}
