"""The tables of the memory, and how those of an earlier version become them."""

import sqlite3

VERSION = 3

_TABLES = """
create table record (
  number integer primary key, source text not null, identifier text not null, path text not null, form text not null,
  rank integer not null, datestamp text not null, deleted integer not null, origin text not null,
  position integer not null, title text not null,
  intake integer not null, -- that changed it last
  seen integer not null, -- that gave it last, the same or not
  payload blob not null, unique (source, identifier));
create index record_path on record (path, datestamp desc, rank, source, identifier);
create index record_intake on record (intake, path);
create table if not exists intake (number integer primary key, origin text not null, seen text not null default '');
create table if not exists moved (
  path text not null, -- that a record had before
  intake integer not null,
  record integer not null -- its number, 0 where nobody noted it
  );
create table if not exists finding (origin text not null, finding text not null);
create index if not exists finding_origin on finding (origin);

create table if not exists self (id text not null);
create table source (name text primary key, said text not null) without rowid;
create table interval (
  number integer primary key, source text not null, request text not null, verb text not null, root integer not null,
  since text not null, until text not null, token text not null, began text not null, first integer not null,
  pages integer not null, records integer not null, deletions integer not null, fresh integer not null,
  size integer not null, state text not null, reason text not null, touched text not null);
create index interval_source on interval (source, state);
create table reached (source text not null, request text not null, moment text not null, primary key (source, request))
  without rowid;
create table lost (source text not null, identifier text not null, reason text not null,
  primary key (source, identifier)) without rowid;
create table file (source text not null, name text not null, size integer not null, changed integer not null,
  digest text not null, primary key (source, name)) without rowid;
"""

_FROM_1 = """
alter table record rename to former;
drop index record_path;
drop index record_intake;
alter table intake add column seen text not null default '';
"""

_FROM_2 = """
alter table moved add column record integer not null default 0;
"""

_COPIED = """
insert into record select null, source, identifier, path, form, rank, datestamp, deleted, origin, position, title,
  intake, intake, payload from former order by source, identifier;
drop table former;
"""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables where they are not there, in one transaction; nothing is written where they are."""
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    if _version(db) == VERSION:
        return
    db.execute("begin immediate")
    try:
        version = _version(db)  # again: another process may have been first
        if version > VERSION:
            raise sqlite3.DatabaseError(f"it was made by a later version of katalod (format {version})")
        if version < VERSION:
            scripts = {0: _TABLES, 1: _FROM_1 + _FROM_2 + _TABLES + _COPIED, 2: _FROM_2}
            for statement in filter(str.strip, scripts[version].split(";\n")):
                db.execute(statement)
            db.execute("insert into self select hex(randomblob(16)) where not exists (select 1 from self)")
            db.execute(f"pragma user_version = {VERSION}")
    except BaseException:
        db.execute("rollback")
        raise
    db.execute("commit")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("pragma user_version").fetchone()[0])
