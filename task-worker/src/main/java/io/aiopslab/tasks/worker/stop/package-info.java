/** Starts the worker when the schema is there, and stops it without losing a run's outcome. */
@NullMarked
package io.aiopslab.tasks.worker.stop;

import org.jspecify.annotations.NullMarked;
