/** From the events queue into the database, a batch at a time. */
@NullMarked
package io.aiopslab.tasks.collector.collect;

import org.jspecify.annotations.NullMarked;
