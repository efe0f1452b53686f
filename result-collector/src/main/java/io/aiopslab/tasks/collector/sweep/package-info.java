/**
 * What nobody reports: overdue runs, lost workers, unanswered cancels, and partitions for the
 * months to come.
 */
@NullMarked
package io.aiopslab.tasks.collector.sweep;

import org.jspecify.annotations.NullMarked;
