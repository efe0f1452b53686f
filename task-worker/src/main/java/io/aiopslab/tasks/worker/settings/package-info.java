/** What an operator can set. */
@NullMarked
package io.aiopslab.tasks.worker.settings;

import org.jspecify.annotations.NullMarked;
