/** The collector: keeps what runs report, and ends the tasks that nobody reports on any more. */
@NullMarked
package io.aiopslab.tasks.collector;

import org.jspecify.annotations.NullMarked;
