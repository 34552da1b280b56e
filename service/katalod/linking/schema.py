"""The tables of an authority index, and how facts become headings."""

APPLICATION = 0x6B676E64  # "kgnd" in the header of the SQLite file: it is ours
LAYOUT = 2  # raise it with the tables or with the folding of labels: an index of another layout is built anew

PREFERRED, VARIANT, ENGLISH = 0, 1, 2
"""What a name is to its heading, in the order of trust."""

STAGE = """
CREATE TEMP TABLE fact (id TEXT, role TEXT, label TEXT);
CREATE TEMP TABLE beside (id TEXT, kind TEXT, target TEXT);
CREATE TEMP TABLE named (iri TEXT, label TEXT);
"""

# Statements of one heading may lie far apart, so it is put together only at the end. Of two preferred
# names the first in order stays, the other becomes a variant.
SETTLE = f"""
CREATE INDEX temp.fact_id ON fact (id, role);
CREATE TABLE heading (id TEXT PRIMARY KEY, label TEXT NOT NULL, kind TEXT NOT NULL, base TEXT) WITHOUT ROWID;
INSERT INTO heading
  SELECT id, min(label), coalesce((SELECT min(substr(k.role, 6)) FROM fact k WHERE k.id = p.id
    AND k.role LIKE 'kind:%'), 'subject'), NULL
  FROM fact p WHERE role = 'preferred' GROUP BY id ORDER BY id;
UPDATE heading SET base = base(label);

CREATE INDEX temp.named_iri ON named (iri);
INSERT INTO fact SELECT b.id, 'english', n.label FROM beside b JOIN named n ON n.iri = b.target WHERE b.kind = 'match';
CREATE TABLE name (key TEXT, role INTEGER, id TEXT, label TEXT, PRIMARY KEY (key, role, id, label)) WITHOUT ROWID;
INSERT INTO name
  SELECT DISTINCT normal(f.label) AS key,
    CASE WHEN f.role = 'english' THEN {ENGLISH} WHEN f.label = h.label THEN {PREFERRED} ELSE {VARIANT} END AS role,
    f.id, f.label
  FROM fact f JOIN heading h USING (id) WHERE f.role IN ('preferred', 'variant', 'english') ORDER BY key, role, f.id;
CREATE INDEX name_id ON name (id, role);

UPDATE heading SET base = trailing(label) WHERE base IS NULL AND trailing(label) IN
  (SELECT key FROM name WHERE role = {PREFERRED} UNION SELECT base FROM heading WHERE base IS NOT NULL);
CREATE INDEX heading_base ON heading (base) WHERE base IS NOT NULL;

CREATE TABLE relation (id TEXT, kind TEXT, target TEXT, PRIMARY KEY (id, kind, target)) WITHOUT ROWID;
INSERT INTO relation SELECT DISTINCT id, kind, target FROM beside
  WHERE kind IN ('broader', 'related') AND id <> target ORDER BY id, kind, target;

CREATE TABLE moved (id TEXT PRIMARY KEY, target TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO moved SELECT id, min(target) FROM
  (SELECT id, target FROM beside WHERE kind IN ('replaced', 'same')
   UNION ALL SELECT target, id FROM beside WHERE kind IN ('former', 'same'))
  WHERE id <> target AND id NOT IN (SELECT id FROM heading) GROUP BY id ORDER BY id;

CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE finding (severity TEXT, shape TEXT, field TEXT, value TEXT, de TEXT, en TEXT, origin TEXT,
  position INTEGER, identifier TEXT, path TEXT);
"""

# For spellings that are only like a keyword: the keys of subject headings, by the three letters in them.
RESEMBLE = f"""
CREATE TABLE spelling (number INTEGER PRIMARY KEY, key TEXT NOT NULL);
INSERT INTO spelling (key) SELECT DISTINCT n.key FROM name n JOIN heading h USING (id)
  WHERE h.kind = 'subject' AND n.role <> {ENGLISH} AND length(n.key) BETWEEN 5 AND 60 ORDER BY n.key;
CREATE VIRTUAL TABLE gram USING fts5 (key, content = '', columnsize = 0, detail = none, tokenize = 'trigram');
INSERT INTO gram (rowid, key) SELECT number, key FROM spelling;
INSERT INTO gram (gram) VALUES ('optimize');
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab ('main', 'gram', 'row');
CREATE TABLE frequency (gram TEXT PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO frequency SELECT term, doc FROM temp.vocabulary ORDER BY term;
DROP TABLE temp.vocabulary;
"""
