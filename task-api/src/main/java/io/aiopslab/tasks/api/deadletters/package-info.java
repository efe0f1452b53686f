/** Messages that nobody could read or store: looked at, and sent again. */
@NullMarked
package io.aiopslab.tasks.api.deadletters;

import org.jspecify.annotations.NullMarked;
