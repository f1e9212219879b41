//! rusqlite's examples as tests of ours: the list of them is complete, and what it names is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::facade;

const LIST: &str = include_str!("rusqlite_examples/list.txt");

/// What the list says of examples and of unit tests: which one, and its case or its reason.
fn listed() -> [Vec<(&'static str, &'static str)>; 2] {
    let (examples, tests) = LIST.split_once("## Unit tests\n").expect("two sections");
    [examples, tests].map(|section| {
        let lines = section.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| line.split_once(": ").expect("WHICH: WHAT")).collect()
    })
}

/// rusqlite's sources in cargo's registry.
fn sources() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let found = registries.flatten().map(|registry| registry.path().join("rusqlite-0.40.2"));
    found.into_iter().find(|folder| folder.is_dir())
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

/// The blocks of code in a file's documentation, by the item they document.
fn blocks(name: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_code = !name.ends_with(".md");
    let mut inside = false;
    let mut found: Vec<String> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let is_comment = line.starts_with("///") || line.starts_with("//!");
        let text = if is_code { line.get(3..).unwrap_or_default() } else { line };
        if is_code && !is_comment || !text.trim_start().starts_with("```") {
            continue;
        }
        inside = !inside;
        if inside {
            continue;
        }
        let item = match is_code {
            false => "text",
            true if line.starts_with("//!") => "module",
            true => item(&lines[number + 1..]),
        };
        let before = found.iter().filter(|one| one.split(' ').nth(1) == Some(item)).count();
        found.push(if before == 0 { format!("{name} {item}") } else { format!("{name} {item} {}", before + 1) });
    }
    found
}

/// The name of what the lines declare.
fn item<'a>(lines: &[&'a str]) -> &'a str {
    let declaration = lines.iter().find(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#["));
    let mut words =
        declaration.copied().unwrap_or_default().split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words
        .by_ref()
        .find(|word| ["fn", "struct", "enum", "trait", "macro_rules", "for"].contains(word))
        .and_then(|_| words.find(|word| !word.is_empty()))
        .unwrap_or("module")
}

fn unit_tests(name: &str, text: &str) -> Vec<String> {
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while lines.by_ref().any(|line| line == "#[test]") {
        let function = lines.by_ref().find_map(|line| line.trim_start_matches("pub ").strip_prefix("fn "));
        let function = function.and_then(|rest| rest.split('(').next()).expect("a test is a function");
        found.push(format!("{name} {function}"));
    }
    found
}

#[test]
fn every_example_is_a_case_or_has_a_reason() {
    let cases: BTreeSet<&str> = facade::case_names().collect();
    let [examples, tests] = listed();
    for (example, what) in &examples {
        assert!(what.starts_with("- ") || cases.contains(what), "{example}: there is no case {what:?}");
    }
    let used: BTreeSet<&str> = examples.iter().map(|(_, what)| *what).collect();
    for case in facade::example_names() {
        assert!(used.contains(case), "the case {case:?} is no example's");
    }

    let Some(sources) = sources() else {
        println!("skipped: rusqlite 0.40.2 is not in cargo's registry, so nobody looked whether the list is complete");
        return;
    };
    let (mut found, mut found_tests) = (Vec::new(), BTreeSet::new());
    let mut paths = vec![sources.join("README.md")];
    files(&sources.join("src"), "rs", &mut paths);
    files(&sources.join("examples"), "rs", &mut paths);
    for path in paths {
        let name = path.strip_prefix(&sources).unwrap().to_str().unwrap().replace('\\', "/");
        let text = std::fs::read_to_string(&path).unwrap();
        match name.starts_with("examples/") {
            true => found.push(name),
            false => {
                found.extend(blocks(&name, &text));
                found_tests.extend(unit_tests(&name, &text));
            }
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let listed: BTreeSet<&str> = examples.iter().map(|(which, _)| *which).collect();
    assert!(found.len() > 70 && found_tests.len() > 250, "the sources can be read");
    assert_eq!(listed, found);
    for (test, _) in &tests {
        assert!(found_tests.contains(*test), "rusqlite has no unit test {test}");
    }
}
