/** What monitoring sees. */
@NullMarked
package io.aiopslab.tasks.api.health;

import org.jspecify.annotations.NullMarked;
