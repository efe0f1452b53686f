--liquibase formatted sql

--changeset aiopslab:019-requeues
CREATE TABLE dead_letter_requeues (
  fingerprint bytea       NOT NULL REFERENCES dead_letters (fingerprint),
  number      integer     NOT NULL CHECK (number >= 1),
  seen        integer     NOT NULL,
  asked_by    text        CHECK (length(asked_by) <= 200),
  asked_at    timestamptz NOT NULL DEFAULT now(),
  tried_at    timestamptz,
  sent_at     timestamptz,
  PRIMARY KEY (fingerprint, number)
);
COMMENT ON TABLE dead_letter_requeues IS 'Each time an operator had a dead letter sent again';
COMMENT ON COLUMN dead_letter_requeues.seen IS 'How often the letter had come by then: once it has come more often, it is back';
COMMENT ON COLUMN dead_letter_requeues.tried_at IS 'When a relay took it last; another may take it some time later';
COMMENT ON COLUMN dead_letter_requeues.sent_at IS 'When the broker had it';
CREATE INDEX dead_letter_requeues_to_send ON dead_letter_requeues (asked_at) WHERE sent_at IS NULL;
CREATE INDEX dead_letters_by_time ON dead_letters (first_at, fingerprint);
CREATE TRIGGER dead_letter_requeues_kept BEFORE DELETE OR TRUNCATE ON dead_letter_requeues
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion();
--rollback DROP INDEX dead_letters_by_time; DROP TABLE dead_letter_requeues;
