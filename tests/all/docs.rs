//! The documents' tables say what the code says. `UPDATE_DOCS=1` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sqlift::config::{AppliesTo, Config, Parameter};
use sqlift::translate::{Catalog, Fidelity, Options, offline, rules, translate};

/// README's table: what most programs need. MIGRATION.md has them all.
const USEFUL: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "application_name",
    "schema",
    "isolation",
    "busy_timeout",
    "pool_max_size",
    "pool_timeout",
];

const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "MIGRATION.md", "CHANGELOG.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: impl AsRef<Path>) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares what stands between the marks of `name` with `expected`, or writes it there.
#[track_caller]
fn check(file: &str, name: &str, expected: &str) {
    // Tests run side by side, and two of them may write one file.
    static WRITING: Mutex<()> = Mutex::new(());
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = read(file);
    let (begin, end) = (format!("<!-- {name}: written by UPDATE_DOCS=1 -->\n"), format!("<!-- end of {name} -->"));
    let start = text.find(&begin).unwrap_or_else(|| panic!("{file} has no {}", begin.trim())) + begin.len();
    let length = text[start..].find(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    if text[start..start + length] == *expected {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "{file}: the table of {name} is not what the code says; UPDATE_DOCS=1 cargo test --features cli --test all docs:: writes it"
    );
    std::fs::write(root().join(file), text[..start].to_owned() + expected + &text[start + length..])
        .unwrap_or_else(|error| panic!("{file}: {error}"));
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('<', "\\<").replace('\n', " ")
}

fn parameters<'p>(chosen: impl Iterator<Item = &'p Parameter>) -> String {
    let mut table = String::from("| parameter | variable | default | meaning |\n|---|---|---|---|\n");
    for parameter in chosen {
        let name = match parameter.applies_to {
            AppliesTo::Both => format!("`{}` (SQLite too)", parameter.name),
            _ => format!("`{}`", parameter.name),
        };
        let variable = parameter.variable.map_or(String::new(), |variable| format!("`{variable}`"));
        let (default, meaning) = (cell(parameter.default), cell(parameter.meaning));
        writeln!(table, "| {name} | {variable} | {default} | {meaning} |").expect("text grows");
    }
    table
}

#[test]
fn parameters_of_readme() {
    let all = Config::parameters();
    let chosen = USEFUL.iter().map(|name| {
        all.iter().find(|parameter| parameter.name == *name).unwrap_or_else(|| panic!("no parameter {name}"))
    });
    check("README.md", "parameters", &parameters(chosen));
}

#[test]
fn parameters_of_migration() {
    let known = Config::parameters().iter().filter(|parameter| parameter.applies_to != AppliesTo::Refused);
    check("MIGRATION.md", "parameters", &parameters(known));
    let mut refused = String::from("| parameter | taken only as | otherwise |\n|---|---|---|\n");
    for parameter in Config::parameters().iter().filter(|parameter| parameter.applies_to == AppliesTo::Refused) {
        let (default, meaning) = (cell(parameter.default), cell(parameter.meaning));
        let usual = if default == "none" { "" } else { &default };
        writeln!(refused, "| `{}` | {usual} | {meaning} |", parameter.name).expect("text grows");
    }
    check("MIGRATION.md", "refused parameters", &refused);
}

#[test]
fn rules_of_migration() {
    let mut table = String::from("| rule | what becomes of it | why | fidelity |\n|---|---|---|---|\n");
    for rule in rules::all() {
        let fidelity = match rule.fidelity {
            Fidelity::Exact => "exact".to_owned(),
            Fidelity::Differs => format!("differs: {}", rule.help),
            Fidelity::Refused => format!("refused: {}", rule.help),
        };
        let (matches, why) = (cell(rule.matches), cell(rule.why));
        writeln!(table, "| [{}]({}) | {matches} | {why} | {} |", rule.id, rule.source, cell(&fidelity))
            .expect("text grows");
    }
    check("MIGRATION.md", "rules", &table);
}

