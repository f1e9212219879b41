// Transactions and savepoints: how they end, nest and fail.
use crate::support::Log;
use rusqlite::{Connection, DropBehavior, MAIN_DB, Result, Savepoint, Transaction, TransactionBehavior, TransactionState};

pub const CASES: &[(&str, fn(&mut Connection, &mut Log) -> Result<()>)] = &[
    ("ends", ends),
    ("drop behaviors", drop_behaviors),
    ("behaviors", behaviors),
    ("unchecked", unchecked),
    ("savepoints", savepoints),
    ("savepoints nest", savepoints_nest),
    ("savepoint names", savepoint_names),
    ("savepoint drop behaviors", savepoint_drop_behaviors),
    ("savepoints without a transaction", savepoints_without_a_transaction),
    ("a savepoint that cannot be released", savepoint_that_cannot_be_released),
    ("by SQL", by_sql),
    ("failed statement leaves transaction usable", failed_statement),
    ("transactions passed on", passed_on),
    ("transaction state", transaction_state),
];

fn sum(conn: &Connection) -> Result<(i64, i64)> {
    conn.query_row("SELECT count(*), coalesce(sum(n), 0) FROM t", [], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn add(conn: &Connection, n: i64) -> Result<usize> {
    conn.execute("INSERT INTO t VALUES (?1)", [n])
}

fn table(conn: &Connection) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)")
}

fn ends(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    log.value("autocommit", conn.is_autocommit());
    let tx = conn.transaction()?;
    log.value("in it", tx.is_autocommit());
    add(&tx, 1)?;
    log.result("commit", tx.commit());
    log.value("after", conn.is_autocommit());
    let tx = conn.transaction()?;
    add(&tx, 10)?;
    log.result("rollback", tx.rollback());
    let tx = conn.transaction()?;
    add(&tx, 100)?;
    log.value("seen inside", sum(&tx)?);
    drop(tx);
    log.value("dropped", (conn.is_autocommit(), sum(conn)?));
    let tx = conn.transaction()?;
    add(&tx, 1000)?;
    log.result("finish", tx.finish());
    log.value("finished", sum(conn)?);
    let tx = conn.transaction()?;
    log.result("empty", tx.commit());
    Ok(())
}

fn drop_behaviors(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let mut tx = conn.transaction()?;
    log.value("at first", tx.drop_behavior());
    tx.set_drop_behavior(DropBehavior::Commit);
    log.value("set", tx.drop_behavior());
    add(&tx, 1)?;
    drop(tx);
    log.value("commit", (conn.is_autocommit(), sum(conn)?));
    let mut tx = conn.transaction()?;
    tx.set_drop_behavior(DropBehavior::Ignore);
    add(&tx, 10)?;
    drop(tx);
    log.value("ignore", (conn.is_autocommit(), sum(conn)?));
    conn.execute_batch("ROLLBACK")?;
    log.value("rolled back", (conn.is_autocommit(), sum(conn)?));
    let mut tx = conn.transaction()?;
    tx.set_drop_behavior(DropBehavior::Commit);
    add(&tx, 100)?;
    log.result("finish commits", tx.finish());
    log.value("after", sum(conn)?);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut tx = conn.transaction().unwrap();
        tx.set_drop_behavior(DropBehavior::Panic);
    }));
    log.value("panic", panicked.is_err());
    Ok(())
}

fn behaviors(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    for (n, behavior) in [TransactionBehavior::Deferred, TransactionBehavior::Immediate, TransactionBehavior::Exclusive]
        .into_iter()
        .enumerate()
    {
        let tx = conn.transaction_with_behavior(behavior)?;
        add(&tx, n as i64)?;
        log.result("commit", tx.commit());
        let tx = Transaction::new(conn, behavior)?;
        log.result("rollback", tx.rollback());
        conn.set_transaction_behavior(behavior);
        log.result("as set", conn.transaction()?.commit());
        log.result("unchecked as set", conn.unchecked_transaction()?.commit());
    }
    log.value("all", sum(conn)?);
    Ok(())
}

