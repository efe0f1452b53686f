--liquibase formatted sql

--changeset aiopslab:021-remote-reports
-- Written before a report goes to the broker: so it never says less than what collectors will store,
-- however many of them and of API instances there are. No reference to tasks: that would lock a row
-- which a claim may hold.
CREATE TABLE remote_reports (
  session_id uuid    PRIMARY KEY,
  task_id    uuid    NOT NULL,
  log_lines  bigint  NOT NULL CHECK (log_lines >= 0),
  messages   integer NOT NULL CHECK (messages >= 0),
  turns      integer NOT NULL CHECK (turns >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE remote_reports IS 'How much each run of an HTTP worker has reported: what has to be stored at its end';
COMMENT ON COLUMN remote_reports.log_lines IS 'One more than the largest seq of a line';
COMMENT ON COLUMN remote_reports.messages IS 'One more than the largest index of a message of the trajectory';
CREATE TRIGGER remote_reports_kept BEFORE DELETE OR TRUNCATE ON remote_reports
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE remote_reports;

--changeset aiopslab:021-whole-trajectory splitStatements:false
-- The one place where what a run announced is compared with what is stored. Cheap answers first: a
-- last line that is missing is found by its key, and lines are counted only if it is there.
CREATE OR REPLACE FUNCTION has_whole_trajectory(task uuid) RETURNS boolean LANGUAGE sql STABLE COST 10000 AS $$
  SELECT coalesce((
    SELECT CASE
      WHEN r.log_lines > 0
           AND NOT EXISTS (SELECT FROM task_logs l WHERE l.task_id = task AND l.seq = r.log_lines - 1)
        THEN false
      WHEN r.trajectory_events IS NULL AND s.rows <> s.expected THEN false
      WHEN s.rows + (SELECT count(*) FROM task_briefings b WHERE b.task_id = task)
           < coalesce(r.trajectory_events, 0)
        THEN false
      ELSE (SELECT count(*) FROM task_logs l WHERE l.task_id = task AND l.seq < r.log_lines)
           >= r.log_lines
    END
    FROM task_results r,
         (SELECT count(*) AS rows, coalesce(max(index) + 1, 0) AS expected
          FROM task_steps WHERE task_id = task) s
    WHERE r.task_id = task), true)
$$;
--rollback SELECT 1;

--changeset aiopslab:021-standing-of-report splitStatements:false
-- As in 018, by that comparison.
CREATE OR REPLACE FUNCTION standing_of_report(of_task uuid, of_session uuid, final_seq bigint, steps_told integer)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN EXISTS (SELECT FROM stale_reports
                 WHERE session_id = of_session AND seq = final_seq AND task_id = of_task)
      THEN 'stored'
    WHEN t.status IN ('pending', 'running') AND t.session_id = of_session THEN 'missing'
    WHEN r.last_seq IS NULL OR r.session_id <> of_session OR r.last_seq <> final_seq
      THEN 'overruled'
    WHEN steps_told IS NULL THEN 'stored'
    WHEN NOT has_whole_trajectory(of_task) THEN 'missing'
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
END $$;
--rollback SELECT 1;
