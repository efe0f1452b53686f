/** The services as an operator starts them: separate processes, a real broker, a real database. */
@NullMarked
package io.aiopslab.tasks.system;

import org.jspecify.annotations.NullMarked;