fn unchecked(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let conn = &*conn;
    let tx = conn.unchecked_transaction()?;
    add(conn, 1)?;
    log.result("a second one", conn.unchecked_transaction().map(drop));
    log.result(
        "a second one of another kind",
        Transaction::new_unchecked(conn, TransactionBehavior::Immediate).map(drop),
    );
    log.value("the first goes on", (conn.is_autocommit(), sum(conn)?));
    log.result("commit", tx.commit());
    log.value("after", (conn.is_autocommit(), sum(conn)?));
    Ok(())
}

fn savepoints(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let mut tx = conn.transaction()?;
    add(&tx, 1)?;
    let sp = tx.savepoint()?;
    add(&sp, 10)?;
    log.result("commit", sp.commit());
    let mut sp = tx.savepoint()?;
    add(&sp, 100)?;
    log.result("rollback", sp.rollback());
    add(&sp, 200)?;
    log.result("rolled back, then commit", sp.commit());
    let sp = tx.savepoint()?;
    add(&sp, 1000)?;
    drop(sp);
    let sp = tx.savepoint()?;
    add(&sp, 5000)?;
    log.result("finish", sp.finish());
    log.value("inside", sum(&tx)?);
    log.result("commit all", tx.commit());
    log.value("after", sum(conn)?);
    Ok(())
}

fn savepoints_nest(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let mut tx = conn.transaction()?;
    {
        let mut one = tx.savepoint()?;
        add(&one, 1)?;
        {
            let mut two = one.savepoint()?;
            add(&two, 2)?;
            {
                let three = two.savepoint_with_name("three")?;
                add(&three, 4)?;
            }
            log.value("without the third", sum(&two)?);
            log.result("commit the second", two.commit());
        }
        {
            let mut two = one.savepoint()?;
            add(&two, 8)?;
            two.savepoint()?.commit()?;
        }
        log.value("without the other second", sum(&one)?);
        log.result("commit the first", one.commit());
    }
    log.result("commit", tx.commit());
    log.value("after", sum(conn)?);
    Ok(())
}

fn savepoint_names(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let mut tx = conn.transaction()?;
    for (n, name) in ["plain", "with blank", "with \"quotes\"", "1st", "grün", "Upper"].into_iter().enumerate() {
        let mut sp = tx.savepoint_with_name(name)?;
        add(&sp, 1 << n)?;
        if n % 2 == 0 {
            log.result(name, sp.rollback());
        }
        log.result(name, sp.commit());
    }
    log.value("half of them", sum(&tx)?);
    log.result("no name", tx.savepoint_with_name("").map(drop));
    log.result("a keyword", tx.savepoint_with_name("select").map(drop));
    log.result("commit", tx.commit());
    Ok(())
}

fn savepoint_drop_behaviors(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let mut tx = conn.transaction()?;
    for (n, behavior) in [DropBehavior::Rollback, DropBehavior::Commit, DropBehavior::Ignore].into_iter().enumerate() {
        let mut sp = tx.savepoint()?;
        log.value("at first", sp.drop_behavior());
        sp.set_drop_behavior(behavior);
        add(&sp, 1 << n)?;
        drop(sp);
        log.value("dropped", sum(&tx)?);
    }
    log.result("commit", tx.commit());
    log.value("after", sum(conn)?);
    Ok(())
}

fn savepoints_without_a_transaction(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let sp = conn.savepoint()?;
    log.value("begins one", sp.is_autocommit());
    add(&sp, 1)?;
    log.result("commit", sp.commit());
    log.value("after", (conn.is_autocommit(), sum(conn)?));
    let sp = conn.savepoint_with_name("outer")?;
    add(&sp, 10)?;
    drop(sp);
    log.value("dropped", (conn.is_autocommit(), sum(conn)?));
    let mut sp = Savepoint::new(conn)?;
    add(&sp, 100)?;
    sp.rollback()?;
    log.value("rolled back", (sp.is_autocommit(), sum(&sp)?));
    drop(sp);
    Savepoint::with_name(conn, "named")?.commit()?;
    log.value("at the end", (conn.is_autocommit(), sum(conn)?));
    Ok(())
}

