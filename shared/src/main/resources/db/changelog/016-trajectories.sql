--liquibase formatted sql

--changeset aiopslab:016-briefings
CREATE TABLE task_briefings (
  task_id      uuid        PRIMARY KEY REFERENCES tasks (id),
  description  text        NOT NULL,
  instructions text        NOT NULL,
  actions      json        NOT NULL,
  at           timestamptz NOT NULL
);
COMMENT ON TABLE task_briefings IS 'What a run''s agent was told before its first turn.';
COMMENT ON COLUMN task_briefings.actions IS 'Documentation by name of action';
CREATE TRIGGER task_briefings_kept BEFORE DELETE OR TRUNCATE ON task_briefings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();

ALTER TABLE task_results ADD COLUMN trajectory_events integer CHECK (trajectory_events >= 0);
COMMENT ON COLUMN task_results.trajectory_events IS 'How many rows the run has in task_steps and task_briefings; null where it did not say';
--rollback ALTER TABLE task_results DROP COLUMN trajectory_events; DROP TABLE task_briefings;

--changeset aiopslab:016-feed splitStatements:false
-- Not data but a list of things to do: the only table whose rows go away.
CREATE TABLE trajectory_queue (
  ended_at timestamptz NOT NULL,
  task_id  uuid        NOT NULL,
  PRIMARY KEY (ended_at, task_id)
) WITH (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_threshold = 1000000, autovacuum_vacuum_cost_delay = 0);
COMMENT ON TABLE trajectory_queue IS 'Ended tasks that have no place in trajectory_feed yet';

CREATE TABLE trajectory_feed (
  position       bigint      PRIMARY KEY CHECK (position > 0),
  task_id        uuid        NOT NULL UNIQUE REFERENCES tasks (id),
  policy_version numeric,
  fed_at         timestamptz NOT NULL
);
COMMENT ON TABLE trajectory_feed IS 'Ended tasks in the order in which readers see them. Positions are consecutive, and committed one after the other.';
COMMENT ON COLUMN trajectory_feed.policy_version IS 'Of the model''s first answer; null where it is no number';

CREATE TRIGGER trajectory_feed_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON trajectory_feed
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- By trigger, in the transaction that ends the task: no code path can forget it. It and
-- feed_trajectories act as their owner, as in 014: no role writes these tables itself.
CREATE FUNCTION queue_trajectory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO trajectory_queue (task_id, ended_at) VALUES (NEW.id, NEW.completed_at);
  RETURN NULL;
END $$;
CREATE TRIGGER tasks_queue_trajectory AFTER UPDATE OF status ON tasks
  FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status
                     AND NEW.status IN ('completed', 'failed', 'cancelled'))
  EXECUTE FUNCTION queue_trajectory();

-- What a model's server said may be JSON that PostgreSQL cannot make text of (U+0000).
CREATE FUNCTION policy_version_of(model json) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  said text;
BEGIN
  said := model ->> 'policy_version';
  RETURN CASE WHEN said ~ '^-?[0-9]{1,30}([.][0-9]{1,30})?$' THEN said::numeric END;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

-- Whether everything is there that belongs to the trajectory of an ended task. Of a task that was
-- ended without its run's report, nobody knows what more there is: it is not waited for.
CREATE FUNCTION has_whole_trajectory(task uuid) RETURNS boolean LANGUAGE sql STABLE COST 10000 AS $$
  SELECT coalesce((
    SELECT CASE WHEN r.trajectory_events IS NULL THEN s.rows = s.expected
                ELSE s.rows + (SELECT count(*) FROM task_briefings b WHERE b.task_id = task)
                     >= r.trajectory_events END
    FROM task_results r,
         (SELECT count(*) AS rows, coalesce(max(index) + 1, 0) AS expected
          FROM task_steps WHERE task_id = task) s
    WHERE r.task_id = task), true)
$$;

-- Moves ended tasks from the queue to the end of the feed; returns how many. One statement of the
-- caller's, so a caller that dies or hangs in the middle cannot hold the lock. The lock goes after
-- the commit has become visible, so whoever gets it next sees the positions that were given.
CREATE FUNCTION feed_trajectories(most integer, patience interval) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_position bigint;
  moved integer;
BEGIN
  IF NOT EXISTS (SELECT FROM trajectory_queue) THEN
    RETURN 0;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('trajectory_feed'));
  SELECT coalesce(max(position), 0) INTO last_position FROM trajectory_feed;
  WITH due AS MATERIALIZED (
    SELECT ended_at, task_id, row_number() OVER (ORDER BY ended_at, task_id) AS place
    FROM (SELECT ended_at, task_id FROM trajectory_queue
          WHERE ended_at < clock_timestamp() - patience OR has_whole_trajectory(task_id)
          ORDER BY ended_at, task_id LIMIT most) oldest
  ), gone AS (
    DELETE FROM trajectory_queue q USING due
    WHERE q.ended_at = due.ended_at AND q.task_id = due.task_id
  )
  INSERT INTO trajectory_feed (position, task_id, policy_version, fed_at)
  SELECT last_position + place, due.task_id, policy_version_of(first.model), clock_timestamp()
  FROM due
  LEFT JOIN LATERAL (
    SELECT model FROM task_steps s
    WHERE s.task_id = due.task_id AND role = 'assistant' AND model IS NOT NULL
    ORDER BY index LIMIT 1) first ON true;
  GET DIAGNOSTICS moved = ROW_COUNT;
  RETURN moved;
END $$;

DO $$
DECLARE
  writer text;
BEGIN
  FOREACH writer IN ARRAY ARRAY['queue_trajectory()', 'feed_trajectories(integer, interval)'] LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp',
                   writer, current_schema());
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', writer);
  END LOOP;
END $$;

INSERT INTO trajectory_feed (position, task_id, policy_version, fed_at)
SELECT row_number() OVER (ORDER BY completed_at, id), id,
       (SELECT policy_version_of(model) FROM task_steps s
        WHERE s.task_id = t.id AND role = 'assistant' AND model IS NOT NULL ORDER BY index LIMIT 1),
       now()
FROM tasks t WHERE status IN ('completed', 'failed', 'cancelled');
--rollback DROP TRIGGER tasks_queue_trajectory ON tasks; DROP TABLE trajectory_feed, trajectory_queue; DROP FUNCTION queue_trajectory, feed_trajectories, has_whole_trajectory, policy_version_of;
