//! The structure of the code: no modules import in a circle, a person can read every file in one sitting, no public
//! type name is used twice, and docs/architecture.md is right about the steps and the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The most lines of a file of `src/`, and of `src/run.rs`.
const LINES: usize = 500;
const RUN_LINES: usize = 120;

/// The highest median of the lines of files.
const MEDIAN_LINES: usize = 150;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the text of every source file by its module path (`census::read`; the library itself is empty).
fn sources() -> BTreeMap<String, String> {
    fn below(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, files) } else { files.push(path) }
        }
    }
    let src = root().join("src");
    let mut files = Vec::new();
    below(&src, &mut files);
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("main.rs"));
    let module = |path: &Path| {
        let name = path.strip_prefix(&src).unwrap().with_extension("");
        let name = name.to_str().unwrap().replace('\\', "/").replace('/', "::");
        match name.as_str() {
            "lib" => String::new(),
            _ => name.strip_suffix("::mod").unwrap_or(&name).to_owned(),
        }
    };
    files.iter().map(|path| (module(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Returns a text without comments, texts in quotes and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut code = String::new();
    for line in text.lines() {
        let mut in_quotes = false;
        let mut before = ' ';
        for (at, c) in line.char_indices() {
            if !in_quotes && line[at..].starts_with("//") {
                break;
            }
            if c == '"' && before != '\\' && before != '\'' {
                in_quotes = !in_quotes;
            } else if !in_quotes {
                code.push(c);
            }
            before = if before == '\\' { ' ' } else { c };
        }
        code.push('\n');
    }
    // Who may see a thing is no use of a module: `pub(in crate::identify)`.
    while let Some(at) = code.find("pub(in ") {
        let end = code[at..].find(')').map_or(code.len(), |end| at + end + 1);
        code.replace_range(at..end, "pub");
    }
    code
}

/// Returns the paths of a `use` tree: `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`; new names are left out.
fn leaves(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap().trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut items, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    let items = items.iter().filter(|item| !item.trim().is_empty());
    items.flat_map(|item| leaves(item)).map(|leaf| format!("{}{leaf}", head.trim())).collect()
}

/// Imports of all modules: which module uses which, seen through re-exports.
struct Imports {
    modules: BTreeSet<String>,
    /// The path that a `use` gives to a name, by module and name.
    names: BTreeMap<(String, String), Vec<String>>,
    used: BTreeMap<String, Vec<Vec<String>>>,
}

impl Imports {
    fn new(sources: &BTreeMap<String, String>) -> Self {
        let modules = sources.keys().cloned().collect();
        let mut imports = Self { modules, names: BTreeMap::new(), used: BTreeMap::new() };
        for (module, text) in sources {
            let code = code(text);
            let mut rest = code.as_str();
            let mut others = String::new();
            while let Some(at) = rest.find("use ") {
                let line_start = rest[..at].rfind('\n').map_or(0, |end| end + 1);
                let before = rest[line_start..at].trim();
                let Some((tree, after)) = rest[at + 4..].split_once(';') else { break };
                others.push_str(&rest[..at]);
                if before.is_empty() || before.starts_with("pub") {
                    let tree = tree.split_whitespace().collect::<Vec<_>>().join(" ");
                    for leaf in leaves(&tree) {
                        let Some(path) = imports.absolute(&leaf, module) else { continue };
                        let name = path.last().cloned().unwrap_or_default();
                        imports.names.insert((module.clone(), name), path.clone());
                        imports.used.entry(module.clone()).or_default().push(path);
                    }
                    rest = after;
                } else {
                    rest = &rest[at + 4..];
                }
            }
            others.push_str(rest);
            // Paths within the code: `super::ids::mint(…)`, `dates::settle(…)`.
            let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            let words = others.split(|c: char| !is_path(c)).filter(|word| word.contains("::"));
            for word in words {
                if let Some(path) = imports.absolute(word.trim_matches(':'), module) {
                    imports.used.entry(module.clone()).or_default().push(path);
                }
            }
        }
        imports
    }

    /// Returns a path from the library's root; `None` where it leads out of the library or nowhere.
    fn absolute(&self, path: &str, module: &str) -> Option<Vec<String>> {
        let mut parts: Vec<&str> = path.split("::").collect();
        let mut here: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
        match parts[0] {
            "crate" => here.clear(),
            "self" => {}
            "super" => {
                while parts.first() == Some(&"super") {
                    here.pop();
                    parts.remove(0);
                }
                parts.insert(0, "super");
            }
            first => {
                let child: Vec<&str> = here.iter().copied().chain([first]).collect();
                if !self.modules.contains(&child.join("::")) {
                    return None;
                }
                parts.insert(0, "self");
            }
        }
        Some(here.into_iter().chain(parts.into_iter().skip(1)).map(str::to_owned).collect())
    }

    /// Returns the module that a path leads into.
    fn target(&self, path: &[String], depth: usize) -> String {
        for end in (0..=path.len()).rev() {
            let module = path[..end].join("::");
            if !self.modules.contains(&module) {
                continue;
            }
            let exported = path.get(end).and_then(|name| self.names.get(&(module.clone(), name.clone())));
            return match exported.filter(|_| depth < 10) {
                Some(exported) => {
                    let path: Vec<String> = exported.iter().chain(&path[end + 1..]).cloned().collect();
                    self.target(&path, depth + 1)
                }
                None => module,
            };
        }
        String::new()
    }

    /// Returns which modules each module uses, with each module shortened as `part` says.
    fn edges(&self, part: impl Fn(&str) -> String) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (module, paths) in &self.used {
            for path in paths {
                let (from, to) = (part(module), part(&self.target(path, 0)));
                if from != to {
                    edges.entry(from).or_default().insert(to);
                }
            }
        }
        edges
    }
}

/// Returns the modules that lead back to themselves.
fn circular(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut left: BTreeMap<&String, BTreeSet<&String>> = edges
        .iter()
        .map(|(from, to)| (from, to.iter().filter(|to| edges.contains_key(*to)).collect()))
        .collect();
    // A module that uses none of those left is in no circle.
    loop {
        let free: Vec<&String> = left.iter().filter(|(_, to)| to.is_empty()).map(|(from, _)| *from).collect();
        if free.is_empty() {
            return left.into_keys().cloned().collect();
        }
        for module in free {
            left.remove(module);
            left.values_mut().for_each(|to| {
                to.remove(module);
            });
        }
    }
}

#[test]
fn no_module_imports_in_a_circle() {
    let imports = Imports::new(&sources());
    let files = imports.edges(str::to_owned);
    // The reader of the sources finds imports that are there.
    assert!(
        files["run"].contains("facts") && files["run"].contains("panel::date_lists"),
        "{:?}",
        files["run"]
    );
    assert!(files["identify::agencies::agency"].contains("identify::agencies::ids"));
    assert_eq!(circular(&files), Vec::<String>::new(), "files");
    let folders = imports.edges(|module| module.split("::").next().unwrap_or_default().to_owned());
    assert_eq!(circular(&folders), Vec::<String>::new(), "folders");
    let of_identify = imports.edges(|module| match module.strip_prefix("identify::") {
        Some(within) => within.split("::").next().unwrap_or_default().to_owned(),
        None => String::new(),
    });
    let within = of_identify.into_iter().filter(|(from, _)| !from.is_empty()).collect();
    assert_eq!(circular(&within), Vec::<String>::new(), "folders of identify");
}

#[test]
fn a_circle_is_found() {
    let modules =
        [("a", "use crate::b::Thing;\npub use inner::Other;"), ("b", "fn f() { crate::a::Other::new() }")];
    let mut sources: BTreeMap<String, String> =
        modules.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    sources.insert("a::inner".into(), "pub(in crate::b) struct Other; // crate::b is a comment".into());
    assert_eq!(circular(&Imports::new(&sources).edges(str::to_owned)), Vec::<String>::new());
    sources.insert("a::inner".into(), "use crate::b::f;".into());
    assert_eq!(circular(&Imports::new(&sources).edges(str::to_owned)), ["a", "a::inner", "b"]);
}

#[test]
fn files_are_read_in_one_sitting() {
    let sources = sources();
    let mut lines: Vec<(usize, &str)> =
        sources.iter().map(|(module, text)| (text.lines().count(), module.as_str())).collect();
    lines.sort_unstable();
    let longest = lines.last().unwrap();
    assert!(longest.0 <= LINES, "{longest:?}");
    let median = lines[lines.len() / 2];
    assert!(median.0 <= MEDIAN_LINES, "{median:?}");
    let run = sources["run"].lines().count();
    assert!(run <= RUN_LINES, "src/run.rs has {run} lines");
}

#[test]
fn a_public_type_name_is_used_once() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut twice = Vec::new();
    for (module, text) in sources() {
        for line in code(&text).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [visible, kind, name, ..] = words.as_slice() else { continue };
            if *visible != "pub" || !["struct", "enum", "trait", "type", "union"].contains(kind) {
                continue;
            }
            // A macro's `$name` is not one yet.
            if name.starts_with('$') {
                continue;
            }
            let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
            if let Some(other) = known.insert(name.clone(), module.clone()) {
                twice.push(format!("{name} in {other} and {module}"));
            }
        }
    }
    assert!(known.len() > 300, "{}", known.len());
    assert_eq!(twice, Vec::<String>::new());
}

