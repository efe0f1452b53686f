/** Bodies of calls, read strictly: what is not understood is refused by name, not guessed. */
@NullMarked
package io.aiopslab.tasks.api.body;

import org.jspecify.annotations.NullMarked;
