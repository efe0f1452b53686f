/** Says which slots there are and that they are alive. */
@NullMarked
package io.aiopslab.tasks.worker.register;

import org.jspecify.annotations.NullMarked;
