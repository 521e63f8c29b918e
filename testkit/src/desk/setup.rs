//! Putting a desk together.

use std::{
    collections::BTreeMap,
    future::Future,
    net::Ipv4Addr,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::Router;
use frontdesk_connect::{
    channels,
    http::{AddressPolicy, Egress, EgressSettings},
    mail::{Imap, Smtp},
    mcp, models, payments,
    sso::{self, Oidc},
};
use frontdesk_engine::{
    Desk, Settings,
    access::{self, sso::Rules},
    desk::{Parts, Pause, Vendor},
    settings::{ApiServer, ModelServer, VendorApi},
};
use frontdesk_kernel::{
    Clock, Id, Secret, Timestamp,
    ids::OfNode,
    ports::{identity::IdentityProvider, mail::Mailer, mailbox::Mailbox, scripts::NoScripts},
    scope::Server,
};
use frontdesk_store::{nodes, vault::Vault, work};
use frontdesk_web::{BasicLogin, Limits, Metrics, Web};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{APP_SECRET, Database, Doorkeeper, Engine, TestDesk};
use crate::{
    fakes::{
        CLIENT_ID, CLIENT_SECRET, FakeConsent, FakeGemini, FakeGraph, FakeIdentityProvider, FakeImap, FakeMcp, FakeOpenAi,
        FakeService, FakeSmtp, FakeStripe, GraphOptions, News, Options, Statuses,
    },
    time::{CountingRandom, FakeClock, SeqIds},
};

/// How a desk differs from the usual one.
pub struct Setup {
    settings: Settings,
    limits: Limits,
    live: bool,
    mail: bool,
    mailbox: bool,
    named: bool,
    sso: bool,
    records: bool,
    lossy: bool,
    public: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup::new()
    }
}

impl Setup {
    pub fn new() -> Setup {
        Setup {
            settings: Settings::default(),
            limits: Limits { requests_per_second: 0, ..Limits::default() },
            live: false,
            mail: false,
            mailbox: false,
            named: false,
            sso: false,
            records: false,
            lossy: false,
            public: None,
        }
    }

