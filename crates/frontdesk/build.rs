//! Builds the console with Node.js and puts its files, compressed, into the program. Without Node the program has no console and says so.

use std::{
    collections::hash_map::DefaultHasher,
    fmt::Write as _,
    fs,
    hash::{Hash, Hasher},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use flate2::{Compression, write::GzEncoder};

/// What the console is made of, besides its packages.
const SOURCES: &[&str] = &[
    "src",
    "widget",
    "public",
    "docs",
    "scripts",
    "index.html",
    "openapi.json",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "vite.widget.config.ts",
];

/// What the bundler runs on: `engines` in `console/package.json`.
const NODE: &str = "Node.js 20.19, or 22.12 and newer,";

fn main() {
    fold();
    let home = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    let console = home.join("../../console");
    for source in SOURCES {
        let path = console.join(source);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    println!("cargo::rerun-if-env-changed=FRONTDESK_WITHOUT_CONSOLE");
    let dist = console.join("dist");
    let files = match build(&console) {
        Ok(()) => files(&dist),
        Err(why) => {
            // In continuous integration a program without its console is a failure, elsewhere it is a smaller program.
            assert!(std::env::var_os("CI").is_none() || wanted_without(), "the console cannot be built: {why}");
            println!("cargo::warning=no console in this program: {why}");
            Vec::new()
        }
    };
    fs::write(out.join("console.rs"), table(&out, &dist, files)).expect("the build folder can be written");
}

/// Functions that came out the same are kept once, where the compiler brings a linker that can.
fn fold() {
    let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|v| v == value);
    let target = [("ARCH", "x86_64"), ("OS", "linux"), ("ENV", "gnu")];
    let sysroot = std::env::var_os("RUSTC").and_then(|rustc| Command::new(rustc).args(["--print", "sysroot"]).output().ok());
    let linker = "lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld";
    let brings = sysroot.is_some_and(|at| Path::new(String::from_utf8_lossy(&at.stdout).trim()).join(linker).exists());
    if brings && is("PROFILE", "release") && target.iter().all(|(what, value)| is(&format!("CARGO_CFG_TARGET_{what}"), value)) {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

fn wanted_without() -> bool {
    std::env::var_os("FRONTDESK_WITHOUT_CONSOLE").is_some()
}

/// Packages when they are missing or changed, then the bundle.
fn build(console: &Path) -> Result<(), String> {
    if wanted_without() {
        return Err("FRONTDESK_WITHOUT_CONSOLE is set".to_owned());
    }
    if !console.join("package.json").exists() {
        return Err("its sources are not here".to_owned());
    }
    let version = Command::new("node").arg("--version").output().map_err(|_| format!("{NODE} is needed, and there is none"))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    if !is_new_enough(&version) {
        return Err(format!("{NODE} is needed, this is {version}"));
    }
    let installed = console.join("node_modules/.package-lock.json");
    let changed = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
    let locked = changed(&console.join("package-lock.json"));
    if changed(&installed) < locked {
        run(console, &["ci", "--no-audit", "--no-fund", "--ignore-scripts"])?;
    }
    // It lies among the sources: written with each build, it would have the next one build everything anew.
    if changed(&console.join("src/api/schema.d.ts")) < changed(&console.join("openapi.json")).max(locked) {
        run(console, &["run", "api"])?;
    }
    // Types are checked by `npm run check` in continuous integration: here it would only take time.
    run(console, &["run", "bundle"])
}

/// `v22.12.0`
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    matches!((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)), (20, 19..) | (22, 12..) | (23.., _))
}

fn run(console: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(console).stdin(Stdio::null());
    let output = npm.output().map_err(|e| format!("npm does not run: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let last: Vec<&str> = told.lines().rev().take(30).collect();
    Err(format!("npm {} failed:\n{}", arguments.join(" "), last.into_iter().rev().collect::<Vec<_>>().join("\n")))
}

/// Every file under a folder, by its path there, sorted.
fn files(dist: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![dist.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(inner) = path.strip_prefix(dist) {
                found.push(inner.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.retain(|path| !path.ends_with(".map"));
    found.sort();
    found
}

/// The table that the program includes.
fn table(out: &Path, dist: &Path, files: Vec<String>) -> String {
    let mut table = String::from("&[\n");
    for (n, path) in files.iter().enumerate() {
        let bytes = fs::read(dist.join(path)).expect("a file that was just built");
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes).expect("memory can be written");
        let packed = out.join(format!("console-{n}.gz"));
        fs::write(&packed, gzip.finish().expect("memory can be written")).expect("the build folder can be written");
        let mut hash = DefaultHasher::new();
        bytes.hash(&mut hash);
        let tag = format!("\"{:016x}\"", hash.finish());
        writeln!(
            table,
            "    frontdesk_web::Asset {{ path: {path:?}, mime: {:?}, gzip: include_bytes!({:?}), tag: {tag:?} }},",
            mime(path),
            packed.display().to_string()
        )
        .expect("a text can be written");
    }
    table.push_str("]\n");
    table
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
