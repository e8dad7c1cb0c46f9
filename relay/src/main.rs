//! The binary: reads the configuration, runs the relay, stops when it is told to.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use tidemark_relay::auth::Role;
use tidemark_relay::config::{
    self, AccountCommand, Cli, Command, Config, Log, LogFormat, LogLevel,
};
use tidemark_relay::store::Copied;
use tidemark_relay::{operate, run};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

fn main() -> ExitCode {
    match execute(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tidemark-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is what the user asked to see")]
fn execute(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Some(Command::ConfigReference) => print!("{}", config::reference()),
        Some(Command::CheckConfig) => match config::effective(cli) {
            Ok(effective) => print!("{effective}"),
            Err(errors) => return Ok(refuse(&errors)),
        },
        Some(Command::Backup { file }) => match config::load(cli) {
            Ok(config) => {
                let Copied { records, .. } = operate::backup(&config.data_dir, file)?;
                println!("{records} records are in {} and were read again", file.display());
            }
            Err(errors) => return Ok(refuse(&errors)),
        },
        Some(Command::Restore { file }) => match config::load(cli) {
            Ok(config) => {
                let Copied { records, before, .. } = operate::restore(&config.data_dir, file)?;
                println!("{records} records of {} are in the store now", file.display());
                if let Some(before) = before {
                    println!("the store as it was before is {}", before.display());
                }
            }
            Err(errors) => return Ok(refuse(&errors)),
        },
        Some(Command::Account { what }) => match config::load(cli) {
            Ok(config) => look_after_accounts(&config, what)?,
            Err(errors) => return Ok(refuse(&errors)),
        },
        None => match config::load(cli) {
            Ok(config) => {
                start_log(config.log);
                tokio::runtime::Builder::new_multi_thread()
                    .enable_all()
                    .build()
                    .context("cannot start the runtime")?
                    .block_on(serve(config))?;
            }
            Err(errors) => return Ok(refuse(&errors)),
        },
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "this is what the operator asked to see")]
fn look_after_accounts(config: &Config, what: &AccountCommand) -> anyhow::Result<()> {
    match what {
        AccountCommand::List => {
            for account in operate::accounts(&config.data_dir)? {
                let roles: Vec<&str> = account.roles.iter().map(Role::as_str).collect();
                let closed = if account.disabled { ", closed" } else { "" };
                println!("{} ({}{closed})", account.user, roles.join(", "));
            }
        }
        AccountCommand::ResetPassword { user } => {
            let token = operate::reset_password(&config.data_dir, user)?;
            println!(
                "start the relay, open this link, and give the name {user} and a new password"
            );
            println!(
                "(once, within 24 hours): {}",
                run::one_time_link(config, config.listen, &token)
            );
        }
    }
    Ok(())
}

fn refuse(errors: &config::ConfigErrors) -> ExitCode {
    eprintln!("{errors}");
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "the one line that a person who starts it looks for")]
async fn serve(config: Config) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupted = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let mut running = run::start(config).await?;
    println!("Tidemark is at {}", running.url());
    if let Some(link) = running.first_admin_link() {
        println!("Nobody looks after it yet; make the first admin's account (once): {link}");
    }
    let failure = tokio::select! {
        _ = terminated.recv() => None,
        _ = interrupted.recv() => None,
        failure = running.failed() => Some(failure),
    };
    running.stop().await;
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

fn start_log(log: Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // To stderr: stdout is for the line with the address.
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
}
