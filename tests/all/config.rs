//! Every form of connection string, every parameter and every combination of variables: what it means, or why it is refused.

mod environment;

use sqlift::config::{AppliesTo, Config, ConfigError};

type Vars<'a> = &'a [(&'a str, &'a str)];

const PASSWORD: &str = "hunter2";

/// An environment in which libpq's defaults do not depend on this machine.
const FIXED: Vars = &[("PGHOST", "pg"), ("PGUSER", "me")];

fn look_up(vars: Vars) -> impl Fn(&str) -> Option<String> {
    move |name: &str| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

/// The URL that a configuration shows, or the error's text; neither they nor `Debug` ever hold the password.
#[track_caller]
fn shown(result: Result<Config, ConfigError>) -> String {
    let texts = match &result {
        Ok(config) => [config.to_string(), format!("{config:?}"), format!("{config:#?}")],
        Err(error) => [error.to_string(), format!("{error:?}"), sqlift::Error::from(error.clone()).to_string()],
    };
    for text in &texts {
        assert!(!text.contains(PASSWORD), "the password shows: {text}");
    }
    let [shown, ..] = texts;
    shown
}

#[track_caller]
fn check(vars: Vars, rows: &[(&str, &str)]) {
    for (url, expected) in rows {
        let result = Config::from_url_with(url, &look_up(vars));
        let text = shown(result.clone());
        assert_eq!(text, *expected, "{url}");
        // What is shown means the same again, password aside.
        if let Ok(mut config) = result {
            if let Config::Postgres(config) = &mut config {
                config.password = None;
            }
            assert_eq!(Config::from_url_with(&text, &|_| None).as_ref(), Ok(&config), "{url} shown as {text}");
        }
    }
}

#[track_caller]
fn refused(vars: Vars, rows: &[(&str, &str)]) {
    for (url, expected) in rows {
        let result = Config::from_url_with(url, &look_up(vars));
        let text = shown(result.clone());
        assert!(result.is_err(), "{url} was taken as {text}");
        assert!(text.contains(expected), "{url}: {text}");
        assert!(text.contains("\n  help: "), "{url} has no remedy: {text}");
    }
}

#[test]
fn sqlite_urls() {
    check(
        &[],
        &[
            ("sqlite:app.db", "sqlite:app.db"),
            ("sqlite:data/app.db", "sqlite:data/app.db"),
            ("sqlite:/data/app.db", "sqlite:/data/app.db"),
            ("sqlite:///app.db", "sqlite:app.db"),
            ("sqlite:///./app.db", "sqlite:./app.db"),
            ("sqlite:////data/app.db", "sqlite:/data/app.db"),
            ("sqlite:///C:/data/app.db", "sqlite:C:/data/app.db"),
            (r"sqlite:///C:\data\app.db", r"sqlite:C:\data\app.db"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("sqlite://", "sqlite::memory:"),
            ("sqlite:///", "sqlite::memory:"),
            ("sqlite:///:memory:", "sqlite::memory:"),
            ("SQLite:///app.db", "sqlite:app.db"),
            ("sqlite+pysqlite:///app.db", "sqlite:app.db"),
            ("sqlite+pysqlite:///:memory:", "sqlite::memory:"),
            ("sqlite+aiosqlite:////data/app.db", "sqlite:/data/app.db"),
            ("jdbc:sqlite:app.db", "sqlite:app.db"),
            ("sqlite:app.db?mode=ro", "file:app.db?mode=ro"),
            ("sqlite:///a b#1.db?mode=ro&cache=private", "file:a b%231.db?mode=ro&cache=private"),
            ("sqlite:///file:app.db?mode=ro&uri=true", "file:app.db?mode=ro"),
            ("sqlite::memory:?cache=shared", "file::memory:?cache=shared"),
            ("sqlite:app.db?busy_timeout=250", "sqlite:app.db?busy_timeout=250"),
            ("sqlite:app.db?timeout=0.25", "sqlite:app.db?busy_timeout=250"),
            ("sqlite:app.db?pool_max_size=3&pool_timeout=1.5", "sqlite:app.db?pool_max_size=3&pool_timeout=1.5"),
            ("sqlite::memory:?pool_max_size=3", "sqlite::memory:?pool_max_size=3"),
            ("Data Source=app.db", "sqlite:app.db"),
            ("Data Source=app.db;Version=3;Pooling=True;Foreign Keys=True", "sqlite:app.db"),
            ("DataSource=/data/app.db;", "sqlite:/data/app.db"),
            ("Filename=app.db", "sqlite:app.db"),
            ("data source=\"a;b.db\"", "sqlite:a;b.db"),
            ("Data Source=:memory:", "sqlite::memory:"),
            ("Mode=Memory", "sqlite::memory:"),
            ("Data Source=app;Mode=Memory", "sqlite::memory:"),
            ("Data Source=app;Mode=Memory;Cache=Shared", "file:app?mode=memory&cache=shared"),
            ("Data Source=app.db;Mode=ReadOnly", "file:app.db?mode=ro"),
            ("Data Source=app.db;Default Timeout=2", "sqlite:app.db?busy_timeout=2000"),
            ("file:app.db?mode=ro", "file:app.db?mode=ro"),
            ("file:///data/app.db", "file:///data/app.db"),
            ("file::memory:?cache=shared", "file::memory:?cache=shared"),
            ("app.db", "sqlite:app.db"),
            ("./data/app.db", "sqlite:./data/app.db"),
            ("/data/app.db", "sqlite:/data/app.db"),
            (r"C:\data\app.db", r"sqlite:C:\data\app.db"),
            ("data/a=b.db", "sqlite:data/a=b.db"),
            (":memory:", "sqlite::memory:"),
            ("  app.db\n", "sqlite:app.db"),
        ],
    );
}

#[test]
fn sqlite_refusals() {
    refused(
        &[],
        &[
            ("", "the connection string is empty"),
            ("sqlite:", "names no file"),
            (
                "sqlite://app.db",
                "sqlite:///app.db mean app.db in the working folder, sqlite:////data/app.db means /data/app.db",
            ),
            ("sqlite:app.db?mod=ro", "did you mean mode?"),
            ("sqlite:app.db?busy_timeou=1", "did you mean busy_timeout?"),
            ("sqlite:app.db?sslmode=require", "sslmode is not a parameter of a SQLite URL"),
            ("sqlite:app.db?busy_timeout=soon", "busy_timeout must be a whole number of milliseconds"),
            ("sqlite:app.db?timeout=soon", "timeout must be a number of seconds"),
            ("sqlite:app.db?pool_max_size=0", "pool_max_size must be a whole number from 1"),
            ("sqlite+pysqlcipher:///app.db", "this driver of a sqlite URL is not known"),
            ("Data Source=app.db;Password=hunter2", "an encrypted SQLite database"),
            ("Data Source=app.db;Mode=Writable", "Mode must be Memory, ReadOnly, ReadWrite or ReadWriteCreate"),
            ("Data Source=app.db;Cach=Shared", "did you mean cache?"),
        ],
    );
}

#[test]
fn postgres_urls() {
    check(
        FIXED,
        &[
            ("postgres://", "postgresql://me@pg:5432/me"),
            ("postgresql:///portal", "postgresql://me@pg:5432/portal"),
            ("postgres://db", "postgresql://me@db:5432/me"),
            ("postgres://app@db", "postgresql://app@db:5432/app"),
            ("postgres://app:hunter2@db:6432/portal", "postgresql://app@db:6432/portal"),
            ("postgresql+psycopg://app@db/portal", "postgresql://app@db:5432/portal"),
            ("postgresql+psycopg2://app@db/portal", "postgresql://app@db:5432/portal"),
            ("postgresql+asyncpg://app@db/portal?ssl=require", "postgresql://app@db:5432/portal?sslmode=require"),
            ("jdbc:postgresql://db/portal?user=app&currentSchema=crm", "postgresql://app@db:5432/portal?schema=crm"),
            ("postgres://a%40b:hunter%32@db/my%20db", "postgresql://a%40b@db:5432/my%20db"),
            ("postgres://app:x@hunter2@db/portal", "postgresql://app@db:5432/portal"),
            ("postgres://app:x?hunter2@db/portal", "postgresql://app@db:5432/portal"),
            ("postgres://h1:1,h2:2,h3/portal", "postgresql://me@h1:1,h2:2,h3:5432/portal"),
            ("postgres:///portal?host=h1,h2&port=7", "postgresql://me@h1:7,h2:7/portal"),
            ("postgres://[::1]:7/portal", "postgresql://me@[::1]:7/portal"),
            ("postgres://[2001:db8::1],h2/portal", "postgresql://me@[2001:db8::1]:5432,h2:5432/portal"),
            ("postgres:///portal?host=/run/pg", "postgresql://me@%2Frun%2Fpg:5432/portal"),
            ("postgres://app@%2Frun%2Fpg:7/portal", "postgresql://app@%2Frun%2Fpg:7/portal"),
            ("postgres://db/portal?hostaddr=10.0.0.1", "postgresql://me@db:5432/portal?hostaddr=10.0.0.1"),
            ("postgres://db/portal?user=app&password=hunter2", "postgresql://app@db:5432/portal"),
            ("postgres://db/portal?dbname=other", "postgresql://me@db:5432/other"),
        ],
    );
}

#[test]
fn keyword_strings() {
    check(
        FIXED,
        &[
            ("host=db dbname='my db' user=app password=hunter2", "postgresql://app@db:5432/my%20db"),
            ("host = db  dbname = portal", "postgresql://me@db:5432/portal"),
            (r"host=db dbname='it\'s' password='a \'hunter2\\'", "postgresql://me@db:5432/it%27s"),
            (r"host=db dbname=my\ db", "postgresql://me@db:5432/my%20db"),
            ("host=h1,h2 port=1,2", "postgresql://me@h1:1,h2:2/me"),
            ("host=/run/pg user=app", "postgresql://app@%2Frun%2Fpg:5432/app"),
            ("dbname=''", "postgresql://me@pg:5432/me"),
            ("user=app\n  sslmode=verify-full\n", "postgresql://app@pg:5432/app?sslmode=verify-full"),
            // Npgsql
            ("Host=db;Port=6432;Database=portal;Username=app;Password=hunter2", "postgresql://app@db:6432/portal"),
            ("host=db;user id=app;pwd=\"x;hunter2\"\"y\";", "postgresql://app@db:5432/app"),
            (
                "Server=db;UID=app;SSL Mode=Require;Trust Server Certificate=true",
                "postgresql://app@db:5432/app?sslmode=require",
            ),
            (
                "Host=db;SslMode=VerifyCA;Root Certificate=/ca.pem",
                "postgresql://me@db:5432/me?sslmode=verify-ca&sslrootcert=%2Fca.pem",
            ),
            ("User Name=app;Host=db", "postgresql://app@db:5432/app"),
            (
                "Host=db;Timeout=5;Maximum Pool Size=3;Pooling=true",
                "postgresql://me@db:5432/me?connect_timeout=5&pool_max_size=3",
            ),
            ("Host=db;Application Name='my app'", "postgresql://me@db:5432/me?application_name=my%20app"),
        ],
    );
}

#[test]
fn parameters() {
    check(
        FIXED,
        &[
            ("postgres://db/d?sslmode=disable", "postgresql://me@db:5432/d?sslmode=disable"),
            ("postgres://db/d?sslmode=allow", "postgresql://me@db:5432/d?sslmode=allow"),
            ("postgres://db/d?sslmode=prefer", "postgresql://me@db:5432/d"),
            (
                "postgres://db/d?sslmode=verify-ca&sslrootcert=system",
                "postgresql://me@db:5432/d?sslmode=verify-ca&sslrootcert=system",
            ),
            ("postgres://db/d?sslcert=c.pem&sslkey=k.pem", "postgresql://me@db:5432/d?sslcert=c.pem&sslkey=k.pem"),
            (
                "postgres://db/d?sslnegotiation=direct&sslmode=require",
                "postgresql://me@db:5432/d?sslmode=require&sslnegotiation=direct",
            ),
            ("postgres://db/d?channel_binding=require", "postgresql://me@db:5432/d?channel_binding=require"),
            ("postgres://db/d?channel_binding=disable", "postgresql://me@db:5432/d?channel_binding=disable"),
            ("postgres://db/d?passfile=/etc/pgpass", "postgresql://me@db:5432/d?passfile=%2Fetc%2Fpgpass"),
            ("postgres://db/d?connect_timeout=3", "postgresql://me@db:5432/d?connect_timeout=3"),
            ("postgres://db/d?connect_timeout=0", "postgresql://me@db:5432/d"),
            ("postgres://db/d?keepalives=0", "postgresql://me@db:5432/d?keepalives=0"),
            (
                "postgres://db/d?keepalives_idle=9&keepalives_interval=8&keepalives_count=7",
                "postgresql://me@db:5432/d?keepalives_idle=9&keepalives_interval=8&keepalives_count=7",
            ),
            ("postgres://db/d?tcp_user_timeout=1500", "postgresql://me@db:5432/d?tcp_user_timeout=1500"),
            (
                "postgres://db/d?target_session_attrs=read-write",
                "postgresql://me@db:5432/d?target_session_attrs=read-write",
            ),
            (
                "postgres://db/d?target_session_attrs=prefer-standby",
                "postgresql://me@db:5432/d?target_session_attrs=prefer-standby",
            ),
            ("postgres://db/d?load_balance_hosts=random", "postgresql://me@db:5432/d?load_balance_hosts=random"),
            ("postgres://db/d?application_name=portal", "postgresql://me@db:5432/d?application_name=portal"),
            ("postgres://db/d?fallback_application_name=portal", "postgresql://me@db:5432/d?application_name=portal"),
            (
                "postgres://db/d?options=-c%20statement_timeout%3D5s",
                "postgresql://me@db:5432/d?options=-c%20statement_timeout%3D5s",
            ),
            ("postgres://db/d?schema=crm", "postgresql://me@db:5432/d?schema=crm"),
            ("postgres://db/d?isolation=read-committed", "postgresql://me@db:5432/d?isolation=read-committed"),
            ("postgres://db/d?isolation=REPEATABLE%20READ", "postgresql://me@db:5432/d?isolation=repeatable-read"),
            ("postgres://db/d?savepoints=never", "postgresql://me@db:5432/d?savepoints=never"),
            ("postgres://db/d?savepoints=always", "postgresql://me@db:5432/d?savepoints=always"),
            ("postgres://db/d?statement_cache=9", "postgresql://me@db:5432/d?statement_cache=9"),
            ("postgres://db/d?immediate=plain", "postgresql://me@db:5432/d?immediate=plain"),
            ("postgres://db/d?blob_columns=any", "postgresql://me@db:5432/d?blob_columns=any"),
            ("postgres://db/d?immediate=lock&pooler=none&Blob%20Columns=bytes", "postgresql://me@db:5432/d"),
            ("postgres://db/d?pgbouncer=true", "postgresql://me@db:5432/d?pooler=transaction"),
            ("postgres://db/d?pooler=session", "postgresql://me@db:5432/d?pooler=session"),
            ("postgres://db/d?busy_timeout=9", "postgresql://me@db:5432/d?busy_timeout=9"),
            ("postgres://db/d?busy_poll=0", "postgresql://me@db:5432/d?busy_poll=0"),
            ("postgres://db/d?Busy%20Poll=1000", "postgresql://me@db:5432/d?busy_poll=1000"),
            ("postgres://db/d?busy_poll=100", "postgresql://me@db:5432/d"),
            (
                "postgres://db/d?statement_timeout=30000&idle_in_transaction_timeout=0",
                "postgresql://me@db:5432/d?statement_timeout=30000&idle_in_transaction_timeout=0",
            ),
            ("postgres://db/d?password_file=/run/pw", "postgresql://me@db:5432/d?password_file=%2Frun%2Fpw"),
            (
                "postgres://db/d?connection_limit=4&pool_timeout=0.5",
                "postgresql://me@db:5432/d?pool_max_size=4&pool_timeout=0.5",
            ),
            // What asks for what happens anyway passes.
            (
                "postgres://db/d?gssencmode=disable&client_encoding=utf8&pgbouncer=false&sslcompression=0",
                "postgresql://me@db:5432/d",
            ),
        ],
    );
}

#[test]
fn libpq_variables() {
    let all: Vars = &[
        ("PGHOST", "pg"),
        ("PGPORT", "7"),
        ("PGUSER", "me"),
        ("PGPASSWORD", PASSWORD),
        ("PGDATABASE", "d"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLROOTCERT", "ca.pem"),
        ("PGPASSFILE", "pass"),
        ("PGAPPNAME", "portal"),
        ("PGCONNECT_TIMEOUT", "3"),
        ("PGOPTIONS", "-c x=1"),
        ("PGCHANNELBINDING", "require"),
        ("PGTARGETSESSIONATTRS", "primary"),
        ("SQLIFT_BUSY_POLL", "0"),
        ("SQLIFT_BLOB_COLUMNS", "any"),
    ];
    check(
        all,
        &[
            (
                "postgres://",
                "postgresql://me@pg:7/d?passfile=pass&sslmode=verify-full&sslrootcert=ca.pem&channel_binding=require&connect_timeout=3&target_session_attrs=primary&application_name=portal&options=-c%20x%3D1&blob_columns=any&busy_poll=0",
            ),
            (
                "postgres://a@b:1/c?passfile=p&sslmode=disable&sslrootcert=s&channel_binding=disable&connect_timeout=1&target_session_attrs=any&application_name=n&options=o&blob_columns=bytes&busy_poll=100",
                "postgresql://a@b:1/c?passfile=p&sslmode=disable&sslrootcert=s&channel_binding=disable&connect_timeout=1&application_name=n&options=o",
            ),
        ],
    );
    let sqlift::config::Config::Postgres(config) = Config::from_url_with("postgres://", &look_up(all)).unwrap() else {
        panic!()
    };
    assert!(config.password.is_some());
    refused(&[("PGSSLMODE", "full")], &[("postgres://me@db", "PGSSLMODE: sslmode=full cannot be used")]);
    refused(&[("PGPORT", "x")], &[("postgres://me@db", "port is not a number")]);
    refused(&[("PGSERVICE", "x")], &[("postgres://me@db", "PGSERVICE: service=x cannot be used")]);
}

#[test]
fn postgres_refusals() {
    refused(
        FIXED,
        &[
            ("mysql://root:hunter2@db/portal", "mysql://root:***@db/portal is not a URL of a kind that is known"),
            ("postgress://app:hunter2@db/portal", "postgress://app:***@db/portal is not"),
            ("postgres:/app:hunter2@db/portal", "is not a URL of a kind that is known"),
            ("app:hunter2@db/portal", "app:***@db/portal is not a URL"),
            ("postgres://app:hunter2", "the port is not a number"),
            ("postgres://app:hunter2/portal", "the port is not a number"),
            ("postgres://app:x/hunter2@db/portal", "an @ behind the /"),
            ("postgres://app:x/hunter2?y@db/portal", "has no ="),
            ("postgres://app:1/x?hunter2=y@db/portal", "it is not shown, as it may be a piece of the password"),
            ("postgres://app:1/x?y=hunter2@db/portal", "it is not shown, as it may be a piece of the password"),
            ("postgres://app:1/x?sslmode=hunter2@db/portal", "the value of sslmode cannot be used"),
            ("postgres://app:hunter2%@db/portal", "the password in the URL holds a % that"),
            ("postgres://app:hunter2%zz@db/portal", "the password in the URL holds a % that"),
            ("postgres://app:hunter2%00@db/portal", "the password in the URL holds %00"),
            ("postgres://app:hunter2%ff@db/portal", "the password in the URL is not UTF-8"),
            ("postgres://app:hunter2@[::1/portal", "a [ without its ]"),
            ("postgres://app:hunter2@[::1]x/portal", "only a port may follow the ]"),
            ("postgres://app:hunter2@db:70000/portal", "the port is not a number from 1 to 65535"),
            ("postgres://app:hunter2@db/portal?sslmode", "has no ="),
            ("postgres://app:hunter2@db/portal?sslmod=require", "did you mean sslmode?"),
            ("postgres://app:hunter2@db/portal?aplication_name=x", "did you mean application_name?"),
            ("postgres://app:hunter2@db/portal?isolatoin=x", "did you mean isolation?"),
            ("postgres://app:hunter2@db/portal?wholly_unknown=x", "options=-c name=value"),
            ("postgres://app:hunter2@db/portal?sslmode=full", "sslmode=full cannot be used"),
            ("postgres://app:hunter2@db/portal?channel_binding=x", "one of disable, prefer, require"),
            ("postgres://app:hunter2@db/portal?sslnegotiation=x", "one of postgres, direct"),
            ("postgres://app:hunter2@db/portal?target_session_attrs=x", "one of any, read-write"),
            ("postgres://app:hunter2@db/portal?isolation=x", "one of serializable, repeatable-read, read-committed"),
            ("postgres://app:hunter2@db/portal?savepoints=x", "one of auto, always, never"),
            ("postgres://app:hunter2@db/portal?statement_cache=-1", "a whole number from 0"),
            ("postgres://app:hunter2@db/portal?busy_timeout=1.5", "a whole number of milliseconds"),
            ("postgres://app:hunter2@db/portal?busy_timeout=99999999999", "a whole number of milliseconds"),
            ("postgres://app:hunter2@db/portal?connect_timeout=x", "a whole number of seconds"),
            ("postgres://app:hunter2@db/portal?keepalives=x", "one of 1, 0"),
            ("postgres://app:hunter2@db/portal?load_balance_hosts=x", "one of disable, random"),
            ("postgres://app:hunter2@db/portal?schema=a,b", "options=-c search_path"),
            ("postgres://app:hunter2@db/portal?hostaddr=db", "not an IP address"),
            ("postgres://app:hunter2@h1,h2/portal?hostaddr=::1", "2 hosts but 1 addresses"),
            ("postgres://app:hunter2@h1,h2/portal?port=1,2,3", "2 hosts but 3 ports"),
            ("postgres://app:hunter2@db/portal?sslcert=x", "sslcert and sslkey go together"),
            ("postgres://app:hunter2@db/portal?service=x", "service files are not read"),
            ("postgres://app:hunter2@db/portal?pooler=x", "one of none, session, transaction"),
            ("postgres://app:hunter2@db/portal?pooler=transaction&options=-cx%3D1", "options cannot be used with"),
            ("postgres://app:hunter2@db/portal?immediate=x", "one of lock, plain"),
            ("postgres://app:hunter2@db/portal?blob_columns=x", "one of bytes, any"),
            ("postgres://app:hunter2@db/portal?prepared=false", "statements are always prepared"),
            ("postgres://app:hunter2@db/portal?sslcrl=x", "revocation lists are not read"),
            ("postgres://app@db/portal?sslpassword=hunter2", "decrypt the key file"),
            ("postgres://app:hunter2@db/portal?require_auth=scram-sha-256", "channel_binding=require"),
            ("postgres://app:hunter2@db/portal?client_encoding=latin1", "text is always UTF-8"),
            ("host=db password=hunter2 sslmod=require", "may be a piece of the password"),
            ("host=db password=x hunter2", "no = behind it"),
            ("host=db password=x hunter2=y", "may be a piece of the password"),
            ("host=db password='hunter2", "no closing quote"),
            ("host=db passwrod='hunter2' x=1", "may be a piece of the password"),
            ("host=db hots", "hots has no = behind it"),
            ("Host=db;Password=x;hunter2", "has no ="),
            ("Host=db;Password=x;hunter2=y", "may be a piece of the password"),
            ("Host=db;Password=\"x;hunter2", "no closing quote"),
            ("Host=db;Usrname=app", "did you mean username?"),
            ("Host=db;SSL Mode=VerifyFull;Trust Server Certificate=true", "contradicts"),
            ("Host=db;Command Timeout=30", "use statement_timeout, which counts milliseconds"),
            ("Host=db;Include Error Detail=true", "sqlift::postgres_error"),
        ],
    );
}

#[test]
fn table_of_parameters() {
    let table = Config::parameters();
    let mut spellings: Vec<String> = table
        .iter()
        .flat_map(|parameter| std::iter::once(parameter.name).chain(parameter.aliases.iter().copied()))
        .map(|name| name.replace('_', ""))
        .collect();
    spellings.sort();
    let count = spellings.len();
    spellings.dedup();
    assert_eq!(spellings.len(), count, "two parameters share a spelling");
    for parameter in table {
        assert!(!parameter.meaning.is_empty() && !parameter.default.is_empty(), "{parameter:?}");
        assert!(parameter.aliases.iter().all(|alias| alias.chars().all(|c| c.is_ascii_lowercase())), "{parameter:?}");
    }
    assert!(table.iter().any(|parameter| parameter.applies_to == AppliesTo::Refused));
}

#[test]
fn errors_become_cannot_open() {
    let error: sqlift::Error = Config::from_url("mysql://root:hunter2@db").unwrap_err().into();
    assert_eq!(error.sqlite_error_code(), Some(sqlift::ErrorCode::CannotOpen));
    assert!(error.to_string().contains("mysql://root:***@db is not a URL"));
}

/// A password with a character that its form gives a meaning to: wherever its halves end up, neither shows.
#[test]
fn badly_escaped_passwords_stay_hidden() {
    const HALVES: [&str; 2] = ["Sesame", "Poppy"];
    let forms: &[&str] = &[
        "postgres://app:PW@db/portal?sslmode=require",
        "postgres://app:PW@db:5432",
        "postgresql+psycopg://app:PW@h1,h2/portal",
        "postgres://app:PW@db/portal?sslmode=wrong",
        "postgres://app:PW@db/portal?nonsense=1",
        "postgres://app:PW@db:port/portal",
        "postgres://db/portal?user=app&password=PW&sslmode=require",
        "postgres://db/portal?user=app&password=PW&nonsense=1",
        "postgres://:PW@db",
        "postgress://app:PW@db/portal",
        "postgres:/app:PW@db/portal",
        "postgres:app:PW@db/portal",
        "mysql://app:PW@db/portal",
        "//app:PW@db/portal",
        "app:PW@db/portal",
        "jdbc:postgresql://app:PW@db/portal",
        "sqlite://app:PW@db/portal",
        "host=db password=PW user=app",
        "host=db password='PW' user=app",
        "password=PW host=db",
        "host=db password=PW",
        "host=db passwrd=PW user=app",
        "Host=db;Password=PW;Username=app",
        "Host=db;Password=\"PW\";Username=app",
        "Host=db;Password='PW';Username=app",
        "Password=PW;Host=db",
        "Host=db;User Id=app;Pwd=PW",
        "Host=db;Passwort=PW;Username=app",
        "Data Source=app.db;Password=PW",
    ];
    for form in forms {
        for between in [
            "", ":", "/", "?", "#", "[", "]", "@", "%", "&", "=", " ", ";", "'", "\"", "\\", "://", "@/", "/@", "?@",
            "%zz", " =", "= ",
        ] {
            let password = HALVES.join(between);
            let url = form.replace("PW", &password);
            let mut texts = Vec::new();
            for vars in [FIXED, &[]] {
                let result = Config::from_url_with(&url, &look_up(vars));
                texts.extend(match &result {
                    Ok(config) => [config.to_string(), format!("{config:?}")],
                    Err(error) => [error.to_string(), format!("{error:?}")],
                });
            }
            for text in texts {
                assert!(!HALVES.iter().any(|half| text.contains(half)), "{url} shows {text}");
            }
        }
    }
}

/// The refusals that other tables tell by their remedy, by what they say.
#[test]
fn what_refusals_say() {
    refused(
        FIXED,
        &[
            ("postgres://app:x/y@db/portal", "the URL has an @ behind the / that ends the host"),
            ("postgres://db/portal?sslmode", "a parameter behind the URL's ? has no ="),
            ("postgres://[::1/portal", "the URL has a [ without its ]"),
            ("postgres://[::1]x/portal", "only a port may follow the ] of an IPv6 address"),
            ("sqlite://app.db", "a sqlite:// URL with two slashes names a host, and a file has none"),
            ("sqlite:", "the SQLite URL names no file"),
            ("Data Source=app.db;Mode=Writable", "Mode has an unknown value"),
            ("Data Source=a;Password=hunter2", "an encrypted SQLite database cannot be opened by a connection string"),
            ("Host=db;Password=a;hunter2=b", "a parameter of the connection string is not known"),
            (
                "Host=db;SSL Mode=VerifyFull;Trust Server Certificate=true",
                "Trust Server Certificate=true contradicts an SSL Mode that verifies the certificate",
            ),
            ("postgres://db?sslcert=c", "sslcert and sslkey go together, but only one of them is given"),
            ("postgres://db?hostaddr=db", "hostaddr holds something that is not an IP address"),
            ("host='db", "a quoted value of the keyword string has no closing quote"),
            ("Host=db;Port", "a part of the connection string has no ="),
            ("Host=\"db\"x;Port=1", "something follows a closing quote of the connection string"),
            ("Host=db;Database=\"d", "a quoted value of the connection string has no closing quote"),
            ("postgres://app:a@db?password_file=/pw", "both a password and a password file are given"),
            ("postgres://db?statement_timeout=1m", "statement_timeout must be a whole number of milliseconds from 0"),
            ("postgres://db?busy_poll=1001", "busy_poll must be a whole number of microseconds from 0 to 1000"),
            ("postgres://db?busy_poll=on", "busy_poll must be a whole number of microseconds from 0 to 1000"),
            ("postgres://db?idle_in_transaction_timeout=-1", "idle_in_transaction_timeout must be a whole number"),
        ],
    );
    let nul = sqlift::Db::open("sqlite:a\0b").unwrap_err().to_string();
    assert!(nul.contains("the path of the SQLite database holds a NUL character"), "{nul}");
    let mut config = Config::from_url("sqlite::memory:").unwrap();
    if let Config::Sqlite(sqlite) = &mut config {
        sqlite.pool_max_size = 0;
    }
    let none = sqlift::Db::with_config(config).unwrap_err().to_string();
    assert!(none.contains("pool_max_size=0 leaves no connection\n  help: it must be at least 1"), "{none}");
    let many = sqlift::Db::open("sqlite:file:a?mode=memory&pool_max_size=2").unwrap_err().to_string();
    assert!(many.contains("each connection of the pool would have a memory database of its own"), "{many}");
}
