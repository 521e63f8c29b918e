//! Failures of PostgreSQL under two nodes: no connection left, killed again and again, COMMITs whose answer is lost.

use std::{io::Write, net::TcpStream, thread, time::Duration};

use anyhow::{Context, Result};

use super::{MODEL_MS, Shown, Told, WINDOW, endure};
use crate::{
    crash::{Options, Random, Scene, Site, business, slug},
    postgres::Cluster,
};

const LASTS: Duration = Duration::from_millis(2_500);
const NODES: usize = 2;
const LOSES_FOR: Duration = Duration::from_secs(8);
/// Of how many COMMITs one loses its answer.
const LOSE_EVERY: usize = 25;

fn cluster<'s>(site: &Site<'s>) -> Result<&'s Cluster> {
    site.cluster.context("this story needs PostgreSQL")
}

/// Strangers take every connection that the server gives to anybody, and those of the product are cut.
pub(super) fn no_connection_left(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    let (scene, cluster) = (Scene::new(site, &slug(name), NODES, MODEL_MS, WINDOW)?, cluster(site)?);
    let trouble = |_: &mut Scene<'_>| {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'frontdesk'";
        let mut strangers = Vec::new();
        for _ in 0..5 {
            strangers.extend(strangers_at(&cluster.address())?);
            cluster.tell(&[cut])?;
        }
        strangers.extend(strangers_at(&cluster.address())?);
        thread::sleep(LASTS);
        drop(strangers);
        Ok(())
    };
    endure(scene, options, trouble, Shown::Webhooks).map(Told::Verdict)
}

/// As many connections as the server gives, in use and silent.
fn strangers_at(address: &str) -> Result<Vec<TcpStream>> {
    /// More than it has.
    const MANY: usize = 210;
    let body = b"user\0frontdesk\0database\0frontdesk_test\0\0";
    let length = u32::try_from(body.len() + 8)?.to_be_bytes();
    let hello = [&length[..], &[0, 3, 0, 0], body].concat();
    let mut open = Vec::new();
    for _ in 0..MANY {
        let Ok(mut stream) = TcpStream::connect(address) else { break };
        stream.write_all(&hello)?;
        open.push(stream);
    }
    // They are told that they are in, or that there is no room.
    thread::sleep(Duration::from_millis(500));
    Ok(open)
}

/// It dies at once and recovers, every few seconds.
pub(super) fn killed_and_restarted(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    let (scene, cluster) = (Scene::new(site, &slug(name), NODES, MODEL_MS, WINDOW)?, cluster(site)?);
    let (mut random, times) = (Random(options.seed), options.runs.clamp(2, 10).min(4));
    let trouble = |_: &mut Scene<'_>| {
        for _ in 0..times {
            cluster.crash()?;
            thread::sleep(Duration::from_millis(200 + random.below(1_300)));
            cluster.start_again()?;
            thread::sleep(Duration::from_millis(1_000 + random.below(2_000)));
        }
        Ok(())
    };
    endure(scene, options, trouble, Shown::Webhooks).map(Told::Verdict)
}

/// A line that now and then breaks after a COMMIT was carried out.
pub(super) fn commits_lost(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    let server = cluster(site)?.address();
    // A node that starts may fail for want of an answer; its supervisor's business is not what is looked at here.
    let control = site.folder.join("lose-answers");
    let file = control.display().to_string();
    let more = [("postgres", server.clone()), ("lose-every", LOSE_EVERY.to_string()), ("lose-while", file)];
    let mut scene = Scene::prepare_with(site, &slug(name), NODES, MODEL_MS, WINDOW, &more)?;
    // The business is opened over a whole line.
    scene.key = business::open(&mut scene.nodes[0], &scene.fakes)?;
    let broken = scene.database.replace(&server, &scene.fakes.postgres);
    for node in &mut scene.nodes {
        node.unset("DATABASE_URL");
        node.set("DATABASE_URL", &broken);
    }
    let trouble = |_: &mut Scene<'_>| {
        std::fs::write(&control, "")?;
        thread::sleep(LOSES_FOR);
        std::fs::remove_file(&control)?;
        Ok(())
    };
    endure(scene, options, trouble, Shown::Log("connection to PostgreSQL")).map(Told::Verdict)
}
