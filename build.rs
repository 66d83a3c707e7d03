//! Embeds the specs and the shipped facts in the binary, compressed; a change to them rebuilds it. Two digests go in with
//! them: one over all sources of the program, one over those that decide how a workbook is read.

#![allow(clippy::disallowed_methods, reason = "a build script writes into its own folder")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

/// Sources that decide what is read from a workbook's bytes.
const READING: [&str; 7] = [
    "src/read",
    "src/acquire",
    "src/addresses.rs",
    "src/mailboxes.rs",
    "src/shown.rs",
    "src/spec/layouts.rs",
    "src/spec/sources.rs",
];

/// Crates that do.
const READERS: [&str; 11] = [
    "csv",
    "csv-core",
    "encoding_rs",
    "flate2",
    "form_urlencoded",
    "percent-encoding",
    "quick-xml",
    "strsim",
    "url",
    "zip",
    "zlib-rs",
];

/// Where the record of lists is: its small files are compressed together, those of a folder in one block.
const RECORD: &str = "data/lists/";

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
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where a build script writes"));
    pack(&out).expect("the specs and the shipped facts can be read and written");
}

/// Writes the compressed blocks one after another, and a table of blocks and files that `src/spec/shipped.rs` includes.
fn pack(out: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    for folder in ["pipelines", "data"] {
        below(Path::new(folder), &mut files);
    }
    let mut names: Vec<String> = files.iter().map(|file| file.to_string_lossy().replace('\\', "/")).collect();
    names.retain(|name| [".toml", ".csv", ".txt"].iter().any(|ending| name.ends_with(ending)));
    names.sort();
    let (mut packed, mut blocks, mut table) = (Vec::new(), String::new(), String::new());
    let (mut block, mut of, mut count) = (Vec::new(), String::new(), 0);
    for (at, name) in names.iter().enumerate() {
        let key = |name: &String| match name.rsplit_once('/') {
            Some((folder, _)) if name.starts_with(RECORD) => folder.to_owned(),
            _ => name.clone(),
        };
        of.clone_from(&key(name));
        let start = block.len();
        block.extend(std::fs::read(name)?);
        writeln!(table, "    ({name:?}, {count}, {start}, {}),", block.len()).expect("a string takes all");
        if names.get(at + 1).map(key).as_ref() != Some(&of) {
            let start = packed.len();
            let mut encoder = DeflateEncoder::new(&mut packed, Compression::best());
            encoder.write_all(&block)?;
            encoder.finish()?;
            writeln!(blocks, "    ({start}, {}, {}),", packed.len(), block.len())
                .expect("a string takes all");
            block.clear();
            count += 1;
        }
    }
    std::fs::write(out.join("shipped.bin"), packed)?;
    let table = format!(
        "static FILES: &[(&str, usize, usize, usize)] = &[\n{table}];\n\
         static BLOCKS: &[(usize, usize, usize)] = &[\n{blocks}];\n"
    );
    std::fs::write(out.join("shipped.rs"), table)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}

fn digest(paths: &[&str], more: &str) -> String {
    let mut hasher = Sha256::new();
    for path in paths {
        add(Path::new(path), &mut hasher);
    }
    hasher.update(more);
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn add(path: &Path, hasher: &mut Sha256) {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            add(&path, hasher);
        }
    } else {
        hasher.update(path.to_string_lossy().as_bytes());
        // A source that was moved would go out of the digest without a word.
        hasher.update(std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    }
}
