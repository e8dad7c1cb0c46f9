use super::*;
use crate::config::error::Source;

#[test]
fn without_any_settings_there_is_a_simulated_market_on_this_machine() {
    let config = load_with("", &[], &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:7878");
    assert_eq!(config.feeds, [FeedConfig::simulator()]);
    assert_eq!(config.publish_token, None);
    assert_eq!(config.limits.connections_max, 1_000);
}

#[test]
fn the_defaults_are_those_of_the_rooms_that_obey_them() {
    let config = load_with("", &[], &[]).unwrap();
    assert_eq!(config.connection, ConnectionRules::default());
    assert_eq!(config.retention, Retention::default());
    assert_eq!(config.documents, Limits::default());
    assert_eq!(config.merge, Rules::default());
}

#[test]
fn arguments_count_over_the_environment_and_that_over_the_file() {
    let file = "shards = 1\n[drain]\nwithin_s = 1\njitter_ms = 1";
    let environment = [("TIDEMARK_SHARDS", "2"), ("TIDEMARK_DRAIN_WITHIN_S", "2")];
    let config = load_with(file, &environment, &["shards=3"]).unwrap();
    assert_eq!(config.shards.get(), 3);
    assert_eq!(config.drain.within, Duration::from_secs(2));
    assert_eq!(config.drain.jitter, Duration::from_millis(1));
}

#[test]
fn the_short_arguments_are_settings_too() {
    let cli = Cli {
        listen: Some("[::1]:9".to_owned()),
        data_dir: Some("/tmp/x".to_owned()),
        ..Cli::default()
    };
    let config = check(&mut gather_with(&cli, std::iter::empty()).unwrap()).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:9");
    assert_eq!(config.data_dir, PathBuf::from("/tmp/x"));
}

#[test]
fn a_list_comes_from_the_environment_with_commas() {
    let origins = [("TIDEMARK_ALLOWED_ORIGINS", "https://a.example, http://b.example:8080")];
    let config = load_with("", &origins, &[]).unwrap();
    assert_eq!(config.allowed_origins, ["https://a.example", "http://b.example:8080"]);
}

#[test]
fn every_wrong_setting_is_one_line_that_says_what_to_do() {
    let file = r#"
        lisen = "127.0.0.1:1"
        listen = "localhost:7878"
        allowed_origins = ["https://App.example/"]
        [connection]
        heartbeat_ms = "often"
        [limits]
        connections_max = 0
        colour = "red"
    "#;
    let environment = [("TIDEMARK_LOG_LEVEL", "loud"), ("TIDEMARK_PUBLISH_TOKEN", "short")];
    let errors = load_with(file, &environment, &["shards=none", "rubbish"]).unwrap_err();
    let lines: Vec<String> = errors.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), errors.0.len(), "an error has more than one line: {lines:#?}");
    for expected in [
        "lisen (in test.toml) is no setting; did you mean listen?",
        "limits.colour (in test.toml) is no setting; see `tidemark-relay config-reference`",
        "listen = \"localhost:7878\" (in test.toml): must be an IP address and a port, \
         like 127.0.0.1:7878 or [::]:7878",
        "connection.heartbeat_ms = \"often\" (in test.toml): must be whole milliseconds from 100 \
         to 600000",
        "limits.connections_max = 0 (in test.toml): must be a whole number from 1 to 1000000",
        "log.level = \"loud\" (from TIDEMARK_LOG_LEVEL): must be one of \"error\", \"warn\", \
         \"info\", \"debug\", \"trace\"",
        "publish.token = \"***\" (from TIDEMARK_PUBLISH_TOKEN): must be empty, or at least 16 \
         characters without spaces",
        "shards = \"none\" (from the command line): must be \"auto\" (one per core) or a whole \
         number from 1 to 256",
        "--set \"rubbish\": must be KEY=VALUE",
    ] {
        assert!(lines.iter().any(|line| line == expected), "{expected}\n{lines:#?}");
    }
    assert!(lines.iter().any(|line| line.starts_with("allowed_origins = [\"https://App")));
    assert_eq!(lines.len(), 10, "{lines:#?}");
}

