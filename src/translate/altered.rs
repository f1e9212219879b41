//! The kept text of a CREATE after ALTER TABLE: SQLite edits the text itself, and so do we.
//! <https://sqlite.org/lang_altertable.html>

use super::ast::*;
use super::catalog::{Catalog, Table};
use super::names::fold;
use super::parser::parse_statement;
use crate::syntax::{Span, TokenKind, tokens};

/// What a name in the text of a table or an index means.
#[derive(Clone, Copy)]
enum Meaning<'a> {
    /// The table itself.
    Table,
    /// A column of the table.
    Column,
    /// A foreign key's parent.
    Parent,
    /// A column of the parent of that name.
    ParentColumn(&'a Name),
}

/// The texts that an ALTER TABLE changes.
#[derive(Default)]
pub(crate) struct Texts {
    /// By the tables' names of before.
    pub tables: Vec<(String, String)>,
    /// By the indexes' names.
    pub indexes: Vec<(String, String)>,
}

/// The texts that `action` on `table` changes; `statement` is the text of the whole ALTER.
pub(crate) fn texts(catalog: &Catalog, table: &Table, action: &AlterAction, sql: &str, statement: Span) -> Texts {
    let change = |text: &str| match action {
        AlterAction::RenameTo(to) => table_renamed(text, &table.name, &to.text),
        AlterAction::RenameColumn { from, to } => column_renamed(text, &table.name, &from.text, to),
        AlterAction::AddColumn(definition) => column_added(text, definition.span.text(sql)),
        AlterAction::DropColumn(name) => column_dropped(text, &name.text),
        AlterAction::AddCheck { expr, .. } => constraint_added(text, added_text(sql, statement, expr)?),
        AlterAction::DropConstraint(name) => constraint_dropped(text, &name.text),
        AlterAction::SetNotNull(name) => not_null(text, &name.text, true),
        AlterAction::DropNotNull(name) => not_null(text, &name.text, false),
    };
    let mut texts = Texts::default();
    if let Some(text) = table.created.as_deref().and_then(change) {
        texts.tables.push((table.name.clone(), text));
    }
    if matches!(action, AlterAction::RenameTo(_) | AlterAction::RenameColumn { .. }) {
        for index in &table.indexes {
            if let Some(text) = index.created.as_deref().and_then(change) {
                texts.indexes.push((index.name.clone(), text));
            }
        }
        let mut others: Vec<&Table> = catalog.tables.values().map(|other| &**other).collect();
        others.retain(|other| other.name != table.name);
        others.sort_by(|a, b| a.name.cmp(&b.name));
        for other in others {
            if let Some(text) = other.created.as_deref().and_then(change) {
                texts.tables.push((other.name.clone(), text));
            }
        }
    }
    texts
}

/// What `ADD CONSTRAINT name CHECK (...)` adds.
fn added_text<'a>(sql: &'a str, statement: Span, expr: &Expr) -> Option<&'a str> {
    let head = &sql[statement.start..expr.span.start];
    let add = tokens(head).filter(|token| token.span.text(head).eq_ignore_ascii_case("add")).last()?;
    Some(sql[statement.start + add.span.end..statement.end].trim())
}

/// Why SQLite would not drop a column, in its words.
pub(crate) fn kept_column(table: &Table, name: &str) -> Option<String> {
    let text = table.created.as_deref()?;
    let (columns, constraints) = body(text)?;
    let column = columns.iter().find(|column| column.name.text.eq_ignore_ascii_case(name))?;
    let has = |wanted: fn(&ColumnConstraintKind) -> bool| column.constraints.iter().any(|one| wanted(&one.kind));
    let is_it = |term: &IndexTerm| matches!(&term.expr.kind, ExprKind::Column { column, .. } if column.text.eq_ignore_ascii_case(name));
    let in_key = constraints.iter().any(|constraint| {
        matches!(&constraint.kind, TableConstraintKind::PrimaryKey { columns, .. } if columns.iter().any(is_it))
    });
    if in_key || has(|kind| matches!(kind, ColumnConstraintKind::PrimaryKey { .. })) {
        return Some(format!("cannot drop PRIMARY KEY column: \"{name}\""));
    }
    if has(|kind| matches!(kind, ColumnConstraintKind::Unique { .. })) {
        return Some(format!("cannot drop UNIQUE column: \"{name}\""));
    }
    if columns.len() == 1 {
        return Some(format!("cannot drop column \"{name}\": no other columns exist"));
    }
    let after = column_dropped(text, name)?;
    if let Some((column, in_foreign_key)) = still_named(&after, name) {
        return Some(match in_foreign_key {
            true => format!(
                "error in table {} after drop column: unknown column \"{column}\" in foreign key definition",
                table.shown()
            ),
            false => format!("error in table {} after drop column: no such column: {column}", table.shown()),
        });
    }
    table.indexes.iter().find_map(|index| {
        let (column, _) = still_named(index.created.as_deref()?, name)?;
        Some(format!("error in index {} after drop column: no such column: {column}", index_shown(index)?))
    })
}

