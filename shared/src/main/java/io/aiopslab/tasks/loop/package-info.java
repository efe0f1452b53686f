/** Whatever goes on by itself: steps that are repeated, and the threads that repeat them. */
@NullMarked
package io.aiopslab.tasks.loop;

import org.jspecify.annotations.NullMarked;
