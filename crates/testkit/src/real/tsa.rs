//! A time-stamping authority: `openssl ts`, with a key and certificates of its own.

use std::process::Command;

use tempfile::TempDir;

use super::{Missing, failed, run};

/// An authority in a folder of its own.
#[derive(Debug)]
pub struct Authority {
    folder: TempDir,
}

const CONFIG: &str = "[tsa]
serial = serial
signer_cert = own.pem
certs = chain.pem
signer_key = own.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ess_cert_id_alg = sha256
";

impl Authority {
    /// With a certificate for time-stamping, those above it, and its key: PEM.
    pub fn new(certificate: &[u8], chain: &[u8], key: &[u8]) -> Result<Self, Missing> {
        let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
        for (name, bytes) in [
            ("tsa.cnf", CONFIG.as_bytes()),
            ("serial", b"01\n"),
            ("own.pem", certificate),
            ("chain.pem", chain),
            ("own.key", key),
        ] {
            std::fs::write(folder.path().join(name), bytes).map_err(|error| failed(&error))?;
        }
        run(Command::new("openssl").arg("version"))?;
        Ok(Self { folder })
    }

    /// Answers a query; `changed` are further arguments of `openssl ts -reply`.
    pub fn answer(&self, query: &[u8], changed: &[&str]) -> Result<Vec<u8>, Missing> {
        let place = self.folder.path();
        std::fs::write(place.join("query.tsq"), query).map_err(|error| failed(&error))?;
        let fixed = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq"];
        run(Command::new("openssl")
            .current_dir(place)
            .args(fixed)
            .args(["-out", "reply.tsr"])
            .args(changed))?;
        std::fs::read(place.join("reply.tsr")).map_err(|error| failed(&error))
    }

    /// The content of an answer's token, signed again as any signer would, with another certificate and its key (PEM).
    pub fn resigned(&self, answer: &[u8], certificate: &[u8], key: &[u8]) -> Result<Vec<u8>, Missing> {
        let place = self.folder.path();
        for (name, bytes) in [("was.tsr", answer), ("other.pem", certificate), ("other.key", key)] {
            std::fs::write(place.join(name), bytes).map_err(|error| failed(&error))?;
        }
        let openssl = |line: &str| run(Command::new("openssl").current_dir(place).args(line.split(' ')));
        openssl("ts -reply -in was.tsr -token_out -out was.tst")?;
        openssl("cms -verify -noverify -inform DER -in was.tst -out said.der")?;
        openssl(
            "cms -sign -binary -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -in said.der -signer other.pem -inkey other.key -outform DER -out new.tst",
        )?;
        let token = std::fs::read(place.join("new.tst")).map_err(|error| failed(&error))?;
        // TimeStampResp: status 0, and the token.
        let mut body = vec![0x30, 0x03, 0x02, 0x01, 0x00];
        body.extend(token);
        let length = u16::try_from(body.len()).map_err(|_| Missing("the token is too long".into()))?;
        Ok([&[0x30, 0x82][..], &length.to_be_bytes(), &body].concat())
    }
}
