-- SQLite compares text byte by byte, and so does the collation "C". This one has the same order, and its name tells sqlift
-- that the column was COLLATE NOCASE.
CREATE COLLATION sqlift_nocase (provider = libc, locale = 'C');

-- SQLite's triggers update the row once more; here it is changed on its way in. Times have whole seconds, as CURRENT_TIMESTAMP.
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := date_trunc('second', statement_timestamp());
    RETURN NEW;
END $$;

-- Which module's tables are at which version: the portal asks here what it has to do.
CREATE TABLE schema_version (
    module     text COLLATE "C" PRIMARY KEY,
    version    bigint NOT NULL CHECK (version > 0),
    created_at timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp()),
    updated_at timestamptz(0) NOT NULL DEFAULT date_trunc('second', statement_timestamp())
);
CREATE TRIGGER schema_version_touch BEFORE UPDATE ON schema_version
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
