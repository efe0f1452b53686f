/** What has just been committed, on its way to a relay's thread. */
@NullMarked
package io.aiopslab.tasks.api.outbox;

import org.jspecify.annotations.NullMarked;
