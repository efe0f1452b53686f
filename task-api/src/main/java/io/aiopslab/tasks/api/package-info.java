/** The REST service: takes tasks in, shows them, and sends out their tickets. */
@NullMarked
package io.aiopslab.tasks.api;

import org.jspecify.annotations.NullMarked;
