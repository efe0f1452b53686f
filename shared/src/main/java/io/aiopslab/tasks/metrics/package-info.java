/** What the metrics of several services have in common; all of them are in docs/metrics.md. */
@NullMarked
package io.aiopslab.tasks.metrics;

import org.jspecify.annotations.NullMarked;
