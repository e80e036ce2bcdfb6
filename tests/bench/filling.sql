-- A deterministic data set of {tickets} tickets: 10 projects of which one holds half, 200 companies,
-- 2,000 people, 2 comments, 1-3 assignees and 0-3 tags for each ticket. Whatever looks random is a
-- hash of the row's number. Only the days move with the day of the filling.

CREATE FUNCTION pg_temp.roll(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8extended(n, salt) & 1073741823) / 1073741824.0;
-- A whole number below `most`; small ones are likelier the larger `skew` is.
CREATE FUNCTION pg_temp.pick(n bigint, salt bigint, most bigint, skew float8 = 1) RETURNS bigint
    LANGUAGE sql IMMUTABLE RETURN floor(most * pg_temp.roll(n, salt) ^ skew)::bigint;

SET session_replication_role = replica;

INSERT INTO account (id, username, email, password, first_name, last_name, active, is_staff, superuser)
SELECT n, 'person' || n, 'person' || n || '@example.com', '{password}', 'First' || n, 'Last' || n,
    true, false, n = 1
FROM generate_series(1, 2000) n;
INSERT INTO login_name (name, account)
SELECT name, id FROM account, unnest(ARRAY[username, email]) name;

INSERT INTO project (id, name, key, created_by)
SELECT n, 'Project ' || n, 'PRJ' || n, 2 FROM generate_series(1, 10) n;

-- 2 oversees five projects, 3 all ten, 4-100 are the agents of two or three, 101-120 managers, and
-- everybody else is a client's.
INSERT INTO user_role (project, account, role, granted)
SELECT project, account, role, role FROM (
    SELECT p AS project, 2 AS account, 'superadmin' AS role FROM generate_series(1, 5) p
    UNION ALL SELECT p, 3, 'superadmin' FROM generate_series(1, 10) p
    UNION ALL SELECT DISTINCT 1 + pg_temp.pick(n * 3 + k, 1, 10, 2), n, 'admin'
        FROM generate_series(4, 100) n, generate_series(1, 3) k
    UNION ALL SELECT 1 + n % 10, n, 'manager' FROM generate_series(101, 120) n
) held;

INSERT INTO company (id, name, description, created_at)
SELECT n, 'Company ' || n, 'A client', now() - interval '1000 days' FROM generate_series(1, 200) n;
-- Every other company is of the large project, and every tenth of two.
INSERT INTO company_project (project, company)
SELECT DISTINCT project, company FROM (
    SELECT CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + (n / 2) % 9 END AS project, n AS company
    FROM generate_series(1, 200) n
    UNION ALL SELECT 2, n FROM generate_series(10, 200, 10) n
) lies;
-- A client's people belong to one company, every tenth of them to three.
INSERT INTO company_member (company, account, relation)
SELECT DISTINCT company, account, 'user' FROM (
    SELECT 1 + n % 200 AS company, n AS account FROM generate_series(121, 2000) n
    UNION ALL SELECT 1 + (n + 2) % 200, n FROM generate_series(131, 2000, 10) n
    UNION ALL SELECT 1 + (n + 4) % 200, n FROM generate_series(131, 2000, 10) n
) belongs;
INSERT INTO company_member (company, account, relation)
SELECT n, 4 + n % 97, 'admin' FROM generate_series(1, 200) n;
INSERT INTO user_role (project, account, role)
SELECT DISTINCT cp.project, m.account, 'user' FROM company_member m
JOIN company_project cp ON cp.company = m.company WHERE m.relation = 'user';

INSERT INTO board_column (id, project, name, status, category, color, "order")
SELECT (p - 1) * 4 + c.place, p, c.name, c.status, c.category, '#0052cc', c.place - 1
FROM generate_series(1, 10) p, (VALUES
    (1, 'New', 'new', 'todo'), (2, 'In Progress', 'in_progress', 'in_progress'),
    (3, 'Review', 'review', 'in_progress'), (4, 'Done', 'done', 'done')
) c(place, name, status, category);
INSERT INTO tag (id, project, name, color)
SELECT (p - 1) * 20 + n, p, 'tag ' || n, '#36b37e'
FROM generate_series(1, 10) p, generate_series(1, 20) n;

-- 3,000 words that nobody speaks, and 400 sentences of them; the first words are in most sentences.
CREATE TEMP TABLE word AS
SELECT n, (ARRAY['ba','ko','ri','ta','me','lu','so','ve','ni','do'])[1 + n % 10]
    || (ARRAY['nal','tor','mik','ras','pel','dun','gos','vit','lar','sek'])[1 + n / 10 % 10]
    || (ARRAY['a','e','i','o','u','an','er','is','on','us'])[1 + n / 100 % 10]
    || (ARRAY['','ta','ko'])[1 + n / 1000 % 3] AS word
FROM generate_series(0, 2999) n;
CREATE TEMP TABLE sentence AS
SELECT s AS n, (
    SELECT string_agg(w.word, ' ' ORDER BY k) FROM generate_series(1, 10) k
    JOIN word w ON w.n = pg_temp.pick(s * 10 + k, 2, 3000, 2)
) || '.' AS sentence FROM generate_series(0, 399) s;
CREATE TEMP TABLE said AS SELECT
    (SELECT array_agg(word ORDER BY n) FROM word) AS words,
    (SELECT array_agg(sentence ORDER BY n) FROM sentence) AS sentences;

CREATE TEMP TABLE placed AS
SELECT n AS id, CASE WHEN pg_temp.roll(n, 3) < 0.5 THEN 1 ELSE 2 + pg_temp.pick(n, 4, 9, 1.5) END AS project,
    pg_temp.roll(n, 5) < 0.1 AS is_open
