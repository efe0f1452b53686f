/** What the collector depends on, for readiness. */
@NullMarked
package io.aiopslab.tasks.collector.health;

import org.jspecify.annotations.NullMarked;
