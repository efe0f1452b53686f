/** Where callbacks may go: asked when a task is submitted, and again when it has ended. */
@NullMarked
package io.aiopslab.tasks.callback;

import org.jspecify.annotations.NullMarked;
