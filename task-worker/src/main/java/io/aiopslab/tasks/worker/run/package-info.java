/** One run: a process group with a deadline, and what it says. */
@NullMarked
package io.aiopslab.tasks.worker.run;

import org.jspecify.annotations.NullMarked;
