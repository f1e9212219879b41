//! `sqlift init` in a fresh project, in one that has some of the files, and again.

use std::path::Path;
use std::process::Command;

fn sqlift(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sqlift"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("DATABASE_URL")
        .env_remove("DATABASE_PROVIDER")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.success(), text)
}

const FILES: &[&str] =
    &[".env.example", "compose.yaml", ".github/workflows/test.yml", ".gitlab-ci.yml", "sql/migrations/V1__init.sql"];

#[test]
fn a_fresh_project() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"my-portal\"\nversion = \"0.1.0\"\n").unwrap();
    let (worked, text) = sqlift(folder.path(), &["init"]);
    assert!(worked, "{text}");
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    for file in FILES {
        assert!(text.contains(&format!("wrote    {file}\n")), "{text}");
        assert!(!read(file).contains("@NAME@"), "{file}");
    }
    assert!(text.contains("wrote    .gitignore: .env\n"), "{text}");
    assert_eq!(read(".gitignore"), ".env\n");
    assert!(read("compose.yaml").contains("profiles: [\"postgres\"]") && read("compose.yaml").contains("my_portal"));
    assert!(read(".github/workflows/test.yml").contains("backend: [sqlite, postgres]"));
    assert!(read(".gitlab-ci.yml").contains("BACKEND: [sqlite, postgres]"));

    // What it wrote works: the variables, and the migration on both databases.
    std::fs::copy(folder.path().join(".env.example"), folder.path().join(".env")).unwrap();
    let (_, text) = sqlift(folder.path(), &["doctor"]);
    assert!(text.contains("dev.db does not exist"), "{text}");
    let database = sqlift::testing::database();
    for url in ["sqlite:dev.db", database.url()] {
        let (worked, text) = sqlift(folder.path(), &["migrate", "up", "--url", url, "sql/migrations"]);
        assert!(worked, "{text}");
        let conn = sqlift::Connection::open_url(&match url.strip_prefix("sqlite:") {
            Some(file) => folder.path().join(file).display().to_string(),
            None => url.to_owned(),
        });
        assert!(conn.unwrap().table_exists(None, "note").unwrap());
    }
    let (_, text) = sqlift(folder.path(), &["doctor", "--migrations", "sql/migrations"]);
    assert!(text.contains("sqlite:./dev.db") && text.contains("at 1, as the files say"), "{text}");

    // Again: nothing changes.
    let before: Vec<String> = FILES.iter().chain(&[".gitignore"]).map(|file| read(file)).collect();
    let (worked, text) = sqlift(folder.path(), &["init"]);
    assert!(worked && !text.contains("wrote") && !text.contains("added"), "{text}");
    assert_eq!(FILES.iter().chain(&[".gitignore"]).map(|file| read(file)).collect::<Vec<_>>(), before);
}

#[test]
fn what_is_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    write("compose.yaml", "services: {}\n");
    write(".gitignore", "/target");
    std::fs::create_dir_all(folder.path().join("sql/migrations")).unwrap();
    write("sql/migrations/V7__mine.sql", "CREATE TABLE mine (n INTEGER)");
    let (worked, text) = sqlift(Path::new("/"), &["init", "--ci", "gitlab", folder.path().to_str().unwrap()]);
    assert!(worked, "{text}");
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    assert_eq!((read("compose.yaml").as_str(), read(".gitignore").as_str()), ("services: {}\n", "/target\n.env\n"));
    assert!(text.contains("kept     compose.yaml") && text.contains("added to .gitignore: .env"), "{text}");
    assert!(text.contains("kept     sql/migrations") && !folder.path().join("sql/migrations/V1__init.sql").exists());
    assert!(folder.path().join(".gitlab-ci.yml").exists() && !folder.path().join(".github").exists());
    let (worked, text) = sqlift(Path::new("/"), &["init", "/no/such/folder"]);
    assert!(!worked && text.contains("/no/such/folder is no folder"), "{text}");
}
