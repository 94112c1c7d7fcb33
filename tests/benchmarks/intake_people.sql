-- The city, eight clients of the API, and two workers a cell: one by day, one by night.
INSERT INTO city (id, name, name_en, county_code, code_segments, zone, is_demo, attribution, created_at)
VALUES (1, 'A8', 'A8', %(county)s, '{6,3,3,3}', 'Asia/Shanghai', false, '', now());
INSERT INTO user_account
    (username, display_name, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined,
     phone, language, permission_epoch, is_simulated)
SELECT name, name, '!', '', '', '', name = 'chief', false, true, now(), '', '', 0, true
FROM (
    SELECT 'chief' AS name
    UNION ALL
    SELECT 'client-' || n FROM generate_series(0, %(clients)s - 1) n
    UNION ALL
    SELECT 'worker-' || code || '-' || shift FROM cell, generate_series(0, 1) shift
) names;
INSERT INTO membership (user_id, role, unit_prefix, valid_from)
SELECT id, 'operator', %(county)s, '2020-01-01' FROM user_account WHERE username LIKE 'client-%%';
INSERT INTO duty (user_id, role, valid_from, note)
SELECT id, 'grid_worker', '2020-01-01', split_part(username, '-', 2) || '-' || split_part(username, '-', 3)
FROM user_account WHERE username LIKE 'worker-%%';
INSERT INTO duty_area (duty_id, unit_code) SELECT id, split_part(note, '-', 1) FROM duty;
INSERT INTO duty_shift (duty_id, weekday, starts, ends)
SELECT
    id,
    weekday,
    CASE split_part(note, '-', 2) WHEN '0' THEN time '08:00' ELSE time '20:00' END,
    CASE split_part(note, '-', 2) WHEN '0' THEN time '20:00' ELSE time '08:00' END
FROM duty, generate_series(0, 6) weekday;
