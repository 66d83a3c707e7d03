//! Times of the steps, on the shipped lists and, where they lie beside the checkout, on the real workbooks. The whole
//! program is timed beside a script by `benches/ratios.py`.

use std::path::{Path, PathBuf};

use coverage287::acquire::{Offered, guard};
use coverage287::identify::{Lexicon, agencies, agreements};
use coverage287::job::run;
use coverage287::page::PageStatements;
use coverage287::panel::{Reading, panel, read_all};
use coverage287::progress::Progress;
use coverage287::read::Store;
use coverage287::reference::Reference;
use coverage287::settings::{ListSelection, RunSettings};
use coverage287::spec::{SpecFiles, Specs};
use criterion::{Criterion, criterion_group, criterion_main};
use mimalloc::MiMalloc;
use rayon::prelude::*;

/// The allocator that the program uses.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn steps(c: &mut Criterion) {
    let files = SpecFiles::default();
    c.bench_function("specs", |b| b.iter(|| Specs::load(&files).unwrap()));
    c.bench_function("reference", |b| b.iter(|| Reference::load(&files).unwrap()));
    let (specs, reference) = (Specs::load(&files).unwrap(), Reference::load(&files).unwrap());
    for (name, lists) in inputs() {
        let lists = ListSelection { with_record: lists.is_empty(), paths: lists };
        let record = lists.record(&files, &specs).unwrap();
        let offered = record.with(lists.files().unwrap());
        let mut group = c.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("inflate", |b| {
            b.iter(|| {
                let bounds = &specs.agreements.bounds;
                let inflate = |file: &Offered| guard(&file.bytes(bounds.file_bytes).unwrap(), bounds).is_ok();
                offered.par_iter().filter(|file| inflate(file)).count()
            })
        });
        let (store, progress) = (Store::none(), Progress::default());
        let statements = PageStatements::load(&[], &[], &files).unwrap();
        let reading = Reading { specs: &specs, store: &store, record: &record, progress: &progress };
        group.bench_function("read", |b| b.iter(|| read_all(&offered, &reading)));
        let cleaned = || {
            let read = read_all(&offered, &reading);
            panel(read, &specs, &reference.states, &reference.counties, &statements, None)
        };
        group.bench_function("read and clean", |b| b.iter(cleaned));
        let panel = cleaned();
        group.bench_function("identify", |b| {
            b.iter(|| {
                let lexicon = Lexicon::new(&specs.vocabulary, &reference);
                let agencies = agencies(&panel, &lexicon, &reference);
                agreements(&panel, &agencies, specs.checks.confirm_lists)
            })
        });
        let settings = RunSettings { lists, ..RunSettings::dry(&[]) };
        group.bench_function("all but writing", |b| b.iter(|| run(&settings).ran.is_ok()));
    }
}

fn inputs() -> Vec<(&'static str, Vec<PathBuf>)> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/archive");
    let mut inputs = vec![("shipped", Vec::new())];
    match archive.is_dir() {
        true => inputs.push(("archive", vec![archive])),
        false => println!("skipped: the archive: needs real inputs in {}", archive.display()),
    }
    inputs
}

criterion_group!(benches, steps);
criterion_main!(benches);
