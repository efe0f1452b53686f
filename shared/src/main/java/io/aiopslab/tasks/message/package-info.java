/** What travels over the broker: tickets to workers, events of runs to the collector. */
@NullMarked
package io.aiopslab.tasks.message;

import org.jspecify.annotations.NullMarked;