#[test]
fn a_file_that_is_no_toml_is_refused_with_its_line() {
    let errors = load_with("shards = 1\nlisten = = 2\n", &[], &[]).unwrap_err();
    assert!(errors.to_string().starts_with("test.toml: line 2: "), "{errors}");
    assert_eq!(errors.to_string().lines().count(), 1);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let cli = Cli { config: Some(PathBuf::from("/nowhere/x.toml")), ..Cli::default() };
    let errors = load(&cli).unwrap_err();
    assert!(matches!(&errors.0[..], [ConfigError::Unreadable { .. }]), "{errors}");
}

#[test]
fn a_slip_in_a_variable_is_found_and_other_programs_variables_are_not_ours() {
    let errors = load_with("", &[("TIDEMARK_LISTN", "x")], &[]).unwrap_err();
    assert_eq!(
        errors.0,
        [ConfigError::UnknownKey {
            key: "listn".to_owned(),
            said_by: Source::Environment("TIDEMARK_LISTN".to_owned()),
            near: Some("listen"),
        }]
    );
    assert!(load_with("", &[("TIDEMARK_LIMITS_COLOUR", "x")], &[]).is_err());
    let kubernetes =
        [("TIDEMARK_PORT", "tcp://10.0.0.1:80"), ("TIDEMARK_SERVICE_HOST", "10.0.0.1")];
    assert!(load_with("", &kubernetes, &[]).is_ok());
}

#[test]
fn a_connection_is_not_dead_before_its_first_heartbeat() {
    let errors = load_with("[connection]\ndead_after_ms = 30000", &[], &[]).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "connection.dead_after_ms = 30000 (in test.toml): must be more than \
         connection.heartbeat_ms = 30000"
    );
}

#[test]
fn feeds_are_read_and_what_is_wrong_with_them_is_said() {
    let feed = "[[feeds]]\nname = \"b\"\nsource = { kind = \"binance\", \
                instruments = [{ symbol = \"BTCUSDT\" }] }\n";
    let config = load_with(feed, &[], &[]).unwrap();
    assert_eq!(config.feeds[0].name, "b");
    for (wrong, says) in [
        (format!("{feed}{feed}"), "the name is used twice"),
        (feed.replace("binance", "moon"), "unknown variant `moon`"),
        (feed.replace("source", "sauce"), "unknown field `sauce`"),
        ("feeds = 1".to_owned(), "must be written as [[feeds]]"),
    ] {
        let errors = load_with(&wrong, &[], &[]).unwrap_err().to_string();
        assert!(errors.contains(says) && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn the_example_in_the_repository_is_a_configuration() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tidemark.example.toml");
    let cli = Cli { config: Some(path), ..Cli::default() };
    let config = check(&mut gather_with(&cli, std::iter::empty()).unwrap()).unwrap();
    assert!(!config.feeds.is_empty());
}

fn load_with(
    file: &str,
    environment: &[(&str, &str)],
    arguments: &[&str],
) -> Result<Config, ConfigErrors> {
    let mut layers = Layers::default();
    layers.take_file(std::path::Path::new("test.toml"), file);
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    layers.take_environment(environment.iter().map(owned));
    layers.take_arguments(arguments.iter().map(|argument| (*argument).to_owned()));
    check(&mut layers)
}

#[test]
fn rules_of_merging_that_cannot_be_kept_are_one_line_each() {
    for (file, said) in [
        ("[documents]\nmerge = 1", "must be written as [documents.merge.COLLECTION]"),
        ("[documents.merge.notes]\npolicy = \"shortest\"", "registered strategy"),
        ("[documents.merge.notes]\npolizy = \"text\"", "unknown field `polizy`"),
        ("[documents.merge.conflicts]\npolicy = \"manual\"", "never merged"),
    ] {
        let errors = load_with(file, &[], &[]).unwrap_err().to_string();
        assert!(errors.starts_with("documents.merge: ") && errors.contains(said), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}
