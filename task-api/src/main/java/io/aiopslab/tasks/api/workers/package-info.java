/** Who is there to run tasks. */
@NullMarked
package io.aiopslab.tasks.api.workers;

import org.jspecify.annotations.NullMarked;
