//! A line to PostgreSQL that breaks after a COMMIT has been carried out and before its answer arrives: nobody knows whether it was done.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::DropGuard;

use super::server::listen;

/// What a client asks instead of beginning: whether the line may be encrypted.
const ASKS_FOR_TLS: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// A running line; dropping it closes it.
pub struct LossyLine {
    address: SocketAddr,
    plan: Arc<Plan>,
    _listening: DropGuard,
}

#[derive(Default)]
struct Plan {
    /// COMMITs that are still answered before the next one is not.
    before: AtomicU64,
    /// Answers that are still to be lost.
    next: AtomicU64,
    /// Each so many-th answer is lost; 0: none.
    every: AtomicU64,
    commits: AtomicU64,
    lost: AtomicU64,
}

impl LossyLine {
    /// To the server at `host:port`.
    pub async fn to(server: &str) -> io::Result<LossyLine> {
        let plan = Arc::new(Plan::default());
        let (to, of) = (server.to_owned(), plan.clone());
        let (address, listening) = listen(move |client| {
            let (to, plan) = (to.clone(), of.clone());
            async move {
                // Either end may go at any time; so does the other one then.
                drop(carry(client, &to, &plan).await);
            }
        })
        .await?;
        Ok(LossyLine { address, plan, _listening: listening })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// So many COMMITs are still answered, and the next one is not.
    pub fn lose_after(&self, count: u64) {
        self.plan.before.store(count, Ordering::SeqCst);
        self.plan.next.store(1, Ordering::SeqCst);
    }

    /// All of them are answered.
    pub fn mend(&self) {
        self.plan.next.store(0, Ordering::SeqCst);
        self.plan.before.store(0, Ordering::SeqCst);
    }

    /// From now on each so many-th is.
    pub fn lose_every(&self, nth: u64) {
        self.plan.every.store(nth, Ordering::SeqCst);
    }

    pub fn lost(&self) -> u64 {
        self.plan.lost.load(Ordering::SeqCst)
    }
}

impl Plan {
    fn loses_this(&self) -> bool {
        let (nth, every) = (self.commits.fetch_add(1, Ordering::SeqCst) + 1, self.every.load(Ordering::SeqCst));
        let less = |of: &AtomicU64| of.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let asked = !less(&self.before) && less(&self.next);
        asked || every > 0 && nth.is_multiple_of(every)
    }
}

async fn carry(mut client: TcpStream, to: &str, plan: &Plan) -> io::Result<()> {
    let mut server = TcpStream::connect(to).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut told, mut talk) = (vec![0; 16 << 10], vec![0; 16 << 10], Talk::default());
    loop {
        tokio::select! {
            n = client.read(&mut asked) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                let commits = talk.hears(&asked[..n]);
                let loses = (0..commits).fold(false, |lost, _| plan.loses_this() || lost);
                server.write_all(&asked[..n]).await?;
                if loses {
                    // Nothing else is asked meanwhile: whatever comes now is the answer.
                    if server.read(&mut told).await? > 0 {
                        plan.lost.fetch_add(1, Ordering::SeqCst);
                    }
                    return client.set_zero_linger();
                }
            }
            n = server.read(&mut told) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                client.write_all(&told[..n]).await?;
            }
        }
    }
}

/// What a client says, message by message.
#[derive(Default)]
struct Talk {
    begun: bool,
    rest: Vec<u8>,
}

impl Talk {
    /// How many COMMITs were asked for with this.
    fn hears(&mut self, bytes: &[u8]) -> usize {
        self.rest.extend_from_slice(bytes);
        let mut commits = 0;
        loop {
            // The first message of a client has no kind.
            let kind = usize::from(self.begun);
            let Some(length) = self.rest.get(kind..kind + 4) else { return commits };
            let whole = kind + u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize;
            if self.rest.len() < whole {
                return commits;
            }
            let message: Vec<u8> = self.rest.drain(..whole).collect();
            commits += usize::from(message == COMMIT);
            self.begun |= message != ASKS_FOR_TLS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_heard_however_it_is_cut_and_nothing_else_is_one() {
        let begins = [&[0, 0, 0, 9, 0, 3, 0, 0, 0][..], b"Q\0\0\0\x0cCOMMIT;\0", b"Q\0\0\0\x0aBEGIN\0"].concat();
        let whole = [&ASKS_FOR_TLS[..], &begins, COMMIT, b"S\0\0\0\x04", COMMIT].concat();
        for cut in 0..whole.len() {
            let mut talk = Talk::default();
            assert_eq!(talk.hears(&whole[..cut]) + talk.hears(&whole[cut..]), 2, "cut at {cut}");
        }
    }

    #[test]
    fn the_asked_for_and_each_so_many_th_are_lost() {
        let plan = Plan::default();
        let next = |n: usize| (0..n).map(|_| plan.loses_this()).collect::<Vec<_>>();
        assert_eq!(next(2), [false, false]);
        plan.before.store(1, Ordering::SeqCst);
        plan.next.store(1, Ordering::SeqCst);
        assert_eq!(next(3), [false, true, false]);
        plan.every.store(3, Ordering::SeqCst);
        assert_eq!(next(4), [true, false, false, true]);
    }
}
