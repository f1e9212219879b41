//! The format of sqllogictest files, as SQLite's own runner reads it.

/// One thing to do, its conditions met.
pub struct Record {
    /// Where it begins, from 1.
    pub line: usize,
    pub sql: String,
    pub task: Task,
}

pub enum Task {
    Statement {
        error_expected: bool,
    },
    Query {
        types: String,
        sort: Sort,
        label: Option<String>,
        expected: Vec<String>,
        hash_threshold: usize,
    },
    /// What the file says is no record; what is wrong with it.
    Misspelt(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    None,
    Rows,
    Values,
}

/// The engine as which we answer.
const ENGINE: &str = "sqlite";
/// How many values are compared one by one when the file does not say.
const HASH_THRESHOLD: usize = 8;
/// SQLite's runner compares only so much of a label.
const LABEL_LENGTH: usize = 20;

/// The records that apply to SQLite, up to a `halt` that does.
pub fn read(bytes: &[u8]) -> Vec<Record> {
    let text = String::from_utf8_lossy(bytes);
    // A line that begins with # is no line at all, not even an empty one.
    let lines: Vec<(usize, &str)> = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.starts_with('#'))
        .collect();
    let mut records = Vec::new();
    let mut threshold = HASH_THRESHOLD;
    for block in lines.split(|(_, line)| line.trim().is_empty()).filter(|block| !block.is_empty()) {
        let conditions = block.iter().take_while(|(_, line)| condition(line).is_some()).count();
        let applies = block[..conditions].iter().filter_map(|(_, line)| condition(line)).all(|applies| applies);
        let Some(&(line, head)) = block.get(conditions) else { continue };
        let body: Vec<&str> = block[conditions + 1..].iter().map(|(_, line)| *line).collect();
        let words: Vec<&str> = head.split_whitespace().collect();
        match words.as_slice() {
            _ if !applies => {}
            ["halt", ..] => break,
            ["hash-threshold", number, ..] => threshold = number.parse().unwrap_or(HASH_THRESHOLD),
            ["statement", outcome @ ("ok" | "error"), ..] => {
                let task = Task::Statement { error_expected: *outcome == "error" };
                records.push(Record { line, sql: body.join("\n"), task });
            }
            ["query", types, rest @ ..] if types.chars().all(|letter| "TIR".contains(letter)) => {
                let end = body.iter().position(|line| *line == "----");
                let task = Task::Query {
                    types: (*types).to_owned(),
                    sort: match rest.first() {
                        Some(&"rowsort") => Sort::Rows,
                        Some(&"valuesort") => Sort::Values,
                        _ => Sort::None,
                    },
                    label: rest.get(1).map(|label| label.chars().take(LABEL_LENGTH).collect()),
                    expected: end
                        .map_or(Vec::new(), |end| body[end + 1..].iter().map(|line| (*line).to_owned()).collect()),
                    hash_threshold: threshold,
                };
                records.push(Record { line, sql: body[..end.unwrap_or(body.len())].join("\n"), task });
            }
            _ => {
                let why = match words[0] {
                    "statement" => "a statement is 'ok' or 'error'".to_owned(),
                    "query" => "a query says the types of its columns in letters T, I and R".to_owned(),
                    word => format!("no kind of record: {word}"),
                };
                records.push(Record { line, sql: String::new(), task: Task::Misspelt(why) });
            }
        }
    }
    records
}

/// `skipif NAME` or `onlyif NAME`: whether the record stays. What follows the name is a comment.
fn condition(line: &str) -> Option<bool> {
    let mut words = line.split_whitespace();
    let (word, name) = (words.next()?, words.next());
    let ours = name.is_some_and(|name| name.eq_ignore_ascii_case(ENGINE));
    match word {
        "skipif" => Some(!ours),
        "onlyif" => Some(ours),
        _ => None,
    }
}
