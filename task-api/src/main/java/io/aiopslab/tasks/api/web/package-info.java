/** How requests are read, bounded, refused and described. */
@NullMarked
package io.aiopslab.tasks.api.web;

import org.jspecify.annotations.NullMarked;
