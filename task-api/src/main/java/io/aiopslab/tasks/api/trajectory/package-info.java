/** Trajectories, singly and as a feed, in the form of {@code docs/trajectories.md}. */
@NullMarked
package io.aiopslab.tasks.api.trajectory;

import org.jspecify.annotations.NullMarked;
