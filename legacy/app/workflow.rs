//! Tasks that move through states, the history of their moves, and the notifications that go with them.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use crate::db::{self, Result, TODAY};
use crate::random::{Random, day};
use crate::report::Report;
use crate::types::{TaskState, Uuid};

pub const MIGRATIONS: &[&str] = &["
    CREATE TABLE IF NOT EXISTS tasks (
        id           TEXT PRIMARY KEY NOT NULL,
        title        TEXT NOT NULL,
        state        TEXT NOT NULL DEFAULT 'open',
        assignee     TEXT,
        parent_id    TEXT REFERENCES tasks (id),
        due_on       TEXT,
        moves        INTEGER NOT NULL DEFAULT 0,
        effort       REAL,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
    );
    CREATE INDEX IF NOT EXISTS tasks_due ON tasks (due_on, state);

    CREATE TABLE IF NOT EXISTS task_moves (
        id           TEXT PRIMARY KEY NOT NULL,
        task_id      TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        number       INTEGER NOT NULL,
        from_state   TEXT NOT NULL,
        to_state     TEXT NOT NULL,
        moved_on     TEXT NOT NULL,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        UNIQUE (task_id, number),
        CHECK (from_state <> to_state)
    );

    CREATE TABLE IF NOT EXISTS notifications (
        id           TEXT PRIMARY KEY NOT NULL,
        task_id      TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        recipient    TEXT NOT NULL,
        channel      TEXT NOT NULL DEFAULT 'mail',
        body         TEXT NOT NULL,
        sent         BOOLEAN NOT NULL DEFAULT 0,
        created_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at   DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
        UNIQUE (task_id, recipient, channel)
    );

    CREATE TRIGGER IF NOT EXISTS tasks_touch AFTER UPDATE ON tasks FOR EACH ROW
    BEGIN
        UPDATE tasks SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS task_moves_touch AFTER UPDATE ON task_moves FOR EACH ROW
    BEGIN
        UPDATE task_moves SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
    CREATE TRIGGER IF NOT EXISTS notifications_touch AFTER UPDATE ON notifications FOR EACH ROW
    BEGIN
        UPDATE notifications SET updated_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
    END;
"];

pub fn create(
    conn: &Connection,
    id: Uuid,
    title: &str,
    assignee: Option<&str>,
    parent: Option<Uuid>,
    due_on: Option<&str>,
) -> rusqlite::Result<usize> {
    conn.prepare_cached("INSERT INTO tasks (id, title, assignee, parent_id, due_on) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![id, title, assignee, parent, due_on])
}

#[derive(Debug, PartialEq)]
pub enum Move {
    Moved,
    NotAllowed(TaskState),
    NoSuchTask,
}

/// Moves a task and tells people. A notification that cannot be written takes only itself back, not the move.
pub fn advance(
    conn: &mut Connection,
    random: &mut Random,
    task: Uuid,
    next: TaskState,
    recipients: &[&str],
) -> rusqlite::Result<(Move, usize)> {
    let mut tx = conn.transaction()?;
    let current: Option<(TaskState, i64)> = tx
        .query_row("SELECT state, moves FROM tasks WHERE id = ?1", [task], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((state, moves)) = current else { return Ok((Move::NoSuchTask, 0)) };
    if !state.may_become(next) {
        return Ok((Move::NotAllowed(state), 0));
    }
    tx.execute(
        "INSERT INTO task_moves (id, task_id, number, from_state, to_state, moved_on)
         VALUES (:id, :task, :number, :from, :to, :on)",
        named_params! {
            ":id": Uuid::generate(random), ":task": task, ":number": moves + 1, ":from": state, ":to": next, ":on": TODAY,
        },
    )?;
    tx.execute("UPDATE tasks SET state = ?2, moves = moves + 1 WHERE id = ?1", params![task, next])?;

    let mut told = 0;
    for recipient in recipients {
        let savepoint = tx.savepoint()?;
        savepoint.execute("UPDATE tasks SET effort = ifnull(effort, 0) + 0.25 WHERE id = ?", [task])?;
        let written = savepoint.execute(
            "INSERT INTO notifications (id, task_id, recipient, body) VALUES (?1, ?2, ?3, ?4)",
            params![Uuid::generate(random), task, recipient, format!("{state} -> {next}")],
        );
        match written {
            Ok(rows) => {
                savepoint.commit()?;
                told += rows;
            }
            // Told before: the savepoint's drop also takes the effort back.
            Err(error) if db::is_unique_violation(&error) => drop(savepoint),
            Err(error) => return Err(error),
        }
    }
    tx.commit()?;
    Ok((Move::Moved, told))
}

/// Marks up to `limit` notifications as sent, the oldest tasks first.
pub fn send(conn: &Connection, limit: i64) -> rusqlite::Result<usize> {
    let mut unsent = conn.prepare(
        "SELECT n.id, t.title FROM notifications n JOIN tasks t ON t.id = n.task_id
         WHERE n.sent = 0 ORDER BY ifnull(t.due_on, '9999'), n.id LIMIT ?1",
    )?;
    let mut sent = 0;
    let mut rows = unsent.query([limit])?;
    while let Some(row) = rows.next()? {
        let (id, title): (Uuid, String) = (row.get(0)?, row.get(1)?);
        // Written while the rows of the query are still being read.
        sent += conn
            .prepare_cached("UPDATE notifications SET sent = 1, body = body || ': ' || ?2 WHERE id = ?1")?
            .execute(params![id, title])?;
    }
    Ok(sent)
}

/// Tasks long overdue are dropped; their subtasks go back to nobody.
pub fn expire(conn: &mut Connection, before: &str) -> rusqlite::Result<(usize, usize)> {
    let tx = conn.transaction()?;
    let dropped = drop_overdue(&tx, before)?;
    let freed = tx.execute(
        "UPDATE tasks SET assignee = NULL
         WHERE assignee IS NOT NULL AND state <> 'done'
           AND parent_id IN (SELECT id FROM tasks WHERE state = 'dropped')",
        [],
    )?;
    tx.commit()?;
    Ok((dropped, freed))
}

fn drop_overdue(tx: &Transaction<'_>, before: &str) -> rusqlite::Result<usize> {
    tx.execute(
        "UPDATE tasks SET state = ?1 WHERE due_on < ?2 AND state NOT IN (?1, ?3)",
        params![TaskState::Dropped, before, TaskState::Done],
    )
}

const TEAM: &[&str] = &["amir", "beate", "chloé", "dmitri", "eun-ji"];
const VERBS: &[&str] = &["Review", "Repair", "Publish", "Archive", "Translate", "Measure"];
const OBJECTS: &[&str] = &["catalogue", "licence", "sensor network", "import", "naïve Bayes model", "user guide"];

pub fn seed(conn: &mut Connection, rows: i64, report: &mut Report) -> Result<()> {
    let mut random = Random::new(4);
    let mut tasks: Vec<Uuid> = Vec::new();
    let tx = conn.transaction()?;
    for n in 0..rows {
        let id = Uuid::generate(&mut random);
        let title = format!("{} the {} ({n})", random.pick(VERBS), random.pick(OBJECTS));
        let assignee = random.chance(80).then(|| *random.pick(TEAM));
        let parent = (n > 10 && random.chance(30)).then(|| *random.pick(&tasks));
        let due_on = random.chance(90).then(|| day(random.below(150)));
        create(&tx, id, &title, assignee, parent, due_on.as_deref())?;
        tasks.push(id);
    }
    let twice = create(&tx, tasks[0], "The first one again", None, None, None);
    report.fact("a task with a known identifier", twice.is_err_and(|error| db::is_unique_violation(&error)))?;
    tx.commit()?;

    let (mut moved, mut refused, mut unknown, mut told) = (0, 0, 0, 0);
    for n in 0..rows {
        let task = if n % 97 == 96 { Uuid::generate(&mut random) } else { *random.pick(&tasks) };
        let next = *random.pick(TaskState::ALL);
        let recipients = [*random.pick(TEAM), *random.pick(TEAM)];
        let (outcome, notifications) = advance(conn, &mut random, task, next, &recipients)?;
        told += notifications;
        match outcome {
            Move::Moved => moved += 1,
            Move::NotAllowed(_) => refused += 1,
            Move::NoSuchTask => unknown += 1,
        }
    }
    let sent = send(conn, rows / 20)?;
    report.fact("tasks", rows)?;
    report.fact("moved, not allowed, unknown", format!("{moved}, {refused}, {unknown}"))?;
    report.fact("notifications written, sent", format!("{told}, {sent}"))?;
    report.fact("a transaction that is given up", given_up(conn)?)?;
    report.fact("tasks: an update is stamped", db::update_is_stamped(conn, "tasks", "id")?)
}

/// Deletes everything, thinks better of it, and counts.
fn given_up(conn: &mut Connection) -> Result<String> {
    let before = db::count(conn, "tasks")?;
    let mut tx = conn.transaction()?;
    let moves = tx.execute("DELETE FROM task_moves", [])?;
    {
        let mut savepoint = tx.savepoint_with_name("children")?;
        savepoint.execute("UPDATE tasks SET parent_id = NULL", [])?;
        savepoint.rollback()?;
        savepoint.execute("DELETE FROM notifications WHERE sent = 1", [])?;
        savepoint.commit()?;
    }
    let children: i64 = tx.query_row("SELECT COUNT(*) FROM tasks WHERE parent_id IS NOT NULL", [], |row| row.get(0))?;
    tx.rollback()?;
    let after = db::count(conn, "tasks")?;
    let kept = db::count(conn, "task_moves")? == moves as i64;
    Ok(format!("{} children, moves kept {kept}, tasks kept {}", children, before == after))
}

struct Task {
    id: Uuid,
    title: String,
    state: TaskState,
    assignee: Option<String>,
    due_on: Option<String>,
    effort: Option<f64>,
}

fn due(conn: &Connection, state: TaskState, limit: i64) -> rusqlite::Result<Vec<Task>> {
    let mut stmt = conn.prepare_cached(
        "SELECT id, title, state, assignee, due_on, effort FROM tasks WHERE state = ?1
         ORDER BY due_on, id LIMIT ?2",
    )?;
    let tasks = stmt.query_map(params![state, limit], |row| {
        Ok(Task {
            id: row.get(0)?,
            title: row.get(1)?,
            state: row.get(2)?,
            assignee: row.get(3)?,
            due_on: row.get(4)?,
            effort: row.get(5)?,
        })
    })?;
    tasks.collect()
}

pub fn report(conn: &Connection, report: &mut Report) -> Result<()> {
    report.section("tasks by state and assignee")?;
    let mut stmt = conn.prepare(
        "SELECT state, COALESCE(assignee, 'nobody') AS who, COUNT(*) AS tasks, COUNT(due_on) AS with_date, SUM(moves) AS moves,
                CASE WHEN COUNT(*) >= 50 THEN 'many' WHEN COUNT(*) >= 20 THEN 'some' ELSE 'few' END AS amount
         FROM tasks GROUP BY state, COALESCE(assignee, 'nobody') ORDER BY 1, tasks DESC, 2",
    )?;
    let mut rows = stmt.query(())?;
    while let Some(row) = rows.next()? {
        let (state, who): (TaskState, String) = (row.get("state")?, row.get("who")?);
        let (tasks, with_date, moves): (i64, i64, i64) = (row.get("tasks")?, row.get("with_date")?, row.get("moves")?);
        let amount: String = row.get("amount")?;
        report.row(&format!("{state:8} {who:8} {tasks:5} {with_date:5} {moves:5} {amount}"))?;
    }

    for state in TaskState::ALL {
        report.section(&format!("{state} tasks that are due first"))?;
        for task in due(conn, *state, 10)? {
            let moves = conn
                .prepare_cached("SELECT from_state, to_state FROM task_moves WHERE task_id = ? ORDER BY number")?
                .query_map([task.id], |row| Ok((row.get::<_, TaskState>(0)?, row.get::<_, TaskState>(1)?)))?
                .map(|r#move| r#move.map(|(from, to)| format!("{from}>{to}")))
                .collect::<rusqlite::Result<Vec<_>>>()?;
            report.row(&format!(
                "{} {} {} {:?} {} {:?} [{}]",
                task.id,
                task.state,
                task.due_on.as_deref().unwrap_or("no date   "),
                task.assignee,
                task.title,
                task.effort,
                moves.join(" ")
            ))?;
        }
    }
    let overdue: i64 = conn.query_row(
        "SELECT COUNT(*) FROM tasks WHERE due_on < ?1 AND state IN (?2, ?3, ?4)",
        params![TODAY, TaskState::Open, TaskState::Active, TaskState::Blocked],
        |row| row.get(0),
    )?;
    report.fact("overdue", overdue)?;
    let with_children = conn
        .prepare("SELECT 1 FROM tasks p WHERE EXISTS (SELECT 1 FROM tasks c WHERE c.parent_id = p.id) LIMIT 1")?
        .exists([])?;
    report.fact("some tasks have subtasks", with_children)?;

    report.section("all of workflow")?;
    report.digest(
        conn,
        "tasks",
        "SELECT id, title, state, assignee, parent_id, due_on, moves, effort FROM tasks ORDER BY id",
    )?;
    report.digest(
        conn,
        "moves",
        "SELECT id, task_id, number, from_state, to_state, moved_on FROM task_moves ORDER BY task_id, number",
    )?;
    report.digest(
        conn,
        "notifications",
        "SELECT id, task_id, recipient, channel, body, sent FROM notifications ORDER BY sent DESC, recipient, id",
    )?;
    report.timestamps(conn, &["tasks", "task_moves", "notifications"])
}