FROM generate_series(1, {tickets}) n;
CREATE TEMP TABLE client AS
SELECT project, array_agg(company ORDER BY company) AS companies FROM company_project GROUP BY project;
CREATE TEMP TABLE speaker AS
SELECT company, array_agg(account ORDER BY account) AS people FROM company_member
WHERE relation = 'user' GROUP BY company;
CREATE TEMP TABLE agent AS
SELECT project, array_agg(account ORDER BY account) AS people FROM user_role
WHERE role IN ('admin', 'superadmin') AND account > 2 GROUP BY project;

INSERT INTO ticket (id, project, number, name, description, type, priority_id, urgency, importance,
    "column", company, reporter, due_date, start_date, resolved_at, version, created_at, updated_at)
SELECT t.id, t.project, t.number,
    initcap(said.words[1 + pg_temp.pick(t.id, 6, 3000, 1.5)]) || ' '
        || CASE
            WHEN t.id % ({tickets} / 20) = 7 THEN 'zirconium'
            WHEN t.id % 20 = 3 THEN 'printer'
            WHEN t.id % 50 = 4 THEN 'პრინტერი'
            ELSE said.words[1 + pg_temp.pick(t.id, 7, 3000, 1.5)] END
        || ' ' || said.words[1 + pg_temp.pick(t.id, 8, 3000)],
    said.sentences[1 + pg_temp.pick(t.id, 9, 400)] || ' ' || said.sentences[1 + pg_temp.pick(t.id, 10, 400)]
        || E'\n' || said.sentences[1 + pg_temp.pick(t.id, 11, 400)],
    (ARRAY['task', 'bug', 'story', 'epic'])[1 + pg_temp.pick(t.id, 12, 4, 2)],
    (ARRAY[3, 2, 4, 1, 5])[1 + pg_temp.pick(t.id, 13, 5, 2)],
    (ARRAY['medium', 'low', 'high', 'critical'])[1 + pg_temp.pick(t.id, 14, 4, 3)],
    (ARRAY['medium', 'low', 'high', 'critical'])[1 + pg_temp.pick(t.id, 15, 4, 3)],
    (t.project - 1) * 4 + CASE WHEN t.is_open THEN 1 + pg_temp.pick(t.id, 16, 3) ELSE 4 END,
    t.company,
    speaker.people[1 + pg_temp.pick(t.id, 18, cardinality(speaker.people), 1.3)],
    CASE WHEN pg_temp.roll(t.id, 19) < 0.4 THEN (t.created_at + make_interval(days => pg_temp.pick(t.id, 20, 60)::int))::date END,
    NULL,
    CASE WHEN NOT t.is_open THEN t.ended_at END,
    1, t.created_at, CASE WHEN t.is_open THEN t.created_at ELSE t.ended_at END
FROM (
    SELECT placed.*, row_number() OVER (PARTITION BY placed.project ORDER BY placed.id) AS number,
        client.companies[1 + pg_temp.pick(placed.id, 17, cardinality(client.companies), 2)] AS company,
        began.at AS created_at, least(now(), began.at + make_interval(days => pg_temp.pick(placed.id, 21, 40, 2)::int)) AS ended_at
    FROM placed JOIN client USING (project) CROSS JOIN LATERAL (SELECT current_date - interval '1' second
        * (({tickets} - placed.id) * (86400.0 * 1000 / {tickets}) + pg_temp.roll(placed.id, 22) * 60) AS at) began
) t
LEFT JOIN speaker USING (company) CROSS JOIN said
ORDER BY t.id;

INSERT INTO ticket_assignee (project, ticket, account)
SELECT DISTINCT t.project, t.id, agent.people[1 + pg_temp.pick(t.id * 3 + k, 23, cardinality(agent.people), 1.3)]
FROM placed t JOIN agent USING (project) CROSS JOIN LATERAL generate_series(1, 1 + pg_temp.pick(t.id, 24, 3)::int) k
WHERE NOT (t.is_open AND pg_temp.roll(t.id, 25) < 0.1);
INSERT INTO ticket_tag (project, ticket, tag)
SELECT DISTINCT t.project, t.id, (t.project - 1) * 20 + 1 + pg_temp.pick(t.id * 3 + k, 26, 20, 1.5)
FROM placed t CROSS JOIN LATERAL generate_series(1, pg_temp.pick(t.id, 27, 4)::int) k;
INSERT INTO ticket_follower (project, ticket, account)
SELECT t.project, t.id, t.reporter FROM ticket t WHERE t.reporter IS NOT NULL AND pg_temp.roll(t.id, 28) < 0.3;
INSERT INTO comment (project, ticket, author, content, created_at, updated_at)
SELECT t.project, t.id, CASE k WHEN 1 THEN t.reporter ELSE 4 + pg_temp.pick(t.id, 29, 97) END,
    said.sentences[1 + pg_temp.pick(t.id * 2 + k, 30, 400)], t.created_at + k * interval '1 hour', t.created_at + k * interval '1 hour'
FROM ticket t CROSS JOIN said CROSS JOIN generate_series(1, 2) k;
INSERT INTO event (project, ticket, company, actor, action, created_at)
SELECT t.project, t.id, t.company, t.reporter, 'created', t.created_at FROM ticket t;

INSERT INTO ticket_words (ticket, project, created_at, words)
SELECT id, project, created_at, search_document(name, description) FROM ticket;

INSERT INTO project_counter (project, last_number) SELECT project, max(number) FROM ticket GROUP BY project;
SELECT setval(pg_get_serial_sequence(name, 'id'), 1000000000)
FROM unnest(ARRAY['account', 'project', 'company', 'board_column', 'tag', 'ticket']) name;
