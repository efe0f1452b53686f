--liquibase formatted sql

--changeset aiopslab:007-attestation
ALTER TABLE task_results ADD COLUMN attestation json;
COMMENT ON COLUMN task_results.attestation IS 'The environment''s proof: which cluster, clean before, fault injected, cleaned up';
--rollback ALTER TABLE task_results DROP COLUMN attestation;

--changeset aiopslab:007-model-answers
ALTER TABLE task_steps ADD COLUMN model json;
COMMENT ON COLUMN task_steps.model IS 'What the model''s server said about this response: finish reason, usage, policy version';
--rollback ALTER TABLE task_steps DROP COLUMN model;

--changeset aiopslab:007-quarantined-workers
ALTER TABLE workers DROP CONSTRAINT workers_status_check;
ALTER TABLE workers ADD CONSTRAINT workers_status_check
  CHECK (status IN ('idle', 'busy', 'quarantined', 'offline'));
ALTER TABLE workers ADD COLUMN status_reason text;
COMMENT ON COLUMN workers.status_reason IS 'Why a quarantined worker takes no work; null otherwise';
--rollback ALTER TABLE workers DROP COLUMN status_reason;
