/** From the wish that a task shall end to the command that tells its worker. */
@NullMarked
package io.aiopslab.tasks.api.cancel;

import org.jspecify.annotations.NullMarked;
