//! Where a request comes from, as far as it can be believed.

use std::net::{IpAddr, SocketAddr};

use axum::{extract::ConnectInfo, http::Extensions, http::HeaderMap};

/// The address of whoever asks. A proxy of ours (a trusted one) is believed when it says for whom it asks; nobody else is.
pub(crate) fn address(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(a)| a.ip().to_canonical())?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    // From the nearest outwards, and no further than can be read: left of that stands what anybody may have written.
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut hops = lines.flat_map(|line| line.as_bytes().rsplit(|b| *b == b',')).map_while(hop);
    hops.find(|ip| !trusted.contains(ip)).or(Some(peer))
}

/// `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]`, with or without a port.
fn hop(written: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(written).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|a| a.ip()));
    ip.ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let of = |peer: &str, forwarded: &str| {
            let mut extensions = Extensions::new();
            extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            address(&extensions, &headers, &["10.0.0.1".parse().unwrap()]).unwrap().to_string()
        };
        assert_eq!(of("192.0.2.7", "198.51.100.1"), "192.0.2.7");
        assert_eq!(of("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(
            of("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.1"),
            "198.51.100.1",
            "what a stranger put in front is not believed"
        );
        assert_eq!(of("10.0.0.1", "nonsense"), "10.0.0.1");
        assert_eq!(of("::ffff:192.0.2.7", ""), "192.0.2.7");
    }

    #[test]
    fn a_hop_is_read_with_its_port_and_one_that_cannot_be_read_ends_the_walk() {
        let table: [(&[&str], &str); 14] = [
            (&["6.6.6.6, 198.51.100.1:4711"], "198.51.100.1"),
            (&["6.6.6.6,[2001:db8::7]:4711"], "2001:db8::7"),
            (&["6.6.6.6, [2001:db8::7]"], "2001:db8::7"),
            (&["6.6.6.6, 2001:db8::7"], "2001:db8::7"),
            (&["6.6.6.6, [::ffff:198.51.100.1]:80"], "198.51.100.1"),
            (&["6.6.6.6, 198.51.100.1, 10.0.0.2:80"], "198.51.100.1"),
            (&["10.0.0.2:80, 10.0.0.1"], "10.0.0.1"),
            (&["6.6.6.6, unknown"], "10.0.0.1"),
            (&["6.6.6.6, 198.51.100.1:99999"], "10.0.0.1"),
            (&["6.6.6.6, unknown, 10.0.0.2"], "10.0.0.1"),
            (&["6.6.6.6,"], "10.0.0.1"),
            // Lines are one list, and a line that is no text is no gap in it.
            (&["6.6.6.6", "198.51.100.1:4711"], "198.51.100.1"),
            (&["6.6.6.6", "ÿ, 198.51.100.1"], "198.51.100.1"),
            (&["6.6.6.6", "ÿ"], "10.0.0.1"),
        ];
        let proxy: SocketAddr = "10.0.0.1:1".parse().unwrap();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(proxy));
        for (lines, expected) in table {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            let found = address(&extensions, &headers, &[proxy.ip(), "10.0.0.2".parse().unwrap()]);
            assert_eq!(found, Some(expected.parse().unwrap()), "{headers:?}");
        }
    }
}
