/** Claims tasks, runs each in a process of its own, and reports what happened. */
@NullMarked
package io.aiopslab.tasks.worker;

import org.jspecify.annotations.NullMarked;
