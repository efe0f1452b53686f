--liquibase formatted sql

--changeset aiopslab:022-sample-attempts
-- Ended rows never change, so the attempts of a sample are told apart by what they repeat: the sample
-- is the attempt that nothing in its group repeats.
DROP INDEX tasks_of_group;
CREATE INDEX tasks_of_group ON tasks (group_id, sample_index) WHERE group_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_first_attempts ON tasks (group_id, sample_index)
  WHERE group_id IS NOT NULL AND retry_of IS NULL;
CREATE UNIQUE INDEX tasks_next_attempts ON tasks (retry_of) WHERE group_id IS NOT NULL;
COMMENT ON COLUMN tasks.sample_index IS 'Place among the samples of its group, from 0; attempts of one sample share it';
--rollback DROP INDEX tasks_first_attempts; DROP INDEX tasks_next_attempts; DROP INDEX tasks_of_group; CREATE UNIQUE INDEX tasks_of_group ON tasks (group_id, sample_index) WHERE group_id IS NOT NULL;
