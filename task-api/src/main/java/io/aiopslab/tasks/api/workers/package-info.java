/** Workers: those that speak HTTP, and the list of all. */
@NullMarked
package io.aiopslab.tasks.api.workers;

import org.jspecify.annotations.NullMarked;
