//! Requests to addresses that strangers wrote: into a certificate, into a list. Nobody inside of the house is asked for
//! them, whatever a name resolves to or an answer redirects to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

/// Redirections that are followed.
const MAX_REDIRECTS: usize = 5;

/// Who may be asked.
#[derive(Clone)]
pub struct Outside {
    /// Proxy through which everything goes, which resolves the names; none when empty.
    pub proxy: String,
    /// Hosts that may be asked, with what is below them; any when empty.
    pub hosts: Vec<String>,
    /// Addresses of the house that may be asked all the same.
    pub inside: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// Somebody who may not be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0} may not be asked")]
pub(super) struct Forbidden(String);

impl Outside {
    /// Whether an address may be asked as it is written; what its name resolves to is looked at when it is connected to.
    pub(super) fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let shown = || Forbidden(url.host_str().unwrap_or("an address without a host").to_owned());
        let host = url.host_str().ok_or_else(shown)?.trim_end_matches('.').to_ascii_lowercase();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        let listed = |own: &String| {
            host.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let allowed = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && literal.is_none_or(|address| self.may(address))
            && (self.hosts.is_empty() || self.hosts.iter().any(listed));
        if allowed { Ok(()) } else { Err(shown()) }
    }

    fn may(&self, address: IpAddr) -> bool {
        is_public(address) || (self.inside)(address)
    }

    /// Each step of a redirection is looked at like the first address.
    pub(super) fn redirects(self: &Arc<Self>) -> Policy {
        let rules = Arc::clone(self);
        Policy::custom(move |attempt| match rules.check(attempt.url()) {
            Err(forbidden) => attempt.error(forbidden),
            Ok(()) if attempt.previous().len() > MAX_REDIRECTS => {
                let shown = attempt.url().host_str().unwrap_or_default().to_owned();
                attempt.error(Forbidden(format!("{shown}, after {MAX_REDIRECTS} redirections,")))
            }
            Ok(()) => attempt.follow(),
        })
    }
}

/// Resolves names to those addresses that may be asked: what was looked at is what is connected to.
pub(super) struct Resolver(pub(super) Arc<Outside>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = Arc::clone(&self.0);
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            // The proxy is named by whoever runs this, and usually in the house.
            let proxy = Url::parse(&rules.proxy).ok();
            let is_proxy = proxy.as_ref().and_then(Url::host_str) == Some(name.as_str());
            let allowed: Vec<SocketAddr> = found.filter(|at| is_proxy || rules.may(at.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden(name.as_str().to_owned()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public network (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && b & 0xc0 == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && b & 0xfe == 18);
    !special
}

/// Global unicast alone; and not what carries an IPv4 address to a gateway, or is for documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str]) -> Outside {
        Outside {
            proxy: String::new(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            inside: Arc::new(|address| address == IpAddr::from([10, 1, 2, 3])),
        }
    }

    #[test]
    fn nobody_of_the_house_is_asked_however_it_is_written() {
        let any = rules(&[]);
        let may = |url: &str| any.check(&Url::parse(url).unwrap()).is_ok();
        for url in [
            "http://crl.example/ca.crl",
            "https://93.184.215.14/",
            "http://[2606:4700::1111]:8080/x",
            "http://10.1.2.3/",
        ] {
            assert!(may(url), "{url}");
        }
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.1./",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0/",
            "http://10.1.2.4/",
            "http://172.16.0.1/",
            "http://192.168.1.1:6379/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001:0:4136:e378::]/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://[ff02::1]/",
            "http://user:word@crl.example/",
            "ftp://crl.example/",
            "ldap://crl.example/cn=x",
            "file:///etc/passwd",
        ] {
            assert!(!may(url), "{url}");
        }
    }

    #[test]
    fn of_named_hosts_only_they_and_what_is_below_them() {
        let named = rules(&["example.it", "ec.europa.eu"]);
        let may = |url: &str| named.check(&Url::parse(url).unwrap()).is_ok();
        for url in ["http://crl.example.it/x", "https://EXAMPLE.it./", "https://ec.europa.eu/tools"] {
            assert!(may(url), "{url}");
        }
        for url in [
            "http://badexample.it/",
            "http://example.it.evil.example/",
            "http://93.184.215.14/",
            "http://10.1.2.3/",
        ] {
            assert!(!may(url), "{url}");
        }
    }
}
