--liquibase formatted sql

--changeset aiopslab:030-aiopslab-results
CREATE TABLE task_aiopslab_results (
  task_id uuid        PRIMARY KEY REFERENCES tasks (id),
  content json        NOT NULL,
  at      timestamptz NOT NULL
);
COMMENT ON TABLE task_aiopslab_results IS 'The result JSON that AIOpsLab itself wrote of a run';
CREATE TRIGGER task_aiopslab_results_kept BEFORE DELETE OR TRUNCATE ON task_aiopslab_results
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP TABLE task_aiopslab_results;

--changeset aiopslab:030-whole-trajectory splitStatements:false
-- As in 021, with AIOpsLab's own result, which trajectory_events counts too.
CREATE OR REPLACE FUNCTION has_whole_trajectory(task uuid) RETURNS boolean LANGUAGE sql STABLE COST 10000 AS $$
  SELECT coalesce((
    SELECT CASE
      WHEN r.log_lines > 0
           AND NOT EXISTS (SELECT FROM task_logs l WHERE l.task_id = task AND l.seq = r.log_lines - 1)
        THEN false
      WHEN r.trajectory_events IS NULL AND s.rows <> s.expected THEN false
      WHEN s.rows + (SELECT count(*) FROM task_briefings b WHERE b.task_id = task)
                  + (SELECT count(*) FROM task_aiopslab_results a WHERE a.task_id = task)
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
COMMENT ON COLUMN task_results.trajectory_events IS 'How many rows the run has in task_steps, task_briefings and task_aiopslab_results; null where it did not say';
--rollback SELECT 1;
