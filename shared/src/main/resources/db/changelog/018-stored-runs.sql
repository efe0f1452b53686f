--liquibase formatted sql

--changeset aiopslab:018-standing-of-report splitStatements:false
-- In the owner's name: a worker hears whether its report is stored, and reads nothing of it.
CREATE FUNCTION standing_of_report(of_task uuid, of_session uuid, final_seq bigint, steps_told integer)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM stale_reports
                 WHERE session_id = of_session AND seq = final_seq AND task_id = of_task)
      THEN 'stored'
    WHEN t.status IN ('pending', 'running') AND t.session_id = of_session THEN 'missing'
    WHEN r.last_seq IS NULL OR r.session_id <> of_session OR r.last_seq <> final_seq
      THEN 'overruled'
    WHEN steps_told IS NULL THEN 'stored'
    WHEN r.log_lines > 0
         AND NOT EXISTS (SELECT FROM task_logs WHERE task_id = of_task AND seq = r.log_lines - 1)
      THEN 'missing'
    WHEN (SELECT count(*) FROM task_logs WHERE task_id = of_task AND seq < r.log_lines) < r.log_lines
      THEN 'missing'
    WHEN (SELECT count(*) FROM task_steps WHERE task_id = of_task) < steps_told THEN 'missing'
    ELSE 'stored'
  END
  FROM (SELECT) AS asked
    LEFT JOIN tasks t ON t.id = of_task
    LEFT JOIN task_results r ON r.task_id = t.id
$$;
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION standing_of_report(uuid, uuid, bigint, integer)
                  SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
  REVOKE EXECUTE ON FUNCTION standing_of_report(uuid, uuid, bigint, integer) FROM PUBLIC;
END $$;
--rollback DROP FUNCTION standing_of_report(uuid, uuid, bigint, integer);
