/** One trace from the request that submits a task to the last row that its run leaves. */
@NullMarked
package io.aiopslab.tasks.trace;

import org.jspecify.annotations.NullMarked;