fn index_shown(index: &super::catalog::Index) -> Option<String> {
    match parse_statement(index.created.as_deref()?).ok()?.kind {
        StatementKind::CreateIndex(create) if fold(&create.name.name.text) == index.name => {
            Some(create.name.name.text.to_string())
        }
        _ => Some(index.name.clone()),
    }
}

/// Behind the last column stands the new one.
pub(crate) fn column_added(text: &str, definition: &str) -> Option<String> {
    let (columns, _) = body(text)?;
    let at = next_part(text, columns.last()?.span.end)?;
    Some(format!("{}, {definition}{}", &text[..at], &text[at..]))
}

/// Without the column, up to the next one, or from the comma ahead of the last one.
pub(crate) fn column_dropped(text: &str, name: &str) -> Option<String> {
    let (columns, _) = body(text)?;
    let place = columns.iter().position(|column| column.name.text.eq_ignore_ascii_case(name))?;
    let span = columns[place].span;
    Some(match columns.get(place + 1) {
        Some(next) => format!("{}{}", &text[..span.start], &text[next.span.start..]),
        None => format!("{}{}", &text[..text[..span.start].rfind(',')?], &text[next_part(text, span.end)?..]),
    })
}

/// A table of another name, in its own text, in those of its indexes and of tables that refer to it; `None` when it is not named.
pub(crate) fn table_renamed(text: &str, from: &str, to: &str) -> Option<String> {
    let renamed = names(text, |meaning, name, _| {
        matches!(meaning, Meaning::Table | Meaning::Parent) && name.text.eq_ignore_ascii_case(from)
    })?;
    respelled(text, &renamed, to, true)
}

/// A column of another name, likewise. `table` is the column's.
pub(crate) fn column_renamed(text: &str, table: &str, from: &str, to: &Name) -> Option<String> {
    let renamed = names(text, |meaning, name, own| {
        name.text.eq_ignore_ascii_case(from)
            && match meaning {
                Meaning::Column => own.eq_ignore_ascii_case(table),
                Meaning::ParentColumn(parent) => parent.text.eq_ignore_ascii_case(table),
                Meaning::Table | Meaning::Parent => false,
            }
    })?;
    respelled(text, &renamed, &to.text, to.quote != Quote::None)
}

/// Behind everything in the parentheses stands one more constraint.
pub(crate) fn constraint_added(text: &str, constraint: &str) -> Option<String> {
    let (columns, constraints) = body(text)?;
    let at = next_part(text, constraints.last().map_or(columns.last()?.span.end, |last| last.span.end))?;
    Some(format!("{}, {constraint}{}", &text[..at], &text[at..]))
}

/// Without the constraint of a name.
pub(crate) fn constraint_dropped(text: &str, name: &str) -> Option<String> {
    let (columns, constraints) = body(text)?;
    let is_it = |known: &Option<Name>| known.as_ref().is_some_and(|known| known.text.eq_ignore_ascii_case(name));
    if let Some(place) = constraints.iter().position(|constraint| is_it(&constraint.name)) {
        let span = constraints[place].span;
        return Some(match constraints.get(place + 1) {
            Some(next) => format!("{}{}", &text[..span.start], &text[next.span.start..]),
            None => format!("{}{}", &text[..text[..span.start].rfind(',')?], &text[next_part(text, span.end)?..]),
        });
    }
    let found = columns.iter().flat_map(|column| &column.constraints).find(|constraint| is_it(&constraint.name))?;
    Some(without(text, found.span))
}

/// `NOT NULL` behind a column's definition, or gone from it.
pub(crate) fn not_null(text: &str, name: &str, set: bool) -> Option<String> {
    let (columns, _) = body(text)?;
    let column = columns.iter().find(|column| column.name.text.eq_ignore_ascii_case(name))?;
    let known =
        column.constraints.iter().find(|constraint| matches!(constraint.kind, ColumnConstraintKind::NotNull { .. }));
    match (set, known) {
        (true, Some(_)) | (false, None) => Some(text.to_owned()),
        (true, None) => Some(format!("{} NOT NULL{}", &text[..column.span.end], &text[column.span.end..])),
        (false, Some(constraint)) => Some(without(text, constraint.span)),
    }
}

