/** Tasks and groups: list, look, wait, cancel. */
@NullMarked
package io.aiopslab.tasks.api.tasks;

import org.jspecify.annotations.NullMarked;
