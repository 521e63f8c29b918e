//! The fakes as a process of their own, so that they outlive a product that is killed.

mod payer;

use std::{
    io::{self, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use clap::Parser;
use frontdesk_kernel::{Clock, Timestamp};
use frontdesk_testkit::fakes::{
    FakeGemini, FakeGraph, FakeMcp, FakeOpenAi, FakeService, FakeStripe, GraphFault, GraphOptions, LossyLine, ModelFault, News,
    Options, Statuses, Webhook,
};
use serde_json::json;
use tokio_util::task::TaskTracker;

/// Fakes of Meta's Graph API, OpenAI, Gemini, Stripe, a server of tools and a service of the business's own. Prints one JSON line with their
/// addresses when all are ready.
#[derive(Parser)]
struct Arguments {
    /// 0: any free port.
    #[arg(long, default_value_t = 9101)]
    graph_port: u16,
    #[arg(long, default_value_t = 9102)]
    openai_port: u16,
    #[arg(long, default_value_t = 9103)]
    gemini_port: u16,
    /// Where statuses of sent messages are posted; none are without it.
    #[arg(long)]
    webhook: Option<String>,
    /// Signs the statuses.
    #[arg(long, default_value = "")]
    app_secret: String,
    /// Statuses that follow a message: `sent`, `delivered`, `read`, in this order.
    #[arg(long, value_delimiter = ',', default_value = "sent,delivered,read", value_parser = news)]
    statuses: Vec<News>,
    /// Each status is posted so many times.
    #[arg(long, default_value_t = 1)]
    status_copies: usize,
    /// Pause between the acceptance of a message and its first status.
    #[arg(long, default_value_t = 20)]
    status_delay_ms: u64,
    #[arg(long, default_value_t = 0)]
    model_latency_ms: u64,
    #[arg(long, default_value_t = 0)]
    send_latency_ms: u64,
    /// Share of calls that go wrong, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    fault_rate: f64,
    /// The same seed gives the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON line for each accepted message is appended here.
    #[arg(long)]
    log: Option<PathBuf>,
    /// One JSON line for each request to the business's own service is appended here.
    #[arg(long)]
    service_log: Option<PathBuf>,
    /// The service does what it is asked, and answers so much later.
    #[arg(long, default_value_t = 0)]
    service_latency_ms: u64,
    /// Each so many-th answer of the service does not arrive; 0: all do.
    #[arg(long, default_value_t = 0)]
    service_lose_every: usize,
    /// Where Stripe's reports are posted; each link is paid at once then.
    #[arg(long)]
    payments: Option<String>,
    /// One JSON line for each link and refund of Stripe's is appended here.
    #[arg(long)]
    payments_log: Option<PathBuf>,
    /// A PostgreSQL server (`host:port`), reached through a line that loses answers.
    #[arg(long)]
    postgres: Option<String>,
    /// The answer to each so many-th COMMIT is lost on that line.
    #[arg(long, default_value_t = 0)]
    lose_every: u64,
    /// They are lost only while this file is there.
    #[arg(long, requires = "lose_every")]
    lose_while: Option<PathBuf>,
    /// Do not check requests against the vendors' contracts: for measurements.
    #[arg(long)]
    no_validate: bool,
    /// How many of the latest requests stay in memory.
    #[arg(long, default_value_t = 1000)]
    keep: usize,
}

pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "a process of its own has no other clock")]
        let now = std::time::SystemTime::now();
        Timestamp(now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64))
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let graph = FakeGraph::start_with(graph_options(&arguments)).await?;
    let openai = FakeOpenAi::start_with(arguments.options(arguments.openai_port, arguments.model_latency_ms)).await?;
    let gemini = FakeGemini::start_with(arguments.options(arguments.gemini_port, arguments.model_latency_ms)).await?;
    let service = FakeService::start().await?;
    service.takes(Duration::from_millis(arguments.service_latency_ms));
    service.lose_every(arguments.service_lose_every);
    if let Some(log) = &arguments.service_log {
        service.log(log)?;
    }
    if arguments.fault_rate > 0.0 {
        graph.faults().storm(arguments.fault_rate, arguments.seed, GraphFault::weather());
        openai.faults().storm(arguments.fault_rate, arguments.seed ^ 1, ModelFault::weather());
        gemini.faults().storm(arguments.fault_rate, arguments.seed ^ 2, ModelFault::weather());
    }
    let stripe = Arc::new(FakeStripe::start(Arc::new(WallClock), &arguments.options(0, 0)).await?);
    if let Some(webhook) = arguments.payments.clone() {
        TaskTracker::new().spawn(payer::pay(stripe.clone(), webhook, arguments.payments_log.clone()));
    }
    let tools = FakeMcp::start().await?;
    if arguments.no_validate {
        tools.believe();
    }
    tools.offer([json!({
        "name": "find_order", "description": "Finds an order by its number.",
        "inputSchema": { "type": "object", "properties": { "number": { "type": "string" } }, "required": ["number"] },
    })]);
    let line = match &arguments.postgres {
        Some(server) => Some(Arc::new(LossyLine::to(server).await?)),
        None => None,
    };
    match (&line, arguments.lose_while.clone()) {
        (Some(line), Some(file)) => drop(TaskTracker::new().spawn(lose_while(line.clone(), arguments.lose_every, file))),
        (Some(line), None) => line.lose_every(arguments.lose_every),
        (None, _) => {}
    }
    let ready = json!({
        "graph": graph.url(), "openai": openai.base_url(), "gemini": gemini.base_url(), "service": service.url(), "stripe": stripe.url(),
        "tools": tools.endpoint(), "postgres": line.as_ref().map(|line| line.address().to_string()),
    });
    writeln!(io::stdout(), "{ready}")?;
    io::stdout().flush()?;
    tokio::signal::ctrl_c().await?;
    let violations: Vec<_> = [graph.violations(), openai.violations(), gemini.violations()].concat();
    let last = json!({"sent": graph.sent_count(), "given_up": graph.given_up(), "violations": violations, "lost": line.map(|line| line.lost())});
    writeln!(io::stdout(), "{last}")
}

async fn lose_while(line: Arc<LossyLine>, every: u64, file: PathBuf) {
    loop {
        line.lose_every(if file.exists() { every } else { 0 });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Arguments {
    fn options(&self, port: u16, latency_ms: u64) -> Options {
        Options {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            validate: !self.no_validate,
            latency: Duration::from_millis(latency_ms),
            keep: self.keep,
            key: None,
        }
    }
}

fn graph_options(arguments: &Arguments) -> GraphOptions {
    let pause = News::Wait(Duration::from_millis(arguments.status_delay_ms));
    let news: Vec<_> = std::iter::once(pause).chain(arguments.statuses.iter().copied()).collect();
    GraphOptions {
        base: arguments.options(arguments.graph_port, arguments.send_latency_ms),
        webhook: arguments.webhook.clone().map(|url| Webhook { url, app_secret: arguments.app_secret.clone() }),
        // The product is killed and started again meanwhile: go on posting for some minutes.
        statuses: Statuses::of(news).copies(arguments.status_copies).tries(60),
        log: arguments.log.clone(),
        clock: Arc::new(WallClock),
    }
}

fn news(word: &str) -> Result<News, String> {
    match word {
        "sent" => Ok(News::Sent),
        "delivered" => Ok(News::Delivered),
        "read" => Ok(News::Read),
        "played" => Ok(News::Played),
        _ => Err(format!("`{word}` is not sent, delivered, read or played")),
    }
}
