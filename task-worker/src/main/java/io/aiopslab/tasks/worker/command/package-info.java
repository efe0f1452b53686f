/** What a run is told from outside: its next step by the broker, its end also by the database. */
@NullMarked
package io.aiopslab.tasks.worker.command;

import org.jspecify.annotations.NullMarked;
