-- As many workers as devices, each on duty in one cell day and night, each with a device.
INSERT INTO city (id, name, name_en, county_code, code_segments, zone, is_demo, attribution, created_at)
VALUES (1, 'B1', 'B1', %(county)s, '{6,3,3,3}', 'Asia/Shanghai', false, '', now());
INSERT INTO user_account
  (username, display_name, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined,
   phone, language, permission_epoch, is_simulated)
SELECT 'worker-' || n, 'worker-' || n, '!', '', '', '', false, false, true, now(), '', '', 0, true
FROM generate_series(1, %(devices)s) AS n;
CREATE TABLE carried AS
SELECT u.id AS user_id, split_part(u.username, '-', 2)::integer AS n, c.code, c.geom
FROM user_account AS u
JOIN (SELECT code, geom, row_number() OVER (ORDER BY code) - 1 AS nr, count(*) OVER () AS cells FROM cell) AS c
  ON c.nr = split_part(u.username, '-', 2)::integer %% c.cells
WHERE u.username LIKE 'worker-%%';
INSERT INTO membership (user_id, role, unit_prefix, valid_from) SELECT user_id, 'grid_worker', code, '2020-01-01' FROM carried;
INSERT INTO duty (user_id, role, valid_from, note) SELECT user_id, 'grid_worker', '2020-01-01', code FROM carried;
INSERT INTO duty_area (duty_id, unit_code) SELECT id, note FROM duty;
INSERT INTO device (name, kind, prefix, digest, external_id, made_by_id, made_at, is_simulated)
SELECT 'device-' || n, 'phone', 'ggd_b1', encode(sha256(convert_to(%(token)s || n, 'UTF8')), 'hex'), '', user_id, now(), true
FROM carried;
INSERT INTO device_pairing (device_id, worker_id, valid_from)
SELECT id, made_by_id, '2020-01-01' FROM device;
SELECT core.keep_fix_partitions(now(), 3, 400);
