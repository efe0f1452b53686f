/** The vocabulary: what a task is, which states it has, what a run leaves behind. */
@NullMarked
package io.aiopslab.tasks.task;

import org.jspecify.annotations.NullMarked;
