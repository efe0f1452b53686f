--liquibase formatted sql

--changeset aiopslab:006-nothing-is-deleted splitStatements:false
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'nothing is ever deleted from %', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

DO $$
DECLARE
  kept text;
BEGIN
  FOREACH kept IN ARRAY ARRAY['tasks', 'task_transitions', 'task_results', 'task_progress',
                              'task_steps', 'task_logs', 'workers', 'stale_reports', 'dead_letters'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion()',
                   kept || '_kept', kept);
  END LOOP;
END $$;
