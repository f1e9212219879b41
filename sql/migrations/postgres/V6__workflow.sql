CREATE TABLE tasks (
    id           uuid PRIMARY KEY NOT NULL,
    title        text COLLATE "C" NOT NULL,
    state        text COLLATE "C" NOT NULL DEFAULT 'open',
    assignee     text COLLATE "C",
    parent_id    uuid REFERENCES tasks (id),
    due_on       text COLLATE "C",
    moves        bigint NOT NULL DEFAULT 0,
    effort       double precision,
    created_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    updated_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp())
);
CREATE INDEX tasks_due ON tasks (due_on, state);

CREATE TABLE task_moves (
    id           uuid PRIMARY KEY NOT NULL,
    task_id      uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    number       bigint NOT NULL,
    from_state   text COLLATE "C" NOT NULL,
    to_state     text COLLATE "C" NOT NULL,
    moved_on     text COLLATE "C" NOT NULL,
    created_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    updated_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    UNIQUE (task_id, number),
    CHECK (from_state <> to_state)
);

CREATE TABLE notifications (
    id           uuid PRIMARY KEY NOT NULL,
    task_id      uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    recipient    text COLLATE "C" NOT NULL,
    channel      text COLLATE "C" NOT NULL DEFAULT 'mail',
    body         text COLLATE "C" NOT NULL,
    sent         boolean NOT NULL DEFAULT false,
    created_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    updated_at   timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    UNIQUE (task_id, recipient, channel)
);

CREATE TRIGGER tasks_touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER task_moves_touch BEFORE UPDATE ON task_moves FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER notifications_touch BEFORE UPDATE ON notifications FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

INSERT INTO schema_version (module, version) VALUES ('workflow', 1);
