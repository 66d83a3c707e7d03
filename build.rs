//! The specs and the shipped facts are embedded in the binary; a change to them rebuilds it. Two digests go in
//! with them: of all the program's sources, and of those that decide how a workbook is read.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::Path;

/// Sources that decide what is read from a workbook's bytes.
const READING: [&str; 5] =
    ["src/read", "src/acquire", "src/shown.rs", "src/spec/layouts.rs", "src/spec/sources.rs"];

/// Crates that do.
const READERS: [&str; 8] =
    ["csv", "csv-core", "encoding_rs", "flate2", "percent-encoding", "quick-xml", "zip", "zlib-rs"];

fn main() {
    for watched in ["build.rs", "askama.toml", "pipelines", "data", "src", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    let versions: Vec<&str> = lock
        .split("[[package]]")
        .filter(|package| READERS.iter().any(|name| package.contains(&format!("name = \"{name}\"\n"))))
        .collect();
    println!("cargo:rustc-env=COVERAGE287_READER={}", digest(&READING, &versions.concat()));
    println!("cargo:rustc-env=COVERAGE287_PROGRAM={}", digest(&["src"], &lock));
}

fn digest(paths: &[&str], more: &str) -> String {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(Path::new(path), &mut hasher);
    }
    hasher.write(more.as_bytes());
    format!("{:016x}", hasher.finish())
}

fn add(path: &Path, hasher: &mut DefaultHasher) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            add(&path, hasher);
        }
    } else {
        hasher.write(path.to_string_lossy().as_bytes());
        hasher.write(&std::fs::read(path).unwrap_or_default());
    }
}
