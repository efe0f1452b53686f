/** Which files and directories a worker that still runs has for itself. */
@NullMarked
package io.aiopslab.tasks.worker.lock;

import org.jspecify.annotations.NullMarked;
