/** Tasks as clients see them: in answers of the REST API and in callbacks. */
@NullMarked
package io.aiopslab.tasks.view;

import org.jspecify.annotations.NullMarked;
