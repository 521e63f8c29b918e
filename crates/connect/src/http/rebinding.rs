//! A name server that says one thing now and another later: whoever owns a name can lead it home after we have looked at it.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use frontdesk_kernel::ports::http::{Http, Method, Request};
use reqwest::dns::{Name, Resolve};
use tokio::net::UdpSocket;

use super::{
    Egress, EgressSettings,
    address::{LookUp, PublicResolver},
};

/// Public, and never connected to here.
const PUBLIC: Ipv4Addr = Ipv4Addr::new(8, 8, 8, 8);

struct NameServer {
    at: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl NameServer {
    /// Gives these answers one after the other, and the last one for ever.
    async fn saying(answers: &[&[Ipv4Addr]]) -> NameServer {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (at, asked) = (socket.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let mut answers: VecDeque<Vec<Ipv4Addr>> = answers.iter().map(|a| a.to_vec()).collect();
        let count = asked.clone();
        let serve = async move {
            let mut question = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                count.fetch_add(1, Ordering::SeqCst);
                let now = if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() };
                socket.send_to(&answer(&question[..length], &now), from).await.unwrap();
            }
        };
        #[expect(clippy::disallowed_methods, reason = "a server for the length of a test")]
        tokio::spawn(serve);
        NameServer { at, asked }
    }

    /// Asks it anew at every look-up, as a resolver does where an answer is good for no time at all.
    fn look_up(&self) -> LookUp {
        let server = self.at;
        Arc::new(move |name| {
            Box::pin(async move {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                socket.send_to(&question(&name), server).await?;
                let mut reply = [0; 512];
                let length = socket.recv(&mut reply).await?;
                Ok(addresses(&reply[..length], question(&name).len()))
            })
        })
    }
}

/// One question for the IPv4 addresses of a name.
fn question(name: &str) -> Vec<u8> {
    let mut packet = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        packet.push(label.len() as u8);
        packet.extend(label.as_bytes());
    }
    packet.extend([0, 0, 1, 0, 1]);
    packet
}

/// The question again, then each address with a lifetime of nothing.
fn answer(question: &[u8], addresses: &[Ipv4Addr]) -> Vec<u8> {
    let mut packet = question.to_vec();
    packet[2..4].copy_from_slice(&[0x81, 0x80]);
    packet[7] = addresses.len() as u8;
    for address in addresses {
        packet.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        packet.extend(address.octets());
    }
    packet
}

fn addresses(reply: &[u8], question: usize) -> Vec<SocketAddr> {
    let records = reply[question..].chunks_exact(16);
    records.map(|r| SocketAddr::from(([r[12], r[13], r[14], r[15]], 0))).collect()
}

async fn resolved(resolver: &PublicResolver) -> Result<Vec<SocketAddr>, String> {
    let found = resolver.resolve(Name::from_str("rebind.example").unwrap()).await;
    found.map(Iterator::collect).map_err(|e| e.to_string())
}

#[tokio::test]
async fn every_answer_of_a_name_server_is_judged_not_only_the_first() {
    let server = NameServer::saying(&[&[PUBLIC], &[Ipv4Addr::LOCALHOST], &[Ipv4Addr::new(10, 0, 0, 1), PUBLIC]]).await;
    let resolver = PublicResolver(server.look_up());
    assert_eq!(resolved(&resolver).await, Ok(vec![(PUBLIC, 0).into()]));
    assert_eq!(resolved(&resolver).await, Err("the name leads to no public address".to_owned()));
    assert_eq!(resolved(&resolver).await, Ok(vec![(PUBLIC, 0).into()]), "of mixed answers the public ones");
    assert_eq!(server.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_name_that_was_public_when_it_was_saved_and_leads_home_now_is_not_connected_to() {
    let home = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    home.set_nonblocking(true).unwrap();
    let url = format!("http://rebind.example:{}/admin", home.local_addr().unwrap().port());
    let server = NameServer::saying(&[&[Ipv4Addr::LOCALHOST]]).await;
    let egress = Egress::looking_up(&EgressSettings::default(), &server.look_up()).unwrap();
    assert!(egress.admits_guest(&url).is_ok(), "as it was saved");
    for guest in [true, false] {
        let refused = egress.send(Request { guest, ..Request::new(Method::Get, url.clone()) }).await;
        assert!(refused.is_err(), "guest: {guest}");
    }
    assert!(home.accept().is_err_and(|e| e.kind() == std::io::ErrorKind::WouldBlock), "somebody knocked at home");
    assert_eq!(server.asked.load(Ordering::SeqCst), 2, "one look-up for each request");
}
