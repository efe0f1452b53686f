/** What trainers train on: one trajectory, and the feed of all. */
@NullMarked
package io.aiopslab.tasks.api.trajectories;

import org.jspecify.annotations.NullMarked;
