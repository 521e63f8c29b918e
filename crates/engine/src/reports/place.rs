//! Where figures come from: everywhere, one location, or the locations that somebody may see.

use std::collections::HashMap;

use frontdesk_kernel::{Scope, ids::*, language::Language};
use frontdesk_store::{Result, Tx, channels, locations};

use super::in_language;

pub struct Place {
    chosen: Option<LocationId>,
    sees: Option<Vec<LocationId>>,
    names: Vec<String>,
    channels: HashMap<ChannelId, (String, Option<LocationId>)>,
}

impl Place {
    /// `None`: there is no such location, or not for who asks.
    pub async fn find(
        tx: &mut Tx,
        scope: &Scope,
        chosen: Option<&LocationId>,
        sees: Option<&[LocationId]>,
    ) -> Result<Option<Place>> {
        let branches = locations::all(tx, scope).await?;
        let is_hidden =
            |id: &LocationId| sees.is_some_and(|theirs| !theirs.contains(id)) || !branches.iter().any(|b| b.id == *id);
        if chosen.is_some_and(is_hidden) {
            return Ok(None);
        }
        let wanted = chosen.map(std::slice::from_ref).or(sees).unwrap_or_default();
        let names = branches.iter().filter(|b| wanted.contains(&b.id)).map(|b| b.name.clone()).collect();
        let lines = channels::list(tx, scope).await?;
        let name = |c: &channels::Channel| match lines.iter().any(|other| other.name == c.name && other.id != c.id) {
            true => format!("{} ({})", c.name, c.account),
            false => c.name.clone(),
        };
        let channels = lines.iter().map(|c| (c.id.clone(), (name(c), c.location.clone()))).collect();
        Ok(Some(Place { chosen: chosen.cloned(), sees: sees.map(<[_]>::to_vec), names, channels }))
    }

    /// Whether what is at a location, or at none, is in it.
    pub fn holds(&self, location: Option<&LocationId>) -> bool {
        match (&self.chosen, &self.sees, location) {
            (Some(chosen), _, at) => at == Some(chosen),
            (None, Some(theirs), Some(at)) => theirs.contains(at),
            (None, Some(_), None) | (None, None, _) => true,
        }
    }

    /// Whether what came through a channel, or through none, is in it.
    pub fn hears(&self, channel: Option<&ChannelId>) -> bool {
        match channel.map(|c| self.channels.get(c)) {
            Some(Some((_, at))) => self.holds(at.as_ref()),
            // Nobody knows where a channel that was removed belonged.
            Some(None) => self.is_everywhere(),
            None => self.holds(None),
        }
    }

    /// The channels that are in it; `None` = every one.
    pub(super) fn channels(&self) -> Option<Vec<ChannelId>> {
        let theirs = || self.channels.keys().filter(|c| self.hears(Some(c))).cloned().collect();
        (!self.is_everywhere()).then(theirs)
    }

    /// It is all of the business.
    pub fn is_everywhere(&self) -> bool {
        self.chosen.is_none() && self.sees.is_none()
    }

    /// The locations that it is limited to; none = everywhere.
    pub fn covers(&self) -> Vec<LocationId> {
        self.chosen.clone().map(|c| vec![c]).or(self.sees.clone()).unwrap_or_default()
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn channel(&self, id: Option<&ChannelId>, language: Language) -> String {
        match id.map(|id| self.channels.get(id)) {
            Some(Some((name, _))) => name.clone(),
            Some(None) => in_language(("A channel that was removed", "Un canal que se quitó"), language).to_owned(),
            None => in_language(("Without a channel", "Sin canal"), language).to_owned(),
        }
    }
}
