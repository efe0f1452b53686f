/**
 * From what is committed in the database to messages at the broker, off the threads of requests.
 */
@NullMarked
package io.aiopslab.tasks.api.relay;

import org.jspecify.annotations.NullMarked;
