/** Looking at tasks: one, many, their logs and steps; waiting for an end. */
@NullMarked
package io.aiopslab.tasks.api.look;

import org.jspecify.annotations.NullMarked;
