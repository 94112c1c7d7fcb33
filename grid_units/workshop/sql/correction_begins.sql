-- Two statements: the second reads after the lock is had.
SELECT core.lock_grid();
SELECT digest, answer
FROM direct_edit
WHERE author_id = %(author)s AND idempotency_key = %(key)s
