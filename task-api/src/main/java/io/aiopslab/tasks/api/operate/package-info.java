/** For operators: backends, dead letters, callbacks. */
@NullMarked
package io.aiopslab.tasks.api.operate;

import org.jspecify.annotations.NullMarked;
