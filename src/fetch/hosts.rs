//! Decides where a request may go: to hosts of `pipelines/fetch.toml`, over https, at public addresses. The first
//! address and every redirect are checked, and once more the IP address that the name resolves to: a public name may
//! lead to a machine of one's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::{Host, Url};

use crate::spec::HostSpec;

/// The hosts that may be asked.
#[derive(Debug, Clone)]
pub struct Hosts(pub Vec<HostSpec>);

impl Hosts {
    fn find(&self, name: &str) -> Option<&HostSpec> {
        self.0.iter().find(|host| host.name.eq_ignore_ascii_case(name))
    }

    /// Returns why a request may not go to an address; `None` if it may.
    pub fn refused(&self, address: &Url) -> Option<String> {
        if !address.username().is_empty() || address.password().is_some() {
            return Some("carries a user's name".to_owned());
        }
        let Some(name) = address.host_str() else { return Some("names no host".to_owned()) };
        let name = name.trim_end_matches('.');
        let with_port = address.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let Some(host) = self.find(&with_port) else {
            let known: Vec<&str> = self.0.iter().map(|host| host.name.as_str()).collect();
            return Some(format!(
                "{with_port} is not among the hosts of pipelines/fetch.toml ({})",
                known.join(", ")
            ));
        };
        match address.scheme() {
            "https" => {}
            "http" if host.http => {}
            scheme => return Some(format!("goes over {scheme}, not https")),
        }
        let number = match address.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        };
        number.filter(|ip| !host.private && !is_public(*ip)).map(|ip| format!("{ip} is not a public address"))
    }
}

/// Resolves names as the system does, and refuses IP addresses that are not public.
#[derive(Debug)]
pub struct PublicOnly {
    pub hosts: Hosts,
    /// Host and port of the proxy, which is one's own and may be anywhere.
    pub proxy: Option<(String, u16)>,
    pub system: DefaultResolver,
}

/// The error that a name leads to a machine that is not public.
#[derive(Debug, thiserror::Error)]
#[error("{name} leads to {ip}, which is not a public address")]
pub struct NotPublic {
    name: String,
    ip: IpAddr,
}

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.system.resolve(uri, config, timeout)?;
        let name = uri.authority().map_or("", |authority| authority.as_str());
        let is_proxy = self.proxy.as_ref().is_some_and(|(host, port)| {
            uri.host() == Some(host.as_str()) && found.iter().all(|address| address.port() == *port)
        });
        let may_be_private = is_proxy || self.hosts.find(name).is_some_and(|host| host.private);
        match found.iter().find(|address| !may_be_private && !is_public(address.ip())) {
            None => Ok(found),
            Some(address) => {
                Err(ureq::Error::Other(Box::new(NotPublic { name: name.to_owned(), ip: address.ip() })))
            }
        }
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries).
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let parts = ip.segments();
    let [.., high, low] = parts;
    let last = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match parts {
        // Addresses that contain an IPv4 address: NAT64, 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(last),
        [0x2002, a, b, ..] => is_public_v4(Ipv4Addr::from((u32::from(a) << 16) | u32::from(b))),
        // Teredo, benchmarking, documentation, and all addresses outside the one range that is assigned.
        [0x2001, 0..0x200, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_told_from_others() {
        for ip in ["8.8.8.8", "23.1.2.3", "2600:1407::1", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn only_known_hosts_are_asked() {
        let host = |name: &str, http, private| HostSpec { name: name.into(), http, private };
        let hosts = Hosts(vec![
            host("www.ice.gov", false, false),
            host("127.0.0.1:8080", true, true),
            host("127.0.0.1:8081", true, false),
        ]);
        let refused = |address: &str| hosts.refused(&Url::parse(address).unwrap());
        for allowed in ["https://www.ice.gov/a", "https://WWW.ICE.GOV:443/a", "http://127.0.0.1:8080/"] {
            assert_eq!(refused(allowed), None, "{allowed}");
        }
        for (address, why) in [
            ("http://www.ice.gov/", "over http"),
            ("https://www.ice.gov:8443/", "is not among the hosts"),
            ("https://www.ice.gov.example.org/", "is not among the hosts"),
            ("https://www.ice.gov@example.org/", "user's name"),
            ("https://10.0.0.1/", "is not among the hosts"),
            ("http://127.0.0.1:8081/", "not a public address"),
            ("file:///etc/passwd", "names no host"),
        ] {
            assert!(refused(address).is_some_and(|found| found.contains(why)), "{address}");
        }
    }
}
