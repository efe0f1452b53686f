/** Backends: what waits for each, who is there for it, and what can be run at all. */
@NullMarked
package io.aiopslab.tasks.api.backends;

import org.jspecify.annotations.NullMarked;
