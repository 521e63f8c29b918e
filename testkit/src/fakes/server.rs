//! An HTTP server on a local port that can drop a connection at a chosen moment and ends with its owner.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::connect_info::Connected,
    response::Response,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// A running server; dropping it closes the port.
pub(super) struct Server {
    _running: DropGuard,
}

/// Listens on a local port with something else than HTTP; each client's connection is a talk of its own. Dropping the guard closes the port.
pub(super) async fn listen<T>(talk: impl Fn(TcpStream) -> T + Send + 'static) -> io::Result<(SocketAddr, DropGuard)>
where
    T: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let (address, stop, tasks) = (listener.local_addr()?, CancellationToken::new(), TaskTracker::new());
    let (ended, talks) = (stop.clone(), tasks.clone());
    tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = ended.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            if let Ok((stream, _)) = accepted {
                talks.spawn(talk(stream));
            }
        }
    });
    Ok((address, stop.drop_guard()))
}

/// One client's connection, as a handler sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Arc<AtomicBool>);

impl Server {
    /// Listens at once; `stop` also ends what handlers wait for.
    pub(super) fn start(listener: TcpListener, router: Router, stop: CancellationToken) -> Server {
        let service = router.into_make_service_with_connect_info::<Line>();
        let serve = axum::serve(Lines(listener), service).with_graceful_shutdown(stop.clone().cancelled_owned());
        TaskTracker::new().spawn(async move { serve.await });
        Server { _running: stop.drop_guard() }
    }
}

impl Line {
    /// Resets the connection: the client gets no answer, not even an end. The returned response never leaves.
    pub(super) fn cut(&self) -> Response {
        self.0.store(true, Ordering::SeqCst);
        Response::new(Body::empty())
    }

    fn broken(&self) -> io::Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

struct Lines(TcpListener);

struct Wire {
    stream: TcpStream,
    line: Line,
}

impl Listener for Lines {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        (Wire { stream, line: Line::default() }, addr)
    }
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().line.clone()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.line.broken()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.line.broken()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.line.broken()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.broken()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.broken()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.broken().is_err() {
            // Closing now sends a reset instead of an orderly end.
            let _ = self.stream.set_zero_linger();
        }
    }
}