/// What programs meet most, over the tables of [`refusals_of_migration`].
const REFUSED: &[&str] = &[
    "ATTACH 'old.db' AS archive",
    "CREATE VIRTUAL TABLE page USING fts5(body)",
    "CREATE TABLE pair (a, b)",
    "CREATE TABLE visit (person INTEGER REFERENCES later(id))",
    "SELECT rowid FROM tag",
    "UPDATE person SET age = 1 ORDER BY id LIMIT 1",
    "DELETE FROM person ORDER BY id LIMIT 1",
    "UPDATE OR IGNORE person SET name = 'Ada'",
    "INSERT OR FAIL INTO person (name) VALUES ('Ada'), ('Ada')",
    "INSERT INTO person (age) VALUES ('old')",
    "INSERT INTO person (age) VALUES (1.5)",
    "SELECT upper(CASE WHEN age > 1 THEN 'a' ELSE 2 END) FROM person",
    "SELECT * FROM person WHERE name REGEXP '^A'",
    "SELECT * FROM json_tree('[1]')",
    "SELECT json_patch('{}', '{}')",
    "SELECT timediff('2026-01-02', '2026-01-01')",
    "SELECT soundex(name) FROM person",
    "SELECT substr(x'0102', 1, 1)",
    "CREATE TRIGGER adult AFTER INSERT ON person WHEN new.age < 18 BEGIN SELECT RAISE(FAIL, 'too young'); END",
    "VACUUM INTO 'copy.db'",
];

#[test]
fn refusals_of_migration() {
    let mut catalog = Catalog::default();
    offline::apply(
        &mut catalog,
        "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, age INTEGER)",
    );
    offline::apply(&mut catalog, "CREATE TABLE tag (name TEXT)");
    let mut table = String::from("| statement | why not | instead |\n|---|---|---|\n");
    for sql in REFUSED {
        // What a rule takes by now is left out, and so the table differs.
        let Err(refusal) = translate(sql, &catalog, &Options::default()) else { continue };
        let help = refusal.help.unwrap_or_else(|| panic!("{sql}: {} says not what to do", refusal.message));
        writeln!(table, "| `{sql}` | {} | {} |", cell(&refusal.message), cell(&help)).expect("text grows");
    }
    check("MIGRATION.md", "refusals", &table);
}

/// Words of a text that are made of capital letters, digits and `_`, and begin so.
fn variables<'t>(text: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .filter(move |word| word.len() > prefix.len() && word.starts_with(prefix) && !word.ends_with('_'))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("the sources can be listed").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn variables_are_documented_and_exist() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    // Which other versions the tests run on is the script's to say.
    files.push(root().join("scripts/servers"));
    let code: String = files.iter().map(read).collect();
    let known: BTreeSet<&str> = variables(&code, "SQLIFT_").collect();
    let readme = read("README.md");
    let shown: BTreeSet<&str> = variables(&readme, "SQLIFT_").collect();
    assert_eq!(known, shown, "src and README.md name different variables");
    for file in DOCUMENTS {
        let text = read(file);
        let unknown: Vec<&str> = variables(&text, "SQLIFT_").filter(|word| !known.contains(word)).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}, which no code reads");
    }
}

#[test]
fn links_lead_to_files() {
    for file in DOCUMENTS {
        let text = read(file);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") {
                assert!(root().join(path).exists(), "{file} links to {path}, which is not there");
            }
        }
        // Rooms of ARCHITECTURE.md's map, scripts and examples, wherever they are named as code.
        for word in text.split('`').skip(1).step_by(2).filter(|word| !word.contains(char::is_whitespace)) {
            if ["src/", "scripts/", "examples/", "tests/", "legacy/", "sql/", "benches/"]
                .iter()
                .any(|folder| word.starts_with(folder))
            {
                assert!(root().join(word).exists(), "{file} names {word}, which is not there");
            }
        }
    }
}
