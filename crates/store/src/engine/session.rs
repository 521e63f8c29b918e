//! A connection of PostgreSQL in a transaction. What nobody waits for leaves with the next statement that somebody does, or with COMMIT.

use std::{
    future::Future,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use deadpool_postgres::Object;
use futures_util::future::{self, MaybeDone};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::postgres::{broken, type_of};
use crate::{
    db::{Error, Result},
    query::Param,
};

/// Statements that wait in one session before they are sent by themselves.
const MANY: usize = 256;
/// Bytes of a statement that is not copied to wait: it is sent at once.
const LARGE: usize = 64 * 1024;

type Answer<T> = Result<T, tokio_postgres::Error>;

/// Dropped without an end, its connection is closed and never goes back to the pool.
pub(crate) struct Session {
    client: Option<Object>,
    /// Sent together with the first statements, in one round trip.
    begin: Option<String>,
    waiting: Vec<Waiting>,
    /// What was asked, by its number, once it was sent.
    answers: Vec<Option<Vec<Row>>>,
    /// A statement was refused: PostgreSQL answers COMMIT with a silent rollback from then on.
    failed: bool,
    prepared: bool,
}

struct Waiting {
    sql: String,
    params: Vec<Param<'static>>,
    /// The number of its answer; `None`: nobody asks.
    number: Option<usize>,
}

impl Session {
    pub(crate) fn new(client: Object, begin: String, prepared: bool) -> Session {
        Session { client: Some(client), begin: Some(begin), waiting: Vec::new(), answers: Vec::new(), failed: false, prepared }
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    pub(crate) async fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        self.send(Some(Statement { sql, params, wants: Wants::Count })).await.map(|said| said.count)
    }

    pub(crate) async fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        self.send(Some(Statement { sql, params, wants: Wants::Rows })).await.map(|said| said.rows)
    }

    /// Nobody waits for it.
    pub(crate) async fn put(&mut self, sql: &str, params: Vec<Param<'_>>) -> Result<()> {
        if params.iter().map(Param::size).sum::<usize>() > LARGE {
            return self.execute(sql, &params).await.map(drop);
        }
        self.wait(sql, params, None);
        if self.waiting.len() < MANY { Ok(()) } else { self.flush().await }
    }

    /// Somebody waits for it, but not yet. Returns the number of its answer.
    pub(crate) fn ask(&mut self, sql: &str, params: Vec<Param<'_>>) -> usize {
        let number = self.answers.len();
        self.answers.push(None);
        self.wait(sql, params, Some(number));
        number
    }

    pub(crate) async fn answer(&mut self, number: usize) -> Result<Vec<Row>> {
        if self.waiting.iter().any(|w| w.number == Some(number)) {
            self.flush().await?;
        }
        let answer = self.answers.get_mut(number).and_then(Option::take);
        answer.ok_or_else(|| Error::Broken("an answer of another unit of work".into()))
    }

    fn wait(&mut self, sql: &str, params: Vec<Param<'_>>, number: Option<usize>) {
        let params = params.into_iter().map(Param::into_owned).collect();
        self.waiting.push(Waiting { sql: sql.to_owned(), params, number });
    }

    /// Sends what waits.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.send(None).await.map(drop)
    }

    /// Sends what waits and then a last one, in this order and in one round trip.
    async fn send(&mut self, last: Option<Statement<'_>>) -> Result<Said> {
        // Taken before anything is sent: a session dropped half-way must not look untouched.
        let (begin, waiting) = (self.begin.take(), mem::take(&mut self.waiting));
        let client = self.client.as_ref().ok_or_else(|| Error::Broken("the transaction has ended".into()))?;
        let all = waiting.iter().map(Waiting::statement).chain(last);
        // Until the answer is there: a unit of work that gave up this one and went on would lose what waited.
        self.failed = true;
        let mut said =
            together(client, self.prepared, begin.as_deref(), all, None).await.and_then(|said| said).map_err(broken)?;
        self.failed = false;
        let last = if said.len() > waiting.len() { said.pop() } else { None };
        self.keep(&waiting, said);
        Ok(last.unwrap_or_default())
    }

    fn keep(&mut self, waiting: &[Waiting], said: Vec<Said>) {
        for (sent, said) in waiting.iter().zip(said) {
            if let Some(place) = sent.number.and_then(|number| self.answers.get_mut(number)) {
                *place = Some(said.rows);
            }
        }
    }

    /// What waits and COMMIT leave together: after a statement that is refused, PostgreSQL answers COMMIT with a rollback.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        if self.begin.is_some() && self.waiting.is_empty() {
            return Ok(());
        }
        let (begin, waiting) = (self.begin.take(), mem::take(&mut self.waiting));
        let Some(client) = self.client.as_ref() else { return Ok(()) };
        let all = waiting.iter().map(Waiting::statement);
        // Whether a COMMIT that failed went through is not known: the connection is not trusted any more, and goes with this session.
        let said = together(client, self.prepared, begin.as_deref(), all, Some("COMMIT")).await.map_err(broken)?;
        self.client = None;
        said.map(drop).map_err(broken)
    }

    /// The end of what only read. Nobody waits for it: whoever has the connection next comes after it.
    pub(crate) async fn leave(&mut self) -> Result<()> {
        self.flush().await?;
        let Some(client) = self.client.as_ref().filter(|_| self.begin.is_none()) else { return Ok(()) };
        // The first poll sends it.
        let sent = pin!(client.batch_execute("COMMIT")).poll(&mut Context::from_waker(Waker::noop()));
        if !matches!(sent, Poll::Ready(Err(_))) {
            self.client = None;
        }
        Ok(())
    }

    pub(crate) async fn rollback(&mut self) -> Result<()> {
        if self.begin.is_some() {
            return Ok(());
        }
        let Some(client) = self.client.as_ref() else { return Ok(()) };
        client.batch_execute("ROLLBACK").await.map_err(broken)?;
        self.client = None;
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && self.begin.is_none()
        {
            drop(Object::take(client));
        }
    }
}

