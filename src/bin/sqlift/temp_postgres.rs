//! `sqlift temp-postgres [-- COMMAND ...]`: a temporary server for a command, or until Ctrl-C.

use crate::Failure;
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;
use sqlift::testing::TempPostgres;
use std::ffi::OsString;
use std::io::{IsTerminal, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

/// Without a command: prints the server's URL and serves until Ctrl-C or the end of standard input.
/// With a command: sets DATABASE_URL, runs it, and ends with its exit status (128 + signal when one killed it).
#[derive(clap::Args)]
pub struct Arguments {
    /// Listen on a free port of 127.0.0.1 instead of a Unix socket
    #[arg(long)]
    tcp: bool,
    /// The command and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // Before the server starts, so that a signal never ends us without it.
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2])?;
    let options = TempPostgres::options();
    let server = if arguments.tcp { options.tcp() } else { options }.start()?;
    match arguments.command.split_first() {
        Some((program, rest)) => with_command(signals, server, program, rest),
        None => until_told(signals, server),
    }
}

fn until_told(mut signals: Signals, server: TempPostgres) -> Result<ExitCode, Failure> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", server.url())?;
    stdout.flush()?;
    let handle = signals.handle();
    std::thread::spawn(move || {
        let mut ignored = [0; 1024];
        let mut stdin = std::io::stdin();
        while stdin.read(&mut ignored).is_ok_and(|count| count > 0) {}
        handle.close();
    });
    // Ends with the first signal that asks for it, or when standard input has ended.
    signals.forever().find(|signal| ![SIGUSR1, SIGUSR2].contains(signal));
    server.stop()?;
    Ok(ExitCode::SUCCESS)
}

fn with_command(
    mut signals: Signals,
    server: TempPostgres,
    program: &OsString,
    rest: &[OsString],
) -> Result<ExitCode, Failure> {
    let spawned = Command::new(program).args(rest).env("DATABASE_URL", server.url()).spawn();
    let mut child = spawned.map_err(|error| format!("cannot run {}: {error}", program.to_string_lossy()))?;
    let pid = Pid::from_child(&child);
    // A terminal sends Ctrl-C and Ctrl-\ to the command itself; passing them on would be a second one.
    let from_terminal = std::io::stdin().is_terminal();
    let handle = signals.handle();
    let passing = std::thread::spawn(move || {
        for number in signals.forever() {
            let passed = match number {
                SIGINT | SIGQUIT if from_terminal => continue,
                SIGINT => Signal::INT,
                SIGQUIT => Signal::QUIT,
                SIGHUP => Signal::HUP,
                SIGUSR1 => Signal::USR1,
                SIGUSR2 => Signal::USR2,
                _ => Signal::TERM,
            };
            // It may have ended by itself.
            let _ = kill_process(pid, passed);
        }
    });
    let status = child.wait()?;
    handle.close();
    let _ = passing.join();
    server.stop()?;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