/// The name of a column that the text of a table or an index still says, as it says it, where that is not the column's own
/// definition; and whether it is in a foreign key.
pub(crate) fn still_named(text: &str, column: &str) -> Option<(String, bool)> {
    let statement = parse_statement(text).ok()?;
    let foreign = |span: Span| {
        match &statement.kind {
        StatementKind::CreateTable(create) => match &create.body {
            CreateTableBody::Columns { constraints, .. } => constraints.iter().any(|constraint| {
                matches!(&constraint.kind, TableConstraintKind::ForeignKey { columns, .. } if columns.iter().any(|name| name.span == span))
            }),
            CreateTableBody::AsSelect(_) => false,
        },
        _ => false,
    }
    };
    let mut found = None;
    each_name(&statement, &mut |meaning, name, _| {
        if found.is_none() && matches!(meaning, Meaning::Column) && name.text.eq_ignore_ascii_case(column) {
            found = Some((name.text.to_string(), foreign(name.span)));
        }
    });
    found
}

/// The columns and constraints of a CREATE TABLE.
pub(crate) fn body(text: &str) -> Option<(Vec<ColumnDefinition>, Vec<TableConstraint>)> {
    match parse_statement(text).ok()?.kind {
        StatementKind::CreateTable(create) => match create.body {
            CreateTableBody::Columns { columns, constraints, .. } => Some((columns, constraints)),
            CreateTableBody::AsSelect(_) => None,
        },
        _ => None,
    }
}

/// Where the comma or the parenthesis stands behind a definition.
fn next_part(text: &str, from: usize) -> Option<usize> {
    let token = tokens(&text[from..]).find(|token| matches!(token.kind, TokenKind::Comma | TokenKind::RightParen))?;
    Some(from + token.span.start)
}

/// Without the span and the blanks ahead of it.
fn without(text: &str, span: Span) -> String {
    format!("{}{}", text[..span.start].trim_end(), &text[span.end..])
}