impl Waiting {
    fn statement(&self) -> Statement<'_> {
        let wants = if self.number.is_some() { Wants::Rows } else { Wants::Count };
        Statement { sql: &self.sql, params: &self.params, wants }
    }
}

struct Statement<'s> {
    sql: &'s str,
    params: &'s [Param<'s>],
    wants: Wants,
}

enum Wants {
    Count,
    Rows,
}

/// What the database said to a statement.
#[derive(Default)]
struct Said {
    count: u64,
    rows: Vec<Row>,
}

/// Sends `begin`, the statements and `end`, in this order, before it waits for the first answer. The outer error: the connection is in no
/// known state. The inner one is that of the first statement that was refused: PostgreSQL carries out nothing after it.
///
/// A `BEGIN` that a living server refuses would let the others run one by one: it has no reason to, and row-level security refuses them all.
async fn together<'s>(
    client: &Object,
    prepared: bool,
    begin: Option<&str>,
    statements: impl Iterator<Item = Statement<'s>>,
    end: Option<&str>,
) -> Answer<Answer<Vec<Said>>> {
    // All are known to the server before the first is sent: one that has to be prepared would be overtaken by those after it.
    let mut ready = Vec::with_capacity(statements.size_hint().0);
    for statement in statements {
        ready.push(Ready::new(client, prepared, statement).await?);
    }
    let mut begun = pin!(future::maybe_done(batch(client, begin)));
    let mut all: Vec<Pin<Box<MaybeDone<_>>>> = ready.iter().map(|one| Box::pin(future::maybe_done(one.run(client)))).collect();
    let mut ended = pin!(future::maybe_done(batch(client, end)));
    let mut sent = false;
    future::poll_fn(|cx| {
        let mut pending = begun.as_mut().poll(cx).is_pending();
        for one in &mut all {
            pending |= one.as_mut().poll(cx).is_pending();
        }
        // One that did not even leave is not known to PostgreSQL, which would commit the others. What PostgreSQL itself has refused
        // by now is another thing: it carries out nothing after it, and the first refusal may still be on its way.
        if !sent && all.iter_mut().any(|one| matches!(one.as_mut().output_mut(), Some(Err(e)) if e.as_db_error().is_none())) {
            return Poll::Ready(());
        }
        sent = true;
        pending |= ended.as_mut().poll(cx).is_pending();
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    let said = all.iter_mut().filter_map(|one| one.as_mut().take_output()).collect::<Answer<Vec<Said>>>();
    match (begun.as_mut().take_output(), ended.as_mut().take_output()) {
        (Some(begun), Some(ended)) => begun.and(ended).map(|()| said),
        _ => said.map(Ok),
    }
}

/// A statement that leaves at the first poll of `run`: what is polled in order arrives in order.
enum Ready<'s> {
    Prepared(tokio_postgres::Statement, Statement<'s>),
    /// Named statements do not work here, behind a pooler of transactions: parsed with each use.
    Typed(Statement<'s>),
}

impl<'s> Ready<'s> {
    async fn new(client: &Object, prepared: bool, statement: Statement<'s>) -> Answer<Ready<'s>> {
        if !prepared {
            return Ok(Ready::Typed(statement));
        }
        let types: Vec<Type> = statement.params.iter().map(|p| type_of(p.kind())).collect();
        Ok(Ready::Prepared(client.prepare_typed_cached(statement.sql, &types).await?, statement))
    }

    async fn run(&self, client: &Object) -> Answer<Said> {
        match self {
            Ready::Prepared(known, Statement { params, wants: Wants::Count, .. }) => {
                client.execute(known, &values(params)).await.map(|count| Said { count, rows: Vec::new() })
            }
            Ready::Prepared(known, Statement { params, wants: Wants::Rows, .. }) => {
                client.query(known, &values(params)).await.map(|rows| Said { count: 0, rows })
            }
            Ready::Typed(Statement { sql, params, wants: Wants::Count }) => {
                client.execute_typed(sql, &typed(params)).await.map(|count| Said { count, rows: Vec::new() })
            }
            Ready::Typed(Statement { sql, params, wants: Wants::Rows }) => {
                client.query_typed(sql, &typed(params)).await.map(|rows| Said { count: 0, rows })
            }
        }
    }
}

fn values<'p>(params: &'p [Param<'p>]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|p| p as &(dyn ToSql + Sync)).collect()
}

fn typed<'p>(params: &'p [Param<'p>]) -> Vec<(&'p (dyn ToSql + Sync), Type)> {
    params.iter().map(|p| (p as &(dyn ToSql + Sync), type_of(p.kind()))).collect()
}

async fn batch(client: &Object, sql: Option<&str>) -> Answer<()> {
    match sql {
        Some(sql) => client.batch_execute(sql).await,
        None => Ok(()),
    }
}
