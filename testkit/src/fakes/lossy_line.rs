//! A line to PostgreSQL that breaks after a COMMIT has been carried out and before its answer arrives: nobody knows whether it was done. What
//! only reads, and does not wait for its end, is cut off as it begins.

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
/// In the first words of a transaction that changes nothing.
const READS: &[u8] = b"READ ONLY";

/// A running line; dropping it closes it.
pub struct LossyLine {
    address: SocketAddr,
    plan: Arc<Plan>,
    _listening: DropGuard,
}

#[derive(Default)]
struct Plan {
    /// Transactions that are still answered before the next one is not.
    before: AtomicU64,
    /// Answers that are still to be lost.
    next: AtomicU64,
    /// Each so many-th answer is lost; 0: none.
    every: AtomicU64,
    transactions: AtomicU64,
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

    /// So many transactions are still answered, and the next one is not.
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
        let (nth, every) = (self.transactions.fetch_add(1, Ordering::SeqCst) + 1, self.every.load(Ordering::SeqCst));
        let less = |of: &AtomicU64| of.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let asked = !less(&self.before) && less(&self.next);
        asked || every > 0 && nth.is_multiple_of(every)
    }
}

async fn carry(mut client: TcpStream, to: &str, plan: &Plan) -> io::Result<()> {
    let mut server = TcpStream::connect(to).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut asked, mut told) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    let (mut talk, mut answers) = (Talk::default(), Answers::default());
    loop {
        tokio::select! {
            n = client.read(&mut asked) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                let heard = talk.hears(&asked[..n]);
                let loses = heard.iter().fold(None, |lost, moment| if plan.loses_this() { Some(*moment) } else { lost });
                server.write_all(&asked[..n]).await?;
                answers.no_tls |= talk.asked_for_tls;
                if loses == Some(Moment::Commit) {
                    // Carried out, and with it all that was asked before it on this line.
                    while answers.ended < talk.ended {
                        let n = server.read(&mut told).await?;
                        if n == 0 {
                            break;
                        }
                        answers.hears(&told[..n]);
                    }
                }
                if loses.is_some() {
                    plan.lost.fetch_add(1, Ordering::SeqCst);
                    return client.set_zero_linger();
                }
            }
            n = server.read(&mut told) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                answers.hears(&told[..n]);
                client.write_all(&told[..n]).await?;
            }
        }
    }
}

/// When an answer can be lost, once in each transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// What only reads begins.
    Reading,
    /// What changes something is to be kept.
    Commit,
}

/// What a client says, message by message.
#[derive(Default)]
struct Talk {
    begun: bool,
    asked_for_tls: bool,
    reading: bool,
    within: bool,
    /// Transactions that the client has ended.
    ended: usize,
    rest: Vec<u8>,
}

impl Talk {
    fn hears(&mut self, bytes: &[u8]) -> Vec<Moment> {
        self.rest.extend_from_slice(bytes);
        let mut moments = Vec::new();
        loop {
            // The first message of a client has no kind.
            let Some(message) = cut_off(&mut self.rest, usize::from(self.begun)) else { return moments };
            self.asked_for_tls |= message == ASKS_FOR_TLS;
            self.begun |= message != ASKS_FOR_TLS;
            let begins = message.starts_with(b"Q") && message[5..].starts_with(b"BEGIN");
            if begins {
                self.reading = message.windows(READS.len()).any(|words| words == READS);
            }
            if begins && self.reading {
                moments.push(Moment::Reading);
            }
            if message == COMMIT && !self.reading {
                moments.push(Moment::Commit);
            }
            let ends = message == COMMIT || message.starts_with(b"Q\0\0\0\x0dROLLBACK");
            self.ended += usize::from(ends && self.within);
            self.within = begins || self.within && !ends;
        }
    }
}

/// What the server says, message by message.
#[derive(Default)]
struct Answers {
    /// Its first byte says that it speaks no TLS, and is no message.
    no_tls: bool,
    begun: bool,
    within: bool,
    /// Transactions whose end was answered.
    ended: usize,
    rest: Vec<u8>,
}

impl Answers {
    fn hears(&mut self, bytes: &[u8]) {
        let refused = usize::from(!self.begun && self.no_tls);
        self.rest.extend_from_slice(&bytes[refused..]);
        self.begun = true;
        while let Some(message) = cut_off(&mut self.rest, 1) {
            // Ready for more; `I`: in no transaction.
            if let [b'Z', _, _, _, _, status] = message[..] {
                self.ended += usize::from(self.within && status == b'I');
                self.within = status != b'I';
            }
        }
    }
}

/// The first whole message, whose length follows its kind.
fn cut_off(rest: &mut Vec<u8>, kind: usize) -> Option<Vec<u8>> {
    let length = rest.get(kind..kind + 4)?;
    let whole = kind + u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize;
    (rest.len() >= whole).then(|| rest.drain(..whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transaction_is_heard_once_however_it_is_cut() {
        let query = |text: &str| [b"Q", &(text.len() as u32 + 5).to_be_bytes()[..], text.as_bytes(), b"\0"].concat();
        let parts: [&[u8]; 10] = [
            &ASKS_FOR_TLS,
            &[0, 0, 0, 9, 0, 3, 0, 0, 0],
            &query("COMMIT;"),
            &query("BEGIN; SET LOCAL a = 'b'"),
            COMMIT,
            b"S\0\0\0\x04",
            &query("BEGIN READ ONLY; SET LOCAL a = 'b'"),
            COMMIT,
            &query("BEGIN"),
            &query("ROLLBACK"),
        ];
        let whole = [&parts.concat()[..], &query("BEGIN"), COMMIT].concat();
        for cut in 0..whole.len() {
            let mut talk = Talk::default();
            let heard = [talk.hears(&whole[..cut]), talk.hears(&whole[cut..])].concat();
            assert_eq!(heard, [Moment::Commit, Moment::Reading, Moment::Commit], "cut at {cut}");
            assert_eq!((talk.ended, talk.asked_for_tls), (4, true));
        }
    }

    #[test]
    fn an_end_is_answered_when_the_server_is_in_no_transaction_any_more() {
        let said: &[u8] = b"NR\0\0\0\x08\0\0\0\0Z\0\0\0\x05IZ\0\0\0\x05TC\0\0\0\x0bCOMMIT\0Z\0\0\0\x05IZ\0\0\0\x05EZ\0\0\0\x05I";
        for cut in 1..said.len() {
            let mut answers = Answers { no_tls: true, ..Answers::default() };
            answers.hears(&said[..cut]);
            answers.hears(&said[cut..]);
            assert_eq!(answers.ended, 2, "cut at {cut}");
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
