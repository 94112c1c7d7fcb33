INSERT INTO patrol_listening (id, doors_at)
VALUES (1, now())
ON CONFLICT (id) DO UPDATE
SET doors_at = now()