    /// Changes the engine's settings.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Settings)) -> Setup {
        change(&mut self.settings);
        self
    }

    /// Changes what requests are held to.
    #[must_use]
    pub fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Setup {
        change(&mut self.limits);
        self
    }

    /// The loops of a real server run, and the clock runs too.
    #[must_use]
    pub fn live(mut self) -> Setup {
        self.live = true;
        self
    }

    /// The desk has a name (`localhost`) and not only an address, which passkeys need.
    #[must_use]
    pub fn named(mut self) -> Setup {
        self.named = true;
        self
    }

    /// People may sign in through the fake identity provider.
    #[must_use]
    pub fn sso(mut self) -> Setup {
        self.sso = true;
        self
    }

    /// Where the desk says that it is reached, instead of where it listens.
    #[must_use]
    pub fn reached_at(mut self, url: &str) -> Setup {
        self.public = Some(url.to_owned());
        self
    }

    /// Our own mail leaves for the fake mail server.
    #[must_use]
    pub fn mail(mut self) -> Setup {
        self.mail = true;
        self
    }

    /// Our own mail may be answered: answers arrive in the fake mailbox.
    #[must_use]
    pub fn mailbox(mut self) -> Setup {
        (self.mail, self.mailbox) = (true, true);
        self
    }

    /// Answers of PostgreSQL to COMMITs may be lost (`TestDesk::lose_commit_after`).
    #[must_use]
    pub fn lossy(mut self) -> Setup {
        self.lossy = true;
        self
    }

    /// The business's own service keeps its records (`API_SERVER_URL`).
    #[must_use]
    pub fn records(mut self) -> Setup {
        self.records = true;
        self
    }

    /// How long the fakes may keep a model call waiting, in real time.
    #[must_use]
    pub fn model_patience(self, first_token: Duration, total: Duration) -> Setup {
        self.with(|s| {
            s.call_limits.first_token = first_token;
            s.call_limits.gap = first_token;
            s.call_limits.total = total;
        })
    }

    pub(super) async fn build(self, engine: Engine) -> Option<TestDesk> {
        let database = Database::create(engine, self.lossy).await?;
        let clock = Arc::new(DeskClock::new(self.live));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free local port");
        let address = listener.local_addr().expect("a bound socket");
        let url = if self.named { format!("http://localhost:{}", address.port()) } else { format!("http://{address}") };

        let statuses = Statuses::of([News::Sent, News::Delivered, News::Read]);
        // What leaves does not depend on the database, and compiling the contracts takes longer than most stories.
        let checked = Options { validate: engine == Engine::Sqlite, ..Options::default() };
        let graph = GraphOptions { statuses, clock: clock.clone(), base: checked.clone(), ..GraphOptions::default() };
        let graph = FakeGraph::start_with(graph).await.expect("a fake of the Graph API");
        graph.webhook(format!("{url}/webhooks/whatsapp"), APP_SECRET);
        let openai = FakeOpenAi::start_with(checked.clone()).await.expect("a fake of OpenAI");
        let stripe = FakeStripe::start(clock.clone(), &checked).await.expect("a fake of Stripe");
        let gemini = FakeGemini::start_with(checked).await.expect("a fake of Gemini");

        let service = FakeService::start().await.expect("a fake of a business's own service");
        let server_of_tools = FakeMcp::start().await.expect("a fake server of tools");

        let consent = FakeConsent::start(clock.clone()).await.expect("a fake giver of access");

        let identity = FakeIdentityProvider::start(clock.clone()).await.expect("a fake identity provider");
        let provider = self.sso.then(|| {
            let (name, secret) = ("Example".to_owned(), Some(Secret::new(CLIENT_SECRET)));
            let settings =
                sso::Settings { name, issuer: identity.url().to_owned(), client_id: CLIENT_ID.to_owned(), client_secret: secret };
            (Arc::new(Oidc::new(settings)) as Arc<dyn IdentityProvider>, Rules::default())
        });

        let smtp = FakeSmtp::start().await.expect("a fake mail server");
        let mailer = self.mail.then(|| {
            let smtp = Smtp::new(&Secret::new(smtp.url()), "Front desk <desk@luna.example>").expect("a mailer");
            Arc::new(smtp) as Arc<dyn Mailer>
        });
        let imap = FakeImap::start().await.expect("a fake mailbox");
        let mailbox = self.mailbox.then(|| Arc::new(Imap::new(&Secret::new(imap.url())).expect("a mailbox")) as Arc<dyn Mailbox>);
        let mut settings = self.settings;
        settings.vendors.insert("whatsapp", VendorApi { base_url: graph.url().to_owned(), version: "v23.0".to_owned() });
        settings.vendors.insert("stripe", VendorApi { base_url: stripe.url().to_owned(), version: String::new() });
        settings.model_servers = model_servers(&openai, &gemini);
        let mut origins = [graph.url(), openai.url(), gemini.url(), identity.url(), stripe.url()].map(str::to_owned).to_vec();
        if self.records {
            origins.push(service.url().to_owned());
            settings.api_server =
                Some(ApiServer { url: format!("{}/v2/", service.url()), key: Some(Secret::new("records-key")) });
        }
        let egress = EgressSettings {
            allow_private: AddressPolicy::Allow(origins),
            open_to_guests: [service.url(), server_of_tools.url(), consent.origin()].map(str::to_owned).to_vec(),
            ..EgressSettings::default()
        };
        let doorkeeper = Arc::new(Doorkeeper::default());
        let ids = SeqIds::new();
        let node: Id<OfNode> = Id::new(&*ids, clock.now());
        let desk = Desk::new(Parts {
            db: database.db.behind(doorkeeper.clone()),
            clock: clock.clone(),
            ids,
            pause: if self.live { Arc::new(RealPause) } else { Arc::new(FakePause(clock.clone())) },
            http: Arc::new(Egress::new(egress).expect("the fakes have plain origins")),
            scripts: Arc::new(NoScripts),
            channels: channels::ALL,
            payments: payments::ALL,
            mcp: &mcp::Client,
            vendors: vendors(),
            vault: Vault::new(&Secret::new("a key for tests")),
            signing_key: Secret::new("a signing key for tests"),
            node,
            settings,
            access: access::Parts {
                random: Arc::new(CountingRandom::default()),
                mailer,
                mailbox,
                provider,
                public_url: Some(self.public.unwrap_or_else(|| url.clone())),
            },
        });
        if self.live {
            frontdesk_engine::workers::start(&desk, "test").await.expect("the loops start");
        } else {
            register(&desk).await;
        }
        let web = Web {
            desk: desk.clone(),
            metrics: Metrics::install(),
            limits: self.limits,
            version: "0",
            operator_key: None,
            public_origin: None,
            security_contact: Some("mailto:security@desk.example".into()),
            // Browsers of a story say where they are.
            trusted_proxies: Arc::from([std::net::IpAddr::from(Ipv4Addr::LOCALHOST)]),
            basic: Some(Arc::new(BasicLogin { username: "admin".into(), password: Secret::new("contraseña") })),
            rates: Arc::default(),
            console: &[],
        };
        let stop = CancellationToken::new();
        serve(listener, frontdesk_web::router(web), stop.clone());
        Some(TestDesk {
            engine: desk,
            clock,
            graph,
            openai,
            gemini,
            identity,
            service,
            mcp: server_of_tools,
            consent,
            smtp,
            imap,
            stripe,
            url,
            client: client(),
            database,
            doorkeeper,
            live: self.live,
            numbers: Default::default(),
            leftovers: Default::default(),
            violations: Default::default(),
            _server: stop.drop_guard(),
        })
    }
}

