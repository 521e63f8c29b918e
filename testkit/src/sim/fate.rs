//! What happens to machines: they die and come back, freeze and wake up as ghosts, are stopped in good order, lose the database or the network.

use std::{sync::Arc, time::Duration};

use frontdesk_engine::workers;

use super::{
    node::Node,
    world::{World, spawn},
};

/// Blows, until the faults end.
pub(super) fn strike(world: &Arc<World>) {
    let world = world.clone();
    spawn(async move {
        loop {
            world.sleep(world.dice.millis(1500..10_000)).await;
            if world.is_over() {
                return;
            }
            blow(&world);
        }
    });
}

fn blow(world: &Arc<World>) {
    let (dice, climate) = (&world.dice, world.climate());
    if dice.chance(climate.outages) {
        match dice.within(0..3) {
            0 => world.lose_db(dice.millis(500..8000)),
            1 => world.cut_off(false, dice.millis(500..15_000)),
            _ => world.cut_off(true, dice.millis(5000..60_000)),
        }
    }
    if dice.chance(climate.clock_jumps) {
        let by = dice.within(500..40_000) as i64;
        world.note(format_args!("the clocks jump by {by} ms"));
        world.time.shift(by);
    }
    let Some(node) = world.some_node() else { return };
    if dice.chance(climate.freezes) {
        let time = if dice.chance(500) { dice.millis(500..14_000) } else { dice.millis(15_000..60_000) };
        world.note(format_args!("{} freezes for {time:?}", node.life));
        node.life.freeze(world.time.elapsed() + time);
    }
    if dice.chance(climate.kills) {
        world.note(format_args!("{} dies", node.life));
        node.life.die();
        come_back(world, &node, dice.millis(100..20_000));
    } else if dice.chance(climate.stops) && world.retire(&node) {
        world.note(format_args!("{} is stopped", node.life));
        let world = world.clone();
        spawn(async move {
            workers::leave(&node.desk, &node.machine).await;
            world.note(format_args!("{} has left", node.life));
            node.life.die();
            come_back(&world, &node, world.dice.millis(100..5000));
        });
    }
}

/// Under its own name, which takes over at once; or under another one, and its lease has to end first.
fn come_back(world: &Arc<World>, dead: &Arc<Node>, wait: Duration) {
    world.bury(dead);
    let (world, dead) = (world.clone(), dead.clone());
    spawn(async move {
        world.sleep(wait).await;
        if world.dice.chance(250) {
            let name = format!("{}'", dead.machine);
            start(&world, &name, None);
        } else {
            start(&world, &dead.machine, Some(&dead));
        }
    });
}

/// Starts a machine; like any service manager, tries again until it runs.
pub(super) fn start(world: &Arc<World>, machine: &str, predecessor: Option<&Arc<Node>>) {
    let predecessor = predecessor.map(|dead| dead.desk.node.clone());
    let node = Arc::new(Node::new(world, machine, world.next_number()));
    world.note(format_args!("{} starts", node.life));
    let world = world.clone();
    spawn(async move {
        while let Err(e) = node.start(predecessor.clone()).await {
            world.note(format_args!("{} cannot start: {e}", node.life));
            world.sleep(Duration::from_secs(1)).await;
        }
        world.join(node);
    });
}
