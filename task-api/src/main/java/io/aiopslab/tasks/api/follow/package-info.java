/** Follow tasks as they go: server-sent events. */
@NullMarked
package io.aiopslab.tasks.api.follow;

import org.jspecify.annotations.NullMarked;
