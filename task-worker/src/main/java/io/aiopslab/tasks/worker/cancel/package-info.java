/** Ends the run that somebody does not want any more: told by the broker, and by the database. */
@NullMarked
package io.aiopslab.tasks.worker.cancel;

import org.jspecify.annotations.NullMarked;
