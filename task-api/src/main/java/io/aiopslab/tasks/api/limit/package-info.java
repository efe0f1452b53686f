/** How much is taken on at once, how large a request may be, and from which sites. */
@NullMarked
package io.aiopslab.tasks.api.limit;

import org.jspecify.annotations.NullMarked;
