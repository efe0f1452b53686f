/** One thread per Kind cluster: wait for a ticket, claim, run, report, next. */
@NullMarked
package io.aiopslab.tasks.worker.slot;

import org.jspecify.annotations.NullMarked;