/// Where names stand that are wanted; `None` for none. `wanted` is told the table's own name too.
fn names(text: &str, wanted: impl Fn(Meaning<'_>, &Name, &str) -> bool) -> Option<Vec<(Span, Quote)>> {
    let statement = parse_statement(text).ok()?;
    let mut found = Vec::new();
    each_name(&statement, &mut |meaning, name, own| {
        if wanted(meaning, name, own) {
            found.push((name.span, name.quote));
        }
    });
    found.sort_by_key(|(span, _)| span.start);
    found.dedup_by_key(|(span, _)| span.start);
    (!found.is_empty()).then_some(found)
}

/// In quotes where the new name was given in quotes, or where the old one stood in quotes.
fn respelled(text: &str, places: &[(Span, Quote)], to: &str, quoted: bool) -> Option<String> {
    let in_quotes = super::names::quote_identifier(to);
    let mut result = String::with_capacity(text.len() + places.len() * to.len());
    let mut from = 0;
    for (span, quote) in places {
        result += &text[from..span.start];
        result += if quoted || *quote != Quote::None { &in_quotes } else { to };
        from = span.end;
    }
    result += &text[from..];
    Some(result)
}

/// Calls `visit` with every name that means a table or a column, and the name of the statement's own table.
fn each_name(statement: &Statement, visit: &mut dyn FnMut(Meaning<'_>, &Name, &str)) {
    match &statement.kind {
        StatementKind::CreateTable(create) => {
            let own = &*create.name.name.text;
            visit(Meaning::Table, &create.name.name, own);
            let CreateTableBody::Columns { columns, constraints, .. } = &create.body else { return };
            for column in columns {
                visit(Meaning::Column, &column.name, own);
                for constraint in &column.constraints {
                    match &constraint.kind {
                        ColumnConstraintKind::Check { expr } | ColumnConstraintKind::Generated { expr, .. } => {
                            in_expression(expr, own, visit);
                        }
                        ColumnConstraintKind::References(clause) => in_foreign_key(clause, own, visit),
                        _ => {}
                    }
                }
            }
            for constraint in constraints {
                match &constraint.kind {
                    TableConstraintKind::PrimaryKey { columns, .. } | TableConstraintKind::Unique { columns, .. } => {
                        columns.iter().for_each(|term| in_expression(&term.expr, own, visit));
                    }
                    TableConstraintKind::Check { expr } => in_expression(expr, own, visit),
                    TableConstraintKind::ForeignKey { columns, references } => {
                        columns.iter().for_each(|name| visit(Meaning::Column, name, own));
                        in_foreign_key(references, own, visit);
                    }
                }
            }
        }
        StatementKind::CreateIndex(create) => {
            let own = &*create.table.text;
            visit(Meaning::Table, &create.table, own);
            create.terms.iter().for_each(|term| in_expression(&term.expr, own, visit));
            create.where_clause.iter().for_each(|condition| in_expression(condition, own, visit));
        }
        _ => {}
    }
}

fn in_expression(expr: &Expr, own: &str, visit: &mut dyn FnMut(Meaning<'_>, &Name, &str)) {
    if let ExprKind::Column { table, column, .. } = &expr.kind {
        if let Some(table) = table {
            visit(Meaning::Table, table, own);
        }
        visit(Meaning::Column, column, own);
    }
    expr.children().into_iter().for_each(|child| in_expression(child, own, visit));
}

fn in_foreign_key(clause: &ForeignKeyClause, own: &str, visit: &mut dyn FnMut(Meaning<'_>, &Name, &str)) {
    visit(Meaning::Parent, &clause.table, own);
    clause.columns.iter().for_each(|name| visit(Meaning::ParentColumn(&clause.table), name, own));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"CREATE TABLE p(id INTEGER PRIMARY KEY, "Na me" TEXT DEFAULT 'x', key TEXT CHECK(key <> 'q' AND CAST(key AS key) > 1), u REFERENCES p(key) , CHECK(p."Na me" > 'a'), UNIQUE(key) )"#;

    fn name(text: &str, quote: Quote) -> Name {
        Name { span: Span { start: 0, end: 0 }, text: text.into(), quote }
    }

    #[test]
    fn names_change_where_they_mean_the_column() {
        let renamed = column_renamed(TABLE, "p", "KEY", &name("Kk", Quote::None)).unwrap();
        assert!(
            renamed.contains("Kk TEXT CHECK(Kk <> 'q' AND CAST(Kk AS key) > 1), u REFERENCES p(Kk) ,"),
            "{renamed}"
        );
        assert!(renamed.ends_with("UNIQUE(Kk) )"), "{renamed}");
        let renamed = column_renamed(TABLE, "p", "na me", &name("nm", Quote::None)).unwrap();
        assert!(renamed.contains(r#", "nm" TEXT"#) && renamed.contains(r#"p."nm" > 'a'"#), "{renamed}");
        let renamed = table_renamed(TABLE, "P", "Q").unwrap();
        assert!(
            renamed.starts_with(r#"CREATE TABLE "Q"(id"#) && renamed.contains(r#"REFERENCES "Q"(key)"#),
            "{renamed}"
        );
        assert_eq!(
            column_renamed("CREATE TABLE c(id REFERENCES p(id), x)", "p", "id", &name("i d", Quote::Double)).unwrap(),
            r#"CREATE TABLE c(id REFERENCES p("i d"), x)"#
        );
        assert_eq!(
            column_renamed("CREATE INDEX i ON p(key, lower(key)) WHERE key > 1", "p", "key", &name("k", Quote::None))
                .unwrap(),
            "CREATE INDEX i ON p(k, lower(k)) WHERE k > 1"
        );
        assert_eq!(column_renamed("CREATE INDEX i ON other(key)", "p", "key", &name("k", Quote::None)), None);
    }

    #[test]
    fn columns_and_constraints_come_and_go() {
        let with = |text: &str| column_added(text, "n INT").unwrap();
        assert_eq!(with("CREATE TABLE t(a )"), "CREATE TABLE t(a , n INT)");
        assert_eq!(with("CREATE TABLE t(a , CHECK(a>1)) STRICT"), "CREATE TABLE t(a , n INT, CHECK(a>1)) STRICT");
        assert_eq!(column_dropped("CREATE TABLE t(a, b INT , c)", "B").unwrap(), "CREATE TABLE t(a, c)");
        assert_eq!(
            column_dropped("CREATE TABLE t(a, b INT, CHECK(a>1))", "b").unwrap(),
            "CREATE TABLE t(a, CHECK(a>1))"
        );
        assert_eq!(column_dropped("CREATE TABLE t(a, b INT )", "b").unwrap(), "CREATE TABLE t(a)");
        assert_eq!(
            column_dropped("CREATE TABLE t(a, b INT , c INT /* x */ , CHECK(a>1) )", "c").unwrap(),
            "CREATE TABLE t(a, b INT , CHECK(a>1) )"
        );
        assert_eq!(
            not_null("CREATE TABLE t(a INT NOT NULL DEFAULT 5)", "a", false).unwrap(),
            "CREATE TABLE t(a INT DEFAULT 5)"
        );
        assert_eq!(not_null("CREATE TABLE t(a INT , b)", "a", true).unwrap(), "CREATE TABLE t(a INT NOT NULL , b)");
        assert_eq!(
            constraint_dropped("CREATE TABLE t(a, CONSTRAINT c CHECK(a>1), CHECK(a>2))", "C").unwrap(),
            "CREATE TABLE t(a, CHECK(a>2))"
        );
        assert_eq!(still_named("CREATE TABLE t(a, FOREIGN KEY(B) REFERENCES p)", "b"), Some(("B".to_owned(), true)));
    }
}
