//! The configuration: defaults < `frontdesk.toml` < `.env` < environment < flags, checked as a whole before anything starts.

mod checks;
mod derived;
mod dotenv;
mod environment;
mod file;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod keys;
mod models;
mod problems;
mod rules;
mod secret_file;
mod settings;
mod values;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use self::{environment::Layer, secret_file::ReadSecret, values::Values};
pub(crate) use self::{
    problems::{ConfigError, Problem, Warning},
    settings::*,
};

/// What flags say; it wins over everything else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    /// `--config`: this file must exist.
    pub(crate) config: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) database_url: Option<String>,
    pub(crate) listen: Option<String>,
    /// Keeps the host of `listen`.
    pub(crate) port: Option<u16>,
    pub(crate) role: Option<String>,
    pub(crate) mock_mode: Option<bool>,
    /// The vendor of the default model.
    pub(crate) model: Option<String>,
}

/// Everything that a configuration is made of.
pub(crate) struct Sources {
    pub(crate) env: BTreeMap<String, String>,
    /// The text of `.env`.
    pub(crate) dotenv: Option<String>,
    /// Path and text of `frontdesk.toml`.
    pub(crate) file: Option<(PathBuf, String)>,
    pub(crate) overrides: Overrides,
    /// How `*_FILE` secrets are read.
    pub(crate) read_secret: ReadSecret,
}

impl Config {
    /// Reads environment, `.env` and file of this process: the only place that does.
    pub(crate) fn read(overrides: Overrides) -> Result<(Config, Vec<Warning>), ConfigError> {
        // What is not Unicode is of no use to any setting; replaced characters let a message name it.
        let lossy = |text: OsString| text.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(name, text)| (lossy(name), lossy(text))).collect();
        Config::load(Sources::find(Path::new(""), env, overrides)?)
    }

    /// The configuration that the sources make, and what is worth a warning.
    pub(crate) fn load(sources: Sources) -> Result<(Config, Vec<Warning>), ConfigError> {
        let mut values = Values::defaults();
        if let Some((path, text)) = &sources.file {
            file::apply(path, text, sources.read_secret, &mut values);
        }
        let dotenv = sources.dotenv_layer(&mut values.problems);
        environment::warn_of_slips(&dotenv, &mut values);
        environment::apply(&dotenv, sources.read_secret, &mut values);
        environment::apply(&sources.env_layer(), sources.read_secret, &mut values);
        sources.overrides.apply(&mut values);
        derived::join_port(&mut values);
        rules::apply(&mut values);
        derived::fill_in(&mut values);
        let mut config = values.to_config()?;
        checks::apply(&config, &mut values);
        ConfigError::of(values.problems)?;
        config.not_yet_used = values.not_yet_used;
        Ok((config, values.warnings))
    }
}

impl Default for Config {
    fn default() -> Self {
        Config::load(Sources::default()).expect("the embedded manual is a valid configuration: a test loads it").0
    }
}

impl Default for Sources {
    fn default() -> Self {
        let overrides = Overrides::default();
        Sources { env: BTreeMap::new(), dotenv: None, file: None, overrides, read_secret: secret_file::read }
    }
}

impl Sources {
    /// Looks into the working directory for `.env` and for the file, which may also be named or lie in the data folder.
    fn find(working: &Path, env: BTreeMap<String, String>, overrides: Overrides) -> Result<Sources, ConfigError> {
        let dotenv = read_optional(&working.join(".env"))?;
        let mut sources = Sources { env, dotenv, overrides, ..Sources::default() };
        let named = sources.overrides.config.clone().map(|path| (path, "--config"));
        let named = named.or_else(|| Some((PathBuf::from(sources.var("FRONTDESK_CONFIG")?), "FRONTDESK_CONFIG")));
        if let Some((path, place)) = named {
            let path = working.join(path);
            let text = fs::read_to_string(&path).map_err(|e| unreadable(place, &path, &e))?;
            sources.file = Some((path, text));
            return Ok(sources);
        }
        let data_dir = sources.overrides.data_dir.clone().or_else(|| sources.var("FRONTDESK_DATA_DIR").map(PathBuf::from));
        let data_dir = data_dir.unwrap_or_else(|| PathBuf::from("data"));
        for folder in [working.to_owned(), working.join(data_dir)] {
            let path = folder.join("frontdesk.toml");
            if let Some(text) = read_optional(&path)? {
                sources.file = Some((path, text));
                break;
            }
        }
        Ok(sources)
    }

    /// A name of the environment or else of `.env`.
    fn var(&self, name: &str) -> Option<String> {
        let dotenv = || self.dotenv_layer(&mut Vec::new()).remove(name).map(|(text, _)| text);
        self.env.get(name).cloned().filter(|text| !text.is_empty()).or_else(dotenv).filter(|text| !text.is_empty())
    }

    fn env_layer(&self) -> Layer {
        self.env.iter().map(|(name, text)| (name.clone(), (text.clone(), format!("{name} (environment)")))).collect()
    }

    fn dotenv_layer(&self, problems: &mut Vec<Problem>) -> Layer {
        let (assignments, unreadable) = dotenv::parse(self.dotenv.as_deref().unwrap_or_default(), &self.env);
        problems.extend(unreadable.iter().map(|u| Problem::new(format!(".env:{}", u.line), u.what, u.fix)));
        assignments.into_iter().map(|a| (a.name, (a.value, format!(".env:{}", a.line)))).collect()
    }
}

impl Overrides {
    fn apply(&self, values: &mut Values) {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        if self.listen.is_some() {
            values.port = None;
        }
        if let Some(port) = self.port {
            values.port = Some((port.to_string(), "--port".to_owned()));
        }
        for (key, text, place) in [
            ("data_dir", self.data_dir.as_ref().map(path), "--data-dir"),
            ("database.url", self.database_url.clone(), "--database-url"),
            ("server.listen", self.listen.clone(), "--listen"),
            ("server.role", self.role.clone(), "--role"),
            ("whatsapp.mock_mode", self.mock_mode.map(|on| on.to_string()), "--mock-mode"),
            ("models.default", self.model.clone(), "--model"),
        ] {
            values.set_text(key, text.as_deref().unwrap_or_default(), place);
        }
    }
}

/// Absent is `None`; so is a folder of that name (a Python environment is often called `.env`).
fn read_optional(path: &Path) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory) => {
            Ok(None)
        }
        Err(e) => Err(unreadable("configuration", path, &e).into()),
    }
}

fn unreadable(place: &str, path: &Path, e: &io::Error) -> Problem {
    let fix = match e.kind() {
        io::ErrorKind::NotFound => "name a file that exists",
        io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "give this user the right to read it",
    };
    Problem::new(place, format!("the file `{}` cannot be read ({e})", path.display()), fix)
}

#[cfg(test)]
mod tests;