/// Stands still until told otherwise; in a live desk it also runs.
pub struct DeskClock {
    base: Arc<FakeClock>,
    running_since: Option<Instant>,
}

impl DeskClock {
    fn new(runs: bool) -> DeskClock {
        DeskClock { base: FakeClock::new(), running_since: runs.then(Instant::now) }
    }
    pub fn advance(&self, by: Duration) {
        self.base.advance(by);
    }
}

impl Clock for DeskClock {
    fn now(&self) -> Timestamp {
        self.base.now().plus(self.running_since.map(|began| began.elapsed()).unwrap_or_default())
    }
}

/// Nobody sleeps: time passes at once.
struct FakePause(Arc<DeskClock>);

#[async_trait]
impl Pause for FakePause {
    async fn pause(&self, d: Duration) {
        self.0.advance(d);
        tokio::task::yield_now().await;
    }
}

struct RealPause;

#[async_trait]
impl Pause for RealPause {
    async fn pause(&self, d: Duration) {
        tokio::time::sleep(d).await;
    }
}

fn vendors() -> Vec<Vendor> {
    let known = models::vendors().filter_map(|v| {
        Some(Vendor { key: v.key, model: models::find(v.dialect)?, base_url: v.default_base_url, needs_key: v.needs_key })
    });
    known.collect()
}

fn model_servers(openai: &FakeOpenAi, gemini: &FakeGemini) -> BTreeMap<String, ModelServer> {
    let server = |base_url: String, key: &str| ModelServer {
        base_url: Some(base_url),
        key: Some(Secret::new(key)),
        ..ModelServer::default()
    };
    BTreeMap::from([
        ("openai".to_owned(), server(openai.base_url(), "sk-of-the-server")),
        ("gemini".to_owned(), server(gemini.base_url(), "AIza-of-the-server")),
    ])
}

/// Stepping by hand has no heartbeat, so this node lives for a very long time.
async fn register(desk: &Arc<Desk>) {
    let (node, now, lease) = (desk.node.clone(), desk.now(), Duration::from_secs(20 * 365 * 24 * 3600));
    let registered =
        desk.db.write(&Server, work!(tx => nodes::heartbeat(tx, &Server, &node, "test", "0", now, lease).await)).await;
    registered.expect("the node registers");
}

fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    spawn(async move {
        drop(
            axum::serve(listener, router.into_make_service_with_connect_info::<std::net::SocketAddr>())
                .with_graceful_shutdown(stop.cancelled_owned())
                .await,
        )
    });
}

#[expect(clippy::disallowed_methods, reason = "the server of a test ends with its desk")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Speaks to this machine, without TLS: the certificates of the system are not read.
fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a story is its own client")]
    let builder = reqwest::Client::builder();
    builder
        .no_proxy()
        .tls_certs_only([])
        .redirect(reqwest::redirect::Policy::none())
        .timeout(super::PATIENCE)
        .build()
        .expect("a client without special settings")
}
