//! The shell on a terminal: prompt, history, completion, and Ctrl-C to end a running statement.

use super::dot;
use super::human::{Next, Pending, Shell};
use super::schema;
use crate::Failure;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, Helper};
use sqlift::{Backend, InterruptHandle};
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

pub fn run(shell: Shell) -> Result<ExitCode, Failure> {
    greet(&shell);
    let running = Arc::new(Mutex::new(None));
    let shell = Rc::new(RefCell::new(shell));
    let config = Config::builder().max_history_size(10_000)?.history_ignore_dups(true)?.build();
    let mut editor: Editor<Words, FileHistory> = Editor::with_config(config)?;
    // Behind the editor, which takes the signal for itself when it is made.
    interrupt_on_ctrl_c(Arc::clone(&running))?;
    editor.set_helper(Some(Words { shell: Rc::clone(&shell) }));
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    let mut pending = Pending::default();
    let mut entry = String::new();
    loop {
        let line = match editor.readline(if pending.text.is_empty() { "sqlift> " } else { "   ...> " }) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => {
                pending = Pending::default();
                entry.clear();
                continue;
            }
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        };
        entry.push_str(&line);
        let mut shell = shell.borrow_mut();
        *lock(&running) = Some(shell.connected.conn.get_interrupt_handle());
        let next = shell.line(&mut pending, &format!("{line}\n"), None)?;
        *lock(&running) = None;
        if pending.text.is_empty() {
            let _ = editor.add_history_entry(entry.trim());
            entry.clear();
        } else {
            entry.push('\n');
        }
        if next == Next::Quit {
            break;
        }
    }
    if let Some(file) = &history {
        // A history that cannot be kept is no reason to end badly.
        let _ = file.parent().map(std::fs::create_dir_all);
        let _ = editor.save_history(file);
    }
    Ok(ExitCode::SUCCESS)
}

fn greet(shell: &Shell) {
    let conn = &shell.connected.conn;
    let database = match conn.backend() {
        Backend::Sqlite => format!("SQLite {}", sqlift::version()),
        Backend::Postgres => {
            let version = conn.native().query_row("SHOW server_version", [], |row| row.get::<_, String>(0));
            format!("PostgreSQL {}", version.unwrap_or_default())
        }
    };
    let path = conn.path().filter(|path| !path.is_empty()).unwrap_or("in memory");
    println!("sqlift {} on {database}, {path}\n.help lists the commands", env!("CARGO_PKG_VERSION"));
}

type Running = Arc<Mutex<Option<InterruptHandle>>>;

fn lock(running: &Running) -> std::sync::MutexGuard<'_, Option<InterruptHandle>> {
    running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// While a line is being edited the terminal gives Ctrl-C to the editor; otherwise it is a signal.
#[cfg(unix)]
fn interrupt_on_ctrl_c(running: Running) -> Result<(), Failure> {
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if let Some(handle) = lock(&running).as_ref() {
                handle.interrupt();
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn interrupt_on_ctrl_c(_running: Running) -> Result<(), Failure> {
    Ok(())
}

/// In the user's state folder.
fn history_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME")
        .or_else(|| folder("LOCALAPPDATA"))
        .or_else(|| folder("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("sqlift/history"))
}

/// What the tab key offers: dot commands, and the tables of the open database.
struct Words {
    shell: Rc<RefCell<Shell>>,
}

impl Completer for Words {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = &line[..position];
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').map_or(0, |at| {
            // The character in front of the word may be longer than a byte.
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        });
        let word = before[start..].to_lowercase();
        let words: Vec<String> = if start == 0 && word.starts_with('.') {
            dot::COMMANDS.iter().map(|command| command.0.to_owned()).collect()
        } else {
            schema::tables(&self.shell.borrow().connected.conn).unwrap_or_default()
        };
        Ok((start, words.into_iter().filter(|candidate| candidate.to_lowercase().starts_with(&word)).collect()))
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Validator for Words {}

impl Helper for Words {}