#[test]
fn the_steps_are_told_in_one_order() {
    use coverage287::words::RunStep;
    let steps: Vec<&str> = RunStep::ALL.iter().map(RunStep::as_str).collect();
    let read = |file: &str| std::fs::read_to_string(root().join(file)).unwrap();

    let page = read("docs/architecture.md");
    let table = page.split("## The steps").nth(1).unwrap().split("\n## ").next().unwrap();
    let named = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(named.collect::<Vec<_>>(), steps, "docs/architecture.md");

    let arrows = steps.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(" → ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&read("README.md")).contains(&arrows), "README.md does not have {arrows}");

    let library = read("src/lib.rs");
    let numbered = library.lines().filter_map(|line| {
        let (number, rest) = line.strip_prefix("//! ")?.split_once(". ")?;
        number.parse::<usize>().ok().and_then(|_| rest.split('`').nth(1))
    });
    assert_eq!(numbered.collect::<Vec<_>>(), steps, "src/lib.rs");
}

#[test]
fn what_the_docs_name_is_there() {
    for file in ["docs/architecture.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let folders = ["src/", "pipelines/", "data/", "tests/", "docs/", "benches/"];
        let named =
            text.split('`').skip(1).step_by(2).filter(|word| folders.iter().any(|f| word.starts_with(f)));
        let mut count = 0;
        for path in named.filter(|path| !path.contains(['*', ' '])) {
            assert!(root().join(path).exists(), "{file}: {path} is not there");
            count += 1;
        }
        assert!(count > 20, "{file}: {count}");
    }
}

/// Tests that read real inputs are ignored unless asked for: where the inputs are required, a run without them must
/// not pass.
#[test]
fn real_inputs_are_there_where_they_are_required() {
    if std::env::var("COVERAGE287_SHARED").as_deref() == Ok("required") {
        crate::support::shared();
    }
}

/// The query engine is entered at one door.
#[test]
fn one_module_knows_the_query_engine() {
    let knows = |text: &String| code(text).split(|c: char| !c.is_alphanumeric()).any(|word| word == "polars");
    let modules: Vec<String> =
        sources().into_iter().filter(|(_, text)| knows(text)).map(|(module, _)| module).collect();
    assert_eq!(modules, ["query"]);
}
