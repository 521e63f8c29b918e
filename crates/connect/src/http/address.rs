//! Which addresses may be reached: the guard against requests into our own network.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use frontdesk_kernel::ports::http::HttpError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Where requests may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Public addresses only.
    PublicOnly,
    /// Public addresses, and these origins of the operator's (`http://127.0.0.1:9000`; a path is ignored) wherever they lead.
    Allow(Vec<String>),
    /// Everywhere. For development.
    Any,
}

/// Holds for every request: http or https, and no credentials in the URL.
pub(crate) fn check_form(url: &Url) -> Result<(), HttpError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(HttpError::Refused(format!("the scheme `{}` is not http or https", url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HttpError::Refused("a URL may not hold credentials".to_owned()));
    }
    Ok(())
}

/// Holds for requests that may go to public addresses only. Names are judged again, by address, when they are resolved;
/// literals never reach the resolver and are judged here.
pub(crate) fn check_public(url: &Url) -> Result<(), HttpError> {
    let port = url.port_or_known_default().unwrap_or(0);
    if (port < 1024 && port != 80 && port != 443) || SERVICE_PORTS.contains(&port) {
        return Err(HttpError::Refused(format!("port {port} is not a web port")));
    }
    let public = match url.host() {
        Some(Host::Ipv4(ip)) => is_public(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_public(IpAddr::V6(ip)),
        Some(Host::Domain(_)) => true,
        None => false,
    };
    if public { Ok(()) } else { Err(HttpError::Refused("not a public address".to_owned())) }
}

/// Ports above 1023 that belong to databases, caches and administration.
const SERVICE_PORTS: [u16; 14] = [1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 6379, 9200, 11211, 27017];

pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// How a name is looked up.
pub(super) type LookUp = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// As the machine does it.
pub(super) fn system() -> LookUp {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }))
}

/// Resolves a name to its public addresses. The connection goes to exactly these, so a second look-up cannot change the answer.
pub(super) struct PublicResolver(pub(super) LookUp);

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.0)(name.as_str().to_owned());
        Box::pin(async move {
            let public = only_public(found.await?.into_iter());
            if public.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(super) struct NoPublicAddress;

fn only_public(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    found.filter(|a| is_public(a.ip())).collect()
}

pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(ip) => is_public_v4(ip),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let bits = ip.to_bits();
    !CLOSED_V4.iter().any(|([a, b, c, d], length)| (bits ^ u32::from_be_bytes([*a, *b, *c, *d])) >> (32 - length) == 0)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let within = |net: Ipv6Addr, length: u32| (ip.to_bits() ^ net.to_bits()) >> (128 - length) == 0;
    within(GLOBAL_V6.0, GLOBAL_V6.1) && !CLOSED_V6.iter().any(|(net, length)| within(*net, *length))
}

/// An address of the IPv4 world in IPv6 clothes: mapped (`::ffff:a.b.c.d`) or through NAT64 (`64:ff9b::a.b.c.d`).
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = ip.octets();
    match ip.segments()[..6] {
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    }
}

/// The IANA special-purpose registry, without what is globally reachable.
const CLOSED_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([168, 63, 129, 16], 32), // a cloud's own metadata and health address, although of a public range
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Unicast that is routed at all; everything outside (loopback, unique local, link-local, multicast …) is closed.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Parts of it that are not the public internet, or tunnels to anywhere (Teredo, 6to4).
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &[&str] = &[
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:a9fe:a9fe]/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://127.1/",
        "http://[::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[fd00::1]/",
        "http://100.64.0.1/",
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.255.255.254/",
        "http://0177.0.0.1/",
        "http://0x7f000001/",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://192.0.0.1/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.1/",
        "http://203.0.113.9/",
        "http://100.127.255.255/",
        "http://168.63.129.16/",
        "http://224.0.0.1/",
        "http://239.255.255.255/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[64:ff9b:1::1]/",
        "http://[100::1]/",
        "http://[fc00::1]/",
        "http://[fdff:ffff::1]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://[2001::1]/",
        "http://[2001:db8::1]/",
        "http://[2002:7f00:1::]/",
        "http://[3fff::1]/",
        "http://[4000::1]/",
        "http://８.８.８.８:22/",
        "http://①②⑦.0.0.1/",
        "https://example.com:22/",
        "https://example.com:1023/",
        "https://example.com:25/",
        "https://example.com:5432/",
        "http://example.com:6379/",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://:pass@example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "ftp://example.com/",
        "data:text/plain,hi",
    ];

    const ADMITTED: &[&str] = &[
        "https://api.openai.com/v1/models",
        "http://example.com:8080/",
        "http://example.com:1024/",
        "https://example.com:8443/a?b=c",
        "https://8.8.8.8/",
        "https://1.1.1.1:443/",
        "https://100.63.255.255/",
        "https://100.128.0.1/",
        "https://172.15.255.255/",
        "https://172.32.0.1/",
        "https://169.253.255.255/",
        "https://192.0.1.1/",
        "https://198.17.255.255/",
        "https://198.20.0.1/",
        "https://223.255.255.255/",
        "https://134744072/",
        "https://[2606:4700:4700::1111]/",
        "https://[2a00:1450:4001::1]/",
        "https://[2001:200::1]/",
        "https://[::ffff:8.8.8.8]/",
        "https://[64:ff9b::808:808]/",
    ];

    fn judge(text: &str) -> Result<(), HttpError> {
        let url = Url::parse(text).map_err(|e| HttpError::Refused(e.to_string()))?;
        check_form(&url)?;
        check_public(&url)
    }

    #[test]
    fn only_public_web_addresses_are_admitted() {
        for url in REFUSED {
            assert!(matches!(judge(url), Err(HttpError::Refused(_))), "{url} was admitted");
        }
        for url in ADMITTED {
            assert!(judge(url).is_ok(), "{url} was refused: {:?}", judge(url));
        }
    }

    #[test]
    fn of_mixed_records_only_the_public_ones_remain() {
        let found = ["127.0.0.1:0", "8.8.8.8:0", "[fd00::1]:0", "[::ffff:10.0.0.1]:0", "[2606:4700::1]:0"];
        let public = only_public(found.iter().map(|a| a.parse().unwrap()));
        assert_eq!(public, ["8.8.8.8:0".parse().unwrap(), "[2606:4700::1]:0".parse::<SocketAddr>().unwrap()]);
    }
}
