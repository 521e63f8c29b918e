//! A business with its vendors and its customers, on a database of its own.

use std::{
    path::PathBuf,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, work, yardstick};
use tokio::task::JoinSet;

use crate::{
    Bench, Engine,
    customers::{BOOK, CANCEL, Meta},
    product::Product,
    vendors::Vendors,
};

/// A turn that takes longer than this is none.
const PATIENCE: Duration = Duration::from_secs(120);

/// Dropped in this order: the product before its vendors.
pub(crate) struct Scene {
    pub(crate) nodes: Vec<Product>,
    pub(crate) vendors: Arc<Vendors>,
    pub(crate) meta: Meta,
    pub(crate) database: String,
    slots: Vec<String>,
    customers: usize,
    /// Ids of webhooks are different for the whole life of a database.
    messages: Arc<AtomicUsize>,
}

/// What a scene differs in.
#[derive(Default)]
pub(crate) struct Setup<'s> {
    pub(crate) model: Duration,
    pub(crate) nodes: usize,
    pub(crate) settings: &'s [(&'s str, &'s str)],
    /// The program runs under this one.
    pub(crate) under: &'s [&'s str],
}

impl Bench<'_> {
    /// The product, ready, on a new database.
    pub(crate) async fn open(&self, engine: Engine, name: &str, setup: Setup<'_>) -> Result<Scene> {
        let folder = self.folder(engine, name)?;
        let database = self.database(engine, name).await?;
        let vendors = Arc::new(Vendors::start(setup.model).await?);
        let mut nodes = Vec::new();
        for _ in 0..setup.nodes.max(1) {
            let mut node = Product::new(&self.options.program, &vendors, &database, &folder)?;
            node.run_under(setup.under);
            setup.settings.iter().for_each(|(name, value)| node.set(name, value));
            node.start().await?;
            nodes.push(node);
        }
        let meta = Meta::new(nodes.iter().map(|node| node.port).collect(), self.clock.clone());
        vendors.tell(meta.clone());
        let slots = meta.slots(900);
        Ok(Scene { nodes, vendors, meta, database, slots, customers: 0, messages: Arc::default() })
    }

    pub(crate) fn folder(&self, engine: Engine, name: &str) -> Result<PathBuf> {
        let folder = self.options.folder.join(format!("{name}-{}", engine.name().to_lowercase()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(folder)
    }

    /// The address of an empty one: a file, or a schema of its own.
    pub(crate) async fn database(&self, engine: Engine, name: &str) -> Result<String> {
        let (Engine::Postgres, Some(url)) = (engine, &self.options.postgres) else {
            return Ok(format!("sqlite:{}", self.folder(engine, name)?.join("frontdesk.db").display()));
        };
        let db = open(url).await?;
        let schema = format!("frontdesk_bench_{name}");
        let name = schema.clone();
        db.write(&Server, work!(tx => yardstick::empty_schema(tx, &Server, &name).await)).await?;
        db.close().await;
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner).push(schema.clone());
        let mut url: url::Url = url.parse().context("the address of PostgreSQL cannot be read")?;
        url.query_pairs_mut().append_pair("options", &format!("-csearch_path={schema}"));
        // In an address of PostgreSQL a plus is a plus.
        Ok(url.to_string().replace('+', "%20"))
    }

    /// Takes the schemas away that were made so far; one that cannot be is tried again after the next part.
    pub(crate) async fn sweep(&self) -> Result<()> {
        let made = self.schemas.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(url) = self.options.postgres.as_ref().filter(|_| !made.is_empty()) else { return Ok(()) };
        let db = open(url).await?;
        for schema in made {
            let name = schema.clone();
            db.write(&Server, work!(tx => yardstick::remove_schema(tx, &Server, &name).await)).await?;
            self.schemas.lock().unwrap_or_else(PoisonError::into_inner).retain(|left| *left != schema);
        }
        db.close().await;
        Ok(())
    }
}

pub(crate) async fn open(url: &str) -> Result<Db> {
    Ok(Db::open(&frontdesk_store::Options { url: url.to_owned(), pool_size: 6, prepared_statements: true }).await?)
}

impl Scene {
    pub(crate) fn node(&self) -> &Product {
        &self.nodes[0]
    }

    /// After a first load: PostgreSQL looks at its tables, as it does by itself within a minute. Until then it plans for empty ones.
    pub(crate) async fn settle(&self, engine: Engine) -> Result<()> {
        if engine == Engine::Postgres {
            let db = open(&self.database).await?;
            db.write(&Server, work!(tx => yardstick::analyze(tx, &Server).await)).await?;
            db.close().await;
        }
        Ok(())
    }

    /// CPU of all nodes so far, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> f64 {
        self.nodes.iter().map(Product::cpu_ms).sum()
    }

    /// Turns with one tool each: every customer books and cancels in turn, and writes again when answered. A customer begins every `apart`.
    /// From the first message to the last answer, and how long each took.
    pub(crate) async fn turns(&mut self, customers: usize, each: usize, apart: Duration) -> Result<(Duration, Vec<Duration>)> {
        let before = self.vendors.count();
        let first = self.customers;
        self.customers += customers;
        let began = Instant::now();
        let mut writing = JoinSet::new();
        for n in 0..customers {
            let (meta, vendors, messages) = (self.meta.clone(), self.vendors.clone(), self.messages.clone());
            let number = format!("57300{:07}", first + n);
            let slot = self.slots[(first + n) % self.slots.len()].clone();
            let start = apart * u32::try_from(n).unwrap_or(u32::MAX);
            writing.spawn(async move {
                tokio::time::sleep_until((began + start).into()).await;
                let mut took = Vec::with_capacity(each);
                for i in 0..each {
                    let text = if i % 2 == 0 {
                        format!("Hola, quisiera una cita {BOOK}{slot}")
                    } else {
                        format!("No puedo ir {CANCEL}")
                    };
                    let answered = vendors.expect(&number);
                    let wrote = Instant::now();
                    meta.text(&number, &next(&messages), &text).await?;
                    let answered = tokio::time::timeout(PATIENCE, answered).await;
                    took.push(answered.context("a customer was not answered")??.duration_since(wrote));
                }
                anyhow::Ok(took)
            });
        }
        let mut took = Vec::with_capacity(customers * each);
        while let Some(written) = writing.join_next().await {
            took.extend(written??);
        }
        let all = began.elapsed();
        self.vendors.told(before + customers * each, PATIENCE).await?;
        Ok((all, took))
    }

    /// Somebody new writes; nobody waits for the answer. How long the acknowledgement took.
    pub(crate) fn stranger(&mut self, text: &str) -> impl Future<Output = Result<Duration>> + Send + use<> {
        let (meta, number, id) = (self.meta.clone(), format!("57300{:07}", self.customers), next(&self.messages));
        self.customers += 1;
        let text = text.to_owned();
        async move { meta.text(&number, &id, &text).await }
    }
}

fn next(messages: &AtomicUsize) -> String {
    format!("wamid.bench.{}", messages.fetch_add(1, Ordering::Relaxed))
}
