--liquibase formatted sql

--changeset aiopslab:037-unnoted-tickets runInTransaction:false
-- Whether a ticket has arrived is noted no more. The column stays for a release: older services
-- write it; they send the tickets of others again, which does no harm.
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS tasks_unpublished;
SET lock_timeout = '1100ms';
--rollback CREATE INDEX tasks_unpublished ON tasks (created_at) WHERE status = 'pending' AND published_at IS NULL;
