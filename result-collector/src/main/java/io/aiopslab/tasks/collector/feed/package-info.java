/** The order in which ended tasks are seen by those who read the feed of trajectories. */
@NullMarked
package io.aiopslab.tasks.collector.feed;

import org.jspecify.annotations.NullMarked;
