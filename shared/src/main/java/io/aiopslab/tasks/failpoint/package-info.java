/** Places where tests let a service die. */
@NullMarked
package io.aiopslab.tasks.failpoint;

import org.jspecify.annotations.NullMarked;
