/** The store edge: the only place with SQL. A class owns one step of a task's way, or one table. */
@NullMarked
package io.aiopslab.tasks.store;

import org.jspecify.annotations.NullMarked;
