/**
 * Real servers for tests: {@link io.aiopslab.tasks.testing.TestBroker} and {@link
 * io.aiopslab.tasks.testing.TestDatabase}. Whatever they start ends with the JVM, however that
 * ends.
 */
@NullMarked
package io.aiopslab.tasks.testing;

import org.jspecify.annotations.NullMarked;
