/** From a committed row to a ticket at the broker. */
@NullMarked
package io.aiopslab.tasks.api.dispatch;

import org.jspecify.annotations.NullMarked;
