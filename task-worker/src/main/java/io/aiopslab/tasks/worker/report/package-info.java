/** Events of runs, kept on disk until the broker has them. */
@NullMarked
package io.aiopslab.tasks.worker.report;

import org.jspecify.annotations.NullMarked;
