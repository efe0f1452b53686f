/** Events of runs, kept on disk until they are stored. */
@NullMarked
package io.aiopslab.tasks.worker.report;

import org.jspecify.annotations.NullMarked;
