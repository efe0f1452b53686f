/** How the service says that a request cannot be served: RFC 9457, always. */
@NullMarked
package io.aiopslab.tasks.api.problem;

import org.jspecify.annotations.NullMarked;
