/** The whole service in one JVM: what {@code make run} starts. */
@NullMarked
package io.aiopslab.tasks.standalone;

import org.jspecify.annotations.NullMarked;
