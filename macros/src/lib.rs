//! Reads a folder of SQL files while the caller is compiled; `sqlift::embed_migrations!` is the way to use it.
//!
//! Takes a folder's path relative to the caller's `Cargo.toml`, gives `&[("V1__name.sql", include_str!("..."))]`. It knows nothing of
//! migrations: what the names mean, and whether they fit together, is `sqlift::migrate`'s.

use proc_macro::{Literal, TokenStream, TokenTree};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The `.sql` files of a folder and of the folders in it, as pairs of path and text.
#[proc_macro]
pub fn files(input: TokenStream) -> TokenStream {
    match expand(input) {
        Ok(source) => source.parse().expect("the generated text is Rust"),
        Err(message) => format!("::core::compile_error!({})", Literal::string(&message)).parse().expect("this is Rust"),
    }
}

fn expand(input: TokenStream) -> Result<String, String> {
    let folder = folder(input)
        .ok_or("embed_migrations! takes the path of a folder in quotes: embed_migrations!(\"sql/migrations\")")?;
    let root =
        std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo says not where the package is (CARGO_MANIFEST_DIR)")?;
    let folder = Path::new(&root).join(folder);
    let mut files = Vec::new();
    collect(&folder, "", &mut files)?;
    if files.is_empty() {
        return Err(format!("embed_migrations!: {} holds no .sql files", folder.display()));
    }
    files.sort();
    let mut source = String::from("&[");
    for (name, path) in files {
        let path = path.to_str().ok_or_else(|| format!("embed_migrations!: {} is not UTF-8", path.display()))?;
        let _ = write!(source, "({}, ::core::include_str!({})),", Literal::string(&name), Literal::string(path));
    }
    source.push(']');
    Ok(source)
}

/// The one string literal of the input; a macro's `literal` comes wrapped in a group without delimiters.
fn folder(input: TokenStream) -> Option<String> {
    let mut tokens = input.into_iter();
    let (token, rest) = (tokens.next()?, tokens.next());
    if rest.is_some() {
        return None;
    }
    match token {
        TokenTree::Group(group) => folder(group.stream()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let inner = text.strip_prefix('"')?.strip_suffix('"')?;
            Some(inner.replace("\\\\", "\\").replace("\\\"", "\""))
        }
        _ => None,
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("embed_migrations!: {} cannot be read: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let shown = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{shown}/"), files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
            files.push((shown, path));
        }
    }
    Ok(())
}
