--liquibase formatted sql

--changeset aiopslab:025-callbacks-by-host
-- While a host is left alone, what is due for the others is found host by host.
CREATE INDEX callback_deliveries_by_host ON callback_deliveries (host, next_attempt_at)
  WHERE state = 'pending';
--rollback DROP INDEX callback_deliveries_by_host;

--changeset aiopslab:025-feed-looks splitStatements:false
ALTER TABLE trajectory_queue ADD COLUMN look_at timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN trajectory_queue.look_at IS 'When it is next worth a look whether everything has arrived';

-- As in 016, but what is held back is looked at ever less often, once a second at last: each look
-- counts its messages. Who finds another at work leaves it to that one.
CREATE OR REPLACE FUNCTION feed_trajectories(most integer, patience interval) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_position bigint;
  moved integer;
BEGIN
  IF NOT EXISTS (SELECT FROM trajectory_queue) THEN
    RETURN 0;
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('trajectory_feed')) THEN
    RETURN 0;
  END IF;
  SELECT coalesce(max(position), 0) INTO last_position FROM trajectory_feed;
  WITH looked AS MATERIALIZED (
    SELECT ended_at, task_id,
           ended_at < clock_timestamp() - patience OR has_whole_trajectory(task_id) AS due
    FROM (SELECT ended_at, task_id FROM trajectory_queue
          WHERE look_at <= clock_timestamp() OR ended_at < clock_timestamp() - patience
          ORDER BY ended_at, task_id LIMIT most) oldest
  ), later AS (
    UPDATE trajectory_queue q
    SET look_at = clock_timestamp() + least(interval '1 second', (clock_timestamp() - q.ended_at) / 4)
    FROM looked
    WHERE NOT looked.due AND q.ended_at = looked.ended_at AND q.task_id = looked.task_id
  ), due AS (
    SELECT ended_at, task_id, row_number() OVER (ORDER BY ended_at, task_id) AS place
    FROM looked WHERE looked.due
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
BEGIN
  EXECUTE format('ALTER FUNCTION feed_trajectories(integer, interval)
                  SECURITY DEFINER SET search_path = %I, pg_temp', current_schema());
END $$;
--rollback ALTER TABLE trajectory_queue DROP COLUMN look_at;
