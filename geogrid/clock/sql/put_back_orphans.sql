WITH running AS MATERIALIZED (
    SELECT job.id, job.worker_ids
    FROM django_tasks_database_dbtaskresult AS job
    WHERE job.status = 'RUNNING'
    FOR UPDATE SKIP LOCKED
),
orphan AS MATERIALIZED (
    -- The lock is ours until the end of this statement, so no worker of that id can come back meanwhile.
    SELECT running.id, running.worker_ids
    FROM running
    WHERE pg_try_advisory_xact_lock(%(lock_space)s, hashtext(coalesce(running.worker_ids ->> -1, '')))
)
UPDATE django_tasks_database_dbtaskresult AS job
SET
    status = CASE WHEN jsonb_array_length(orphan.worker_ids) < %(most_deaths)s THEN 'READY' ELSE 'FAILED' END,
    started_at = NULL,
    finished_at = CASE WHEN jsonb_array_length(orphan.worker_ids) < %(most_deaths)s THEN NULL ELSE %(at)s::timestamptz END,
    traceback = CASE
        WHEN jsonb_array_length(orphan.worker_ids) < %(most_deaths)s THEN ''
        ELSE 'The worker died each time this job was tried.'
    END
FROM orphan
WHERE job.id = orphan.id
    AND job.status = 'RUNNING'
    AND job.worker_ids = orphan.worker_ids