/// Dropped with `Commit`, it is undone instead.
fn savepoint_that_cannot_be_released(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch(
        "CREATE TABLE parent (n INTEGER PRIMARY KEY NOT NULL);
         CREATE TABLE t (n INTEGER REFERENCES parent (n) DEFERRABLE INITIALLY DEFERRED)",
    )?;
    let mut sp = conn.savepoint()?;
    add(&sp, 0)?;
    sp.set_drop_behavior(DropBehavior::Commit);
    drop(sp);
    log.value("over", conn.is_autocommit());
    log.result("left", sum(conn));
    let sp = conn.savepoint()?;
    add(&sp, 0)?;
    log.result("commit", sp.commit());
    log.value("over again", conn.is_autocommit());
    log.result("left again", sum(conn));
    let tx = conn.transaction()?;
    add(&tx, 1)?;
    log.result("commit of a transaction", tx.commit());
    log.value("over at last", conn.is_autocommit());
    log.result("left at last", sum(conn));
    Ok(())
}

fn by_sql(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    log.result("stray commit", conn.execute_batch("COMMIT"));
    log.result("stray rollback", conn.execute_batch("ROLLBACK"));
    log.result("stray release", conn.execute_batch("RELEASE nothing"));
    log.result("begin", conn.execute("BEGIN", []).map(drop));
    log.result("begin again", conn.execute_batch("BEGIN IMMEDIATE"));
    log.value("still in it", conn.is_autocommit());
    add(conn, 1)?;
    log.result("savepoint", conn.execute_batch("SAVEPOINT a; INSERT INTO t VALUES (10); ROLLBACK TO a; RELEASE A"));
    log.result("unknown savepoint", conn.execute_batch("ROLLBACK TO nothing"));
    log.result("end", conn.execute_batch("END TRANSACTION"));
    log.value("after", (conn.is_autocommit(), sum(conn)?));
    log.result("script", conn.execute_batch("BEGIN; INSERT INTO t VALUES (100); COMMIT; INSERT INTO t VALUES (1000)"));
    log.value("after", (conn.is_autocommit(), sum(conn)?));
    // A transaction that the caller ended by SQL is left alone when dropped.
    let tx = conn.transaction()?;
    add(&tx, 5)?;
    tx.execute_batch("ROLLBACK")?;
    drop(tx);
    log.value("ended by SQL", (conn.is_autocommit(), sum(conn)?));
    Ok(())
}

fn failed_statement(conn: &mut Connection, log: &mut Log) -> Result<()> {
    table(conn)?;
    let tx = conn.transaction()?;
    add(&tx, 1)?;
    log.result("twice", add(&tx, 1));
    log.value("goes on", (tx.is_autocommit(), sum(&tx)?));
    log.result("one of three", tx.execute("INSERT INTO t VALUES (7), (1), (8)", []));
    log.result("no such table", tx.execute("INSERT INTO missing VALUES (1)", []));
    log.result(
        "script",
        tx.execute_batch("INSERT INTO t VALUES (20); INSERT INTO t VALUES (1); INSERT INTO t VALUES (30)"),
    );
    add(&tx, 2)?;
    log.result("commit", tx.commit());
    log.value("after", sum(conn)?);
    Ok(())
}

fn passed_on(conn: &mut Connection, log: &mut Log) -> Result<()> {
    fn inside<T>(conn: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let tx = conn.transaction()?;
        let value = work(&tx)?;
        tx.commit()?;
        Ok(value)
    }
    table(conn)?;
    log.result("good", inside(conn, |tx| add(tx, 1)));
    log.result("bad", inside(conn, |tx| add(tx, 2).and_then(|_| add(tx, 1))));
    log.value("all or nothing", sum(conn)?);
    let mut tx = conn.transaction()?;
    {
        let mut insert = tx.prepare("INSERT INTO t VALUES (?)")?;
        for n in 10..20 {
            insert.execute([n])?;
        }
    }
    let sp = tx.savepoint()?;
    log.result("through both", sp.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)));
    drop(sp);
    log.result("commit", tx.commit());
    Ok(())
}

fn transaction_state(conn: &mut Connection, log: &mut Log) -> Result<()> {
    conn.execute_batch("CREATE TABLE t (n INTEGER)")?;
    log.value("none", conn.transaction_state(Some(MAIN_DB))? == TransactionState::None);
    let tx = conn.transaction()?;
    tx.query_row("SELECT count(*) FROM t", [], |_| Ok(()))?;
    log.value("read", tx.transaction_state(Some("main")));
    tx.execute("INSERT INTO t VALUES (1)", [])?;
    log.value("write", tx.transaction_state::<&str>(None));
    log.result("unknown", tx.transaction_state(Some("missing")));
    Ok(())
}
