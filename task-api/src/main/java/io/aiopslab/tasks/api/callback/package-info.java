/** What has become of callbacks, and sending one again. */
@NullMarked
package io.aiopslab.tasks.api.callback;

import org.jspecify.annotations.NullMarked;
