/** Tasks as clients see them. */
@NullMarked
package io.aiopslab.tasks.api.view;

import org.jspecify.annotations.NullMarked;
